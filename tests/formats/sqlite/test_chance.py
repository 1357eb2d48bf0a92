"""Two runs of SQLite differ in what it drew by chance, and after this in nothing; what it wrote stays valid."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.formats.sqlite import Sqlite
from harness.formats.sqlite.chance import without_chance
from harness.limits import Limits
from harness.model import Document

SUFFIXES = ("-journal", "-wal", "-shm")
Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["insert", "update", "delete", "checkpoint"]), st.integers(1, 40)), max_size=12
)
MODES = ("WAL", "PERSIST", "TRUNCATE", "DELETE")


def lived(
    mode: str, steps: list[Step], *, committed: bool = True, page_size: int = 1024, settle: bool = True
) -> tuple[bytes, dict[str, bytes]]:
    """What stands on disk while the connection is open; with the last step under way where it is not committed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "db"
        connection = sqlite3.connect(path, isolation_level=None)
        with closing(connection):
            for pragma in (f"page_size={page_size}", f"journal_mode={mode}", "wal_autocheckpoint=4", "cache_size=1"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            connection.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, b)")
            for number, step in enumerate(steps):
                connection.execute("BEGIN")
                _do(connection, step)
                if committed or number < len(steps) - 1:
                    connection.execute("COMMIT")
                    if step[0] == "checkpoint":
                        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    if settle and mode == "PERSIST":
                        journal = without_chance(*on_disk(path))["-journal"]
                        Path(f"{path}-journal").write_bytes(journal)
            return on_disk(path)


def on_disk(path: Path) -> tuple[bytes, dict[str, bytes]]:
    files = {suffix: Path(f"{path}{suffix}") for suffix in SUFFIXES}
    return path.read_bytes(), {suffix: file.read_bytes() for suffix, file in files.items() if file.exists()}


def _do(connection: sqlite3.Connection, step: Step) -> None:
    kind, many = step
    match kind:
        case "insert":
            connection.executemany("INSERT INTO t(b) VALUES(?)", [(f"row {n} " * 30,) for n in range(many)])
        case "update":
            connection.execute("UPDATE t SET b = b || ? WHERE id % 3 = 0", (f" changed {many}",))
        case "delete":
            connection.execute("DELETE FROM t WHERE id % ? = 0", (many + 1,))


def rows(database: bytes, sidecars: dict[str, bytes]) -> list[object]:
    """What SQLite itself reads, after it has recovered what is to be recovered."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "db"
        path.write_bytes(database)
        for suffix, data in sidecars.items():
            Path(f"{path}{suffix}").write_bytes(data)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return connection.execute("SELECT id, b FROM t").fetchall()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("committed", [True, False])
@settings(max_examples=12, deadline=None)
@given(steps=STEPS, page_size=st.sampled_from([512, 1024, 4096]))
def test_equal_writes_give_equal_bytes_that_sqlite_reads_alike(
    mode: str, committed: bool, steps: list[Step], page_size: int
) -> None:
    """Committed or under way, in every journal mode, and with what is left over of earlier use."""
    database, sidecars = lived(mode, steps, committed=committed, page_size=page_size)
    again, others = lived(mode, steps, committed=committed, page_size=page_size)
    settled = without_chance(database, sidecars)

    assert database == again
    assert settled == without_chance(again, others)
    assert rows(database, settled) == rows(database, sidecars)
    assert rows(database, settled) == rows(
        *lived(mode, steps, committed=committed, page_size=page_size, settle=False)
    )
    assert {suffix: len(data) for suffix, data in settled.items()} == {s: len(data) for s, data in sidecars.items()}


@pytest.mark.parametrize("mode", ["WAL", "PERSIST"])
def test_what_is_left_over_stays_left_over(mode: str) -> None:
    """Older frames and pages have salts and nonces of their own: our decoder tells them apart as before."""
    steps = [("insert", 30), ("checkpoint", 1), ("update", 1), ("checkpoint", 1), ("insert", 2), ("delete", 4)]
    database, sidecars = lived(mode, steps, settle=False)
    settled = without_chance(database, sidecars)

    def states(files: dict[str, bytes]) -> list[object]:
        document = Document(database, {suffix: data for suffix, data in files.items() if suffix != "-shm"})
        return [(record.steps, record.state, record.value) for record in Sqlite().decode(document, Limits())]

    assert settled != sidecars
    assert states(settled) == states(sidecars)


def test_a_second_look_changes_nothing() -> None:
    """What was settled once is settled: a life that goes on from it has one history."""
    for mode in MODES:
        database, sidecars = lived(mode, [("insert", 20), ("checkpoint", 1), ("insert", 3)])
        settled = without_chance(database, sidecars)

        assert without_chance(database, settled) == settled


@given(database=st.binary(max_size=200), data=st.binary(max_size=2000))
def test_what_is_no_sidecar_stays_as_it_is(database: bytes, data: bytes) -> None:
    """Noise is left alone or rewritten, never a crash."""
    settled = without_chance(database, dict.fromkeys(SUFFIXES, data))

    assert {suffix: len(each) for suffix, each in settled.items()} == dict.fromkeys(SUFFIXES, len(data))


@given(data=st.binary(max_size=3000), where=st.integers(0, 3000), mode=st.sampled_from(["WAL", "PERSIST"]))
@settings(max_examples=30, deadline=None)
def test_damage_is_no_crash(data: bytes, where: int, mode: str) -> None:
    """A log or journal that was cut off or overwritten."""
    database, sidecars = lived(mode, [("insert", 3), ("update", 1)])
    damaged = {suffix: each[:where] + data + each[where + len(data) :] for suffix, each in sidecars.items()}
    with suppress(KeyError):
        damaged["-wal"] = damaged["-wal"][: len(damaged["-wal"]) - where]

    assert set(without_chance(database, damaged)) == set(damaged)
