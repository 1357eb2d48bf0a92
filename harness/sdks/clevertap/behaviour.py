"""What each event does to the storage of an app with CleverTap's Android SDK."""

import uuid
from collections.abc import Iterator

from harness.sdks.base import (
    Effect,
    Event,
    Installed,
    Launched,
    LoggedIn,
    Preferences,
    Setup,
    Write,
)
from harness.sdks.clevertap.versions import Traits

__all__ = ["CleverTapLife"]

_ACCOUNT = "TEST-000-0000"


class CleverTapLife:
    """One installation."""

    def __init__(self, setup: Setup, traits: Traits, level: int) -> None:
        self._setup = setup
        self._traits = traits
        self._level = level
        self._values: dict[str, str | int | bool | float] = {}

    def react(self, event: Event) -> Iterator[Effect]:
        match event:
            case Installed():
                self._put("deviceId", f"__{uuid.UUID(bytes=event.entropy[:16], version=4).hex}")
                self._put("lastSessionId", event.at)
            case Launched():
                self._put("sexe", event.at)
            case LoggedIn():
                self._put("SP_KEY_PROFILE_IDENTITIES", "Identity,Email")
        data = self._setup.writer.encode("shared_prefs", Preferences(dict(self._values)))
        yield Write(path="shared_prefs/WizRocket.xml", data=data, mode=0o660)

    def _put(self, key: str, value: str | int) -> None:
        self._values[f"{key}:{_ACCOUNT}" if self._traits.suffixes_keys else key] = value
