"""An SDK that keeps every promise it makes: the known-good one, which each check must pass."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import ClassVar

from harness.errors import UsageError
from harness.model import Outcome, Platform, Protection
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

_KEPT = {
    "plaintext": Outcome.PASS,
    "in_backup": Outcome.PASS,
    "world_readable": Outcome.PASS,
    "unclaimed": Outcome.PASS,
    "identifier_only": Outcome.PASS,
}

_ANDROID = ("shared_prefs/careful.xml", "databases/careful", "files/careful-events.json")
_IOS = (
    "Library/Preferences/careful.plist",
    "Library/Application Support/careful.sqlite",
    "Library/Application Support/careful-events.json",
)
_HARMLESS = frozenset({"product", "quantity", "total", "currency", "screen"})
"""What the tracking plan allows on the device. Everything else is personal until somebody says otherwise."""

_KEY = "careful"


def _claims() -> Iterator[Claim]:
    for preferences, database, log in (_ANDROID, _IOS):
        yield Claim(path=preferences, pointer="/identity", role="identity")
        yield Claim(path=preferences, pointer="/push_target", role="token")
        yield Claim(path=preferences, role="config")
        yield Claim(path=database, pointer="/profile/*", role="profile")
        yield Claim(path=database, pointer="/queue/*", role="queue")
        yield Claim(path=log, role="queue")


class Careful(SdkModel):
    """There is no plain mode. Sealed values are AES-256-GCM under a key that never leaves the keystore."""

    title = "Careful (known good)"
    versions = ("1.0.0",)
    modes = ("masked", "encrypted", "identifier-only", "hybrid", "erased")
    claims = tuple(_claims())
    owned = ("*/careful*",)
    expected: ClassVar[Mapping[str, Mapping[str, Outcome]]] = {
        "masked": _KEPT,
        "encrypted": _KEPT,
        "identifier-only": _KEPT,
        "hybrid": _KEPT,
        "erased": _KEPT,
    }

    def start(self, setup: Setup) -> "CarefulLife":
        if setup.version not in self.versions:
            raise UsageError(f"careful has no version {setup.version}", hint=f"Versions: {', '.join(self.versions)}.")
        if setup.mode not in self.modes:
            raise UsageError(f"careful has no mode {setup.mode!r}", hint=f"Modes: {', '.join(self.modes)}.")
        return CarefulLife(setup)


class CarefulLife:
    """One installation."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._paths = _ANDROID if setup.platform is Platform.ANDROID else _IOS
        self._seals = setup.mode in {"encrypted", "erased"}
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._preferences: dict[str, str | int | bool | float] = {}
        self._profile: dict[str, str | bytes] = {}
        self._queue: list[tuple[int, str, str | bytes]] = []
        self._log: list[dict[str, str | int]] = []

    def react(self, event: Event) -> Iterator[Effect]:
        match event:
            case Installed():
                self._begin(event)
            case Launched():
                self._preferences["launches"] = int(self._preferences.get("launches", 0)) + 1
            case LoggedIn():
                self._log_in(event)
            case EventPushed():
                self._push(event)
            case LocationSet():
                # A place to four decimals is a home address: it goes to the server and is not kept.
                self._log.append({"at": event.at, "event": "location handed on"})
            case LoggedOut() | Erased():
                self._forget(event)
            case Cleared() | Reinstalled():
                # The system takes everything, and this begins anew when the app is next started.
                self._begin_anew()
                return
        yield from self._files()

    def _begin(self, event: Event) -> None:
        self._preferences["identity"] = _opaque(b"install", event)
        self._preferences["opted_out"] = False

    def _log_in(self, event: LoggedIn) -> None:
        self._preferences["identity"] = event.identity
        if self._setup.mode == "masked":
            self._profile = {name: _mask(name, value) for name, value in event.profile.items()}
        elif self._seals:
            self._profile = {
                name: self._seal(f"profile {name}", value, event) for name, value in event.profile.items()
            }
        # identifier-only and hybrid: the profile travels from server to server.
        self._log.append({"at": event.at, "event": "login"})

    def _push(self, event: EventPushed) -> None:
        allowed = {name: value for name, value in event.properties.items() if name in _HARMLESS}
        kept: str | bytes = json.dumps(allowed)
        if self._seals:
            kept = self._seal("event", json.dumps(dict(event.properties)), event)
        self._queue.append((event.at, event.label, kept))
        self._log.append({"at": event.at, "event": event.label})

    def _forget(self, event: Event) -> None:
        """A new identity, that nothing joins to the last one."""
        self._profile, self._queue, self._log = {}, [], []
        self._preferences = {"identity": _opaque(b"again", event), "opted_out": isinstance(event, Erased)}

    def _seal(self, label: str, value: str, event: Event) -> bytes:
        # One nonce for each value: a field and a moment are sealed once.
        nonce = hashlib.sha256(b"nonce\0" + label.encode() + b"\0" + event.entropy).digest()[:12]
        return self._setup.sealer.seal(_KEY, value.encode(), nonce=nonce)

    def _files(self) -> Iterator[Effect]:
        preferences, database, log = self._paths
        writer = self._setup.writer
        kind = "shared_prefs" if self._setup.platform is Platform.ANDROID else "property_list"
        yield _private(preferences, writer.encode(kind, Preferences(dict(self._preferences))))
        if self._profile or self._queue:
            yield _private(database, writer.encode("sqlite", self._database()))
        else:
            # A file that is gone has no free pages.
            yield Delete(path=database)
        if self._log:
            yield _private(log, writer.encode("json_text", self._log))
        else:
            yield Delete(path=log)

    def _database(self) -> Database:
        queue = Table("queue", ("at", "label", "properties"), tuple(self._queue))
        if not self._profile:
            return Database((queue,))
        profile = Table("profile", tuple(self._profile), (tuple(self._profile.values()),))
        return Database((profile, queue))


def _private(path: str, data: bytes) -> Write:
    return Write(path=path, data=data, mode=0o600, protection=Protection.COMPLETE, in_backup=False)


def _mask(name: str, value: str) -> str:
    """First letters of an address, the last four of a card, nothing of anything else."""
    match name:
        case "email":
            person, _, domain = value.partition("@")
            return f"{person[:1]}***@{domain[:1]}***"
        case "card":
            return f"**** {value[-4:]}"
        case _:
            return "***"


def _opaque(label: bytes, event: Event) -> str:
    """A random name of consonants: no digits, no words, no pattern of anything."""
    drawn = hashlib.sha256(label + event.entropy).digest()
    return "".join("bcdfghjklmnpqrstvwxz"[byte % 20] for byte in drawn[:20])
