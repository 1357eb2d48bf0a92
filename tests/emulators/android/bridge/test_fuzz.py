"""A minute of clients that mean ill: the bridge goes on to serve a good one, and nothing of them stays."""

import random
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from adb_shell.adb_device import AdbDeviceTcp

from .conftest import BridgeProcess

CNXN, AUTH, OPEN, OKAY, WRTE, CLSE, STLS = (
    int.from_bytes(name, "little") for name in (b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"WRTE", b"CLSE", b"STLS")
)
COMMANDS = (CNXN, AUTH, OPEN, OKAY, WRTE, CLSE, STLS, 0, 0xDEADBEEF)
WORDS = (0, 1, 2, 3, 7, 4096, 1 << 20, 1 << 31, 0x01000000, 0x01000001, 0xFFFFFFFF)
SERVICES = (
    b"shell:cat",
    b"shell,v2,raw:cat; exit 3",
    b"shell,v2,pty,TERM=x:cat",
    b"shell,v2:",
    b"exec:cat",
    b"exec:yes",
    b"sync:",
    b"root:",
    b"unroot:",
    b"tcp:1",
    b"tcp:99999",
    b"localabstract:none",
    b"localfilesystem:/none",
    b"framebuffer:",
    b"jdwp:1",
    b"backup:",
    b"abb_exec:package\0install\0-S\05",
    b"",
    b":",
    b"\xff\xfe\0\0",
    b"x" * 9000,
)
SYNC = (b"STAT", b"LIST", b"RECV", b"LIS2", b"STA2", b"RCV2", b"QUIT", b"NONE")


def packet(dice: random.Random, command: int, arg0: int, arg1: int, payload: bytes) -> bytes:
    """Mostly sound, sometimes not: a wrong length, sum or magic."""
    words = [command, arg0, arg1, len(payload), sum(payload) & 0xFFFFFFFF, command ^ 0xFFFFFFFF]
    if dice.random() < 0.05:
        words[dice.randrange(6)] = dice.choice(WORDS)
    return struct.pack("<6I", *words) + payload


def body(dice: random.Random) -> bytes:
    """Shell packets, sync requests and noise."""
    kind = dice.randrange(4)
    if kind == 0:
        return struct.pack("<BI", dice.randrange(8), dice.choice((0, 3, 5, 1 << 20, 0xFFFFFFFF))) + b"abcde"
    if kind == 1:
        return dice.choice(SYNC) + struct.pack("<I", dice.choice((1, 4, 1024, 1025, 0xFFFFFFFF))) + b"/etc"
    return dice.randbytes(dice.choice((0, 1, 24, 5000)))


def attack(dice: random.Random, client: socket.socket) -> None:
    """One connection, from sound to noise; it may stop anywhere."""
    version, most = (0x01000001, 4096) if dice.random() < 0.8 else (dice.choice(WORDS), dice.choice(WORDS))
    client.sendall(packet(dice, CNXN, version, most, b"host::features=shell_v2\0"))
    for number in range(dice.randrange(40)):
        command = OPEN if dice.random() < 0.4 else dice.choice(COMMANDS)
        payload = dice.choice(SERVICES) + b"\0" if command == OPEN else body(dice)
        arg0 = number + 1 if command == OPEN else dice.choice((1, 2, number, *WORDS))
        arg1 = 0 if command == OPEN and dice.random() < 0.8 else dice.choice((0, 1, 2, 3, 4, *WORDS))
        client.sendall(packet(dice, command, arg0, arg1, payload))
        if dice.random() < 0.3:
            client.settimeout(0.01)
            try:
                client.recv(1 << 16)
            except TimeoutError:
                pass
            finally:
                client.settimeout(5)


def fuzzed(bridge: BridgeProcess, seconds: float, seed: int) -> int:
    """How many connections there were; some stay half open until the end."""
    dice, count, deadline, open_ = random.Random(seed), 0, time.monotonic() + seconds, []
    while time.monotonic() < deadline:
        client = socket.create_connection(("127.0.0.1", bridge.port), timeout=5)
        count += 1
        try:
            if dice.random() < 0.1:
                client.sendall(dice.randbytes(dice.randrange(200)))
            else:
                attack(dice, client)
        except OSError:
            pass  # hung up on, as it should be
        open_.append(client)
        if len(open_) > 60:
            open_.pop(dice.randrange(len(open_))).close()
    for client in open_:
        client.close()
    return count


def good(bridge: BridgeProcess, tmp_path: Path) -> None:
    """A client that means well is served as if nothing were."""
    device = AdbDeviceTcp("127.0.0.1", bridge.port, default_transport_timeout_s=20)
    assert device.connect(auth_timeout_s=20)
    assert device.shell("echo in") == "in\n"
    assert device.exec_out("head -c 300000 /dev/zero", decode=False) == bytes(300_000)
    device.pull("/etc/hostname", str(tmp_path / "hostname"))
    device.close()


def pester(bridges: Callable[..., BridgeProcess], tmp_path: Path, seconds: float) -> None:
    options = {"properties": {"ro.adb.secure": "0"}, "patience": {"hello": 1.0, "stall": 2.0, "farewell": 0.5}}
    bridge = bridges(quiet=True, **options)
    good(bridge, tmp_path)
    before = bridge.settled()["descriptors"]
    deadline, seed = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        seed += 1
        assert fuzzed(bridge, min(5.0, seconds), seed) > 1
        good(bridge, tmp_path)
    settled = bridge.settled(30)

    assert len(set(settled["journal"])) > len(SERVICES)
    assert settled["running"] == []
    assert settled["descriptors"] <= before + 2
    assert settled["memory"] < 400 << 20


def test_a_moment_of_malice(bridges: Callable[..., BridgeProcess], tmp_path: Path) -> None:
    """The same as the long one, for every day."""
    pester(bridges, tmp_path, 4.0)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_minute_of_malice(bridges: Callable[..., BridgeProcess], tmp_path: Path) -> None:
    """Malformed packets, unknown services, half-open connections, all at once."""
    pester(bridges, tmp_path, 60.0)
