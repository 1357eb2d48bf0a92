"""SQLite itself, on a private copy of a database: for tables with which nothing is wrong, the quickest way to their
rows, and by definition the right one.

It gets a copy in memory, or in a folder of its own where the database is large: nothing it does reaches the evidence.
The copy has no journal or log, it is opened read-only, and only columns of tables are ever asked for: no view, no
trigger, no virtual table, no function and no extension of a hostile schema is run.
"""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.pages import Pages
from harness.limits import Limits
from harness.model import Buffer, Scalar

__all__ = ["Engine", "Stopped", "opened"]

_IN_MEMORY = 32 << 20
"""Bytes of a database up to which the copy is held in memory."""
_CHUNK = 1 << 20
_STEPS = 200_000
"""Of SQLite's machine, between two looks at the clock."""
_ROWS = 256
"""Rows that are fetched at a time."""
_HIDDEN_STORED = (0, 3)
"""Kinds of columns that a record holds: ordinary ones, and those that are computed on writing."""
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_ROWID_NAMES = ("rowid", "_rowid_", "oid")
_WRITER, _READER = 18, 19
"""Bytes of the header that say whether there is a write-ahead log."""
_NO_LOG = b"\x01\x01"


class Stopped(Exception):
    """SQLite does not give a table, or not to its end."""


class Engine:
    """One connection to one copy."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, tree: Tree) -> Iterator[list[tuple[Scalar, ...]]]:
        """All rows of a table in the order of its tree, many at a time: the columns as the tree has them, then the
        row id where it has any and no column is another name of it.

        Raises:
            Stopped: it is not known to SQLite under these names, or it met something that it does not read.
        """
        try:
            cursor = self._connection.execute(self._statement(tree))
            while rows := cursor.fetchmany(_ROWS):
                yield rows
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise Stopped from error

    def _statement(self, tree: Tree) -> str:
        names = [column.name if column else "" for column in tree.columns]
        self._connection.set_authorizer(None)
        known = self._connection.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (tree.table,)).fetchall()
        self._connection.set_authorizer(_authorised)
        # A name that SQLite does not know would be taken for a text.
        if not names or sorted(names) != sorted(name for name, hidden in known if hidden in _HIDDEN_STORED):
            raise Stopped
        wanted = [_quoted(name) for name in names]
        if tree.kind is Kind.ROWID and tree.alias < 0:
            taken = {name.lower() for name in names}
            free = next((name for name in _ROWID_NAMES if name not in taken), None)
            if free is None:
                raise Stopped
            wanted.append(free)
        # The order of the tree, not that of an index.
        return f"SELECT {', '.join(wanted)} FROM {_quoted(tree.table)} NOT INDEXED"  # noqa: S608


@contextmanager
def opened(pages: Pages, limits: Limits) -> Iterator[Engine | None]:
    """SQLite on a copy of a state of a database; `None` where it refuses the copy."""
    with ExitStack() as stack:
        connection = None
        with suppress(sqlite3.Error, OSError):
            connection = _connected(pages, stack)
            _confined(connection, limits)
        yield Engine(connection) if connection is not None else None


def _connected(pages: Pages, stack: ExitStack) -> sqlite3.Connection:
    size = pages.count * pages.header.page_size
    if size <= _IN_MEMORY:
        connection = stack.enter_context(closing(sqlite3.connect(":memory:", isolation_level=None)))
        connection.deserialize(_in_memory(pages, size))
        return connection
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="storage-harness-")))
    path = folder / "copy"
    with path.open("wb") as out:
        for chunk in _image(pages):
            out.write(chunk)
    address = f"{path.as_uri()}?mode=ro&immutable=1"
    return stack.enter_context(closing(sqlite3.connect(address, uri=True, isolation_level=None)))


def _image(pages: Pages) -> Iterator[bytes]:
    """The state as one file, without a log."""
    size = pages.header.page_size
    first = bytearray(pages.read(1))
    first[_WRITER : _READER + 1] = _NO_LOG
    yield bytes(first)
    moved = sorted(number for number in pages.moved if 1 < number <= pages.count)
    begin = 2
    for number in (*moved, pages.count + 1):
        low, high = (begin - 1) * size, (number - 1) * size
        for at in range(low, high, _CHUNK):
            yield bytes(pages.document.data[at : min(at + _CHUNK, high)])
        if number <= pages.count:
            yield pages.read(number)
        begin = number + 1


def _in_memory(pages: Pages, size: int) -> Buffer:
    """The same, with as little copying as can be."""
    if pages.moved or size != len(pages.document.data):
        return b"".join(_image(pages))
    if bytes(pages.document.data[_WRITER : _READER + 1]) == _NO_LOG:
        return pages.document.data
    image = bytearray(pages.document.data)
    image[_WRITER : _READER + 1] = _NO_LOG
    return image


def _confined(connection: sqlite3.Connection, limits: Limits) -> None:
    """Nothing but reading, and not for long."""
    for setting in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {setting}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.expanded_bytes)
    deadline = time.monotonic() + limits.seconds_per_file
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.set_authorizer(_authorised)


def _authorised(action: int, *_about: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
