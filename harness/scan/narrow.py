"""Which strings and numbers of a JSON text certain bytes are in, so that the rest of it need not be unfolded.

A row of an app's event table is one JSON text with dozens of values, of which a sweep suspects one. Finding that one
by its text is far cheaper than making all of them into leaves and asking the exact rules about each.
"""

import re
from collections.abc import Iterable

__all__ = ["suspected"]

_SCALAR = re.compile(rb"[0-9A-Za-z+\-.]+")
_BEFORE = re.compile(rb"[0-9A-Za-z+\-.]*\Z")
_REACH = 64
"""Bytes; no number that anyone asks about is longer to either side."""


def suspected(text: bytes, offsets: Iterable[int]) -> frozenset[str | int | float] | None:
    """The strings (names or values) and numbers at these bytes; None where only a parser can tell.

    Whoever decodes the text keeps what is equal to one of them: equal values elsewhere in it are kept too.
    """
    if b'\\"' in text:
        return None  # a quote may be part of a string
    found: set[str | int | float] = set()
    at = end = 0
    is_inside = False
    for offset in sorted(offsets):
        if offset < end:
            continue  # in the string or number before
        is_inside ^= text.count(b'"', at, offset) % 2 == 1
        at = offset
        start, end = _string(text, offset) if is_inside else _number(text, offset)
        token = text[start:end]
        if not token or b"\\" in token:
            return None
        try:
            found.update(_read(token))
        except UnicodeDecodeError:
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


def _read(token: bytes) -> Iterable[str | int | float]:
    """What a parser makes of it: a string, or a number too."""
    yield token.decode("utf-8", "surrogatepass")
    if token[-1:].isdigit() and len(token) <= 2 * _REACH:
        try:
            yield int(token) if token.lstrip(b"-").isdigit() else float(token)
        except ValueError:
            return
