"""Which strings and numbers of a JSON text certain bytes are in, so that the rest of it need not be unfolded.

A row of an app's event table is one JSON text with dozens of values, of which a sweep suspects one. Finding that one
by its text is far cheaper than making all of them into leaves and asking the exact rules about each.
"""

import json
import re
from collections.abc import Iterable

from harness.model import Scalar

__all__ = ["suspected"]

_DECODER = json.JSONDecoder(strict=False)
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_SCALAR = re.compile(rb"[0-9A-Za-z+\-.]+")
_BEFORE = re.compile(rb"[0-9A-Za-z+\-.]*\Z")
_REACH = 64
"""Bytes; no number that anyone asks about is longer to either side."""


def suspected(text: bytes, offsets: Iterable[int]) -> frozenset[Scalar] | None:
    """The strings (names or values) and numbers at these bytes; None where only a parser can tell.

    Whoever decodes the text keeps what is equal to one of them: equal values elsewhere in it are kept too.
    """
    # An escaped quote ends no string; two bytes for two keep every offset.
    plain = _ESCAPED.sub(b"__", text) if b"\\" in text else text
    found: set[Scalar] = set()
    at = end = 0
    is_inside = False
    for offset in sorted(offsets):
        if offset < end:
            continue  # in the string or number before
        is_inside ^= plain.count(b'"', at, offset) % 2 == 1
        at = offset
        start, end = _string(plain, offset) if is_inside else _number(text, offset)
        try:
            found.add(_read(text[start:end], is_string=is_inside))
        except ValueError:
            return None
    return frozenset(found)


def _string(text: bytes, offset: int) -> tuple[int, int]:
    end = text.find(b'"', offset)
    return (text.rfind(b'"', 0, offset) + 1, end) if end >= 0 else (offset, offset)


def _number(text: bytes, offset: int) -> tuple[int, int]:
    before = _BEFORE.search(text, max(0, offset - _REACH), offset)
    start = before.start() if before else offset
    scalar = _SCALAR.match(text, start, offset + _REACH)
    return scalar.span() if scalar and scalar.end() > offset else (offset, offset)


def _read(token: bytes, *, is_string: bool) -> Scalar:
    """What a parser makes of it.

    Raises:
        ValueError: it is neither string nor number.
    """
    text = token.decode("utf-8", "surrogatepass")
    if is_string and "\\" not in text:
        return text
    value: Scalar = _DECODER.decode(f'"{text}"' if is_string else text)
    return value
