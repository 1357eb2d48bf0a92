"""The packets inside a `shell,v2` stream: a kind, a length, and bytes; they may straddle the stream's own pieces.

(AOSP packages/modules/adb, shell_protocol.h)
"""

import re
import struct
from collections.abc import Iterator
from enum import IntEnum

from harness.emulators.android.wire import MAX_PAYLOAD, WireError

__all__ = ["HEADER_BYTES", "ShellKind", "ShellParser", "encode", "put_header", "window_size"]

_HEADER = struct.Struct("<BI")
HEADER_BYTES = _HEADER.size
_WINDOW = re.compile(rb"(\d{1,5})x(\d{1,5}),(\d{1,5})x(\d{1,5})")


class ShellKind(IntEnum):
    """What a packet is about. 3 and 4 in this order: swapped, every exit code is 0 and redirected input hangs."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    EXIT = 3
    CLOSE_STDIN = 4
    WINDOW = 5


def encode(kind: ShellKind, body: bytes) -> bytes:
    """One packet."""
    return _HEADER.pack(kind, len(body)) + body


def put_header(buffer: memoryview, kind: ShellKind, length: int) -> None:
    """Write the header of a packet whose body stands behind it already."""
    _HEADER.pack_into(buffer, 0, kind, length)


def window_size(body: bytes) -> tuple[int, int, int, int] | None:
    """Rows, columns, and both in pixels, of `24x80,0x0`; None for anything else."""
    found = _WINDOW.match(body)
    if found is None:
        return None
    rows, columns, width, height = (min(int(number), 0xFFFF) for number in found.groups())
    return rows, columns, width, height


class ShellParser:
    """Puts packets together again from the pieces of a stream."""

    def __init__(self) -> None:
        self._left = bytearray()

    def feed(self, piece: bytes | bytearray) -> Iterator[tuple[int, bytes]]:
        """Kind and body of each packet that is complete now; kinds that nobody knows are passed on.

        Raises:
            WireError: a packet is longer than any client sends; nothing of it is kept.
        """
        self._left += piece
        start = 0
        while len(self._left) - start >= HEADER_BYTES:
            kind, length = _HEADER.unpack_from(self._left, start)
            if length > MAX_PAYLOAD:
                raise WireError("a shell packet is too long")
            end = start + HEADER_BYTES + length
            if len(self._left) < end:
                break
            yield kind, bytes(self._left[start + HEADER_BYTES : end])
            start = end
        del self._left[:start]
