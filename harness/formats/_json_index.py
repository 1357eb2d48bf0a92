"""Where a byte of a JSON text is, without reading all of it as values.

A structural index: positions of quotes, brackets, commas and colons outside of strings, and the depth of each, made
by a few array operations over the whole text. The path of a byte then takes a few look-ups per level. Only for texts
that the standard parser accepts as they are; the scanner of `json_text` answers for all others.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from harness.formats._json_values import scalar
from harness.formats._tokens import Role, Token
from harness.model import Step

__all__ = ["JsonIndex"]

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_MARKS = bytes(byte in b"{}[],:" for byte in range(256))
_SCALAR = re.compile(rb"[^\s,\[\]{}:\"]+")


_Offsets: TypeAlias = Sequence[int]


class JsonIndex:
    """The structure of one text; offsets are those of its bytes."""

    def __init__(self, data: bytes, *, lines: bool) -> None:
        import numpy as np  # noqa: PLC0415 - heavy, and only a scan that found something needs it

        # An escaped quote is none; two bytes for two keep every offset.
        plain = _ESCAPED.sub(b"__", data) if b"\\" in data else data
        octets = np.frombuffer(plain, np.uint8)
        wide = np.uint32 if len(data) < 1 << 32 else np.uint64
        quotes = np.flatnonzero(octets == ord('"')).astype(wide)
        marks = np.flatnonzero(np.frombuffer(plain.translate(_MARKS), np.bool_)).astype(wide)
        marks = marks[np.searchsorted(quotes, marks) & 1 == 0]
        kinds = octets[marks]
        opening = (kinds == ord("{")) | (kinds == ord("["))
        closing = (kinds == ord("}")) | (kinds == ord("]"))
        depths = np.cumsum(opening.astype(np.int32) - closing, dtype=np.int32)

        def by_depth(chosen: "np.typing.NDArray[np.bool_]") -> Mapping[int, "_Offsets"]:
            here, at = depths[chosen], marks[chosen]
            return {int(depth): at[here == depth].data for depth in np.unique(here)}

        self._data = data
        # Numbers that are kept as they are in memory: as objects each would take eight times as much.
        self._quotes: _Offsets = quotes.data
        self._marks: _Offsets = marks.data
        self._depths: _Offsets = depths.data
        self._opens, self._commas, self._colons = (
            by_depth(opening), by_depth(kinds == ord(",")), by_depth(kinds == ord(":")),
        )  # fmt: skip
        newlines = np.flatnonzero(octets == ord("\n")).astype(wide) if lines else None
        self._newlines: _Offsets | None = None if newlines is None else newlines.data

    def token(self, offset: int) -> Token:
        """The name or value at a byte; syntax where there is neither, with the steps of what encloses it."""
        quote = bisect_right(self._quotes, offset)
        if quote % 2 and self._quotes[quote - 1] < offset:
            start, end = self._quotes[quote - 1] + 1, self._quotes[quote]
            steps, is_key = self._steps(offset)
            text = scalar(self._data[start - 1 : end + 1])
            return Token(
                start, end, (*steps, str(text)) if is_key else steps, Role.KEY if is_key else Role.VALUE, text
            )
        steps, is_key = self._steps(offset)
        bounds = None if quote % 2 else self._bounds(offset)
        if is_key or bounds is None:
            return Token(offset, offset + 1, steps, Role.SYNTAX)
        return Token(*bounds, steps, Role.VALUE, scalar(self._data[bounds[0] : bounds[1]]))

    def _bounds(self, offset: int) -> tuple[int, int] | None:
        """Of the number or word at a byte."""
        mark, quote = bisect_right(self._marks, offset) - 1, bisect_right(self._quotes, offset) - 1
        floor = max(self._marks[mark] + 1 if mark >= 0 else 0, self._quotes[quote] + 1 if quote >= 0 else 0)
        for found in _SCALAR.finditer(self._data, floor):
            if found.end() > offset:
                return found.span() if found.start() <= offset else None
        return None

    def _steps(self, offset: int) -> tuple[tuple[Step, ...], bool]:
        """The way to a byte, and whether it is where a name stands (whose own step is then missing)."""
        steps: list[Step] = []
        if self._newlines is not None:
            steps.append(bisect_left(self._newlines, offset) + 1)
        before = bisect_left(self._marks, offset) - 1
        depth = self._depths[before] if before >= 0 else 0
        for level in range(1, depth + 1):
            start = _last(self._opens[level], offset)
            commas = self._commas.get(level, [])
            if self._data[start] == ord("["):
                steps.append(bisect_left(commas, offset) - bisect_right(commas, start))
                continue
            colon = _last(self._colons.get(level, []), offset)
            if colon <= max(start, _last(commas, offset)):
                return tuple(steps), True
            end = bisect_left(self._quotes, colon) - 1
            name = scalar(self._data[self._quotes[end - 1] : self._quotes[end] + 1])
            steps.append(str(name))
        return tuple(steps), False


def _last(positions: _Offsets, before: int) -> int:
    """The last position before a byte; -1 where there is none."""
    at = bisect_left(positions, before) - 1
    return positions[at] if at >= 0 else -1
