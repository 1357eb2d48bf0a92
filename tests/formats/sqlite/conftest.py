"""Databases that our code did not write, and SQLite itself as the oracle."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.formats.sqlite import Sqlite
from harness.limits import Limits
from harness.model import Document, Scalar

FOLDERS = ("sqlite-apps", "sqlite-forensic-corpus", "sqlite-residue")
SIDECARS = ("-wal", "-journal", "-shm")
Rows = dict[int, dict[str, Scalar]]


@dataclass(frozen=True)
class Found:
    """One database of a corpus."""

    path: Path
    document: Document


@pytest.fixture
def sqlite() -> Sqlite:
    return Sqlite()


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture(scope="session")
def databases(shared_corpus: Path | None, own_corpus: Path) -> tuple[Found, ...]:
    """All databases of the large corpora where they are, else the few that travel with the project."""
    root = shared_corpus or own_corpus
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*")) if path.is_file()]
    return tuple(Found(path, read(path)) for path in paths if path.read_bytes()[:16] == b"SQLite format 3\0")


def read(path: Path) -> Document:
    """A database with its sidecars."""
    beside = {suffix: path.with_name(path.name + suffix) for suffix in SIDECARS}
    return Document(path.read_bytes(), {s: p.read_bytes() for s, p in beside.items() if p.exists()})


@pytest.fixture
def oracle(tmp_path: Path) -> Callable[[Document], dict[str, Rows | None]]:
    """What SQLite reads: rows by table and row id (or position); `None` for a table that it cannot read."""
    serial = iter(range(1_000_000))

    def ask(document: Document) -> dict[str, Rows | None]:
        path = tmp_path / f"copy{next(serial)}"
        path.write_bytes(bytes(document.data))
        for suffix in ("-wal", "-journal"):
            if suffix in document.sidecars:
                path.with_name(path.name + suffix).write_bytes(bytes(document.sidecars[suffix]))
        with closing(sqlite3.connect(path)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            try:
                return _tables(connection)
            except sqlite3.DatabaseError:
                return {}

    return ask


def _tables(connection: sqlite3.Connection) -> dict[str, Rows | None]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0").fetchall()
    found: dict[str, Rows | None] = {}
    for (name,) in [("sqlite_master",), *names]:
        try:
            found[name] = _rows(connection, '"' + name.replace('"', '""') + '"')
        except sqlite3.DatabaseError:
            found[name] = None
    return found


def _rows(connection: sqlite3.Connection, table: str) -> Rows:
    try:
        cursor = connection.execute(f"SELECT _rowid_, * FROM {table} NOT INDEXED")
    except sqlite3.OperationalError:  # a table without row id; in the order of its key
        cursor = connection.execute(f"SELECT NULL, * FROM {table} NOT INDEXED")
    names = [column[0] for column in cursor.description[1:]]
    return {
        n if row[0] is None else row[0]: dict(zip(names, row[1:], strict=True)) for n, row in enumerate(cursor, 1)
    }
