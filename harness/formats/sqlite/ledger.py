"""What every byte of a database and its sidecars is."""

from collections.abc import Iterator

from harness.errors import FormatError
from harness.formats.base import fill
from harness.formats.sqlite.btree import TABLE_INTERIOR, Page, read_cell
from harness.formats.sqlite.header import SIZE
from harness.formats.sqlite.pages import Storage, open_storage
from harness.formats.sqlite.view import View
from harness.limits import Limits
from harness.model import Document, Ledger, Share, Span

__all__ = ["account"]


def account(document: Document, limits: Limits) -> Ledger:
    """The ledger of a document.

    Raises:
        FormatError: this is no database.
    """
    storage = open_storage(document)
    view = View(storage.current, limits)
    size = storage.current.header.page_size
    spans: dict[str, list[Span]] = {part: list(_frame_heads(storage, part)) for part in ("", *document.sidecars)}
    for number in range(1, view.count + 1):
        part, start = view.pages.place(number)
        end = min(start + size, len(document.part(part)))
        if end - start < size:
            spans[part].append(Span(start, end, Share.FAILED))
            continue
        spans[part] += (Span(start + s.start, start + s.end, s.share) for s in _page(view, number))
    held = len(document.data)
    for number, at in view.pages.moved.items():
        start = (number - 1) * size
        if at >= 0 and start < held:
            spans[""].append(Span(start, min(start + size, held), Share.FREE))
    return Ledger({part: fill(found, len(document.part(part)), _rest(part)) for part, found in spans.items()})


def _rest(part: str) -> Share:
    """What the bytes of a part are that nothing claims."""
    # The wal-index is rebuilt from the log and holds page numbers only.
    return {"": Share.UNKNOWN, "-shm": Share.STRUCTURE}.get(part, Share.FREE)


def _frame_heads(storage: Storage, part: str) -> Iterator[Span]:
    frames = storage.frames.get(part)
    for start, end in frames.head if frames else ():
        yield Span(start, end, Share.STRUCTURE)


def _page(view: View, number: int) -> Iterator[Span]:
    """What the bytes of one page are, from its start."""
    header = view.pages.header
    if view.owner(number) is not None:
        page = view.page(number)
        if page is None:
            yield Span(0, header.page_size, Share.FAILED)
        else:
            yield from _tree_page(page)
    elif (taken := view.free.get(number)) is not None:
        yield Span(0, taken, Share.STRUCTURE)
        yield Span(taken, header.page_size, Share.FREE)
    elif view.pages.is_pointer_map(number) or number == view.pages.lock_page:
        yield Span(0, header.page_size, Share.STRUCTURE)
    elif (link := view.links.get(number)) is not None:
        yield Span(0, 4, Share.STRUCTURE)
        yield Span(4, 4 + link.size, Share.DECODED)
        yield Span(4 + link.size, header.page_size, Share.FREE)
    elif number == 1:
        yield Span(0, SIZE, Share.STRUCTURE)


def _tree_page(page: Page) -> Iterator[Span]:
    """What the bytes of a page of a b-tree are; between its cells they are free.

    A cell counts as one: the few bytes of its lengths and row id are not told from its record, or the ledger of a
    database would have two entries a row.
    """
    yield Span(0, page.pointers_end, Share.STRUCTURE)
    held = Share.STRUCTURE if page.kind == TABLE_INTERIOR else Share.DECODED
    low = high = page.pointers_end
    for at in sorted(page.cells):
        try:
            end = read_cell(page, at).end
        except FormatError:
            yield Span(at, min(at + 4, page.usable), Share.FAILED)
            end = at
        if at > high:
            yield Span(low, high, held)
            yield Span(high, at, Share.FREE)
            low = at
        high = max(high, end)
    yield Span(low, high, held)
    yield Span(high, len(page.data), Share.FREE)
