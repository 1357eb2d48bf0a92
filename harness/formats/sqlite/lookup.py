"""Live rows by row id, for telling what is deleted from what only moved."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from harness.errors import FormatError, LimitError
from harness.formats.sqlite.btree import TABLE_INTERIOR, TABLE_LEAF, Page, assemble, read_cell
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import as_stored
from harness.formats.sqlite.record import values
from harness.formats.sqlite.sheets import Flags, Numbers, Octets, sheets
from harness.formats.sqlite.soundness import sound_cells
from harness.formats.sqlite.view import View
from harness.model import Scalar, Step

__all__ = ["Lookup"]

_MOST_PAGES = 256
_DEEPEST = 20
_FIRST = 8
"""Bytes of a row that are compared in all rows at once."""


class Lookup:
    """Finds rows in the trees of one state of a database."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._trees = {tree.table: tree for tree in reversed(view.trees) if not tree.is_index}
        self._pages: OrderedDict[int, tuple[Page, list[int]] | None] = OrderedDict()

    def record(self, table: str, rowid: int) -> bytes | None:
        """A row as it is stored; `None` where there is none."""
        place = self._place(table, rowid)
        if place is None:
            return None
        _, page, at = place
        try:
            cell = read_cell(page, page.cells[at])
            return assemble(self._view.pages, page.data, cell, self._view.way)
        except FormatError:
            return None

    def row(self, table: str, rowid: int) -> Mapping[Step, Scalar] | None:
        """The values of a row by column; `None` where there is none."""
        record = self.record(table, rowid)
        tree = self._trees.get(table)
        if record is None or tree is None:
            return None
        try:
            stored = values(record, self._view.pages.header.codec)
        except FormatError:
            return None
        stored += [column.default if column else None for column in tree.columns[len(stored) :]]
        found: dict[Step, Scalar] = {}
        for position, value in enumerate(stored):
            column = tree.column(position)
            if column is not None:
                found[column.name] = as_stored(value, tree, position, rowid)
        return found

    def records(self, table: str, firsts: Collection[bytes]) -> Iterator[bytes]:
        """Rows of a table as they are stored: all whose fields begin with one of these bytes, and perhaps others."""
        orders = [order for order, tree in enumerate(self._view.trees) if tree is self._trees.get(table)]
        return (record for order in orders for record in self._records(order, firsts))

    def entries(self, index: str, firsts: Collection[bytes]) -> Iterator[bytes]:
        """The same of an index."""
        trees = enumerate(self._view.trees)
        orders = [order for order, tree in trees if tree.is_index and tree.name == index]
        return (record for order in orders for record in self._records(order, firsts))

    def _records(self, order: int, firsts: Collection[bytes]) -> Iterator[bytes]:
        wanted: dict[int, list[int]] = {}
        for first in {each[:_FIRST] for each in firsts}:
            wanted.setdefault(len(first), []).append(int.from_bytes(first, "big"))
        for some in sheets(self._view.pages, self._view.owners.pages(order)):
            found = sound_cells(some)
            cells = found.cells.where(found.cells.headers > 0)
            cells = cells.where(_begin_so(some.flat, cells.records + cells.headers, wanted))
            for start, end in zip(cells.records.tolist(), cells.ends.tolist(), strict=True):
                yield some.flat[start:end].tobytes()
            for number in some.numbers[~found.is_sound].tolist():
                yield from self._records_of(number)

    def _records_of(self, number: int) -> Iterator[bytes]:
        """The records in a page that goes on in others, or that is damaged."""
        page = self._view.page(number)
        if page is None or page.kind == TABLE_INTERIOR:
            return
        for at in page.cells:
            try:
                yield assemble(self._view.pages, page.data, read_cell(page, at), self._view.way)
            except LimitError:
                return
            except FormatError:
                continue

    def _place(self, table: str, rowid: int) -> tuple[Tree, Page, int] | None:
        """The leaf and the cell that hold a row."""
        tree = self._trees.get(table)
        if tree is None or tree.kind is not Kind.ROWID:
            return None
        number = tree.root
        for _ in range(_DEEPEST):
            held = self._page(number)
            if held is None:
                return None
            page, ids = held
            at = bisect_left(ids, rowid)
            if page.kind == TABLE_LEAF:
                return (tree, page, at) if at < len(ids) and ids[at] == rowid else None
            number = page.child(page.cells[at]) if at < len(ids) else page.right
        return None

    def _page(self, number: int) -> tuple[Page, list[int]] | None:
        """A page of a table, with the row ids of its cells."""
        if number in self._pages:
            self._pages.move_to_end(number)
            return self._pages[number]
        page = self._view.page(number)
        held = None
        if page is not None and page.kind in (TABLE_LEAF, TABLE_INTERIOR):
            try:
                held = page, [read_cell(page, at).rowid for at in page.cells]
            except FormatError:
                held = None
        self._pages[number] = held
        if len(self._pages) > _MOST_PAGES:
            self._pages.popitem(last=False)
        return held


def _begin_so(flat: Octets, starts: Numbers, wanted: Mapping[int, Sequence[int]]) -> Flags:
    """At which offsets one of some numbers stands, which are told by how many bytes they have."""
    found = np.full(len(starts), 0 in wanted)
    number = np.zeros(len(starts), np.uint64)
    for size in range(1, _FIRST + 1):
        number = number << np.uint64(8) | flat.take(starts + size - 1, mode="clip")
        if size in wanted:
            found |= np.isin(number, np.array(wanted[size], np.uint64))
    return found
