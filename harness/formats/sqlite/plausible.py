"""How sure it is that bytes are a row: what SQLite would never have written is none.

Where nothing points to a row any more, any bytes might be one. SQLite leaves no choice in how a value is stored: the
smallest integer type that holds it, no number in a text column, no numeral in a numeric one, no NULL where the table
forbids it. Whatever breaks one of these rules is no row of the table, and each rule that is kept makes chance less
likely; what a row has of it is counted in bits.
"""

import re
import struct
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from harness.formats.sqlite.declaration import Column
from harness.formats.sqlite.record import Field

__all__ = ["LOST", "Rules", "evidence", "goes_on", "is_text"]

LOST = -1
"""The serial type of a field of which only the bytes are left, not how to read them."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_NUMERAL = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_LONGEST_NUMERAL = 40
_NUMERIC = frozenset({"INTEGER", "REAL", "NUMERIC"})
_NUMBERS = frozenset({"INTEGER", "REAL"})
_LIMITS = {2: 1 << 7, 3: 1 << 15, 4: 1 << 23, 5: 1 << 31, 6: 1 << 47}
"""What the next smaller type holds, up to but not including."""
_EIGHT_BYTES = 6
_LATIN_END = 0x530
"""Where the letters of Europe's scripts end."""
_DOUBLE = struct.Struct(">d")
_REAL_BITS, _INTEGER_BITS, _NULL_BITS, _ALIAS_BITS, _TEXT_BITS = 6, 5, 3, 8, 3
_MOST_TEXT_BITS = 48
_SAME = 0.85
"""Share of a text in UTF-16 that is of its two scripts at least."""
_ODD_BITS = -12
"""What SQLite allows and hardly anybody does counts against a row."""
_NEVER = -1000
"""SQLite would not have written it."""


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
            more = _ALIAS_BITS if kind == 0 else _NEVER
        elif kind == LOST:
            more = 0
        elif kind >= 12:
            if start >= high and end > start:
                break  # nothing of it is there
            more = 0 if is_cell else _string(data[start:end], kind, column, rules, whole=end <= high)
        else:
            more = _number(data, kind, start, end, column, rules) if end <= high else _type(kind, column)
        if more == _NEVER:
            return -1
        bits += more
    return max(bits, 0)


def _type(kind: int, column: Column | None) -> int:
    """What a type without a body tells."""
    if kind == 0:
        return _NEVER if column and column.filled else _NULL_BITS
    if kind in (10, 11) or (column and column.affinity == "TEXT"):
        return _NEVER
    return _INTEGER_BITS


def _number(data: bytes, kind: int, start: int, end: int, column: Column | None, rules: Rules) -> int:
    bits = _type(kind, column)
    if bits == _NEVER or kind in (0, 8, 9):
        return bits
    if kind == 7:
        return _real(_DOUBLE.unpack_from(data, start)[0], column)
    if kind == _EIGHT_BYTES and column and column.affinity == "REAL":
        return _NEVER  # it would be a real
    number = int.from_bytes(data[start:end], "big", signed=True)
    if kind == 1:
        return _NEVER if number in (0, 1) and not rules.is_legacy else bits
    limit = _LIMITS[kind]
    return _NEVER if -limit <= number < limit else bits


def _real(number: float, column: Column | None) -> int:
    if number != number:  # noqa: PLR0124 - SQLite writes NaN as NULL
        return _NEVER
    if column and column.affinity in _NUMERIC and abs(number) < 1 << 47 and number.is_integer() and number:
        return _NEVER  # it would be a whole number
    return _REAL_BITS if number == 0 or 1e-15 < abs(number) < 1e19 else _ODD_BITS


def _string(raw: bytes, kind: int, column: Column | None, rules: Rules, *, whole: bool) -> int:
    if kind & 1 == 0:
        return 0 if column is None or column.affinity == "BLOB" else _ODD_BITS
    text = is_text(raw, rules.codec, whole=whole)
    if text is None:
        return _NEVER
    if not text:
        return _TEXT_BITS
    if column and column.affinity in _NUMERIC and len(text) < _LONGEST_NUMERAL and _NUMERAL.fullmatch(text):
        return _NEVER  # it would be a number
    if column and column.affinity in _NUMBERS:
        return _ODD_BITS
    if text.isascii():
        return min((2 if rules.codec == "utf-8" else 8) * len(text), _MOST_TEXT_BITS)
    return min(len(text), _MOST_TEXT_BITS) if rules.codec == "utf-8" else _wide_bits(text)


def _wide_bits(text: str) -> int:
    """Nearly any bytes are text in UTF-16; only text keeps to one script, and spaces."""
    if 2 * sum(not ord(each) & 0xFF for each in text) > len(text):
        return _NEVER  # text that is read from the wrong byte on
    scripts = Counter(map(_script, text)).most_common(2)
    told = sum(count for _, count in scripts)
    return min(4 * told, _MOST_TEXT_BITS) if told >= _SAME * len(text) else _NEVER


def _script(character: str) -> int:
    """A rough name for the script of a character."""
    code = ord(character)
    if code < _LATIN_END or 0x2000 <= code < 0x2100:
        return 0
    if 0x3000 <= code < 0xA000:
        return 1
    return 2 if 0xAC00 <= code < 0xD800 else code >> 8


def goes_on(before: bytes, after: bytes, codec: str) -> bool:
    """Whether text may go on with what an overflow page holds, which may have become another's since."""
    if codec == "utf-8":
        begin = next((at for at in range(min(4, len(after))) if not 0x80 <= after[at] < 0xC0), 0)
        return is_text(after[begin:], codec, whole=False) is not None
    odd = len(before) & 1
    more = is_text(after[odd : odd + (len(after) - odd & ~1)], codec, whole=False)
    text = before[: len(before) & ~1].decode(codec, "replace")
    return more is not None and _near(more) >= min(_near(text), 0.8) - 0.3


def _near(text: str) -> float:
    """How much of a text is in letters of Europe."""
    return sum(_script(character) == 0 for character in text) / len(text) if text else 1.0


def is_text(raw: bytes, codec: str, *, whole: bool = True) -> str | None:
    """Bytes as text; `None` where they are none. What is cut off may end within a character."""
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        if whole or error.start < len(raw) - 3:
            return None
        text = raw[: error.start].decode(codec)
    return None if _CONTROL.search(text) else text
