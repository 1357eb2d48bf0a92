"""How sure it is that bytes are a row: what SQLite would never have written is none.

Where nothing points to a row any more, any bytes might be one. SQLite leaves no choice in how a value is stored: the
smallest integer type that holds it, no number in a text column, no numeral in a numeric one, no NULL where the table
forbids it. Whatever breaks one of these rules is no row of the table, and each rule that is kept makes chance less
likely; what a row has of it is counted in bits.
"""

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

from harness.formats.sqlite.declaration import Column
from harness.formats.sqlite.record import Field

__all__ = ["LOST", "Rules", "evidence", "is_text"]

LOST = -1
"""The serial type of a field of which only the bytes are left, not how to read them."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_NUMERAL = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_LONGEST_NUMERAL = 40
_NUMERIC = frozenset({"INTEGER", "REAL", "NUMERIC"})
_LIMITS = {2: 1 << 7, 3: 1 << 15, 4: 1 << 23, 5: 1 << 31, 6: 1 << 47}
"""What the next smaller type holds, up to but not including."""
_DOUBLE = struct.Struct(">d")
_REAL_BITS, _INTEGER_BITS, _NULL_BITS, _ALIAS_BITS, _TEXT_BITS = 6, 5, 3, 8, 3
_MOST_TEXT_BITS = 48


class Rules(NamedTuple):
    """What holds for all records of a database."""

    codec: str
    is_legacy: bool
    """0 and 1 may take a byte."""
    pages: int
    """How many the database may have had."""


def evidence(
    data: bytes,
    fields: Sequence[Field],
    columns: Sequence[Column | None],
    alias: int,
    rules: Rules,
    *,
    is_cell: bool = False,
) -> int:
    """Bits of evidence that the fields of a record, of which `data` is there, are of these columns; -1 where SQLite
    would not have written them. A cell that a page points to may hold what it likes as text."""
    bits, high = 0, len(data)
    for position, (kind, _, start, end) in enumerate(fields):
        column = columns[position] if position < len(columns) else None
        if position == alias:
            more = _ALIAS_BITS if kind == 0 else -1
        elif kind == LOST:
            more = 0
        elif kind >= 12:
            if start >= high and end > start:
                break  # nothing of it is there
            more = 0 if is_cell else _string(data[start:end], kind, column, rules, whole=end <= high)
        else:
            more = _number(data, kind, start, end, column, rules) if end <= high else _type(kind, column)
        if more < 0:
            return -1
        bits += more
    return bits


def _type(kind: int, column: Column | None) -> int:
    """What a type without a body tells."""
    if kind == 0:
        return -1 if column and column.filled else _NULL_BITS
    if kind in (10, 11) or (column and column.affinity == "TEXT"):
        return -1
    return _INTEGER_BITS


def _number(data: bytes, kind: int, start: int, end: int, column: Column | None, rules: Rules) -> int:
    bits = _type(kind, column)
    if bits < 0 or kind in (0, 8, 9):
        return bits
    if kind == 7:
        return _real(_DOUBLE.unpack_from(data, start)[0], column)
    number = int.from_bytes(data[start:end], "big", signed=True)
    if kind == 1:
        return -1 if number in (0, 1) and not rules.is_legacy else bits
    limit = _LIMITS[kind]
    return -1 if -limit <= number < limit else bits


def _real(number: float, column: Column | None) -> int:
    if number != number:  # noqa: PLR0124 - SQLite writes NaN as NULL
        return -1
    if column and column.affinity in _NUMERIC and abs(number) < 1 << 47 and number.is_integer() and number:
        return -1  # it would be a whole number
    return _REAL_BITS if number == 0 or 1e-30 < abs(number) < 1e30 else 0


def _string(raw: bytes, kind: int, column: Column | None, rules: Rules, *, whole: bool) -> int:
    if kind & 1 == 0:
        return 0
    text = is_text(raw, rules.codec, whole=whole)
    if text is None:
        return -1
    if not text:
        return _TEXT_BITS
    if column and column.affinity in _NUMERIC and len(text) < _LONGEST_NUMERAL and _NUMERAL.fullmatch(text):
        return -1  # it would be a number
    if text.isascii():
        return min((2 if rules.codec == "utf-8" else 8) * len(text), _MOST_TEXT_BITS)
    return min(len(text), _MOST_TEXT_BITS) if rules.codec == "utf-8" else _wide_bits(text)


def _wide_bits(text: str) -> int:
    """Nearly any bytes are text in UTF-16: only letters of one script say something."""
    near = sum(character < "\u0530" for character in text)
    return min(8 * near, _MOST_TEXT_BITS) if 2 * near >= len(text) else min(len(text) // 2, 8)


def is_text(raw: bytes, codec: str, *, whole: bool = True) -> str | None:
    """Bytes as text; `None` where they are none. What is cut off may end within a character."""
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        if whole or error.start < len(raw) - 3:
            return None
        text = raw[: error.start].decode(codec)
    return None if _CONTROL.search(text) else text
