"""What an event does to an app's storage, and in which words a model says what a file holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from harness.model import Protection, Scalar

__all__ = [
    "Database",
    "Delete",
    "Effect",
    "Exit",
    "Preferences",
    "Sql",
    "Statement",
    "Table",
    "Wipe",
    "Write",
    "Writer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Replace a file of the app."""

    path: str
    """Relative to the container root."""
    data: bytes = field(repr=False)
    mode: int = 0o600
    protection: Protection = Protection.UNTIL_FIRST_AUTH
    in_backup: bool = True
    """False where the app marks the file as not to be backed up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove a file of the app; nothing happens where there is none."""

    path: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with its parameters."""

    sql: str
    parameters: tuple[Scalar, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """Statements on a database of the app, which is made where it is not there: one transaction, after `pragmas`.

    The connection stays open until the process ends, as an app's does; what the journal holds at that moment stays
    beside the database.
    """

    path: str
    statements: tuple[Statement, ...] = ()
    pragmas: tuple[str, ...] = ()
    """Run outside of the transaction when the database is opened, before the first statement: `journal_mode=WAL`."""
    mode: int = 0o660
    sidecar_mode: int | None = None
    """Of a journal or log that is made while the database is new, and has not got its mode yet. Where None, the
    database's, which all have that are made later, or are empty."""
    closes: bool = False
    """Whether the connection is closed after the commit, against the rule: no log outlives it then."""
    commits: bool = True
    """False where the process dies before the commit: what SQLite had spilled by then stays, with its journal. What
    follows is done by a new process."""
    in_backup: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wipe:
    """Everything in the app's containers goes, and its keys and its process with it: cleared or reinstalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """The process is gone: databases stay as they are on disk, journals and logs beside them, and are opened anew.

    Whoever plays a life does so by itself before `Launched`, `Upgraded`, `LevelChanged`, `Cleared` and `Reinstalled`,
    and after `Killed`.
    """


Effect: TypeAlias = Write | Delete | Sql | Wipe | Exit


# -- how its bytes are made ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preferences:
    """Named values: Android preferences, or a flat property list."""

    values: Mapping[str, str | int | bool | float] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a database. Row ids count from 1."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Database:
    """A database with all that is in it."""

    tables: tuple[Table, ...]
    script: tuple[str, ...] = ()
    """SQL that runs once the rows are written. A deletion leaves in free pages what SQLite leaves there."""
    secure_delete: bool = False
    """Whether SQLite overwrites what it deletes."""


class Writer(Protocol):
    """The storage formats, as a model sees them: content in, the bytes of a real file out."""

    def encode(self, format_name: str, content: Any) -> bytes:
        """Write a document.

        Args:
            format_name: `shared_prefs` or `property_list` for `Preferences`, `sqlite` for a `Database`, `json_text`
                for what JSON can say; any other format takes the content that its own `encode` takes.
            content: what is to be in it.

        Raises:
            FormatError: the content cannot be written in this format.
            PluginError: there is no such format.
        """
        ...
