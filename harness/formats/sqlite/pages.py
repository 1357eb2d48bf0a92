"""Pages by number, wherever they stand: in the file, in its write-ahead log, or in a hot journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import FormatError
from harness.formats.sqlite.header import SIZE, Frames, Header, read_header
from harness.formats.sqlite.journal import read_journal
from harness.formats.sqlite.wal import read_wal
from harness.model import Document

__all__ = ["JOURNAL", "WAL", "Pages", "Storage", "open_storage"]

WAL = "-wal"
JOURNAL = "-journal"


@dataclass(frozen=True, slots=True)
class Pages:
    """One state of a database."""

    document: Document = field(repr=False)
    header: Header
    count: int
    moved: Mapping[int, int] = field(default_factory=dict)
    """Pages that stand in a sidecar: number to offset."""
    part: str = ""
    """That sidecar."""

    def place(self, number: int) -> tuple[str, int]:
        """The part and the offset that a page stands at."""
        start = self.moved.get(number)
        return ("", (number - 1) * self.header.page_size) if start is None else (self.part, start)

    def read(self, number: int) -> bytes:
        """The bytes of a page.

        Raises:
            FormatError: there is no such page, or not all of it.
        """
        if not 1 <= number <= self.count:
            raise FormatError("a page is asked for that the database does not have")
        size = self.header.page_size
        start = self.moved.get(number)
        if start is None:
            start = (number - 1) * size
            page = bytes(self.document.data[start : start + size])
        else:
            page = bytes(self.document.sidecars[self.part][start : start + size])
        if len(page) < size:
            raise FormatError(f"page {number} is cut off or missing")
        return page

    def is_pointer_map(self, number: int) -> bool:
        """Whether a page maps others to their parents, for auto-vacuum."""
        return self.header.auto_vacuum and number > 1 and (number - 2) % (self.header.usable // 5 + 1) == 0

    @property
    def lock_page(self) -> int:
        """The page that SQLite never uses, because its lock bytes stand there."""
        return 0x40000000 // self.header.page_size + 1


@dataclass(frozen=True, slots=True)
class Storage:
    """The database as SQLite would open it, the main file alone, and all copies of pages beside them."""

    current: Pages
    main: Pages
    frames: Mapping[str, Frames]
    """By sidecar."""

    @property
    def is_cut(self) -> bool:
        """Whether the file is shorter than what it says it holds."""
        size = self.main.header.page_size
        held = len(self.main.document.data)
        last = next((page for page in range(self.current.count, 0, -1) if page not in self.current.moved), 0)
        return held % size != 0 or held < max(last, self.main.header.count) * size


def open_storage(document: Document) -> Storage:
    """Find the pages of a document.

    Raises:
        FormatError: this is no database.
    """
    main = _main_pages(document)
    frames: dict[str, Frames] = {}
    current = main
    if journal := document.sidecars.get(JOURNAL):
        frames[JOURNAL] = read_journal(journal, main.header.page_size, main.count)
        current = _overlaid(main, JOURNAL, frames[JOURNAL])
    if wal := document.sidecars.get(WAL):
        frames[WAL] = read_wal(wal, main.header.page_size)
        if current is main:
            current = _overlaid(main, WAL, frames[WAL])
    return Storage(current, main, frames)


def _main_pages(document: Document) -> Pages:
    header = read_header(bytes(document.data[:SIZE]))
    return Pages(document, header, header.count or -(-len(document.data) // header.page_size))


def _overlaid(main: Pages, part: str, frames: Frames) -> Pages:
    if not frames.count:
        return main
    header = main.header
    if 1 in frames.current:
        start = frames.current[1]
        header = read_header(bytes(main.document.sidecars[part][start : start + SIZE]))
        if header.page_size != main.header.page_size:
            raise FormatError("the page size in the sidecar is not that of the file")
    return Pages(main.document, header, frames.count, frames.current, part)
