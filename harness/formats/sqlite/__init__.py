"""SQLite databases: most of what a phone app stores, with its write-ahead log and rollback journal.

The parser is our own: the C library would roll journals back, check logs in, and tell neither offsets nor what is no
longer live. It is asked for one thing, on a private copy: the rows of large tables with which nothing is wrong. And
it writes what `encode` is given.

From bytes to pages to trees, each module knowing only those before it:

* `header`, `wal`, `journal`, `checksum`: what the file and its sidecars say of themselves; `pages`: a page by number.
* `tokens`, `declaration`, `core_data`, `catalog`: the schema, as trees with columns; `record`: a row's fields.
* `btree`: one page, its cells and the way through a tree; `faults`: what goes wrong on it.
* `sheets`, `soundness`, `owners`: the same of a thousand pages at once, as arrays.
* `view`: one state of a database, with all of that.

What is no longer live:

* `copies`: each copy of each page, and what it is for; `past`, `overflow`: where its rows go on.
* `layout`, `plausible`: what rows of a table look like, and how sure it is that bytes are one.
* `ground`, `beheaded`, `headless`, `carving`: rows between the cells of one page; `gaps`: where that is worth a look.
* `living`, `lookup`: what is live, to tell copies of it from what is gone; `history`: the schema as it was.
* `fields`, `cells`: one page, byte by byte and row by row; `survey`: which page is to be read how.

And one module or a few for each question that a format is asked: `ledger` (account), `places` (locate), `rows` with
`engine`, `remains` and `strays` (decode), `pieces` (expand), `writer` with `content` and `samples` (encode). `sealed`
opens what SQLCipher has encrypted; `chance` is for the simulator.
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
