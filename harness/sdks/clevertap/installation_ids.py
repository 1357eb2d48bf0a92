"""The CleverTap ID of an installation: who chooses it, where it is kept, and what the SDK says where it is refused.

Source: `DeviceInfo` and `LoginController` of the SDK.
"""

from dataclasses import dataclass, field

from harness.sdks.clevertap.cleaning import Error
from harness.sdks.clevertap.identity import (
    advertising_guid,
    custom_guid,
    fallback_guid,
    is_valid_custom,
    random_guid,
)
from harness.sdks.clevertap.state import Installation

__all__ = ["Given", "another", "begin", "known"]

_CODE = 514
_BY_USER = 4
"""The version of the database that tells users' profiles apart."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came of the ID at a start of the process, or at a switch of users."""

    error: Error | None = field(default=None, repr=False)
    """With the app's own ID in it, in plain; it goes out with an event that is queued after it."""
    fetched: bool = False
    """Whether the advertising id was asked for: this process tells it in each session that it opens."""


def begin(install: Installation) -> Given:
    """A process starts. What is there stays; an app that chooses IDs gives its own at every start all the same."""
    setup, there = install.setup, install.get("deviceId", bare=True)
    custom = setup.custom_id
    if isinstance(there, str):
        if not custom:
            return Given()
        return Given((_CODE, f"CleverTap ID - {there} already exists. Unable to set custom CleverTap ID - {custom}"))
    if custom is not None:
        before = install.guid
        given = Given(_choose(install, custom))
        _hand_over(install, before)
        return given
    if setup.advertising_id is None:
        install.put("deviceId", random_guid(install.entropy))
        return Given()
    return _advertise(install, setup.advertising_id)


def another(install: Installation, guid: str | None, custom: str) -> Given:
    """Another user: the ID that they had, or a new one. The advertising id is for the first one alone."""
    if guid is None and install.setup.custom_id is not None:
        return Given(_choose(install, custom))
    install.put("deviceId", guid or random_guid(install.entropy))
    return Given()


def known(install: Installation) -> str | None:
    """The advertising id as the SDK tells it, where the device lets it: there is none but zeros where it does not."""
    bare = (install.setup.advertising_id or "").replace("-", "")
    return bare if bare.strip("0") else None


def _hand_over(install: Installation, before: str) -> None:
    """An ID that is valid by now takes the place of a fallback. The one profile of a database before version 4 is
    nobody's by name, and so becomes that of the new ID; later ones stay with the fallback."""
    profiles = install.mirror.profiles
    if install.guid != before and before in profiles and install.mirror.database < _BY_USER:
        profiles[install.guid] = profiles.pop(before)


def _advertise(install: Installation, advertising_id: str) -> Given:
    fetched = known(install) is not None
    install.put("deviceId", advertising_guid(advertising_id) if fetched else random_guid(install.entropy))
    return Given(fetched=fetched)


def _choose(install: Installation, custom: str) -> Error | None:
    """The app's own ID; where that is refused, one of the SDK's that is kept elsewhere, and is used again."""
    if is_valid_custom(custom, install.version):
        install.put("deviceId", custom_guid(custom, install.version, install.entropy))
        return None
    if install.get("fallbackId") is None:
        install.put("fallbackId", fallback_guid(install.entropy))
    install.remove("deviceId")
    shown = custom or "null"
    refused = f"Attempted to set invalid custom CleverTap ID - {shown}"
    return _CODE, f"{refused}, falling back to default error CleverTap ID - {install.guid}"
