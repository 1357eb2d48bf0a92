"""What each check must say of the demo scenario on a rooted phone with Android 6 or later: by version, mode, level.

It follows from the specification alone, and not from a scan: it is what scans are held against.
"""

from collections.abc import Mapping

from harness.model import Outcome
from harness.sdks.clevertap.versions import Scheme, traits

__all__ = ["verdicts"]

_WITH_KEYSTORE = 23
_ADDRESSED = frozenset({"plain", "encrypted", "erased"})
"""Modes in which users are told apart by an email address: sealed or not, it is no opaque id. The SDK erases nothing,
so that it stays after an erasure."""
_DISCREET = frozenset({"masked", "identifier-only"})
"""Modes in which neither the app nor the server, which knows no more, has anything personal to store. In the hybrid
mode the server does: a campaign calls people by their names."""
_ALL = 2


def verdicts(version: str, mode: str, level: int) -> Mapping[str, Outcome]:
    """By check."""
    how = traits(version, _WITH_KEYSTORE)
    # Level 1 leaves queue and inbox as they are, in any version.
    readable = mode not in _DISCREET and level < _ALL
    stored = Outcome.FAIL if readable else Outcome.PASS
    if level == 0 and not how.stores_in_apps_per_user:
        worth = Outcome.NOT_APPLICABLE
    else:
        # From 6.0.0 on in-app messages are sealed at every level.
        worth = Outcome.FAIL if how.scheme is Scheme.LEGACY else Outcome.PASS
    # Before 3.1.10 there is no map of everybody who logged in.
    addressed = mode in _ADDRESSED and how.stores_users
    return {
        "plaintext": stored,
        "in_backup": stored,
        "derivable_key": worth,
        "identifier_only": Outcome.FAIL if addressed else Outcome.PASS,
        "unclaimed": Outcome.PASS,
        "world_readable": Outcome.PASS,
    }
