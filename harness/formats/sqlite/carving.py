"""Deleted rows in the free space of a page: where their values begin and end.

SQLite writes four bytes over a cell that it frees (https://sqlite.org/fileformat2.html#b_tree_pages, freeblocks) and
none over one that it moves or that lies at the edge of the free gap. What is left of the record's header says where
its values are, given how many columns the table has and what each may hold; `plausible` says whether it is a row.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from harness.formats.sqlite.beheaded import marks
from harness.formats.sqlite.btree import TABLE_INTERIOR, local_size
from harness.formats.sqlite.catalog import Kind
from harness.formats.sqlite.ground import LEAST, Edges, Follow, Found, Ground, Links, bare
from harness.formats.sqlite.headless import headless, with_header
from harness.formats.sqlite.layout import Layout, alike
from harness.formats.sqlite.living import Living
from harness.formats.sqlite.record import types, varint, written

__all__ = ["Carver", "Follow", "Found", "Links"]

_OWN_BITS, _FOREIGN_BITS = 24, 32
"""Evidence that a whole cell needs, of the page's own table and of another."""
_LONGEST_HEAD = 18
"""Bytes of a cell's two numbers."""
_LONG_ENTRY = 130
"""Bytes of an entry whose length takes two."""
_SIZE_BITS = 7
"""Evidence that a byte of a size gives where it agrees with the record."""


_Search: TypeAlias = Callable[[int, int, Edges], Iterable[Found]]


@dataclass(frozen=True)
class Carver(Ground):
    """Finds the remains of rows in one page."""

    def rows(self, low: int, high: int, edges: Collection[int], living: Living) -> list[Found]:
        """Remains between two offsets that no cell covers, in their order, and copies of cells that are live; `edges`
        is where cells and freeblocks of the page end."""
        if not self._is_worth(low, high):
            return []
        if self.page.kind == TABLE_INTERIOR or high == self.page.usable:
            high = self._without_children(low, high)
        found = self._copies(low, high, living) if self.own else []
        if found and not any(self._is_worth(start, end) for start, end in _gaps(found, low, high)):
            return found
        known = Edges(edges, {high, *(row.at for row in found)}, (), ())
        blocks = frozenset(start for start, _ in marks(self.data, low, high, known, self.page.usable))
        # The surer a reading is, the earlier it takes its bytes.
        for search in self._searches(high - low):
            told = {edge for row in self._of_own(found) for edge in (row.at, row.end)}
            known = Edges(edges, {high, *(row.at for row in found)}, blocks, told)
            for start, end in _gaps(found, low, high):
                if self._is_worth(start, end):
                    found += search(start, end, known)
            found.sort(key=_start)
        return found

    def _searches(self, size: int) -> Iterator[_Search]:
        yield self._certain
        yield self._of_others
        # Of a short entry of an index, all that says where its fields are was written over.
        if self.is_tree and (not self.is_keyed or size >= _LONG_ENTRY):
            yield self._headless
            yield self._with_header

    def _of_own(self, found: list[Found]) -> list[Found]:
        trees = [layout.tree for layout in self.own]
        return [row for row in found if row.row.tree in trees]

    def _is_worth(self, low: int, high: int) -> bool:
        """Whether a stretch is long enough for a row, and not blank."""
        return high - low >= LEAST and self.data.count(0, low, high) < high - low

    def _copies(self, low: int, high: int, living: Living) -> list[Found]:
        """Cells that are live elsewhere: a page that was split keeps those that moved."""
        layout = self.own[0]
        found: list[Found] = []
        done = low
        for match in layout.heads.finditer(self.data, low, high):
            at = match.start()
            if at <= done or at + self.data[at] > high:
                continue
            body = at + self.data[at]
            kinds, size = types(self.data, at + 1, body)
            for start, _ in self._heads(at, size + body - at, done) if kinds else ():
                for begin, end in self._copies_from(layout, start, high, living):
                    found.append(self._copy(layout, begin, end))
                    done = end
        return found

    def _copies_from(self, layout: Layout, start: int, high: int, living: Living) -> Iterator[tuple[int, int]]:
        """Where cells begin and end that are live elsewhere, from an offset on, one behind the other; in what was an
        interior page of an index, each behind the number of a child."""
        at, end = start, self._end(start)
        while at < end <= high and living.has(layout.tree, self.data[at:end]):
            yield at, end
            at, end = end, self._end(end)
            if self.is_keyed and not (at < end <= high and living.has(layout.tree, self.data[at:end])):
                at, end = at + 4, self._end(at + 4)

    def _copy(self, layout: Layout, at: int, end: int) -> Found:
        """The row in a cell that is sound, as it is live elsewhere."""
        size, body = varint(self.data, at)
        rowid, body = (None, body) if self.is_keyed else varint(self.data, body)
        rowid = rowid - (1 << 64) if rowid is not None and rowid >> 63 else rowid
        record = self.data[body : body + local_size(self.page.usable, size, self.page.kind)]
        first, begin = varint(record, 0)
        kinds, _ = types(self.data, body + begin, body + first)
        found = self.found(layout.tree, kinds, (at, body, body + first, end), record, rowid, ())
        return replace(found, is_copy=True)

    def _end(self, start: int) -> int:
        """Where the cell of the page's kind ends that begins at an offset; 0 where none does."""
        usable = self.page.usable
        if usable - start < LEAST or len(self.data) - start < _LONGEST_HEAD:
            return 0
        size, body = varint(self.data, start)
        if not self.is_keyed:
            _, body = varint(self.data, body)
        local = local_size(usable, size, self.page.kind)
        end = body + local + (4 if local < size else 0)
        return end if end <= usable else 0

    def _without_children(self, low: int, high: int) -> int:
        """Where the pointers to children begin that stand at the end of a stretch: the root of a tree that grew, or
        shrank again, has them written over what it held before."""
        while high - low >= 5:
            begin = next((high - size for size in range(5, 14) if self._is_child(high - size, low, high)), high)
            if begin == high:
                break
            high = begin
        return high

    def _is_child(self, at: int, low: int, high: int) -> bool:
        data = self.data
        if at < low or data[at] or not 1 < int.from_bytes(data[at : at + 4], "big") <= 2 * self.rules.pages + 16:
            return False
        rowid = data[at + 4 : high]
        return 0 < rowid[0] != 0x80 and rowid[-1] < 0x80 <= min(rowid[:-1], default=0x80)

    def _headless(self, low: int, high: int, edges: Edges) -> Iterator[Found]:
        return headless(self, low, high, edges)

    def _with_header(self, low: int, high: int, edges: Edges) -> Iterator[Found]:
        return with_header(self, low, high, edges)

    # -- whole cells -----------------------------------------------------------------------------

    def _certain(self, low: int, high: int, edges: Edges) -> list[Found]:
        """Rows of the page's own table whose cell says as much before the record as the record's header does."""
        found: list[Found] = []
        for layout in self.own:
            for start, end in _gaps(found, low, high):
                found += self._cells(layout.heads, (start, end), edges, (layout,))
            found.sort(key=_start)
        return found

    def _of_others(self, low: int, high: int, edges: Edges) -> list[Found]:
        """The same of any table: the page may have been another's before."""
        found: list[Found] = []
        for pattern in self.atlas.heads:
            for start, end in _gaps(found, low, high):
                found += self._cells(pattern, (start, end), edges, ())
            found.sort(key=_start)
        return found

    def _cells(
        self, heads: re.Pattern[bytes], stretch: tuple[int, int], edges: Edges, own: tuple[Layout, ...]
    ) -> list[Found]:
        rows: list[Found] = []
        low, high = stretch
        seen = low
        for match in heads.finditer(self.data, low, high):
            if match.start() <= seen:
                continue
            found = self._cell(match.start(), stretch, edges, own)
            while found is not None:
                if rows and found.at < rows[-1].end:
                    # It was written over the end of the one before.
                    rows[-1] = rows[-1].cut(found.at)
                rows.append(found)
                seen = found.body
                # Cells were written one before the other: the next one most likely begins where this one ends.
                found = self._next(found.end, stretch, edges, own)
        return [row for row in rows if row.end > row.body]

    def _next(self, start: int, stretch: tuple[int, int], edges: Edges, own: tuple[Layout, ...]) -> Found | None:
        """The cell that begins at `start`, if one does."""
        data, high = self.data, stretch[1]
        if high - start < LEAST or len(data) - start < 2 * LEAST + 6:
            return None
        _, at = varint(data, start)
        if not self.is_keyed:
            _, at = varint(data, at)
        return self._cell(at, stretch, edges, own) if at < high and 1 < data[at] < 0x80 else None

    def _cell(self, at: int, stretch: tuple[int, int], edges: Edges, own: tuple[Layout, ...]) -> Found | None:
        """The row whose record begins at `at`, where what stands before says that a cell does."""
        low, high = stretch
        body = at + self.data[at]
        if body > high or (not own and body - at not in self.atlas.sizes):
            return None
        kinds, size = types(self.data, at + 1, body)
        total = size + body - at
        if not kinds or not size:
            return None
        for start, rowid in self._heads(at, total, low):
            fitting = self._fitting(bare(kinds), own, has_rowid=rowid is not None)
            if not fitting:
                continue
            layout = fitting[0]
            record, links, end = self.record(at, kinds, body - at, self._written_over(body, high, edges))
            bits = self.bits(record, kinds, layout, body - at)
            if bits < 0 and own:
                # The head is as it was, and what follows was written over from somewhere on.
                bits, record = self.sound(record, kinds, layout, body - at)
                links, end = (), at + len(record)
            elif bits >= 0 and len(record) == total and not self.is_anchored(end, edges):
                record = self.vouched(record, kinds, body - at)
                bits = self.bits(record, kinds, layout, body - at)
                links, end = (links, end) if len(record) == total else ((), at + len(record))
            need = _OWN_BITS if own else _FOREIGN_BITS
            if bits > 0 and end > body and bits + _SIZE_BITS * len(written(total)) >= need:
                tree = layout.tree if own else alike(fitting)
                return self.found(tree, kinds, (start, at, body, end), record, rowid, links)
        return None

    def _written_over(self, body: int, high: int, edges: Edges) -> int:
        """Where a freeblock begins within what would be a row: it has come later."""
        return min((start for start in edges.blocks if body < start < high), default=high)

    def _fitting(self, kinds: list[int], own: tuple[Layout, ...], *, has_rowid: bool) -> list[Layout]:
        if not own:
            return self.atlas.of(kinds, has_rowid=has_rowid)
        return [each for each in own if (each.tree.kind is Kind.ROWID) == has_rowid and each.fits(kinds)]

    def _heads(self, at: int, total: int, low: int) -> Iterator[tuple[int, int | None]]:
        """Where the cell begins whose record of `total` bytes begins at `at`, and its row id: as its head says."""
        data = self.data
        size = written(total)
        is_keyed = at - len(size) >= low and data.startswith(size, at - len(size))
        if is_keyed and self.is_keyed:
            yield at - len(size), None
        start = at - 1
        if start >= low and data[start] < 0x80:
            while start > low and data[start - 1] >= 0x80 and at - start < 9:
                start -= 1
            begin = start - len(size)
            if begin >= low and data.startswith(size, begin) and data[start] != 0x80:
                yield begin, varint(data, start)[0]
        begin = at - 9 - len(size)
        if begin >= low and data.startswith(size, begin) and min(data[at - 9 : at - 1]) >= 0x80:
            rowid = varint(data, at - 9)[0]
            yield begin, rowid - (1 << 64) if rowid >> 63 else rowid
        if is_keyed and not self.is_keyed:
            yield at - len(size), None


def _start(found: Found) -> int:
    return found.at


def _gaps(rows: Sequence[Found], low: int, high: int) -> list[tuple[int, int]]:
    """What rows, in their order, leave over between two offsets."""
    edges = [low, *(edge for row in rows for edge in (row.at, row.end)), high]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
