"""The tables of the SDK's database as each of its seven versions makes and migrates them.

Statements are those that the SDK compiles, to the byte: SQLite keeps their text in `sqlite_master`. `STRING` is no
type of SQLite's: such a column has the affinity NUMERIC, and turns a text that looks like a number into one.

Sources: `DBAdapter.java` until 6.1.x, `CtDatabase.kt` since 6.2.0. Versions 1 and 2 are what the upgrades of
version 3 start from.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.errors import FormatError
from harness.sdks.base import Statement
from harness.sdks.clevertap.android_json import dumps

__all__ = ["NEWEST", "create", "migrated_profile", "upgrade"]

NEWEST = 7

_ROW_ID = "_id INTEGER PRIMARY KEY AUTOINCREMENT"
_DATA = "data STRING NOT NULL"
_CREATED = "created_at INTEGER NOT NULL"
_MESSAGE = (
    "_id STRING NOT NULL",
    "data TEXT NOT NULL",
    "wzrkParams TEXT NOT NULL",
    "campaignId STRING NOT NULL",
    "tags TEXT NOT NULL",
    "isRead INTEGER NOT NULL DEFAULT 0",
    "expires INTEGER NOT NULL",
    _CREATED,
    "messageUser STRING NOT NULL",
)
_MESSAGE_SINCE_7 = ("source TEXT NOT NULL DEFAULT 'V1'", "index_state TEXT NOT NULL DEFAULT 'PENDING_INDEXING'")
_PROFILE = ("deviceID STRING NOT NULL", "_id STRING NOT NULL", _DATA)
_PROFILE_KEY = "PRIMARY KEY (_id, deviceID)"


@dataclass(frozen=True, slots=True)
class _Table:
    """One table, and since which version of the database there is one."""

    name: str
    columns: tuple[str, ...]
    since: int = 1

    def text(self, style: str) -> str:
        """The statement that makes it."""
        if style == "java":
            # There is a space missing in one table's text.
            columns = ", ".join(self.columns).replace(f"{_CREATED}, isRead", f"{_CREATED},isRead")
            return f"CREATE TABLE {self.name} ({columns});"
        columns = ",\n        ".join(self.columns)
        return f"\n    CREATE TABLE {self.name} (\n        {columns}\n    );\n"


_EVENTS = _Table("events", (_ROW_ID, _DATA, _CREATED))
_PROFILE_EVENTS = _Table("profileEvents", (_ROW_ID, _DATA, _CREATED))
_UNINSTALL = _Table("uninstallTimestamp", (_ROW_ID, _CREATED), since=2)
_PUSHES = _Table("pushNotifications", (_ROW_ID, _DATA, _CREATED, "isRead INTEGER NOT NULL"), since=2)
_VIEWED = _Table("notificationViewed", (_ROW_ID, _DATA, _CREATED), since=3)
_EVENT_LOGS = _Table(
    "userEventLogs",
    (
        "deviceID STRING NOT NULL",
        "eventName STRING NOT NULL",
        "normalizedEventName STRING NOT NULL",
        "firstTs INTEGER NOT NULL",
        "lastTs INTEGER NOT NULL",
        "count INTEGER NOT NULL",
        "PRIMARY KEY (deviceID, normalizedEventName)",
    ),
    since=5,
)
_DELAYED = _Table(
    "delayedLegacyInApps",
    ("inAppId STRING PRIMARY KEY", "delay INTEGER NOT NULL", "data TEXT NOT NULL", _CREATED),
    since=6,
)
_PENDING_DELETES = _Table(
    "inbox_pending_deletes",
    (
        "messageUser STRING NOT NULL",
        "_id STRING NOT NULL",
        "wzrkParams TEXT",
        "state TEXT NOT NULL DEFAULT 'PENDING_SEND'",
        "expires INTEGER NOT NULL",
        _CREATED,
        "PRIMARY KEY (messageUser, _id)",
    ),
    since=7,
)
_PENDING_READS = _Table(
    "inbox_pending_reads",
    (
        "messageUser STRING NOT NULL",
        "_id STRING NOT NULL",
        "expires INTEGER NOT NULL",
        _CREATED,
        "PRIMARY KEY (messageUser, _id)",
    ),
    since=7,
)
_TEMPORARY = _Table("temp_userProfiles", (_PROFILE[1], _PROFILE[0], _PROFILE[2], _PROFILE_KEY))


def _profiles(version: int) -> _Table:
    if version < 4:
        return _Table("userProfiles", ("_id STRING UNIQUE PRIMARY KEY", _DATA))
    return _Table("userProfiles", (*_PROFILE, _PROFILE_KEY))


def _inbox(version: int) -> _Table:
    return _Table("inboxMessages", (*_MESSAGE, *(_MESSAGE_SINCE_7 if version >= 7 else ())), since=2)


# -- making --------------------------------------------------------------------------------------


def create(db_version: int, style: str, *, locale: str = "en_US") -> tuple[Statement, ...]:
    """All that a fresh database runs, in its order.

    Args:
        db_version: 1 to 7.
        style: `java` (until 6.1.x) or `kotlin` (since 6.2.0): how the statements are laid out.
        locale: of the device, which Android itself writes into each database.
    """
    tables = (
        _EVENTS,
        _EVENT_LOGS,
        _PROFILE_EVENTS,
        _profiles(db_version),
        _inbox(db_version),
        _PUSHES,
        _UNINSTALL,
        _VIEWED,
        _DELAYED,
        _PENDING_DELETES,
        _PENDING_READS,
    )
    return (
        *_platform(locale),
        *(Statement(table.text(style)) for table in tables if table.since <= db_version),
        _time_index("events", style),
        _time_index("profileEvents", style),
        *((_time_index("uninstallTimestamp", style), _time_index("pushNotifications", style)) * (db_version >= 2)),
        *((_message_index(style),) * (db_version >= 2)),
        *((_time_index("notificationViewed", style),) * (db_version >= 3)),
        _version(db_version),
    )


def _platform(locale: str) -> Iterator[Statement]:
    """What `SQLiteConnection` does when it opens a database for the first time."""
    yield Statement("CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT)")
    yield Statement("DELETE FROM android_metadata")
    yield Statement("INSERT INTO android_metadata (locale) VALUES(?)", (locale,))


def _time_index(table: str, style: str) -> Statement:
    """All five have one name, and names are the database's: only the first, on `events`, comes to be."""
    text = f"CREATE INDEX IF NOT EXISTS time_idx ON {table} (created_at);"
    return Statement(text if style == "java" else f"\n    {text}\n")


def _message_index(style: str) -> Statement:
    text = "CREATE UNIQUE INDEX IF NOT EXISTS userid_id_idx ON inboxMessages ("
    if style == "java":
        return Statement(f"{text}messageUser,_id);")
    return Statement(f"\n    {text}\n        messageUser,\n        _id\n    );\n")


def _version(number: int) -> Statement:
    return Statement(f"PRAGMA user_version = {number:d}")


# -- upgrading -----------------------------------------------------------------------------------


def upgrade(
    from_db: int,
    to_db: int,
    *,
    style: str = "kotlin",
    guid: str = "",
    profile: tuple[str, str] | None = None,
) -> tuple[Statement, ...]:
    """What the SDK runs on an older database; nothing where it is not older.

    Args:
        from_db: the version that it has.
        to_db: the version that the new SDK wants.
        style: of the new SDK's statements.
        guid: what the preferences have as `deviceId`, else as `fallbackId`; empty where they have neither.
        profile: account id and data of the first row of `userProfiles`, where there is one. The others are lost.
    """
    if from_db >= to_db:
        return ()
    return (*_upgraded(from_db, to_db, style, (guid, profile)), _version(to_db))


def _upgraded(from_db: int, to_db: int, style: str, owner: tuple[str, tuple[str, str] | None]) -> Iterator[Statement]:
    yield from _added_tables(from_db, to_db, style)
    if from_db < 4 <= to_db:
        yield from _migrated_profiles(style, *owner)
    for table in (_EVENT_LOGS, _DELAYED, _PENDING_DELETES, _PENDING_READS):
        if from_db < table.since <= to_db:
            yield Statement(table.text(style))
    # From version 1 the table was made above with both columns, and the SDK adds them again: that fails, and the
    # upgrade with it. UNCERTAIN, read in the code only; the model lets it succeed.
    if 1 < from_db < 7 <= to_db:
        for column in _MESSAGE_SINCE_7:
            yield Statement(f"\n    ALTER TABLE inboxMessages\n    ADD COLUMN {column};\n")


def _added_tables(from_db: int, to_db: int, style: str) -> Iterator[Statement]:
    """What versions 2 and 3 added: dropped first, should there be one."""
    if from_db == 1:
        names = ("uninstallTimestamp", "inboxMessages", "notificationViewed")
        for name in names if to_db >= 3 else names[:2]:
            yield Statement(f"DROP TABLE IF EXISTS {name}")
        for table in (_inbox(to_db), _PUSHES, _UNINSTALL, _VIEWED):
            if table.since <= to_db:
                yield Statement(table.text(style))
        yield _time_index("uninstallTimestamp", style)
        yield _time_index("pushNotifications", style)
        yield _message_index(style)
    elif from_db == 2:
        yield Statement("DROP TABLE IF EXISTS notificationViewed")
        yield Statement(_VIEWED.text(style))
    if from_db < 3 <= to_db:
        yield _time_index("notificationViewed", style)


def _migrated_profiles(style: str, guid: str, profile: tuple[str, str] | None) -> Iterator[Statement]:
    """A table with the key of version 4, filled with one row and renamed: SQLite then quotes the name in its text.

    The SDK writes the values into the statement's text, unescaped, so that an apostrophe in the profile would break
    it; since the SDK removes apostrophes from what an app pushes, they are parameters here.
    """
    yield Statement(_TEMPORARY.text(style))
    if profile is not None:
        account, data = profile
        insert = "INSERT INTO temp_userProfiles (_id, deviceID, data) VALUES (?, ?, ?)"
        yield Statement(insert, (account, guid, migrated_profile(data)))
    yield Statement("\n    DROP TABLE userProfiles;\n")
    yield Statement("\n    ALTER TABLE temp_userProfiles RENAME TO userProfiles;\n")


def migrated_profile(data: str) -> str:
    """A profile as version 4 rewrites it: dates become numbers, and `$set` and `$add` give way to their arrays."""
    try:
        profile = json.loads(data)
        if not isinstance(profile, dict):
            return data
        return dumps({name: _migrated(value) for name, value in profile.items()})
    except (ValueError, RecursionError, FormatError):
        return data


def _migrated(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("$D_"):
        seconds = value.removeprefix("$D_")
        # A text that is no number ends the SDK's process; here it stays.
        return int(seconds) if seconds.isascii() and seconds.isdecimal() and len(seconds) < 19 else value
    if isinstance(value, dict):
        for command in ("$set", "$add"):
            if isinstance(value.get(command), list):
                return value[command]
    return value
