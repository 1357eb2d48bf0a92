"""adb-shell on our bridge, sync and async: an old dialect, with sums, and a client that never waits twice."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from adb_shell.adb_device import AdbDeviceTcp
from adb_shell.adb_device_async import AdbDeviceTcpAsync
from adb_shell.auth.keygen import keygen
from adb_shell.auth.sign_pythonrsa import PythonRSASigner
from adb_shell.exceptions import AdbCommandFailureException, AdbTimeoutError, PushFailedError, TcpTimeoutException

from .conftest import BridgeProcess

Bridges = Callable[..., BridgeProcess]
SECONDS = 30.0


def signer(key: Path) -> PythonRSASigner:
    return PythonRSASigner(key.with_suffix(".pub").read_text(), key.read_text())


def noise(size: int, seed: int = 3) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.fixture
def device(bridges: Bridges, key_file: Path) -> Iterator[AdbDeviceTcp]:
    """Connected, with a key that the device was told of."""
    bridge = bridges(trust="deny", known_keys=[key_file.with_suffix(".pub").read_text()])
    device = AdbDeviceTcp("127.0.0.1", bridge.port, default_transport_timeout_s=SECONDS)
    device.connect(rsa_keys=[signer(key_file)], auth_timeout_s=SECONDS)
    yield device
    device.close()


def test_a_new_key_is_accepted_where_somebody_taps_allow(bridges: Bridges, key_file: Path) -> None:
    """The whole dance: token, signature, a new token, the key, and in."""
    device = AdbDeviceTcp("127.0.0.1", bridges(trust="accept").port, default_transport_timeout_s=SECONDS)

    assert device.connect(rsa_keys=[signer(key_file)], auth_timeout_s=SECONDS)
    assert device.shell("echo in") == "in\n"
    device.close()


def test_a_key_that_is_not_the_known_one_is_refused(bridges: Bridges, key_file: Path, tmp_path: Path) -> None:
    """The device says nothing, and the client gives up."""
    keygen(str(tmp_path / "other"))
    bridge = bridges(trust="deny", known_keys=[key_file.with_suffix(".pub").read_text()])
    device = AdbDeviceTcp("127.0.0.1", bridge.port, default_transport_timeout_s=1.0)

    with pytest.raises((AdbTimeoutError, TcpTimeoutException)):
        device.connect(rsa_keys=[signer(tmp_path / "other")], auth_timeout_s=1.0)
    device.close()


def test_the_right_one_of_several_keys_is_found(bridges: Bridges, key_file: Path, tmp_path: Path) -> None:
    """Each wrong signature brings a new token."""
    keygen(str(tmp_path / "other"))
    bridge = bridges(trust="deny", known_keys=[key_file.with_suffix(".pub").read_text()])
    device = AdbDeviceTcp("127.0.0.1", bridge.port, default_transport_timeout_s=SECONDS)

    assert device.connect(rsa_keys=[signer(tmp_path / "other"), signer(key_file)], auth_timeout_s=SECONDS)
    device.close()


def test_shell_and_exec_bring_every_byte(device: AdbDeviceTcp) -> None:
    """Through a raw terminal and through a socket."""
    assert device.shell("echo out; echo err >&2") == "out\nerr\n"
    assert device.shell("head -c 100000 /dev/zero | tr '\\0' a", decode=False) == b"a" * 100_000
    assert device.exec_out("head -c 3000000 /dev/zero", decode=False) == bytes(3_000_000)


def test_files_go_and_come_back(device: AdbDeviceTcp, tmp_path: Path) -> None:
    """Whole, in both directions, and 100 small ones without a wait for each."""
    (tmp_path / "f").write_bytes(noise(3_000_000))
    device.push(str(tmp_path / "f"), str(tmp_path / "g"))
    device.pull(str(tmp_path / "g"), str(tmp_path / "h"))
    for number in range(100):
        device.pull(str(tmp_path / "g") if number == 50 else "/etc/hostname", str(tmp_path / "i"))

    assert (tmp_path / "g").read_bytes() == (tmp_path / "h").read_bytes() == noise(3_000_000)
    assert {bytes(entry.filename) for entry in device.list(str(tmp_path))} >= {b".", b"..", b"f", b"g", b"h"}
    assert device.stat(str(tmp_path / "f"))[1] == 3_000_000


def test_refusals_are_told_and_empty_lists_are_not(device: AdbDeviceTcp, tmp_path: Path) -> None:
    """What the protocol cannot say looks like nothing: tools must not conclude that nothing is there."""
    with pytest.raises(AdbCommandFailureException, match="open failed: No such file or directory"):
        device.pull("/no/such", str(tmp_path / "x"))
    (tmp_path / "f").write_bytes(noise(500_000))
    with pytest.raises(PushFailedError, match="create file: No such file"):
        device.push(str(tmp_path / "f"), "/proc/x")

    assert device.list("/no/such") == []
    assert device.stat("/no/such") == (0, 0, 0)


def test_root_drops_the_connection_and_the_client_comes_back(bridges: Bridges, key_file: Path) -> None:
    """By hand: this client does not do it by itself."""
    bridge = bridges(userdebug=True)
    device = AdbDeviceTcp("127.0.0.1", bridge.port, default_transport_timeout_s=SECONDS)
    device.connect(rsa_keys=[signer(key_file)], auth_timeout_s=SECONDS)
    device.root()
    device.close()

    assert device.connect(rsa_keys=[signer(key_file)], auth_timeout_s=SECONDS)
    assert device.shell("echo again") == "again\n"
    device.close()
    assert bridge.state()["is_root"]


def test_async_clients_in_parallel_get_what_is_theirs(bridges: Bridges, key_file: Path) -> None:
    """Ten connections at once."""
    port = bridges().port

    async def one(number: int) -> bool:
        device = AdbDeviceTcpAsync("127.0.0.1", port, default_transport_timeout_s=SECONDS)
        await device.connect(rsa_keys=[signer(key_file)], auth_timeout_s=SECONDS)
        said = await device.exec_out(f"yes {number} | head -n 50000 | sha256sum")
        await device.close()
        return said.split()[0] == hashlib.sha256(f"{number}\n".encode() * 50_000).hexdigest()

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*(one(number) for number in range(10)))

    assert asyncio.run(all_of_them()) == [True] * 10
