"""Records: how a row's values are packed.

Specified at https://sqlite.org/fileformat2.html#record_format.
"""

import re
import struct
from collections.abc import Iterable
from typing import TypeAlias

from harness.errors import FormatError
from harness.model import Scalar

__all__ = [
    "Field",
    "fields",
    "laid_out",
    "length",
    "scalar",
    "serials",
    "types",
    "values",
    "varint",
    "width",
    "written",
]

Field: TypeAlias = tuple[int, int, int, int]
"""A serial type, where that type stands, and where the body starts and ends."""

_WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)
_LONGEST = re.compile(rb"[\x80-\xff]{8}")
"""Of numbers of nine bytes, whose last one counts in full."""
_NARROW = bytes((kind - 12) >> 1 if kind >= 12 else _WIDTHS[kind] for kind in range(256))
"""Widths of the serial types of one byte; all of them at once are looked up by `translate`."""
_MOST_BYTES = 9
"""Of a number."""
_DOUBLE = struct.Struct(">d")


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, unsigned, and where it ends.

    Raises:
        IndexError: it is cut off.
    """
    number = 0
    for end in range(at, at + 8):
        byte = data[end]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, end + 1
    return number << 8 | data[at + 8], at + 9


def serials(record: bytes) -> tuple[list[int], int]:
    """The serial types of a record, and where its body begins.

    Raises:
        FormatError: the record's header is longer than the record, or ends within a number.
    """
    if not record:
        return [], 0
    size = record[0]
    at = 1
    if size >= 0x80:
        size, at = varint(record, 0)
    if size > len(record):
        raise FormatError("the header of a record is longer than the record")
    head = record[at:size]
    if head.isascii():  # every number is one byte
        return list(head), size
    kinds = []
    while at < size:
        kind, at = varint(record, at)
        kinds.append(kind)
    if at != size:
        raise FormatError("the header of a record ends within a number")
    return kinds, size


def types(data: bytes, start: int, end: int) -> tuple[list[tuple[int, int]], int]:
    """Serial types between two offsets, each with where it stands, and how long their fields are together; none where
    the last one is cut off."""
    if end > len(data):
        return [], 0
    head = data[start:end]
    if head.isascii():  # every number is one byte
        return list(zip(head, range(start, end), strict=True)), sum(head.translate(_NARROW))
    found = []
    total = 0
    at = start
    while at < end:
        if data[at] < 0x80:
            kind, behind = data[at], at + 1
        elif len(data) - at < _MOST_BYTES:
            return [], 0
        else:
            kind, behind = varint(data, at)
        found.append((kind, at))
        total += width(kind)
        at = behind
    return (found, total) if at == end else ([], 0)


def laid_out(kinds: Iterable[tuple[int, int]], body: int) -> tuple[Field, ...]:
    """Fields of these types, one behind the other from `body` on."""
    taken = []
    for kind, at in kinds:
        end = body + width(kind)
        taken.append((kind, at, body, end))
        body = end
    return tuple(taken)


def written(number: int) -> bytes:
    """A number, not negative and of at most eight bytes of seven bits, as SQLite writes it."""
    out = bytes([number & 0x7F])
    while number := number >> 7:
        out = bytes([number & 0x7F | 0x80]) + out
    return out


def width(kind: int) -> int:
    """How many bytes a field of a serial type takes."""
    return (kind - 12) >> 1 if kind >= 12 else _WIDTHS[kind]


def length(data: bytes, start: int, end: int) -> int:
    """How long the record between two offsets is by its header, of which all must be there; the rest is not read.

    Raises:
        FormatError: the header is cut off, or ends within a number.
    """
    size = data[start] if start < end else 0
    head = data[start + 1 : start + size]
    if head.isascii() and start + size <= end and size < 0x80:  # every number is one byte
        return size + sum(head.translate(_NARROW))
    if start + size > end or size >= 0x80 or head[-1] >= 0x80 or (size > 9 and _LONGEST.search(head)):
        kinds, size = _read_serials(data[start:end])
        return size + sum(map(width, kinds))
    kind = 0
    for byte in head:
        kind = kind << 7 | byte & 0x7F
        if byte < 0x80:
            size += _NARROW[kind] if kind < 0x80 else (kind - 12) >> 1
            kind = 0
    return size


def _read_serials(record: bytes) -> tuple[list[int], int]:
    """As `serials`, and a number that is cut off is an error of ours."""
    try:
        return serials(record)
    except IndexError as error:
        raise FormatError("a record is cut off") from error


def fields(record: bytes) -> tuple[Field, ...]:
    """The fields of a record, which may be cut short behind its header.

    Raises:
        FormatError: its header is cut off, or ends within a number.
    """
    kinds, body = serials(record)
    at = varint(record, 0)[1] if kinds else 0
    # Nearly always, every type is one byte.
    narrow = body - at == len(kinds)
    found = []
    for kind in kinds:
        end = body + width(kind)
        found.append((kind, at, body, end))
        at = at + 1 if narrow else varint(record, at)[1]
        body = end
    return tuple(found)


def scalar(kind: int, raw: bytes, codec: str) -> Scalar:
    """The value of one field; `raw` may be cut short where it is text or a blob."""
    if kind >= 12:
        return _text(raw, codec) if kind & 1 else raw
    if kind in (8, 9):
        return kind - 8
    if kind == 7:
        number: float = _DOUBLE.unpack(raw)[0]
        return number if number == number else None  # SQLite reads NaN as NULL  # noqa: PLR0124
    return int.from_bytes(raw, "big", signed=True) if 1 <= kind <= 6 else None


def values(record: bytes, codec: str) -> list[Scalar]:
    """All values of a record.

    Raises:
        FormatError: the record is not as long as its header says.
    """
    try:
        found, at = _values(record, codec)
    except (IndexError, struct.error) as error:
        raise FormatError("a record is cut off") from error
    if at != len(record):
        raise FormatError("a record is not as long as its header says")
    return found


def _values(record: bytes, codec: str) -> tuple[list[Scalar], int]:
    """The values of a record, and where the last one ends."""
    kinds, at = serials(record)
    found: list[Scalar] = []
    for kind in kinds:
        if kind >= 12:
            end = at + ((kind - 12) >> 1)
            raw = record[at:end]
            found.append(_text(raw, codec) if kind & 1 else raw)
        else:
            end = at + _WIDTHS[kind]
            found.append(scalar(kind, record[at:end], codec) if kind else None)
        at = end
    return found, at


def _text(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        # SQLite stores what it is given; a half unit at the end of UTF-16 is not part of the text.
        whole = raw if codec == "utf-8" else raw[: len(raw) & ~1]
        return whole.decode(codec, "replace")
