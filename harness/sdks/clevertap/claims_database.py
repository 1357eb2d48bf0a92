"""Every table and column that CleverTap's Android SDK writes: section 2 of its storage specification.

A pointer is the table, the row's id, the column, and then the way inside of the JSON that the column is.
"""

from collections.abc import Iterator

from harness.sdks.base import Claim
from harness.sdks.clevertap import parts
from harness.sdks.clevertap.parts import Part
from harness.sdks.clevertap.versions import parse

__all__ = ["DATABASES", "DATABASE_CLAIMS"]

DATABASES = (("databases/clevertap", "2.1.0"), ("databases/clevertap_*", "3.2.0"))
"""Of the default instance and of any other, and since when."""
_SIDECARS = "databases/clevertap-*"
"""A journal or log whose database is gone; those of other instances match `clevertap_*`."""


def _queue(table: str) -> Iterator[tuple[str, Part]]:
    """What a table of queued events has in any case."""
    data = f"/{table}/*/data"
    yield f"/{table}/*", parts.QUEUE
    yield f"{data}/wzrk_error*", parts.QUEUED_ERROR
    yield f"{data}/evtData/wzrk_*", parts.QUEUED_CAMPAIGN


def _events() -> Iterator[tuple[str, Part]]:
    yield from _queue("events")
    data = "/events/*/data"
    for name in ("Latitude", "Longitude"):
        yield f"{data}/evtData/{name}", parts.QUEUED_LOCATION
    for name in ("GoogleAdID", "mt_GoogleAdID"):
        yield f"{data}/evtData/{name}", parts.QUEUED_ADVERTISING_ID
    yield f"{data}/data/id", parts.QUEUED_TOKEN
    for name in ("referrer", "us", "um", "uc", "wm", "install"):
        yield f"{data}/{name}", parts.QUEUED_REFERRER


def _profile_events() -> Iterator[tuple[str, Part]]:
    yield from _queue("profileEvents")
    profile = "/profileEvents/*/data/profile"
    yield f"{profile}/*", parts.QUEUED_PROFILE
    yield f"{profile}/[Ii]dentity", parts.QUEUED_IDENTITY
    for name in ("Carrier", "cc", "tz"):
        yield f"{profile}/{name}", parts.QUEUED_DEVICE


def _inbox() -> Iterator[tuple[str, Part]]:
    inbox = "/inboxMessages/*"
    yield inbox, parts.INBOX
    yield f"{inbox}/data*", parts.INBOX
    for name in ("_id", "campaignId", "tags"):
        yield f"{inbox}/{name}", parts.INBOX_LABELS
    yield f"{inbox}/wzrkParams*", parts.INBOX_CAMPAIGN
    yield f"{inbox}/messageUser", parts.INBOX_GUID


_PLACES: tuple[tuple[str, tuple[tuple[str, Part], ...]], ...] = (
    ("2.1.0", (*_events(), *_profile_events())),
    (
        "2.1.0",
        (
            ("/userProfiles/*", parts.PROFILE),
            ("/userProfiles/*/_id", parts.PROFILE_ACCOUNT),
            ("/userProfiles/*/data*", parts.PROFILE),
            ("/userProfiles/*/data/[Ii]dentity", parts.PROFILE_IDENTITY),
        ),
    ),
    ("3.4.0", (*_inbox(), ("/pushNotifications/*", parts.PUSH_IDS), ("/uninstallTimestamp/*", parts.PUSH_TIMES))),
    ("3.5.0", tuple(_queue("notificationViewed"))),
    ("7.0.0", (("/userProfiles/*/deviceID", parts.PROFILE_GUID),)),
    (
        "7.1.0",
        (
            ("/userEventLogs/*", parts.HISTORY),
            ("/userEventLogs/*/eventName", parts.HISTORY),
            ("/userEventLogs/*/normalizedEventName", parts.HISTORY),
            ("/userEventLogs/*/deviceID", parts.HISTORY_GUID),
        ),
    ),
    (
        "7.7.0",
        (
            ("/delayedLegacyInApps/*", parts.IN_APP_DELAYS),
            ("/delayedLegacyInApps/*/data*", parts.IN_APP_DELAYED),
        ),
    ),
    (
        "8.2.0",
        (
            ("/inboxMessages/*/source", parts.INBOX_LABELS),
            ("/inboxMessages/*/index_state", parts.INBOX_LABELS),
            ("/inbox_pending_deletes/*", parts.INBOX_ACTIONS),
            ("/inbox_pending_deletes/*/wzrkParams*", parts.INBOX_CAMPAIGN),
            ("/inbox_pending_deletes/*/messageUser", parts.INBOX_GUID),
            ("/inbox_pending_reads/*", parts.INBOX_ACTIONS),
            ("/inbox_pending_reads/*/messageUser", parts.INBOX_GUID),
        ),
    ),
)
"""By the version that the table or column came with."""

_UNCERTAIN = {
    "/inboxMessages/*": "8.2.0 writes it by an upsert that needs SQLite 3.24: on Android 10 and older that probably "
    "fails, and is only logged",
}
_RESIDUE = (
    "whether deleted rows, and plain values of before an encryption, can be recovered depends on how the SQLite of "
    "the device was built"
)


def _claims() -> Iterator[Claim]:
    for path, first in DATABASES:
        yield parts.DATABASE.at(path, since=first, uncertain=_RESIDUE)
        for since, places in _PLACES:
            came = max(since, first, key=parse)
            for pointer, part in places:
                yield part.at(path, pointer, since=came, uncertain=_UNCERTAIN.get(pointer, ""))
    yield parts.DATABASE.at(_SIDECARS, since="2.1.0", uncertain=_RESIDUE)


DATABASE_CLAIMS = tuple(_claims())
