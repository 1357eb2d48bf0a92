"""What the records of each table look like from outside: the types that its columns allow.

It tells rows from other bytes where nothing points to them any more, and tables from each other.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from harness.errors import FormatError
from harness.formats.sqlite.btree import INDEX_KINDS, LEAF, Page, read_cell
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.record import serials

__all__ = ["Atlas", "Layout", "Match", "alike", "layouts", "matches"]

_LONG = rb"[\x80-\xff]{1,2}[\x00-\x7f]"
_NUMBERS = rb"\x01-\x09"
_NO_NUMBERS = rb""
_NUMBERS_ONLY = frozenset({"INTEGER", "REAL"})
_ROWIDS = frozenset({1, 2, 3, 4, 5, 6, 8, 9})
"""Serial types of whole numbers."""
_MOST_TABLES = 500
_MOST_COLUMNS = 100  # a record header longer than a byte can say is not looked for
_MOST_RECORDS = 200
"""Records of a page that are looked at to tell its table."""
_LEAST_TEXT = 0x20
"""Lengths of headers from here on look like text, and are looked for table by table."""
_MOST_WIDE = 8


@dataclass(frozen=True, eq=False)
class Layout:
    """What the headers of a table's records look like."""

    tree: Tree
    page_size: int
    is_gone: bool = False
    """The schema no longer has it: this is how a table once was."""

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

    @property
    def is_readable(self) -> bool:
        """Rows of the table can be told from other bytes at all."""
        return 0 < len(self.tree.columns) <= _MOST_COLUMNS

    def fits(self, kinds: Sequence[int]) -> bool:
        """Whether a record with these serial types may be a row of the table."""
        columns = self.tree.columns
        if len(kinds) != len(columns):
            return False
        for position, (kind, column) in enumerate(zip(kinds, columns, strict=True)):
            if position == self.tree.alias:
                if kind and self.tree.kind is Kind.ROWID:
                    return False
            elif kind == 0:
                if column and column.filled:
                    return False
            # Text in a numeric column is allowed, a number in a text column is not: SQLite would have made it text.
            elif kind in (10, 11) or (kind < 12 and column is not None and column.affinity == "TEXT"):
                return False
        return not self.tree.is_index or not self.tree.has_rowid or kinds[-1] in _ROWIDS

    def likes(self, kinds: Sequence[int]) -> bool:
        """Whether nothing in a record that fits is unusual: text in a column of numbers, or a blob in one of text."""
        return not any(
            column is not None
            and (
                (kind >= 12 and column.affinity in _NUMBERS_ONLY)
                or (kind >= 12 and not kind & 1 and column.affinity == "TEXT")
            )
            for kind, column in zip(kinds, self.tree.columns, strict=False)
        )

    def _types(self, start: int) -> bytes:
        return b"".join(self._type(position) for position in range(start, len(self.tree.columns)))

    def _type(self, position: int) -> bytes:
        if position == self.tree.alias:
            return rb"\x00"
        column = self.tree.columns[position]
        null = b"" if column and column.filled else rb"\x00"
        numbers = _NO_NUMBERS if column and column.affinity == "TEXT" else _NUMBERS
        return rb"(?:[" + null + numbers + rb"\x0c-\x7f]|" + _LONG + rb")"


@dataclass(frozen=True)
class Atlas:
    """All layouts that a database has or had, by the number of columns."""

    layouts: tuple[Layout, ...]
    _by_count: dict[tuple[bool, int], list[Layout]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for layout in self.layouts:
            key = (layout.tree.kind is Kind.ROWID, len(layout.tree.columns))
            self._by_count.setdefault(key, []).append(layout)

    @cached_property
    def heads(self) -> tuple[re.Pattern[bytes], ...]:
        """The length of any record's header, as short as most are; and the headers of some wide tables."""
        lengths = [size for size in self.sizes if size < _LEAST_TEXT]
        wide = [layout for layout in self.layouts if len(layout.tree.columns) >= _LEAST_TEXT - 4][:_MOST_WIDE]
        short = b"[" + b"".join(re.escape(bytes([size])) for size in sorted(lengths)) + b"]"
        patterns = [re.compile(short, re.DOTALL)] if lengths else []
        return (*patterns, *(layout.heads for layout in wide))

    @cached_property
    def sizes(self) -> frozenset[int]:
        """How long the header of a record may be."""
        return frozenset(size for _, n in self._by_count for size in range(n + 1, 3 * n + 2))

    def of(self, kinds: Sequence[int], *, has_rowid: bool) -> list[Layout]:
        """Layouts that a record with these serial types may be of."""
        return [each for each in self._by_count.get((has_rowid, len(kinds)), ()) if each.fits(kinds)]


def alike(found: Sequence[Layout]) -> Tree:
    """What layouts that fit the same rows have in common: all but the name of the table, where there are several."""
    first = next((layout for layout in found if not layout.is_gone), found[0])
    if len({(layout.tree.table, layout.tree.kind) for layout in found}) == 1:
        return first.tree
    names = {tuple(column.name if column else "" for column in layout.tree.columns) for layout in found}
    columns = first.tree.columns if len(names) == 1 else ()
    return replace(first.tree, table="?", name="", columns=columns, alias=first.tree.alias if columns else -1)


@dataclass(frozen=True, slots=True)
class Match:
    """The table that a page of unknown origin looks to be of."""

    tree: Tree
    """Without its name, where another table's rows look just the same."""
    layout: Layout
    confidence: float
    """Records that may be of the table, in all that there are."""


def layouts(trees: Iterable[Tree], page_size: int, *, is_gone: bool = False) -> tuple[Layout, ...]:
    """The layouts of the first trees of a database: a hostile schema may have very many."""
    found = (Layout(tree, page_size, is_gone) for tree in trees)
    return tuple(islice((layout for layout in found if layout.is_readable), _MOST_TABLES))


def matches(page: Page, known: Atlas) -> Match | None:
    """The table whose rows a page of unknown origin looks to hold.

    It is named where no other table's rows look like these; else only its columns are, which are the same.
    """
    has_rowid = page.kind not in INDEX_KINDS
    in_cells = page.cells and page.kind in LEAF
    records = list(islice(_in_cells(page), _MOST_RECORDS)) if in_cells else []
    counts: dict[Layout, tuple[int, int]] = {}
    for kinds in records:
        for layout in known.of(kinds, has_rowid=has_rowid):
            fitting, liked = counts.get(layout, (0, 0))
            counts[layout] = fitting + 1, liked + layout.likes(kinds)
    most = max(counts.values(), default=(0, 0))
    if not most[0] or 2 * most[0] <= min(len(page.cells), _MOST_RECORDS):
        return None
    best = [layout for layout, count in counts.items() if count == most]
    return Match(alike(best), best[0], most[0] / len(records))


def _in_cells(page: Page) -> Iterator[list[int]]:
    """The serial types of each record in a cell of a page."""
    for at in page.cells:
        try:
            cell = read_cell(page, at)
            yield serials(page.data[cell.body : cell.body + cell.local])[0]
        except (FormatError, IndexError):
            continue
