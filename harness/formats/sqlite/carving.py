"""Deleted rows in the free space of a page: where their values begin and end.

SQLite writes four bytes over a cell that it frees (https://sqlite.org/fileformat2.html#b_tree_pages, freeblocks) and
none over one that it moves or that lies at the edge of the free gap. What is left of the record's header says where
its values are, given how many columns the table has and what each may hold.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from harness.formats.sqlite.btree import Page
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import Row
from harness.formats.sqlite.layout import Layout
from harness.formats.sqlite.record import Field, varint, width
from harness.model import Step

__all__ = ["Carver"]

_TAKEN = 4
"""Bytes that a freeblock's own header takes from the cell that was there."""
_Kind: TypeAlias = tuple[int, int]
"""A serial type, and where it stands."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Carver:
    """Finds the remains of rows of one table in one of its pages."""

    page: Page
    layout: Layout
    codec: str

    @property
    def tree(self) -> Tree:
        """The table's tree."""
        return self.layout.tree

    def rows(self, low: int, high: int) -> list[Row]:
        """Remains between two offsets that no cell covers, in their order; fields are offsets in the page."""
        if not self.layout.is_readable:
            return []
        found: list[Row] = []
        # The surer a reading is, the earlier it takes its bytes.
        for search in (self._certain, self._likely, self._beheaded):
            for start, end in _gaps(found, low, high):
                found += search(start, end)
            found.sort(key=_start)
        return found

    def _certain(self, low: int, high: int) -> Iterator[Row]:
        """Rows whose cell says as much before the record as the record's header does. Their end may be cut off."""
        done = low
        for match in self.layout.heads.finditer(self.page.data, low, high):
            at = match.start()
            taken = self._fields(at, high) if at >= done else ()
            if taken and (rowid := self._before(at, taken[-1][3] - at, low)) is not None:
                row = self._row(taken, high, rowid)
                if row is not None:
                    yield row
                    done = min(_end(row), high)

    def _likely(self, low: int, high: int) -> Iterator[Row]:
        """Rows whose record is whole, but not what stood before it."""
        done = low
        for match in self.layout.heads.finditer(self.page.data, low, high):
            at = match.start()
            taken = self._fields(at, high) if at >= done else ()
            if taken and taken[-1][3] <= high:
                row = self._row(taken, high, "?")
                if row is not None:
                    yield row
                    done = _end(row)

    def _fields(self, at: int, high: int) -> tuple[Field, ...]:
        """The fields of the record that begins at `at`; none where it is no record of the table."""
        body = at + self.page.data[at]
        if body > high:
            return ()
        kinds = list(self._read_kinds(at + 1, body))
        return _laid_out(kinds, body) if len(kinds) == len(self.tree.columns) else ()

    def _before(self, at: int, size: int, low: int) -> Step | None:
        """The row id in the cell whose record of `size` bytes begins at `at`, where the cell's head is as it was."""
        data = self.page.data
        for start in range(max(low, at - 12), at):
            length, middle = varint(data, start)
            if length == size and middle <= at:
                if self.tree.kind is not Kind.ROWID:
                    return "?" if middle == at else None
                rowid, end = varint(data, middle)
                if end == at and middle < at:
                    return rowid - (1 << 64) if rowid >> 63 else rowid
        return None

    def _beheaded(self, low: int, high: int) -> Iterator[Row]:
        """Rows whose first bytes a freeblock overwrote; blocks that were joined hold several, end to end."""
        if self.tree.kind is not Kind.ROWID:
            return  # there, all of a short header is lost
        done = low
        for match in self.layout.marks.finditer(self.page.data, low, high):
            at = match.start()
            end = at + int.from_bytes(self.page.data[at + 2 : at + 4], "big")
            if at < done or not at + _TAKEN < end <= high:
                continue
            while at + _TAKEN < end and (row := self._second_guess(at, end)) is not None:
                yield row
                done = at = _end(row)

    def _second_guess(self, start: int, end: int) -> Row | None:
        """The row of a cell that began at `start`, from what is behind the four bytes that were overwritten."""
        for lost, pattern in enumerate(self.layout.lost):
            match = pattern.match(self.page.data, start + _TAKEN, end)
            if match is None:
                continue
            kinds = list(self._read_kinds(match.start(), match.end()))
            room = end - match.end() - sum(width(kind) for kind, _ in kinds)
            for guess in self._first_type(kinds, room, start + _TAKEN - 1) if lost else _halved(kinds, room):
                taken = _laid_out(guess, match.end())
                row = self._row(taken, end, "?") if taken[-1][3] <= end else None
                if row is not None:
                    return row
        return None

    def _first_type(self, kinds: list[_Kind], room: int, at: int) -> list[list[_Kind]]:
        """The first column's length is what is left of the block, unless it is the row id: that has none."""
        first = 0 if self.tree.alias == 0 or room <= 0 else 2 * room + 13
        return [[(first, at), *kinds]]

    def _read_kinds(self, at: int, end: int) -> Iterator[_Kind]:
        """Serial types between two offsets, and where each stands."""
        while at < end:
            kind, behind = varint(self.page.data, at)
            yield kind, at
            at = behind

    def _row(self, taken: tuple[Field, ...], high: int, rowid: Step) -> Row | None:
        """The row with these fields, if it holds something and its texts are text."""
        if taken[-1][3] == taken[0][2] or taken[0][2] >= high:
            return None
        for kind, _, start, end in taken:
            if kind >= 13 and kind & 1 and start < high and not self._is_text(start, end, high):
                return None
        number = rowid if isinstance(rowid, int) else 0
        return Row(self.tree, (self.tree.table, rowid), number, self.page.data[:high], taken, self.codec)

    def _is_text(self, start: int, end: int, high: int) -> bool:
        raw = self.page.data[start : min(end, high)]
        try:
            text = raw.decode(self.codec, "strict" if end <= high else "ignore")
        except UnicodeDecodeError:
            return False
        return _CONTROL.search(text) is None


def _start(row: Row) -> int:
    return row.fields[0][1]


def _end(row: Row) -> int:
    return row.fields[-1][3]


def _gaps(rows: list[Row], low: int, high: int) -> list[tuple[int, int]]:
    """What rows, in their order, leave over between two offsets."""
    edges = [low, *(edge for row in rows for edge in (_start(row) - 1, min(_end(row), high))), high]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def _halved(kinds: list[_Kind], room: int) -> Iterator[list[_Kind]]:
    """Guesses at the types of a row: the first one may be the rest of one that took two bytes, if that fills the
    block to its end."""
    if room > 0:
        (low, at), *others = kinds
        size = 2 * (room + width(low))
        yield from ([(whole, at), *others] for whole in (size + 13, size + 12) if whole >> 7 and whole & 0x7F == low)
    yield kinds


def _laid_out(kinds: list[_Kind], body: int) -> tuple[Field, ...]:
    """Fields of these types, one behind the other."""
    taken = []
    for kind, at in kinds:
        end = body + width(kind)
        taken.append((kind, at, body, end))
        body = end
    return tuple(taken)
