"""Writes databases with SQLite itself: what it leaves in free pages and logs is what a real app leaves."""

import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from harness.errors import FormatError
from harness.formats.sqlite.content import Database, Table
from harness.formats.sqlite.wal import seal
from harness.model import Document

__all__ = ["write"]

_SALTS = (0x5A17ED01, 0x0DDBA11)
"""SQLite draws salts at random; equal content is to give equal bytes."""
_ENCODINGS = ("UTF-8", "UTF-16", "UTF-16le", "UTF-16be")


def write(content: Database) -> Document:
    """The database as a document, with its write-ahead log where it has one.

    Raises:
        FormatError: SQLite refuses the content.
    """
    if content.encoding not in _ENCODINGS:
        raise FormatError(f"SQLite knows no encoding {content.encoding!r}")
    with tempfile.TemporaryDirectory(prefix="storage-harness-") as folder:
        path = Path(folder) / "database"
        try:
            return _write(content, path)
        except (sqlite3.Error, OverflowError, ValueError) as error:
            raise FormatError(f"the database cannot be written: {type(error).__name__}") from error


def _write(content: Database, path: Path) -> Document:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        _configure(connection, content)
        _fill(connection, content.tables, known=())
        _run(connection, content.script)
        if not content.wal and not content.wal_script:
            return Document(path.read_bytes())
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        _fill(connection, content.wal, known=[table.name for table in content.tables])
        _run(connection, content.wal_script)
        # Closing would check the log in, so the files are taken while the connection is open.
        log = path.with_name(path.name + "-wal").read_bytes()
        return Document(path.read_bytes(), {"-wal": seal(log, _SALTS)} if log else {})


def _configure(connection: sqlite3.Connection, content: Database) -> None:
    connection.execute(f"PRAGMA page_size={int(content.page_size)}")
    connection.execute(f"PRAGMA encoding='{content.encoding}'")
    connection.execute(f"PRAGMA auto_vacuum={int(content.auto_vacuum)}")
    connection.execute(f"PRAGMA secure_delete={int(content.secure_delete)}")
    connection.execute(f"PRAGMA user_version={int(content.user_version)}")
    connection.execute("PRAGMA synchronous=OFF")


def _fill(connection: sqlite3.Connection, tables: Iterable[Table], known: Iterable[str]) -> None:
    """Create tables that are not there yet, then write all rows in one transaction."""
    tables, known = tuple(tables), frozenset(known)
    connection.execute("BEGIN")
    for table in tables:
        if table.name not in known:
            connection.execute(table.sql)
    for table in tables:
        connection.executemany(table.insert, table.rows)
    connection.execute("COMMIT")


def _run(connection: sqlite3.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.execute(statement).fetchall()
