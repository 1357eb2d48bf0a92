"""From a byte of a b-tree page to its cell, or to what lies between the cells."""

import struct
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from harness.errors import FormatError
from harness.formats.base import printable_run
from harness.formats.sqlite.btree import TABLE_LEAF, Cell, Page, assemble, read_cell
from harness.formats.sqlite.carving import Carver
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import Row, field_place
from harness.formats.sqlite.layout import Layout
from harness.formats.sqlite.record import Field, fields, scalar, varint
from harness.formats.sqlite.view import Owned, View
from harness.model import Buffer, Place, State, Step

__all__ = ["PageMap", "run_place"]


def run_place(data: Buffer, offset: int, steps: tuple[Step, ...], state: State) -> Place:
    """The place of a byte that no structure explains: the text around it."""
    if not 0 <= offset < len(data):
        return Place(steps, state)
    start, end = printable_run(data, offset)
    return Place(steps, state, bytes(data[start:end]), offset - start)


@dataclass
class PageMap:
    """One page of a b-tree, for the bytes of it that are asked for."""

    page: Page
    view: View
    owned: Owned | None
    """`None` where the tree is not known."""
    state: State
    alone: bool
    """Only the bytes in the page count: what it refers to has moved on since."""
    _last: tuple[int, Row | None] = field(default=(-1, None))
    _cells: dict[int, Cell | None] = field(default_factory=dict)
    _carved: dict[int, list[Row]] = field(default_factory=dict)

    @property
    def tree(self) -> Tree | None:
        """The tree that the page belongs to."""
        return self.owned.tree if self.owned else None

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is known of every row in the page."""
        return (self.owned.tree.table,) if self.owned else ("?",)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where cells begin, in the order that they stand in."""
        return tuple(sorted(self.page.cells))

    @cached_property
    def indices(self) -> Mapping[int, int]:
        """Position in key order by where a cell begins."""
        return {at: index for index, at in enumerate(self.page.cells)}

    def place(self, inner: int) -> Place:
        """The place of a byte of the page."""
        page = self.page
        if inner < page.pointers_end:
            return Place(self.steps, self.state)
        if inner >= page.usable:
            return self._between(inner, page.usable, len(page.data), State.SLACK)
        index = bisect_right(self.starts, inner) - 1
        above = self.starts[index + 1] if index + 1 < len(self.starts) else page.usable
        if index < 0:
            return self._between(inner, page.pointers_end, above, State.FREEBLOCK)
        at = self.starts[index]
        cell = self._cell(at)
        if cell is None:
            return self._between(inner, at, above, State.RAW)
        if inner < max(cell.end, at + 4):
            return self._in_cell(at, cell, inner)
        return self._between(inner, cell.end, above, State.FREEBLOCK)

    def _between(self, inner: int, low: int, high: int, state: State) -> Place:
        """The place of a byte that no cell covers, in the stretch that none covers."""
        page = self.page
        if state is State.FREEBLOCK and (remains := self._remains(inner, low, high)) is not None:
            return remains
        content = int.from_bytes(page.data[page.head + 5 : page.head + 7], "big") or 65536
        if state is State.FREEBLOCK and inner < content:
            state, high = State.UNALLOCATED, min(high, content)
        elif state is State.FREEBLOCK:
            low = max(low, min(content, inner))
        return run_place(page.data[low:high], inner - low, self.steps, self._dead(state))

    def _dead(self, state: State) -> State:
        """The state of bytes that are in no cell: of their page, where that is no longer live itself."""
        return state if self.state is State.LIVE else self.state

    def _remains(self, inner: int, low: int, high: int) -> Place | None:
        """The place of a byte of a deleted row, if what is left of one can be read."""
        if self.tree is None:
            return None
        if low not in self._carved:
            carver = Carver(self.page, self._layout(self.tree), self.view.pages.header.codec)
            self._carved[low] = carver.rows(low, high)
        content = int.from_bytes(self.page.data[self.page.head + 5 : self.page.head + 7], "big") or 65536
        state = self._dead(State.UNALLOCATED if inner < content else State.FREEBLOCK)
        for row in self._carved[low]:
            if row.fields[0][2] <= inner < row.fields[-1][3]:
                return field_place(row, inner, state)
        return None

    def _layout(self, tree: Tree) -> Layout:
        """The layout of a tree's rows; for most, it is at hand."""
        known = (each for each in self.view.layouts if each.tree is tree)
        return next(known, None) or Layout(tree, len(self.page.data))

    def _cell(self, at: int) -> Cell | None:
        if at not in self._cells:
            try:
                self._cells[at] = read_cell(self.page, at)
            except FormatError:
                self._cells[at] = None
        return self._cells[at]

    def _in_cell(self, at: int, cell: Cell, inner: int) -> Place:
        offset = inner - cell.body
        if 0 <= offset < cell.local:
            return self.payload_place(at, offset)
        if offset < 0 and self.page.kind == TABLE_LEAF and inner >= varint(self.page.data, at)[1]:
            return self._rowid_place(at)
        return self.row_place(at)

    def _rowid_place(self, at: int) -> Place:
        """The row id is a value where a column gives it."""
        row = self._row(at)
        if row is None or row.tree is None or not 0 <= row.tree.alias < len(row.fields):
            return self.row_place(at)
        return field_place(row, row.fields[row.tree.alias][1], self.state)

    def row_place(self, at: int) -> Place:
        """The place of the row in the cell at `at`."""
        row = self._row(at)
        return Place(row.steps if row else self.steps, self.state)

    def payload_place(self, at: int, offset: int) -> Place:
        """The place of a byte of the payload of the cell at `at`."""
        row = self._row(at)
        return field_place(row, offset, self.state) if row else Place(self.steps, self.state)

    def _row(self, at: int) -> Row | None:
        """The record in a cell; many offsets are of the same."""
        if self._last[0] != at:
            try:
                self._last = (at, self._read_row(at))
            except (FormatError, IndexError, struct.error):
                self._last = (at, None)
        return self._last[1]

    def _read_row(self, at: int) -> Row | None:
        cell = self._cell(at)
        if cell is None or not cell.local:
            return None
        record = self.page.data[cell.body : cell.body + cell.local]
        if cell.overflow and not self.alone:
            with suppress(FormatError):
                record = assemble(self.view.pages, self.page.data, cell, self.view.way)
        taken = fields(record)
        codec = self.view.pages.header.codec
        steps = self._row_steps(at, cell, record, taken)
        return Row(self.tree, steps, cell.rowid, record, taken, codec)

    def _row_steps(self, at: int, cell: Cell, record: bytes, taken: tuple[Field, ...]) -> tuple[Step, ...]:
        """The steps of a row: its table, and its row id or position."""
        if self.page.kind == TABLE_LEAF:
            return (*self.steps, cell.rowid)
        if self.owned is None:
            return self.steps
        tree = self.owned.tree
        if tree.kind is Kind.INDEX and tree.has_rowid:
            kind, _, start, end = taken[-1]
            cut = end > len(record) or not 1 <= kind <= 9 or kind == 7
            rowid = None if cut else scalar(kind, record[start:end], "utf-8")
            return (tree.table, rowid) if isinstance(rowid, int) else (tree.table,)
        position = self.view.position(self.page.number, self.indices[at], self.owned)
        return (tree.name or tree.table, position)
