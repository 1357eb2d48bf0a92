"""Bridges in processes of their own, and the real clients that are tried on them: loopback only, private servers."""

import contextlib
import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from adb_shell.auth.keygen import keygen

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[3]
SECONDS = 60


class BridgeProcess:
    """One bridge; ended with the test."""

    def __init__(self, log: Path, **options: Any) -> None:
        self.log = log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "serve.py"), json.dumps(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "default"},
            )
        self.port, self.tls_port = self._said()
        self.serial = f"127.0.0.1:{self.port}"

    def state(self) -> dict[str, Any]:
        """Journal, running programs, open descriptors, calls of the framework, dialogs."""
        return self._ask("state")

    def answer(self, *, allow: bool) -> int:
        """Tap the dialog; gives how many were open."""
        return int(self._ask(f"answer {'yes' if allow else 'no'}"))

    def settled(self, seconds: float = 10) -> dict[str, Any]:
        """The state once no program runs any more."""
        return wait_for(lambda: state if not (state := self.state())["running"] else None, seconds)

    def stop(self) -> None:
        """End it; whatever it complained about fails the test."""
        if self._process.poll() is None:
            assert self._ask("stop") == "stopped"
        self._close()
        assert self._process.wait(SECONDS) == 0
        assert self.log.read_text() == ""

    def kill(self) -> None:
        """After a failed test."""
        self._process.kill()
        self._process.wait(SECONDS)
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _ask(self, order: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return self._said()

    def _said(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.log.read_text()
        return json.loads(line)


@dataclass(frozen=True)
class Adb:
    """A real adb client with a server, a home and a key of its own."""

    program: str
    name: str
    home: Path
    server_port: int
    burst: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """What keeps it away from everybody else's devices and keys."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ADB_", "ANDROID_"))}
        own = {
            "HOME": str(self.home),
            "ANDROID_ADB_SERVER_PORT": str(self.server_port),
            "ADB_LOCAL_TRANSPORT_MAX_PORT": "5550",
            "ADB_MDNS": "0",
            "TMPDIR": str(self.home),
        }
        return kept | own | ({"ADB_BURST_MODE": "1"} if self.burst else {})

    def run(
        self, *words: str, stdin: bytes | None = None, seconds: float = SECONDS
    ) -> "subprocess.CompletedProcess[bytes]":
        """One call, whatever its exit code."""
        given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(
            [self.program, *words], env=self.environment, capture_output=True, timeout=seconds, check=False, **given
        )

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """One call, going on."""
        return subprocess.Popen(
            [self.program, *words],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def state(self, serial: str) -> str:
        """What `adb devices` calls it; empty where it does not know it."""
        lines = self.run("devices").stdout.decode().splitlines()
        found = dict(line.split("\t") for line in lines if "\t" in line)
        return found.get(serial, "")

    def connect(self, bridge: BridgeProcess, *, tls: bool = False) -> "Connected":
        """Connect, and wait until the device is there: what `connect` prints is about the first second only."""
        serial = f"127.0.0.1:{bridge.tls_port}" if tls else bridge.serial
        self.run("connect", serial)
        wait_for(lambda: self.state(serial) == "device")
        return Connected(self, serial)

    def disconnect(self) -> None:
        """Let go of all devices."""
        self.run("disconnect")


@dataclass(frozen=True)
class Connected:
    """A client and a device that it has reached."""

    adb: Adb
    serial: str

    def run(
        self, *words: str, stdin: bytes | None = None, seconds: float = SECONDS
    ) -> "subprocess.CompletedProcess[bytes]":
        """One call to this device."""
        return self.adb.run("-s", self.serial, *words, stdin=stdin, seconds=seconds)

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """One call to this device, going on."""
        return self.adb.start("-s", self.serial, *words)


def wait_for(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """The first true answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return answer


def programs() -> dict[str, str]:
    """The two real clients.

    A test that cannot find them fails: a client matrix that is skipped proves nothing.
    """
    debian = shutil.which("adb")
    if debian is None:
        pytest.fail("the real adb client is not installed: apt install adb")
    package = find_spec("adbutils")
    if package is None or package.origin is None:
        pytest.fail("the newer adb client is not installed: pip install adbutils")
    return {"adb-debian": debian, "adb-36": str(Path(package.origin).parent / "binaries" / "adb")}


def digest(data: bytes) -> str:
    """What is compared where the bytes themselves are too many."""
    return hashlib.sha256(data).hexdigest()


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that nothing makes smaller, the same every time."""
    return random.Random(seed).randbytes(size)


def free_port() -> int:
    """Nobody listens there, and no adb server looks for emulators there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def bridges(tmp_path: Path) -> Iterator[Callable[..., BridgeProcess]]:
    """Starts bridges, and ends them; one that complained fails the test."""
    with contextlib.ExitStack() as stack:
        started: list[BridgeProcess] = []

        def start(**options: Any) -> BridgeProcess:
            bridge = BridgeProcess(tmp_path / f"bridge{len(started)}.log", **options)
            started.append(bridge)
            stack.callback(bridge.kill)
            return bridge

        yield start
        for bridge in started:
            bridge.stop()


@pytest.fixture(scope="session")
def adb_clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Adb]]:
    """Real clients by name, each with its own server; `home` names who asks, and so which key."""
    found = programs()
    known: dict[tuple[str, str, bool], Adb] = {}

    def client(name: str, home: str = "home", *, burst: bool = False) -> Adb:
        key = (name, home, burst)
        if key not in known:
            folder = tmp_path_factory.mktemp(f"{name}-{home}")
            known[key] = Adb(found[name], name, folder, free_port(), burst)
        return known[key]

    yield client
    for adb in known.values():
        adb.run("kill-server")


@pytest.fixture(params=["adb-debian", "adb-36"])
def adb(request: pytest.FixtureRequest, adb_clients: Callable[..., Adb]) -> Iterator[Adb]:
    """Each real client in turn."""
    client = adb_clients(request.param)
    yield client
    client.disconnect()


@pytest.fixture
def device(adb: Adb, bridges: Callable[..., BridgeProcess]) -> Connected:
    """Each client, connected to a device that trusts it."""
    return adb.connect(bridges())


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private adb key, with its public one beside it as `.pub`: made by adb-shell, so by nothing of ours."""
    path = tmp_path_factory.mktemp("keys") / "adbkey"
    keygen(str(path))
    return path
