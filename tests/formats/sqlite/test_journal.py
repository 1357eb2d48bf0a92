"""A hot rollback journal is rolled back, a finished one is only evidence."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from harness.formats.sqlite import Sqlite
from harness.formats.sqlite.journal import MAGIC
from harness.limits import Limits
from harness.model import Document, State


@pytest.fixture(scope="module", params=["FULL", "OFF"])
def interrupted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A database that was copied in the middle of a transaction that had spilled to disk.

    Without syncs, SQLite does not count the records of a journal: they go on to its end.
    """
    path = tmp_path_factory.mktemp("hot") / "db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size=1024")
        connection.execute("PRAGMA cache_size=5")
        connection.execute(f"PRAGMA synchronous={request.param}")
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, b)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO t(b) VALUES(?)", [(f"original {n} " * 20,) for n in range(100)])
        connection.execute("COMMIT")
        connection.execute("BEGIN")
        connection.execute("UPDATE t SET b = 'changed ' || id || b")
        connection.execute("INSERT INTO t(b) SELECT b FROM t")
        document = Document(path.read_bytes(), {"-journal": path.with_name("db-journal").read_bytes()})
        connection.execute("ROLLBACK")
    return document


def test_a_hot_journal_is_rolled_back(
    interrupted: Document, sqlite: Sqlite, oracle: Callable[[Document], dict[str, Any]]
) -> None:
    """The rows are those from before the transaction, as SQLite gives them when it opens the file."""
    assert interrupted.sidecars["-journal"][:8] == MAGIC
    values = [v for v in sqlite.decode(interrupted, Limits()) if v.state is State.LIVE]

    rows = {v.steps[1]: v.value for v in values if v.steps[0] == "t" and v.steps[2] == "b"}

    assert rows == {rowid: row["b"] for rowid, row in oracle(interrupted)["t"].items()}
    assert all(str(body).startswith("original") for body in rows.values())


def test_rolled_back_pages_are_live_in_the_journal(interrupted: Document, sqlite: Sqlite) -> None:
    """What the transaction wrote is superseded; the journal's copy is what counts."""
    at = interrupted.sidecars["-journal"].index(b"original 3 ")
    written = bytes(interrupted.data).index(b"changed ")

    (live,) = sqlite.locate(interrupted, [at], Limits(), part="-journal")
    (dead,) = sqlite.locate(interrupted, [written], Limits())

    assert (live.steps, live.state) == (("t", 4, "b"), State.LIVE)
    assert dead.state is State.SUPERSEDED
    assert dead.steps[0] == "t"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        MAGIC[:5],
        MAGIC + bytes(20),
        MAGIC + b"\xff" * 600,
        bytes(2000),
        MAGIC + bytes.fromhex("ffffffff0000000000000002000002000000040000") + bytes(5000),
    ],
)
def test_a_damaged_journal_ends_nothing(damage: bytes, interrupted: Document, sqlite: Sqlite) -> None:
    """A journal that SQLite would not play back leaves the main file as it is."""
    document = Document(interrupted.data, {"-journal": damage})
    list(sqlite.locate(document, range(0, len(damage), 50), Limits(), part="-journal"))
    ledger = sqlite.account(document, Limits())

    assert sum(span.end - span.start for span in ledger.parts["-journal"]) == len(damage)


def test_a_finished_journal_is_evidence(tmp_path: Path, sqlite: Sqlite) -> None:
    """A journal that was kept with a zeroed head changes no row, and its rows have their places."""
    path = tmp_path / "db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in (
            "PRAGMA journal_mode=PERSIST",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, mail)",
            "INSERT INTO t VALUES(1, 'jane.roe@example.org')",
            "UPDATE t SET mail = 'gone'",
        ):
            connection.execute(statement).fetchall()
    journal = path.with_name("db-journal").read_bytes()
    document = Document(path.read_bytes(), {"-journal": journal})

    (place,) = sqlite.locate(document, [journal.index(b"jane.roe") + 4], Limits(), part="-journal")

    assert journal[:8] == bytes(8)
    values = [(v.value, v.state) for v in sqlite.decode(document, Limits()) if v.steps == ("t", 1, "mail")]
    assert values == [("gone", State.LIVE), ("jane.roe@example.org", State.JOURNAL)]
    assert (place.steps, place.state, place.value) == (("t", 1, "mail"), State.JOURNAL, b"jane.roe@example.org")
