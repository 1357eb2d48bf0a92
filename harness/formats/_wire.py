"""The wire format of protocol buffers: which fields a message has, and where each lies.

Shared by the formats that are protobuf with a known schema and the one that reads it without. Specification:
https://protobuf.dev/programming-guides/encoding/.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from harness.encodings.varint import varint, varint_bytes
from harness.errors import FormatError

__all__ = [
    "GROUP",
    "I32",
    "I64",
    "LEN",
    "VARINT",
    "Ends",
    "Field",
    "fields",
    "signed",
    "tag",
]

VARINT, I64, LEN, GROUP, _END, I32 = range(6)
"""Wire types."""
_FIXED = {I64: 8, I32: 4}
"""Sizes of numbers."""
_MOST_GROUPS = 100


Ends: TypeAlias = dict[int, tuple[int, int]]
"""Of groups, by where their first field begins: where their closing tag begins and ends."""


class Field(NamedTuple):
    """One field of a message, and where its payload lies."""

    number: int
    kind: int
    """The wire type."""
    start: int
    """Of the tag."""
    body: int
    end: int
    """Of the payload; a group ends before its closing tag."""
    value: int = 0
    """Of a varint, as it is stored: without a sign. Of what has a length, the length."""

    def __repr__(self) -> str:
        return f"Field({self.number}, {self.kind}, {self.start}, {self.end})"


def fields(data: bytes, at: int, end: int, ends: Ends | None = None) -> Iterator[Field]:
    """The fields between two offsets, in order, nested ones not entered.

    Args:
        data: the document.
        at: where the first field begins.
        end: where the last one ends.
        ends: where groups end, as far as known; kept by who enters them, so that each is gone through once.

    Raises:
        FormatError: from the first byte on that is no field.
    """
    known = {} if ends is None else ends
    size = len(data)
    while at < end:
        start = at
        head = data[at] if at < size else 0x80
        at += 1
        if head > 0x7F:
            head, at = _number(data, start, end)
        number, kind, body, value = head >> 3, head & 7, at, 0
        if not 0 < number < 1 << 29:
            raise FormatError(f"no field number at byte {start}")
        if kind in _FIXED:
            following = stop = at + _FIXED[kind]
        elif kind == GROUP:
            if at not in known:
                _close_groups(data, at, end, number, known)
            stop, following = known[at]
        elif kind in {VARINT, LEN}:
            value = data[at] if at < size else 0x80
            following = stop = body = at + 1
            if value > 0x7F:
                value, body = _number(data, at, end)
                following = stop = body
            if kind == LEN:
                following = stop = body + value
            else:
                body = at
        else:
            raise FormatError(f"no wire type at byte {start}")
        if following > end:
            raise FormatError(f"a field that is cut off at byte {start}")
        yield Field(number, kind, start, body, stop, value)
        at = following


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends.

    Raises:
        FormatError: it does not end, or has more than 64 bits.
    """
    value, stop = varint(data, at, end)
    if not 0 <= value < 1 << 64:
        raise FormatError(f"no number at byte {at}")
    return value, stop


def _close_groups(data: bytes, at: int, end: int, number: int, ends: Ends) -> None:
    """Find where the closing tag of a group begins and ends, and those of all groups within it."""
    opened = [(number, at)]
    while at < end:
        start = at
        head, at = _number(data, at, end)
        kind = head & 7
        if kind == _END:
            inner, body = opened.pop()
            if inner != head >> 3:
                break
            ends[body] = start, at
            if not opened:
                return
        elif kind == GROUP:
            opened.append((head >> 3, at))
            if len(opened) > _MOST_GROUPS:
                break
        elif kind == VARINT:
            _, at = _number(data, at, end)
        elif kind == LEN:
            size, at = _number(data, at, end)
            at += size
        elif kind in _FIXED:
            at += _FIXED[kind]
        else:
            break
    raise FormatError(f"a group without end before byte {at}")


def signed(value: int, bits: int = 64) -> int:
    """A stored number as the two's complement that it is."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def tag(number: int, kind: int) -> bytes:
    """What a field begins with."""
    return varint_bytes(number << 3 | kind)
