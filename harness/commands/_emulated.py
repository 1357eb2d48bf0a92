"""Emulated devices for commands: booted with the demo app, which has lived its scenario on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.devices.base import Connector, Options, Source
    from harness.emulators.android.device import AndroidDevice
    from harness.emulators.iphone.device import JailbrokenIphone
    from harness.emulators.lockdown.device import StockIphone
    from harness.emulators.walls.held import HeldDevice
    from harness.emulators.walls.ports import Trust
    from harness.model import DeviceProfile
    from harness.persona import Persona
    from harness.sdks.base import SdkModel
    from harness.simulation import Options as SimulationOptions

__all__ = [
    "DEMO_MODE",
    "DEMO_SDK",
    "SCHEME",
    "Lived",
    "bootable",
    "emulated",
    "running",
    "stay",
]

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


def bootable(name: str) -> DeviceProfile:
    """A profile that can be booted.

    Raises:
        UsageError: there is none of that name.
        DeviceError: it is of a kind that cannot be emulated.
    """
    from harness.errors import DeviceError
    from harness.profiles import load_profile, load_profiles

    profile = load_profile(name)
    if not _can_boot(profile):
        known = [name for name, each in load_profiles().items() if _can_boot(each)]
        raise DeviceError(f"{name} cannot be emulated yet", hint=f"these can: {', '.join(known)}")
    return profile


def _can_boot(profile: DeviceProfile) -> bool:
    from harness.model import Platform

    return profile.platform is Platform.ANDROID or not profile.simulator


@contextmanager
def running(
    profile: DeviceProfile, *, trust: Trust | None = None, port: int = 0, lived: Lived | None = None
) -> Iterator[HeldDevice]:
    """A booted device on which somebody has used an app, the demo's unless told.

    On Android the app is a process of the device. On an iPhone its life is played before, and its files put there.

    Raises:
        UsageError: there is no such SDK, or it has no such version, mode or level.
        DeviceError: this machine cannot, or the app did not come up.
    """
    from harness import registry
    from harness.errors import UsageError
    from harness.model import Platform
    from harness.sdks.base import SdkModel

    lived, models = lived or Lived(), registry.load("sdks", SdkModel)
    if lived.sdk not in models:
        raise UsageError(f"no SDK is called {lived.sdk}", hint=f"known: {', '.join(models)}")
    boot = _android if profile.platform is Platform.ANDROID else _iphone if profile.privileged else _stock
    with boot(profile, trust, port, lived, models[lived.sdk]) as device:
        yield device


@contextmanager
def _android(
    profile: DeviceProfile, trust: Trust | None, port: int, lived: Lived, model: SdkModel
) -> Iterator[AndroidDevice]:
    from harness.device_simulation import app_program
    from harness.emulators.android.device import AndroidDevice, Setup
    from harness.emulators.walls.ports import Trust
    from harness.persona import demo_persona
    from harness.profiles import api_level
    from harness.simulation import DEMO_APP, installed

    options: SimulationOptions = {"api": api_level(profile.os_version), **lived.options}
    program = app_program(model, mode=lived.mode, persona=lived.persona or demo_persona(), **options)
    setup = Setup(program=program, port=port)
    sandbox = installed(profile, name=SCHEME + profile.name, **options)
    with AndroidDevice(sandbox, trust=trust or Trust.ACCEPT, setup=setup) as device:
        device.launch(options.get("app", DEMO_APP).package)
        yield device


@contextmanager
def _iphone(
    profile: DeviceProfile, trust: Trust | None, port: int, lived: Lived, model: SdkModel
) -> Iterator[JailbrokenIphone]:
    from harness.emulators.iphone.device import JailbrokenIphone
    from harness.persona import demo_persona
    from harness.simulation import simulate

    del trust  # SSH asks for a key, and nobody taps on anything
    sandbox = simulate(profile, model, mode=lived.mode, persona=lived.persona or demo_persona(), **lived.options)
    with JailbrokenIphone(sandbox, port=port) as phone:
        yield phone


@contextmanager
def _stock(
    profile: DeviceProfile, trust: Trust | None, port: int, lived: Lived, model: SdkModel
) -> Iterator[StockIphone]:
    from harness.emulators.lockdown.device import StockIphone
    from harness.emulators.walls.ports import Trust
    from harness.persona import demo_persona
    from harness.simulation import simulate

    sandbox = simulate(profile, model, mode=lived.mode, persona=lived.persona or demo_persona(), **lived.options)
    with StockIphone(sandbox, trust=trust or Trust.ACCEPT, port=port) as phone:
        yield phone


def stay(device: HeldDevice, *, asks: bool = False) -> None:
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
def emulated(source: str, connectors: Mapping[str, Connector], options: Options) -> Iterator[Source]:
    """Boot what the source names and reach it as one reaches a phone; it is gone afterwards.

    Raises:
        DeviceError: this machine cannot, or the device denies debugging.
    """
    from harness.devices.base import choose
    from harness.errors import DeviceError
    from harness.model import Platform

    profile = bootable(source.removeprefix(SCHEME))
    if profile.platform is Platform.ANDROID and not profile.adb:
        # No need to boot it: on a phone one sees no more of this than that nothing answers.
        raise DeviceError(
            f"USB debugging is off on {profile.name}: nothing can connect",
            hint="scan a backup of such a phone, or emulate another kind; `storage-harness profiles` lists them",
        )
    with running(profile) as device:
        reached, options = device.reach(replace(options, profile=options.profile or profile))
        with choose(reached, connectors).open(reached, options) as opened:
            opened.name = source
            yield opened
