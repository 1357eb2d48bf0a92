"""Every Android profile, booted and asked by Debian's adb: it denies and allows exactly what its file claims.

What a profile claims is read from `device_profiles/` alone; that the devices differ by nothing else is why each test
says for which of them it expects what.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.commands._emulated import emulated
from harness.devices.adb import Adb
from harness.devices.base import Options as SourceOptions
from harness.emulators.android.device import AndroidDevice
from harness.emulators.android.userland import missing
from harness.emulators.walls.ports import Tier
from harness.errors import DeviceError
from harness.model import Access, DeviceProfile, Keystore, Platform
from harness.profiles import load_profiles
from harness.sandbox import App, Sandbox
from harness.sandbox.layout import has_protected_storage

PROFILES = {name: each for name, each in load_profiles().items() if each.platform is Platform.ANDROID}
PROMISED = {
    "android-5-stock": 22,
    "android-9-stock": 28,
    "android-10-rooted": 29,
    "android-12-stock": 31,
    "android-14-adb-off": 34,
    "android-14-debuggable": 34,
    "android-14-low-end": 34,
    "android-14-rooted": 34,
    "android-14-stock": 34,
    "android-14-userdebug": 34,
    "android-14-work-profile": 34,
    "android-16-stock": 36,
}
"""Each with its API level, by Android's own table."""
NOTES, DRAFT = "com.example.notes", "com.example.draft"
"""The app under test, debuggable where the profile says so, and one that is debuggable wherever it is."""
SECRET = b"ada@example.org"
AT_WORK = b"grace@example.org"
SECONDS = 30


class Client:
    """The real client with a server, a key and a home of its own."""

    def __init__(self, home: Path) -> None:
        program = shutil.which("adb")
        assert program is not None, "adb is missing: apt-get install adb"
        self._program = program
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        # A server takes every device on 5555 to 5585 for its own unless it is told not to look.
        own = {"HOME": str(home), "ANDROID_ADB_SERVER_PORT": str(port), "ADB_LOCAL_TRANSPORT_MAX_PORT": "5550"}
        self._environment = {**os.environ, **own}

    def run(self, *words: str) -> str:
        """What one call said, in whichever stream."""
        done = subprocess.run(
            [self._program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            env=self._environment,
            check=False,
        )
        return done.stdout.decode()

    def connect(self, serial: str) -> None:
        """Connect, and wait until the device is there: what `connect` prints is about the first second only."""
        self.run("connect", serial)
        deadline = time.monotonic() + SECONDS
        while f"{serial}\tdevice" not in self.run("devices"):
            assert time.monotonic() < deadline, f"{serial} did not come"
            time.sleep(0.02)


@dataclass(frozen=True)
class Booted:
    """A running device of one profile, and the client that has reached it."""

    device: AndroidDevice
    client: Client

    @property
    def profile(self) -> DeviceProfile:
        profile = self.device.sandbox.profile
        assert profile is not None
        return profile

    def adb(self, *words: str) -> str:
        """One call to this device."""
        return self.client.run("-s", self.device.serial, *words)

    def shell(self, command: str) -> tuple[int, str]:
        """Exit code and what was said. Asked of the shell itself: before Android 7 the bridge carries no codes."""
        said, _, code = self.adb("shell", f"({command}) 2>&1; code=$?; echo; echo =$code").rpartition("=")
        return int(code), said.strip()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for this file; it is gone afterwards."""
    made = Client(tmp_path_factory.mktemp("home"))
    made.run("start-server")
    yield made
    made.run("kill-server")


def sandbox_of(profile: DeviceProfile) -> Sandbox:
    """A device with the two apps, and a private file of each copy of them."""
    sandbox = Sandbox(profile)
    sandbox.install(App(package=NOTES, uid=10123, debuggable=profile.debuggable))
    sandbox.install(App(package=DRAFT, uid=10124, debuggable=True))
    for package in (NOTES, DRAFT):
        sandbox.write(f"/data/data/{package}/files/private", SECRET)
        if has_protected_storage(profile):
            sandbox.write(f"/data/user_de/0/{package}/files/private", SECRET)
        if profile.work_profile:
            sandbox.write(f"/data/user/10/{package}/files/private", AT_WORK)
    return sandbox


@pytest.fixture(scope="module")
def boot(client: Client) -> Iterator[Callable[[str, Tier], Booted]]:
    """Each device once; in the end pid 1 of none must have had anything to complain about."""
    assert not missing(), "; ".join(f"{each.what}: {each.how}" for each in missing())
    running: dict[tuple[str, Tier], Booted] = {}

    def start(name: str, tier: Tier) -> Booted:
        if (name, tier) not in running:
            device = AndroidDevice(sandbox_of(PROFILES[name]), tier=tier)
            running[name, tier] = Booted(device, client)
            if PROFILES[name].adb:
                client.connect(device.serial)
        return running[name, tier]

    yield start
    logs = {key: each.device.log for key, each in running.items()}
    for each in running.values():
        client.run("disconnect", each.device.serial)
        each.device.stop()
    assert not any(logs.values()), logs


REACHED = [name for name, each in PROFILES.items() if each.adb]


@pytest.fixture(params=[Tier.USER_NAMESPACE, Tier.CHROOT], ids=str)
def tier(request: pytest.FixtureRequest) -> Tier:
    """What is expected differs by profile, and never by tier."""
    tier: Tier = request.param
    return tier


@pytest.fixture(params=REACHED)
def here(request: pytest.FixtureRequest, boot: Callable[[str, Tier], Booted], tier: Tier) -> Booted:
    """Each device that a client can reach, on each tier."""
    return boot(request.param, tier)


def test_the_promised_profiles_are_there() -> None:
    """Every kind of device that testers asked for."""
    assert PROMISED.keys() <= PROFILES.keys()


def test_it_is_the_android_that_it_claims_to_be(here: Booted) -> None:
    """By the properties that tools read, and by the shell's identity."""
    profile = here.profile
    said = here.adb("shell", "getprop")
    properties = dict(line[1:-1].split("]: [") for line in said.replace("\r", "").strip().splitlines())

    assert properties["ro.build.version.release"] == profile.os_version
    if profile.name in PROMISED:
        assert properties["ro.build.version.sdk"] == str(PROMISED[profile.name])
    assert properties["ro.build.type"] == ("userdebug" if profile.userdebug else "user")
    assert properties["ro.debuggable"] == ("1" if profile.userdebug else "0")
    assert properties["ro.build.tags"] == ("dev-keys" if profile.userdebug else "release-keys")
    assert properties["ro.boot.flash.locked"] == ("0" if profile.privileged else "1")
    assert properties["ro.secure"] == "1"
    assert here.shell("id -u") == (0, "2000")


def test_no_shell_reads_what_an_app_keeps(here: Booted, tmp_path: Path) -> None:
    """Without a way in there is none, whatever the profile: not by reading, listing, writing or pulling."""
    protected = [f"/data/user_de/0/{DRAFT}"] if has_protected_storage(here.profile) else []
    for folder in (f"/data/data/{NOTES}", f"/data/user/0/{NOTES}", *protected):
        code, said = here.shell(f"cat {folder}/files/private")
        assert code == 1
        assert "Permission denied" in said
        assert here.shell(f"echo x >>{folder}/files/private")[0] == 1
        assert "Permission denied" in here.adb("pull", f"{folder}/files/private", str(tmp_path / "out"))
    assert "Permission denied" in here.shell("ls /data/data")[1]
    assert not (tmp_path / "out").exists()


def test_run_as_becomes_a_debuggable_build_and_no_other(here: Booted) -> None:
    """The app under test where the profile says that it is one; what such an app is given of another is nothing."""
    profile = here.profile
    code, said = here.shell(f"run-as {NOTES} cat files/private")

    if profile.debuggable:
        assert (code, said) == (0, SECRET.decode())
    else:
        assert code == 1
        assert "not debuggable" in said
    assert here.shell(f"run-as {DRAFT} cat files/private") == (0, SECRET.decode())
    assert here.shell(f"run-as {DRAFT} id -u") == (0, "10124")
    assert "Permission denied" in here.shell(f"run-as {DRAFT} cat /data/data/{NOTES}/files/private")[1]


def test_su_answers_on_an_opened_device_alone(here: Booted) -> None:
    """Magisk's grammar on a rooted phone, AOSP's own on an image, and nothing at all on a phone that is sold."""
    profile = here.profile
    read = f"cat /data/data/{NOTES}/files/private"
    magisk, aosp = here.shell(f"su -c '{read}'"), here.shell(f"su 0 {read}")

    if not profile.privileged:
        assert (magisk[0], aosp[0]) == (127, 127)
        assert "su: inaccessible or not found" in magisk[1]
    elif profile.userdebug:
        assert magisk[0] == 1
        assert aosp == (0, SECRET.decode())
    else:
        assert magisk == aosp == (0, SECRET.decode())


def test_the_bridge_becomes_root_on_a_userdebug_image_alone(here: Booted) -> None:
    """By `adb root`; and is the shell's again after `adb unroot`."""
    said = here.adb("root")
    if not here.profile.userdebug:
        assert "adbd cannot run as root in production builds" in said
        assert here.shell("id -u") == (0, "2000")
        return
    assert "restarting adbd as root" in said
    here.client.connect(here.device.serial)
    assert here.shell(f"cat /data/data/{NOTES}/files/private") == (0, SECRET.decode())
    assert "restarting adbd as non root" in here.adb("unroot")
    here.client.connect(here.device.serial)
    assert here.shell("id -u") == (0, "2000")


def test_the_device_and_the_sandbox_give_the_same_answers(here: Booted) -> None:
    """For the shell and for root, by every way in that a client has: what is scanned in memory is no other device."""
    for entry in here.device.sandbox.walk("/data"):
        if entry.folder:
            continue
        readers = here.device.sandbox.readers(entry.path)
        user = entry.path.split("/")[3] if entry.path.startswith("/data/user") else "0"
        ways = {
            Access.ADB_SHELL: f"cat {entry.path} || run-as {entry.package} --user {user} cat {entry.path}",
            Access.ROOT_FILES: f"su -c 'cat {entry.path}' || su 0 cat {entry.path}",
        }
        for access, either in ways.items():
            code, said = here.shell(f"({either}) 2>/dev/null")
            assert said == (entry.data.decode() if readers[access] else ""), (entry.path, access)
            assert (code == 0) is readers[access], (entry.path, access)


def test_the_keystore_is_of_the_grade_that_is_claimed(here: Booted) -> None:
    """Told by the features that tools look at, and by its doing what it is there for, or not being there."""
    grade = here.profile.keystore
    features = here.adb("shell", "pm list features")
    sealed = here.shell(f"run-as {DRAFT} sh -c 'echo plain | keystore_cli_v2 encrypt --name=k >files/sealed'")

    assert here.device.sandbox.keys.grade is grade
    assert ("hardware_keystore" in features) is (grade in {Keystore.TEE, Keystore.STRONGBOX})
    assert ("strongbox_keystore" in features) is (grade is Keystore.STRONGBOX)
    if grade is Keystore.NONE:
        assert sealed == (1, "Failed to connect to the keystore")
        return
    assert sealed == (0, "")
    use = "keystore_cli_v2 decrypt --name=k </data/data/com.example.draft/files/sealed"
    assert here.shell(f"run-as {DRAFT} sh -c '{use}'") == (0, "plain")
    assert here.shell("keystore_cli_v2 decrypt --name=k </dev/null")[0] == 1


def test_there_is_a_second_user_where_a_work_profile_is_claimed(here: Booted) -> None:
    """With a copy of each app; nothing of the kind elsewhere."""
    users = here.adb("shell", "pm list users")
    listed = here.adb("shell", "pm list packages -U --user 10")

    assert ("UserInfo{10:" in users) is here.profile.work_profile
    assert (f"package:{NOTES} uid:1010123" in listed) is here.profile.work_profile
    code, said = here.shell(f"run-as {DRAFT} --user 10 cat files/private")
    assert ((code, said) == (0, AT_WORK.decode())) is here.profile.work_profile
    assert here.shell(f"run-as {DRAFT} --user 10/../x id")[0] == 1
    assert here.shell("ls /data/user/10")[0] == 1


def test_the_copy_of_an_app_at_work_is_another_app(boot: Callable[[str, Tier], Booted], tier: Tier) -> None:
    """It has neither the files nor the keys of the private one, nor the other way round."""
    here = boot("android-14-work-profile", tier)
    work, own = f"run-as {DRAFT} --user 10", f"run-as {DRAFT}"

    assert here.shell(f"{work} id -u") == (0, "1010124")
    assert here.shell(f"{work} id -un") == (0, "u10_a124")
    assert "Permission denied" in here.shell(f"{work} cat /data/data/{DRAFT}/files/private")[1]
    assert "Permission denied" in here.shell(f"{own} cat /data/user/10/{DRAFT}/files/private")[1]
    assert "not debuggable" in here.shell(f"run-as {NOTES} --user 10 id")[1]
    assert "Permission denied" in here.shell(f"cat /data/user/10/{NOTES}/files/private")[1]
    here.shell(f"{work} sh -c 'echo a | keystore_cli_v2 encrypt --name=mine >files/sealed'")
    assert here.shell(f"{work} sh -c 'keystore_cli_v2 decrypt --name=mine <files/sealed'") == (0, "a")
    assert here.shell(f"{work} keystore_cli_v2 list") == (0, "mine")
    assert "mine" not in here.shell(f"{own} keystore_cli_v2 list")[1]


def test_what_the_copy_at_work_writes_is_in_the_sandbox(boot: Callable[[str, Tier], Booted], tier: Tier) -> None:
    """In its own container, as its own user's."""
    here = boot("android-14-work-profile", tier)
    assert here.shell(f"run-as {DRAFT} --user 10 sh -c 'echo Grace >files/new'")[0] == 0
    here.device.refresh()
    entry = here.device.sandbox.stat(f"/data/user/10/{DRAFT}/files/new")

    assert (entry.data, entry.owner, entry.package) == (b"Grace\n", 1_010_124, DRAFT)
    assert here.device.sandbox.read(entry.path) == b"Grace\n"
    assert here.device.sandbox.read(f"/data/user/10/{NOTES}/files/private") == AT_WORK


def test_the_copy_at_work_is_started_for_its_user(boot: Callable[[str, Tier], Booted], tier: Tier) -> None:
    """Under its own uid, beside the other; and both end at once."""
    here = boot("android-14-work-profile", tier)

    assert "Status: ok" in here.shell(f"am start -W --user 10 -n {DRAFT}/.Main")[1]
    assert "LaunchState: COLD" in here.shell(f"am start -W -n {DRAFT}/.Main")[1]
    said = here.shell("dumpsys activity processes")[1]
    assert f":{DRAFT}/u10a124}}" in said
    assert f":{DRAFT}/u0a124}}" in said
    assert "does not exist" in here.shell(f"am start --user 11 -n {DRAFT}/.Main")[1]
    assert here.shell(f"am force-stop {DRAFT}")[0] == 0
    assert DRAFT not in here.shell("dumpsys activity processes")[1]


def test_there_is_storage_from_boot_on_since_android_7(here: Booted) -> None:
    """Before there is no such folder, neither after an app came late; the sandbox says the same."""
    late = "com.example.later"
    here.device.install(App(package=late, uid=10201))
    there = has_protected_storage(here.profile)

    assert ("user_de" in here.shell("cd /data; ls -d user_de 2>/dev/null")[1]) is there
    assert any("user_de" in root for root in here.device.sandbox.containers(late)) is there
    here.shell(f"pm uninstall {late}")
    here.device.refresh()


def test_what_comes_later_comes_for_both_users(boot: Callable[[str, Tier], Booted], tier: Tier) -> None:
    """And goes for both."""
    here, late = boot("android-14-work-profile", tier), "com.example.late"
    here.device.install(App(package=late, uid=10200, debuggable=True))
    owners = [here.shell(f"run-as {late} --user {user} stat -c %u .") for user in (0, 10)]
    assert owners == [(0, "10200"), (0, "1010200")]
    assert here.shell(f"pm uninstall {late}") == (0, "Success")
    assert "unknown package" in here.shell(f"run-as {late} --user 10 id")[1]
    here.device.refresh()

    assert late not in {app.package for app in here.device.sandbox.apps}
    assert late not in here.device.sandbox.names("/data/user/10")
    assert "com.example.notes" in here.device.sandbox.names("/data/user/10")


def test_a_scan_of_a_device_without_debugging_says_why_it_cannot() -> None:
    """Rather than that nothing answers, which might be anything."""
    with pytest.raises(DeviceError, match="USB debugging is off on android-14-adb-off") as caught:
        emulated("emulated:android-14-adb-off", Adb(), SourceOptions()).__enter__()

    assert caught.value.hint


@pytest.mark.parametrize("name", [name for name in PROFILES if name not in REACHED])
def test_nobody_connects_where_debugging_is_off(
    name: str, boot: Callable[[str, Tier], Booted], client: Client, tier: Tier
) -> None:
    """The device runs, and its bridge does not listen."""
    device = boot(name, tier).device

    assert device.is_running()
    assert "Connection refused" in client.run("connect", device.serial)
    assert device.serial not in client.run("devices")
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", device.port), 5):
        pass
