"""Deleted rows in the free space of a page: where their values begin and end.

SQLite writes four bytes over a cell that it frees (https://sqlite.org/fileformat2.html#b_tree_pages, freeblocks) and
none over one that it moves or that lies at the edge of the free gap. What is left of the record's header says where
its values are, given how many columns the table has and what each may hold; `plausible` says whether it is a row.
"""

import re
import struct
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from harness.formats.sqlite.beheaded import Guess, guesses, marks
from harness.formats.sqlite.btree import INDEX_KINDS, Page, local_size
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import Row
from harness.formats.sqlite.layout import Atlas, Layout, alike
from harness.formats.sqlite.plausible import Rules, evidence
from harness.formats.sqlite.record import laid_out, scalar, types, varint, written
from harness.model import Step

__all__ = ["Carver", "Follow", "Found", "Links"]

Links: TypeAlias = tuple[tuple[int, int], ...]
"""Overflow pages, and how much of a record each holds."""
Follow: TypeAlias = Callable[[int, int], tuple[bytes, Links]]
"""From the first overflow page, and how much is to follow, to what is still there of it."""
_Kinds: TypeAlias = list[tuple[int, int]]
_LEAST = 6
"""Bytes of the smallest remains that are looked at."""
_OWN_BITS, _FOREIGN_BITS = 20, 28
"""Evidence that a whole cell needs, of the page's own table and of another."""
_TAKEN = 4
"""Bytes that a freeblock's own header takes from the cell that was there."""
_MOST_STOPS = 4
"""Places that are tried as the end of a row."""
_EDGE_BITS = 16
"""Evidence that a row without its head needs, where it ends at an edge."""
_LOOSE_BITS = 28
"""Evidence that it needs where it does not."""
_SIZE_BITS = 7
"""Evidence that a byte of a size gives where it agrees with the record."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is left of one row in a page."""

    at: int
    """Where it begins: its cell, or the first byte that is its own."""
    body: int
    """Where its record begins, or would."""
    end: int
    """Where what is left of it in the page ends."""
    row: Row
    links: Links = ()


@dataclass(frozen=True)
class Carver:
    """Finds the remains of rows in one page."""

    page: Page
    own: tuple[Layout, ...]
    """Layouts of the table that the page belongs to."""
    atlas: Atlas
    """Of all tables: pages are reused."""
    rules: Rules
    follow: Follow

    def rows(self, low: int, high: int, edges: Collection[int]) -> list[Found]:
        """Remains between two offsets that no cell covers, in their order; `edges` is where cells and freeblocks of
        the page end."""
        data = self.page.data
        if high - low < _LEAST or data.count(0, low, high) == high - low:
            return []
        high = self._without_children(low, high)
        found: list[Found] = []
        # The surer a reading is, the earlier it takes its bytes.
        for search in (self._certain, self._of_others, self._headless, self._with_header):
            for start, end in _gaps(found, low, high):
                if end - start >= _LEAST and data.count(0, start, end) < end - start:
                    found += search(start, end, {*edges, high, *(row.at for row in found)})
            found.sort(key=_start)
        return found

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
        data = self.page.data
        if at < low or data[at] or not 1 < int.from_bytes(data[at : at + 4], "big") <= 2 * self.rules.pages + 16:
            return False
        return (
            0 < data[at + 4] != 0x80
            and max(data[high - 1], 0x7F) == 0x7F
            and min(data[at + 4 : high - 1], default=0xFF) > 0x7F
        )

    # -- whole cells -----------------------------------------------------------------------------

    def _certain(self, low: int, high: int, _edges: Collection[int]) -> list[Found]:
        """Rows of the page's own table whose cell says as much before the record as the record's header does."""
        found: list[Found] = []
        for layout in self.own:
            for start, end in _gaps(found, low, high):
                found += self._cells(layout.heads, start, end, (layout,))
            found.sort(key=_start)
        return found

    def _of_others(self, low: int, high: int, _edges: Collection[int]) -> list[Found]:
        """The same of any table: the page may have been another's before."""
        found: list[Found] = []
        for pattern in self.atlas.heads:
            for start, end in _gaps(found, low, high):
                found += self._cells(pattern, start, end, ())
            found.sort(key=_start)
        return found

    def _cells(self, heads: re.Pattern[bytes], low: int, high: int, own: tuple[Layout, ...]) -> list[Found]:
        rows: list[Found] = []
        seen = low
        for match in heads.finditer(self.page.data, low, high):
            if match.start() <= seen:
                continue
            found = self._cell(match.start(), low, high, own)
            while found is not None:
                if rows and found.at < rows[-1].end:
                    # It was written over the end of the one before.
                    rows[-1] = _cut(rows[-1], found.at)
                rows.append(found)
                seen = found.body
                # Cells were written one before the other: the next one most likely begins where this one ends.
                found = self._next(found.end, high, own)
        return [row for row in rows if row.end > row.body]

    def _next(self, start: int, high: int, own: tuple[Layout, ...]) -> Found | None:
        """The cell that begins at `start`, if one does."""
        data = self.page.data
        if high - start < _LEAST or len(data) - start < 2 * _LEAST + 6:
            return None
        _, at = varint(data, start)
        if self.page.kind not in INDEX_KINDS:
            _, at = varint(data, at)
        return self._cell(at, start, high, own) if at < high and 1 < data[at] < 0x80 else None

    def _cell(self, at: int, low: int, high: int, own: tuple[Layout, ...]) -> Found | None:
        """The row whose record begins at `at`, where what stands before says that a cell does."""
        data = self.page.data
        body = at + data[at]
        if body > high or (not own and not self._may_be(body - at - 1)):
            return None
        kinds, size = types(data, at + 1, body)
        total = size + body - at
        if not kinds or not size:
            return None
        for start, rowid in self._heads(at, total, low):
            has_rowid = rowid is not None
            if own:
                fitting = [
                    each for each in own if (each.tree.kind is Kind.ROWID) == has_rowid and each.fits(_bare(kinds))
                ]
            else:
                fitting = self.atlas.of(_bare(kinds), has_rowid=has_rowid)
            if not fitting:
                continue
            tree = fitting[0].tree if own else alike(fitting)
            record, links, end = self._record(at, total, high)
            bits = _SIZE_BITS * len(written(total))
            more = self._bits(record, kinds, fitting[0], data[at])
            if more < 0 and own:
                # The head is as it was, and what follows was written over from somewhere on.
                more, record = self._sound_part(record, kinds, fitting[0], data[at])
                links, end = (), at + len(record)
            bits += more
            if more > 0 and bits >= (_OWN_BITS if own else _FOREIGN_BITS):
                guess = Guess(tuple(kinds), fitting[0], body, at)
                return self._found(guess, tree, (start, at, end), record, rowid, links)
        return None

    def _may_be(self, most: int) -> bool:
        """Whether any table has records with a header of so many bytes; quick, as most bytes are no header."""
        return any(
            self.atlas.knows(count, has_rowid=has_rowid)
            for has_rowid in (True, False)
            for count in range((most + 2) // 3, most + 1)
        )

    def _heads(self, at: int, total: int, low: int) -> Iterator[tuple[int, int | None]]:
        """Where the cell begins whose record of `total` bytes begins at `at`, and its row id: as its head says."""
        data = self.page.data
        size = written(total)
        keyed = (at - len(size), None) if data.startswith(size, max(at - len(size), low)) else None
        if keyed and self.page.kind in INDEX_KINDS:
            yield keyed
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
        if keyed and self.page.kind not in INDEX_KINDS:
            yield keyed

    def _record(self, at: int, total: int, high: int) -> tuple[bytes, Links, int]:
        """What is there of the record of `total` bytes that begins at `at`, and where that ends in the page."""
        local = local_size(self.page.usable, total, self.page.kind)
        end = at + local
        if end > high or local == total:
            return self.page.data[at : min(end, high)], (), min(end, high)
        if end + 4 > high:
            return self.page.data[at:end], (), high
        first = int.from_bytes(self.page.data[end : end + 4], "big")
        more, links = self.follow(first, total - local)
        return self.page.data[at:end] + more, links, end + 4

    # -- rows that lost their head -----------------------------------------------------------------

    def _headless(self, low: int, high: int, edges: Collection[int]) -> Iterator[Found]:
        """Rows whose first bytes a freeblock overwrote; blocks that were joined hold several, end to end."""
        if not self.own:
            return
        starts = marks(self.page.data, low, high, edges, self.page.usable)
        done = low
        for index, (start, claimed) in enumerate(starts):
            at, limit = start, min(claimed, high)
            while done <= at < limit - _TAKEN:
                stops = [stop for stop, _ in starts[index + 1 : index + 1 + _MOST_STOPS] if stop > at + _TAKEN]
                found = self._one_headless(at, limit, stops, edges, is_marked=at == start)
                if found is None:
                    break
                yield found
                done = at = found.end
                if any(stop == at for stop in stops):
                    break  # it has its own turn

    def _with_header(self, low: int, high: int, edges: Collection[int]) -> Iterator[Found]:
        """Rows whose record is whole up to where it was written over, behind what may be the head of a freeblock; or
        to its end, which is an edge."""
        data = self.page.data
        done = low
        for layout in self.own:
            for match in layout.heads.finditer(data, low, high):
                at = match.start()
                body = at + data[at]
                begin = next((at - n for n in range(_TAKEN, 2 * _TAKEN) if self._is_head(at - n, done)), -1)
                if at < done or body > high or (begin < 0 and data[at] >= 0x20):
                    continue
                kinds, size = types(data, at + 1, body)
                if not size or not layout.fits(_bare(kinds)):
                    continue
                record, links, end = self._record(at, size + body - at, high)
                is_whole = len(record) == size + body - at
                if not (is_whole and end in edges) and begin < 0:
                    continue
                more = self._bits(record, kinds, layout, body - at)
                if more < 0 and begin >= 0:
                    more, record = self._sound_part(record, kinds, layout, body - at)
                    links, end = (), at + len(record)
                if more >= _LOOSE_BITS:
                    guess = Guess(tuple(kinds), layout, body, at)
                    yield self._found(guess, layout.tree, (begin if begin >= 0 else at, at, end), record, None, links)
                    done = end

    def _is_head(self, at: int, low: int) -> bool:
        """Whether the head of a freeblock may stand at an offset."""
        if at < low:
            return False
        following, size = struct.unpack_from(">2H", self.page.data, at)
        end = at + size
        return size > _TAKEN + 1 and end <= self.page.usable and (not following or end < following < self.page.usable)

    def _one_headless(
        self, start: int, limit: int, stops: list[int], edges: Collection[int], *, is_marked: bool
    ) -> Found | None:
        """The row of a cell that began at `start`, in a block that ends at `limit` or at one of the stops."""
        for layout in self.own:
            for end in (limit, *stops):
                for guess in guesses(self.page.data, start, end, layout):
                    found = self._guessed(guess, start, end, is_marked=is_marked)
                    if found is not None and (
                        is_marked or found.end == end or found.end in edges or self._says_size(start, found.end)
                    ):
                        return found
        return None

    def _says_size(self, start: int, end: int) -> bool:
        """Whether the freeblock that once began there was as long as the row in it."""
        return int.from_bytes(self.page.data[start + 2 : start + 4], "big") == end - start

    def _guessed(self, guess: Guess, start: int, high: int, *, is_marked: bool) -> Found | None:
        fields = laid_out(guess.kinds, guess.body - start)
        total = start + fields[-1][3] - guess.head
        record, links, end = self._record(guess.head, total, high)
        is_whole = len(record) == total
        if not is_whole and (guess.is_measured or not is_marked):
            return None
        record = self.page.data[start : guess.head] + record
        need = _EDGE_BITS if end == high and is_whole else _LOOSE_BITS
        if self._bits(record, guess.kinds, guess.layout, guess.body - start) < need:
            return None
        return self._found(guess, guess.layout.tree, (start, start, end), record, None, links)

    # -- both --------------------------------------------------------------------------------------

    def _sound_part(
        self, record: bytes, kinds: list[tuple[int, int]], layout: Layout, body: int
    ) -> tuple[int, bytes]:
        """As much of a record as may be one, and the evidence that it is."""
        for _, _, start, _ in reversed(laid_out(kinds, body)):
            if body < start < len(record):
                record = record[:start]
                bits = self._bits(record, kinds, layout, body)
                if bits >= 0:
                    return bits, record
        return -1, record

    def _bits(self, record: bytes, kinds: Iterable[tuple[int, int]], layout: Layout, body: int) -> int:
        alias = layout.tree.alias if layout.tree.kind is Kind.ROWID else -1
        return evidence(record, laid_out(kinds, body), layout.tree.columns, alias, self.rules)

    def _found(
        self, guess: Guess, tree: Tree, at: tuple[int, int, int], record: bytes, rowid: int | None, links: Links
    ) -> Found:
        start, body, end = at
        fields = laid_out([(kind, told - body) for kind, told in guess.kinds], guess.body - body)
        step: Step = "?" if rowid is None else rowid
        if tree.is_index and tree.has_rowid and fields[-1][3] <= len(record):
            kind, _, low, high = fields[-1]
            number = scalar(kind, record[low:high], "utf-8")
            step = number if isinstance(number, int) else "?"
        row = Row(tree, (tree.table, step), rowid, record, fields, self.rules.codec)
        return Found(start, body, end, row, links)


def _bare(kinds: Iterable[tuple[int, int]]) -> list[int]:
    return [kind for kind, _ in kinds]


def _start(found: Found) -> int:
    return found.at


def _cut(found: Found, end: int) -> Found:
    """A row of which only what stands before `end` is left."""
    return replace(
        found, end=end, links=(), row=replace(found.row, record=found.row.record[: max(0, end - found.body)])
    )


def _gaps(rows: list[Found], low: int, high: int) -> list[tuple[int, int]]:
    """What rows, in their order, leave over between two offsets."""
    edges = [low, *(edge for row in rows for edge in (row.at, row.end)), high]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
