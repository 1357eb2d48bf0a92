"""What to write as a database, in the words of an app: tables, rows, and what happened to them after."""

from dataclasses import dataclass

from harness.model import Scalar

__all__ = ["Database", "Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table with its rows."""

    name: str
    columns: tuple[tuple[str, str], ...]
    """Name and declaration of each: `("id", "INTEGER PRIMARY KEY")`."""
    rows: tuple[tuple[Scalar, ...], ...] = ()
    constraints: tuple[str, ...] = ()
    """Of the table, as in SQL: `PRIMARY KEY (a, b)`."""
    without_rowid: bool = False
    strict: bool = False

    @property
    def sql(self) -> str:
        """The statement that creates it, as SQLite keeps it."""
        columns = [f"{_quoted(name)} {kind}".rstrip() for name, kind in self.columns]
        options = [
            word for word, is_set in (("WITHOUT ROWID", self.without_rowid), ("STRICT", self.strict)) if is_set
        ]
        body = f"CREATE TABLE {_quoted(self.name)} ({', '.join((*columns, *self.constraints))})"
        return " ".join((body, ", ".join(options))).rstrip()

    @property
    def insert(self) -> str:
        """The statement that writes one row."""
        return f"INSERT INTO {_quoted(self.name)} VALUES ({', '.join('?' * len(self.columns))})"  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One database file, and what its write-ahead log holds."""

    tables: tuple[Table, ...] = ()
    script: tuple[str, ...] = ()
    """Statements that run after the rows are written: indices, deletions."""
    wal: tuple[Table, ...] = ()
    """Tables whose rows are written after the last checkpoint; created there unless `tables` names them."""
    wal_script: tuple[str, ...] = ()
    """Statements that run after the last checkpoint."""
    page_size: int = 4096
    encoding: str = "UTF-8"
    """`UTF-8`, `UTF-16le` or `UTF-16be`."""
    secure_delete: bool = False
    auto_vacuum: int = 0
    """0: none, 1: full, 2: incremental."""
    user_version: int = 0


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
