"""Runs of text among any bytes: where they are, and all answers of a format that reads nothing else."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from harness.errors import FormatError
from harness.formats._tokens import Pair, join_pairs, value_budget
from harness.formats.base import Format, Piece, as_bytes
from harness.limits import Limits
from harness.model import Buffer, Document, Place, State, Value

__all__ = ["Run", "TextRuns", "runs"]

_Flags: TypeAlias = NDArray[np.bool_]
_Octets: TypeAlias = NDArray[np.uint8]

_SHORTEST = 6
_LONGEST = 1 << 20
_CHUNK = 1 << 20
_BARRIER = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]|\x00\x00")
"""No run spans one of these, so that runs on either side can be found alone."""
_REACH = 4096


class Run(NamedTuple):
    """One run of text, in UTF-8 or in UTF-16."""

    start: int
    end: int
    is_wide: bool

    def text(self, data: Buffer) -> str:
        return bytes(data[self.start : self.end]).decode("utf-16-le" if self.is_wide else "utf-8")


class TextRuns(Format):
    """Every run of text at its offset, in no structure; a plug-in adds what it knows files by, and the ledger."""

    container_only = True
    endless = True

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        places = [Place((), State.RAW)] * len(offsets)
        near = _Near(document.data)
        for index in sorted(range(len(offsets)), key=offsets.__getitem__):
            if 0 <= offsets[index] < len(document.data):
                places[index] = near.place(offsets[index])
        return places

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        budget = value_budget(limits)
        for run in runs(document.data, 0, len(document.data)):
            budget.spend()
            yield Value((run.start,), run.text(document.data), State.RAW)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """Runs in UTF-16."""
        data = document.data
        wide = (run for run in runs(data, 0, len(data)) if run.is_wide)
        yield from join_pairs((Pair("", as_bytes(run.text(data)), run.start) for run in wide), limits)

    def encode(self, content: Any) -> Document:
        """`content` is a sequence of bytes, written one after the other."""
        try:
            return Document(b"".join(content))
        except TypeError as error:
            raise FormatError("only bytes can be written as they are") from error


class _Near:
    """The runs round one byte after the other, without reading the whole document."""

    def __init__(self, data: Buffer) -> None:
        self.data = data
        self.low = self.high = 0
        self.runs: list[Run] = []
        self.starts: list[int] = []
        self.last: tuple[Run, bytes] | None = None

    def place(self, offset: int) -> Place:
        if not self.low <= offset < self.high:
            self.low, self.high = _floor(self.data, offset), _ceiling(self.data, offset + _REACH)
            self.runs = list(runs(self.data, self.low, self.high))
            self.starts = [run.start for run in self.runs]
        index = bisect_right(self.starts, offset) - 1
        if index < 0 or offset >= self.runs[index].end:
            return Place((), State.RAW)
        run = self.runs[index]
        if self.last is None or self.last[0] != run:
            self.last = (run, as_bytes(run.text(self.data)))
        value, within = self.last[1], offset - run.start
        if run.is_wide:
            before = Run(run.start, run.start + within // 2 * 2, is_wide=True)
            within = len(as_bytes(before.text(self.data)))
        return Place((run.start,), State.RAW, value, within)


def _floor(data: Buffer, offset: int) -> int:
    """The end of the last barrier before a byte."""
    reach = _REACH
    while True:
        low = max(0, offset - reach)
        found = [barrier.end() for barrier in _BARRIER.finditer(data, low, offset)]
        if found or not low:
            return found[-1] if found else 0
        reach *= 16


def _ceiling(data: Buffer, offset: int) -> int:
    """The end of the next barrier that begins after a byte."""
    found = _BARRIER.search(data, offset + 1)
    return found.end() if found else len(data)


# -- finding runs --------------------------------------------------------------------------------

_PRINTABLE = frozenset((9, 10, 13, *range(0x20, 0x7F)))
_TEXT = bytes(byte in _PRINTABLE for byte in range(256))
_LATIN = bytes(byte in _PRINTABLE or byte >= 0xA0 for byte in range(256))
_MORE = bytes((byte >= 0xC2) + (byte >= 0xE0) + (byte >= 0xF0) if byte < 0xF5 else 0 for byte in range(256))
"""How many bytes must follow a leading byte of UTF-8."""
_SECOND = {0xE0: (0xA0, 0xBF), 0xED: (0x80, 0x9F), 0xF0: (0x90, 0xBF), 0xF4: (0x80, 0x8F)}
"""Leading bytes after which the next is of a narrower range: no overlong forms, surrogates or more than Unicode."""


def runs(data: Buffer, low: int, high: int) -> Iterator[Run]:
    """All runs between two barriers, or ends, in order."""
    while low < high:
        stop = high if high - low <= _CHUNK else min(high, _ceiling(data, low + _CHUNK))
        for start, end, is_wide in _chunk_runs(bytes(data[low:stop])):
            yield from _split(data, Run(low + start, low + end, is_wide))
        low = stop


def _chunk_runs(data: bytes) -> list[tuple[int, int, bool]]:
    found: list[tuple[int, int, bool]] = []
    octets = np.frombuffer(data, np.uint8)
    above = _multibyte(data, octets)
    text = np.frombuffer(data.translate(_TEXT), np.bool_) | above
    pairs = np.frombuffer(data.translate(_LATIN), np.bool_)[:-1] & (octets[1:] == 0) & ~above[:-1]
    for parity in (0, 1):
        for start, end in _stretches(pairs[parity::2]):
            low, high = start * 2 + parity, end * 2 + parity
            found.append((low, high, True))
            text[low:high] = False
    found += [(start, end, False) for start, end in _stretches(text)]
    return sorted(found)


def _stretches(flags: _Flags) -> list[tuple[int, int]]:
    """Start and end of every stretch of at least six set flags."""
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    if flags.size and flags[0]:
        edges = np.concatenate(([0], edges))
    if edges.size % 2:
        edges = np.concatenate((edges, [flags.size]))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= _SHORTEST
    return list(zip(starts[long].tolist(), ends[long].tolist(), strict=True))


def _multibyte(data: bytes, octets: _Octets) -> _Flags:
    """Which bytes are part of a character of UTF-8 above ASCII."""
    flags = np.zeros(len(data), np.bool_)
    if data.isascii():
        return flags
    more = np.frombuffer(data.translate(_MORE), np.uint8)
    follows = (octets & 0xC0) == 0x80
    for count in (1, 2, 3):
        leads = np.flatnonzero(more[:-count] == count)
        for step in range(1, count + 1):
            leads = leads[follows[leads + step]]
        for lead, (least, most) in _SECOND.items():
            if _MORE[lead] == count:
                second = octets[leads + 1]
                leads = leads[(octets[leads] != lead) | ((second >= least) & (second <= most))]
        for step in range(count + 1):
            flags[leads + step] = True
    return flags


def _split(data: Buffer, run: Run) -> Iterator[Run]:
    """A run in parts of at most 1 MiB, none of which ends within a character."""
    start = run.start
    while run.end - start > _LONGEST:
        stop = start + _LONGEST
        while not run.is_wide and 0x80 <= data[stop] < 0xC0:
            stop -= 1
        yield Run(start, stop, run.is_wide)
        start = stop
    yield Run(start, run.end, run.is_wide)
