"""The pool of strings that a compiled resource begins with."""

import struct
from collections.abc import Iterator

from harness.errors import FormatError
from harness.limits import Budget

__all__ = ["POOL", "StringPool"]

POOL = 0x0001
"""Type of the chunk."""
_HEADER = struct.Struct("<HHIIIIII")
_UTF8 = 1 << 8


class StringPool:
    """Texts by number, and where each stands.

    Raises:
        FormatError: the pool does not lie within its chunk.
    """

    def __init__(self, data: bytes, start: int, end: int) -> None:
        if end - start < _HEADER.size:
            raise FormatError(f"a pool of strings that is cut off at byte {start}")
        _, header, _, self.count, _, flags, first, _ = _HEADER.unpack_from(data, start)
        if header < _HEADER.size or start + header + 4 * self.count > end:
            raise FormatError(f"a pool of strings that is larger than its chunk at byte {start}")
        self.is_utf8 = bool(flags & _UTF8)
        self._data = data
        self._table = start + header
        self._first = start + first
        self._end = end
        self._texts: dict[int, str | None] = {}
        # Strings of a real pool lie side by side; a few writers share tails.
        self._left = Budget(what="bytes of strings that lie over each other", left=4 * (end - start) + 4096)

    def text(self, number: int) -> str | None:
        """A text; nothing where there is none of that number, or it does not lie within the pool.

        Raises:
            LimitError: texts lie over each other, more of them than the pool has room for.
        """
        if number not in self._texts:
            low, high = self.span(number)
            self._left.spend(high - low)
            raw = self._data[low:high]
            try:
                text = raw.decode("utf-8" if self.is_utf8 else "utf-16-le", "surrogatepass")
            except UnicodeDecodeError:
                text = raw.decode("latin-1")
            self._texts[number] = text if low else None
        return self._texts[number]

    def span(self, number: int) -> tuple[int, int]:
        """Where a text's characters lie; at 0 where there is none."""
        if not 0 <= number < self.count:
            return 0, 0
        (offset,) = struct.unpack_from("<I", self._data, self._table + 4 * number)
        try:
            low, high = self._bounds(self._first + offset)
        except (IndexError, struct.error):
            return 0, 0
        return (low, high) if self._table <= low <= high <= self._end else (0, 0)

    def _bounds(self, at: int) -> tuple[int, int]:
        if self.is_utf8:
            _, at = self._small(at)
            size, at = self._small(at)
            return at, at + size
        (size,) = struct.unpack_from("<H", self._data, at)
        if size & 0x8000:
            (low,) = struct.unpack_from("<H", self._data, at + 2)
            size, at = (size & 0x7FFF) << 16 | low, at + 2
        return at + 2, at + 2 + 2 * size

    def _small(self, at: int) -> tuple[int, int]:
        size = self._data[at]
        return ((size & 0x7F) << 8 | self._data[at + 1], at + 2) if size & 0x80 else (size, at + 1)

    def within(self, number: int, offset: int) -> int:
        """A byte of the file within a text, as that of the text in UTF-8."""
        low, _ = self.span(number)
        if self.is_utf8:
            return offset - low
        before = self._data[low : low + (offset - low) // 2 * 2]
        return len(before.decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass"))

    def numbers(self) -> Iterator[int]:
        """Those of all texts."""
        yield from range(self.count)
