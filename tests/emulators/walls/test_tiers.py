"""What this machine can do, found out by doing it."""

import subprocess
import sys

from harness.emulators.android.userland import missing
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.tiers import probe


def test_this_machine_can_wall_in_devices() -> None:
    """The rest of these tests needs it; where it is not so, the message says what to get."""
    assert missing() == (), "; ".join(f"{each.what}: {each.how}" for each in missing())
    assert probe() in {Tier.USER_NAMESPACE, Tier.CHROOT}


def test_what_is_missing_comes_with_how_to_get_it(monkeypatch, tmp_path) -> None:
    """A tester reads what to type, not what went wrong."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {each.what: each.how for each in missing(Tier.USER_NAMESPACE)}

    assert found.keys() == {"toybox", "mksh", "setpriv"}
    assert all(how.startswith("apt-get install ") for how in found.values())


_AS_NOBODY = """
from harness.emulators.android.device import AndroidDevice
from harness.emulators.android.userland import missing
from harness.emulators.walls.tiers import probe
from harness.errors import DeviceError
from harness.profiles import load_profile
from harness.sandbox import Sandbox
import os, sys
profile = load_profile("android-14-stock")
os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(probe().value)
print(" ".join(each.what for each in missing()))
try:
    AndroidDevice(Sandbox(profile))
except DeviceError as error:
    print(error, error.hint)
"""


def test_a_user_without_ids_is_told_so() -> None:
    """No device, no pretence, and no wait."""
    said = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY], capture_output=True, text=True, timeout=30, check=True
    ).stdout.splitlines()

    assert said[0] == "none"
    assert "/etc/subuid" in said[1]
    assert "usermod --add-subuids" in said[2]
