"""Live rows by row id, for telling what is deleted from what only moved."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from harness.errors import FormatError
from harness.formats.sqlite.btree import TABLE_INTERIOR, TABLE_LEAF, Page, assemble, read_cell
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

    def row(self, table: str, rowid: int) -> Mapping[Step, Scalar] | None:
        """The values of a row by column; `None` where there is none."""
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
                return self._values(tree, page, at) if at < len(ids) and ids[at] == rowid else None
            number = page.child(page.cells[at]) if at < len(ids) else page.right
        return None

    def rows(self, table: str) -> Iterator[tuple[list[Step], list[Scalar]]]:
        """Columns and values of each row of a table, without the column that is the row id."""
        tree = self._trees.get(table)
        if tree is None:
            return
        kept = [
            position for position in range(len(tree.columns)) if position != tree.alias or tree.kind is not Kind.ROWID
        ]
        names: list[Step] = [column.name if (column := tree.column(position)) else "" for position in kept]
        for rowid, stored in self._view.rows(tree, self._view.faults()):
            stored += [column.default if column else None for column in tree.columns[len(stored) :]]
            yield names, [as_stored(stored[position], tree, position, rowid) for position in kept]

    def _values(self, tree: Tree, page: Page, at: int) -> Mapping[Step, Scalar] | None:
        try:
            cell = read_cell(page, page.cells[at])
            record = assemble(self._view.pages, page.data, cell, self._view.way)
            stored = values(record, self._view.pages.header.codec)
        except FormatError:
            return None
        stored += [column.default if column else None for column in tree.columns[len(stored) :]]
        found: dict[Step, Scalar] = {}
        for position, value in enumerate(stored):
            column = tree.column(position)
            if column is not None:
                found[column.name] = as_stored(value, tree, position, cell.rowid)
        return found

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
