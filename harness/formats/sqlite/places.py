"""Where is this byte? From an offset to the page that holds it, and whether that page still counts."""

from bisect import bisect_right
from collections.abc import Sequence

from harness.errors import FormatError
from harness.formats.sqlite.btree import INDEX_KINDS, TABLE_LEAF, Page, read_page
from harness.formats.sqlite.catalog import Kind
from harness.formats.sqlite.cells import PageMap, run_place
from harness.formats.sqlite.layout import resembling
from harness.formats.sqlite.pages import JOURNAL, WAL, open_storage
from harness.formats.sqlite.view import Link, Owned, View
from harness.limits import Limits
from harness.model import Buffer, Document, Place, State

__all__ = ["locate"]

_OLD = {WAL: State.WAL, JOURNAL: State.JOURNAL}
_UNKNOWN = ("?",)


def locate(document: Document, offsets: Sequence[int], limits: Limits, part: str) -> list[Place]:
    """The place of each byte of a part."""
    data: Buffer = document.data if not part else document.sidecars.get(part, b"")
    try:
        finder = _Finder(document, limits, part, data)
    except FormatError:
        return [run_place(data, offset, _UNKNOWN, State.RAW) for offset in offsets]
    # In the order of the file, one page after the other is taken apart, each once.
    found = {offset: finder.place(offset) for offset in sorted(set(offsets))}
    return [found[offset] for offset in offsets]


class _Finder:
    """What is known of a document, for the offsets of one call."""

    def __init__(self, document: Document, limits: Limits, part: str, data: Buffer) -> None:
        storage = open_storage(document)
        self._part = part
        self._data = data
        self._current = View(storage.current, limits)
        self._main = View(storage.main, limits) if storage.main is not storage.current else self._current
        self._frames = storage.frames[part].frames if part in storage.frames else ()
        self._starts = [frame.start for frame in self._frames]
        self._size = storage.current.header.page_size
        self._map: tuple[tuple[View, State, int], PageMap | None] | None = None

    def place(self, offset: int) -> Place:
        """The place of one byte of the part."""
        if not 0 <= offset < len(self._data):
            return Place(_UNKNOWN, State.RAW)
        if self._part:
            return self._in_sidecar(offset)
        number = offset // self._size + 1
        start = (number - 1) * self._size
        if number <= self._current.count and self._current.pages.place(number) == ("", start):
            return self._in_page(self._current, number, offset, State.LIVE)
        if number <= self._main.count and self._main is not self._current:
            return self._in_page(self._main, number, offset, State.SUPERSEDED)
        return run_place(self._data, offset, _UNKNOWN, State.RAW)

    def _in_sidecar(self, offset: int) -> Place:
        old = _OLD.get(self._part, State.RAW)
        index = bisect_right(self._starts, offset) - 1
        if index < 0 or offset >= self._starts[index] + self._size:
            # Before the first page, between two, or behind the last.
            framed = index + 1 < len(self._frames)
            return Place((), old) if framed else run_place(self._data, offset, _UNKNOWN, old)
        frame = self._frames[index]
        pages = self._current.pages
        if frame.page <= self._current.count and pages.place(frame.page) == (self._part, frame.start):
            return self._in_page(self._current, frame.page, offset, State.LIVE)
        return self._in_old_page(frame.page, frame.start, offset, old)

    def _in_page(self, view: View, number: int, offset: int, state: State) -> Place:
        """The place of a byte of a page of a view."""
        start = view.pages.place(number)[1]
        inner = offset - start
        if inner < 100 and number == 1:
            return Place((), state)
        owned = view.owner(number)
        if owned is not None:
            map_ = self._map_of(view, number, owned, state)
            return map_.place(inner) if map_ else self._run(start, inner, _dead(state))
        if number in view.free:
            return self._in_free(view, number, start, inner, State.FREELIST if state is State.LIVE else state)
        if view.pages.is_pointer_map(number):
            return Place((), state)
        if (link := view.links.get(number)) is not None:
            return self._in_overflow(view, link, start, inner, state)
        return self._in_loose_page(view, number, start, inner, _dead(state))

    def _in_old_page(self, number: int, start: int, offset: int, state: State) -> Place:
        """The place of a byte of a copy that no longer counts."""
        inner = offset - start
        if inner < 100 and number == 1:
            return Place((), state)
        view = self._current if self._current.owner(number) else self._main
        return self._in_loose_page(view, number, start, inner, state)

    def _in_free(self, view: View, number: int, start: int, inner: int, state: State) -> Place:
        """The place of a byte of a page on the freelist, which may still be as its tree left it."""
        if inner < view.free[number]:
            return Place((), state)
        return self._in_loose_page(view, number, start, inner, state)

    def _in_loose_page(self, view: View, number: int, start: int, inner: int, state: State) -> Place:
        """The place of a byte of a page that is read by itself, as all else has moved on since."""
        key = (view, state, start)
        if self._map is None or self._map[0] != key:
            self._map = (key, self._loose_map(view, number, start, state))
        map_ = self._map[1]
        return map_.place(inner) if map_ else self._run(start, inner, state)

    def _loose_map(self, view: View, number: int, start: int, state: State) -> PageMap | None:
        data = bytes(self._data[start : start + self._size])
        if len(data) < self._size:
            return None
        usable = view.pages.header.usable
        try:
            page = read_page(number, data, usable)
        except FormatError:
            # A trunk page of the freelist has its list where the page's header was; rows behind it are still there.
            page = Page(number, data, usable, 0, TABLE_LEAF, (), view.free.get(number, 0), 0)
        owned = view.owner(number)
        if owned is None or (owned.tree.kind is not Kind.ROWID) != (page.kind in INDEX_KINDS):
            tree = resembling(page, view.layouts)
            owned = Owned(tree, 0) if tree else None
        return PageMap(page, view, owned, state, alone=True)

    def _in_overflow(self, view: View, link: Link, start: int, inner: int, state: State) -> Place:
        """The place of a byte of an overflow page: what its cell holds, or what is left behind that."""
        owned = view.owner(link.page)
        map_ = self._map_of(view, link.page, owned, state) if owned else None
        if map_ is None:
            return self._run(start, inner, _dead(state))
        if inner < 4:
            return map_.row_place(link.at)
        end = 4 + link.size
        if inner >= end:
            behind = self._data[start + end : start + self._size]
            return run_place(behind, inner - end, map_.steps, State.SLACK if state is State.LIVE else state)
        place = map_.payload_place(link.at, link.offset + inner - 4)
        # A broken chain leaves text that no value reaches.
        return place if place.value else self._run(start, inner, _dead(state))

    def _map_of(self, view: View, number: int, owned: Owned, state: State) -> PageMap | None:
        """The map of a page of a tree; the last one is kept, as offsets come in the order of the file."""
        key = (view, state, -number)
        if self._map is None or self._map[0] != key:
            page = view.page(number)
            self._map = (key, PageMap(page, view, owned, state, alone=False) if page else None)
        return self._map[1]

    def _run(self, start: int, inner: int, state: State) -> Place:
        """The text around a byte of a page that no structure explains."""
        return run_place(self._data[start : start + self._size], inner, _UNKNOWN, state)


def _dead(state: State) -> State:
    """The state of bytes that no structure explains, in a page of that state."""
    return State.RAW if state is State.LIVE else state
