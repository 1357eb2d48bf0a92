"""The manifest of a backup: which file of which domain is stored under which name, and what was known of it.

Since iOS 10 that is an SQLite database. It is opened as a private copy, with everything off that a hostile schema
could use, and against the clock.
"""

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness.devices._ios_backup.record import Entry, described
from harness.errors import FormatError, SourceError
from harness.limits import Limits
from harness.model import Buffer

__all__ = ["SQLITE", "entries"]

SQLITE = b"SQLite format 3\0"
_HEAD = 100
_STEPS = 100_000
"""Of SQLite's machine, between two looks at the clock."""
_LONGEST = 16 << 20
_KINDS = {1: "file", 2: "folder", 4: "link"}
_TABLES = "SELECT count(*) FROM sqlite_master WHERE name = 'Files' AND type = 'table' AND sql LIKE 'CREATE TABLE%'"
_COMPUTED = "SELECT count(*) FROM pragma_table_xinfo('Files') WHERE hidden <> 0"
"""A view could compute for ever, a generated column for long, and a virtual table runs code that none needs."""
_QUERY = "SELECT fileID, domain, relativePath, flags, file FROM Files"


def entries(database: Buffer, log: Buffer, limits: Limits) -> Iterator[Entry]:
    """All rows, in the order in which they are stored.

    Args:
        database: in clear.
        log: its write-ahead log; empty where there is none.
        limits: caps on number and time.

    Raises:
        FormatError: it is damaged, from here on.
        SourceError: there is no room for a copy of it.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "Manifest.db"
        try:
            copy.write_bytes(database)
            if log:
                copy.with_name("Manifest.db-wal").write_bytes(log)
        except OSError as error:
            raise SourceError("no room to open the manifest", hint="point TMPDIR at a larger disk") from error
        watch = _Watch(limits.seconds_per_file)
        try:
            with contextlib.closing(_opened(copy, watch)) as connection:
                if [connection.execute(question).fetchone()[0] for question in (_TABLES, _COMPUTED)] != [1, 0]:
                    raise FormatError("the manifest has no table of files")
                for count, row in enumerate(connection.execute(_QUERY)):
                    if count == limits.entries:
                        raise FormatError("more entries than the limit allows")
                    yield _entry(*row)
                    watch.restart()
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise FormatError(watch.fault or "the manifest is damaged") from error
        if not log and _is_short(database):
            raise FormatError("the manifest is cut off")


class _Watch:
    """How long SQLite takes for one row; how long somebody takes with a row is their own affair."""

    def __init__(self, seconds: float) -> None:
        self.fault = ""
        self._seconds = seconds
        self.restart()

    def restart(self) -> None:
        """For the next row."""
        self._end = time.monotonic() + self._seconds

    def is_over(self) -> bool:
        """Asked by SQLite now and then, which stops where it is."""
        if time.monotonic() > self._end:
            self.fault = "reading the manifest took longer than the limit allows"
        return bool(self.fault)


def _is_short(database: Buffer) -> bool:
    """SQLite takes what is missing of a last page for zeros, and says nothing."""
    if len(database) < _HEAD:
        return False  # a new one without a table, which was told
    page, changes, pages, valid_for = (
        int.from_bytes(database[at : at + size], "big") for at, size in ((16, 2), (24, 4), (28, 4), (92, 4))
    )
    return changes == valid_for and len(database) < pages * (65536 if page == 1 else page)


def _opened(file: Path, watch: _Watch) -> sqlite3.Connection:
    # What is no UTF-8 is kept as it is, and shown as such.
    connection = sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_progress_handler(watch.is_over, _STEPS)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _entry(stored: object, domain: object, path: object, flags: object, file: object) -> Entry:
    kind = _KINDS.get(flags, "") if isinstance(flags, int) else ""
    said = file if isinstance(file, bytes) else None
    if not kind and said is not None and (known := described(said)) is not None:
        kind = known.kind
    return Entry(_text(stored), _text(domain), _text(path), kind, said)


def _text(value: object) -> str:
    """A column holds whatever was put into it."""
    return value if isinstance(value, str) else ""
