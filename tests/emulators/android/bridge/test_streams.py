"""Streams: who may send how much, what is still delivered, and how it ends."""

import asyncio
import struct
from collections import deque
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.streams import WINDOW, Streams
from harness.emulators.android.wire import Command, Packet, WireError


class Wire:
    """Where packets leave; nobody is slow."""

    max_payload = 10

    def __init__(self) -> None:
        self.sent: list[tuple[Command, int, int, bytes]] = []

    def send(self, command: Command, arg0: int, arg1: int, payload: bytes | memoryview = b"") -> None:
        self.sent.append((command, arg0, arg1, bytes(payload)))

    async def drained(self) -> None:
        return

    def of(self, command: Command) -> list[bytes]:
        return [payload for kind, _, _, payload in self.sent if kind == command]


def run(test: Callable[[Wire], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(10):
            await test(Wire())

    asyncio.run(within())


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_one_packet_is_under_way_until_it_is_acknowledged() -> None:
    """And cut to what the client takes."""

    async def test(wire: Wire) -> None:
        streams = Streams(wire, delays=False)
        stream = streams.open(7, 0)
        writing = asyncio.ensure_future(stream.write(b"abcdefghijKLMNOPQRSTuv"))
        await turns()
        assert wire.of(Command.WRTE) == [b"abcdefghij"]
        for sent in (2, 3):
            streams.dispatch(Packet(Command.OKAY, 7, stream.local, b""))
            streams.dispatch(Packet(Command.OKAY, 7, stream.local, b""))  # twice counts once
            await turns()
            assert len(wire.of(Command.WRTE)) == sent
        await writing
        assert b"".join(wire.of(Command.WRTE)) == b"abcdefghijKLMNOPQRSTuv"

    run(test)


def test_a_window_is_used_up_and_granted_again() -> None:
    """In bytes, where both delay acknowledgements."""

    async def test(wire: Wire) -> None:
        streams = Streams(wire, delays=True)
        stream = streams.open(7, 15)
        assert wire.sent == [(Command.OKAY, stream.local, 7, struct.pack("<i", WINDOW))]
        writing = asyncio.ensure_future(stream.write(bytes(45)))
        await turns()
        assert len(wire.of(Command.WRTE)) == 2  # 10, and 10 more while 5 were left
        streams.dispatch(Packet(Command.OKAY, 7, stream.local, struct.pack("<i", -1000)))
        await turns()
        assert len(wire.of(Command.WRTE)) == 2
        streams.dispatch(Packet(Command.OKAY, 7, stream.local, struct.pack("<i", 1 << 20)))
        await writing
        assert len(b"".join(wire.of(Command.WRTE))) == 45
        with pytest.raises(WireError):
            streams.dispatch(Packet(Command.OKAY, 7, stream.local, b""))

    run(test)


def test_what_is_read_is_acknowledged_when_the_reader_comes_back() -> None:
    """Not before: that is what slows the client down."""

    async def test(wire: Wire) -> None:
        streams = Streams(wire, delays=False)
        stream = streams.open(7, 0)
        streams.dispatch(Packet(Command.WRTE, 7, stream.local, b"one"))
        assert await stream.read() == b"one"
        assert len(wire.of(Command.OKAY)) == 1  # of the opening
        reading = asyncio.ensure_future(stream.read())
        await turns()
        assert len(wire.of(Command.OKAY)) == 2
        streams.dispatch(Packet(Command.WRTE, 7, stream.local, b"two"))
        assert await reading == b"two"

    run(test)


def test_queued_bytes_are_delivered_before_the_end() -> None:
    """The client closed; what it had sent still counts. And its CLSE is answered."""

    async def test(wire: Wire) -> None:
        streams = Streams(wire, delays=True)
        stream = streams.open(7, 100)
        for piece in (b"one", b"two"):
            streams.dispatch(Packet(Command.WRTE, 7, stream.local, piece))
        streams.dispatch(Packet(Command.CLSE, 7, stream.local, b""))
        assert wire.sent[-1] == (Command.CLSE, stream.local, 7, b"")
        assert [await stream.read() for _ in range(4)] == [b"one", b"two", None, None]
        with pytest.raises(ConnectionResetError):
            await stream.write(b"x")
        streams.close(stream)
        assert len(wire.of(Command.CLSE)) == 1

    run(test)


def test_a_lost_connection_wakes_everybody() -> None:
    """Readers read the end, writers fail."""

    async def test(wire: Wire) -> None:
        streams = Streams(wire, delays=False)
        reader, writer = streams.open(7, 0), streams.open(8, 0)
        reading = asyncio.ensure_future(reader.read())
        writing = asyncio.ensure_future(writer.write(bytes(30)))
        await turns()
        streams.lost()
        assert await reading is None
        with pytest.raises(ConnectionResetError):
            await writing

    run(test)


def test_a_client_that_never_waits_is_thrown_out() -> None:
    """Before its bytes, or its empty packets, fill our memory."""

    async def test(wire: Wire) -> None:
        for piece in (bytes(1 << 20), b""):
            stream = (streams := Streams(wire, delays=False)).open(7, 0)
            flood = (Packet(Command.WRTE, 7, stream.local, piece) for _ in range(1 << 20))
            with pytest.raises(WireError):
                deque(map(streams.dispatch, flood), maxlen=0)

    run(test)


def test_a_window_belongs_to_delayed_acknowledgement_alone() -> None:
    """Zero with it is refused, and the reverse."""

    async def test(wire: Wire) -> None:
        assert Streams(wire, delays=True).accepts(1)
        assert not Streams(wire, delays=True).accepts(0)
        assert Streams(wire, delays=False).accepts(0)
        assert not Streams(wire, delays=False).accepts(1)

    run(test)


@given(
    packets=st.lists(
        st.tuples(
            st.sampled_from([Command.OKAY, Command.WRTE, Command.CLSE]),
            st.sampled_from([0, 7, 8]),
            st.sampled_from([0, 1, 2, 99]),
            st.binary(max_size=6),
        ),
        max_size=30,
    ),
    delays=st.booleans(),
)
def test_no_order_of_packets_breaks_the_table(
    packets: list[tuple[Command, int, int, bytes]], *, delays: bool
) -> None:
    """At most one CLSE a stream, and no other error than the typed one."""

    async def test(wire: Wire) -> None:
        streams = Streams(wire, delays=delays)
        for remote in (7, 8):
            streams.open(remote, 100 if delays else 0)
        try:
            for packet in packets:
                streams.dispatch(Packet(*packet))
        except WireError:
            pass
        streams.lost()
        closed = [arg0 for command, arg0, _, _ in wire.sent if command == Command.CLSE]
        assert len(closed) == len(set(closed))

    run(test)
