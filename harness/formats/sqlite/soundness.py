"""Whether the cells of many leaves are sound, all at once: for a ledger, every cell of a database is looked at.

Nothing here is done page by page, let alone cell by cell: a ledger may take a nanosecond a byte.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from harness.formats.sqlite.btree import INDEX_INTERIOR, INTERIOR, LEAF, TABLE_INTERIOR, TABLE_LEAF
from harness.formats.sqlite.record import width
from harness.formats.sqlite.sheets import Flags, Numbers, Octets, Sheets

__all__ = ["Cells", "Sound", "sound_cells"]

_WRONG = 1 << 28
"""A length that no record has."""
_MOST_TYPES = 127
"""Bytes of a record's header, less one, whose length takes a byte."""
_LONGEST_ID = 9
"""Bytes of a row id."""


def _widths() -> npt.NDArray[np.int32]:
    """By two bytes of a record's header, how long the field is whose type ends with the second one: 0 where none
    does, too much where it has three bytes or more."""
    first, second = np.divmod(np.arange(1 << 16), 256)
    narrow = np.array([width(kind) for kind in range(128)] * 2)[second]
    wide = (((first & 0x7F) << 7 | second) - 12) >> 1
    wide = np.where((first & 0x7F) == 0, narrow, wide)
    ended = np.where(first >= 0x80, wide, narrow)
    return np.where(second < 0x80, ended, np.where(first >= 0x80, _WRONG, 0)).astype(np.int32)


class Cells(NamedTuple):
    """Cells in the order that they stand in; offsets are in `flat`."""

    owners: Numbers
    """Which of the pages each is in."""
    starts: Numbers
    contents: Numbers
    """Where each begins behind the number of a child."""
    records: Numbers
    headers: Numbers
    """How long the header of the record is; none where there is no record."""
    ends: Numbers

    def where(self, wanted: Flags) -> "Cells":
        """Some of them."""
        return Cells(*(each[wanted] for each in self))


@dataclass(frozen=True, slots=True)
class Sound:
    """What is known of pages that were looked at."""

    is_sound: Flags
    """Of each page: each of its cells lies in it, apart from the others, and holds a whole record of the length that
    its header says. The rest is better looked at one by one: it is damaged, or goes on elsewhere."""
    is_inner: Flags
    """Of each page: its cells are no rows, and only lead to them."""
    pointers: Numbers
    """Where the pointers to the cells of each page end, in it."""
    cells: Cells
    """Those of sound pages."""

    def runs(self) -> tuple[Numbers, Numbers, Numbers]:
        """Cells one behind the other: the page of each such run, and where it begins and ends."""
        owners, starts, ends = self.cells.owners, self.cells.starts, self.cells.ends
        begins = np.ones(len(starts), bool)
        begins[1:] = (owners[1:] != owners[:-1]) | (starts[1:] != ends[:-1])
        is_last = np.append(begins[1:], True)[: len(starts)]
        return owners[begins], starts[begins], ends[is_last]


def sound_cells(sheets: Sheets) -> Sound:
    """Which of some pages are sound, and where in these are cells."""
    flat, heads = sheets.flat, sheets.heads
    at = sheets.starts + heads
    kinds = flat.take(at, mode="clip")
    counts = _pair(flat, at + 3)
    is_interior = (kinds == INTERIOR[0]) | (kinds == INTERIOR[1])
    pointers = heads + np.where(is_interior, 12, 8) + 2 * counts
    is_sound = (is_interior | (kinds == LEAF[0]) | (kinds == LEAF[1])) & (pointers <= sheets.usable)
    counts[~is_sound] = 0
    starts, owners = _cells(sheets, pointers, counts)
    cells, is_good = _read(flat, owners, starts, kinds[owners], sheets.usable)
    ends, origins = cells.ends, sheets.starts[owners]
    is_good &= (starts >= origins + pointers[owners]) & (ends <= origins + sheets.usable)
    is_good[1:] &= (owners[1:] != owners[:-1]) | (starts[1:] >= ends[:-1])
    is_sound[owners[~is_good]] = False
    cells = cells if is_good.all() else cells.where(is_sound[owners])
    return Sound(is_sound, kinds == TABLE_INTERIOR, pointers, cells)


def _cells(sheets: Sheets, pointers: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Where the cells of all pages begin, in the order that they stand in, and which page each is of."""
    owners = np.repeat(np.arange(len(counts)), counts)
    told = np.repeat(sheets.starts + pointers - 2 * np.cumsum(counts), counts) + 2 * np.arange(len(owners))
    # A pointer to behind its page would be taken for one into the next.
    starts = np.repeat(sheets.starts, counts) + np.minimum(_pair(sheets.flat, told), sheets.size - 1)
    starts.sort()
    return starts, owners


def _pair(flat: Octets, at: Numbers) -> Numbers:
    """The number in two bytes."""
    high = flat.take(at, mode="clip").astype(np.int64)
    high <<= 8
    high |= flat.take(at + 1, mode="clip")
    return high


def _read(flat: Octets, owners: Numbers, starts: Numbers, kinds: Octets, usable: int) -> tuple[Cells, Flags]:
    """The parts of each cell, and whether its record is as long as its header says."""
    is_table, is_inner = (kinds == TABLE_LEAF) | (kinds == TABLE_INTERIOR), kinds == TABLE_INTERIOR
    contents = starts + np.where((kinds == INDEX_INTERIOR) | is_inner, 4, 0)
    sizes = _pair(flat, contents)
    is_long = sizes >= 0x8000
    # What takes three bytes does not fit, or is on a page so large that it may as well be looked at by itself.
    is_good = ~(is_long & (sizes & 0x80 > 0))
    sizes = np.where(is_long, (sizes & 0x7F00) >> 1 | sizes & 0x7F, sizes >> 8)
    at = contents + np.where(is_inner, 0, 1 + is_long)
    more = is_table.copy()
    for _ in range(_LONGEST_ID - 1):
        more &= flat.take(at, mode="clip") >= 0x80
        if not more.any():
            break
        at += more
    at += is_table
    is_good &= sizes <= np.where(is_table, usable - 35, (usable - 12) * 64 // 255 - 23)
    headers = flat.take(at, mode="clip").astype(np.int64)
    is_good &= (headers > 1) & (headers <= _MOST_TYPES + 1) & (headers <= sizes)
    is_good &= flat.take(at + headers - 1, mode="clip") < 0x80
    is_good[is_good] = _lengths(flat, at[is_good], headers[is_good]) == sizes[is_good]
    headers[is_inner] = 0
    ends = np.where(is_inner, at, at + sizes)
    return Cells(owners, starts, contents, at, headers, ends), is_good | is_inner


def _lengths(flat: Octets, records: Numbers, headers: Numbers) -> Numbers:
    """How long records are by their headers."""
    if not len(records):
        return headers
    types = headers - 1
    before = np.cumsum(types) - types
    told = np.repeat(records - before, types)
    told += np.arange(len(told))
    found = _WIDTHS.take(_pair(flat, told))
    return np.add.reduceat(found, before, dtype=np.int64) + headers


_WIDTHS = _widths()
