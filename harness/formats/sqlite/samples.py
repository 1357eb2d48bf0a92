"""Databases that the format writes, with the values that must be read back: its own proof."""

from collections.abc import Iterator

from harness.formats.base import Sample
from harness.formats.sqlite.content import Database, Table
from harness.model import Scalar, State, Value

__all__ = ["SAMPLES"]

_PROFILE = '{"Email":"jane.roe@example.org","Phone":"+44 7700 900123"}'
_LONG = "Jane Roe lives at 12 Sample Street, Springfield. " * 200

TYPES = Database(
    tables=(
        Table(
            name="people",
            columns=(
                ("id", "INTEGER PRIMARY KEY"),
                ("email", "TEXT"),
                ("lat", "REAL"),
                ("height", "REAL"),
                ("visits", "INTEGER"),
                ("photo", "BLOB"),
                ("note", ""),
            ),
            rows=(
                (1, "jane.roe@example.org", 51.507351, 2.0, 0, b"\x00\xff\x10", None),
                (7, "böhm@example.com", -0.127758, -1.5, 1, b"", "free text"),
                (900, "", 0.1, 0.0, -(2**63), None, 2**40),
            ),
        ),
    )
)
KEYED = Database(
    tables=(
        Table(
            name="settings",
            columns=(("area", "TEXT"), ("name", "TEXT"), ("value", "ANY")),
            constraints=("PRIMARY KEY (name, area)",),
            rows=(("account", "email", "jane.roe@example.org"), ("account", "card", 4111111111111111)),
            without_rowid=True,
        ),
    )
)
WIDE = Database(
    tables=(
        Table(
            name="profiles", columns=(("key", "TEXT"), ("data", "STRING")), rows=(("naïve €", _PROFILE), ("", "𝄞"))
        ),
    ),
    encoding="UTF-16le",
)
LOGGED = Database(
    tables=(
        Table(
            name="events",
            columns=(("_id", "INTEGER PRIMARY KEY"), ("data", "TEXT")),
            rows=((1, "opened"), (2, "closed")),
        ),
    ),
    wal=(Table(name="events", columns=(("_id", ""), ("data", "")), rows=((3, _PROFILE),)),),
    wal_script=("UPDATE events SET data = 'installed' WHERE _id = 1",),
)
OVERFLOWING = Database(
    tables=(
        Table(
            name="notes",
            columns=(("id", "INTEGER PRIMARY KEY"), ("body", "TEXT"), ("tail", "TEXT")),
            rows=((1, _LONG, "+1 415 555 0132"), (2, "short", None)),
        ),
    ),
    page_size=1024,
)


DELETED = Database(
    tables=(
        Table(
            name="people",
            columns=(("id", "INTEGER PRIMARY KEY"), ("name", "TEXT"), ("mail", "TEXT")),
            rows=tuple((n, f"Jane Roe {n}", f"roe{n}@example.org") for n in range(1, 7)),
        ),
    ),
    script=("DELETE FROM people WHERE id = 3",),
)


def _master(table: Table) -> Iterator[Value]:
    """The row of the schema table that declares the only table of a database."""
    row: tuple[Scalar, ...] = ("table", table.name, table.name, 2, table.sql)
    for name, value in zip(("type", "name", "tbl_name", "rootpage", "sql"), row, strict=True):
        yield Value(("sqlite_master", 1, name), value)


def _sample(content: Database, order: tuple[int, ...], rows: dict[int, tuple[Scalar, ...]]) -> Sample:
    """A database of one table: positions of its columns as they are stored, and its rows by row id or position."""
    table = content.tables[0]
    names = [name for name, _ in table.columns]
    values = list(_master(table))
    for rowid, row in rows.items():
        values += [Value((table.name, rowid, names[i]), row[i]) for i in order]
    return Sample(content, tuple(values))


def _by_id(content: Database) -> dict[int, tuple[Scalar, ...]]:
    return {int(str(row[0])): row for row in content.tables[0].rows}


def _more(sample: Sample, *values: Value) -> Sample:
    return Sample(sample.content, (*sample.values, *values))


SAMPLES = (
    _sample(TYPES, tuple(range(7)), _by_id(TYPES)),
    _sample(KEYED, (1, 0, 2), {1: KEYED.tables[0].rows[1], 2: KEYED.tables[0].rows[0]}),
    _sample(WIDE, (0, 1), {1: WIDE.tables[0].rows[0], 2: WIDE.tables[0].rows[1]}),
    _more(
        _sample(LOGGED, (0, 1), {1: (1, "installed"), 2: (2, "closed"), 3: (3, _PROFILE)}),
        Value(("events", 1, "_id"), 1, State.WAL),
        Value(("events", 1, "data"), "opened", State.WAL),
    ),
    _sample(OVERFLOWING, (0, 1, 2), _by_id(OVERFLOWING)),
    # The cell of the row begins with the head of a freeblock, which has overwritten its number.
    _more(
        _sample(DELETED, (0, 1, 2), {n: row for n, row in _by_id(DELETED).items() if n != 3}),
        Value(("people", "?", "name"), "Jane Roe 3", State.FREEBLOCK),
        Value(("people", "?", "mail"), "roe3@example.org", State.FREEBLOCK),
    ),
)
