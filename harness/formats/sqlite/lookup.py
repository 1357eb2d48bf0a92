"""Live rows by row id, for telling what is deleted from what only moved."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from harness.errors import FormatError
from harness.formats.sqlite.btree import TABLE_INTERIOR, TABLE_LEAF, Page, Walk, assemble, read_cell
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import as_stored
from harness.formats.sqlite.record import values
from harness.formats.sqlite.view import View
from harness.model import Scalar, Step

__all__ = ["Lookup"]

_MOST_PAGES = 256
_DEEPEST = 20


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

    def records(self, table: str) -> Iterator[bytes]:
        """Each row of a table, as it is stored."""
        tree = self._trees.get(table)
        if tree is not None:
            yield from (record for _, record in Walk(self._view.pages, tree, self._view.faults()).rows())

    def entries(self, index: str) -> Iterator[bytes]:
        """Each entry of an index, as it is stored."""
        for tree in self._view.trees:
            if tree.is_index and tree.name == index:
                yield from (record for _, record in Walk(self._view.pages, tree, self._view.faults()).rows())

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
