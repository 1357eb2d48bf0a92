"""The SDK's database on Android: its name and version, the statements that its parts run, and what lies beside it.

Sources: `DBAdapter` and, since 7.1.0, `core/db/dao/*` and `usereventlogs/UserEventLogDAOImpl` of the SDK; AOSP,
`SQLiteGlobal`, `SQLiteConnection`, `SQLiteOpenHelper` and external/sqlite.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.sdks.base import Statement
from harness.sdks.clevertap.android_schema import NEWEST, create, migrated_profile, upgrade
from harness.sdks.clevertap.versions import parse

__all__ = [
    "JOURNAL_MODE",
    "MODE",
    "NEWEST",
    "QUEUES",
    "InboxRow",
    "closes_after_use",
    "create",
    "database_version",
    "delete_all",
    "delete_delayed_in_app",
    "delete_delayed_in_apps",
    "delete_inbox",
    "delete_push_ids",
    "delete_stale",
    "delete_up_to",
    "file_name",
    "index_inbox",
    "insert_event",
    "mark_push_ids",
    "mark_read",
    "migrated_profile",
    "normalized",
    "pragmas",
    "put_delayed_in_app",
    "put_event_log",
    "put_inbox",
    "put_pending_delete",
    "put_pending_read",
    "put_profile",
    "put_push_id",
    "put_uninstall",
    "remove_profile",
    "size_limit",
    "trim_event_logs",
    "understands_upsert",
    "upgrade",
]

MODE = 0o660
"""Of the database: `SQLiteOpenHelper` sets it once the file is open."""
JOURNAL_MODE = 0o600
"""Of a journal or log that SQLite made before that, with the mode that Android builds SQLite with. It stays while the
file does; an empty journal gets the database's with the next transaction."""
QUEUES = ("events", "profileEvents", "notificationViewed")

_EXPIRY_MS = 5 * 24 * 60 * 60 * 1000
_LOG_ROWS_PER_USER = 2048 + 256
_LOG_ROWS = 5 * _LOG_ROWS_PER_USER

_FIRST = ((2, 1, 0), (3, 4, 0), (3, 5, 0), (7, 0, 0), (7, 1, 0), (7, 7, 0), (8, 2, 0))
"""The first release with each version of the database."""


# -- the file ------------------------------------------------------------------------------------


def database_version(sdk_version: str) -> int:
    """The `user_version` of the database; 0 where the SDK has none: before 2.1.0."""
    return sum(parse(sdk_version) >= first for first in _FIRST)


def file_name(account: str, is_default: bool = True) -> str:
    """Relative to the container; there is no ending."""
    return "databases/clevertap" if is_default else f"databases/clevertap_{account}"


def size_limit(sdk_version: str) -> int:
    """Inserts are refused once the file is larger than this, and than what is free on the device."""
    return (24 if parse(sdk_version) >= (7, 7, 0) else 20) << 20


def pragmas(api: int) -> tuple[str, ...]:
    """How Android opens a database, which decides about the free space in it and the files beside it.

    Pages of 4096 bytes and `auto_vacuum` come with Android's SQLite, and are not asked for: to ask for `auto_vacuum`
    is a write, which would replace the journal of the process before.

    Certain: PERSIST until Android 5.1 (asked of devices) and by
    AOSP's configuration until 7.1; WAL on Android 9, which has compatibility WAL for all who do not choose;
    TRUNCATE and `secure_delete` in the AOSP of 2024.

    UNCERTAIN: that TRUNCATE and `secure_delete` came with Android 8.0, and compatibility WAL went with 10 rather than
    by a remote flag; and makers of devices may configure all of it. Read `PRAGMA journal_mode` on the device at hand.
    """
    always = (f"secure_delete={'ON' if api >= 26 else 'OFF'}", "journal_size_limit=524288")
    if api == 28:
        return (*always, "journal_mode=WAL", "wal_autocheckpoint=100")
    return (*always, f"journal_mode={'TRUNCATE' if api >= 26 else 'PERSIST'}")


def closes_after_use(sdk_version: str) -> bool:
    """Whether the SDK closes the database after each operation, so that no WAL outlives one.

    Certain until 7.0.x (`dbHelper.close()`, later `use`) and, the other way, for 8.2.0. UNCERTAIN for 7.1.0 to 7.6.0,
    where some operations do and some do not.
    """
    return database_version(sdk_version) < 5


# -- queues --------------------------------------------------------------------------------------


def insert_event(table: str, data: str, at_ms: int) -> Statement:
    """A queued event, as JSON or sealed."""
    return Statement(_sql("INSERT INTO", _queue(table), "(data,created_at) VALUES (?,?)"), (data, at_ms))


def delete_up_to(table: str, row: int) -> Statement:
    """What was sent: all rows up to the last of the batch."""
    return Statement(_sql("DELETE FROM", _queue(table), "WHERE _id <= ?"), (row,))


def delete_all(table: str) -> Statement:
    """A whole queue, at a switch of users or when the server mutes the SDK."""
    return Statement(_sql("DELETE FROM", _queue(table)))


def delete_stale(table: str, now_ms: int, sdk_version: str = "8.2.0") -> Statement:
    """What is older than five days, when the database is opened.

    In between, the SDK compared milliseconds with seconds, so that nothing ever was old enough: seen in the sources
    of 5.x and 6.2.x. UNCERTAIN: that it began with 3.5.0 and ended with 7.5.2, which brought the DAOs.
    """
    oldest = now_ms - _EXPIRY_MS
    limit = oldest // 1000 if (3, 5, 0) <= parse(sdk_version) < (7, 5, 2) else oldest
    return Statement(_sql("DELETE FROM", _queue(table), "WHERE created_at <= ?"), (limit,))


def _queue(table: str) -> str:
    if table not in QUEUES:
        raise ValueError("that table is no queue of the SDK")
    return table


def _sql(*parts: str) -> str:
    """A statement of constants, with as many marks as it needs: what people said is in its parameters."""
    return " ".join(parts)


def _marks(values: Sequence[str]) -> str:
    return f"({','.join('?' * len(values))})"


# -- profiles ------------------------------------------------------------------------------------


def put_profile(db_version: int, guid: str, account: str, data: str) -> Statement:
    """A profile as a whole; it replaces the row of the same key, so that row ids grow."""
    if db_version < 4:
        return Statement("INSERT OR REPLACE INTO userProfiles(data,_id) VALUES (?,?)", (data, account))
    insert = "INSERT OR REPLACE INTO userProfiles(data,_id,deviceID) VALUES (?,?,?)"
    return Statement(insert, (data, account, guid))


def remove_profile(account: str) -> Statement:
    """At a switch of users, until 6.2.1."""
    return Statement("DELETE FROM userProfiles WHERE _id = ?", (account,))


# -- inbox ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A message as it is stored; times in seconds."""

    message: str
    guid: str
    data: str = field(repr=False)
    """The message's body, as JSON or sealed."""
    wzrk: str = field(default="{}", repr=False)
    """Its `wzrk_…` members, as JSON; never sealed."""
    campaign: str = "0_0"
    tags: str = ""
    read: bool = False
    expires: int
    at: int
    source: str = "V1"
    index_state: str = "PENDING_INDEXING"


_COLUMNS = ("_id", "data", "wzrkParams", "campaignId", "tags", "isRead", "expires", "created_at", "messageUser")
_UPDATED = (*_COLUMNS[1:-1], "source")
"""What an upsert changes: an existing row keeps its `index_state`."""


def put_inbox(db_version: int, row: InboxRow) -> Statement:
    """A message; `INSERT OR REPLACE` until 8.1.x, an upsert on version 7: see `understands_upsert`."""
    values = (row.message, row.data, row.wzrk, row.campaign, row.tags, int(row.read), row.expires, row.at, row.guid)
    if db_version < 7:
        names = f"({','.join(_COLUMNS)})"
        return Statement(_sql("INSERT OR REPLACE INTO inboxMessages", names, "VALUES", _marks(_COLUMNS)), values)
    columns = (*_COLUMNS, "source", "index_state")
    insert = _sql("INSERT INTO inboxMessages", f"({','.join(columns)})", "VALUES", _marks(columns))
    changes = ", ".join(f"{name} = excluded.{name}" for name in _UPDATED)
    text = _sql(insert, "ON CONFLICT(messageUser, _id) DO UPDATE SET", changes)
    return Statement(text, (*values, row.source, row.index_state))


def understands_upsert(api: int) -> bool:
    """Whether the device's SQLite is 3.24 or newer. UNCERTAIN what 8.2.0 does where not: the insert probably fails,
    is logged, and the message is not stored."""
    return api >= 30


def mark_read(messages: Sequence[str], guid: str) -> Statement:
    text = _sql("UPDATE inboxMessages SET isRead=1 WHERE _id IN", _marks(messages), "AND messageUser = ?")
    return Statement(text, (*messages, guid))


def index_inbox(messages: Sequence[str], guid: str) -> Statement:
    """8.2.0: a fetch has confirmed them."""
    change = "UPDATE inboxMessages SET index_state='INDEXED' WHERE _id IN"
    return Statement(_sql(change, _marks(messages), "AND messageUser = ?"), (*messages, guid))


def delete_inbox(messages: Sequence[str], guid: str) -> Statement:
    text = _sql("DELETE FROM inboxMessages WHERE _id IN", _marks(messages), "AND messageUser = ?")
    return Statement(text, (*messages, guid))


def put_pending_delete(message: str, guid: str, wzrk: str | None, expires: int, at: int) -> Statement:
    """8.2.0: deleted here, and not yet there."""
    insert = "INSERT OR IGNORE INTO inbox_pending_deletes(messageUser,_id,wzrkParams,expires,created_at)"
    return Statement(f"{insert} VALUES (?,?,?,?,?)", (guid, message, wzrk, expires, at))


def put_pending_read(message: str, guid: str, expires: int, at: int) -> Statement:
    """8.2.0: read here, and not yet there."""
    insert = "INSERT OR IGNORE INTO inbox_pending_reads(messageUser,_id,expires,created_at)"
    return Statement(f"{insert} VALUES (?,?,?,?)", (guid, message, expires, at))


# -- history of events ---------------------------------------------------------------------------


def normalized(name: str) -> str:
    """As events are told apart: without white space and in lower case."""
    return re.sub(r"[ \t\n\v\f\r]+", "", name).lower()


def put_event_log(guid: str, name: str, at_ms: int) -> Statement:
    """Count an event: the first one makes a row, later ones change it. One statement for the SDK's two."""
    text = (
        "INSERT INTO userEventLogs(eventName,normalizedEventName,firstTs,lastTs,count,deviceID) "
        "VALUES (?,?,?,?,1,?) ON CONFLICT(deviceID, normalizedEventName) "
        "DO UPDATE SET count = count + 1, lastTs = excluded.lastTs"
    )
    return Statement(text, (name, normalized(name), at_ms, at_ms, guid))


def trim_event_logs(rows: int = _LOG_ROWS, kept: int = _LOG_ROWS - _LOG_ROWS_PER_USER) -> Statement:
    """When the database is opened: of more than `rows` rows, the least recently used go, down to `kept`."""
    text = (
        "DELETE FROM userEventLogs\nWHERE (normalizedEventName, deviceID) IN (\n"
        "    SELECT normalizedEventName, deviceID\n    FROM userEventLogs\n    ORDER BY lastTs ASC \n    LIMIT (\n"
        "    SELECT CASE \n        WHEN COUNT(*) > ? THEN COUNT(*) - ?\n        ELSE 0\n    END \n"
        "    FROM userEventLogs\n    )\n);"
    )
    return Statement(text, (rows, kept))


# -- pushes --------------------------------------------------------------------------------------


def put_push_id(push: str, expires: int) -> Statement:
    """A push that came; `expires` in seconds stands in `created_at`."""
    return Statement("INSERT INTO pushNotifications(data,created_at,isRead) VALUES (?,?,?)", (push, expires, 0))


def mark_push_ids(pushes: Sequence[str]) -> Statement:
    """They were told to the server."""
    return Statement(_sql("UPDATE pushNotifications SET isRead=1 WHERE data IN", _marks(pushes)), tuple(pushes))


def delete_push_ids(now: int) -> Statement:
    """Those that have expired, when the database is opened."""
    return Statement("DELETE FROM pushNotifications WHERE created_at <= ?", (now,))


def put_uninstall(at_ms: int) -> Statement:
    """A push without a message came: the server asks whether the app is still there."""
    return Statement("INSERT INTO uninstallTimestamp(created_at) VALUES (?)", (at_ms,))


def put_delayed_in_app(campaign: str, delay: int, data: str, at_ms: int) -> Statement:
    """7.7.0: an in-app message that is shown later; always sealed, and gone when the database is opened again."""
    insert = "INSERT OR REPLACE INTO delayedLegacyInApps(inAppId,delay,data,created_at) VALUES (?,?,?,?)"
    return Statement(insert, (campaign, delay, data, at_ms))


def delete_delayed_in_app(campaign: str) -> Statement:
    """Its time has come."""
    return Statement("DELETE FROM delayedLegacyInApps WHERE inAppId = ?", (campaign,))


def delete_delayed_in_apps() -> Statement:
    """When the database is opened, as their timers went with the process, and at a switch of users."""
    return Statement("DELETE FROM delayedLegacyInApps")
