"""Live rows are exactly what SQLite itself reads."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.sqlite import Database, Sqlite, Table
from harness.formats.sqlite.core_data import moment
from harness.limits import Limits
from harness.model import Document, State

Oracle = Callable[[Document], dict[str, Any]]


def rows_of(sqlite: Sqlite, document: Document, limits: Limits) -> tuple[dict[str, dict[int, dict[str, Any]]], str]:
    """Rows by table and row id, and what `decode` says is wrong."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    try:
        for value in sqlite.decode(document, limits):
            if value.state is not State.LIVE:
                continue
            table, rowid, column = value.steps
            found.setdefault(str(table), {}).setdefault(int(rowid), {})[str(column)] = value.value
    except FormatError as error:
        return found, str(error)
    return found, ""


def exact(rows: dict[int, dict[str, Any]]) -> dict[int, list[tuple[str, str]]]:
    """Rows in which 1, 1.0 and True differ."""
    return {rowid: sorted((name, repr(value)) for name, value in row.items()) for rowid, row in rows.items()}


def dated(rows: dict[int, dict[str, Any]], found: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Rows with Core Data's dates as days, where we give them so."""
    return {
        rowid: {
            name: moment(value) if isinstance(found.get(rowid, {}).get(name), datetime) else value
            for name, value in row.items()
        }
        for rowid, row in rows.items()
    }


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for table, rows in expected.items():
        own = found.get(table, {})
        assert exact(own) == exact(dated(rows or {}, own)), table


def test_every_sound_database_reads_as_in_sqlite(
    databases: tuple[Any, ...], sqlite: Sqlite, limits: Limits, oracle: Oracle
) -> None:
    """Where nothing is damaged, each table of each database of the corpora gives the same rows."""
    sound = 0
    for each in databases:
        found, fault = rows_of(sqlite, each.document, limits)
        if not fault:
            expected = oracle(each.document)
            assert expected, each.path
            assert None not in expected.values(), f"SQLite finds {each.path} damaged, we do not"
            assert_same(found, expected)
            sound += 1
    assert sound >= 0.8 * len(databases)


def test_damage_is_said_and_no_row_invented(
    databases: tuple[Any, ...], sqlite: Sqlite, limits: Limits, oracle: Oracle
) -> None:
    """Of a damaged database we give no row that SQLite, where it can, reads otherwise."""
    for each in databases:
        found, fault = rows_of(sqlite, each.document, limits)
        for table, rows in oracle(each.document).items() if fault else ():
            given = exact(found.get(table, {}))
            theirs = exact(rows) if rows is not None else given
            assert given.items() <= theirs.items(), (each.path, table)


def build(path: Path, *statements: str) -> Document:
    """What SQLite makes of some statements, files as they are while it is open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement).fetchall()
        parts = {s: path.with_name(path.name + s) for s in ("-wal", "-journal")}
        return Document(path.read_bytes(), {s: p.read_bytes() for s, p in parts.items() if p.exists()})


SHAPES = {
    "alias": [
        "CREATE TABLE t(a, id INTEGER PRIMARY KEY, b)",
        "INSERT INTO t VALUES('x', 7, 1.5), (NULL, NULL, x'00')",
    ],
    "alias in a constraint": [
        'CREATE TABLE t(a INTEGER NOT NULL, "b" TEXT, PRIMARY KEY(a AUTOINCREMENT))',
        "INSERT INTO t(b) VALUES('x'), ('y')",
    ],
    "no alias when descending": ["CREATE TABLE t(id INTEGER PRIMARY KEY DESC, b)", "INSERT INTO t VALUES(5, 'x')"],
    "no alias for INT": ["CREATE TABLE t(id INT PRIMARY KEY, b)", "INSERT INTO t VALUES(5, 'x')"],
    "added columns": [
        "CREATE TABLE t(a)",
        "INSERT INTO t VALUES(1)",
        "ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'it''s'",
        "ALTER TABLE t ADD COLUMN c REAL DEFAULT -1",
        "ALTER TABLE t ADD COLUMN d DEFAULT x'0a0b'",
        "ALTER TABLE t ADD COLUMN e INTEGER DEFAULT '12'",
        "ALTER TABLE t ADD COLUMN f TEXT DEFAULT 7",
        "ALTER TABLE t ADD COLUMN g DEFAULT (42)",
        "ALTER TABLE t ADD COLUMN h BOOLEAN NOT NULL DEFAULT true",
        "ALTER TABLE t ADD COLUMN i",
        "INSERT INTO t(a) VALUES(2)",
    ],
    "dropped column": [
        "CREATE TABLE t(a, b, c)",
        "INSERT INTO t VALUES(1, 2, 3)",
        "ALTER TABLE t DROP COLUMN b",
        "ALTER TABLE t RENAME COLUMN c TO [new name]",
    ],
    "generated": [
        "CREATE TABLE t(a INT, v INT GENERATED ALWAYS AS (a + 1), s TEXT AS (a || 'x') STORED, b)",
        "INSERT INTO t(a, b) VALUES(1, 'z')",
        "CREATE VIEW seen AS SELECT a FROM t",
    ],
    "real": [
        "CREATE TABLE t(a REAL, b FLOAT, c NUMERIC, d)",
        "INSERT INTO t VALUES(1, 2, 3.0, 4.0), (1e300, -0.0, 1, 2)",
    ],
    "strict": ["CREATE TABLE t(a ANY, b REAL, c INT) STRICT", "INSERT INTO t VALUES('1', 2, 3), (4.0, 5.5, NULL)"],
    "without rowid": [
        "CREATE TABLE t(a, b TEXT, c, PRIMARY KEY(c, a)) WITHOUT ROWID",
        "INSERT INTO t VALUES(1, 'x', 2), (1, 'y', 1), (0, 'z', 2)",
    ],
    "odd names": [
        """CREATE TABLE "a ""b"", (c" (
            [x y] "text -- no comment", `p``q` /* , */ INT CHECK(`p``q` > 0), 's' DEFAULT(',')
        )""",
        'INSERT INTO "a ""b"", (c" VALUES(1, 2, 3)',
    ],
    "negative row ids": [
        "CREATE TABLE t(a)",
        "INSERT INTO t(rowid, a) VALUES(-5, 1), (0, 2), (9223372036854775807, 3)",
    ],
    "full text": [
        "CREATE VIRTUAL TABLE f USING fts5(body)",
        "INSERT INTO f VALUES('jane.roe@example.org wrote')",
    ],
}


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_of_table(
    shape: str, encoding: str, tmp_path: Path, sqlite: Sqlite, limits: Limits, oracle: Oracle
) -> None:
    """Columns mean what their declaration says, however it is written and changed later."""
    document = build(tmp_path / "db", f"PRAGMA encoding='{encoding}'", *SHAPES[shape])

    found, fault = rows_of(sqlite, document, limits)

    assert not fault
    expected = {table: rows for table, rows in oracle(document).items() if table != "f"}
    for rows in expected.values():
        for row in rows.values():
            if shape == "generated":
                row.pop("v", None)  # computed on reading, nowhere stored
    assert_same(found, expected)


@pytest.mark.parametrize("page_size", [512, 1024, 8192, 65536])
@pytest.mark.parametrize("auto_vacuum", [0, 1, 2])
@pytest.mark.parametrize("without_rowid", [False, True])
def test_many_rows_of_all_sizes(
    page_size: int, auto_vacuum: int, *, without_rowid: bool, sqlite: Sqlite, limits: Limits, oracle: Oracle
) -> None:
    """Interior pages, overflow chains, pointer maps and the freelist are walked as SQLite does."""
    rows = tuple((n * 7 % 401, "x" * (n * n % 3000), float(n)) for n in range(400))
    table = Table(
        name="t",
        columns=(("id", "INTEGER PRIMARY KEY"), ("body", "TEXT"), ("n", "REAL")),
        rows=rows,
        without_rowid=without_rowid,
    )
    content = Database(
        tables=(table,),
        script=("CREATE INDEX i ON t(body)", "DELETE FROM t WHERE id % 3 = 0"),
        page_size=page_size,
        auto_vacuum=auto_vacuum,
    )
    document = sqlite.encode(content)

    found, fault = rows_of(sqlite, document, limits)

    assert not fault
    assert_same(found, oracle(document))


scalars = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(max_size=2000),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(scalars, scalars, scalars), max_size=12),
    encoding=st.sampled_from(["UTF-8", "UTF-16le", "UTF-16be"]),
)
def test_what_is_written_is_read(rows: list[tuple[Any, ...]], encoding: str, sqlite: Sqlite, limits: Limits) -> None:
    """Any value that a column can hold comes back as it was."""
    table = Table(name="t", columns=(("a", ""), ("b", "BLOB"), ("c", "")), rows=tuple(rows))
    document = sqlite.encode(Database(tables=(table,), encoding=encoding, page_size=512))

    found, fault = rows_of(sqlite, document, limits)

    assert not fault
    expected = {n: dict(zip("abc", row, strict=True)) for n, row in enumerate(rows, 1)}
    assert exact(found.get("t", {})) == exact(expected)


def test_rows_beyond_the_limit_are_refused(sqlite: Sqlite) -> None:
    """The cap on values holds, and is an error."""
    table = Table(name="t", columns=(("a", ""),), rows=((1,),) * 50)
    document = sqlite.encode(Database(tables=(table,)))

    with pytest.raises(FormatError, match="values"):
        list(sqlite.decode(document, Limits(values=20)))


def reserving(path: Path, page_size: int, reserve: int, auto_vacuum: int, encoding: str) -> Document:
    """A database that keeps bytes of each page for somebody else: an empty one that says so, filled by SQLite."""
    page = bytearray(page_size)
    page[:16] = b"SQLite format 3\x00"
    page[16:24] = (page_size & 0xFFFF or 1).to_bytes(2, "big") + bytes([1, 1, reserve, 64, 32, 32])
    page[28:32] = (1).to_bytes(4, "big")
    page[44:48] = (4).to_bytes(4, "big")
    page[56:60] = ({"UTF-8": 1, "UTF-16le": 2, "UTF-16be": 3}[encoding]).to_bytes(4, "big")
    page[52:56] = (1 if auto_vacuum else 0).to_bytes(4, "big")
    page[64:68] = (1 if auto_vacuum == 2 else 0).to_bytes(4, "big")
    page[100:108] = bytes([13, 0, 0, 0, 0, *((page_size - reserve) & 0xFFFF).to_bytes(2, "big"), 0])
    path.write_bytes(page)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL, c)")
        connection.execute("CREATE TABLE k(a TEXT, b, PRIMARY KEY(a)) WITHOUT ROWID")
        for n in range(150):
            connection.execute("INSERT INTO t VALUES (?, ?, ?, ?)", (n * 7, f"€ {n} " * (n % 60), n / 4, b"\x01" * n))
            connection.execute("INSERT INTO k VALUES (?, ?)", (f"key {n * 37 % 150}", "v" * n))
        connection.execute("CREATE INDEX i ON t(a)")
        connection.execute("DELETE FROM t WHERE id % 3 = 0")
    return Document(path.read_bytes())


@pytest.mark.parametrize("page_size", [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536])
@pytest.mark.parametrize("shape", [(0, 0, "UTF-8"), (8, 1, "UTF-16le"), (32, 2, "UTF-16be")])
def test_pages_of_every_size_with_reserved_bytes(
    page_size: int, shape: tuple[int, int, str], tmp_path: Path, sqlite: Sqlite, limits: Limits, oracle: Oracle
) -> None:
    """As in SQLite, whatever each page keeps at its end, in each encoding and with pointer maps."""
    document = reserving(tmp_path / "a.db", page_size, *shape)
    found, fault = rows_of(sqlite, document, limits)

    assert not fault
    assert bytes(document.data)[20] == shape[0]
    assert_same(found, oracle(document))
    assert not sqlite.account(document, limits).fault
