"""What stands in overflow pages that no live row leads to: the rest of deleted rows, or text whose row is lost.

When a long row is deleted, its overflow pages go to the freelist as they are. Where the row's own cell is still
there, they belong to it; where it is not, they are text that begins anywhere, and still worth reading.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from harness.formats.sqlite.carving import Found
from harness.formats.sqlite.copies import Copy, Role
from harness.formats.sqlite.plausible import is_text
from harness.formats.sqlite.survey import Survey
from harness.model import State, Step

__all__ = ["Part", "Stray", "Strays"]

_LEAST = 32
"""Bytes of text that a page must hold to be one of text."""
_POINTER = 4
"""Bytes of an overflow page that say where it goes on."""
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WIDE_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_NEAR = "\u0530"
"""Letters of Europe's scripts come before: nearly any bytes are text in UTF-16."""


class Part(NamedTuple):
    """A stretch of a deleted row that is in an overflow page."""

    found: Found
    state: State
    offset: int
    """Of the stretch, in the record."""
    size: int


@dataclass(frozen=True, slots=True)
class Stray:
    """Text of overflow pages whose row is lost, put together as they lead to each other."""

    steps: tuple[Step, ...]
    state: State
    raw: bytes = field(repr=False)
    """As it is stored."""
    codec: str
    stretches: tuple[tuple[int, int, int], ...] = ()
    """Where each page's part stands in the file, its length, and where it begins in `raw`."""

    @property
    def text(self) -> str:
        """As it is read."""
        return self.raw.decode(self.codec, "ignore")

    def offset(self, at: int) -> int:
        """Where the byte at `at` of what is stored is in the text in UTF-8."""
        return len(self.raw[:at].decode(self.codec, "ignore").encode("utf-8", "surrogatepass"))


class _Sheet(NamedTuple):
    """One page of text."""

    copy: Copy
    following: int
    """The page that it goes on in, or 0."""
    start: int
    """Of its text, in the page."""
    size: int


class Strays:
    """Overflow pages without a live row, for `decode` and `locate` alike."""

    def __init__(self, survey: Survey, rows: Iterable[tuple[Found, State]]) -> None:
        self._survey = survey
        self._parts: dict[tuple[str, int], Part] = {}
        for found, state in rows:
            offset = len(found.row.record) - sum(size for _, _, size in found.links)
            for part, start, size in found.links:
                place = (part, start - _POINTER)
                # Of what says that it goes on here, what knows which row it is says more.
                if place not in self._parts or self._parts[place].found.row.rowid is None:
                    self._parts[place] = Part(found, state, offset, size)
                offset += size

    @classmethod
    def of(cls, survey: Survey) -> "Strays":
        """Of all that is left of deleted rows."""
        return cls(survey, [each for each in survey.remains() if each[0].links])

    def part(self, copy: Copy) -> Part | None:
        """What a copy of a page holds of a deleted row."""
        return self._parts.get((copy.part, copy.start))

    def stray(self, copy: Copy, inner: int) -> tuple[Stray, int] | None:
        """The text of a lost row that a byte of a page belongs to, and where in it the byte is."""
        stray, stretch = self._by_page.get(copy.start, (None, (0, 0, 0))) if not copy.part else (None, (0, 0, 0))
        start, size, offset = stretch
        at = copy.start + inner - start
        return (stray, offset + at) if stray and 0 <= at < size else None

    @cached_property
    def all(self) -> tuple[Stray, ...]:
        """Texts of lost rows."""
        sheets = {sheet.copy.number: sheet for sheet in self._sheets()}
        inner = {sheet.following for sheet in sheets.values()}
        # Those that lead to each other in a circle have no first one.
        return tuple(self._joined(sheets, number) for number in sheets if number not in inner)

    @cached_property
    def _by_page(self) -> dict[int, tuple[Stray, tuple[int, int, int]]]:
        size = self._survey.size
        return {each[0] // size * size: (stray, each) for stray in self.all for each in stray.stretches}

    def _sheets(self) -> Iterator[_Sheet]:
        survey = self._survey
        for number in range(2, len(survey.document.data) // survey.size + 1):
            copy = survey.in_file(number)
            if copy.role not in (Role.FREE, Role.LOOSE) or self.part(copy) or survey.is_tree_page(copy):
                continue
            taken = copy.view.free.get(number, 0)
            if taken and any(True for _ in survey.remains_of(copy)):
                continue  # it was a page of a tree
            data = bytes(survey.document.data[copy.start : copy.start + survey.usable])
            following = 0 if taken else int.from_bytes(data[:_POINTER], "big")
            if not taken and (data[0] or following > 2 * survey.rules.pages):
                continue
            start = max(taken, _POINTER)
            begin, size = _text(data[start:], survey.rules.codec, may_be_odd=start != _POINTER)
            if size >= _LEAST:
                is_full = start + begin + size >= survey.usable - _POINTER and following > 1
                size = survey.usable - start - begin if is_full else size
                yield _Sheet(copy, following if is_full else 0, start + begin, size)

    def _joined(self, sheets: dict[int, _Sheet], number: int) -> Stray:
        data = self._survey.document.data
        stretches, raw = [], bytearray()
        state = sheets[number].copy.state
        seen = set[int]()
        while (sheet := sheets.get(number)) and number not in seen:
            seen.add(number)
            start, size = sheet.copy.start + sheet.start, sheet.size
            if raw:
                # What goes on from another page goes on from its first byte.
                start, size = sheet.copy.start + _POINTER, size + sheet.start - _POINTER
            stretches.append((start, size, len(raw)))
            raw += data[start : start + size]
            number = sheet.following
        return Stray(self._survey.long_column, state, bytes(raw), self._survey.rules.codec, tuple(stretches))


def _text(data: bytes, codec: str, *, may_be_odd: bool) -> tuple[int, int]:
    """Where text begins near the begin of a page, and how many bytes of it there are; it may begin and end within a
    character."""
    if codec == "utf-8":
        begin = next((at for at in range(min(4, len(data))) if not 0x80 <= data[at] < 0xC0), 0)
        control = _CONTROL.search(data, begin)
        end = control.start() if control else len(data)
        return (begin, end - begin) if is_text(data[begin:end], codec, whole=False) is not None else (0, 0)
    best = (0, 0)
    for begin in (0, 1) if may_be_odd else (0,):
        text = data[begin : begin + (len(data) - begin & ~1)].decode(codec, "replace")
        control_then = _WIDE_CONTROL.search(text)
        text = text[: control_then.start()] if control_then else text
        size = len(text.encode(codec))
        if size > best[1] and 2 * sum(each < _NEAR for each in text) >= len(text):
            best = begin, size
    return best
