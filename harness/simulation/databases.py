"""The databases that a process has open: SQLite itself runs what a model says, and its files are the app's.

A database stays open until its process ends. What is then on disk is what a real app leaves: the log that nobody
checked in, the journal that nobody rolled back.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import PluginError
from harness.formats.sqlite.chance import without_chance
from harness.sandbox import Attributes, Sandbox
from harness.sdks.base import Sql, Statement

__all__ = ["SIDECARS", "KeptDatabases", "connect", "run"]

SIDECARS = ("-journal", "-wal", "-shm")
_FOR_NEW_ONES = ("page_size=4096", "auto_vacuum=FULL")
_FOR_ALL = ("secure_delete=ON", "temp_store=MEMORY")
"""What Android's SQLite is built with, since Android 5; this machine's may be built otherwise. A model's pragmas come
after these."""
_SMALLEST = ("cache_size=1", "cache_spill=1")
"""So that a transaction that will not end has written what it could."""
_LEAVE_NOTHING = frozenset({"truncate", "delete"})
_HEAD = 100
_MEMORY = Path("/dev/shm")  # noqa: S108 - `mkdtemp` makes a folder there that is nobody else's
_ROOM = 64 << 20
_BY_CHANCE = frozenset(
    {"random", "randomblob", "load_extension", "current_date", "current_time", "current_timestamp"}
)


def connect(path: Path, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    """Open a database, which is made where it is not there.

    Raises:
        PluginError: SQLite refuses a pragma, or what lies there is no database.
    """
    try:
        # Each time that it is asked for, `auto_vacuum` is written.
        defaults = _FOR_ALL if path.exists() and path.stat().st_size else (*_FOR_NEW_ONES, *_FOR_ALL)
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise _refused(error) from error
    try:
        for pragma in (*defaults, *pragmas):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.set_authorizer(_authorize)
    except (sqlite3.Error, sqlite3.Warning) as error:
        connection.close()
        raise _refused(error) from error
    return connection


def run(connection: sqlite3.Connection, effect: Sql, pause: Callable[[], None] = lambda: None) -> None:
    """Run the statements of an effect as one transaction; it stays open where the process dies before the commit.

    Raises:
        PluginError: SQLite refuses a statement.
    """
    try:
        if not effect.commits:
            for pragma in _SMALLEST:
                connection.execute(f"PRAGMA {pragma}")
        elif len(effect.statements) == 1:
            # A transaction by itself. Some statements can be nothing else.
            _execute(connection, effect.statements[0])
            return
        if not effect.statements:
            return
        connection.execute("BEGIN")
        for statement in effect.statements:
            _execute(connection, statement)
            pause()
        if effect.commits:
            connection.execute("COMMIT")
    except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError) as error:
        with suppress(sqlite3.Error):
            connection.rollback()
        raise _refused(error) from error


def _execute(connection: sqlite3.Connection, statement: Statement) -> None:
    if statement.parameters:
        connection.execute(statement.sql, statement.parameters).fetchall()
    else:
        connection.execute(statement.sql).fetchall()


def _refused(error: Exception) -> PluginError:
    """In SQLite's word for it: its sentences quote what it was given."""
    word = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return PluginError(f"SQLite refuses what an SDK model asks for ({word})")


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
    """No other file, no library, no dice, no clock. `VACUUM` attaches a database without a name."""
    if action == sqlite3.SQLITE_ATTACH and first:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second in _BY_CHANCE:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


# -- in a sandbox --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """One database while a process has it open."""

    connection: sqlite3.Connection
    file: Path
    """The copy that SQLite works on, with an own folder around it."""
    database: FileIO
    """The same, open."""
    mode: str
    """Of its journal, as the app has it."""
    emptied: bool
    """Whether a journal has been there, of which nothing but the file is left."""
    begun: bytes
    """The header when it was opened."""
    is_new: bool
    """Whether there was none before."""
    last: Sql
    at: int
    """When it was last written to."""
    journal: FileIO | None = None
    """The one that stays, open."""

    def run(self, effect: Sql) -> None:
        """A journal that a commit leaves nothing of need not be a file, as long as there is a commit."""
        if self.mode in _LEAVE_NOTHING and not effect.commits:
            self.connection.execute(f"PRAGMA journal_mode={self.mode}").fetchall()
            self.connection.execute("PRAGMA synchronous=FULL")
        run(self.connection, effect)
        if self.mode == "persist" and effect.commits:
            self._settle()

    def on_disk(self) -> dict[str, bytes]:
        """What stands there now, by suffix, without what SQLite drew by chance."""
        database = self.file.read_bytes()
        paths = {suffix: Path(f"{self.file}{suffix}") for suffix in SIDECARS}
        found = {suffix: path.read_bytes() for suffix, path in paths.items() if path.exists()}
        if self.mode == "truncate" and (self.emptied or database[:_HEAD] != self.begun):
            found.setdefault("-journal", b"")
        return {"": database, **without_chance(database, found)}

    def _settle(self) -> None:
        """Put the journal that stayed in order for the transaction that will write across it."""
        journal = Path(f"{self.file}-journal")
        if self.journal is None and journal.exists():
            self.journal = journal.open("r+b", buffering=0)
        if self.journal is None:
            return
        self.database.seek(0)
        self.journal.seek(0)
        was = self.journal.read()
        now = without_chance(self.database.read(_HEAD), {"-journal": was})["-journal"]
        if now != was:
            self.journal.seek(0)
            self.journal.write(now)

    def finish(self) -> None:
        """As an app does that closes its database: the log is checked in."""
        with suppress(sqlite3.Error):
            self.connection.close()

    def close(self) -> None:
        """Without a trace: with its files gone, SQLite can neither check a log in nor roll a journal back."""
        shutil.rmtree(self.file.parent, ignore_errors=True)
        self.database.close()
        if self.journal is not None:
            self.journal.close()
        with suppress(sqlite3.Error):
            self.connection.close()


@dataclass(slots=True)
class KeptDatabases:
    """The databases of an app in a sandbox. A context: the private folder of the copies is gone after it, whatever
    happened; what `leave` did not put into the sandbox by then is lost."""

    sandbox: Sandbox
    root: str
    """The app's container."""
    _open: dict[str, _Open] = field(default_factory=dict, repr=False)
    _folder: Path | None = None
    _count: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for database in self._open.values():
            database.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def apply(self, effect: Sql, at: int) -> None:
        """Run what a model says on one database.

        Raises:
            PluginError: SQLite refuses it.
        """
        if effect.closes and not effect.commits:
            # Each transaction before was followed by a close.
            self.set_aside(effect.path)
        database = self._open.get(effect.path)
        if database is None:
            database = self._open[effect.path] = self._opened(effect, at)
        database.last = effect
        if effect.statements:
            database.at = at
        database.run(effect)
        if not effect.commits:
            self.leave()

    def leave(self) -> None:
        """The process ends here: all stays as it is on disk."""
        for path in tuple(self._open):
            self.set_aside(path)

    def set_aside(self, path: str) -> None:
        """Let go of the databases that a file belongs to, or that are in a folder, before that is written or
        removed: they stay as they are on disk."""
        for each in tuple(self._open):
            if each == path or each.startswith(f"{path}/") or path in {f"{each}{suffix}" for suffix in SIDECARS}:
                self._put_down(each, self._open[each])
                self._open.pop(each).close()

    def _opened(self, effect: Sql, at: int) -> _Open:
        if self._folder is None:
            self._folder = _private_folder()
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        file = folder / "database"
        is_new = not self.sandbox.exists(f"{self.root}/{effect.path}")
        for suffix in ("", *SIDECARS):
            path = f"{self.root}/{effect.path}{suffix}"
            if self.sandbox.exists(path):
                Path(f"{file}{suffix}").write_bytes(self.sandbox.read(path))
        connection = connect(file, effect.pragmas)
        try:
            mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
            # Whatever a process that died has left is put in order now, in the app's own way.
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            emptied = Path(f"{file}-journal").exists()
            if mode in _LEAVE_NOTHING:
                for pragma in ("journal_mode=MEMORY", "synchronous=OFF"):
                    connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlite3.Error as error:
            connection.close()
            raise _refused(error) from error
        database = file.open("rb", buffering=0)
        return _Open(connection, file, database, mode, emptied, database.read(_HEAD), is_new, effect, at)

    def _put_down(self, path: str, database: _Open) -> None:
        effect = database.last
        if effect.closes and effect.commits:
            # Once is as often: what each close leaves, the next one finds.
            database.finish()
        found = database.on_disk()
        places = {suffix: f"{self.root}/{path}{suffix}" for suffix in ("", *SIDECARS)}
        before = {suffix: self.sandbox.read(place) for suffix, place in places.items() if self.sandbox.exists(place)}
        if before == found:
            return
        attributes = Attributes(mode=effect.mode, in_backup=effect.in_backup, modified=float(database.at))
        for suffix, place in places.items():
            if suffix in found:
                mode = self._mode_of(place, database) if suffix and found[suffix] else effect.mode
                self.sandbox.write(place, found[suffix], replace(attributes, mode=mode))
            else:
                self.sandbox.delete(place)

    def _mode_of(self, place: str, database: _Open) -> int:
        """Of a journal or log: SQLite gives it that which the database has when it is made, and again when it finds
        it empty; else it stays."""
        if self.sandbox.exists(place):
            return self.sandbox.stat(place).mode
        own = database.last.sidecar_mode
        return own if own is not None and database.is_new else database.last.mode


def _private_folder() -> Path:
    """In memory where there is room, as nothing of it is to last."""
    memory = None
    with suppress(OSError):
        memory = str(_MEMORY) if shutil.disk_usage(_MEMORY).free >= _ROOM else None
    try:
        return Path(tempfile.mkdtemp(prefix="storage-harness-", dir=memory))
    except OSError:
        return Path(tempfile.mkdtemp(prefix="storage-harness-"))
