"""Rows that SQLite itself gives of a copy are those that are found by going through the tree."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import FormatError
from harness.formats.sqlite import Sqlite, engine, rows
from harness.formats.sqlite.catalog import Tree
from harness.formats.sqlite.engine import Engine, Stopped, opened
from harness.formats.sqlite.pages import open_storage
from harness.formats.sqlite.rows import live_rows
from harness.formats.sqlite.view import View
from harness.limits import Limits
from harness.model import Document, Scalar, State, Value

COUNT = 120
FILLER = "x" * 60
PEOPLE = f"INSERT INTO t SELECT value, 'roe' || value || '@example.org', '{FILLER}' FROM generate"
KINDS = {
    "an alias": ("CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT, note TEXT)", PEOPLE),
    "no alias": ("CREATE TABLE t(id INT, mail TEXT, note TEXT)", PEOPLE, "DELETE FROM t WHERE id % 7 = 1"),
    "names of the row id": ('CREATE TABLE t(rowid TEXT, "_rowid_" TEXT, oid TEXT)', PEOPLE),
    "two names of the row id": ('CREATE TABLE t(rowid TEXT, "_ROWID_" TEXT, z TEXT)', PEOPLE),
    "no row id": ("CREATE TABLE t(a INT, mail TEXT, note TEXT, PRIMARY KEY(mail, a)) WITHOUT ROWID", PEOPLE),
    "reals": ("CREATE TABLE t(a REAL, mail TEXT, note TEXT)", PEOPLE, "UPDATE t SET a = 0.5 WHERE a % 3 = 0"),
    "quotes": ('CREATE TABLE t("a""b" INT, [c d] TEXT, `e``f` TEXT)', PEOPLE),
    "late columns": (
        "CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT, note TEXT)",
        PEOPLE,
        "ALTER TABLE t ADD COLUMN late TEXT DEFAULT 'never'",
        "ALTER TABLE t ADD COLUMN later REAL DEFAULT 7",
        "UPDATE t SET late = 'now' WHERE id = 4",
    ),
    "computed columns": (
        "CREATE TABLE t(id INT, mail TEXT, note TEXT, far AS (id * 2), near INT AS (id + 1) STORED)",
        PEOPLE.replace("INTO t", "INTO t(id, mail, note)"),
    ),
    "dates": ("CREATE TABLE t(Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZBORN TIMESTAMP, ZNAME)",
        f"INSERT INTO t SELECT value, 1, 1, value * 86400.5, '{FILLER}' FROM generate"),
    "long rows": ("CREATE TABLE t(a INT, b TEXT, c BLOB)",
        "INSERT INTO t SELECT value, printf('%.*c', value * 40, 'y'), zeroblob(value * 9) FROM generate"),
    "no UTF-8": ("CREATE TABLE t(a INT, b TEXT, c TEXT)", PEOPLE,
        "UPDATE t SET c = CAST(x'4aff6e' AS TEXT) WHERE a = 60",
        "UPDATE t SET c = 'a' || char(0) || 'b' WHERE a = 61"),
    "UTF-16": ("PRAGMA encoding='UTF-16le'", "CREATE TABLE t(a INT, b TEXT, c TEXT)", PEOPLE,
        "UPDATE t SET c = CAST(x'00d84100' AS TEXT) WHERE a = 60"),
    "a hostile schema": ("CREATE TABLE t(a INT, b TEXT, c TEXT)", PEOPLE,
        "CREATE VIEW v AS SELECT load_extension('x') FROM t", "CREATE VIRTUAL TABLE f USING fts4(x)",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END"),
    "a collation that is not here": (
        "CREATE TABLE t(a INT, b TEXT COLLATE mine, c TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID", PEOPLE),
}  # fmt: skip


def database(path: Path, script: tuple[str, ...]) -> Document:
    """What SQLite writes of a script, in which `generate` counts."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_collation("mine", lambda left, right: (left > right) - (left < right))
        connection.execute("PRAGMA page_size=512")
        connection.execute("PRAGMA secure_delete=0").fetchall()
        numbers = f"VALUES (1) UNION ALL SELECT value + 1 FROM n LIMIT {COUNT}"
        for statement in script:
            connection.execute(
                statement.replace("generate", f"(WITH RECURSIVE n(value) AS ({numbers}) SELECT * FROM n)")
            )
    return Document(path.read_bytes())


def live(document: Document) -> tuple[list[Value], str]:
    """Live values, and what ended them."""
    found: list[Value] = []
    try:
        for held in live_rows(document, Limits()):
            found += held.values()
    except FormatError as error:
        return found, str(error)
    return found, ""


def walked(document: Document, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Value], str]:
    """The same without SQLite."""
    with monkeypatch.context() as patch:
        patch.setattr(rows, "_FEW", 1 << 40)
        return live(document)


@pytest.mark.parametrize("script", KINDS.values(), ids=KINDS)
def test_rows_are_the_same_either_way(
    tmp_path: Path, script: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values, their types, their steps and their order."""
    document = database(tmp_path / "a", script)

    found, fault = live(document)

    expected, expected_fault = walked(document, monkeypatch)
    assert [(each, type(each.value)) for each in found] == [(each, type(each.value)) for each in expected]
    assert fault == expected_fault == ""
    assert sum(each.steps[0] == "t" for each in found) >= 3 * 100


def test_it_is_asked_for_sound_tables_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What SQLite reads without a word where a record was cut off, is read by ourselves, and told of."""
    sound = database(tmp_path / "a", KINDS["an alias"])
    asked: list[str] = []
    given = Engine.rows

    def noted(self: Engine, tree: Tree) -> Iterator[list[tuple[Scalar, ...]]]:
        asked.append(tree.table)
        return given(self, tree)

    monkeypatch.setattr(Engine, "rows", noted)
    data = bytearray(sound.data)
    at = data.index(b"roe60@example.org")
    data[at - 1] += 2  # the last type of the record's header: its text is one byte longer than the record

    assert live(sound)[1] == ""
    assert asked == ["t"]
    assert live(Document(bytes(data))) == walked(Document(bytes(data)), monkeypatch)
    assert live(Document(bytes(data)))[1] == "a record is not as long as its header says"
    assert live(Document(bytes(data[:-512])))[1]
    assert asked == ["t"]


@pytest.mark.parametrize("in_memory", [0, 1 << 20])
def test_the_log_is_part_of_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    """In memory as in a folder, of which nothing is left."""
    monkeypatch.setattr(engine, "_IN_MEMORY", in_memory)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = tmp_path / "a"
    database(path, KINDS["an alias"])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE t SET mail = 'new' || id WHERE id % 5 = 0")
        connection.execute("INSERT INTO t SELECT id + 1000, mail, note FROM t")
        document = Document(path.read_bytes(), {"-wal": path.with_name("a-wal").read_bytes()})
    before = sorted(each.name for each in tmp_path.iterdir())

    found, fault = live(document)

    assert (found, fault) == walked(document, monkeypatch)
    assert Value(("t", 1100, "mail"), "new100") in found
    assert sorted(each.name for each in tmp_path.iterdir()) == before


def test_what_sqlite_does_not_know_it_does_not_give(tmp_path: Path) -> None:
    """A table, or the name of a column: in double quotes that would be a text."""
    document = database(tmp_path / "a", KINDS["an alias"])
    view = View(open_storage(document).current, Limits())
    tree = next(each for each in view.trees if each.table == "t")

    with opened(view.pages, Limits()) as sqlite:
        assert sqlite is not None
        assert sum(map(len, sqlite.rows(tree))) == COUNT
        for other in (replace(tree, table="u"), replace(tree, columns=tree.columns[1:])):
            with pytest.raises(Stopped):
                list(sqlite.rows(other))
        with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited"):
            sqlite._connection.execute("SELECT load_extension('x')")


def test_values_are_those_of_decode(tmp_path: Path) -> None:
    """`decode` gives the same, and then what is no longer live."""
    document = database(tmp_path / "a", KINDS["no alias"])

    decoded = list(Sqlite().decode(document, Limits()))

    assert [each for each in decoded if each.state is State.LIVE] == live(document)[0]
    assert any(each.state is not State.LIVE for each in decoded)
