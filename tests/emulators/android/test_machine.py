"""A sandbox as a machine."""

import pytest

from harness.emulators.android.machine import machine_of, package_of
from harness.emulators.walls.ports import Tier
from harness.errors import UsageError
from harness.model import Platform
from harness.profiles import load_profile, load_profiles
from harness.sandbox import App, Sandbox


@pytest.mark.parametrize(
    "name", [name for name, each in load_profiles().items() if each.platform is Platform.ANDROID]
)
def test_every_profile_makes_a_machine(name) -> None:
    """Its properties say what its profile claims."""
    profile = load_profile(name)
    machine = machine_of(Sandbox(profile))

    assert machine.properties["ro.debuggable"] == ("1" if profile.userdebug else "0")
    assert machine.properties["ro.build.version.release"] == profile.os_version
    assert machine.rooted is (profile.privileged and not profile.userdebug)
    assert machine.adb is profile.adb
    assert all("\n" not in name + value for name, value in machine.properties.items())


def test_other_platforms_are_refused() -> None:
    """An iPhone has no debug bridge."""
    with pytest.raises(UsageError):
        machine_of(Sandbox(load_profile("ios-17-stock")))


def test_packages_are_those_of_the_sandbox(sandbox) -> None:
    """Debuggable is a property of a build, or of the profile's whole set-up."""
    machine = machine_of(sandbox, tier=Tier.CHROOT)

    assert {name: package.debuggable for name, package in machine.packages.items()} == {
        "com.example.draft": True,
        "com.example.notes": False,
    }
    assert not machine.procfs
    assert package_of(App(package="com.example.x", uid=10200), load_profile("android-14-debuggable")).debuggable


def test_an_app_of_a_user_that_is_not_there_is_refused(sandbox) -> None:
    """Its id would be nobody's."""
    with pytest.raises(UsageError, match="2010123"):
        package_of(App(package="com.example.third", uid=2_010_123), load_profile("android-14-stock"))
