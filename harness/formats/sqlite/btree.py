"""B-tree pages and their cells, and the way through a tree.

Specified at https://sqlite.org/fileformat2.html#b_tree_pages. Damage never ends a walk: it is added to a list of
faults, and what can still be reached is given.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.faults import Faults
from harness.formats.sqlite.pages import Pages
from harness.formats.sqlite.record import varint

__all__ = [
    "INDEX_INTERIOR",
    "INDEX_KINDS",
    "INTERIOR",
    "LEAF",
    "TABLE_INTERIOR",
    "TABLE_LEAF",
    "Cell",
    "Page",
    "Walk",
    "assemble",
    "chain",
    "local_size",
    "may_overflow",
    "page_kinds",
    "read_cell",
    "read_page",
]

INDEX_INTERIOR, TABLE_INTERIOR, INDEX_LEAF, TABLE_LEAF = 2, 5, 10, 13
INTERIOR = (INDEX_INTERIOR, TABLE_INTERIOR)
INDEX_KINDS = (INDEX_INTERIOR, INDEX_LEAF)
LEAF = (INDEX_LEAF, TABLE_LEAF)
_CELL_FAULTS = (IndexError, struct.error, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a b-tree."""

    number: int
    data: bytes = field(repr=False)
    usable: int
    head: int
    """Where the b-tree header begins: 100 on the first page."""
    kind: int
    cells: tuple[int, ...]
    """Where each cell begins, in key order."""
    pointers_end: int
    """Where the array of cell pointers ends: the header's end, too."""
    right: int
    """The right-most child of an interior page, else 0."""

    def child(self, at: int) -> int:
        """The left child of the cell at `at` of an interior page."""
        return int.from_bytes(self.data[at : at + 4], "big")

    def children(self) -> list[int]:
        """All children, in key order."""
        return [*(self.child(at) for at in self.cells), self.right]


class Cell(NamedTuple):
    """Where the parts of a cell are."""

    rowid: int
    """0 in an index."""
    size: int
    """Of the payload."""
    body: int
    """Where the payload begins in the page."""
    local: int
    """How much of it is in the page."""
    overflow: int
    """The page that it goes on in, or 0."""

    @property
    def end(self) -> int:
        """Where the cell ends in its page."""
        return self.body + self.local + (4 if self.overflow else 0)


def page_kinds(tree: Tree) -> tuple[int, int]:
    """The kinds of page that a tree is made of."""
    return (TABLE_INTERIOR, TABLE_LEAF) if tree.kind is Kind.ROWID else INDEX_KINDS


def read_page(number: int, data: bytes, usable: int) -> Page:
    """Read a page's header and cell pointers.

    Raises:
        FormatError: it is no page of a b-tree.
    """
    head = 100 if number == 1 else 0
    kind = data[head]
    if kind not in INTERIOR and kind not in LEAF:
        raise FormatError(f"page {number} is no b-tree page")
    start = head + (12 if kind in INTERIOR else 8)
    count = int.from_bytes(data[head + 3 : head + 5], "big")
    end = start + 2 * count
    if end > usable:
        raise FormatError(f"page {number} claims more cells than it can hold")
    # Like SQLite, keep a damaged pointer within the page.
    cells = tuple(at & (len(data) - 1) for at in struct.unpack_from(f">{count}H", data, start))
    right = int.from_bytes(data[head + 8 : head + 12], "big") if kind in INTERIOR else 0
    return Page(number, data, usable, head, kind, cells, end, right)


def read_cell(page: Page, at: int) -> Cell:
    """Read the cell at `at` of a page.

    Raises:
        FormatError: it does not lie within the page.
    """
    data, kind = page.data, page.kind
    try:
        if kind == TABLE_LEAF:
            # One and two bytes, which nearly all are, without a call: every row is read here, several times over.
            first, second = data[at], data[at + 1]
            if first < 0x80:
                size, body = first, at + 1
            else:
                size, body = ((first & 0x7F) << 7 | second, at + 2) if second < 0x80 else varint(data, at)
            rowid, body = (data[body], body + 1) if data[body] < 0x80 else varint(data, body)
            rowid = rowid - (1 << 64) if rowid >> 63 else rowid
        elif kind == TABLE_INTERIOR:
            rowid, body = varint(data, at + 4)
            return Cell(rowid, 0, body, 0, 0)
        else:
            rowid = 0
            size, body = varint(data, at + 4 if kind == INDEX_INTERIOR else at)
    except _CELL_FAULTS as error:
        raise FormatError(f"a cell of page {page.number} is cut off") from error
    local = size
    if size > page.usable - 35 or (kind != TABLE_LEAF and size > (page.usable - 12) * 64 // 255 - 23):
        local = local_size(page.usable, size, kind)
    end = body + local
    overflow = int.from_bytes(data[end : end + 4], "big") if local < size else 0
    if end + (4 if local < size else 0) > page.usable:
        raise FormatError(f"a cell of page {page.number} does not lie within it")
    return Cell(rowid, size, body, local, overflow)


def may_overflow(page: Page, at: int) -> bool:
    """False where the first bytes of a cell already tell that all of it is in its page."""
    if page.kind != TABLE_LEAF:
        return True
    first, second = page.data[at], page.data[at + 1 : at + 2]
    return first >= 0x80 and (
        second >= b"\x80" or ((first & 0x7F) << 7 | second[0] if second else 1 << 16) > page.usable - 35
    )


def local_size(usable: int, size: int, kind: int) -> int:
    """How much of a payload stays in the page; the rest overflows."""
    most = usable - 35 if kind not in INDEX_KINDS else (usable - 12) * 64 // 255 - 23
    if size <= most:
        return size
    least = (usable - 12) * 32 // 255 - 23
    kept = least + (size - least) % (usable - 4)
    return kept if kept <= most else least


def assemble(pages: Pages, data: bytes, cell: Cell, faults: Faults) -> bytes:
    """The whole payload of a cell of a page with bytes `data`.

    Raises:
        FormatError: its chain of overflow pages is broken, or too many pages were visited.
    """
    chunks = [data[cell.body : cell.body + cell.local]]
    for number, size in chain(pages, cell, set()):
        faults.visit()
        chunks.append(pages.read(number)[4 : 4 + size])
    return b"".join(chunks)


def chain(pages: Pages, cell: Cell, seen: set[int]) -> Iterator[tuple[int, int]]:
    """Each overflow page of a cell, and how much of the payload it holds.

    Raises:
        FormatError: the chain is broken, or runs through pages in `seen`.
    """
    left = cell.size - cell.local
    number = cell.overflow
    while left > 0:
        if not 1 <= number <= pages.count or number in seen:
            raise FormatError("a chain of overflow pages is broken")
        seen.add(number)
        yield number, min(left, pages.header.usable - 4)
        left -= pages.header.usable - 4
        number = int.from_bytes(pages.read(number)[:4], "big")


class Walk:
    """The way through one tree, in key order, with what went wrong on it."""

    def __init__(self, pages: Pages, tree: Tree, faults: Faults) -> None:
        self._pages = pages
        self._tree = tree
        self._faults = faults
        self._seen: set[int] = set()
        self._kinds = page_kinds(tree)

    def stretches(self) -> Iterator[tuple[Page, int, int]]:
        """Runs of cells (page, first, end) that are rows: all of a leaf, or one of an interior index page."""
        stack: list[int | tuple[Page, int]] = [self._tree.root]
        while stack:
            item = stack.pop()
            if isinstance(item, tuple):
                yield item[0], item[1], item[1] + 1
                continue
            page = self._page(item)
            if page is None:
                continue
            if page.kind in LEAF:
                yield page, 0, len(page.cells)
                continue
            stack.append(page.right)
            for at in range(len(page.cells) - 1, -1, -1):
                if page.kind == INDEX_INTERIOR:
                    stack.append((page, at))
                stack.append(page.child(page.cells[at]))

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """The row id (or the position, from 1, where there is none) and the record of each row."""
        keyed = self._tree.kind is not Kind.ROWID
        position = 0
        for page, first, end in self.stretches():
            spent = 0
            for at in page.cells[first:end]:
                position += 1
                try:
                    cell = read_cell(page, at)
                    record = self._record(page.data, cell)
                except FormatError as error:
                    self._faults.add(str(error))
                    continue
                spent += cell.local
                if spent > page.usable:
                    # Cells that share bytes would make a small page yield without end.
                    self._faults.add(f"cells of page {page.number} overlap")
                    break
                yield (position if keyed else cell.rowid), record

    def _record(self, data: bytes, cell: Cell) -> bytes:
        if cell.local == cell.size:
            return data[cell.body : cell.body + cell.size]
        return assemble(self._pages, data, cell, self._faults)

    def _page(self, number: int) -> Page | None:
        """The page, unless it is damaged, of another tree, or was here before."""
        if number in self._seen:
            self._faults.add(f"page {number} is reached twice")
            return None
        self._seen.add(number)
        try:
            self._faults.visit()
            page = read_page(number, self._pages.read(number), self._pages.header.usable)
        except FormatError as error:
            self._faults.add(str(error))
            return None
        if page.kind not in self._kinds:
            self._faults.add(f"page {number} is of another kind than its tree")
            return None
        return page
