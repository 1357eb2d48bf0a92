"""Rows that are gone come back with table, column and state, and no row comes back that nobody wrote."""

import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.formats.base import as_bytes
from harness.formats.sqlite import Database, Sqlite, Table
from harness.limits import Limits
from harness.model import Document, Scalar, State, Value

PEOPLE = (("id", "INTEGER PRIMARY KEY"), ("name", "TEXT"), ("mail", "TEXT"), ("born", "INTEGER"), ("lat", "REAL"))


def person(n: int) -> tuple[Scalar, ...]:
    return n, f"Jane Roe {n}", f"roe{n}@example.org", 19_000_000 + n, n / 7


def people(count: int = 60, **more: object) -> Database:
    table = Table(name="people", columns=PEOPLE, rows=tuple(person(n) for n in range(1, count + 1)))
    return Database(tables=(table,), **more)  # type: ignore[arg-type]


def dead(document: Document) -> list[Value]:
    return [value for value in Sqlite().decode(document, Limits()) if value.state is not State.LIVE]


def mails(document: Document) -> dict[str, State]:
    return {str(value.value): value.state for value in dead(document) if value.steps[-1] == "mail"}


# -- each kind of place --------------------------------------------------------------------------


def test_rows_between_live_ones_are_in_freeblocks() -> None:
    """Four bytes of each are lost, and with them the row id; all values come back."""
    document = Sqlite().encode(people(script=("DELETE FROM people WHERE id IN (7, 20, 33)",)))
    expected = {
        (("people", "?", name), value)
        for n in (7, 20, 33)
        for (name, _), value in zip(PEOPLE, person(n), strict=True)
    }

    assert {(v.steps, v.value) for v in dead(document)} == {each for each in expected if each[0][2] != "id"}
    assert set(mails(document).values()) == {State.FREEBLOCK}


def test_the_last_rows_are_in_unallocated_space() -> None:
    """What lies at the edge of the gap only becomes part of it."""
    document = Sqlite().encode(people(script=("DELETE FROM people WHERE id = 60",)))

    assert mails(document) == {"roe60@example.org": State.UNALLOCATED}


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_pages_that_were_freed_are_read_as_they_were(page_size: int, encoding: str) -> None:
    """Rows of free pages know which row they were."""
    document = Sqlite().encode(
        people(400, script=("DELETE FROM people WHERE id < 390",), page_size=page_size, encoding=encoding)
    )
    found = mails(document)
    codec = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}[encoding]
    left = {m for m in (f"roe{n}@example.org" for n in range(1, 390)) if m.encode(codec) in bytes(document.data)}

    assert found.keys() & left == left
    assert len(left) > 350
    assert not found.keys() & {f"roe{n}@example.org" for n in range(390, 401)}
    assert State.FREELIST in found.values() or page_size == 65536


def test_versions_in_a_log_are_told_apart() -> None:
    """Each that a later one replaced, once, and the one in the file."""
    document = Sqlite().encode(
        people(wal_script=tuple(f"UPDATE people SET mail = 'v{n}@example.org' WHERE id = 9" for n in range(4)))
    )
    found = [(v.value, v.state) for v in dead(document) if v.steps == ("people", 9, "mail")]

    assert sorted((value, state is State.WAL) for value, state in found if "v" in str(value)) == [
        (f"v{n}@example.org", True) for n in range(3)
    ]
    assert [value for value, _ in found].count("roe9@example.org") == 1


def uncommitted(folder: Path, mode: str) -> Document:
    """A database while a transaction is under way that has outgrown the cache."""
    path = folder / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in (f"PRAGMA journal_mode={mode}", "PRAGMA cache_size=1", "PRAGMA page_size=1024"):
            connection.execute(statement).fetchall()
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"old{n}@example.org") for n in range(1, 400)])
        connection.execute("BEGIN")
        connection.execute("UPDATE t SET mail = 'new' || id || '@example.org'")
        beside = {suffix: path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")}
        return Document(path.read_bytes(), {s: p.read_bytes() for s, p in beside.items() if p.exists()})


@pytest.mark.parametrize(("mode", "state"), [("WAL", State.WAL), ("DELETE", State.SUPERSEDED)])
def test_what_was_never_committed_is_read(mode: str, state: State, tmp_path: Path) -> None:
    """In the log, or in the file whose journal would undo it."""
    found = mails(uncommitted(tmp_path, mode))

    assert sum(mail.startswith("new") for mail in found) > 200
    assert {found[mail] for mail in found if mail.startswith("new")} == {state}


def test_a_journal_that_stays_holds_what_was() -> None:
    """After the commit, under its name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        path.write_bytes(Sqlite().encode(people()).data)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=PERSIST")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("UPDATE people SET mail = 'x' WHERE id = 5")
            journal = path.with_name("a.db-journal").read_bytes()
            document = Document(path.read_bytes(), {"-journal": journal})

    assert mails(document) == {"roe5@example.org": State.JOURNAL}


LONG = ("long " * 700).strip()


@pytest.mark.parametrize("kept", [0, 3])
def test_long_values_of_deleted_rows_are_put_together(kept: int) -> None:
    """From overflow pages that are free now; the first that was freed leads the freelist, and has lost its begin."""
    rows = tuple((n, f"{n} {LONG}", n) for n in range(1, 8))
    table = Table(name="notes", columns=(("id", "INTEGER PRIMARY KEY"), ("body", "TEXT"), ("n", "INT")), rows=rows)
    document = Sqlite().encode(Database(tables=(table,), script=(f"DELETE FROM notes WHERE id > {kept}",)))
    bodies = {value.value for value in dead(document) if value.steps[-1] == "body"}

    assert len(bodies & {f"{n} {LONG}" for n in range(kept + 1, 8)}) >= 6 - kept
    assert all(str(body) in f"{n} {LONG}" or LONG in str(body) for body in bodies for n in [str(body).split()[0]])


def test_a_dropped_column_is_read_by_the_table_as_it_was() -> None:
    """Its rows, and the row that declared it, are in the file still that the log supersedes."""
    document = Sqlite().encode(people(30, wal_script=("ALTER TABLE people DROP COLUMN mail",)))
    found = {(v.steps, v.value) for v in dead(document) if v.state is State.SUPERSEDED}

    assert {(("people", n, "mail"), f"roe{n}@example.org") for n in range(1, 31)} <= found
    assert not any(steps[-1] == "name" for steps, _ in found if steps[1] == 31)


def test_rows_from_before_a_column_was_added_are_read() -> None:
    """They have fewer fields than the table has columns."""
    document = Sqlite().encode(
        people(script=("ALTER TABLE people ADD COLUMN phone TEXT", "DELETE FROM people WHERE id IN (11, 60)"))
    )

    assert mails(document).keys() == {"roe11@example.org", "roe60@example.org"}


def test_copies_of_live_rows_are_no_deleted_rows() -> None:
    """Splits and updates in any order leave copies behind; none of them differs from what is live."""
    rows = [(n * 37 % 401 + 1) for n in range(400)]
    table = Table(name="people", columns=PEOPLE, rows=tuple(person(n) for n in rows))
    document = Sqlite().encode(Database(tables=(table,), script=("CREATE INDEX by_mail ON people(mail)",)))

    assert dead(document) == []


def test_nothing_is_left_where_it_was_wiped() -> None:
    """With secure deletion, and after a VACUUM, nothing is reported."""
    for document in (
        Sqlite().encode(people(300, script=("DELETE FROM people WHERE id < 200",), secure_delete=True)),
        Sqlite().encode(people(300, script=("DELETE FROM people WHERE id < 200", "VACUUM"))),
    ):
        assert dead(document) == []


# -- no row that nobody wrote --------------------------------------------------------------------

WORDS = [
    "jane",
    "roe",
    "alpha",
    "mail",
    "example.org",
    "+44",
    "7700",
    "900123",
    "über",
    "€",
    "😀",
    "x",
    "0",
    "1",
    "42",
]
KINDS = ("TEXT", "TEXT", "INTEGER", "REAL", "BLOB", "")


class Life:
    """A database that lives: what was ever in each of its tables, by SQLite itself."""

    def __init__(self, dice: random.Random, folder: Path, longest: int) -> None:
        self.dice = dice
        self.longest = longest
        """Words of a text."""
        self.path = folder / "a.db"
        self.ever: dict[str, set[tuple[Scalar, ...]]] = {}
        self.columns: dict[str, list[tuple[str, str]]] = {}
        self.connection = sqlite3.connect(self.path, isolation_level=None)
        encoding = dice.choice(("UTF-8", "UTF-8", "UTF-16le", "UTF-16be"))
        for setting in (
            f"page_size={dice.choice((512, 1024, 4096))}",
            f"encoding='{encoding}'",
            f"auto_vacuum={dice.choice((0, 0, 1, 2))}",
            "secure_delete=0",
            f"journal_mode={dice.choice(('DELETE', 'PERSIST', 'WAL'))}",
            "wal_autocheckpoint=20",
        ):
            self.connection.execute(f"PRAGMA {setting}").fetchall()

    def value(self, kind: str) -> Scalar:
        dice = self.dice
        match kind or dice.choice(KINDS[:5]):
            case _ if dice.random() < 0.1:
                return None
            case "TEXT":
                return " ".join(dice.choices(WORDS, k=dice.choice((1, 2, 4, 6, self.longest))))
            case "INTEGER":
                return dice.choice(
                    (0, 1, dice.randint(-300, 300), dice.randint(0, 1 << 33), dice.randint(0, 1 << 60))
                )
            case "REAL":
                return dice.choice((0.5, 1.0, dice.random() * 180 - 90, 1669918590.384))
            case _:
                return dice.randbytes(dice.randint(0, 40))

    def create(self) -> None:
        name = f"t{len(self.ever) + 1}"
        columns = [(f"{name}c{n}", self.dice.choice(KINDS)) for n in range(self.dice.randint(2, 6))]
        if self.dice.random() < 0.7:
            columns[0] = (f"{name}id", "INTEGER PRIMARY KEY")
        self.columns[name], self.ever[name] = columns, set()
        self.connection.execute(f"CREATE TABLE {name}({', '.join(map(' '.join, columns))})")

    def remember(self) -> None:
        for name in self.columns:
            self.ever[name] |= set(self.connection.execute(f"SELECT rowid, * FROM {name}"))

    def step(self) -> None:
        dice, run = self.dice, self.connection.execute
        name = dice.choice(list(self.columns))
        match dice.randrange(6):
            case 0 | 1:
                for _ in range(dice.choice((1, 5, 60))):
                    row = [None if "PRIMARY" in kind else self.value(kind) for _, kind in self.columns[name]]
                    run(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
            case 2 | 3:
                ids = [row[0] for row in run(f"SELECT rowid FROM {name}")]
                for rowid in dice.sample(ids, min(len(ids), dice.choice((1, 4, 40)))):
                    run(f"DELETE FROM {name} WHERE rowid = ?", (rowid,))
            case 4:
                column, kind = self.columns[name][-1]
                ids = [row[0] for row in run(f"SELECT rowid FROM {name}")]
                for rowid in dice.sample(ids, min(len(ids), dice.choice((1, 4)))):
                    run(f"UPDATE {name} SET {column} = ? WHERE rowid = ?", (self.value(kind), rowid))
            case _ if len(self.columns) > 1:
                run(f"DROP TABLE {name}")
                del self.columns[name]
            case _:
                self.create()

    def document(self) -> Document:
        beside = {suffix: self.path.with_name(self.path.name + suffix) for suffix in ("-wal", "-journal")}
        return Document(self.path.read_bytes(), {s: p.read_bytes() for s, p in beside.items() if p.exists()})


def lived(seed: int, folder: Path, longest: int = 8) -> tuple[Document, set[tuple[str, Scalar]]]:
    """A database after some thirty steps, and every value that was ever in it."""
    life = Life(random.Random(seed), folder, longest)
    with closing(life.connection):
        life.create()
        for _ in range(30):
            life.step()
            life.remember()
        document = life.document()
    values = {(type(v).__name__, v) for rows in life.ever.values() for row in rows for v in row}
    return document, values


def whole_rows(values: list[Value]) -> Iterator[Value]:
    """Without the schema, and without what is left of values whose end was written over."""
    return (
        v
        for v in values
        if not str(v.steps[0]).startswith("sqlite_") and not (isinstance(v.value, str | bytes) and len(v.value) > 31)
    )


@pytest.mark.parametrize("longest", [8, 150])
def test_no_value_is_invented(longest: int) -> None:
    """Whatever was done to a database, what comes back was once written, as it was written: of a thousand values, in
    tables of all kinds that take each other's pages, at most one is misread, where another was written over it."""
    wrong: list[Value] = []
    told = 0
    for seed in range(16):
        with tempfile.TemporaryDirectory() as folder:
            document, ever = lived(seed, Path(folder), longest)
        known = {value for _, value in ever}
        values = list(whole_rows(dead(document)))
        wrong += [v for v in values if v.value is not None and v.value not in known]
        told += len(values)

    assert told > 2000
    assert len(wrong) <= told // 1000


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), longest=st.sampled_from((8, 150)))
def test_what_is_decoded_is_located(seed: int, longest: int) -> None:
    """Each text that comes back stands somewhere, under the same steps and in the same state."""
    with tempfile.TemporaryDirectory() as folder:
        document, _ = lived(seed, Path(folder), longest)
    codec = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}[document.data[59]]
    parts = {name: bytes(document.part(name)) for name in ("", *document.sidecars)}
    for value in [v for v in dead(document) if isinstance(v.value, str) and 8 < len(v.value) < 60][:30]:
        raw = str(value.value).encode(codec)
        found = set()
        for part, data in parts.items():
            offsets = [at + len(raw) // 4 * 2 for at in _occurrences(data, raw)]
            found |= {(p.steps, p.value, p.state) for p in Sqlite().locate(document, offsets, Limits(), part=part)}
        assert not found or (value.steps, as_bytes(value.value), value.state) in found


def _occurrences(data: bytes, raw: bytes) -> Iterator[int]:
    at = data.find(raw)
    while at >= 0:
        yield at
        at = data.find(raw, at + 1)
