"""From a byte of a b-tree page to its cell, or to what lies between the cells; and all rows that no longer count."""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from harness.errors import FormatError
from harness.formats.base import printable_run
from harness.formats.sqlite.btree import INDEX_INTERIOR, TABLE_INTERIOR, TABLE_LEAF, Cell, Page, assemble, read_cell
from harness.formats.sqlite.carving import Carver, Found, Links
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import Row, field_place
from harness.formats.sqlite.ground import with_overflow
from harness.formats.sqlite.living import Living, cell_ends, is_compact
from harness.formats.sqlite.owners import Owned
from harness.formats.sqlite.plausible import Rules, evidence
from harness.formats.sqlite.record import Field, fields, scalar, varint
from harness.formats.sqlite.view import View
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
    rules: Rules
    new_carver: Callable[[], Carver]
    living: Living
    gaps: Sequence[tuple[int, int]] | None = None
    """Where no cell is and something else may be, as far as that is known already."""
    _last: tuple[int, Found | None] = field(default=(-1, None))
    _cells: dict[int, Cell | None] = field(default_factory=dict)
    _carved: dict[int, list[Found]] = field(default_factory=dict)

    @cached_property
    def carver(self) -> Carver:
        """Finds deleted rows, and follows overflow pages as they were when the page was; live ones do without."""
        return self.new_carver()

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
        return tuple(sorted(set(self.page.cells)))

    @cached_property
    def indices(self) -> Mapping[int, int]:
        """Position in key order by where a cell begins."""
        return {at: index for index, at in enumerate(self.page.cells)}

    @cached_property
    def content(self) -> int:
        """Where the page says that its cells begin."""
        return int.from_bytes(self.page.data[self.page.head + 5 : self.page.head + 7], "big") or 65536

    @cached_property
    def edges(self) -> frozenset[int]:
        """Where rows that are gone may have ended: where cells begin, and where freeblocks end."""
        ends = {start + size for start, size in self.carver.blocks.items()}
        return frozenset({*self.starts, *ends, self.page.usable, min(self.content, self.page.usable)})

    # -- one byte ------------------------------------------------------------------------------------

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
        if state is State.FREEBLOCK:
            for found in self._remains(low, high):
                if found.at <= inner < found.end:
                    return self._in_remains(found, inner)
            if inner < self.content:
                state, high = State.UNALLOCATED, min(high, self.content)
            else:
                low = max(low, min(self.content, inner))
        return run_place(page.data[low:high], inner - low, self.steps, self._dead(state))

    def _dead(self, state: State) -> State:
        """The state of bytes that are in no cell: of their page, where that is no longer live itself."""
        return state if self.state is State.LIVE else self.state

    def _remains(self, low: int, high: int) -> list[Found]:
        """What is left of deleted rows in a stretch that no cell covers."""
        if low not in self._carved:
            self._carved[low] = self.carver.rows(low, high, self.edges, self.living)
        return self._carved[low]

    def _in_remains(self, found: Found, inner: int) -> Place:
        state = self.state_of(found)
        if inner < found.body:
            return Place(found.row.steps, state)
        return field_place(found.row, inner - found.body, state)

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

    # -- all of them -----------------------------------------------------------------------------------

    def state_of(self, found: Found) -> State:
        """The state of remains between cells."""
        if self.state is not State.LIVE:
            return self.state
        return State.UNALLOCATED if found.at < self.content else State.FREEBLOCK

    def remains(self) -> Iterator[tuple[Found, State]]:
        """Every row of the page that is no longer live."""
        if self.state is not State.LIVE and self.page.kind != TABLE_INTERIOR:
            for at, end in cell_ends(self.page):
                if not self._is_living(at, end) and (found := self._found(at)) is not None:
                    yield found, self.state
        for low, high in self._stretches():
            for found in self._remains(low, high):
                if not found.is_copy:
                    yield found, self.state_of(found)

    def _is_living(self, at: int, end: int) -> bool:
        """Whether a cell is that of a live row."""
        if self.tree is None:
            return False
        skipped = 4 if self.page.kind == INDEX_INTERIOR else 0
        return self.living.has(self.tree, self.page.data[at + skipped : end])

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Where no cell is, in the order of the page."""
        if self.gaps is not None:
            yield from self.gaps
            return
        low = self.page.pointers_end
        if is_compact(self.page) and self.starts:
            yield low, self.starts[0]
            return
        for at in self.starts:
            if at > low:
                yield low, at
            cell = self._cell(at)
            # `place` calls what a damaged cell leads to raw.
            low = max(low, cell.end, at + 4) if cell else self.page.usable
            if cell is None:
                low = next((start for start in self.starts if start > at), self.page.usable)
        if low < self.page.usable:
            yield low, self.page.usable

    def _cell(self, at: int) -> Cell | None:
        if at not in self._cells:
            try:
                self._cells[at] = read_cell(self.page, at)
            except FormatError:
                self._cells[at] = None
        return self._cells[at]

    def _row(self, at: int) -> Row | None:
        found = self._found(at)
        return found.row if found else None

    def _found(self, at: int) -> Found | None:
        """The record in a cell; many offsets are of the same."""
        if self._last[0] != at:
            self._last = (at, None)
            with suppress(FormatError, IndexError, struct.error):
                self._last = (at, self._read(at))
        return self._last[1]

    def _read(self, at: int) -> Found | None:
        cell = self._cell(at)
        if cell is None or not cell.local:
            return None
        record = self.page.data[cell.body : cell.body + cell.local]
        links: Links = ()
        if cell.overflow and self.state is State.LIVE:
            with suppress(FormatError):
                record = assemble(self.view.pages, self.page.data, cell, self.view.way)
        elif cell.overflow:
            more, links = self.carver.follow(cell.overflow, cell.size - cell.local)
            longer = with_overflow(record, more, fields(record), self.rules.codec)
            record, links = longer, links if len(longer) > len(record) else ()
        taken = fields(record)
        if self.state is not State.LIVE and not self._is_row(cell, record, taken):
            return None
        steps = self._row_steps(at, cell, record, taken)
        rowid = cell.rowid if self.page.kind == TABLE_LEAF else None
        row = Row(self.tree, steps, rowid, record, taken, self.rules.codec)
        return Found(at, cell.body, cell.end, row, links)

    def _is_row(self, cell: Cell, record: bytes, taken: tuple[Field, ...]) -> bool:
        """Whether SQLite may have written what the cell of a page that no longer counts holds."""
        tree = self.tree
        columns = tree.columns if tree else ()
        if not taken or taken[-1][3] != cell.size or (columns and len(taken) > len(columns)):
            return False
        alias = tree.alias if tree and tree.kind is Kind.ROWID else -1
        return evidence(record, taken, columns, alias, self.rules, is_cell=True) >= 0

    def _row_steps(self, at: int, cell: Cell, record: bytes, taken: tuple[Field, ...]) -> tuple[Step, ...]:
        """The steps of a row: its table, and its row id or position."""
        if self.page.kind == TABLE_LEAF:
            return (*self.steps, cell.rowid)
        if self.owned is None:
            return (*self.steps, "?")
        tree = self.owned.tree
        if tree.kind is Kind.INDEX and tree.has_rowid:
            kind, _, start, end = taken[-1]
            cut = end > len(record) or not 1 <= kind <= 9 or kind == 7
            rowid = None if cut else scalar(kind, record[start:end], "utf-8")
            return (tree.table, rowid) if isinstance(rowid, int) else (tree.table,)
        if self.state is not State.LIVE:
            return (tree.table, "?")
        position = self.view.owners.position(self.page.number, self.indices[at], self.owned)
        return (tree.name or tree.table, position)
