"""The queues of events: rows that wait for the network, and what becomes of them.

Online, the real SDK sends a row within seconds of its insertion and deletes it. Here that happens with the next event
that comes a second or more later, so that the last rows of a scenario are still there: what a tester finds who looks
at once, or who takes the device offline first. What SQLite leaves of deleted rows is SQLite's business.
"""

from collections.abc import Mapping
from typing import Any

from harness.sdks.base import Statement
from harness.sdks.clevertap.android_database import (
    delete_all,
    delete_stale,
    delete_up_to,
    insert_event,
)
from harness.sdks.clevertap.android_json import dumps
from harness.sdks.clevertap.android_preferences import Long, file_name
from harness.sdks.clevertap.messages import IN_APP, keep_in_app
from harness.sdks.clevertap.muting import is_muted, remember
from harness.sdks.clevertap.state import Installation, Row
from harness.sdks.clevertap.variables import VARIABLES, reset_variables

__all__ = ["IMPRESSIONS", "QUEUES", "clear", "flush", "impress", "insert", "mute", "push", "reseal", "trim"]

QUEUES = ("profileEvents", "events")
"""A switch of users empties them, and a migration seals them."""
IMPRESSIONS = "notificationViewed"
"""It does neither with this one."""
_BATCH = 50
_ATTEMPT_MS = 1000


def push(install: Installation, kind: str, body: Mapping[str, Any], *, launch: bool = False) -> bool:
    """Queue an event, unless the user has opted out or the server is deaf; whether it was queued.

    Args:
        install: the installation.
        kind: `event`, `profile`, `data`, `ping`, `page`.
        body: the members that are the event's own.
        launch: it is the one that opens a session.
    """
    process = install.process
    if process is None or _is_dropped(install):
        return False
    members: dict[str, Any] = {
        **body,
        "n": "MainActivity",
        "s": process.session,
        "pg": 1,
        "type": kind,
        "ep": install.at,
        "f": process.first,
        "lsl": process.last_length,
    }
    if launch:
        members["pai"] = install.setup.app
    if process.error is not None:
        code, text = process.error
        members["wzrk_error"] = {"c": code, "d": text}
        process.error = None
    members["dsync"] = launch or kind == "profile"
    _insert(install, "profileEvents" if kind == "profile" else "events", dumps(members))
    return True


def impress(install: Installation, text: str) -> None:
    """Queue that a push was shown, unless nothing is queued; there need be no session."""
    if not _is_dropped(install):
        _insert(install, IMPRESSIONS, text)


def _is_dropped(install: Installation) -> bool:
    return install.get(f"OptOut:{install.guid}") is True or is_muted(install)


def insert(install: Installation, table: str, text: str) -> Statement:
    """The statement that queues a row, without a trace in the mirror: its transaction may never end."""
    return insert_event(table, install.seal(text) if install.seals_all else text, install.milliseconds)


def _insert(install: Installation, table: str, text: str) -> None:
    if not install.traits.has_database:
        # 2.0.x has a queue as well; where, nobody has read.
        return
    mirror = install.mirror
    mirror.last[table] += 1
    mirror.queues[table].append(Row(mirror.last[table], text, install.milliseconds, install.seals_all))
    install.run(insert(install, table, text))


def flush(install: Installation, *, at_once: bool = False) -> None:
    """Send what waits, and delete it in batches of 50; the server's answer is stored."""
    queues = install.mirror.queues
    if install.offline or not any(queues.values()):
        return
    newest = max(rows[-1].at_ms for rows in queues.values() if rows)
    if not at_once and install.milliseconds - newest < _ATTEMPT_MS:
        return
    ordered = QUEUES if install.traits.sends_profiles_first else QUEUES[::-1]
    for table in (*ordered, IMPRESSIONS):
        rows = queues[table]
        for start in range(0, len(rows), _BATCH):
            install.run(delete_up_to(table, rows[min(start + _BATCH, len(rows)) - 1].number))
        rows.clear()
    _answered(install)


def _answered(install: Installation) -> None:
    """What the SDK keeps of any answer of the server."""
    traits = install.traits
    if not traits.handshakes:
        return
    host = "wzrkt.com" if traits.number < (4, 0, 0) else "clevertap-prod.com"
    install.put("comms_dmn", f"in1.{host}")
    if traits.has_second_host:
        install.put("comms_dmn_spiky", f"in1-spiky.{host}")
    if not install.get("comms_first_ts"):
        install.put("comms_first_ts", install.at)
    install.put("comms_last_ts", install.at)
    counters = file_name("IJ")
    install.files.put(counters, install.key("comms_i"), Long(install.at))
    install.files.put(counters, install.key("comms_j"), Long(install.mirror.last["events"]))
    if VARIABLES not in install.mirror.variables:
        reset_variables(install)
    if traits.stores_in_apps_per_user and (install.guid, IN_APP) not in install.mirror.in_apps:
        keep_in_app(install, install.guid, IN_APP, "[]")


def clear(install: Installation) -> None:
    """A switch of users, or a server that wants none: sent or not, it is gone. Push impressions stay."""
    for table in QUEUES:
        if install.mirror.queues[table]:
            install.mirror.queues[table].clear()
        install.run(delete_all(table))


def mute(install: Installation, hours: int) -> None:
    """The server answered that it wants no events; without a network, nobody answers."""
    if not install.offline and remember(install, hours):
        clear(install)


def trim(install: Installation) -> None:
    """The database was opened: what is too old goes."""
    for table in (*QUEUES, IMPRESSIONS) if install.traits.stores_impressions else QUEUES:
        statement = delete_stale(table, install.milliseconds, install.version)
        limit = statement.parameters[0]
        assert isinstance(limit, int)
        rows = install.mirror.queues[table]
        rows[:] = [row for row in rows if row.at_ms > limit]
        install.run(statement)


def reseal(install: Installation) -> None:
    """A migration to or from level 2: each row is written anew."""
    for table in reversed(QUEUES):
        for row in install.mirror.queues[table]:
            if row.sealed != install.seals_all:
                row.sealed = install.seals_all
                text = install.seal(row.text) if row.sealed else row.text
                install.run(Statement(_UPDATES[table], (text, row.number)))


_UPDATES = {
    "events": "UPDATE events SET data=? WHERE _id = ?",
    "profileEvents": "UPDATE profileEvents SET data=? WHERE _id = ?",
}
