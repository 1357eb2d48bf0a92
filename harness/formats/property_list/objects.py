"""The objects of a binary property list: where each lies, and what it is. Specification: CFBinaryPList.c."""

import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats._apple_time import moment
from harness.formats.base import as_bytes
from harness.model import Buffer, Scalar

__all__ = ["CONTAINERS", "DICT", "MAGIC", "ROWS", "UID", "WIDE", "Item", "ObjectTable", "has_bytes"]

MAGIC = b"bplist00"
CONTAINERS = frozenset((0xA, 0xB, 0xC, 0xD))
WIDE, UID, DICT = 0x6, 0x8, 0xD
ROWS = CONTAINERS - {DICT}
_TRAILER = struct.Struct(">6xBBQQQ")
_WIDTHS = {0x4: 1, 0x5: 1, 0x6: 2, 0x7: 1}
_UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""Codes of `struct` and of `array`: a number of four bytes is an `I` to both wherever Python runs."""
_UNSIGNED_NUMBERS = frozenset((0x10, 0x11, 0x12))
_DOUBLE = 0x23
_LENGTHS = {0x10: 1, 0x11: 2, 0x12: 4}
"""How wide a length is, by its marker."""
_READ_DOUBLE = struct.Struct(">d").unpack_from
_SINGLES: dict[int, Scalar] = {0: None, 8: False, 9: True}


def _ascii(raw: bytes) -> str:
    """ASCII by the specification; Apple's own writers have put UTF-8 there."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


_READERS: dict[int, Callable[[bytes], Scalar]] = {
    0x1: lambda raw: int.from_bytes(raw, "big", signed=len(raw) >= 8),
    0x2: lambda raw: float(struct.unpack(">f" if len(raw) == 4 else ">d", raw)[0]),
    0x3: lambda raw: moment(struct.unpack(">d", raw)[0]),
    0x4: lambda raw: raw,
    0x5: _ascii,
    0x6: lambda raw: raw.decode("utf-16-be", "surrogatepass"),
    0x7: lambda raw: raw.decode("utf-8", "surrogatepass"),
    0x8: lambda raw: int.from_bytes(raw, "big"),
}


class Item(NamedTuple):
    """Where one object lies, and what it is."""

    start: int
    body: int
    """Where its payload begins, after the marker and the length."""
    end: int
    kind: int
    """The upper half of the marker."""
    length: int
    """Elements, characters or bytes; of other kinds the lower half of the marker."""


def has_bytes(kind: int) -> bool:
    """Whether the payload is text or data, and not a number in binary."""
    return kind in _WIDTHS


class ObjectTable:
    """The trailer of a binary property list, and the objects that it leads to.

    Raises:
        FormatError: there is no trailer, or no table of objects, that can be used.
    """

    def __init__(self, data: Buffer) -> None:
        self.data = bytes(data)
        if len(self.data) < len(MAGIC) + 32 or not self.data.startswith(MAGIC):
            raise FormatError("is too short for a binary property list")
        trailer = _TRAILER.unpack_from(self.data, len(self.data) - 32)
        self.offset_size, self.ref_size, self.count, self.top, self.table = trailer
        self.end = len(self.data) - 32
        """Where the trailer begins."""
        if not (0 < self.offset_size <= 16 and 0 < self.ref_size <= 16 and self.top < self.count):
            raise FormatError("the trailer of the binary property list makes no sense")
        if self.table < len(MAGIC) or self.table + self.count * self.offset_size > self.end:
            raise FormatError("the table of objects lies outside the document")

        self._starts = self._offsets()
        self._items: dict[int, Item] = {}
        self._keys: dict[int, str] = {}

    def _offsets(self) -> Sequence[int]:
        """Where each object begins, as far as the table says."""
        raw = self.data[self.table : self.table + self.count * self.offset_size]
        if self.offset_size not in _UNSIGNED:
            return [
                int.from_bytes(raw[at : at + self.offset_size], "big") for at in range(0, len(raw), self.offset_size)
            ]
        starts = array(_UNSIGNED[self.offset_size], raw)
        if sys.byteorder == "little":
            starts.byteswap()
        return starts

    def references(self, item: Item) -> tuple[int, ...]:
        """The numbers of the objects that a container holds; of a dictionary all keys, then all values."""
        if self.ref_size in _UNSIGNED:
            return struct.unpack_from(
                f">{(item.end - item.body) // self.ref_size}{_UNSIGNED[self.ref_size]}", self.data, item.body
            )
        return tuple(
            int.from_bytes(self.data[at : at + self.ref_size], "big")
            for at in range(item.body, item.end, self.ref_size)
        )

    def key(self, number: int) -> str:
        """An object as the name that it is in a dictionary.

        Raises:
            FormatError: it is neither text nor number.
        """
        known = self._keys.get(number)
        if known is not None:
            return known
        key = self.leaf(number)
        if type(key) is str:
            self._keys[number] = key
            return key
        if isinstance(key, bool) or not isinstance(key, str | int | float):
            raise FormatError(f"a key that is no text at byte {self.item(number).start}")
        self._keys[number] = key if isinstance(key, str) else as_bytes(key).decode()
        return self._keys[number]

    def leaf(self, number: int) -> "Scalar | Item":
        """The value of an object; of a container, where it lies.

        Raises:
            FormatError: not within the document, of no known kind, or its bytes are not of its kind.
        """
        start = self._starts[number] if number < self.count else 0
        if len(MAGIC) <= start < self.table - 9:
            marker, body = self.data[start], start + 1
            if 0x40 <= marker <= 0x5F:
                length = marker & 15
                if length == 15 and self.data[body] in _LENGTHS:
                    wide = _LENGTHS[self.data[body]]
                    length, body = int.from_bytes(self.data[body + 1 : body + 1 + wide], "big"), body + 1 + wide
                if (length != 15 or body != start + 1) and body + length <= self.table:
                    raw = self.data[body : body + length]
                    return raw if marker < 0x50 else _ascii(raw)
            elif marker in _UNSIGNED_NUMBERS:
                return int.from_bytes(self.data[body : body + (1 << (marker & 3))], "big")
            elif marker == _DOUBLE:
                return float(_READ_DOUBLE(self.data, body)[0])
            elif marker <= 9 and marker in _SINGLES:
                return _SINGLES[marker]
        item = self.item(number)
        return item if item.kind in CONTAINERS else self.scalar(item)

    def item(self, number: int) -> Item:
        """Where an object lies.

        Raises:
            FormatError: not within the document, or of no known kind.
        """
        known = self._items.get(number)
        if known is None:
            known = self._items[number] = self._item(number)
        return known

    def _item(self, number: int) -> Item:
        if number >= self.count:
            raise FormatError("a reference to an object that is not there")
        start = self._starts[number]
        if not len(MAGIC) <= start < self.table:
            raise FormatError("an object that lies outside the document")
        kind, low = divmod(self.data[start], 16)
        body, length = start + 1, low
        if kind not in _WIDTHS and kind not in CONTAINERS:
            size = _fixed_size(kind, low, start)
        else:
            if low == 15:
                length, body = self._length(body)
            size = length * _WIDTHS.get(kind, self.ref_size * (2 if kind == DICT else 1))
        if body + size > self.table:
            raise FormatError(f"an object that is cut off at byte {start}")
        return Item(start, body, body + size, kind, length)

    def _length(self, at: int) -> tuple[int, int]:
        marker = self.data[at]
        size = 1 << (marker & 15)
        if marker >> 4 != 1 or size > 16 or at + 1 + size > self.table:
            raise FormatError(f"no length at byte {at}")
        return int.from_bytes(self.data[at + 1 : at + 1 + size], "big"), at + 1 + size

    def scalar(self, item: Item) -> Scalar:
        """The value of an object that is no container.

        Raises:
            FormatError: its bytes are not of its kind.
        """
        if item.kind == 0x0:
            return _SINGLES[item.length]
        try:
            return _READERS[item.kind](self.data[item.body : item.end])
        except (ValueError, OverflowError, struct.error) as error:
            raise FormatError(f"an object that cannot be read at byte {item.start}") from error


def _fixed_size(kind: int, low: int, start: int) -> int:
    if (kind == 0x0 and low in _SINGLES) or (kind == 0x2 and low in {2, 3}) or (kind == 0x3 and low == 3):
        return 1 << low if kind else 0
    if kind == 0x1 and low <= 4:
        return 1 << low
    if kind == 0x8:
        return low + 1
    raise FormatError(f"an object of no known kind at byte {start}")
