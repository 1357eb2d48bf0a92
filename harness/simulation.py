"""Plays a life of an app through an SDK model onto a device in memory.

    events → SDK model → effects → sandbox, or a folder

Equal inputs give equal bytes: time stands in the events, chance comes from the seed, and the model has neither.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

from harness import registry
from harness.errors import FormatError, PluginError, UsageError
from harness.formats.base import Format
from harness.formats.property_list import Plist
from harness.formats.sqlite import content as sqlite
from harness.model import DeviceProfile, Platform
from harness.persona import Persona
from harness.sandbox import App, Attributes, Sandbox
from harness.sdks.base import (
    Database,
    Delete,
    Effect,
    Erased,
    Event,
    EventPushed,
    Exit,
    Installed,
    Launched,
    Life,
    LocationSet,
    LoggedIn,
    LoggedOut,
    Preferences,
    SdkModel,
    Sealer,
    Setup,
    Sql,
    Wipe,
    Write,
)

__all__ = [
    "DEMO_APP",
    "FormatWriter",
    "Options",
    "demo_events",
    "installed",
    "path_of",
    "play",
    "scenario",
    "setup_of",
    "simulate",
    "write_into",
]

DEMO_APP = App(package="com.example.shop", uid=10123, target_sdk=27)
"""A shop that never moved on from Android 8.1, so that a world-readable file is one that other apps reach."""

_BEGIN = 1_700_000_000
_STEP = 60
_SEED = b"storage-harness demo"


class Options(TypedDict, total=False):
    """What may be said about a simulation beside what it is of."""

    version: str | None
    """Of the SDK; the newest where not given."""
    level: int
    """Encryption level, for SDKs that have levels."""
    seed: bytes
    """Where all chance comes from."""
    events: Sequence[Event] | None
    """What happens; the demo scenario where not given."""
    app: App
    """In which app; `DEMO_APP` where not given."""


def simulate(
    profile: DeviceProfile, model: SdkModel, *, mode: str, persona: Persona, **options: Unpack[Options]
) -> Sandbox:
    """A device on which an app with the SDK has lived through a scenario; booted and unlocked.

    Raises:
        UsageError: the SDK has no such mode or version; the hint lists those that it has.
        PluginError: the model left its app's folder, or asked for a format that is not there.
    """
    app = options.get("app", DEMO_APP)
    sandbox = installed(profile, name=f"simulated:{profile.name}/{model.name}/{mode}", **options)
    setup = setup_of(model, profile.platform, sandbox.sealer(app.package), mode=mode, **options)
    play(sandbox, app, model.start(setup), scenario(persona, mode=mode, **options))
    return sandbox


def installed(profile: DeviceProfile, *, name: str, **options: Unpack[Options]) -> Sandbox:
    """A device with the app on it, which nobody has started yet; booted and unlocked."""
    app = options.get("app", DEMO_APP)
    sandbox = Sandbox(profile, name=name, seed=options.get("seed", _SEED))
    sandbox.boot()
    sandbox.unlock()
    sandbox.install(replace(app, debuggable=app.debuggable or profile.debuggable))
    return sandbox


def setup_of(model: SdkModel, platform: Platform, sealer: Sealer, *, mode: str, **options: Unpack[Options]) -> Setup:
    """How an SDK is built into an app.

    Raises:
        UsageError: the SDK has no such mode or version, or is not modelled on the platform; the hint lists what is.
    """
    version = options.get("version") or model.versions[-1]
    _check(model, platform, mode, version)
    return Setup(
        platform=platform,
        mode=mode,
        version=version,
        app=options.get("app", DEMO_APP).package,
        sealer=sealer,
        writer=FormatWriter(),
        level=options.get("level", 0),
    )


def scenario(persona: Persona, *, mode: str, **options: Unpack[Options]) -> Sequence[Event]:
    """What happens: the events that were given, or the demo scenario."""
    events = options.get("events")
    return demo_events(persona, mode, options.get("seed", _SEED)) if events is None else events


def play(sandbox: Sandbox, app: App, life: Life, events: Iterable[Event]) -> None:
    """Let events happen to one installation, and what it does to its storage happen to a device.

    Raises:
        PluginError: the model left its app's folder.
    """
    root = sandbox.container(app.package)
    for event in events:
        for effect in life.react(event):
            _apply(sandbox, root, effect, event.at)


def write_into(sandbox: Sandbox, folder: Path) -> int:
    """Write the main containers of a device's apps as plain folders, with file modes; how many files there were.

    One app's container becomes the folder itself, those of more become folders in it.

    Raises:
        UsageError: the folder is a file, is not empty, or cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is there already and not empty", hint="Name a new or an empty folder.")
        written = 0
        for app in sandbox.apps:
            root = sandbox.container(app.package)
            into = folder if len(sandbox.apps) == 1 else folder / app.package
            into.mkdir(parents=True, exist_ok=True)
            for entry in sandbox.walk(root):
                target = into / entry.path[len(root) :].lstrip("/")
                if entry.folder:
                    target.mkdir(exist_ok=True)
                    continue
                target.write_bytes(entry.data)
                target.chmod(entry.mode & 0o777)
                written += 1
    except OSError as error:
        raise UsageError(f"cannot write into {folder}: {error.strerror}") from error
    return written


# -- the demo scenario ---------------------------------------------------------------------------


def demo_events(persona: Persona, mode: str, seed: bytes = _SEED) -> tuple[Event, ...]:
    """Install, log in, look, buy, allow location; and where the mode is about erasure, log out and ask for it."""
    clock = _clock(seed)
    person = dict(persona.items())
    identity = "customer-" + _letters(hmac.digest(seed, b"identity", "sha256"))
    return (
        Installed(**next(clock)),
        Launched(**next(clock)),
        LoggedIn(**next(clock), identity=identity, profile=person),
        EventPushed(**next(clock), label="Product Viewed", properties={"product": "Desk lamp", "total": 42.5}),
        EventPushed(**next(clock), label="Checkout", properties=_checkout(persona)),
        *_place(persona, clock),
        Launched(**next(clock)),
        EventPushed(**next(clock), label="Screen Viewed", properties={"screen": "orders"}),
        *((LoggedOut(**next(clock)), Erased(**next(clock))) if mode == "erased" else ()),
    )


class _Moment(TypedDict):
    at: int
    entropy: bytes


def _clock(seed: bytes) -> Iterator[_Moment]:
    number = 0
    while True:
        entropy = hmac.digest(seed, b"event %d" % number, "sha256")
        yield {"at": _BEGIN + _STEP * number, "entropy": entropy}
        number += 1


def _checkout(persona: Persona) -> dict[str, str | int | float]:
    """What a careless developer pushes with an order."""
    given = {"address": persona.address, "email": persona.email, "phone": persona.phone, "card": persona.card}
    order: dict[str, str | int | float] = {"product": "Desk lamp", "quantity": 1, "total": 42.5, "currency": "EUR"}
    return order | {name: value for name, value in given.items() if value is not None}


def _place(persona: Persona, clock: Iterator[_Moment]) -> Iterator[Event]:
    if persona.location is not None:
        latitude, longitude = persona.location
        yield LocationSet(**next(clock), latitude=latitude, longitude=longitude)


def _letters(drawn: bytes) -> str:
    """An opaque name of consonants: a server's id that looks like nothing else."""
    return "".join("bcdfghjklmnpqrstvwxz"[byte % 20] for byte in drawn[:20])


# -- effects and formats -------------------------------------------------------------------------


_TITLES = {Platform.ANDROID: "Android", Platform.IOS: "iOS"}


def _check(model: SdkModel, platform: Platform, mode: str, version: str) -> None:
    if platform not in model.platforms:
        there = " and ".join(_TITLES[each] for each in model.platforms)
        hint = f"There is a model of it on {there}: choose a profile of such a device."
        raise UsageError(f"{model.name} is not modelled on {_TITLES[platform]}", hint=hint)
    if version not in model.versions:
        hint = f"Versions: {', '.join(model.versions)}."
        raise UsageError(f"{model.name} has no version {version}", hint=hint)
    if mode not in model.modes:
        raise UsageError(f"{model.name} has no mode {mode!r}", hint=f"Modes: {', '.join(model.modes)}.")


def path_of(effect: Write | Delete | Sql) -> str:
    """Where in the app's folder an effect is.

    Raises:
        PluginError: it is elsewhere.
    """
    steps = effect.path.split("/")
    if any(step in {"", ".", ".."} for step in steps) or "\0" in effect.path:
        raise PluginError("an SDK model wrote outside of its app's folder")
    return effect.path


def _apply(sandbox: Sandbox, root: str, effect: Effect, at: int) -> None:
    if isinstance(effect, Wipe | Sql | Exit):
        raise PluginError("an SDK model asks for what cannot be played yet")
    path = f"{root}/{path_of(effect)}"
    match effect:
        case Write():
            attributes = Attributes(
                mode=effect.mode,
                protection=effect.protection,
                in_backup=effect.in_backup,
                modified=float(at),
            )
            sandbox.write(path, effect.data, attributes)
        case Delete():
            sandbox.delete(path)


@dataclass(frozen=True, slots=True)
class FormatWriter:
    """The format plug-ins as an SDK model sees them."""

    formats: dict[str, Format] = field(default_factory=lambda: registry.load("formats", Format), repr=False)

    def encode(self, format_name: str, content: Any) -> bytes:
        """Write a document; plain content of `sdks.base` is put into the format's own words.

        Raises:
            FormatError: the content cannot be written in this format.
            PluginError: there is no such format.
        """
        chosen = self.formats.get(format_name)
        if chosen is None:
            raise PluginError(f"an SDK model asks for the format {format_name!r}, which is not there")
        document = chosen.encode(_in_its_words(format_name, content))
        if document.sidecars:
            raise FormatError(f"{format_name}: content that needs a second file")
        return bytes(document.data)


def _in_its_words(format_name: str, content: Any) -> Any:
    """What the format's own `encode` takes."""
    if isinstance(content, Database):
        return _database(content)
    plain = dict(content.values) if isinstance(content, Preferences) else content
    if format_name == "property_list" and isinstance(plain, dict | list):
        return Plist(plain)
    return plain


def _database(content: Database) -> sqlite.Database:
    tables = tuple(
        sqlite.Table(name=table.name, columns=tuple((column, "") for column in table.columns), rows=table.rows)
        for table in content.tables
    )
    return sqlite.Database(tables=tables, script=content.script, secure_delete=content.secure_delete)
