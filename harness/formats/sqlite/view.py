"""One state of a database, with what `locate`, `account` and `expand` ask of it: who owns which page."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats.sqlite.btree import Cell, Page, Walk, chain, may_overflow, read_cell, read_page
from harness.formats.sqlite.catalog import MASTER, Tree, catalog
from harness.formats.sqlite.declaration import Column
from harness.formats.sqlite.faults import Faults
from harness.formats.sqlite.layout import Layout, layouts
from harness.formats.sqlite.owners import Owned, Owners
from harness.formats.sqlite.pages import Pages
from harness.formats.sqlite.record import fields, values
from harness.limits import Limits
from harness.model import Scalar

__all__ = ["Link", "View"]

_MOST_SAMPLED = 200
"""Long rows that are looked at to tell which columns are long."""


class Link(NamedTuple):
    """What an overflow page continues."""

    page: int
    """The page that the cell is in."""
    at: int
    """Where the cell begins there."""
    offset: int
    """Of the overflow page's content, in the payload."""
    size: int


class View:
    """The pages of one state, and lazily all that follows from them."""

    def __init__(self, pages: Pages, limits: Limits) -> None:
        self.pages = pages
        held = len(pages.document.data) // pages.header.page_size + 1 + len(pages.moved)
        self.count = min(pages.count, held)
        """Pages that can be there, whatever the header claims."""
        self._limits = limits
        self.way = self.faults()
        """Caps what single answers may cost together."""

    def faults(self) -> Faults:
        """A fresh collection of faults, for one way through the database."""
        return Faults(self.count, self._limits)

    @property
    def trees(self) -> tuple[Tree, ...]:
        """All b-trees, as far as the schema can be read."""
        return self._schema[0]

    @property
    def schema_fault(self) -> str:
        """What is wrong with the schema; empty where nothing is."""
        return self._schema[1]

    @cached_property
    def _schema(self) -> tuple[tuple[Tree, ...], str]:
        faults = self.faults()
        return self.read_trees(faults), faults.first

    def read_trees(self, faults: Faults) -> tuple[Tree, ...]:
        """All b-trees; what is wrong with the schema is added to `faults`."""
        return catalog((row for _, row in self.rows(MASTER, faults)), faults)

    def rows(self, tree: Tree, faults: Faults) -> Iterator[tuple[int, list[Scalar]]]:
        """Row id (or position) and stored values of each row of a tree."""
        codec = self.pages.header.codec
        for rowid, record in Walk(self.pages, tree, faults).rows():
            try:
                row = values(record, codec)
            except FormatError as error:
                faults.add(str(error))
                continue
            yield rowid, row

    @cached_property
    def owners(self) -> Owners:
        """Which tree each page belongs to."""
        return Owners(self.pages, self.trees, self.count)

    @cached_property
    def layouts(self) -> tuple[Layout, ...]:
        """What the rows of each table look like, for finding their remains."""
        return layouts(self.trees, self.pages.header.page_size)

    def owner(self, number: int) -> Owned | None:
        """The tree that a page belongs to, if any does."""
        return self.owners.of(number)

    def page(self, number: int) -> Page | None:
        """A b-tree page, if it can be read as one."""
        try:
            return read_page(number, self.pages.read(number), self.pages.header.usable)
        except FormatError:
            return None

    def cells(self, tree: Tree) -> Iterator[tuple[Page, int, int]]:
        """Page, index and offset of each cell that is a row of a tree."""
        for page, first, end in Walk(self.pages, tree, self.faults()).stretches():
            for index in range(first, end):
                yield page, index, page.cells[index]

    @cached_property
    def free(self) -> Mapping[int, int]:
        """Pages on the freelist: how many bytes of each are structure."""
        found: dict[int, int] = {}
        trunk = self.pages.header.freelist
        while 1 < trunk <= self.count and trunk not in found:
            try:
                data = self.pages.read(trunk)
            except FormatError:
                break
            count = min(int.from_bytes(data[4:8], "big"), self.pages.header.usable // 4 - 2)
            found[trunk] = 8 + 4 * count
            for at in range(8, 8 + 4 * count, 4):
                leaf = int.from_bytes(data[at : at + 4], "big")
                if 1 < leaf <= self.count:
                    found.setdefault(leaf, 0)
            trunk = int.from_bytes(data[:4], "big")
        return found

    @cached_property
    def links(self) -> Mapping[int, Link]:
        """Overflow pages, by number."""
        found: dict[int, Link] = {}
        seen: set[int] = set()
        for tree in self.trees:
            for page, cell, at in self.overflowing(tree):
                offset = cell.local
                try:
                    for number, size in chain(self.pages, cell, seen):
                        found[number] = Link(page.number, at, offset, size)
                        offset += size
                except FormatError:
                    continue
        return found

    def long_columns(self, tree: Tree) -> set[Column]:
        """Columns of a tree of which a value is cut by the end of a page."""
        found = set[Column]()
        for page, cell, _ in islice(self.overflowing(tree), _MOST_SAMPLED):
            with suppress(FormatError, IndexError):
                for position, (_, _, _, end) in enumerate(fields(page.data[cell.body : cell.body + cell.local])):
                    column = tree.column(position)
                    if end > cell.local and column is not None:
                        found.add(column)
                        break
        return found

    def overflowing(self, tree: Tree) -> Iterator[tuple[Page, Cell, int]]:
        """Page, cell and offset of each cell of a tree that goes on in overflow pages."""
        for page, _, at in self.cells(tree):
            if not may_overflow(page, at):
                continue
            try:
                cell = read_cell(page, at)
            except FormatError:
                continue
            if cell.overflow:
                yield page, cell, at
