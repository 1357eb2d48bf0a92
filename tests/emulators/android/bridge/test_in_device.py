"""The bridge inside a real device, with real clients: every refusal is the kernel's, and told in adbd's words."""

import contextlib
import hashlib
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harness.emulators.android.device import AndroidDevice
from harness.emulators.android.framework.apk import build
from harness.emulators.android.ports import Package
from harness.emulators.walls.ports import Tier, Trust
from harness.model import DeviceProfile
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox

from .conftest import Adb, Connected, wait_for

APP = "com.example.notes"
SECRET = f"/data/data/{APP}/files/secret"


@dataclass(frozen=True)
class Reached:
    """A device and the client that has reached it."""

    device: AndroidDevice
    client: Connected

    def run(self, *words: str, stdin: bytes | None = None) -> "Any":
        return self.client.run(*words, stdin=stdin)


Boot = Callable[..., Reached]


@pytest.fixture
def boot(adb: Adb) -> Iterator[Boot]:
    """Starts devices and connects to them; one that complained fails the test."""
    with contextlib.ExitStack() as stack:
        running: list[AndroidDevice] = []

        def start(profile: str | DeviceProfile, *, tls: bool = False, **more: Any) -> Reached:
            sandbox = Sandbox(load_profile(profile) if isinstance(profile, str) else profile)
            sandbox.install(App(package=APP, uid=10123))
            sandbox.write(SECRET, b"jane@example.org")
            device = stack.enter_context(AndroidDevice(sandbox, tls=tls, **more))
            running.append(device)
            serial = f"127.0.0.1:{device.tls_port}" if tls else device.serial
            adb.run("connect", serial)
            wait_for(lambda: adb.state(serial) == "device")
            return Reached(device, Connected(adb, serial))

        yield start
        assert [device.log for device in running] == [""] * len(running)


def test_a_stock_device_denies_in_every_way(boot: Boot, tmp_path: Path) -> None:
    """To the shell, to pull, to push, to a listing, to root."""
    here = boot("android-14-stock")
    (tmp_path / "f").write_bytes(b"x" * 300_000)
    shell = here.run("shell", f"cat {SECRET}")
    pulled = here.run("pull", SECRET, str(tmp_path / "out"))
    pushed = here.run("push", str(tmp_path / "f"), "/system/bin/evil")

    assert (shell.returncode, shell.stdout) == (1, b"")
    assert b"Permission denied" in shell.stderr
    assert pulled.returncode == 1
    assert b"Permission denied" in pulled.stderr + pulled.stdout
    assert not (tmp_path / "out").exists()
    assert pushed.returncode == 1
    assert b"remote couldn't create file: Permission denied" in pushed.stderr + pushed.stdout
    assert b"adbd cannot run as root in production builds" in here.run("root").stdout
    assert here.run("shell", "id -u").stdout.strip() == b"2000"
    assert here.run("ls", "/data/data").stdout == b""


def test_su_reads_what_the_shell_may_not(boot: Boot) -> None:
    """And the exit code of what it ran comes through."""
    here = boot("android-14-rooted")
    read = here.run("shell", f"su -c 'cat {SECRET}; exit 5'")

    assert (read.stdout, read.returncode) == (b"jane@example.org", 5)


def test_everything_arrives_whole(boot: Boot, tmp_path: Path) -> None:
    """Standard input, exec, push and pull, with the device's own toybox at the other end."""
    here = boot("android-14-stock")
    data = random.Random(1).randbytes(20_000_000)
    digest = hashlib.sha256(data).hexdigest().encode()
    (tmp_path / "f").write_bytes(data)

    assert here.run("shell", "sha256sum", stdin=data).stdout.split()[0] == digest
    assert here.run("push", str(tmp_path / "f"), "/data/local/tmp/f").returncode == 0
    assert here.run("pull", "/data/local/tmp/f", str(tmp_path / "g")).returncode == 0
    assert (tmp_path / "g").read_bytes() == data
    assert here.run("exec-out", "cat /data/local/tmp/f").stdout == data


def test_a_terminal_in_the_device(boot: Boot) -> None:
    """Owned by the shell user, with a name, and the exit code of the interactive shell."""
    here = boot("android-14-stock")
    said = here.run("shell", "-tt", "tty; id -u; exit 6")

    assert said.returncode == 6
    assert said.stdout.split() == [b"/dev/pts/0", b"2000"]


def test_parallel_shells_and_killed_clients(boot: Boot) -> None:
    """No byte is lost, and no process stays."""
    here = boot("android-14-stock")
    wrong: list[int] = []

    def echo(seed: int) -> None:
        data = random.Random(seed).randbytes(300_000)
        ended = here.run("shell", "sha256sum", stdin=data)
        if ended.stdout.split()[:1] != [hashlib.sha256(data).hexdigest().encode()]:
            wrong.append(seed)

    threads = [threading.Thread(target=echo, args=(seed,)) for seed in range(30)]
    for number, thread in enumerate(threads):
        thread.start()
        if number % 5 == 0:
            victim = here.client.start("shell", "-tt" if number % 2 else "-T", "cat; sleep 100")
            victim.kill()
            victim.communicate()
    for thread in threads:
        thread.join()

    assert wrong == []
    wait_for(lambda: b"sleep" not in here.run("shell", "ps -A -o NAME").stdout)


def test_a_tunnel_ends_in_the_device(boot: Boot) -> None:
    """A server in it is reached, one on the machine is not."""
    here = boot("android-14-stock")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1)
        port = server.getsockname()[1]
        near = int(here.run("forward", "tcp:0", f"tcp:{port}").stdout)
        with socket.create_connection(("127.0.0.1", near), timeout=20) as client:
            assert client.recv(1) == b""
        with pytest.raises(TimeoutError):
            server.accept()

    serving = here.client.start("shell", f"echo inside | toybox nc -l -s 127.0.0.1 -p {port}")
    wait_for(lambda: _first_word(near) == b"inside\n")
    serving.communicate(timeout=20)


def test_wireless_debugging_works_behind_the_wall(adb: Adb, boot: Boot) -> None:
    """Everything that TLS needs was loaded before the root directory went away."""
    if adb.name == "adb-debian":  # it knows no TLS: then the plain port beside the wireless one
        assert boot("android-14-stock", trust=Trust.ACCEPT).run("shell", "echo in").stdout == b"in\n"
        return
    boot("android-14-stock")
    key = (adb.home / ".android" / "adbkey.pub").read_bytes()
    here = boot("android-14-stock", tls=True, trust=Trust.DENY, known_keys=[key])

    assert here.run("shell", "echo in; exit 3").returncode == 3


def test_the_framework_answers_real_clients(boot: Boot, tmp_path: Path) -> None:
    """Log, backup, and an app that is installed, runs and goes, as a client asks for them."""
    here, new = boot("android-14-stock"), "com.example.fresh"
    backup = tmp_path / "b.ab"
    (tmp_path / "none.apk").write_bytes(b"no package")
    (tmp_path / "app.apk").write_bytes(build(Package(name=new, uid=0, debuggable=True)))
    saved = here.run("backup", "-f", str(backup), "-noapk", APP)
    refused = here.run("install", str(tmp_path / "none.apk"))
    installed = here.run("install", str(tmp_path / "app.apk"))
    wrote = here.run("shell", f"run-as {new} sh -c 'echo mine >files.txt; cat files.txt'")
    removed = here.run("uninstall", new)

    assert saved.returncode == 0
    assert backup.read_bytes().startswith(b"ANDROID BACKUP\n")
    assert b"Failure" in refused.stderr + refused.stdout
    assert b"Success" in installed.stdout, installed
    assert wrote.stdout.strip() == b"mine"
    assert b"Success" in removed.stdout
    assert here.run("logcat", "-d").returncode == 0
    assert here.run("shell", "pm list packages -3").stdout.split() == [f"package:{APP}".encode()]


def test_after_a_reboot_nobody_is_root(boot: Boot, adb: Adb) -> None:
    """Not even where `adb root` works, and not if it was the shell that asked; the client comes back by itself."""
    here = boot(replace(load_profile("android-14-rooted"), userdebug=True))
    assert b"restarting adbd as root" in here.run("root").stdout
    wait_for(lambda: here.run("shell", "id -u").stdout.strip() == b"0")
    assert here.run("shell", f"cat {SECRET}").stdout == b"jane@example.org"
    here.run("shell", "reboot")

    wait_for(lambda: adb.state(here.client.serial) == "device")
    wait_for(lambda: here.run("shell", "id -u").stdout.strip() == b"2000")


def test_without_namespaces_there_is_no_tunnel(boot: Boot) -> None:
    """The machine's own network must not be reached through a device that shares it; terminals and shells work."""
    here = boot("android-14-stock", tier=Tier.CHROOT)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1)
        near = int(here.run("forward", "tcp:0", f"tcp:{server.getsockname()[1]}").stdout)
        with socket.create_connection(("127.0.0.1", near), timeout=20) as client:
            assert client.recv(1) == b""
        with pytest.raises(TimeoutError):
            server.accept()

    assert here.run("shell", "-tt", "id -u; exit 6").returncode == 6


def _first_word(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        return client.recv(100)
