"""Many pages side by side, as arrays: what is asked of every page of a database is asked of a thousand at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from harness.errors import FormatError
from harness.formats.sqlite.header import SIZE
from harness.formats.sqlite.pages import Pages

__all__ = ["Flags", "Heads", "Numbers", "Octets", "Sheets", "heads_of", "sheets"]

Numbers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Octets: TypeAlias = npt.NDArray[np.uint8]

_BATCH = 1 << 20
"""Bytes of pages that are looked at together: as much as stays near the processor."""
_PEEKED = 5
"""Bytes of a b-tree header up to the number of cells."""


class Heads(NamedTuple):
    """What the b-tree header of each page says, by page number; zeros where a page is not there."""

    kinds: Octets
    counts: Numbers
    """Of cells."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """Pages beside each other."""

    flat: Octets = field(repr=False)
    """The bytes of all of them, and perhaps of others between."""
    numbers: Numbers
    """Of the pages, ascending."""
    starts: Numbers
    """Where each begins in `flat`, ascending."""
    size: int
    usable: int
    part: str = ""
    origins: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    """Where each begins in its part."""

    @property
    def heads(self) -> Numbers:
        """Where the b-tree header begins in each page."""
        return np.where(self.numbers == 1, SIZE, 0)


def heads_of(pages: Pages, count: int) -> Heads:
    """The headers of the first `count` pages."""
    size = pages.header.page_size
    flat = np.frombuffer(pages.document.data, np.uint8)
    found = Heads(np.zeros(count + 1, np.uint8), np.zeros(count + 1, np.int64))
    held = min(count, max(0, len(flat) - _PEEKED + size) // size)
    end = (held - 1) * size + _PEEKED if held else 0
    found.kinds[1 : held + 1] = flat[0:end:size]
    found.counts[1 : held + 1] = flat[3:end:size].astype(np.int64) << 8 | flat[4:end:size]
    for number in {1, *pages.moved}:
        if number <= count:
            part, start = pages.place(number)
            at = start + (SIZE if number == 1 else 0)
            head = bytes(pages.document.part(part)[at : at + _PEEKED])
            is_there = len(head) == _PEEKED
            found.kinds[number] = head[0] if is_there else 0
            found.counts[number] = head[3] << 8 | head[4] if is_there else 0
    return found


def sheets(pages: Pages, numbers: Numbers) -> Iterator[Sheets]:
    """Some pages, side by side as they stand in the file, those of a sidecar behind; what is cut off is left out."""
    data, size = pages.document.data, pages.header.page_size
    many = max(1, _BATCH // size)
    is_moved = np.isin(numbers, np.fromiter(pages.moved, np.int64, len(pages.moved)))
    in_file = numbers[~is_moved & (numbers * size <= len(data))]
    flat = np.frombuffer(data, np.uint8)
    for some in np.split(in_file, np.flatnonzero(np.diff(in_file // many)) + 1):
        if len(some):
            low = (int(some[0]) - 1) * size
            origins = (some - 1) * size
            held = flat[low : int(some[-1]) * size]
            yield Sheets(held, some, origins - low, size, pages.header.usable, "", origins)
    moved = numbers[is_moved]
    for start in range(0, len(moved), many):
        yield _joined(pages, moved[start : start + many].tolist())


def _joined(pages: Pages, numbers: list[int]) -> Sheets:
    """Pages that stand in a sidecar, in any order."""
    read: dict[int, bytes] = {}
    for number in numbers:
        try:
            read[number] = pages.read(number)
        except FormatError:
            continue
    size = pages.header.page_size
    held = np.frombuffer(b"".join(read.values()), np.uint8)
    origins = np.array([pages.place(number)[1] for number in read], np.int64)
    starts = np.arange(len(read)) * size
    return Sheets(held, np.array(list(read), np.int64), starts, size, pages.header.usable, pages.part, origins)
