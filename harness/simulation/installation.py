"""A device with an app on it, and an SDK built into the app: all that is settled before anything happens."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

from harness.errors import UsageError
from harness.model import DeviceProfile, Platform
from harness.persona import Persona
from harness.profiles import api_level
from harness.sandbox import App, Sandbox
from harness.scenarios import SEED, demo_events
from harness.sdks.base import Event, LevelChanged, SdkModel, Sealer, Setup, Upgraded
from harness.simulation.player import play
from harness.simulation.writing import FormatWriter

__all__ = ["DEMO_APP", "Options", "installed", "scenario", "setup_of", "simulate"]

DEMO_APP = App(package="com.example.shop", uid=10123, target_sdk=27)
"""A shop that never moved on from Android 8.1, so that a world-readable file is one that other apps reach."""

_TITLES = {Platform.ANDROID: "Android", Platform.IOS: "iOS"}
_NEWEST_API = 34


class Options(TypedDict, total=False):
    """What may be said about a simulation beside what it is of."""

    version: str | None
    """Of the SDK; the newest where not given."""
    level: int | None
    """Encryption level, for SDKs that have levels; what the mode stands for where not given."""
    api: int
    """Android's API level; of a profile, that of its version."""
    seed: bytes
    """Where all chance comes from."""
    events: Sequence[Event] | None
    """What happens; the demo scenario where not given."""
    app: App
    """In which app; `DEMO_APP` where not given."""
    advertising_id: str | None
    """The device's, where the app lets the SDK take it for its id."""
    custom_id: str | None
    """What the app gives the SDK as its id; empty where it chooses ids, and has none yet."""
    extras: frozenset[str]
    """Modules that the app has beside the SDK."""


def simulate(
    profile: DeviceProfile, model: SdkModel, *, mode: str, persona: Persona, **options: Unpack[Options]
) -> Sandbox:
    """A device on which an app with the SDK has lived through a scenario; booted, and unlocked unless the
    profile says otherwise.

    Raises:
        UsageError: the SDK has no such mode, version or level; the hint lists those that it has.
        PluginError: the model left its app's folder, or asked for a format that is not there.
    """
    app = options.get("app", DEMO_APP)
    sandbox = installed(profile, name=f"simulated:{profile.name}/{model.name}/{mode}", **options)
    if profile.platform is Platform.ANDROID:
        options.setdefault("api", api_level(profile.os_version))
    setup = setup_of(model, profile.platform, sandbox.sealer(app.package), mode=mode, **options)
    play(sandbox, app, model.start(setup), scenario(persona, mode=mode, **options))
    if profile.locked:
        sandbox.lock()
    return sandbox


def installed(profile: DeviceProfile, *, name: str, **options: Unpack[Options]) -> Sandbox:
    """A device with the app on it, which nobody has started yet; booted and unlocked."""
    app = options.get("app", DEMO_APP)
    sandbox = Sandbox(profile, name=name, seed=options.get("seed", SEED))
    sandbox.boot()
    sandbox.unlock()
    sandbox.install(replace(app, debuggable=app.debuggable or profile.debuggable))
    return sandbox


def setup_of(model: SdkModel, platform: Platform, sealer: Sealer, *, mode: str, **options: Unpack[Options]) -> Setup:
    """How an SDK is built into an app.

    Raises:
        UsageError: the SDK has no such mode, version or level, or is not modelled on the platform; the hint lists
            what is.
    """
    version, level = options.get("version") or model.versions[-1], options.get("level")
    _check(model, platform, mode, version)
    _check_level(model, version, mode, level)
    setup = Setup(
        platform=platform,
        mode=mode,
        version=version,
        app=options.get("app", DEMO_APP).package,
        sealer=sealer,
        writer=FormatWriter(),
        level=level,
        api=options.get("api", _NEWEST_API),
        advertising_id=options.get("advertising_id"),
        custom_id=options.get("custom_id"),
        extras=options.get("extras", frozenset()),
    )
    _check_parts(model, setup)
    _check_releases(model, setup, options.get("events") or ())
    return setup


def scenario(persona: Persona, *, mode: str, **options: Unpack[Options]) -> Sequence[Event]:
    """What happens: the events that were given, or the demo scenario."""
    events = options.get("events")
    return demo_events(persona, mode, options.get("seed", SEED)) if events is None else events


def _check(model: SdkModel, platform: Platform, mode: str, version: str) -> None:
    if platform not in model.platforms:
        there = " and ".join(_TITLES[each] for each in model.platforms)
        hint = f"There is a model of it on {there}: choose a profile of such a device."
        raise UsageError(f"{model.name} is not modelled on {_TITLES[platform]}", hint=hint)
    if version not in model.versions:
        hint = f"Versions: {', '.join(model.versions)}."
        raise UsageError(f"{model.name} has no version {version}", hint=hint)
    if mode not in model.modes or not model.has_mode(version, mode):
        there = ", ".join(each for each in model.modes if model.has_mode(version, each))
        raise UsageError(f"{model.name} {version} has no mode {mode!r}", hint=f"Modes: {there}.")


def _check_level(model: SdkModel, version: str, mode: str, level: int | None) -> None:
    if level is None or level in model.levels_of(version, mode):
        return
    levels = model.levels_of(version, mode)
    there = f"Levels: {', '.join(map(str, levels))}." if levels else "It has none: leave the level out."
    raise UsageError(f"{model.name} {version} has no encryption level {level} in mode {mode!r}", hint=there)


def _check_parts(model: SdkModel, setup: Setup) -> None:
    """What the version takes for its id, and what there is beside it."""
    kinds = {"advertising": setup.advertising_id, "custom": setup.custom_id}
    known = model.device_ids(setup.version)
    for kind in [kind for kind, value in kinds.items() if value is not None and kind not in known]:
        raise UsageError(f"{model.name} {setup.version} takes no {kind} id", hint=f"Device ids: {', '.join(known)}.")
    there = model.extras(setup.version)
    for extra in sorted(setup.extras.difference(there)):
        hint = f"Extras: {', '.join(there)}." if there else "It has none."
        raise UsageError(f"{model.name} {setup.version} has no extra {extra!r}", hint=hint)


def _check_releases(model: SdkModel, setup: Setup, events: Sequence[Event]) -> None:
    """The releases of the app that come later, with another version of the SDK or another level of it."""
    version = setup.version
    for event in events:
        if isinstance(event, Upgraded):
            version = event.version
            _check(model, setup.platform, setup.mode, version)
        elif isinstance(event, LevelChanged) and event.level not in model.levels(version):
            there = ", ".join(map(str, model.levels(version))) or "none"
            raise UsageError(
                f"{model.name} {version} has no encryption level {event.level}", hint=f"Levels: {there}."
            )
