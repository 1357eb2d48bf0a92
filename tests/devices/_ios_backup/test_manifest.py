"""The manifest is read as it is stored; a hostile one costs a line, no time and no harm."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.devices._ios_backup.manifest import entries
from harness.devices._ios_backup.writing import Stored, written
from harness.errors import FormatError
from harness.limits import Limits

FILES = [Stored("AppDomain-com.example.shop", f"Documents/{number}", b"x") for number in range(60)]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    written(tmp_path / "backup", FILES)
    return tmp_path / "backup" / "Manifest.db"


def changed(file: Path, *statements: str) -> bytes:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return file.read_bytes()


def test_rows_are_files_and_folders(database: Path) -> None:
    """Of a file its facts too."""
    found = list(entries(database.read_bytes(), b"", Limits()))

    assert [entry.path for entry in found if entry.kind == "file"] == [file.path for file in FILES]
    assert {entry.path for entry in found if entry.kind == "folder"} == {"", "Documents"}
    assert all(entry.known and entry.known.size == 1 for entry in found if entry.kind == "file")


def test_what_is_in_the_log_only_is_read(tmp_path: Path, database: Path) -> None:
    """A manifest that was copied while it was in use."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        with connection:
            connection.execute("INSERT INTO Files VALUES ('a', 'HomeDomain', 'late', 1, NULL)")
        main, log = database.read_bytes(), Path(f"{database}-wal").read_bytes()

    assert [entry.path for entry in entries(main, log, Limits())][-1] == "late"


def test_columns_hold_whatever_was_put_into_them(database: Path) -> None:
    """NULL, numbers, bytes and text that is no UTF-8."""
    data = changed(
        database,
        "DELETE FROM Files",
        "INSERT INTO Files VALUES (NULL, NULL, NULL, NULL, NULL), (1, 2.5, x'00', 'f', 'text')",
        "INSERT INTO Files VALUES ('n', 'HomeDomain', CAST(x'ff41' AS TEXT), 1, x'00')",
    )

    found = list(entries(data, b"", Limits()))

    assert [(entry.domain, entry.path, entry.kind) for entry in found] == [
        ("", "", ""),
        ("2.5", "", ""),
        ("HomeDomain", "\udcffA", "file"),
    ]


HOSTILE: dict[str, Callable[[Path], bytes]] = {
    "endless view": lambda file: changed(
        file,
        "DROP TABLE Files",
        "CREATE VIEW Files AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS fileID, '' AS domain, '' AS relativePath, 1 AS flags, NULL AS file FROM n WHERE i < 0",
    ),
    "virtual table": lambda file: changed(
        file,
        "DROP TABLE Files",
        "CREATE VIRTUAL TABLE Files USING fts4(fileID, domain, relativePath, flags, file)",
    ),
    "computed column": lambda file: changed(
        file, "DROP TABLE Files", "CREATE TABLE Files (fileID, domain, relativePath, flags, file AS ('a' LIKE '%a'))"
    ),
    "no table": lambda file: changed(file, "DROP TABLE Files"),
    "other columns": lambda file: changed(file, "ALTER TABLE Files RENAME COLUMN domain TO other"),
    "noise": lambda file: b"SQLite format 3\0" + bytes(5000),
    "empty": lambda file: b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_is_told(database: Path, name: str) -> None:
    """As damage, at once."""
    data = HOSTILE[name](database)

    with pytest.raises(FormatError):
        list(entries(data, b"", Limits()))


def test_what_takes_too_long_is_told(database: Path) -> None:
    """By the clock of the machine that runs the query; what somebody does with a row is not counted."""
    with pytest.raises(FormatError, match="took longer than the limit"):
        list(entries(many(database), b"", Limits(seconds_per_file=-1.0)))


def many(file: Path) -> bytes:
    """So many that SQLite looks at the clock."""
    return changed(
        file,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) "
        "INSERT INTO Files SELECT i, 'HomeDomain', i, 1, NULL FROM n",
    )


def test_more_rows_than_allowed_are_told(database: Path) -> None:
    """The first ones are there."""
    found = []
    with pytest.raises(FormatError, match="limit"):
        found.extend(entries(database.read_bytes(), b"", Limits(entries=7)))

    reading = entries(database.read_bytes(), b"", Limits(entries=7))
    assert len([next(reading) for _ in range(7)]) == 7


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(min_size=1, max_size=30)), min_size=1, max_size=4))
def test_damage_gives_what_can_be_read(database: Path, changes: list[tuple[int, bytes]]) -> None:
    """Rows, and at the worst an expected error."""
    data = bytearray(database.read_bytes())
    for at, noise in changes:
        at %= len(data)  # noqa: PLW2901
        data[at : at + len(noise)] = noise
    try:
        for entry in entries(bytes(data), b"", Limits()):
            assert isinstance(entry.path, str)
    except FormatError:
        pass
