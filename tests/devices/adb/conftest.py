"""Our own emulated devices, reached as phones are: over the real protocol, with keys of their own, on loopback."""

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harness.devices.adb import Adb, AdbSource
from harness.devices.base import Options
from harness.emulators.android.device import AndroidDevice
from harness.emulators.android.userland import missing
from harness.model import Artifact, Unread
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox

SHOP = "com.example.shop"
OTHER = "com.example.other"
Boot = Callable[..., AndroidDevice]


@dataclass(frozen=True)
class Taken:
    """What a source handed out, read while it was open."""

    source: AdbSource
    files: dict[tuple[str, str], bytes]
    artifacts: dict[tuple[str, str], Artifact]
    unread: list[Unread]

    def of(self, container: str) -> dict[str, bytes]:
        return {path: data for (each, path), data in self.files.items() if each == container}


@pytest.fixture(scope="session", autouse=True)
def able() -> None:
    """These tests need a machine that can wall in a device; one that cannot is told what it lacks."""
    lacking = [f"{each.what}: {each.how}" for each in missing()]
    if lacking:
        pytest.fail("emulated Android devices cannot run here; " + "; ".join(lacking), pytrace=False)


@pytest.fixture(autouse=True)
def own_keys(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without keys or devices of whoever runs the tests; the key that is made in it serves them all."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    for name in ("XDG_CONFIG_HOME", "ANDROID_USER_HOME", "ANDROID_SDK_HOME", "ADB_SERVER_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "1")
    return home


@pytest.fixture
def boot() -> Iterator[Boot]:
    """`boot("android-14-rooted", {"files/a": b"…"})`: the shop with these files, and another app beside it."""
    with ExitStack() as running:

        def start(profile: str, files: dict[str, bytes] | None = None, **more: Any) -> AndroidDevice:
            kind = replace(load_profile(profile), **more.pop("kind", {}))
            sandbox = Sandbox(kind)
            app = {"debuggable": kind.debuggable, **more.pop("app", {})}
            sandbox.install(App(package=SHOP, uid=10123, **app))
            sandbox.install(App(package=OTHER, uid=10124, allow_backup=False))
            for path, data in (files or {"files/note.txt": b"a note"}).items():
                sandbox.write(f"{sandbox.container(SHOP)}/{path}", data)
            sandbox.write(f"{sandbox.container(OTHER)}/files/secret.txt", b"of another app")
            return running.enter_context(AndroidDevice(sandbox, **more))

        yield start


@pytest.fixture
def take() -> Callable[..., Taken]:
    """`take("127.0.0.1:1", app=None)`: open, collect and read everything, of the shop where nothing else is said."""
    return _take


def _take(address: str, **options: Any) -> Taken:
    with Adb().open(f"adb:{address}", Options(**{"app": SHOP, "patience": 3.0, **options})) as source:
        assert isinstance(source, AdbSource)
        items = list(source.collect())
        artifacts = {(item.facts.container, item.path): item for item in items if isinstance(item, Artifact)}
        files = {place: bytes(item.content.read()) for place, item in artifacts.items()}
        return Taken(source, files, artifacts, [item for item in items if isinstance(item, Unread)])


# -- a real adb server -------------------------------------------------------------------------------


@pytest.fixture
def adb_server(own_keys: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Runs `adb` with a server that only this test has; gives what it said."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
    monkeypatch.setenv("ADB_LOCAL_TRANSPORT_MAX_PORT", "5550")

    def adb(*words: str) -> str:
        done = subprocess.run(["adb", *words], capture_output=True, text=True, timeout=30, check=False)
        return done.stdout + done.stderr

    yield adb
    adb("kill-server")


# -- a cable that can be pulled ------------------------------------------------------------------------


class Cable:
    """Carries bytes between a client and a device, until `after` bytes have come from the device."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.after: list[int] = []
        """For each connection in turn, the bytes after which it breaks; those beyond the list never do."""
        self.connections = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with self._listener, ThreadPoolExecutor() as carriers:
            while True:
                try:
                    client, _ = self._listener.accept()
                    device = socket.create_connection(("127.0.0.1", self._port))
                except OSError:
                    return
                allowed = self.after[self.connections] if self.connections < len(self.after) else 1 << 60
                self.connections += 1
                carriers.submit(_carry_both, client, device, allowed)

    def pull(self) -> None:
        """From now on nobody answers at the address; what is connected goes on."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()


def _carry_both(client: socket.socket, device: socket.socket, allowed: int) -> None:
    with client, device:
        back = threading.Thread(target=_carry, args=(client, device, 1 << 60))
        back.start()
        _carry(device, client, allowed)
        back.join()


def _carry(source: socket.socket, target: socket.socket, allowed: int) -> None:
    with suppress(OSError):
        while allowed > 0 and (data := source.recv(min(65536, allowed))):
            target.sendall(data)
            allowed -= len(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def cable() -> Iterator[Callable[[AndroidDevice], Cable]]:
    """`cable(device)`: one that can be pulled, and is in the end."""
    laid: list[Cable] = []

    def lay(device: AndroidDevice) -> Cable:
        laid.append(Cable(device.port))
        return laid[-1]

    yield lay
    for each in laid:
        with suppress(OSError):
            each.pull()
