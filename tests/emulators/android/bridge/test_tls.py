"""Wireless debugging with the client that knows it: a known key is let in, an unknown one fails the handshake."""

import hashlib
import random
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import Adb, BridgeProcess

DATA = random.Random(5).randbytes(5_000_000)
Bridges = Callable[..., BridgeProcess]


@pytest.fixture
def wireless(adb_clients: Callable[..., Adb]) -> Iterator[Adb]:
    """adb 29 has no TLS."""
    client = adb_clients("adb-36")
    yield client
    client.disconnect()


def public_key(client: Adb, bridges: Bridges) -> str:
    """What the client calls itself; it writes its key when it is first asked for one."""
    client.connect(bridges())
    client.disconnect()
    return (client.home / ".android" / "adbkey.pub").read_text()


def test_a_known_key_is_let_in_without_a_token(wireless: Adb, bridges: Bridges, tmp_path: Path) -> None:
    """And everything works inside, whole."""
    device = wireless.connect(bridges(trust="deny", tls=True, known_keys=[public_key(wireless, bridges)]), tls=True)
    (tmp_path / "f").write_bytes(DATA)

    assert device.run("shell", "echo out; echo err >&2; exit 7").returncode == 7
    assert device.run("pull", str(tmp_path / "f"), str(tmp_path / "g")).returncode == 0
    assert (tmp_path / "g").read_bytes() == DATA
    summed = device.run("shell", "sha256sum", stdin=DATA).stdout.split()[0].decode()
    assert summed == hashlib.sha256(DATA).hexdigest()


def test_an_unknown_key_fails_the_handshake(wireless: Adb, bridges: Bridges) -> None:
    """Wireless debugging has no dialog: whoever is not paired stays outside, under any policy."""
    bridge = bridges(trust="accept", tls=True)
    serial = f"127.0.0.1:{bridge.tls_port}"

    assert b"failed to connect" in wireless.run("connect", serial).stdout
    assert wireless.state(serial) != "device"
    assert bridge.state()["journal"] == []


@pytest.mark.parametrize("after", [b"", b"\x16\x03\x01\xff\xff", bytes(300), b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_handshake_is_hung_up_on(bridges: Bridges, after: bytes) -> None:
    """In clear, in the middle, and where TLS should begin; nobody is let in by mistake."""
    bridge = bridges(tls=True, patience={"hello": 1.0, "stall": 1.0, "farewell": 0.2})
    opening = _packet(0x4E584E43, 0x01000001, 1 << 20, b"host::\0")
    stls = _packet(0x534C5453, 0x01000000, 0, b"")
    with socket.create_connection(("127.0.0.1", bridge.tls_port), timeout=20) as client:
        client.sendall(opening + stls + after)

        assert client.recv(24)[:4] == b"STLS"
        while client.recv(4096):
            pass  # an alert, perhaps
    assert bridge.state()["journal"] == []


def test_nothing_is_served_in_clear(bridges: Bridges) -> None:
    """A client that does not say STLS is not answered."""
    bridge = bridges(tls=True)
    with socket.create_connection(("127.0.0.1", bridge.tls_port), timeout=20) as client:
        client.sendall(_packet(0x4E584E43, 0x01000001, 4096, b"host::\0") + _packet(0x4E45504F, 1, 0, b"shell:id\0"))
        received = b""
        while piece := client.recv(4096):
            received += piece

    assert received[:4] == b"STLS"
    assert len(received) == 24
    assert bridge.state()["journal"] == []


def _packet(command: int, arg0: int, arg1: int, payload: bytes) -> bytes:
    return struct.pack("<6I", command, arg0, arg1, len(payload), sum(payload), command ^ 0xFFFFFFFF) + payload
