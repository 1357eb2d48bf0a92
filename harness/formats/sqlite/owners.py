"""Which tree each page of a database belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from harness.errors import FormatError
from harness.formats.sqlite.btree import INTERIOR, LEAF, Page, page_kinds, read_page
from harness.formats.sqlite.catalog import Tree
from harness.formats.sqlite.pages import Pages
from harness.formats.sqlite.sheets import Heads, Numbers, heads_of

__all__ = ["Owned", "Owners"]

_TWICE = "page {} is reached twice"
_UNLIKE = "page {} is no page of its tree"
_NOT_THERE = "a tree leads to a page that is not there"


class Owned(NamedTuple):
    """The tree that a page belongs to."""

    tree: Tree
    first: int
    """Position, from 1, of the page's first row in key order; 0 where the tree tells row ids."""


@dataclass(slots=True)
class _Claims:
    """What the trees claim, by page number."""

    trees: npt.NDArray[np.int32]
    """Which tree, counted from 1."""
    firsts: Numbers
    """See `Owned`."""
    interior: dict[tuple[int, int], int] = field(default_factory=dict)
    """Positions of the rows that stand in interior pages, by page and cell."""
    lost: dict[int, str] = field(default_factory=dict)


class Owners:
    """Walks all trees once. Leaves are only peeked at, all at once: most of a database is leaves."""

    def __init__(self, pages: Pages, trees: Sequence[Tree], count: int) -> None:
        self._pages = pages
        self._trees = trees
        self._count = count
        self._heads: Heads = heads_of(pages, count)
        self._claims = _Claims(np.zeros(count + 1, np.int32), np.zeros(count + 1, np.int64))
        for index, tree in enumerate(trees, 1):
            if tree.has_rowid:
                self._claim(index, tree)
            else:
                self._claim_in_order(index, tree)

    def of(self, number: int) -> Owned | None:
        """The tree that a page belongs to, if any does."""
        index = int(self._claims.trees[number]) if 0 < number <= self._count else 0
        return Owned(self._trees[index - 1], int(self._claims.firsts[number])) if index else None

    @property
    def all(self) -> Numbers:
        """The pages of all trees."""
        return np.flatnonzero(self._claims.trees)

    def pages(self, order: int) -> Numbers:
        """The pages of one tree, which is told by its position among the trees."""
        return np.flatnonzero(self._claims.trees == order + 1)

    @property
    def lost(self) -> Mapping[int, str]:
        """Pages that a tree leads to and that are none of its own, and why not."""
        return self._claims.lost

    def position(self, number: int, index: int, owned: Owned) -> int:
        """Position in key order of the row in cell `index` of a page."""
        return self._claims.interior.get((number, index), owned.first + index)

    def _claim(self, index: int, tree: Tree) -> None:
        """Give the pages of a tree to it, level by level."""
        claims, level = self._claims, [tree.root]
        while level:
            able = self._able(level)
            kinds = self._heads.kinds[able]
            is_interior = np.isin(kinds, INTERIOR)
            for number in able[~np.isin(kinds, page_kinds(tree))].tolist():
                claims.lost[number] = _UNLIKE.format(number)
            claims.trees[able[is_interior | np.isin(kinds, LEAF)]] = index
            below = [self._page(number) for number in able[is_interior].tolist()]
            level = [child for page in below if page is not None for child in page.children()]

    def _able(self, level: list[int]) -> Numbers:
        """Those of some pages that are there, and that nothing has led to yet; of the others it is noted."""
        numbers = np.array(level, np.int64)
        is_there = (numbers >= 1) & (numbers <= self._count)
        is_new = np.zeros(len(numbers), bool)
        is_new[np.unique(numbers, return_index=True)[1]] = True
        is_new &= is_there & (self._claims.trees[np.where(is_there, numbers, 0)] == 0)
        for number in numbers[~is_new].tolist():
            self._claims.lost[number] = _TWICE.format(number) if 1 <= number <= self._count else _NOT_THERE
        return numbers[is_new]

    def _claim_in_order(self, index: int, tree: Tree) -> None:
        """The same for a tree whose rows are told by their position: how many stand before them gives it."""
        claims, kinds = self._claims, page_kinds(tree)
        position = 1
        stack: list[int | tuple[int, int]] = [tree.root]
        while stack:
            item = stack.pop()
            if isinstance(item, tuple):
                claims.interior[item] = position
                position += 1
                continue
            if not len(self._able([item])):
                continue
            kind = int(self._heads.kinds[item])
            if kind not in kinds:
                claims.lost[item] = _UNLIKE.format(item)
            if kind in LEAF:
                claims.trees[item], claims.firsts[item] = index, position
                position += int(self._heads.counts[item])
            elif kind in INTERIOR:
                claims.trees[item] = index
                stack += self._below(item)

    def _below(self, number: int) -> list[int | tuple[int, int]]:
        """The children of an interior page, last first, and between them the cells that are rows."""
        page = self._page(number)
        if page is None:
            return []
        below: list[int | tuple[int, int]] = [page.right]
        for at in range(len(page.cells) - 1, -1, -1):
            below += [(number, at), page.child(page.cells[at])]
        return below

    def _page(self, number: int) -> Page | None:
        try:
            return read_page(number, self._pages.read(number), self._pages.header.usable)
        except FormatError:
            return None
