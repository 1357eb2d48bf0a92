"""Whether the cells of many leaves are sound, all at once: for a ledger, every cell of a database is looked at."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from harness.formats.sqlite.btree import TABLE_LEAF
from harness.formats.sqlite.record import width

__all__ = ["BATCH", "Leaf", "Runs", "sound_runs"]

Leaf: TypeAlias = tuple[bytes, int]
"""A page that is a leaf, and where its header begins."""
Runs: TypeAlias = list[tuple[int, int]]
"""Stretches of a page that are cells, one behind the other."""
_Ints: TypeAlias = npt.NDArray[np.int64]
_Flags: TypeAlias = npt.NDArray[np.bool_]

BATCH = 256
"""Pages that are looked at together."""
_LARGE = 1 << 40
"""More than any type or record that is looked at here."""
_SPARE = 256
"""Bytes behind the last page, for numbers that are looked for where there is none."""
_MOST_TYPES = 127
"""Bytes of a record's header, less one, whose length takes a byte."""
_WIDTHS = np.array([width(kind) for kind in range(128)])


def sound_runs(leaves: Sequence[Leaf], usable: int) -> list[Runs | None]:
    """The runs of cells of each leaf; `None` for one that is damaged, or holds what is better looked at by itself."""
    size = len(leaves[0][0])
    data = np.frombuffer(b"".join(page for page, _ in leaves) + bytes(_SPARE), np.uint8).astype(np.int64)
    starts, owners, is_plain = _cells(leaves, size, usable)
    if not len(starts):
        return [[] if each else None for each in is_plain.tolist()]
    is_table = np.array([page[head] == TABLE_LEAF for page, head in leaves])[owners]
    ends, is_sound = _ends(data, starts, is_table, usable)
    order = np.argsort(starts, kind="stable")
    starts, ends, owners, is_sound = starts[order], ends[order], owners[order], is_sound[order]
    base = owners * size
    is_sound &= ends - base <= usable
    is_first = np.ones(len(starts), bool)
    is_first[1:] = owners[1:] != owners[:-1]
    begins_run = is_first.copy()
    begins_run[1:] |= starts[1:] > ends[:-1]
    is_sound[1:] &= is_first[1:] | (starts[1:] >= ends[:-1])
    is_plain[np.unique(owners[~is_sound])] = False
    firsts = np.flatnonzero(begins_run)
    lasts = np.append(firsts[1:], len(starts)) - 1
    runs: list[Runs | None] = [[] if each else None for each in is_plain.tolist()]
    low, high, whose = (starts - base)[firsts], (ends - base)[lasts], owners[firsts]
    for start, end, owner in zip(low.tolist(), high.tolist(), whose.tolist(), strict=True):
        found = runs[owner]
        if found is not None:
            found.append((start, end))
    return runs


def _cells(leaves: Sequence[Leaf], size: int, usable: int) -> tuple[_Ints, _Ints, _Flags]:
    """Where each cell begins, in all pages, and which page it is of; and which pages may be sound."""
    pointers, counts = [], []
    is_plain = np.ones(len(leaves), bool)
    for number, (page, head) in enumerate(leaves):
        count = page[head + 3] << 8 | page[head + 4]
        end = head + 8 + 2 * count
        if end > usable:
            is_plain[number], count = False, 0
        found = np.frombuffer(page, ">u2", count, head + 8).astype(np.int64)
        if count and (int(found.min()) < end or int(found.max()) >= size):
            is_plain[number], found, count = False, found[:0], 0
        pointers.append(found)
        counts.append(count)
    owners = np.repeat(np.arange(len(leaves)), counts)
    return np.concatenate(pointers) + owners * size, owners, is_plain


def _ends(data: _Ints, starts: _Ints, is_table: _Flags, usable: int) -> tuple[_Ints, _Flags]:
    """Where each cell ends, and whether its record is as long as its header says."""
    first, second = data[starts], data[starts + 1]
    is_long = first >= 0x80
    sizes = np.where(is_long, (first & 0x7F) << 7 | second, first)
    at = starts + 1 + is_long
    is_sound = ~(is_long & (second >= 0x80)) & (sizes > 0)
    more = is_table
    for _ in range(8):
        more = more & (data[at] >= 0x80)
        if not more.any():
            break
        at = at + more
    record = at + is_table
    is_sound &= sizes <= np.where(is_table, usable - 35, (usable - 12) * 64 // 255 - 23)
    header = data[record]
    is_sound &= (header > 1) & (header <= _MOST_TYPES + 1) & (header <= sizes)
    return record + sizes, is_sound & (_lengths(data, record, np.where(is_sound, header, 1)) == sizes)


def _lengths(data: _Ints, record: _Ints, header: _Ints) -> _Ints:
    """How long records are by their headers; -1 where a header ends within a number, or has one that is too large."""
    total, number = header.copy(), np.zeros_like(header)
    is_open = np.zeros(len(header), bool)
    for at in range(1, int(header.max(initial=1))):
        is_in = header > at
        byte = data[record + np.where(is_in, at, 0)]
        number = np.where(is_in, number << 7 | byte & 0x7F, number)
        is_open = np.where(is_in, byte >= 0x80, is_open)
        is_end = is_in & ~is_open
        widths = np.where(number < 128, _WIDTHS[number & 0x7F], (number - 12) >> 1)
        total += np.where(is_end, widths, 0)
        number = np.where(is_end, 0, np.minimum(number, _LARGE))
    return np.where(is_open | (total >= _LARGE >> 2), -1, total)
