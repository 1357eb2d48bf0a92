"""Tables of the seven versions, made by a real SQLite: what is in `sqlite_master` is what a tester sees."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sdks.base import Statement
from harness.sdks.clevertap.android_json import dumps
from harness.sdks.clevertap.android_schema import NEWEST, create, migrated_profile, upgrade

ACCOUNT = "TEST-000-0000"
GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"
TABLES = {
    1: {"events", "profileEvents", "userProfiles"},
    2: {"inboxMessages", "pushNotifications", "uninstallTimestamp"},
    3: {"notificationViewed"},
    4: set(),
    5: {"userEventLogs"},
    6: {"delayedLegacyInApps"},
    7: {"inbox_pending_deletes", "inbox_pending_reads"},
}
"""What each version adds."""


@contextmanager
def database(*statements: Iterable[Statement]) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for group in statements:
            play(connection, group)
        yield connection
    finally:
        connection.close()


def play(connection: sqlite3.Connection, statements: Iterable[Statement]) -> None:
    for statement in statements:
        connection.execute(statement.sql, statement.parameters)


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def text(connection: sqlite3.Connection, name: str) -> str:
    (found,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return str(found)


def style(version: int) -> str:
    return "java" if version <= 3 else "kotlin"


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_each_version_has_its_tables_and_the_platforms(version: int) -> None:
    """Two more are not the SDK's: Android's locale, and SQLite's counter of row ids."""
    mine = set().union(*(TABLES[number] for number in range(1, version + 1)))

    with database(create(version, style(version), locale="en_IN")) as connection:
        assert tables(connection) == mine | {"android_metadata", "sqlite_sequence"}
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        assert connection.execute("SELECT locale FROM android_metadata").fetchall() == [("en_IN",)]


@pytest.mark.parametrize("layout", ["java", "kotlin"])
def test_of_five_indices_with_one_name_the_first_exists(layout: str) -> None:
    """The other real one is unique over user and message."""
    statements = create(3, layout)

    with database(statements) as connection:
        indices = connection.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
        assert sorted(indices) == [("time_idx", "events"), ("userid_id_idx", "inboxMessages")]
        columns = [row[2] for row in connection.execute("PRAGMA index_info(userid_id_idx)")]
        assert columns == ["messageUser", "_id"]
    assert sum("time_idx" in statement.sql for statement in statements) == 5


def test_statements_of_the_java_era_are_one_line() -> None:
    """With a space that is missing in one of them."""
    with database(create(3, "java")) as connection:
        assert text(connection, "events") == (
            "CREATE TABLE events (_id INTEGER PRIMARY KEY AUTOINCREMENT, data STRING NOT NULL, "
            "created_at INTEGER NOT NULL)"
        )
        assert text(connection, "pushNotifications").endswith("created_at INTEGER NOT NULL,isRead INTEGER NOT NULL)")
        assert text(connection, "userProfiles") == (
            "CREATE TABLE userProfiles (_id STRING UNIQUE PRIMARY KEY, data STRING NOT NULL)"
        )
        assert (
            text(connection, "userid_id_idx")
            == "CREATE UNIQUE INDEX userid_id_idx ON inboxMessages (messageUser,_id)"
        )


def test_statements_of_the_kotlin_era_are_indented() -> None:
    with database(create(7, "kotlin")) as connection:
        assert text(connection, "events") == (
            "CREATE TABLE events (\n        _id INTEGER PRIMARY KEY AUTOINCREMENT,\n        data STRING NOT NULL,\n"
            "        created_at INTEGER NOT NULL\n    )"
        )
        assert text(connection, "userProfiles") == (
            "CREATE TABLE userProfiles (\n        deviceID STRING NOT NULL,\n        _id STRING NOT NULL,\n"
            "        data STRING NOT NULL,\n        PRIMARY KEY (_id, deviceID)\n    )"
        )
        assert text(connection, "userid_id_idx") == (
            "CREATE UNIQUE INDEX userid_id_idx ON inboxMessages (\n        messageUser,\n        _id\n    )"
        )


# -- upgrades ------------------------------------------------------------------------------------

WAYS = [(old, new) for old in range(1, NEWEST) for new in range(old + 1, NEWEST + 1)]


@pytest.mark.parametrize(("old", "new"), WAYS)
def test_an_upgrade_ends_with_the_tables_of_the_new_version(old: int, new: int) -> None:
    """Whatever was skipped; the same columns, of the same types, as a fresh database has."""
    upgraded = upgrade(old, new, style=style(new), guid=GUID)

    with database(create(old, style(old)), upgraded) as one, database(create(new, style(new))) as fresh:
        assert tables(one) == tables(fresh)
        assert one.execute("PRAGMA user_version").fetchone() == (new,)
        for name in tables(fresh):
            rows = [sorted(db.execute("SELECT name, type FROM pragma_table_info(?)", (name,))) for db in (one, fresh)]
            assert rows[0] == rows[1]
    assert upgrade(new, new) == ()
    assert upgrade(new, old) == ()


@pytest.mark.parametrize("old", [1, 2, 3])
def test_the_migrated_profile_table_tells_that_it_was_migrated(old: int) -> None:
    """A quoted name, and another order of columns, for as long as the database lives."""
    profile = (ACCOUNT, '{"Name":"Jane"}')

    with database(create(old, "java")) as connection:
        connection.execute("INSERT INTO userProfiles(data, _id) VALUES (?, ?)", (profile[1], profile[0]))
        play(connection, upgrade(old, 7, guid=GUID, profile=profile))

        assert text(connection, "userProfiles").startswith(
            'CREATE TABLE "userProfiles" (\n        _id STRING NOT NULL,'
        )
        cursor = connection.execute("SELECT * FROM userProfiles")
        assert [column[0] for column in cursor.description] == ["_id", "deviceID", "data"]
        assert cursor.fetchall() == [(ACCOUNT, GUID, profile[1])]
        assert "temp_userProfiles" not in tables(connection)


def test_queues_are_not_touched_and_old_inboxes_are_lost() -> None:
    with database(create(2, "java")) as connection:
        connection.execute("INSERT INTO events(data, created_at) VALUES ('{}', 1)")
        connection.execute("INSERT INTO pushNotifications(data, created_at, isRead) VALUES ('p', 1, 0)")
        play(connection, upgrade(2, 7, guid=GUID))

        assert connection.execute("SELECT _id, data FROM events").fetchall() == [(1, "{}")]
        assert connection.execute("SELECT data FROM pushNotifications").fetchall() == [("p",)]
        assert connection.execute("SELECT * FROM userProfiles").fetchall() == []


def test_an_inbox_of_before_8_2_gets_the_new_columns_at_its_end() -> None:
    """SQLite appends them to the statement's text."""
    with database(create(6, "kotlin"), upgrade(6, 7)) as connection:
        assert text(connection, "inboxMessages").endswith(
            "messageUser STRING NOT NULL\n    , source TEXT NOT NULL DEFAULT 'V1', "
            "index_state TEXT NOT NULL DEFAULT 'PENDING_INDEXING')"
        )


def test_a_migrated_profile_has_numbers_for_dates_and_arrays_for_commands() -> None:
    before = dumps(
        {
            "DOB": "$D_631152000",
            "Tags": {"$add": ["a/b"]},
            "Set": {"$set": ["c"], "$add": ["d"]},
            "Nested": {"DOB": "$D_1"},
            "Odd": "$D_x",
            "Email": "jane@example.org",
            "Price": 3.0,
        }
    )

    assert migrated_profile(before) == (
        r'{"DOB":631152000,"Tags":["a\/b"],"Set":["c"],"Nested":{"DOB":"$D_1"},"Odd":"$D_x",'
        r'"Email":"jane@example.org","Price":3}'
    )


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_what_is_no_profile_stays_as_it_is(data: str) -> None:
    """Sealed ones among them, and what would nest too deeply."""
    try:
        content = json.loads(data)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        assert migrated_profile(data) == data
    assert migrated_profile("[" * 100_000) == "[" * 100_000
    assert migrated_profile("<ct<AAECAwQFBgcICQoL:AA==>ct>") == "<ct<AAECAwQFBgcICQoL:AA==>ct>"
