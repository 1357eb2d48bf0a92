"""What happens to an app: the events that a model reacts to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "Charged",
    "Cleared",
    "Erased",
    "Event",
    "EventPushed",
    "InAppReceived",
    "InboxReceived",
    "Installed",
    "Killed",
    "Launched",
    "LevelChanged",
    "LocationSet",
    "LoggedIn",
    "LoggedOut",
    "Muted",
    "NetworkReporting",
    "OptedOut",
    "ProfilePushed",
    "PushReceived",
    "PushTokenReceived",
    "Reinstalled",
    "ServerAnswered",
    "Upgraded",
    "WentOffline",
    "WentOnline",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens to an app; `at` and `entropy` are all of time and chance that a model sees."""

    at: int
    """Seconds since the epoch."""
    entropy: bytes = field(repr=False)
    """32 bytes that no other event of the run has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed(Event):
    """The app was installed and started for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched(Event):
    """The app was started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn(Event):
    """A person logged in, and the app pushed their profile."""

    identity: str = field(repr=False)
    """The opaque id that the app's server has for the person."""
    profile: Mapping[str, str] = field(repr=False)
    """Persona field name to value: `email`, `phone`, `name`, …"""
    custom_id: str = field(default="", repr=False)
    """What the app wants the SDK to call this person's use of the device, where it chooses such ids itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPushed(Event):
    """The app recorded something that the person did."""

    label: str
    properties: Mapping[str, str | int | float] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationSet(Event):
    """The app handed over where the device is, in degrees."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut(Event):
    """The person logged out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """The person asked for erasure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePushed(Event):
    """The app pushed properties of whoever is logged in; a value of None removes the property."""

    profile: Mapping[str, str | int | float | bool | None] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged(Event):
    """The person paid."""

    details: Mapping[str, str | int | float] = field(repr=False)
    items: tuple[Mapping[str, str | int | float], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTokenReceived(Event):
    """The platform's push service handed out a token."""

    token: str = field(repr=False)
    service: str = "fcm"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReceived(Event):
    """A push came, and was shown; without a text, only the SDK has seen it."""

    push: str
    """Its id on the server."""
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxReceived(Event):
    """A message for the person's inbox came."""

    message: str
    """Its id on the server."""
    title: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InAppReceived(Event):
    """A message that the app is to show came."""

    campaign: str
    text: str = field(repr=False)
    image: str = field(default="", repr=False)
    """Address of its picture; empty where it has none."""
    delay: int = 0
    """Seconds until it may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAnswered(Event):
    """What the server sent for the SDK to keep: name to value."""

    values: Mapping[str, str | int | bool] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(Event):
    """The server answered that it wants to hear nothing for a while."""

    hours: int = 24
    """How long, where the SDK lets the server say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WentOffline(Event):
    """No network from here on: what is queued stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WentOnline(Event):
    """There is a network again: what is queued is sent and removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptedOut(Event):
    """The person does not want to be tracked; or does again."""

    out: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkReporting(Event):
    """The app switched the reporting of network details on or off."""

    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChanged(Event):
    """A release of the app with another encryption level was started."""

    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded(Event):
    """A release of the app with another version of the SDK was started."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed(Event):
    """The process was killed while it wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Event):
    """The person cleared the app's data in the system's settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstalled(Event):
    """The app was removed and installed anew; nothing was restored."""
