"""What a stored value is: MMKV keeps no types, so the bytes have to tell by their shape.

A text, bytes or a list is a length and as much; a truth value or a whole number is a varint that ends where the value
does; a single or double float has four bytes, or eight. A number that was stored as a truth value reads as 0 or 1,
and so does an empty text as 0.
"""

import struct
from typing import NamedTuple

from harness.encodings.varint import varint
from harness.model import Scalar

__all__ = ["Leaf", "expiry", "is_text", "leaves_of"]

EXPIRY = 4
"""Bytes of the time at which a value expires, behind it."""
_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))


class Leaf(NamedTuple):
    """One value within a stored one, and where its bytes are."""

    number: int
    """In its list; -1 where it is none of one."""
    value: Scalar
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Leaf({self.number}, {self.start}, {self.end})"


def is_text(raw: bytes) -> str | None:
    """The text that bytes are; None where they are none."""
    if len(raw.translate(None, _CONTROL)) != len(raw):
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def expiry(data: bytes, start: int, end: int) -> int:
    """How many bytes behind a text tell when it expires, where nothing else says that values do: 4 or 0."""
    size, at = varint(data, start, end)
    return EXPIRY if size > 0 and at + size + EXPIRY == end else 0


def leaves_of(data: bytes, start: int, end: int, *, sure: bool = False) -> list[Leaf]:
    """What the value from `start` to `end` holds: one, or each of a list; none where it removes its key.

    Args:
        data: what it is in.
        start: of the value.
        end: of the value, the time at which it expires left out.
        sure: give nothing for bytes of no known shape.
    """
    size = end - start
    if size <= 0:
        return []
    first = data[start]
    length, at = (first, start + 1) if first < 0x80 else varint(data, start, end)
    if length > 0 and at + length == end:
        raw = data[at:end]
        text = is_text(raw)
        elements = _elements(data, at, end) if text is None or raw[0] < 0x20 else []
        # Letters are easily taken for lengths; tabs and line breaks at the right places are not.
        if elements and (text is None or all(leaf.end - leaf.start < 0x20 for leaf in elements)):
            return elements
        if text is not None:
            return [Leaf(-1, text, at, end)]
        if size not in (4, 8) or not _is_usual(data, start, end):
            return [] if sure and length < 4 else [Leaf(-1, raw, at, end)]
    return _number(data, start, end, sure=sure)


def _number(data: bytes, start: int, end: int, *, sure: bool) -> list[Leaf]:
    size = end - start
    whole, at = varint(data, start, end)
    is_whole = at == end and 0 <= whole < 1 << 64
    if size == 8 and (not is_whole or _is_usual(data, start, end)):
        return [Leaf(-1, struct.unpack_from("<d", data, start)[0], start, end)]
    if is_whole:
        return [Leaf(-1, whole - (1 << 64) if whole >= 1 << 63 else whole, start, end)]
    if size == 4:
        return [Leaf(-1, _single(struct.unpack_from("<f", data, start)[0]), start, end)]
    return [] if sure else [Leaf(-1, data[start:end], start, end)]


def _is_usual(data: bytes, start: int, end: int) -> bool:
    """Whether four or eight bytes are a float that somebody may have stored, and not one of the far ends."""
    is_single = end - start == 4
    value: float = struct.unpack_from("<f" if is_single else "<d", data, start)[0]
    return value == 0 or (1e-6 if is_single else 1e-9) < abs(value) < (1e9 if is_single else 1e15)


def _elements(data: bytes, at: int, end: int) -> list[Leaf]:
    """The texts of a list; none where the bytes are no list of texts."""
    found: list[Leaf] = []
    while at < end:
        size, start = varint(data, at, end)
        if size < 0 or start + size > end:
            return []
        text = is_text(data[start : start + size])
        if text is None:
            return []
        found.append(Leaf(len(found), text, start, start + size))
        at = start + size
    return found


def _single(value: float) -> float:
    """A float of four bytes in as few digits as tell it from all others."""
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        try:
            if struct.unpack("<f", struct.pack("<f", short))[0] == value:
                return short
        except OverflowError:
            continue
    return value
