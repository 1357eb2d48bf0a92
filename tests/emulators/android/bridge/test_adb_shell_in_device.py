"""adb-shell on a real device: installing, backups, the log, root and back, reboots, all by what this client has."""

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from adb_shell.adb_device import AdbDeviceTcp
from adb_shell.auth.sign_pythonrsa import PythonRSASigner

from harness.emulators.android.device import AndroidDevice
from harness.emulators.android.framework.apk import build
from harness.emulators.android.ports import Package
from harness.model import DeviceProfile
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox

from .conftest import wait_for

APP = "com.example.notes"
NEW = "com.example.fresh"
SECRET = f"/data/data/{APP}/files/secret"
SECONDS = 30.0


class Phone:
    """A device, and adb-shell connected to it."""

    def __init__(self, device: AndroidDevice, key: Path) -> None:
        self.device = device
        self._signer = PythonRSASigner(key.with_suffix(".pub").read_text(), key.read_text())
        self.client = AdbDeviceTcp("127.0.0.1", device.port, default_transport_timeout_s=SECONDS)
        self.connect()

    def connect(self) -> None:
        """Connect, or connect again: this client never does it by itself."""
        self.client.close()
        assert self.client.connect(rsa_keys=[self._signer], auth_timeout_s=SECONDS)

    def ends(self, command: str) -> tuple[str, int]:
        """What a command says, and its exit code: said by the shell, since this client knows no `shell,v2`."""
        said, _, code = self.client.shell(f"{command}; echo $?").rstrip("\n").rpartition("\n")
        return said, int(code)

    def service(self, name: bytes, rest: bytes = b"") -> bytes:
        """A service that this client opens and reads, and has no method for."""
        said: bytes = self.client._service(name, rest, decode=False)
        return said


Boot = Callable[..., Phone]


@pytest.fixture
def boot(key_file: Path) -> Iterator[Boot]:
    """Starts devices and connects to them; one that complained fails the test."""
    with contextlib.ExitStack() as stack:
        running: list[AndroidDevice] = []

        def start(profile: DeviceProfile) -> Phone:
            sandbox = Sandbox(profile)
            sandbox.install(App(package=APP, uid=10123))
            sandbox.write(SECRET, b"jane@example.org")
            device = stack.enter_context(AndroidDevice(sandbox))
            running.append(device)
            phone = Phone(device, key_file)
            stack.callback(phone.client.close)
            return phone

        yield start
        assert [device.log for device in running] == [""] * len(running)


@pytest.fixture
def stock(boot: Boot) -> Phone:
    return boot(load_profile("android-14-stock"))


@pytest.fixture
def userdebug(boot: Boot) -> Phone:
    return boot(replace(load_profile("android-14-stock"), userdebug=True))


def test_a_denial_is_an_exit_code_that_the_shell_says(stock: Phone) -> None:
    """And the kernel's word for it, in the one stream that there is."""
    said, code = stock.ends(f"cat {SECRET}")

    assert code == 1
    assert "Permission denied" in said
    assert stock.ends("(exit 7)") == ("", 7)


def test_an_app_is_pushed_and_installed(stock: Phone) -> None:
    """Without an install of its own: push and `pm install`. What is no package is refused by both code and words."""
    stock.client.push(io.BytesIO(build(Package(name=NEW, uid=0, debuggable=True))), "/data/local/tmp/app.apk")
    stock.client.push(io.BytesIO(b"no package"), "/data/local/tmp/none.apk")

    assert stock.ends("pm install /data/local/tmp/app.apk") == ("Success", 0)
    assert stock.client.shell(f"run-as {NEW} sh -c 'echo mine >f; cat f'") == "mine\n"
    said, code = stock.ends("pm install /data/local/tmp/none.apk")
    assert said.startswith("Failure [INSTALL_PARSE_FAILED_NOT_APK")
    assert code == 1
    assert stock.ends(f"pm uninstall {NEW}") == ("Success", 0)
    assert NEW not in stock.client.shell("pm list packages")


def test_a_session_installs_without_standard_input(stock: Phone) -> None:
    """`install-write` takes a path in the place of what cannot be sent."""
    data = build(Package(name=NEW, uid=0))
    stock.client.push(io.BytesIO(data), "/data/local/tmp/app.apk")
    made = stock.service(b"exec", b"cmd package 'install-create' '-S' '%d'" % len(data)).decode()
    number = made.partition("[")[2].partition("]")[0]
    wrote = stock.client.shell(f"pm install-write -S {len(data)} {number} base.apk /data/local/tmp/app.apk")
    done = stock.service(b"exec", b"cmd package 'install-commit' '%s'" % number.encode()).decode()

    assert made.startswith("Success: created install session [")
    assert wrote == f"Success: streamed {len(data)} bytes\n"
    assert done == "Success\n"
    assert stock.ends(f"pm path {NEW}")[1] == 0


def test_a_backup_comes_through_its_service(stock: Phone) -> None:
    """Read to its end, as any stream."""
    saved = stock.service(b"backup", f"-noapk {APP}".encode())

    assert saved.startswith(b"ANDROID BACKUP\n")


def test_the_log_is_read_once_and_followed(stock: Phone) -> None:
    """To its end with `-d`; without, for as long as the client stays, and no longer."""
    stock.service(b"backup", f"-noapk {APP}".encode())
    following = stock.client.streaming_shell("logcat -s BackupManagerService")
    followed = ""
    while "Performing full backup" not in followed:
        followed += next(following)
    stock.connect()

    assert "Performing full backup" in stock.client.shell("logcat -d -s BackupManagerService")
    wait_for(lambda: "logcat" not in stock.client.shell("ps -A -o NAME"))


def test_root_and_back(userdebug: Phone) -> None:
    """In the bridge's words, which `root()` keeps to itself; the connection drops, and is taken up again by hand."""
    assert userdebug.service(b"unroot") == b"adbd not running as root\n"
    assert b"restarting adbd as root" in userdebug.service(b"root")
    userdebug.connect()
    assert userdebug.client.shell(f"id -u; cat {SECRET}") == "0\njane@example.org"
    assert userdebug.service(b"root") == b"adbd is already running as root\n"
    assert b"restarting adbd as non root" in userdebug.service(b"unroot")
    userdebug.connect()

    assert userdebug.client.shell("id -u") == "2000\n"


def test_no_root_on_a_production_build(stock: Phone) -> None:
    """`root()` says nothing of it; only who one is afterwards does."""
    stock.client.root()

    assert stock.client.shell("id -u") == "2000\n"
    assert stock.service(b"root") == b"adbd cannot run as root in production builds\n"


def test_after_a_reboot_nobody_is_root(userdebug: Phone) -> None:
    """The client is hung up on, and what it finds is the shell's again; what was stored is still there."""
    userdebug.client.root()
    userdebug.connect()
    userdebug.client.shell("echo kept >/data/local/tmp/kept")
    userdebug.client.reboot()
    userdebug.connect()

    assert userdebug.client.shell("id -u; cat /data/local/tmp/kept") == "2000\nkept\n"
