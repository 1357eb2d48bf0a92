"""An SDK that breaks every promise it makes: the known-bad one, which each check must fail."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from harness.errors import UsageError
from harness.model import Outcome, Platform
from harness.sdks.base import (
    Claim,
    Cleared,
    Database,
    Delete,
    Effect,
    Erased,
    Event,
    EventPushed,
    Installed,
    Launched,
    LocationSet,
    LoggedIn,
    LoggedOut,
    Preferences,
    Reinstalled,
    SdkModel,
    Setup,
    Table,
    Write,
)

_FAILS = {
    "plaintext": Outcome.FAIL,
    "in_backup": Outcome.FAIL,
    "world_readable": Outcome.FAIL,
    "unclaimed": Outcome.PASS,
}
_BROKEN = {**_FAILS, "identifier_only": Outcome.PASS}
"""It leaks, but at least its identity is opaque."""

_ANDROID = ("shared_prefs/forgetful.xml", "databases/forgetful", "files/forgetful-events.json")
_IOS = (
    "Library/Preferences/forgetful.plist",
    "Library/Application Support/forgetful.sqlite",
    "Library/Application Support/forgetful-events.json",
)


def _claims() -> Iterator[Claim]:
    for preferences, database, log in (_ANDROID, _IOS):
        yield Claim(path=preferences, pointer="/identity*", role="identity")
        yield Claim(path=preferences, pointer="/push_target", role="token")
        yield Claim(path=preferences, role="profile")
        yield Claim(path=database, pointer="/profile/*", role="profile")
        yield Claim(path=database, pointer="/queue/*", role="queue")
        yield Claim(path=log, role="queue")


class Forgetful(SdkModel):
    """Each mode has the flaw that is most often seen under its name."""

    title = "Forgetful (known bad)"
    versions = ("1.0.0",)
    modes = ("plain", "masked", "encrypted", "identifier-only", "hybrid", "erased")
    claims = tuple(_claims())
    owned = ("*/forgetful*",)
    expected: ClassVar[Mapping[str, Mapping[str, Outcome]]] = {
        "plain": _BROKEN,
        "masked": _BROKEN,
        "encrypted": _BROKEN,
        "identifier-only": {**_FAILS, "identifier_only": Outcome.FAIL},
        "hybrid": _BROKEN,
        "erased": _BROKEN,
    }

    def start(self, setup: Setup) -> "ForgetfulLife":
        if setup.version not in self.versions:
            raise UsageError(
                f"forgetful has no version {setup.version}", hint=f"Versions: {', '.join(self.versions)}."
            )
        if setup.mode not in self.modes:
            raise UsageError(f"forgetful has no mode {setup.mode!r}", hint=f"Modes: {', '.join(self.modes)}.")
        return ForgetfulLife(setup)


class ForgetfulLife:
    """One installation."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._paths = _ANDROID if setup.platform is Platform.ANDROID else _IOS
        self._store: Callable[[str], str] = {"masked": _short_mask, "encrypted": _called_encryption}.get(
            setup.mode, str
        )
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._preferences: dict[str, str | int | bool | float] = {}
        self._profile: dict[str, str] = {}
        self._erased = False
        self._queue: list[tuple[int, str, str]] = []
        self._log: list[dict[str, Any]] = []

    def react(self, event: Event) -> Iterator[Effect]:
        match event:
            case Installed():
                self._preferences["installed_at"] = event.at
                self._preferences["push_target"] = _letters(event.entropy)
            case Launched():
                self._preferences["launches"] = int(self._preferences.get("launches", 0)) + 1
            case LoggedIn():
                self._log_in(event)
            case EventPushed():
                self._push(event.at, event.label, event.properties)
            case LocationSet():
                self._locate(event)
            case LoggedOut():
                self._preferences["logged_in"] = False
            case Erased():
                # The rows go, into free pages. Preferences and log are forgotten, which is this SDK's name.
                self._erased = True
            case Cleared() | Reinstalled():
                # The system takes everything, and this begins anew when the app is next started.
                self._begin_anew()
                return
        yield from self._files()

    def _log_in(self, event: LoggedIn) -> None:
        mode, person = self._setup.mode, event.profile
        self._preferences["logged_in"] = True
        if mode == "identifier-only":
            # "Just an identifier" - and it is the address, beside a digest that anyone can recompute.
            address = person.get("email", event.identity)
            self._preferences["identity"] = address
            self._preferences["identity_digest"] = hashlib.sha256(address.encode()).hexdigest()
            self._log.append({"at": event.at, "event": "login", "who": address})
            return
        self._preferences["identity"] = event.identity
        if mode == "hybrid":
            # The profile travels from server to server, and what was typed in the form waits in the queue.
            self._push(event.at, "profile_form", person)
            return
        self._profile = {name: self._store(value) for name, value in person.items()}
        for name in ("name", "email", "phone"):
            if name in person:
                self._preferences[name] = self._store(person[name])
        # What was hidden in preferences and table stands in the log as it came: only encoding covers that too.
        logged = self._store if mode == "encrypted" else str
        self._log.append({"at": event.at, "event": "login"} | {name: logged(text) for name, text in person.items()})

    def _push(self, at: int, label: str, properties: Mapping[str, str | int | float]) -> None:
        text = json.dumps(dict(properties), ensure_ascii=False)
        self._queue.append((at, label, _called_encryption(text) if self._setup.mode == "encrypted" else text))
        self._log.append({"at": at, "event": label})

    def _locate(self, event: LocationSet) -> None:
        if self._setup.mode == "identifier-only":
            return
        encoded = self._setup.mode == "encrypted"
        for axis, degrees in (("latitude", event.latitude), ("longitude", event.longitude)):
            self._preferences[axis] = _called_encryption(repr(degrees)) if encoded else repr(degrees)

    def _files(self) -> Iterator[Effect]:
        preferences, database, log = self._paths
        writer = self._setup.writer
        kind = "shared_prefs" if self._setup.platform is Platform.ANDROID else "property_list"
        yield Write(path=preferences, data=writer.encode(kind, Preferences(dict(self._preferences))), mode=0o660)
        yield Write(path=database, data=writer.encode("sqlite", self._database()), mode=0o660)
        if self._log:
            yield Write(path=log, data=writer.encode("json_text", self._log), mode=0o644)
        else:
            yield Delete(path=log)

    def _database(self) -> Database:
        columns = tuple(self._profile) or ("name", "email", "phone")
        row = (tuple(self._profile.values()),) if self._profile else ()
        queue = Table("queue", ("at", "label", "properties"), tuple(self._queue))
        script = ("DELETE FROM profile", "DELETE FROM queue") if self._erased else ()
        return Database((Table("profile", columns, row), queue), script=script)


def _short_mask(value: str) -> str:
    """Hides two characters, which leaves a hundred guesses."""
    return value[:-2] + "**" if len(value) > 2 else "**"


def _called_encryption(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _letters(entropy: bytes) -> str:
    """An opaque name without digits, so that no number is seen in it."""
    return "".join(chr(ord("a") + byte % 26) for byte in entropy[:20])
