"""One client's connection: nothing before it has been let in, and no packet that breaks it in an untyped way."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from adb_shell.auth.sign_pythonrsa import PythonRSASigner
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.connection import After, Connection, Service
from harness.emulators.android.dialect import dialect_of
from harness.emulators.android.streams import Stream
from harness.emulators.android.trust import KeyRing
from harness.emulators.android.wire import MAX_PAYLOAD, VERSION, Command, Packet, PacketParser, WireError
from harness.emulators.walls.ports import Trust


class House:
    """A device with one service, which repeats what it hears."""

    def __init__(self, policy: Trust, known: tuple[bytes, ...] = (), *, asks: bool = True) -> None:
        self.dialect = dialect_of(34)
        self.banner = self.dialect.banner({})
        self.asks_for_keys = asks
        self.ring = KeyRing(policy, known)
        self.asked: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    def service(self, name: str) -> Service | None:
        self.asked.append(name)
        return self.repeat if name == "repeat:" else None

    def keep(self, task: "asyncio.Task[None]") -> None:
        self.tasks.append(task)

    async def repeat(self, stream: Stream) -> After | None:
        while (piece := await stream.read()) is not None:
            await stream.write(bytes(piece))
        return None


class Line:
    """A way to a client that takes everything."""

    def __init__(self) -> None:
        self.parser = PacketParser()
        self.parser.limit, self.parser.version = MAX_PAYLOAD, VERSION
        self.said: list[Packet] = []
        self.ended = ""

    def write(self, head: bytes, payload: bytes | memoryview = b"") -> None:
        self.said += self.parser.feed(head + bytes(payload))

    async def drained(self) -> None:
        return

    def finish(self) -> None:
        self.ended = "finished"

    def abort(self) -> None:
        self.ended = "aborted"


def hello(features: str = "") -> Packet:
    return Packet(Command.CNXN, VERSION, MAX_PAYLOAD, f"host::features={features}".encode())


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(10):
            await test()

    asyncio.run(within())


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_nothing_is_served_before_the_client_is_let_in() -> None:
    """Streams least of all."""

    async def test() -> None:
        house, line = House(Trust.DENY), Line()
        connection = Connection(house, line)
        connection.received(hello())
        connection.received(Packet(Command.OPEN, 1, 0, b"repeat:\0"))
        connection.received(Packet(Command.AUTH, 2, 0, secrets.token_bytes(256)))
        connection.received(Packet(Command.AUTH, 3, 0, b"no key\0"))
        connection.received(Packet(Command.OPEN, 1, 0, b"repeat:\0"))
        await turns()
        assert [packet.command for packet in line.said] == [Command.AUTH, Command.AUTH]
        assert line.said[0].payload != line.said[1].payload
        assert house.asked == []
        assert not connection.is_online
        connection.lost()

    run(test)


def test_a_signed_token_lets_in_and_a_replayed_signature_does_not(key_file: Path) -> None:
    """Each connection has its own token."""
    public = key_file.with_suffix(".pub").read_bytes()
    signer = PythonRSASigner(public.decode(), key_file.read_text())

    async def test() -> None:
        house = House(Trust.DENY, (public,))
        lines = [Line(), Line()]
        first, second = (Connection(house, line) for line in lines)
        for connection in (first, second):
            connection.received(hello())
        signature = signer.Sign(bytes(lines[0].said[0].payload))
        for connection in (first, second):
            connection.received(Packet(Command.AUTH, 2, 0, signature))
        assert first.is_online
        assert not second.is_online
        assert lines[0].said[-1].command == Command.CNXN

    run(test)


def test_a_client_that_guesses_is_hung_up_on() -> None:
    """After more keys than anybody has."""

    async def test() -> None:
        connection = Connection(House(Trust.DENY), Line())
        connection.received(hello())
        with pytest.raises(WireError, match="too many"):
            [connection.received(Packet(Command.AUTH, 2, 0, bytes(256))) for _ in range(1000)]

    run(test)


def test_a_service_is_opened_and_an_unknown_one_is_refused() -> None:
    """With CLSE, and the connection goes on."""

    async def test() -> None:
        house, line = House(Trust.DENY, asks=False), Line()
        connection = Connection(house, line)
        connection.received(hello())
        connection.received(Packet(Command.OPEN, 5, 0, b"framebuffer:\0"))
        connection.received(Packet(Command.OPEN, 6, 0, b"repeat:\0"))
        local = line.said[-1].arg0
        connection.received(Packet(Command.WRTE, 6, local, b"echo"))
        await turns()
        assert line.said[1] == Packet(Command.CLSE, 0, 5, b"")
        assert b"echo" in [packet.payload for packet in line.said if packet.command == Command.WRTE]
        connection.lost()
        await asyncio.gather(*house.tasks)

    run(test)


@given(
    packets=st.lists(
        st.builds(
            Packet,
            st.sampled_from([*Command, 0, 0xFFFFFFFF]),
            st.sampled_from([0, 1, 2, 3, 7, VERSION, 0xFFFFFFFF]),
            st.sampled_from([0, 1, 2, 4096, MAX_PAYLOAD, 0xFFFFFFFF]),
            st.sampled_from([b"", b"repeat:\0", b"\xff\xfe:\0", b"host::features=delayed_ack"])
            | st.binary(max_size=30),
        ),
        max_size=25,
    ),
    asks=st.booleans(),
)
def test_no_order_of_packets_breaks_a_connection(packets: list[Packet], *, asks: bool) -> None:
    """Whatever comes: an answer, silence, or one typed error, and everything that was started ends."""

    async def test() -> None:
        house = House(Trust.ACCEPT, asks=asks)
        connection = Connection(house, Line())
        try:
            for packet in packets:
                connection.received(packet)
                await asyncio.sleep(0)
        except WireError:
            pass
        connection.abort()
        await asyncio.gather(*house.tasks, return_exceptions=True)
        assert [task.exception() for task in house.tasks if not task.cancelled()] == [
            None for task in house.tasks if not task.cancelled()
        ]

    run(test)
