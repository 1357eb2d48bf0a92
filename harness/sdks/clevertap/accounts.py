"""Which accounts of the SDK's customer wrote this storage: their ids are in file names, preference keys and rows.

Keys of the legacy scheme derive from them, so what names one gives what it sealed away.
"""

import re
from collections.abc import Iterator, Sequence

from harness.model import Record, Scalar

__all__ = ["accounts", "is_main_store"]

_MOST = 32
"""Accounts that are tried; an app has one, now and then two."""
_MOST_NAMED = 4096
"""Different texts that are counted at all."""

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,47}")
_USUAL = re.compile(r"(?:[A-Z0-9]{3}|TEST)-[A-Z0-9]{3}-[A-Z0-9]{4}")
"""As dashboards hand them out."""

_MAIN = re.compile(r"(?:.*/)?shared_prefs/WizRocket\.xml(?:\.bak)?")
_SUFFIXED = re.compile(r"(?:.*/)?shared_prefs/WizRocket(?:_local_events|_IJ)?(?::[^/]*)?\.xml(?:\.bak)?")
"""Preferences whose keys end in the account."""
_ID = r"(?P<account>[A-Za-z0-9][A-Za-z0-9._-]{2,47}?)"
_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:.*/)?databases/clevertap_{_ID}(?:-(?:wal|shm|journal))?",
        rf"(?:.*/)?shared_prefs/WizRocket_ARP:{_ID}(?::[^/]*)?\.xml(?:\.bak)?",
        rf"(?:.*/)?shared_prefs/WizRocket_local_events:{_ID}\.xml(?:\.bak)?",
        rf"(?:.*/)?shared_prefs/(?:WizRocket_)?(?:inApp|counts_per_inapp|triggers_per_inapp):[^/]*:{_ID}\.xml(?:\.bak)?",
        rf"(?:.*/)?shared_prefs/(?:WizRocket_)?(?:inapp_assets|ct_files):{_ID}\.xml(?:\.bak)?",
        rf"(?:.*/)?shared_prefs/clevertap\.abtesting\.{_ID}\.__[^/]*\.xml(?:\.bak)?",
        rf"(?:.*/)?files/(?:Product_Config|Feature_Flag)_{_ID}_[^/]*/.*",
    )
)
_TELLING = frozenset({"accountId", "wzrk_acct_id"})
_IN_CONFIG = re.compile(r'"accountId"\s*:\s*"([^"\\]{1,64})"')
_CONFIG = 4096
"""Characters of a configuration that are looked at; the account is its first member."""


def is_main_store(path: str) -> bool:
    """Whether a file is the SDK's main preferences, or what an interrupted write left of them."""
    return _MAIN.fullmatch(path) is not None


def accounts(records: Sequence[Record]) -> tuple[str, ...]:
    """The ids that claimed values and their places name, likeliest first. What hostile storage names is bounded."""
    named: dict[str, int] = {}
    seen: set[str] = set()
    for record in records:
        path = record.locator.path
        if path not in seen and len(seen) < _MOST_NAMED:
            seen.add(path)
            _count(named, _in_path(path), 4)
        for text, weight in _in_value(record):
            _count(named, text, weight)
    ranked = sorted(named, key=lambda text: (_USUAL.fullmatch(text) is None, -named[text], text))
    return tuple(ranked[:_MOST])


def _count(named: dict[str, int], text: str, weight: int) -> None:
    if text in named:
        named[text] += weight
    elif len(named) < _MOST_NAMED and _ACCOUNT.fullmatch(text):
        named[text] = weight


def _in_path(path: str) -> str:
    found = next((match for pattern in _NAMES if (match := pattern.fullmatch(path))), None)
    return found["account"] if found else ""


def _in_value(record: Record) -> Iterator[tuple[str, int]]:
    steps, value, path = record.locator.steps, record.value, record.locator.path
    key = record.key
    if key in _TELLING or (key == "_id" and "userProfiles" in steps):
        yield _text(value), 8
    elif key == "id" and ("WizRocket_ARP" in path or path.endswith("geofence/geofence_settings.json")):
        yield _text(value), 2
    if not steps or not isinstance(steps[0], str) or not _SUFFIXED.fullmatch(path):
        return
    _, colon, suffix = steps[0].rpartition(":")
    if colon:
        yield suffix, 1
    if steps[0].startswith("instance") and isinstance(value, str):
        found = _IN_CONFIG.search(value, 0, _CONFIG)
        if found:
            yield found[1], 8


def _text(value: Scalar) -> str:
    return str(value) if isinstance(value, str | int) else ""
