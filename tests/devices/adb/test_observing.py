"""What devices say of themselves, in the words of several Android versions."""

import pytest

from harness.devices.adb.observing import Observed, Package, is_package_name, look
from harness.devices.adb.probing import Identity, Reach, Way
from harness.devices.adb.transport import Link
from harness.errors import DeviceError
from harness.model import Keystore

DUMP = """Packages:
  Package [com.example.shop] (5a1c2f):
    userId=10123
    versionCode=42 minSdk=26 targetSdk=33
    versionName=4.2
    flags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]
    privateFlags=[ PRIVATE_FLAG_REQUEST_LEGACY_EXTERNAL_STORAGE ]
"""


class Answer:
    """What one command was answered."""

    def __init__(self, said: str) -> None:
        self.error, self.code = b"", 0
        self._said = said

    def chunks(self) -> list[bytes]:
        return [self._said.encode()]

    def close(self) -> None:
        pass


class Answers:
    """A device that answers from a table of beginnings; what is not in it, it does not know."""

    name = "test"

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers

    def stream(self, command: str, *, patience: float | None = None) -> Answer:
        del patience
        return Answer("".join(self._said(line) for line in command.splitlines()))

    def _said(self, line: str) -> str:
        if line.startswith("echo; echo "):  # between the commands of one shell
            return f"\n{line[len('echo; echo ') :].strip(chr(39))}\n"
        return next((said for begin, said in self._answers.items() if line.startswith(begin)), "")


def link(**answers: str) -> Link:
    return Answers({key.replace("_", " "): value for key, value in answers.items()})  # type: ignore[return-value]


def test_properties_are_read_with_either_end_of_line() -> None:
    """Android before 7 ends lines as terminals do."""
    said = look(link(getprop="[ro.a]: [1]\r\n[ro.b]: [x: [y]]\r\nnoise\r\n"), None).properties

    assert said == {"ro.a": "1", "ro.b": "x: [y]"}


def test_a_device_is_what_it_says() -> None:
    """Version, users and where keys are kept."""
    told = "feature:android.hardware.hardware_keystore=200\nUserInfo{0:Owner:c13} running\nUserInfo{10:Work:1030}\n"
    said = "[ro.product.model]: [Example One]\n[ro.build.version.release]: [14]\n[ro.build.version.sdk]: [34]\n"

    seen = look(link(pm_list_features=told, getprop=said), None).device()

    assert (seen.model, seen.release, seen.sdk, seen.users, seen.keystore) == (
        "Example One", "14", 34, (0, 10), Keystore.TEE,
    )  # fmt: skip


def test_a_device_that_says_nothing_is_still_one() -> None:
    """No property, no user list: unknown, not a crash."""
    seen = look(link(), None).device()
    profile = seen.profile(Reach(), [], None)

    assert (seen.sdk, seen.users, profile.os_version, profile.privileged) == (0, (0,), "0", False)


def test_an_app_is_what_the_package_manager_says() -> None:
    """Flags decide about backups and debugging; the uid comes from either list."""
    device = link(pm_list_packages="package:com.example.shop uid:10123\n", dumpsys_package=DUMP)
    (app,) = look(device, "com.example.shop").packages(device, "com.example.shop")

    assert (app.uid, app.target_sdk, app.version, app.allows_backup, app.debuggable) == (
        10123,
        33,
        "4.2",
        True,
        False,
    )


def test_flags_that_are_not_told_are_not_known() -> None:
    """Neither backed up nor not backed up."""
    device = link(pm_list_packages="package:com.example.shop\n")
    (app,) = look(device, "com.example.shop").packages(device, "com.example.shop")

    assert app.allows_backup is None


@pytest.mark.parametrize("name", ["a b", "x;reboot", "$(id)", "../x", "-rf", "com..x", "", "x" * 300, "com.é"])
def test_what_is_no_name_of_an_app_never_reaches_a_shell(name: str) -> None:
    """It is refused before the device hears of it."""
    assert not is_package_name(name)
    with pytest.raises(DeviceError):
        look(link(), name)


def test_an_app_that_is_not_there_is_told_with_those_that_are() -> None:
    """The hint names what is alike, else what was installed."""
    device = link(pm_list_packages="package:com.example.shop uid:1\npackage:org.other uid:2\n")
    seen = look(device, "com.sample.shop")

    with pytest.raises(DeviceError, match="not installed") as caught:
        seen.packages(device, "com.sample.shop")

    assert caught.value.hint == "it has: com.example.shop"


def test_a_claimed_profile_keeps_what_cannot_be_seen() -> None:
    """Root and debugging are as observed, the rest as claimed."""
    from harness.profiles import load_profile

    claimed = load_profile("android-14-stock")
    reach = Reach(root=Identity(Way.SU, "su -c"))

    profile = Observed(model="m", release="13", sdk=33, build="user").profile(reach, [Package(name="a.b")], claimed)

    assert (profile.name, profile.keystore, profile.privileged) == (claimed.name, claimed.keystore, True)
