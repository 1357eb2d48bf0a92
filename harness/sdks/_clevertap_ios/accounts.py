"""Which accounts of the SDK's customer wrote this storage: their ids are in names of files and of preferences."""

import re
from collections.abc import Iterator, Sequence

from harness.model import Record

__all__ = ["PREFIX", "accounts", "is_ours"]

PREFIX = "WizRocket"
"""Before the name of every preference of the SDK."""
_MOST = 32
"""Accounts that are tried; an app has one, now and then two."""
_MOST_NAMED = 4096

_ID = r"(?P<account>[A-Za-z0-9][A-Za-z0-9._-]{0,47}?)"
_USUAL = re.compile(r"(?:[A-Z0-9]{3}|TEST)-[A-Z0-9]{3}-[A-Z0-9]{4}")
"""As dashboards hand them out."""
_FILE = re.compile(
    rf"(?:.*/)?Library/clevertap-{_ID}(?:--?[a-z][^/]*)??"
    r"-(?:events|net_queue_profile|notifications|userprofile|instance-config|pe-vars|pe-variants|feature-flags"
    r"|product-config|variants)\.plist"
)
_OURS = re.compile(
    r"(?:.*/)?(?:Library/clevertap-[^/]*\.plist|Documents/CleverTap-(?:Events|Inbox)\.[^/]*|Documents/CleverTap_Files/.*)"
)
_KEY = re.compile(rf"{PREFIX}(?:arp:)?{_ID}(?::.*|$)")
_SETTINGS = frozenset(
    {"deviceId", "CachedGUIDS", "sessionId", "firstTime", "CLTAP_ENCRYPTION_KEY", "fallbackDeviceId"}
)
"""Names that stand behind an account: `<A>:deviceId`."""


def is_ours(record: Record) -> bool:
    """Whether a place is the SDK's beyond doubt: of the app's preferences, those with its prefix."""
    first = record.locator.steps[0] if record.locator.steps else ""
    if isinstance(first, str) and first.startswith(PREFIX):
        return True
    return _OURS.fullmatch(record.locator.path) is not None


def accounts(records: Sequence[Record]) -> tuple[str, ...]:
    """The ids that claimed values and their places name, likeliest first. What hostile storage names is bounded."""
    named: dict[str, int] = {}
    for record in records:
        for text, weight in _named(record):
            if text in named:
                named[text] += weight
            elif len(named) < _MOST_NAMED:
                named[text] = weight
    ranked = sorted(named, key=lambda text: (_USUAL.fullmatch(text) is None, -named[text], text))
    return tuple(ranked[:_MOST])


def _named(record: Record) -> Iterator[tuple[str, int]]:
    path, steps = record.locator.path, record.locator.steps
    if (found := _FILE.fullmatch(path)) is not None:
        yield found["account"], 1
    if record.key == "accountId" and isinstance(record.value, str) and 0 < len(record.value) <= 48:
        yield record.value, 8
    first = steps[0] if steps else ""
    if isinstance(first, str) and ":" in first[:80] and (match := _KEY.fullmatch(first)) is not None:
        behind = first[match.end("account") + 1 :]
        if first.startswith(f"{PREFIX}arp:") or behind in _SETTINGS:
            yield match["account"], 4
