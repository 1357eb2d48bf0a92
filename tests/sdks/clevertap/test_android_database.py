"""Statements of the SDK's parts, played on a real SQLite, and what its journal leaves."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sdks.base import Statement
from harness.sdks.clevertap import android_database as db
from harness.sdks.clevertap.android_database import InboxRow
from harness.sdks.clevertap.versions import VERSIONS
from harness.simulation.databases import connect

ACCOUNT = "TEST-000-0000"
GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"
OTHER = "__9f8e7d6c5b4a4321a0b1c2d3e4f50617"
DAY = 24 * 60 * 60 * 1000


@contextmanager
def database(version: int = 7) -> Iterator[sqlite3.Connection]:
    style = "java" if version < 4 else "kotlin"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        play(connection, db.create(version, style))
        yield connection


def play(connection: sqlite3.Connection, statements: Iterable[Statement]) -> None:
    for statement in statements:
        connection.execute(statement.sql, statement.parameters)


def row(message: str, **changed: Any) -> InboxRow:
    plain = InboxRow(message=message, guid=GUID, data="{}", expires=1700086400, at=1700000000)
    return replace(plain, **changed)


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("2.0.1", 0), ("2.1.0", 1), ("3.3.0", 1), ("3.4.0", 2), ("3.5.0", 3), ("6.2.1", 3), ("7.0.0", 4),
        ("7.0.3", 4), ("7.1.0", 5), ("7.6.0", 5), ("7.7.0", 6), ("8.1.0", 6), ("8.2.0", 7),
    ],
)  # fmt: skip
def test_each_release_has_a_version_of_the_database(version: str, number: int) -> None:
    assert db.database_version(version) == number


def test_every_known_release_has_one_that_can_be_made() -> None:
    """And they never go back."""
    numbers = [db.database_version(version) for version in VERSIONS]

    assert numbers == sorted(numbers)
    assert set(numbers) <= set(range(db.NEWEST + 1))


def test_additional_accounts_have_a_file_of_their_own() -> None:
    assert db.file_name(ACCOUNT) == "databases/clevertap"
    assert db.file_name(ACCOUNT, is_default=False) == f"databases/clevertap_{ACCOUNT}"
    assert (db.size_limit("7.6.0"), db.size_limit("7.7.0")) == (20 << 20, 24 << 20)


# -- the trap of affinity ------------------------------------------------------------------------


def test_text_that_looks_like_a_number_becomes_one() -> None:
    """`STRING` has the affinity NUMERIC; JSON, ids of CleverTap and ciphertext stay text."""
    frame = "<ct<AAECAwQFBgcICQoL:LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg>ct>"
    with database() as connection:
        play(connection, [db.put_inbox(7, row("1700000000")), db.put_inbox(7, row("00123", data=frame))])
        play(connection, [db.put_event_log(GUID, name, 1) for name in ("2024", "1e3", "0.50", "Product viewed")])
        play(connection, [db.insert_event("events", '{"evtName":"2024"}', 1), db.insert_event("events", frame, 2)])

        assert connection.execute("SELECT _id, typeof(_id) FROM inboxMessages ORDER BY rowid").fetchall() == [
            (1700000000, "integer"),
            (123, "integer"),
        ]
        assert connection.execute("SELECT eventName FROM userEventLogs").fetchall() == [
            (2024,), (1000,), (0.5,), ("Product viewed",),
        ]  # fmt: skip
        kinds = connection.execute(
            "SELECT DISTINCT typeof(data) FROM events UNION SELECT typeof(data) FROM inboxMessages"
        )
        assert kinds.fetchall() == [("text",)]


def test_a_number_in_a_column_of_text_stays_text() -> None:
    with database() as connection:
        play(connection, [db.put_inbox(7, row("m", data="1700000000", tags="2024", wzrk="00123"))])

        assert connection.execute("SELECT data, tags, wzrkParams FROM inboxMessages").fetchall() == [
            ("1700000000", "2024", "00123")
        ]


# -- queues --------------------------------------------------------------------------------------


def test_a_queue_is_sent_in_batches_and_counts_on() -> None:
    """Row ids are never used again: AUTOINCREMENT remembers how many events there were."""
    with database() as connection:
        play(connection, [db.insert_event("events", "{}", at) for at in range(120)])
        play(connection, [db.delete_up_to("events", 50), db.delete_up_to("events", 100)])
        assert connection.execute("SELECT count(*), min(_id) FROM events").fetchone() == (20, 101)

        play(connection, [db.delete_all("events"), db.insert_event("events", "{}", 1)])
        assert connection.execute("SELECT _id FROM events").fetchall() == [(121,)]
        assert ("events", 121) in connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()


@pytest.mark.parametrize("table", db.QUEUES)
def test_events_go_after_five_days(table: str) -> None:
    now = 1700000000000
    with database() as connection:
        play(connection, [db.insert_event(table, "{}", now - days * DAY) for days in (6, 5, 4)])
        play(connection, [db.delete_stale(table, now)])

        assert connection.execute(f"SELECT created_at FROM {table}").fetchall() == [(now - 4 * DAY,)]


def test_events_never_went_in_the_releases_that_compared_with_seconds() -> None:
    """An event of a year ago is younger than the number of seconds since 1970."""
    now = 1700000000000
    with database(3) as connection:
        play(connection, [db.insert_event("events", "{}", now - 365 * DAY)])
        play(connection, [db.delete_stale("events", now, "5.2.2")])
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (1,)

        play(connection, [db.delete_stale("events", now, "3.4.0")])
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)


def test_only_a_queue_is_one() -> None:
    """The name of a table is no parameter, so it is checked."""
    with pytest.raises(ValueError, match="no queue"):
        db.delete_all("events; DROP TABLE events")


# -- profiles ------------------------------------------------------------------------------------


def test_a_profile_that_changes_moves_to_the_end() -> None:
    """It is replaced, so that its row id grows."""
    with database() as connection:
        play(connection, [db.put_profile(7, guid, ACCOUNT, "{}") for guid in (GUID, OTHER, GUID)])

        rows = connection.execute("SELECT rowid, deviceID, _id FROM userProfiles ORDER BY rowid").fetchall()
        assert rows == [(2, OTHER, ACCOUNT), (3, GUID, ACCOUNT)]


def test_before_7_0_there_is_one_profile_for_each_account() -> None:
    with database(3) as connection:
        play(connection, [db.put_profile(3, guid, ACCOUNT, f'{{"n":"{guid}"}}') for guid in (GUID, OTHER)])
        assert connection.execute("SELECT _id, data FROM userProfiles").fetchall() == [
            (ACCOUNT, f'{{"n":"{OTHER}"}}')
        ]

        play(connection, [db.remove_profile(ACCOUNT)])
        assert connection.execute("SELECT count(*) FROM userProfiles").fetchone() == (0,)


# -- inbox ---------------------------------------------------------------------------------------


def test_a_message_that_comes_again_replaces_itself() -> None:
    """Until 8.1.x as a new row; 8.2.0 changes the row, and keeps what it knows of the server's index."""
    with database(6) as connection:
        play(connection, [db.put_inbox(6, row(name)) for name in ("a", "b", "a")])
        assert connection.execute("SELECT rowid, _id FROM inboxMessages ORDER BY rowid").fetchall() == [
            (2, "b"), (3, "a"),
        ]  # fmt: skip
    with database() as connection:
        play(connection, [db.put_inbox(7, row("a")), db.put_inbox(7, row("b")), db.index_inbox(["a"], GUID)])
        play(connection, [db.mark_read(["a", "b"], GUID), db.put_inbox(7, row("a", data='{"type":"simple"}'))])
        rows = connection.execute("SELECT rowid, _id, data, isRead, index_state FROM inboxMessages").fetchall()
        assert rows == [(1, "a", '{"type":"simple"}', 0, "INDEXED"), (2, "b", "{}", 1, "PENDING_INDEXING")]


def test_messages_of_two_users_do_not_meet() -> None:
    with database() as connection:
        play(connection, [db.put_inbox(7, row("a", guid=guid)) for guid in (GUID, OTHER)])
        play(connection, [db.delete_inbox(["a"], OTHER)])

        assert connection.execute("SELECT messageUser FROM inboxMessages").fetchall() == [(GUID,)]
    assert [db.understands_upsert(api) for api in (21, 29, 30, 34)] == [False, False, True, True]


def test_what_was_done_offline_waits() -> None:
    with database() as connection:
        play(connection, [db.put_pending_delete("a", GUID, None, 9, 1), db.put_pending_delete("a", GUID, "{}", 9, 2)])
        play(connection, [db.put_pending_read("a", GUID, 9, 1), db.put_pending_read("a", GUID, 9, 2)])

        assert connection.execute("SELECT wzrkParams, state, created_at FROM inbox_pending_deletes").fetchall() == [
            (None, "PENDING_SEND", 1)
        ]
        assert connection.execute("SELECT created_at FROM inbox_pending_reads").fetchall() == [(1,)]


# -- history and pushes --------------------------------------------------------------------------


def test_events_of_one_normalized_name_are_counted_in_one_row() -> None:
    """The row keeps the spelling that came first."""
    with database() as connection:
        play(
            connection,
            [db.put_event_log(GUID, name, at) for at, name in enumerate(("Product Viewed", "productviewed"))],
        )
        play(connection, [db.put_event_log(OTHER, "Product viewed", 7), db.put_event_log(GUID, "2024", 8)])
        play(connection, [db.put_event_log(GUID, " 2 0 2 4", 9)])

        rows = connection.execute("SELECT rowid, deviceID, eventName, firstTs, lastTs, count FROM userEventLogs")
        assert rows.fetchall() == [
            (1, GUID, "Product Viewed", 0, 1, 2),
            (2, OTHER, "Product viewed", 7, 7, 1),
            (3, GUID, 2024, 8, 9, 2),
        ]
    assert db.normalized("Ä Product\tVIEWED ") == "äproductviewed"


def test_the_history_is_trimmed_by_least_recent_use() -> None:
    """With the SDK's own numbers: 11,520 rows stay, 11,521 become 9,216."""
    with database() as connection:
        connection.executemany(
            "INSERT INTO userEventLogs VALUES (?, ?, ?, 0, ?, 1)",
            ((GUID, f"e{at}", f"e{at}", at) for at in range(11_520)),
        )
        play(connection, [db.trim_event_logs()])
        assert connection.execute("SELECT count(*) FROM userEventLogs").fetchone() == (11_520,)

        play(connection, [db.put_event_log(GUID, "new", 20_000), db.trim_event_logs()])
        assert connection.execute("SELECT count(*), min(lastTs) FROM userEventLogs").fetchone() == (9_216, 2305)


def test_ids_of_pushes_stay_until_they_expire() -> None:
    with database() as connection:
        play(connection, [db.put_push_id("p1", 100), db.put_push_id("1700000000_1", 200), db.mark_push_ids(["p1"])])
        assert connection.execute("SELECT data, isRead FROM pushNotifications").fetchall() == [
            ("p1", 1), ("1700000000_1", 0),
        ]  # fmt: skip

        play(connection, [db.delete_push_ids(100), db.put_uninstall(5), db.put_delayed_in_app("7", 30, "<ct<", 5)])
        assert connection.execute("SELECT data FROM pushNotifications").fetchall() == [("1700000000_1",)]
        assert connection.execute("SELECT inAppId, delay FROM delayedLegacyInApps").fetchall() == [(7, 30)]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_no_text_breaks_a_statement(text: str) -> None:
    """What people said is in parameters; only names of the SDK's own are in the text."""
    with database() as connection:
        play(connection, [db.insert_event("events", text, 1), db.put_profile(7, text, text, text)])
        play(connection, [db.put_event_log(text, text, 1), db.put_push_id(text, 1), db.mark_push_ids([text])])
        play(connection, [db.put_inbox(7, row(text, guid=text, data=text, tags=text)), db.mark_read([text], text)])

        assert connection.execute("SELECT isRead FROM inboxMessages").fetchall() == [(1,)]


# -- beside the file -----------------------------------------------------------------------------


@contextmanager
def on_disk(path: Path, api: int) -> Iterator[sqlite3.Connection]:
    with closing(connect(path, db.pragmas(api))) as connection:
        connection.execute("BEGIN")
        play(connection, (*db.create(7, "kotlin"), db.insert_event("events", '{"to":"jane@example.org"}', 1)))
        connection.execute("COMMIT")
        yield connection


@pytest.mark.parametrize(
    ("api", "mode", "beside"),
    [(21, "persist", "-journal"), (25, "persist", "-journal"), (28, "wal", "-wal"), (34, "truncate", "-journal")],
)
def test_a_journal_lies_beside_the_open_database(api: int, mode: str, beside: str, tmp_path: Path) -> None:
    """One that keeps its length, one without content, or a log with everything in it."""
    path = tmp_path / "clevertap"
    with on_disk(path, api) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == (mode,)
        left = Path(f"{path}{beside}").read_bytes()
        assert bool(left) == (mode != "truncate")
        assert (b"jane@example.org" in left) == (mode == "wal")


@pytest.mark.parametrize(("api", "stays"), [(25, True), (34, False)])
def test_what_is_deleted_stays_only_before_android_8(api: int, stays: bool, tmp_path: Path) -> None:
    """As far as it is known: see `pragmas`."""
    path = tmp_path / "clevertap"
    with on_disk(path, api) as connection:
        play(connection, [db.insert_event("events", "{}", 2), db.delete_up_to("events", 1)])

    assert (b"jane@example.org" in path.read_bytes()) == stays


@pytest.mark.parametrize("api", [21, 28, 34])
def test_the_file_is_laid_out_as_a_devices(api: int, tmp_path: Path) -> None:
    """Pages of 4 KiB, and auto-vacuum: the header names a largest root page."""
    path = tmp_path / "clevertap"
    with on_disk(path, api):
        pass

    head = path.read_bytes()[:100]
    assert int.from_bytes(head[16:18]) == 4096
    assert int.from_bytes(head[52:56]) > 0
    assert int.from_bytes(head[60:64]) == 7


def test_the_sdk_closed_its_database_after_each_use() -> None:
    assert [db.closes_after_use(version) for version in ("3.2.0", "7.0.3", "7.7.0", "8.2.0")] == [
        True,
        True,
        False,
        False,
    ]
