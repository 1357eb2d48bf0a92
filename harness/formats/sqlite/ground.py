"""A page in which rows are looked for that nothing points to, and what makes bytes of it a row."""

import struct
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias

from harness.errors import FormatError
from harness.formats.sqlite.btree import INDEX_KINDS, TABLE_LEAF, Page, local_size, read_cell
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import Row
from harness.formats.sqlite.layout import Atlas, Layout
from harness.formats.sqlite.plausible import Rules, evidence, goes_on
from harness.formats.sqlite.record import Field, laid_out, scalar, varint, width, written
from harness.model import Step

__all__ = ["LEAST", "Edges", "Follow", "Found", "Ground", "Kinds", "Links", "bare", "with_overflow"]

Links: TypeAlias = tuple[tuple[str, int, int], ...]
"""Part, offset and length of each stretch of a record that is in an overflow page."""
Follow: TypeAlias = Callable[[int, int], tuple[bytes, Links]]
"""From the first overflow page, and how much is to follow, to what is still there of it."""
Kinds: TypeAlias = Iterable[tuple[int, int]]
"""Serial types, each with where it stands."""
LEAST = 6
"""Bytes of the smallest remains that are looked at."""
_TAKEN = 4
"""Bytes of a freeblock's head; fewer bytes than these between two cells are lost, and no block."""
_NEAR_IDS = 1000
"""How far the id of a deleted row may be from those of the page that it is in."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is left of one row in a page."""

    at: int
    """Where it begins: its cell, or the first byte that is its own."""
    body: int
    """Where its record begins, or would."""
    end: int
    """Where what is left of it in the page ends."""
    row: Row
    links: Links = ()
    is_copy: bool = False
    """The same cell is live elsewhere."""

    @property
    def is_whole(self) -> bool:
        """All of its record is there."""
        return self.row.fields[-1][3] <= len(self.row.record)

    def cut(self, end: int) -> "Found":
        """As much of it as stands before an offset."""
        row, record = self.row, self.row.record[: max(0, end - self.body)]
        # The last field of an entry is its row id.
        is_lost = row.tree is not None and row.tree.is_index and row.fields[-1][3] > len(record)
        steps: tuple[Step, ...] = (row.steps[0], "?") if is_lost else row.steps
        return replace(self, end=end, links=(), row=replace(row, record=record, steps=steps))


class Edges(NamedTuple):
    """Offsets in a page that say where rows may begin and end."""

    page: Collection[int]
    """Where cells of the page begin, its freeblocks end, and it does."""
    found: Collection[int]
    """Where what was found already begins, and the stretch ends."""
    blocks: Collection[int]
    """Where freeblocks once began, as what is left of their heads says."""
    rows: Collection[int]
    """Where rows of the page's own table that are whole begin and end."""

    def has(self, at: int) -> bool:
        """Whether a row may end there."""
        return at in self.page or at in self.found


@dataclass(frozen=True)
class Ground:
    """One page."""

    page: Page
    own: tuple[Layout, ...]
    """Layouts of the table that the page belongs to."""
    atlas: Atlas
    """Of all tables: pages are reused."""
    rules: Rules
    follow: Follow
    is_tree: bool = True
    """The page is one of a tree, or was until its begin was written over; else it may be anything."""

    @property
    def data(self) -> bytes:
        """The page's bytes."""
        return self.page.data

    @property
    def is_keyed(self) -> bool:
        """Whether cells of the page have no row ids."""
        return self.page.kind in INDEX_KINDS

    @cached_property
    def blocks(self) -> Mapping[int, int]:
        """Freeblocks of the page: where each begins, and its size."""
        data, page, found = self.data, self.page, dict[int, int]()
        at = int.from_bytes(data[page.head + 1 : page.head + 3], "big") if page.cells else 0
        while page.pointers_end <= at <= page.usable - _TAKEN and at not in found:
            following, found[at] = struct.unpack_from(">2H", data, at)
            if following and following <= at:
                break
            at = following
        return found

    @cached_property
    def id_sizes(self) -> range:
        """How many bytes the id of a row of the page may take."""
        cells = self.page.cells if self.page.kind == TABLE_LEAF else ()
        try:
            # They are in their order.
            ids = [read_cell(self.page, at).rowid for at in (*cells[:1], *cells[-1:])]
        except FormatError:
            return range(1, 10)
        if not ids or min(ids) < 0:
            return range(1, 10)
        low, high = max(0, min(ids) - _NEAR_IDS), max(ids) + _NEAR_IDS
        return range(len(written(low)), len(written(high)) + 1)

    def record(self, at: int, kinds: Kinds, body: int, high: int) -> tuple[bytes, Links, int]:
        """What is there of the record that begins at `at`, with fields of these types from `body` of it on, and where
        that ends in the page."""
        total = body + sum(width(kind) for kind, _ in kinds)
        local = local_size(self.page.usable, total, self.page.kind)
        end = at + local
        if end > high or local == total:
            return self.data[at : min(end, high)], (), min(end, high)
        if end + 4 > high:
            return self.data[at:end], (), high
        first = int.from_bytes(self.data[end : end + 4], "big")
        more, links = self.follow(first, total - local)
        record = with_overflow(self.data[at:end], more, laid_out(kinds, body), self.rules.codec)
        return record, links if len(record) > local else (), end + 4

    def bits(self, record: bytes, kinds: Kinds, layout: Layout, body: int) -> int:
        """Evidence that a record, whose fields begin at `body` of it, is a row; -1 where it is none."""
        alias = layout.tree.alias if layout.tree.kind is Kind.ROWID else -1
        return evidence(record, laid_out(kinds, body), layout.tree.columns, alias, self.rules)

    def sound(self, record: bytes, kinds: Kinds, layout: Layout, body: int) -> tuple[int, bytes]:
        """As much of a record as may be one, and the evidence that it is: the rest was written over."""
        kinds = list(kinds)
        for _, _, start, _ in reversed(laid_out(kinds, body)):
            if body < start < len(record):
                record = record[:start]
                bits = self.bits(record, kinds, layout, body)
                if bits >= 0:
                    return bits, record
        return -1, record

    def vouched(self, record: bytes, kinds: Kinds, body: int) -> bytes:
        """As much of a record as its texts vouch for: where nothing stands at its end that would, numbers behind the
        last text may be what was written over them."""
        fields = laid_out(kinds, body)
        texts = [end for kind, _, start, end in fields if kind >= 15 and kind & 1 and end <= len(record)]
        return record[: texts[-1]] if texts else b""

    def is_head(self, at: int, low: int = 0) -> bool:
        """Whether the head of a freeblock may stand at an offset."""
        if not low <= at <= self.page.usable - _TAKEN:
            return False
        following, size = struct.unpack_from(">2H", self.data, at)
        end = at + size
        return size >= _TAKEN and end <= self.page.usable and (not following or end < following < self.page.usable)

    def is_anchored(self, at: int, edges: Edges) -> bool:
        """Whether something stands at an offset that says that a cell ended there: a cell, a freeblock, or an end."""
        if at in edges.blocks or any(edges.has(at + lost) for lost in range(_TAKEN)):
            return True
        if self.is_head(at):
            end = at + int.from_bytes(self.data[at + 2 : at + 4], "big")
            if edges.has(end) or any(self.is_cell(end, layout) for layout in self.own):
                return True
            if any(layout.heads.match(self.data, at + n) for layout in self.own for n in range(_TAKEN, 2 * _TAKEN)):
                return True
        # In an interior page of an index, the number of a child comes first.
        begins = (at, at + 4) if self.is_keyed else (at,)
        return any(self.is_cell(begin, layout) for begin in begins for layout in self.own)

    def is_cell(self, at: int, layout: Layout) -> bool:
        """Whether the head of a cell of a layout stands at an offset, whatever became of the rest."""
        if self.page.usable - at < 2 * LEAST + 8:
            return False
        size, body = varint(self.data, at)
        if layout.tree.kind is Kind.ROWID:
            _, body = varint(self.data, body)
        return LEAST // 2 < size < 1 << 31 and layout.heads.match(self.data, body) is not None

    def found(
        self,
        layout_tree: Tree,
        kinds: Kinds,
        at: tuple[int, int, int, int],
        record: bytes,
        rowid: int | None,
        links: Links,
    ) -> Found:
        """The row of which these are the types; `at` is where its cell, record and fields begin, and its end."""
        start, body, first, end = at
        fields = laid_out([(kind, told - body) for kind, told in kinds], first - body)
        step: Step = "?" if rowid is None else rowid
        if layout_tree.is_index and layout_tree.has_rowid and fields[-1][3] <= len(record):
            kind, _, low, high = fields[-1]
            number = scalar(kind, record[low:high], "utf-8")
            step = number if isinstance(number, int) else "?"
        row = Row(layout_tree, (layout_tree.table, step), rowid, record, fields, self.rules.codec)
        return Found(start, body, end, row, links)


def with_overflow(local: bytes, more: bytes, fields: Iterable[Field], codec: str) -> bytes:
    """A record with what overflow pages hold of it, unless that is not how its text goes on."""
    for kind, _, start, end in fields:
        if start < len(local) < end and kind & 1 and not goes_on(local[start:], more[: end - len(local)], codec):
            return local
    return local + more


def bare(kinds: Kinds) -> list[int]:
    """The types alone."""
    return [kind for kind, _ in kinds]
