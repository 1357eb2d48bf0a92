"""How often each event happened on the device: never encrypted, never removed, for every user who was here."""

from harness.sdks.clevertap.android_database import put_event_log
from harness.sdks.clevertap.android_preferences import file_name
from harness.sdks.clevertap.state import Installation
from harness.sdks.clevertap.versions import EventLog

__all__ = ["LOCAL_EVENTS", "count"]

LOCAL_EVENTS = file_name("local_events")
"""Until 7.0.x; no later version deletes it."""


def count(install: Installation, name: str) -> None:
    """An event was queued, or from 7.1.0 to 7.7.1 a property was set."""
    if install.traits.event_log is EventLog.TABLE:
        install.run(put_event_log(install.guid, name, install.milliseconds))
        return
    key = install.key(name)
    times, first = 0, install.at
    there = install.files.get(LOCAL_EVENTS, key)
    if isinstance(there, str):
        parts = there.split("|")
        times, first = int(parts[0]), int(parts[1])
    install.files.put(LOCAL_EVENTS, key, f"{times + 1}|{first}|{install.at}")
