"""SQLite databases: most of what a phone app stores, with its write-ahead log and rollback journal.

The parser is our own: the C library would roll journals back, check logs in, and tell neither offsets nor what is no
longer live. It is asked for one thing, on a private copy: the rows of large tables with which nothing is wrong. And
it writes what `encode` is given.
"""

import re
from collections.abc import Iterator, Sequence

from harness.errors import FormatError
from harness.formats._evenness import is_even
from harness.formats.base import Format, Piece
from harness.formats.sqlite.content import Database, Table
from harness.formats.sqlite.header import SIZE, page_size_of
from harness.formats.sqlite.ledger import account
from harness.formats.sqlite.pieces import expand
from harness.formats.sqlite.places import locate
from harness.formats.sqlite.rows import decode
from harness.formats.sqlite.samples import SAMPLES
from harness.formats.sqlite.writer import write
from harness.limits import Limits
from harness.model import Document, Ledger, Place, State, Value

__all__ = ["Database", "Sqlite", "Table"]


class Sqlite(Format):
    """A database file with its sidecars; a locator is table, row id and column."""

    title = "SQLite 3 database"
    source = "https://sqlite.org/fileformat2.html"
    sidecars = ("-wal", "-journal", "-shm")
    framed = True
    loose = frozenset(State) - {State.LIVE}
    samples = SAMPLES

    def sniff(self, head: bytes, size: int) -> float:
        if not page_size_of(head):
            return 0.0
        # Some ciphers leave the header in the clear; behind it, the schema is never like noise.
        return 0.5 if is_even(head[SIZE:]) else 1.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        return account(document, limits)

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        return locate(document, offsets, limits, part)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        return decode(document, limits)

    def encode(self, content: object) -> Document:
        if not isinstance(content, Database):
            raise FormatError("a SQLite database is written from a Database")
        return write(content)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        return expand(document, telling, limits)
