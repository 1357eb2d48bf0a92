"""Every copy of every page of a document, and how each is to be read: what `locate` and `decode` have in common."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from functools import cached_property
from typing import NamedTuple, Protocol

from harness.errors import FormatError
from harness.formats.sqlite.btree import INDEX_KINDS, INTERIOR, LEAF, TABLE_LEAF, Page, read_cell, read_page
from harness.formats.sqlite.carving import Carver, Follow, Found, Links
from harness.formats.sqlite.catalog import MASTER, Kind, Tree
from harness.formats.sqlite.cells import PageMap
from harness.formats.sqlite.history import Gone, recover
from harness.formats.sqlite.layout import Atlas, Layout, layouts, matches
from harness.formats.sqlite.pages import JOURNAL, WAL, open_storage
from harness.formats.sqlite.past import Timeline
from harness.formats.sqlite.plausible import Rules
from harness.formats.sqlite.record import serials
from harness.formats.sqlite.view import Owned, View
from harness.limits import Limits
from harness.model import Document, State, Step

__all__ = ["Copy", "Role", "Survey"]

_KINDS = frozenset((*LEAF, *INTERIOR))
_OLD = {WAL: State.WAL, JOURNAL: State.JOURNAL}


class Role(Enum):
    """What a page is for."""

    TREE = "tree"
    FREE = "on the freelist"
    LINK = "overflow"
    MAP = "pointer map"
    LOOSE = "of nothing that is known"


class Copy(NamedTuple):
    """One copy of one page."""

    part: str
    start: int
    number: int
    view: View
    """The state of the database that the copy is of, or the nearest to it."""
    state: State
    role: Role
    order: int = -1
    """Which of the frames of its sidecar it is."""


class _Source(Protocol):
    """Pages by number, of one state of the database."""

    def read(self, number: int) -> bytes: ...

    def place(self, number: int) -> tuple[str, int]: ...


class Survey:
    """What is known of a document, page by page.

    Raises:
        FormatError: this is no database.
    """

    def __init__(self, document: Document, limits: Limits) -> None:
        storage = open_storage(document)
        self.document = document
        self.storage = storage
        self.current = View(storage.current, limits)
        self.main = View(storage.main, limits) if storage.main is not storage.current else self.current
        header = storage.current.header
        self.size = header.page_size
        self.usable = header.usable
        self.rules = Rules(header.codec, header.is_legacy, max(self.current.count, self.main.count))
        self._starts = {part: [frame.start for frame in found.frames] for part, found in storage.frames.items()}
        self._claims: dict[tuple[str, int], set[tuple[int, int]]] = {}
        """Overflow pages that rows that are gone say they go on in: from which page, and how long."""
        self._is_claiming = False
        self._lines: dict[str, Timeline] = {}
        self._known: dict[tuple[str, int, Kind, int], tuple[Layout, ...]] = {}

    # -- copies --------------------------------------------------------------------------------------

    def copies(self) -> Iterator[Copy]:
        """Every copy that may hold rows: pages that count first, then those of sidecars, then superseded ones."""
        held = len(self.document.data) // self.size
        for number in range(1, self.current.count + 1):
            yield self.copy_of(self.current, number, State.LIVE)
        for part in self.storage.frames:
            for index in range(len(self._starts[part])):
                copy = self.frame(part, index)
                if copy.state is not State.LIVE:
                    yield copy
        for number in range(1, held + 1):
            copy = self.in_file(number)
            if copy.view is not self.current or copy.number > self.current.count:
                yield copy

    def in_file(self, number: int) -> Copy:
        """The copy of a page that is in the main file."""
        start = (number - 1) * self.size
        if number <= self.current.count and self.current.pages.place(number) == ("", start):
            return self.copy_of(self.current, number, State.LIVE)
        if number <= self.main.count and self.main is not self.current:
            return self.copy_of(self.main, number, State.SUPERSEDED)
        return Copy("", start, number, self.current, State.UNALLOCATED, Role.LOOSE)

    def frame(self, part: str, index: int) -> Copy:
        """A copy in a sidecar."""
        frame = self.storage.frames[part].frames[index]
        if frame.page <= self.current.count and self.current.pages.place(frame.page) == (part, frame.start):
            return self.copy_of(self.current, frame.page, State.LIVE)
        view = self.current if self.current.owner(frame.page) else self.main
        return Copy(part, frame.start, frame.page, view, _OLD[part], Role.LOOSE, index)

    def frame_at(self, part: str, offset: int) -> Copy | None:
        """The copy in a sidecar that a byte is in."""
        starts = self._starts.get(part, [])
        index = bisect_right(starts, offset) - 1
        return self.frame(part, index) if index >= 0 and offset < starts[index] + self.size else None

    def frames_behind(self, part: str, offset: int) -> bool:
        """Whether more copies stand behind a byte of a sidecar."""
        starts = self._starts.get(part, [])
        return bisect_right(starts, offset) < len(starts)

    def copy_of(self, view: View, number: int, state: State) -> Copy:
        """The copy of a page that counts in a state of the database."""
        part, start = view.pages.place(number)
        role = Role.LOOSE
        if view.owner(number) is not None:
            role = Role.TREE
        elif number in view.free:
            role, state = Role.FREE, State.FREELIST if state is State.LIVE else state
        elif view.pages.is_pointer_map(number) or number == view.pages.lock_page:
            role = Role.MAP
        elif number in view.links:
            role = Role.LINK
        elif state is State.LIVE:
            state = State.UNALLOCATED
        return Copy(part, start, number, view, state, role)

    # -- how to read one -------------------------------------------------------------------------------

    def map_of(self, copy: Copy) -> PageMap | None:
        """The rows of a copy; `None` where it holds none."""
        if copy.role is Role.MAP:
            return None
        if copy.role is Role.TREE:
            page, owned = copy.view.page(copy.number), copy.view.owner(copy.number)
            if page is None or owned is None:
                return None
            own = self._own(page, owned.tree)
            return PageMap(page, copy.view, owned, copy.state, self._carver(copy, page, own))
        page = self._loose_page(copy)
        return self._loose_map(copy, page) if page else None

    def _loose_page(self, copy: Copy) -> Page | None:
        """A page that is read by itself, as all else has moved on since."""
        data = bytes(self.document.part(copy.part)[copy.start : copy.start + self.size])
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
        return PageMap(page, copy.view, owned, copy.state, self._carver(copy, page, own))

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
        found = self._carver(copy, page, ()).rows(page.pointers_end, page.usable, ())
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
            self._known[key] = (*layouts([tree], self.size), *gone[:4])
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
        return Carver(page, own, self.atlas, self.rules, self.follow(copy), is_tree)

    def schema_map(self, copy: Copy) -> PageMap | None:
        """A copy read as one of the schema table, for finding what that once held."""
        page = self._loose_page(copy)
        if page is None or page.kind in INDEX_KINDS:
            return None
        own = layouts([MASTER], self.size)
        return PageMap(page, copy.view, Owned(MASTER, 0), copy.state, self._bare(page, own, copy))

    def _bare(self, page: Page, own: tuple[Layout, ...], copy: Copy) -> Carver:
        return Carver(page, own, Atlas(()), self.rules, self.follow(copy))

    def source(self, copy: Copy) -> _Source:
        """Pages as they were when a copy counted."""
        if copy.order < 0:
            return copy.view.pages
        if copy.part not in self._lines:
            held = self.storage.frames[copy.part]
            data = self.document.part(copy.part)
            self._lines[copy.part] = Timeline(copy.part, data, self.document.data, held.frames, self.size, held.valid)
        return self._lines[copy.part].past(copy.order)

    def follow(self, copy: Copy) -> Follow:
        """How to read what a row of a copy holds in overflow pages; only what nothing has overwritten since."""

        def follow(number: int, size: int) -> tuple[bytes, Links]:
            source = self.source(copy)
            first = number
            chunks: list[bytes] = []
            links: list[tuple[str, int, int]] = []
            left = size
            seen = set()
            while left > 0 and number not in seen:
                seen.add(number)
                if copy.order < 0 and self._is_taken(copy, number):
                    break
                try:
                    page = source.read(number)
                except FormatError:
                    break
                held = min(left, self.usable - 4)
                left -= held
                part, start = source.place(number)
                if not self._may_hold(part, start, first, size):
                    break
                number = int.from_bytes(page[:4], "big")
                if left == 0 and number:
                    break
                chunks.append(page[4 : 4 + held])
                links.append((part, start + 4, held))
            return b"".join(chunks), tuple(links)

        return follow

    def _may_hold(self, part: str, start: int, first: int, size: int) -> bool:
        """Whether an overflow page is what a row that is gone says it is: not where rows of other lengths say the
        same, of which only the last can be right."""
        if self._is_claiming:
            self._claims.setdefault((part, start), set()).add((first, size))
            return True
        if not self._claims:
            self._is_claiming = True
            self._claims["", 0] = set()
            for copy in self.copies():
                for _ in self.remains_of(copy):
                    pass
            self._is_claiming = False
        return len(self._claims.get((part, start), ())) < 2

    def _is_taken(self, copy: Copy, number: int) -> bool:
        """Whether a page has become another's since, or the freelist has written in it."""
        view = copy.view
        if view.owner(number) is not None or view.free.get(number, 0) > 0:
            return True
        return copy.state is not State.SUPERSEDED and number in view.links

    def is_tree_page(self, copy: Copy) -> bool:
        """Whether a copy looks like a page of a tree, whoever it is of."""
        page = self._loose_page(copy)
        return page is None or bool(page.cells) or page.data[page.head] in LEAF

    def remains_of(self, copy: Copy) -> Iterator[tuple[Found, State]]:
        """Every row in a copy that is not live."""
        map_ = self.map_of(copy)
        return map_.remains() if map_ else iter(())

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

    def holds(self, copy: Copy, sign: bytes) -> bool:
        """Whether something stands in a copy."""
        data = self.document.part(copy.part)
        return bytes(data[copy.start : copy.start + self.size]).find(sign) >= 0
