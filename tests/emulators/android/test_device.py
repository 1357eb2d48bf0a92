"""A whole device in front of Debian's adb: what each kind of device gives to whom, on both tiers alike."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from harness.emulators.android.device import AndroidDevice
from harness.emulators.walls.container import chroot_folder
from harness.emulators.walls.ports import Tier, Trust
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox

_NOTE = "/data/data/com.example.notes/files/note.txt"
_SECONDS = 30


class Adb:
    """The real client with a server, a key and a home of its own."""

    def __init__(self, home: str) -> None:
        program = shutil.which("adb")
        assert program is not None, "adb is missing: apt-get install adb"
        self._program = program
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        # A server takes every device on 5555 to 5585 for its own unless it is told not to look.
        self._environment = {
            **os.environ,
            "HOME": home,
            "ANDROID_ADB_SERVER_PORT": str(port),
            "ADB_LOCAL_TRANSPORT_MAX_PORT": "5550",
        }

    def __call__(self, *words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        """Exit code, output and errors."""
        done = subprocess.run(
            [self._program, *words],
            input=stdin,
            capture_output=True,
            timeout=_SECONDS,
            env=self._environment,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def state(self, device: AndroidDevice) -> str:
        """What the server says of a device."""
        listed = self("devices")[1].splitlines()
        return next((line.split()[1] for line in listed if line.startswith(device.serial)), "")

    def connect(self, device: AndroidDevice, state: str = "device") -> None:
        """Connect, and wait for a state: with a new key the first answer is "failed", whatever follows."""
        self("connect", device.serial)
        deadline = time.monotonic() + _SECONDS
        while self.state(device) != state and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self.state(device) == state

    def shell(self, device: AndroidDevice, command: str) -> tuple[int, str, str]:
        """A command under the device's shell."""
        return self("-s", device.serial, "shell", command)


@pytest.fixture(scope="module")
def adb(tmp_path_factory) -> Iterator[Adb]:
    """One server for this file; it is gone afterwards."""
    client = Adb(str(tmp_path_factory.mktemp("home")))
    client("start-server")
    yield client
    client("kill-server")


@pytest.fixture(params=[Tier.USER_NAMESPACE, Tier.CHROOT], ids=str)
def start(request, userland, adb) -> Iterator[Callable[..., AndroidDevice]]:
    """Starts devices; pid 1 must have had nothing to complain about."""
    del userland
    started = []

    def make(profile: str, *, connect: bool = True, **changes: object) -> AndroidDevice:
        options = {name: changes.pop(name) for name in ("trust", "known_keys") if name in changes}
        sandbox = Sandbox(replace(load_profile(profile), **changes))
        sandbox.install(App(package="com.example.notes", uid=10123))
        sandbox.install(App(package="com.example.draft", uid=10124, debuggable=True))
        sandbox.write(_NOTE, b"Ada, ada@example.org")
        sandbox.write("/data/data/com.example.draft/files/draft.txt", b"nothing yet")
        device = AndroidDevice(sandbox, tier=request.param, **options)
        started.append(device)
        if connect:
            adb.connect(device)
        return device

    yield make
    for device in started:
        log = device.log
        adb("disconnect", device.serial)
        device.stop()
        assert log == ""


def test_a_stock_phone_gives_the_shell_no_apps_files(start, adb) -> None:
    """The kernel says no: with its own words, its own exit code, and nothing on standard output."""
    device = start("android-14-stock")
    denied = f"cat: {_NOTE}: Permission denied\n"

    assert adb.shell(device, f"cat {_NOTE}") == (1, "", denied)
    assert adb.shell(device, "ls /data/data") == (1, "", "ls: /data/data: Permission denied\n")
    code, said, complaint = adb.shell(device, "su -c id")
    assert (code, said) == (127, "")
    assert "su: inaccessible or not found" in complaint
    code, said, complaint = adb("-s", device.serial, "pull", _NOTE, "/dev/null")
    assert code == 1
    assert "Permission denied" in said + complaint
    assert adb("-s", device.serial, "root")[1] == "adbd cannot run as root in production builds\n"
    assert adb.shell(device, "id -u") == (0, "2000\n", "")
    assert adb.shell(device, "exit 42")[0] == 42


def test_run_as_becomes_a_debuggable_package_and_no_other(start, adb) -> None:
    """A debuggable build hands out its own folder; not that of another app, nor as another app."""
    device = start("android-14-stock")
    refused = (1, "", "run-as: package not debuggable: com.example.notes\n")

    assert adb.shell(device, "run-as com.example.draft cat files/draft.txt") == (0, "nothing yet", "")
    assert adb.shell(device, "run-as com.example.draft id -u") == (0, "10124\n", "")
    assert adb.shell(device, "run-as com.example.notes cat files/note.txt") == refused
    assert adb.shell(device, f"run-as com.example.draft cat {_NOTE}")[0] == 1
    helper = "/system/run-as.d/com.example.draft --reuid=10123 --regid=10123 --clear-groups -- id -u"
    assert adb.shell(device, helper)[1] == ""


def test_a_rooted_phone_gives_everything_to_su(start, adb) -> None:
    """And nothing more to the shell itself."""
    device = start("android-14-rooted")

    assert adb.shell(device, f"su -c 'cat {_NOTE}'") == (0, "Ada, ada@example.org", "")
    assert adb.shell(device, "su -c 'id -u; exit 3'") == (3, "0\n", "")
    assert adb.shell(device, f"cat {_NOTE}")[0] == 1


def test_a_userdebug_image_makes_its_bridge_root(start, adb) -> None:
    """`adb root`, and back."""
    device = start("android-14-rooted", userdebug=True)
    assert adb.shell(device, f"cat {_NOTE}")[0] == 1
    assert "restarting adbd as root" in adb("-s", device.serial, "root")[1]
    adb.connect(device)
    assert adb.shell(device, f"cat {_NOTE}") == (0, "Ada, ada@example.org", "")
    assert "restarting adbd as non root" in adb("-s", device.serial, "unroot")[1]
    adb.connect(device)
    assert adb.shell(device, f"cat {_NOTE}")[0] == 1


def test_a_new_key_waits_for_somebody_to_allow_it(start, adb) -> None:
    """Unauthorised until then, for good where it is denied, and known where it was allowed before."""
    device = start("android-14-stock", connect=False, trust=Trust.ASK)
    adb.connect(device, "unauthorized")
    assert adb.shell(device, "id")[0] != 0
    assert device.answer(allow=True) == 1
    adb.connect(device)
    assert adb.shell(device, "id -u")[1] == "2000\n"

    refusing = start("android-14-stock", connect=False, trust=Trust.DENY)
    adb.connect(refusing, "unauthorized")
    assert adb.shell(refusing, "id")[0] != 0


def test_nobody_answers_where_usb_debugging_is_off(start) -> None:
    """The port is closed; the harness still has the device."""
    device = start("android-14-stock", connect=False, adb=False)
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", device.port), 5):
        pass

    assert device.export()


def test_what_is_written_over_adb_is_in_the_sandbox(start, adb, tmp_path) -> None:
    """By the app itself, and by `push`; what is deleted is gone."""
    device = start("android-14-stock")
    (tmp_path / "list.txt").write_bytes(b"bread")
    wrote = "cd files; echo Grace >new.txt; chmod 640 new.txt; rm draft.txt"
    assert adb.shell(device, f"run-as com.example.draft sh -c '{wrote}'")[0] == 0
    assert adb("-s", device.serial, "push", str(tmp_path / "list.txt"), "/sdcard/Download/list.txt")[0] == 0
    device.refresh()

    assert device.sandbox.names("/data/data/com.example.draft/files") == ("new.txt",)
    entry = device.sandbox.stat("/data/data/com.example.draft/files/new.txt")
    assert (entry.data, entry.mode, entry.owner, entry.package) == (b"Grace\n", 0o640, 10124, "com.example.draft")
    assert device.sandbox.stat("/sdcard/Download/list.txt").data == b"bread"
    assert device.sandbox.read(_NOTE) == b"Ada, ada@example.org"


def test_an_app_that_the_harness_installs_is_there_for_everybody(start, adb) -> None:
    """For the package manager, for `run-as`, and by its name."""
    device = start("android-14-stock")
    device.install(App(package="com.example.late", uid=10200, debuggable=True))

    assert "package:com.example.late\n" in adb.shell(device, "pm list packages")[1]
    code, said, _ = adb.shell(device, "run-as com.example.late id")
    assert code == 0
    assert said.startswith("uid=10200(u0_a200)")


def test_root_cannot_read_what_is_sealed(start, adb) -> None:
    """Before the first unlock; a locked screen alone changes nothing."""
    device = start("android-14-rooted")
    device.lock()
    assert adb.shell(device, f"su -c 'cat {_NOTE}'")[0] == 0
    device.lock(restart=True)
    adb.connect(device)
    assert adb.shell(device, f"su -c 'cat {_NOTE}'")[0] == 1
    device.unlock()
    assert adb.shell(device, f"su -c 'cat {_NOTE}'") == (0, "Ada, ada@example.org", "")


def test_the_journal_tells_what_was_asked(start, adb) -> None:
    """In order: a test of a connector reads from it what was tried before what."""
    device = start("android-14-stock")
    adb.shell(device, "echo one")
    adb("-s", device.serial, "exec-out", "echo two")

    assert [entry.rpartition(":")[2] for entry in device.journal] == ["echo one", "echo two"]


def test_many_shells_at_once_lose_nothing(start, adb) -> None:
    """Each its own output, its own exit code; and no program is left."""
    device = start("android-14-stock")

    def ask(number: int) -> tuple[int, str, str]:
        return adb.shell(device, f"toybox seq {number} 5000 | toybox md5sum; exit {number}")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(1, 31)))

    assert [code for code, _, _ in answers] == list(range(1, 31))
    assert len({said for _, said, _ in answers}) == 30
    assert {complaint for _, _, complaint in answers} == {""}


@pytest.mark.slow
def test_twenty_at_once_start_and_leave_nothing_behind(userland) -> None:
    """No process, no mount, no open file, no folder: a suite in parallel has one for each test."""
    del userland
    sandbox = Sandbox(load_profile("android-14-stock"))
    sandbox.install(App(package="com.example.notes", uid=10123))
    sandbox.write(_NOTE, b"Ada, ada@example.org")
    with AndroidDevice(sandbox):
        pass  # the programs are read once
    before = _left_on_this_machine()

    devices = [AndroidDevice(sandbox) for _ in range(20)]
    running = _left_on_this_machine()
    for device in devices:
        device.stop()

    assert len(running["processes"] - before["processes"]) >= 20
    assert {what: there - before[what] for what, there in _left_on_this_machine().items()} == {
        what: set() for what in before
    }
    assert all(device.log == "" for device in devices)


def _left_on_this_machine() -> dict[str, set[str]]:
    """What a device could leave: processes below this one, open files, mounts, folders of the weaker tier."""
    below, parents = {str(os.getpid())}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            parents[stat.parent.name] = stat.read_text(errors="replace").rpartition(")")[2].split()[1]
    while more := {each for each, above in parents.items() if above in below} - below:
        below |= more
    return {
        "processes": below,
        "files": {entry.name for entry in Path("/proc/self/fd").iterdir() if entry.exists()},
        "mounts": set(Path("/proc/self/mountinfo").read_text().splitlines()),
        "folders": {entry.name for entry in Path(chroot_folder()).glob("storage-harness-device-*")},
    }
