"""The packets of the adb protocol, as bytes: no sockets, no state but what a half-received packet needs.

A packet is six little-endian words and a payload: command, two arguments, length and byte sum of the payload, and the
command again, inverted. Version 0x01000000 demands the sum, version 0x01000001 ignores it.
(AOSP packages/modules/adb, protocol.txt)
"""

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

from harness.errors import DeviceError

__all__ = [
    "FIRST_PAYLOAD",
    "HEADER",
    "MAX_PAYLOAD",
    "VERSION",
    "VERSION_CHECKED",
    "Command",
    "Packet",
    "PacketParser",
    "WireError",
    "byte_sum",
    "header",
]

VERSION_CHECKED = 0x01000000
"""Payloads carry their sum."""
VERSION = 0x01000001
"""Where both sides speak it, nobody sums."""
MAX_PAYLOAD = 1 << 20
FIRST_PAYLOAD = 4096
"""What a peer may send before it has been let in: room for a banner or a key."""
_STAGING = 1 << 16
_WORDS = struct.Struct("<6I")
HEADER = _WORDS.size


class WireError(DeviceError):
    """The other side does not speak the protocol; the connection is of no more use."""


class Command(IntEnum):
    """The ASCII of its name, read as a little-endian word."""

    CNXN = 0x4E584E43
    AUTH = 0x48545541
    OPEN = 0x4E45504F
    OKAY = 0x59414B4F
    WRTE = 0x45545257
    CLSE = 0x45534C43
    STLS = 0x534C5453


ALWAYS_SUMMED = frozenset({Command.CNXN, Command.AUTH})
"""Sent before the versions are agreed on."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as it arrived. The command is a bare number: an unknown one is ignored, not refused."""

    command: int
    arg0: int
    arg1: int
    payload: bytes | bytearray


def byte_sum(payload: bytes | bytearray | memoryview) -> int:
    """The sum of all bytes. Adler-32 of 256 bytes holds theirs exactly, and is five times as fast as `sum`."""
    view, adler = memoryview(payload), zlib.adler32
    return sum([adler(view[start : start + 256], 0) & 0xFFFF for start in range(0, len(view), 256)]) & 0xFFFFFFFF


def header(
    command: Command, arg0: int, arg1: int, payload: bytes | bytearray | memoryview, *, version: int = VERSION
) -> bytes:
    """The six words that go before a payload."""
    summed = version < VERSION or command in ALWAYS_SUMMED
    check = byte_sum(payload) if summed else 0
    return _WORDS.pack(command, arg0, arg1, len(payload), check, command ^ 0xFFFFFFFF)


class PacketParser:
    """Cuts a stream into packets, however it was split; a payload is received in place, without a copy.

    `buffer` says where the next bytes belong, `received` that some have arrived there. `feed` does both.
    """

    def __init__(self) -> None:
        self.limit = FIRST_PAYLOAD
        """Longer payloads are refused by their header, before a byte of them is kept."""
        self.version = VERSION_CHECKED
        """Below `VERSION`, sums are checked."""
        self._staging = bytearray(_STAGING)
        self._staged = 0
        self._payload = bytearray()
        self._filled = 0
        self._words: tuple[int, ...] | None = None
        self._broken = False

    @property
    def is_between_packets(self) -> bool:
        """Whether nothing of a next packet has arrived."""
        return self._words is None and not self._staged

    def buffer(self) -> memoryview:
        """Room for the next bytes; never empty."""
        if self._words is not None:
            return memoryview(self._payload)[self._filled :]
        return memoryview(self._staging)[self._staged :]

    def received(self, count: int) -> Packet | None:
        """Bytes have arrived in `buffer`; gives the first packet that is complete. Ask `next_packet` for more.

        Raises:
            WireError: what arrived is no packet. The parser gives nothing any more.
        """
        if self._words is None:
            self._staged += count
            return self.next_packet()
        self._filled += count
        return self._finished() if self._filled == len(self._payload) else None

    def next_packet(self) -> Packet | None:
        """One more packet out of what has arrived already.

        Raises:
            WireError: what arrived is no packet.
        """
        if self._broken:
            raise WireError("the connection had already failed")
        if self._words is not None or self._staged < HEADER:
            return None
        try:
            self._words = self._checked(_WORDS.unpack_from(self._staging))
        except WireError:
            self._broken = True
            raise
        length = self._words[3]
        self._filled = min(length, self._staged - HEADER)
        self._payload = bytearray(length)
        self._payload[: self._filled] = self._staging[HEADER : HEADER + self._filled]
        rest = self._staging[HEADER + self._filled : self._staged]
        self._staging[: len(rest)] = rest
        self._staged = len(rest)
        return self._finished() if self._filled == length else None

    def feed(self, data: bytes) -> list[Packet]:
        """All packets that are complete with these bytes.

        Raises:
            WireError: what arrived is no packet.
        """
        packets, view = [], memoryview(data)
        while view:
            room = self.buffer()
            count = min(len(room), len(view))
            room[:count] = view[:count]
            view = view[count:]
            packet = self.received(count)
            while packet is not None:
                packets.append(packet)
                packet = self.next_packet()
        return packets

    def rest(self) -> bytes:
        """Takes away what has arrived behind the last packet: from here on the peer speaks something else."""
        rest = bytes(self._staging[: self._staged])
        self._staged = 0
        return rest

    def _checked(self, words: tuple[int, ...]) -> tuple[int, ...]:
        if words[0] ^ 0xFFFFFFFF != words[5]:
            raise WireError("a packet's magic does not match its command")
        if words[3] > self.limit:
            raise WireError(f"a packet announces {words[3]} bytes; {self.limit} are allowed")
        return words

    def _finished(self) -> Packet:
        words, payload = self._words, self._payload
        if words is None:  # pragma: no cover - only called with a header at hand
            raise WireError("no packet is under way")
        self._words, self._payload, self._filled = None, bytearray(), 0
        # A client that comes back remembers what was agreed on, and sends even its CNXN without a sum.
        is_remembered = words[0] == Command.CNXN and not words[4]
        if self.version < VERSION and not is_remembered and words[4] != byte_sum(payload):
            self._broken = True
            raise WireError("a packet's payload does not have the sum that was announced")
        return Packet(words[0], words[1], words[2], payload)
