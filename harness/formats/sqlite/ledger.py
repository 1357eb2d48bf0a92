"""What every byte of a database and its sidecars is, and whether all of it can be read.

As strict as decoding about pages, cells, chains and records, and faster: of a record only the header is looked at.
"""

from collections.abc import Iterator
from contextlib import suppress

from harness.errors import FormatError
from harness.formats.base import fill
from harness.formats.sqlite.btree import LEAF, TABLE_INTERIOR, Page, assemble, chain, read_cell, read_page
from harness.formats.sqlite.header import SIZE
from harness.formats.sqlite.pages import Storage, open_storage
from harness.formats.sqlite.record import length, varint
from harness.formats.sqlite.soundness import BATCH, Leaf, Runs, sound_runs
from harness.formats.sqlite.view import View
from harness.limits import Limits
from harness.model import Document, Ledger, Share, Span

__all__ = ["account"]

_UNLIKE = "a record is not as long as its header says"


def account(document: Document, limits: Limits) -> Ledger:
    """The ledger of a document.

    Raises:
        FormatError: this is no database.
    """
    storage = open_storage(document)
    book = _Book(View(storage.current, limits))
    spans: dict[str, list[Span]] = {part: list(_frame_heads(storage, part)) for part in ("", *document.sidecars)}
    for part, span in book.pages():
        spans[part].append(span)
    size = storage.current.header.page_size
    held = len(document.data)
    if storage.is_cut:
        book.faults.add("the file is shorter than the database in it")
        spans[""].append(Span(held - held % size, held, Share.FAILED))  # behind the last page that is whole
    for number, at in storage.current.moved.items():
        start = (number - 1) * size
        if at >= 0 and start < held:
            spans[""].append(Span(start, min(start + size, held), Share.FREE))
    parts = {part: fill(found, len(document.part(part)), _rest(part)) for part, found in spans.items()}
    return Ledger(parts, book.faults.first)


def _rest(part: str) -> Share:
    """What the bytes of a part are that nothing claims."""
    # The wal-index is rebuilt from the log and holds page numbers only.
    return {"": Share.UNKNOWN, "-shm": Share.STRUCTURE}.get(part, Share.FREE)


def _frame_heads(storage: Storage, part: str) -> Iterator[Span]:
    frames = storage.frames.get(part)
    for start, end in frames.head if frames else ():
        yield Span(start, end, Share.STRUCTURE)


def _shares(end: int, runs: Runs, size: int) -> Iterator[Span]:
    """What the bytes of a leaf are whose cell pointers end at `end`; free between its cells."""
    yield Span(0, end, Share.STRUCTURE)
    for start, stop in runs:
        if start > end:
            yield Span(end, start, Share.FREE)
        yield Span(start, stop, Share.DECODED)
        end = stop
    if end < size:
        yield Span(end, size, Share.FREE)


class _Book:
    """What the pages of one state are, with what is wrong on them."""

    def __init__(self, view: View) -> None:
        self.faults = view.faults()
        self._view = view
        self._links: dict[int, int] = {}
        """Overflow pages, and how much of a payload each holds."""
        self._chained: set[int] = set()
        self._failed = set(view.lost)
        for reason in (view.schema_fault, *view.lost.values()):
            self.faults.add(reason)
        if view.schema_fault:
            self._failed.add(1)  # where the schema begins

    def pages(self) -> Iterator[tuple[str, Span]]:
        """Part and span of what the bytes of each page are; those of trees first, as they tell of the others."""
        view = self._view
        numbers = range(1, view.count + 1)
        trees = [number for number in numbers if view.owner(number) is not None]
        for first in range(0, len(trees), BATCH):
            sound = self._sound(trees[first : first + BATCH])
            for number in trees[first : first + BATCH]:
                yield from self._placed(number, sound.get(number))
        for number in numbers:
            if view.owner(number) is None:
                yield from self._placed(number, None)

    def _placed(self, number: int, spans: list[Span] | None) -> Iterator[tuple[str, Span]]:
        part, start = self._view.pages.place(number)
        if start + self._view.pages.header.page_size > len(self._view.pages.document.part(part)):
            self._failed.add(number)
        for span in self._page(number) if spans is None else spans:
            yield part, Span(start + span.start, start + span.end, span.share)

    def _sound(self, numbers: list[int]) -> dict[int, list[Span]]:
        """What the bytes are of those of some pages that are leaves with nothing wrong; told of all at once."""
        leaves: dict[int, Leaf] = {}
        for number in numbers:
            with suppress(FormatError):
                page, head = self._view.pages.read(number), 100 if number == 1 else 0
                if page[head] in LEAF and number not in self._failed:
                    leaves[number] = page, head
        found = {}
        runs = sound_runs(list(leaves.values()), self._view.pages.header.usable) if leaves else []
        for (number, (page, head)), held in zip(leaves.items(), runs, strict=True):
            if held is not None:
                end = head + 8 + 2 * (page[head + 3] << 8 | page[head + 4])
                found[number] = list(_shares(end, held, len(page)))
        return found

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
