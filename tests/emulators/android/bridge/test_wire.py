"""The packet codec: whatever the network does to a stream, the same packets come out, or one typed error."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulators.android.wire import (
    FIRST_PAYLOAD,
    MAX_PAYLOAD,
    VERSION,
    VERSION_CHECKED,
    Command,
    Packet,
    PacketParser,
    WireError,
    byte_sum,
    header,
)

WORD = st.integers(0, 0xFFFFFFFF)
PACKETS = st.lists(
    st.builds(Packet, st.sampled_from(list(Command)), WORD, WORD, st.binary(max_size=2000)), max_size=8
)
VERSIONS = st.sampled_from([VERSION_CHECKED, VERSION])


def encoded(packet: Packet, version: int) -> bytes:
    words = header(Command(packet.command), packet.arg0, packet.arg1, packet.payload, version=version)
    return words + bytes(packet.payload)


def parser(version: int = VERSION, limit: int = MAX_PAYLOAD) -> PacketParser:
    made = PacketParser()
    made.version, made.limit = version, limit
    return made


@given(PACKETS, VERSIONS, st.lists(st.integers(1, 3000), max_size=60))
def test_any_split_of_a_stream_gives_the_same_packets(packets: list[Packet], version: int, cuts: list[int]) -> None:
    """In pieces of any size, in any order of sizes."""
    stream, reader, found = b"".join(encoded(packet, version) for packet in packets), parser(version), []
    for size in [*cuts, len(stream)]:
        piece, stream = stream[:size], stream[size:]
        found += reader.feed(piece)

    assert found == packets
    assert reader.is_between_packets


@given(PACKETS, st.binary(max_size=200), st.integers(1, 50))
def test_what_comes_behind_the_last_packet_is_not_lost(packets: list[Packet], behind: bytes, size: int) -> None:
    """Where the peer goes on with another protocol, the rest is its beginning."""
    stream = b"".join(encoded(packet, VERSION) for packet in packets) + behind[:23]
    reader = parser()
    found = [packet for start in range(0, len(stream), size) for packet in reader.feed(stream[start : start + size])]

    assert found == packets
    assert reader.rest() == behind[:23]


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_noise_gives_packets_or_one_typed_error(noise: bytes, size: int) -> None:
    """Never anything else; and after the error nothing more."""
    reader = parser()
    try:
        for start in range(0, len(noise), size):
            reader.feed(noise[start : start + size])
    except WireError:
        with pytest.raises(WireError):
            reader.feed(bytes(24))


@given(st.sampled_from(list(Command)), st.integers(FIRST_PAYLOAD + 1, 0xFFFFFFFF))
def test_an_oversized_payload_is_refused_by_its_header(command: Command, length: int) -> None:
    """Before a byte of it is kept."""
    reader = parser(limit=FIRST_PAYLOAD)

    with pytest.raises(WireError, match="announces"):
        reader.feed(struct.pack("<6I", command, 0, 0, length, 0, command ^ 0xFFFFFFFF))


@given(WORD, WORD)
def test_a_magic_that_does_not_match_is_refused(command: int, magic: int) -> None:
    """Whatever else the header says."""
    if magic == command ^ 0xFFFFFFFF:
        magic ^= 1

    with pytest.raises(WireError, match="magic"):
        parser().feed(struct.pack("<6I", command, 0, 0, 0, 0, magic))


@given(st.binary(min_size=1, max_size=500), st.integers(1, 0xFFFFFFFF))
def test_a_wrong_sum_is_refused_where_sums_count(payload: bytes, off: int) -> None:
    """And ignored where they do not."""
    words = list(struct.unpack("<6I", header(Command.WRTE, 1, 2, payload, version=VERSION_CHECKED)))
    words[4] = (words[4] + off) & 0xFFFFFFFF
    stream = struct.pack("<6I", *words) + payload

    assert parser(VERSION).feed(stream) == [Packet(Command.WRTE, 1, 2, payload)]
    with pytest.raises(WireError, match="sum"):
        parser(VERSION_CHECKED).feed(stream)


def test_a_client_that_comes_back_may_leave_the_sum_out_of_its_cnxn() -> None:
    """adb 29 does: it remembers the version that was agreed on."""
    stream = struct.pack("<6I", Command.CNXN, VERSION, 4096, 6, 0, Command.CNXN ^ 0xFFFFFFFF) + b"host::"

    assert parser(VERSION_CHECKED).feed(stream) == [Packet(Command.CNXN, VERSION, 4096, b"host::")]


@pytest.mark.parametrize("command", [Command.CNXN, Command.AUTH])
def test_before_versions_are_agreed_on_sums_are_always_sent(command: Command) -> None:
    """An old client checks them."""
    assert struct.unpack("<6I", header(command, 0, 0, b"\x01\x02", version=VERSION))[4] == 3


@given(st.binary(max_size=3000))
def test_the_sum_is_the_sum(payload: bytes) -> None:
    """The quick way equals the plain one, at every length."""
    assert byte_sum(payload) == sum(payload)
    assert byte_sum(b"\xff" * len(payload)) == 255 * len(payload)


def test_a_large_payload_is_received_in_place() -> None:
    """The buffer that is offered is the payload itself: no byte is copied twice."""
    reader = parser()
    reader.feed(header(Command.WRTE, 1, 2, bytes(MAX_PAYLOAD)))

    assert len(reader.buffer()) == MAX_PAYLOAD
    reader.buffer()[:] = b"x" * MAX_PAYLOAD
    packet = reader.received(MAX_PAYLOAD)
    assert packet is not None
    assert packet.payload == b"x" * MAX_PAYLOAD
