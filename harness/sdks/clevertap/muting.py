"""A server that wants to hear nothing: until when, and what that empties. The SDK drops each event until then."""

from harness.sdks.clevertap.android_preferences import Long
from harness.sdks.clevertap.state import Installation

__all__ = ["is_muted", "remember"]

_MUTED = "comms_mtd"
"""Since when, in seconds, for a day."""
_MUTED_UNTIL = "comms_mute_expiry_ts"
"""Until when, in milliseconds."""
_FIRST, _FIRST_UNTIL = (3, 1, 10), (8, 1, 0)
_HOUR = 60 * 60
_DAY = 24 * _HOUR
_LAST = (1 << 63) - 1


def remember(install: Installation, hours: int) -> bool:
    """Keep that the server said so, and forget its host; whether the version listens.

    Until 8.0.x it is for a day, whatever the server wants.
    """
    if install.traits.number < _FIRST:
        return False
    if install.traits.number < _FIRST_UNTIL:
        install.put(_MUTED, install.at)
    else:
        install.put(_MUTED_UNTIL, Long(min((install.at + hours * _HOUR) * 1000, _LAST)))
    install.remove("comms_dmn")
    return True


def is_muted(install: Installation) -> bool:
    """Whether events are dropped. 8.1.0 and later bring what an older version kept into their own form."""
    since = install.get(_MUTED)
    until = since + _DAY if isinstance(since, int) and since else 0
    if install.traits.number < _FIRST_UNTIL:
        return install.at < until
    kept = install.get(_MUTED_UNTIL)
    if isinstance(kept, int) and kept:
        return install.milliseconds < kept
    if install.at < until:
        install.put(_MUTED_UNTIL, Long(until * 1000))
    return install.at < until
