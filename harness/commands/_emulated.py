"""Emulated devices for commands: a demo app in a sandbox, the sandbox as a device, the device reached over adb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.devices.base import Connector, Options, Source
    from harness.model import DeviceProfile
    from harness.sandbox import Sandbox

__all__ = ["SCHEME", "android_profile", "demo_sandbox", "emulated"]

SCHEME = "emulated:"

_SDK, _MODE = "forgetful", "plain"


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


def demo_sandbox(profile: DeviceProfile) -> Sandbox:
    """The demo app, in which a simulated SDK that forgets nothing has lived through the demo scenario."""
    from harness import registry
    from harness.persona import demo_persona
    from harness.sdks.base import SdkModel
    from harness.simulation import simulate

    model = registry.load("sdks", SdkModel)[_SDK]
    return simulate(profile, model, mode=_MODE, persona=demo_persona())


@contextmanager
def emulated(source: str, connector: Connector, options: Options) -> Iterator[Source]:
    """Boot what the source names and reach it as one reaches a phone; it is gone afterwards.

    Raises:
        DeviceError: this machine cannot, or the device denies debugging.
    """
    from harness.emulators.android.device import AndroidDevice

    profile = android_profile(source.removeprefix(SCHEME))
    with AndroidDevice(demo_sandbox(profile)) as device:
        named = replace(options, profile=options.profile or profile)
        with connector.open(f"adb:{device.serial}", named) as opened:
            opened.name = source
            yield opened
