"""The words of a scenario file: what can happen, and what is said about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from harness.persona import Persona
from harness.scenarios.clock import Clock
from harness.sdks.base import (
    Charged,
    Cleared,
    Erased,
    Event,
    EventPushed,
    InAppReceived,
    InboxReceived,
    Installed,
    Killed,
    Launched,
    LevelChanged,
    LocationSet,
    LoggedIn,
    LoggedOut,
    Muted,
    NetworkReporting,
    OptedOut,
    ProfilePushed,
    PushReceived,
    PushTokenReceived,
    Reinstalled,
    ServerAnswered,
    Upgraded,
    WentOffline,
    WentOnline,
)

__all__ = ["WORDS", "Kind", "Said", "Teller", "Word"]


class Kind(Enum):
    """What may stand behind a field; the value is how one says it."""

    TEXT = "a text"
    NUMBER = "a number"
    WHOLE = "a whole number"
    SWITCH = "true or false"
    TEXTS = "a table of texts"
    VALUES = "a table of texts and numbers"
    ITEMS = "a list of tables of texts and numbers"
    NAMES = "a list of texts"


@dataclass(frozen=True, slots=True)
class Teller:
    """What a field that is not there is made of."""

    persona: Persona
    clock: Clock


Default = Callable[[Teller], Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One field of an event."""

    kind: Kind
    default: Default | None = None
    """None where it has to be said."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that can happen."""

    event: type[Event]
    fields: Mapping[str, Said] = field(default_factory=dict)


def _person(teller: Teller) -> dict[str, str]:
    return dict(teller.persona.items())


def _place(axis: int) -> Default:
    def of(teller: Teller) -> float | None:
        return None if teller.persona.location is None else teller.persona.location[axis]

    return of


def _drawn(label: str, prefix: str = "") -> Default:
    return lambda teller: prefix + teller.clock.draw(label)


def _always(value: Any) -> Default:
    return lambda _teller: value


WORDS: Mapping[str, Word] = {
    "install": Word(Installed),
    "launch": Word(Launched),
    "login": Word(
        LoggedIn,
        {
            "identity": Said(Kind.TEXT, _drawn("identity", "customer-")),
            "profile": Said(Kind.TEXTS, _person),
            "custom_id": Said(Kind.TEXT, _always("")),
        },
    ),
    "push-profile": Word(
        ProfilePushed, {"profile": Said(Kind.VALUES, _always({})), "remove": Said(Kind.NAMES, _always([]))}
    ),
    "push-event": Word(EventPushed, {"label": Said(Kind.TEXT), "properties": Said(Kind.VALUES, _always({}))}),
    "charge": Word(Charged, {"details": Said(Kind.VALUES), "items": Said(Kind.ITEMS, _always([]))}),
    "location": Word(
        LocationSet, {"latitude": Said(Kind.NUMBER, _place(0)), "longitude": Said(Kind.NUMBER, _place(1))}
    ),
    "push-token": Word(
        PushTokenReceived,
        {"token": Said(Kind.TEXT, _drawn("push token")), "service": Said(Kind.TEXT, _always("fcm"))},
    ),
    "inbox": Word(InboxReceived, {"message": Said(Kind.TEXT), "title": Said(Kind.TEXT), "text": Said(Kind.TEXT)}),
    "in-app": Word(
        InAppReceived,
        {
            "campaign": Said(Kind.TEXT),
            "text": Said(Kind.TEXT),
            "image": Said(Kind.TEXT, _always("")),
            "delay": Said(Kind.WHOLE, _always(0)),
        },
    ),
    "push": Word(PushReceived, {"push": Said(Kind.TEXT), "text": Said(Kind.TEXT, _always(""))}),
    "server": Word(ServerAnswered, {"values": Said(Kind.VALUES)}),
    "mute": Word(Muted, {"hours": Said(Kind.WHOLE, _always(24))}),
    "offline": Word(WentOffline),
    "online": Word(WentOnline),
    "opt-out": Word(OptedOut, {"out": Said(Kind.SWITCH, _always(True))}),
    "network-reporting": Word(NetworkReporting, {"on": Said(Kind.SWITCH, _always(True))}),
    "level": Word(LevelChanged, {"level": Said(Kind.WHOLE)}),
    "upgrade": Word(Upgraded, {"version": Said(Kind.TEXT)}),
    "kill": Word(Killed),
    "clear": Word(Cleared),
    "reinstall": Word(Reinstalled),
    "logout": Word(LoggedOut),
    "erase": Word(Erased),
}
"""By what stands behind `do`."""
