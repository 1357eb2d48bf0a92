"""Emulated devices for commands: booted with the demo app, which lives its scenario as a process of the device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.devices.base import Connector, Options, Source
    from harness.emulators.android.device import AndroidDevice
    from harness.emulators.android.ports import Trust
    from harness.model import DeviceProfile
    from harness.persona import Persona
    from harness.simulation import Options as SimulationOptions

__all__ = ["DEMO_MODE", "DEMO_SDK", "SCHEME", "Lived", "android_profile", "emulated", "running", "stay"]

SCHEME = "emulated:"

DEMO_SDK, DEMO_MODE = "forgetful", "plain"
"""What the demo app is built with: the SDK that forgets nothing, and hides nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What the app of an emulated device is built with, and who used it."""

    sdk: str = DEMO_SDK
    mode: str = DEMO_MODE
    persona: Persona | None = None
    """The demo's person where none is given."""
    options: SimulationOptions = field(default_factory=dict)  # type: ignore[assignment]
    """Version, level, events and app; the newest, the mode's, the demo's and the demo app where not given."""


def android_profile(name: str) -> DeviceProfile:
    """A profile that can be booted.

    Raises:
        UsageError: there is none of that name.
        DeviceError: it is of a kind that cannot be emulated.
    """
    from harness.errors import DeviceError
    from harness.model import Platform
    from harness.profiles import load_profile, load_profiles

    profile = load_profile(name)
    if profile.platform is not Platform.ANDROID:
        known = [name for name, each in load_profiles().items() if each.platform is Platform.ANDROID]
        raise DeviceError(f"{name} cannot be emulated yet", hint=f"these can: {', '.join(known)}")
    return profile


@contextmanager
def running(
    profile: DeviceProfile, *, trust: Trust | None = None, port: int = 0, lived: Lived | None = None
) -> Iterator[AndroidDevice]:
    """A booted device on which somebody has started an app, the demo's unless told, and it has lived its scenario.

    Raises:
        UsageError: there is no such SDK, or it has no such version, mode or level.
        DeviceError: this machine cannot, or the app did not come up.
    """
    from harness import registry
    from harness.device_simulation import app_program
    from harness.emulators.android.device import AndroidDevice, Setup
    from harness.emulators.android.ports import Trust
    from harness.errors import UsageError
    from harness.persona import demo_persona
    from harness.profiles import api_level
    from harness.sdks.base import SdkModel
    from harness.simulation import DEMO_APP, installed

    lived, models = lived or Lived(), registry.load("sdks", SdkModel)
    if lived.sdk not in models:
        raise UsageError(f"no SDK is called {lived.sdk}", hint=f"known: {', '.join(models)}")
    options: SimulationOptions = {"api": api_level(profile.os_version), **lived.options}
    program = app_program(models[lived.sdk], mode=lived.mode, persona=lived.persona or demo_persona(), **options)
    setup = Setup(program=program, port=port)
    sandbox = installed(profile, name=SCHEME + profile.name, **options)
    with AndroidDevice(sandbox, trust=trust or Trust.ACCEPT, setup=setup) as device:
        device.launch(options.get("app", DEMO_APP).package)
        yield device


def stay(device: AndroidDevice, *, asks: bool = False) -> None:
    """Until it ends, or somebody ends it; with `asks`, lines on stdin answer the device's dialogs.

    Raises:
        DeviceError: it ended by itself.
    """
    import select
    import sys

    import click

    from harness.errors import DeviceError

    while device.is_running():
        waiting = [sys.stdin] if asks else []
        ready, _, _ = select.select(waiting, [], [], 0.5)
        if ready:
            line = sys.stdin.readline()
            asks = bool(line)
            if line.strip().lower()[:1] in {"y", "n"}:
                answered = device.answer(line.strip().lower().startswith("y"))
                click.echo(f"dialogs answered: {answered}", err=True)
    raise DeviceError(
        "the emulated device ended by itself", hint="run it again with --debug, and report what it says"
    )


@contextmanager
def emulated(source: str, connector: Connector, options: Options) -> Iterator[Source]:
    """Boot what the source names and reach it as one reaches a phone; it is gone afterwards.

    Raises:
        DeviceError: this machine cannot, or the device denies debugging.
    """
    from harness.errors import DeviceError

    profile = android_profile(source.removeprefix(SCHEME))
    if not profile.adb:
        # No need to boot it: on a phone one sees no more of this than that nothing answers.
        raise DeviceError(
            f"USB debugging is off on {profile.name}: nothing can connect",
            hint="scan a backup of such a phone, or emulate another kind; `storage-harness profiles` lists them",
        )
    with running(profile) as device:
        named = replace(options, profile=options.profile or profile)
        with connector.open(f"adb:{device.serial}", named) as opened:
            opened.name = source
            yield opened
