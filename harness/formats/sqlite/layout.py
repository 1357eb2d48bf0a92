"""What the records of a table look like from outside: the types that its columns allow.

It tells rows from other bytes where nothing points to them any more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from harness.errors import FormatError
from harness.formats.sqlite.btree import INDEX_KINDS, LEAF, Page, read_cell
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.record import serials, varint, width

__all__ = ["Layout", "layouts", "resembling"]

_LONG = rb"[\x80-\xff]{1,2}[\x00-\x7f]"
_KINDS = {
    "TEXT": rb"(?:[\x00\x0d-\x7f]|" + _LONG + rb")",
    "REAL": rb"[\x00-\x09]",
    "INTEGER": rb"(?:[\x00-\x06\x08\x09\x0d-\x7f]|" + _LONG + rb")",
}
"""What the serial type of a value of each affinity looks like."""
_ANY = rb"(?:[\x00-\x09\x0c-\x7f]|" + _LONG + rb")"
_MOST_TABLES = 500
_MOST_COLUMNS = 100  # a record header longer than a byte can say is not looked for
_CELL = re.compile(rb"(?=(?:[\x04-\x7f]|[\x81-\xff][\x00-\x7f])([\x80-\xff]{0,8}[\x00-\x7f])[\x02-\x7f])", re.DOTALL)
"""The head of a table's leaf cell: how long, which row, then the length of the record's header."""


@dataclass(frozen=True)
class Layout:
    """What the headers of a table's records look like."""

    tree: Tree
    page_size: int

    @cached_property
    def heads(self) -> re.Pattern[bytes]:
        """The header of a record: its length, then a type for each column."""
        count = len(self.tree.columns)
        length = b"[%s-%s]" % (re.escape(bytes([count + 1])), re.escape(bytes([min(3 * count + 1, 0x7F)])))
        return re.compile(b"(?=" + length + self._types(0) + b")", re.DOTALL)

    @cached_property
    def lost(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
        """What is left of a header whose length is lost, and of one whose first type is lost too."""
        return re.compile(self._types(0), re.DOTALL), re.compile(self._types(1), re.DOTALL)

    @cached_property
    def marks(self) -> re.Pattern[bytes]:
        """The head of a freeblock, which stays where the block became part of the gap: the next one, and a size."""
        number = b"[\x00-" + re.escape(bytes([(self.page_size - 1) >> 8])) + b"]."
        return re.compile(b"(?=" + number + rb"(?!\x00[\x00-\x04])" + number + b")", re.DOTALL)

    @property
    def is_readable(self) -> bool:
        """Rows of the table can be told from other bytes at all."""
        return self.tree.kind is not Kind.INDEX and 0 < len(self.tree.columns) <= _MOST_COLUMNS

    def fits(self, kinds: list[int]) -> bool:
        """Whether a record with these serial types may be a row of the table."""
        columns = self.tree.columns
        if len(kinds) != len(columns):
            return False
        for position, (kind, column) in enumerate(zip(kinds, columns, strict=True)):
            affinity = column.affinity if column else ""
            if kind == 0:
                continue
            if position == self.tree.alias or kind in (10, 11):
                return False
            # Text in a numeric column is allowed, a number in a text column is not: SQLite would have made it text.
            if (affinity == "TEXT" and not (kind >= 13 and kind & 1)) or (affinity == "REAL" and kind >= 12):
                return False
        return True

    def _types(self, start: int) -> bytes:
        parts = []
        for position, column in enumerate(self.tree.columns[start:], start):
            known = rb"\x00" if position == self.tree.alias else _KINDS.get(column.affinity if column else "", _ANY)
            parts.append(known)
        return b"".join(parts)


def layouts(trees: Iterable[Tree], page_size: int) -> tuple[Layout, ...]:
    """The layouts of the first tables of a database: a hostile schema may have very many."""
    found = (Layout(tree, page_size) for tree in trees)
    return tuple(islice((layout for layout in found if layout.is_readable), _MOST_TABLES))


def resembling(page: Page, known: Iterable[Layout]) -> Tree | None:
    """The layout of the table whose rows a page of unknown origin looks to hold; not a claim that they are of it."""
    kind = Kind.KEYED if page.kind in INDEX_KINDS else Kind.ROWID
    records = list(_in_cells(page) if page.cells and page.kind in LEAF else _loose(page))
    best, most = None, len(page.cells) // 2 if page.kind in LEAF else 0
    for layout in known if records else ():
        if layout.tree.kind is kind and (count := sum(map(layout.fits, records))) > most:
            best, most = layout.tree, count
    return replace(best, table="?") if best else None


def _in_cells(page: Page) -> Iterator[list[int]]:
    """The serial types of each record in a cell of a page."""
    for at in page.cells:
        try:
            cell = read_cell(page, at)
            yield serials(page.data[cell.body : cell.body + cell.local])[0]
        except (FormatError, IndexError):
            continue


def _loose(page: Page) -> Iterator[list[int]]:
    """The serial types of each record of a page that says twice how long it is, in its cell and by its header."""
    data = page.data
    for match in _CELL.finditer(data, page.pointers_end, page.usable):
        size, _ = varint(data, match.start())
        at = match.end(1)
        end = at + data[at]
        if not data[at] < size <= page.usable - at:
            continue
        kinds = []
        left = size - data[at]
        at += 1
        while at < end and left >= 0:
            kind, at = varint(data, at)
            kinds.append(kind)
            left -= width(kind)
        if at == end and left == 0:
            yield kinds
