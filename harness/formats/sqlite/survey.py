"""How each copy of each page is to be read: what `locate` and `decode` have in common."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from harness.errors import FormatError
from harness.formats.sqlite.btree import INDEX_KINDS, INTERIOR, LEAF, TABLE_LEAF, Page, read_cell, read_page
from harness.formats.sqlite.carving import Carver
from harness.formats.sqlite.catalog import MASTER, Kind, Tree
from harness.formats.sqlite.cells import PageMap
from harness.formats.sqlite.copies import Copies, Copy, Role
from harness.formats.sqlite.gaps import Gaps, gaps
from harness.formats.sqlite.ground import Found
from harness.formats.sqlite.history import Gone, recover
from harness.formats.sqlite.layout import Atlas, Layout, layouts, matches
from harness.formats.sqlite.living import Living
from harness.formats.sqlite.overflow import Overflow
from harness.formats.sqlite.owners import Owned
from harness.formats.sqlite.record import serials
from harness.limits import Limits
from harness.model import Document, State, Step

__all__ = ["Survey"]

_KINDS = frozenset((*LEAF, *INTERIOR))
_NAME = "sqlite"
_MOST_GONE = 4
"""Earlier layouts of a table that its rows are read by."""


class Survey(Copies):
    """What is known of a document, page by page.

    Raises:
        FormatError: this is no database.
    """

    def __init__(self, document: Document, limits: Limits) -> None:
        super().__init__(document, limits)
        self._overflow = Overflow(self, self.remains)
        self._living = Living(self.current)
        self._known: dict[tuple[str, int, Kind, int], tuple[Layout, ...]] = {}

    @classmethod
    def of(cls, document: Document, limits: Limits) -> "Survey":
        """The survey of a document, of which there is one for all that is asked of it; each question has its own
        time.

        Raises:
            FormatError: this is no database.
        """
        known = document.known.get(_NAME)
        if isinstance(known, cls) and known.limits == limits:
            known.renew()
            return known
        survey = document.known[_NAME] = cls(document, limits)
        return survey

    def renew(self) -> None:
        """Begin to count anew what may be spent."""
        super().renew()
        self._overflow.renew()

    # -- how to read one -------------------------------------------------------------------------------

    def map_of(self, copy: Copy) -> PageMap | None:
        """The rows of a copy; `None` where it holds none."""
        if copy.role is Role.MAP:
            return None
        if copy.role is not Role.TREE:
            page = self._loose_page(copy)
            return self._loose_map(copy, page) if page else None
        page, owned = copy.view.page(copy.number), copy.view.owner(copy.number)
        if page is None or owned is None:
            return None

        def carver() -> Carver:
            return self._carver(copy, page, self._own(page, owned.tree))

        return PageMap(page, copy.view, owned, copy.state, self.rules, carver, self._living, self._worth(copy))

    def _worth(self, copy: Copy) -> Sequence[tuple[int, int]] | None:
        """Where something may be between the cells of a page that counts, where that is known."""
        return self._gaps.worth.get(copy.number) if copy.state is State.LIVE and "_gaps" in self.__dict__ else None

    def _loose_page(self, copy: Copy) -> Page | None:
        """A page that is read by itself, as all else has moved on since."""
        data = self.bytes_of(copy)
        if len(data) < self.size:
            return None
        # A trunk page of the freelist has its list where the page's header was; rows behind it are still there.
        taken = copy.view.free.get(copy.number, 0) if copy.role is Role.FREE else 0
        if copy.role is Role.LINK:
            taken = 4 + copy.view.links[copy.number].size
        if not taken:
            try:
                return read_page(copy.number, data, self.usable)
            except FormatError:
                taken = 0
        return Page(copy.number, data, self.usable, 0, TABLE_LEAF, (), max(taken, 4), 0)

    def _loose_map(self, copy: Copy, page: Page) -> PageMap:
        tree = self._hint(copy, page)
        if tree is None and page.cells:
            match = matches(page, self.atlas)
            tree = match.tree if match else None
            own: tuple[Layout, ...] = (match.layout,) if match else ()
        else:
            own = self._own(page, tree) if tree else self._majority(copy, page)
        owned = Owned(tree, 0) if tree else None

        def carver() -> Carver:
            return self._carver(copy, page, own)

        return PageMap(page, copy.view, owned, copy.state, self.rules, carver, self._living)

    def _hint(self, copy: Copy, page: Page) -> Tree | None:
        """The tree that has the page now, or had it, where the copy looks like one of its."""
        owned = copy.view.owner(copy.number)
        for tree in (owned.tree if owned else None, self.gone.pages.get(copy.number)):
            if tree is not None and self._is_of(page, tree):
                return tree
        return None

    def _is_of(self, page: Page, tree: Tree) -> bool:
        """Whether a copy looks to be of the tree that has the page now."""
        if (tree.kind is not Kind.ROWID) != (page.kind in INDEX_KINDS):
            return False
        if not page.cells or page.kind not in LEAF:
            return True
        match = matches(page, Atlas(layouts([tree], self.size)))
        return match is not None and match.confidence == 1.0

    def _majority(self, copy: Copy, page: Page) -> tuple[Layout, ...]:
        """The layout that most whole rows of a page are of that has lost its structure."""
        found = self._carver(copy, page, ()).rows(page.pointers_end, page.usable, (), self._living)
        trees = Counter(each.row.tree for each in found if each.row.tree and each.row.tree.columns)
        return layouts([trees.most_common(1)[0][0]], self.size) if trees else ()

    def _own(self, page: Page, tree: Tree) -> tuple[Layout, ...]:
        """Layouts of a tree's rows: as they are, as they were, and shorter, from before columns were added."""
        key = (tree.table, tree.root, tree.kind, len(tree.columns))
        if key not in self._known:
            name = tree.table.lower()
            gone = [
                layout
                for layout in self.atlas.layouts
                if layout.is_gone
                and layout.tree.table.lower() == name
                and layout.tree.kind is tree.kind
                and layout.tree.columns != tree.columns
            ]
            self._known[key] = (*layouts([tree], self.size), *gone[:_MOST_GONE])
        return (*self._known[key], *self._short(page, tree))

    def _short(self, page: Page, tree: Tree) -> tuple[Layout, ...]:
        if tree is MASTER or not page.cells or page.kind != TABLE_LEAF:
            return ()
        counts = set()
        for at in (page.cells[0], page.cells[len(page.cells) // 2], page.cells[-1]):
            try:
                cell = read_cell(page, at)
                counts.add(len(serials(page.data[cell.body : cell.body + cell.local])[0]))
            except (FormatError, IndexError):
                continue
        short = [replace(tree, columns=tree.columns[:count]) for count in counts if 0 < count < len(tree.columns)]
        return layouts(short, self.size)

    @cached_property
    def gone(self) -> Gone:
        """Tables as they once were."""
        return recover(self)

    @cached_property
    def atlas(self) -> Atlas:
        """The layouts of all tables that there are or were."""
        return Atlas((*self.current.layouts, *layouts(self.gone.trees, self.size, is_gone=True)))

    # -- what goes on in other pages -------------------------------------------------------------------

    def _carver(self, copy: Copy, page: Page, own: tuple[Layout, ...]) -> Carver:
        is_tree = page.data[page.head] in _KINDS or copy.view.free.get(copy.number, 0) > 0
        return Carver(page, own, self.atlas, self.rules, self._overflow.of(copy), is_tree)

    def schema_map(self, copy: Copy) -> PageMap | None:
        """A copy read as one of the schema table, for finding what that once held."""
        page = self._loose_page(copy)
        if page is None or page.kind in INDEX_KINDS:
            return None

        def carver() -> Carver:
            return Carver(page, layouts([MASTER], self.size), Atlas(()), self.rules, self._overflow.of(copy))

        return PageMap(page, copy.view, Owned(MASTER, 0), copy.state, self.rules, carver, self._living)

    def is_tree_page(self, copy: Copy) -> bool:
        """Whether a copy looks like a page of a tree, whoever it is of."""
        page = self._loose_page(copy)
        return page is None or bool(page.cells) or page.data[page.head] in LEAF

    def remains(self) -> Iterator[tuple[Found, State]]:
        """Every row in all copies that is not live."""
        return (each for copy in self.worthwhile() for each in self.remains_of(copy))

    def remains_of(self, copy: Copy) -> Iterator[tuple[Found, State]]:
        """Every row in a copy that is not live, nor the copy of one that is."""
        map_ = None if self._is_full(copy) else self.map_of(copy)
        return map_.remains() if map_ else iter(())

    def worthwhile(self) -> Iterator[Copy]:
        """Every copy but those that hold nothing but what is live, which most do."""
        numbers = np.arange(1, self.current.count + 1)
        is_full = np.zeros(len(numbers), bool)
        is_full[self._gaps.sound - 1] = True
        is_full[np.fromiter(self._gaps.worth, np.int64, len(self._gaps.worth)) - 1] = False
        return self.copies(numbers[~is_full].tolist())

    def _is_full(self, copy: Copy) -> bool:
        """Whether there is nothing in a page but what is live."""
        is_live = copy.state is State.LIVE and copy.role is Role.TREE
        return is_live and copy.number in self._gaps and copy.number not in self._gaps.worth

    @cached_property
    def _gaps(self) -> Gaps:
        return gaps(self.current.pages, self.current.owners.all)

    @cached_property
    def long_column(self) -> tuple[Step, ...]:
        """Where text of overflow pages belongs: the only column that goes on in such, or that can."""
        found = {
            (tree.table, column.name)
            for tree in self.current.trees
            if not tree.is_index
            for column in self.current.long_columns(tree)
        }
        if not found:
            trees = [layout.tree for layout in self.atlas.layouts if layout.tree is not MASTER]
            found = {
                (tree.table, column.name)
                for tree in trees
                if not tree.is_index and not tree.table.startswith("sqlite_")
                for position, column in enumerate(tree.columns)
                if column and position != tree.alias and column.affinity not in ("INTEGER", "REAL")
            }
        if len(found) != 1:
            return ("?",)
        table, name = found.pop()
        return (table, "?", name)
