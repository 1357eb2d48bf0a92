"""What every byte of a database and its sidecars is, and whether all of it can be read.

As strict as decoding about pages, cells, chains and records, and faster: of a record only the header is looked at.
"""

from collections.abc import Sequence

import numpy as np

from harness.errors import FormatError
from harness.formats._spans import Numbers, Stretches, gathered
from harness.formats.sqlite.btree import TABLE_INTERIOR, Page, assemble, chain, read_cell, read_page
from harness.formats.sqlite.header import SIZE
from harness.formats.sqlite.pages import Storage
from harness.formats.sqlite.record import length, varint
from harness.formats.sqlite.sheets import Sheets, sheets
from harness.formats.sqlite.soundness import sound_cells
from harness.formats.sqlite.survey import Survey
from harness.formats.sqlite.view import View
from harness.limits import Limits
from harness.model import Document, Ledger, Share, Span

__all__ = ["Book", "account"]

_UNLIKE = "a record is not as long as its header says"


def account(document: Document, limits: Limits) -> Ledger:
    """The ledger of a document.

    Raises:
        FormatError: this is no database.
    """
    survey = Survey.of(document, limits)
    storage, book = survey.storage, Book(survey.current)
    book.read()
    for part in document.sidecars:
        book.add(_columns(_frame_heads(storage, part)), Share.STRUCTURE, part)
    size = storage.current.header.page_size
    held = len(document.data)
    if storage.is_cut:
        book.faults.add("the file is shorter than the database in it")
        book.add(_columns([(held - held % size, held)]), Share.FAILED)  # behind the last page that is whole
    moved = [(number - 1) * size for number, at in storage.current.moved.items() if at >= 0]
    book.add(_columns([(start, start + size) for start in moved if start < held]), Share.FREE)
    parts = {
        part: gathered(book.stretches.get(part, ()), len(document.part(part)), _rest(part))
        for part in ("", *document.sidecars)
    }
    return Ledger(parts, book.faults.first)


def _rest(part: str) -> Share:
    """What the bytes of a part are that nothing claims."""
    # The wal-index is rebuilt from the log and holds page numbers only.
    return {"": Share.UNKNOWN, "-shm": Share.STRUCTURE}.get(part, Share.FREE)


def _frame_heads(storage: Storage, part: str) -> Sequence[tuple[int, int]]:
    frames = storage.frames.get(part)
    return frames.head if frames else ()


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[Numbers, Numbers]:
    """Starts and ends."""
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


class Book:
    """What the pages of one state are, with what is wrong on them."""

    def __init__(self, view: View) -> None:
        self.faults = view.faults()
        self.stretches: dict[str, list[Stretches]] = {}
        """By part."""
        self._view = view
        self._size = view.pages.header.page_size
        self._links: dict[int, int] = {}
        """Overflow pages, and how much of a payload each holds."""
        self._chained: set[int] = set()
        self._failed = set(view.owners.lost)
        for reason in (view.schema_fault, *view.owners.lost.values()):
            self.faults.add(reason)
        if view.schema_fault:
            self._failed.add(1)  # where the schema begins

    def add(self, stretches: tuple[Numbers, Numbers], share: Share, part: str = "") -> None:
        """Take stretches of a part."""
        self.stretches.setdefault(part, []).append((*stretches, share))

    def read(self) -> None:
        """Look at all pages; those of trees first, as they tell of the others."""
        owned = self._view.owners.all
        self.look_at(owned)
        is_owned = np.zeros(self._view.count + 1, bool)
        is_owned[owned] = True
        for number in np.flatnonzero(~is_owned[1:]).tolist():
            self._placed(number + 1)

    def look_at(self, owned: Numbers) -> None:
        """Look at some pages of trees."""
        sound = np.zeros(self._view.count + 1, bool)
        for some in sheets(self._view.pages, owned):
            sound[self._sound(some)] = True
        for number in owned[~sound[owned]].tolist():
            self._placed(number)

    def _sound(self, some: Sheets) -> Numbers:
        """Those of some pages with which nothing is wrong: what they hold is told of all at once."""
        found = sound_cells(some)
        is_sound = found.is_sound
        if self._failed:
            is_sound &= ~np.isin(some.numbers, np.fromiter(self._failed, np.int64, len(self._failed)))
        owners, starts, ends = found.runs()
        if self._failed:
            kept = is_sound[owners]
            owners, starts, ends = owners[kept], starts[kept], ends[kept]
        shift = (some.origins - some.starts)[owners]
        starts, ends = starts + shift, ends + shift
        begins, low = some.origins, some.origins + found.pointers
        free = np.empty_like(starts)  # where what is free before each run of cells begins
        free[1:] = ends[:-1]
        is_first = np.ones(len(starts), bool)
        is_first[1:] = owners[1:] != owners[:-1]
        free[is_first] = low[owners[is_first]]
        tail = low.copy()
        is_last = np.append(is_first[1:], True)[: len(starts)]
        tail[owners[is_last]] = ends[is_last]
        self.add((begins[is_sound], low[is_sound]), Share.STRUCTURE, some.part)
        is_inner = found.is_inner[owners]
        self.add((starts[is_inner], ends[is_inner]), Share.STRUCTURE, some.part)
        self.add((starts[~is_inner], ends[~is_inner]), Share.DECODED, some.part)
        self.add((free, starts), Share.FREE, some.part)
        self.add((tail[is_sound], begins[is_sound] + some.size), Share.FREE, some.part)
        return some.numbers[is_sound]

    def _placed(self, number: int) -> None:
        """Look at one page."""
        part, start = self._view.pages.place(number)
        if start + self._size > len(self._view.pages.document.part(part)):
            self._failed.add(number)
        for span in self._page(number):
            self.add(_columns([(start + span.start, start + span.end)]), span.share, part)

    def _page(self, number: int) -> list[Span]:
        """What the bytes of one page are, from its start."""
        view = self._view
        header, whole = view.pages.header, view.pages.header.page_size
        try:
            if view.owner(number) is not None:
                return self._tree_page(read_page(number, view.pages.read(number), header.usable))
        except FormatError as error:
            self.faults.add(str(error))
            self._failed.add(number)
        if number in self._failed:
            return [Span(0, whole, Share.FAILED)]
        if (taken := view.free.get(number)) is not None:
            return [Span(0, taken, Share.STRUCTURE), Span(taken, whole, Share.FREE)]
        if view.pages.is_pointer_map(number) or number == view.pages.lock_page:
            return [Span(0, whole, Share.STRUCTURE)]
        if (held := self._links.get(number)) is not None:
            return [
                Span(0, 4, Share.STRUCTURE),
                Span(4, 4 + held, Share.DECODED),
                Span(4 + held, whole, Share.FREE),
            ]
        return [Span(0, SIZE, Share.STRUCTURE)] if number == 1 else []

    def _tree_page(self, page: Page) -> list[Span]:
        """What the bytes of a page of a b-tree are; between its cells they are free.

        A cell counts as one: the few bytes of its lengths and row id are not told from its record, or the ledger of a
        database would have two entries a row. One cell that is damaged fails its page, as SQLite has it.
        """
        held = Share.STRUCTURE if page.kind == TABLE_INTERIOR else Share.DECODED
        spans = [Span(0, page.pointers_end, Share.STRUCTURE)]
        low = high = page.pointers_end
        for at in sorted(page.cells):
            try:
                end = self._cell(page, at, high)
            except FormatError as error:
                self.faults.add(str(error))
                self._failed.add(page.number)
                continue
            if at > high:
                spans += (Span(low, high, held), Span(high, at, Share.FREE))
                low = at
            high = max(high, end)
        if page.number in self._failed:
            return [Span(0, len(page.data), Share.FAILED)]
        return [*spans, Span(low, high, held), Span(high, len(page.data), Share.FREE)]

    def _cell(self, page: Page, at: int, high: int) -> int:
        """Where the cell at `at` ends, of a page whose cells before it end at `high`.

        Raises:
            FormatError: it does not lie within its page, or what it holds cannot be read.
        """
        cell = read_cell(page, at)
        _, size, body, local, _ = cell
        if at < high:
            raise FormatError(f"cells of page {page.number} overlap")
        if page.kind == TABLE_INTERIOR:
            return body
        if local == size:
            if length(page.data, body, body + size) != size:
                raise FormatError(_UNLIKE)
            return body + size
        for number, held in chain(self._view.pages, cell, self._chained):
            self._links[number] = held
        if varint(page.data, body)[0] <= local:
            told = length(page.data, body, body + local)
        else:
            told = length(assemble(self._view.pages, page.data, cell, self.faults), 0, size)
        if told != size:
            raise FormatError(_UNLIKE)
        return cell.end
