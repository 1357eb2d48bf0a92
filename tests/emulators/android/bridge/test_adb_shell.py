"""adb-shell on our bridge, sync and async: an old dialect, with sums, and a client that never waits twice."""

import asyncio
import hashlib
import io
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from adb_shell.adb_device import AdbDeviceTcp
from adb_shell.adb_device_async import AdbDeviceTcpAsync
from adb_shell.auth.keygen import keygen
from adb_shell.auth.sign_pythonrsa import PythonRSASigner
from adb_shell.exceptions import AdbCommandFailureException, AdbTimeoutError, PushFailedError, TcpTimeoutException

from .conftest import BridgeProcess, wait_for

Bridges = Callable[..., BridgeProcess]
SECONDS = 30.0


def signer(key: Path) -> PythonRSASigner:
    return PythonRSASigner(key.with_suffix(".pub").read_text(), key.read_text())


def noise(size: int, seed: int = 3) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.fixture
def bridge(bridges: Bridges, key_file: Path) -> BridgeProcess:
    """One that was told of the key."""
    return bridges(trust="deny", known_keys=[key_file.with_suffix(".pub").read_text()])


@pytest.fixture
def device(bridge: BridgeProcess, key_file: Path) -> Iterator[AdbDeviceTcp]:
    """Connected, with a key that the device was told of."""
    device = connected(bridge, key_file)
    yield device
    device.close()


def connected(bridge: BridgeProcess, key_file: Path) -> AdbDeviceTcp:
    device = AdbDeviceTcp("127.0.0.1", bridge.port, default_transport_timeout_s=SECONDS)
    assert device.connect(rsa_keys=[signer(key_file)], auth_timeout_s=SECONDS)
    return device


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


def test_an_exit_code_is_what_the_shell_says_of_it(device: AdbDeviceTcp) -> None:
    """There is no `shell,v2` in this client: no code, and errors in the one stream, unless somebody writes them."""
    assert device.shell("exit 7") == ""
    assert device.shell("(echo out; echo err >&2; exit 7); echo $?") == "out\nerr\n7\n"
    assert device.shell("(echo out; echo err >&2) 2>/dev/null") == "out\n"
    assert device.shell("sh -c 'kill -9 $$' 2>/dev/null; echo $?").endswith("137\n")


def test_20_mb_for_standard_input_go_by_way_of_a_file(bridge: BridgeProcess, key_file: Path, tmp_path: Path) -> None:
    """This client sends nothing to a service but `sync`: a program that waits for input never gets any, not even
    its end; a file that was pushed is input as good as any."""
    device, data = connected(bridge, key_file), noise(20_000_000)
    with pytest.raises((AdbTimeoutError, TcpTimeoutException)):
        device.exec_out("cat", transport_timeout_s=0.2, read_timeout_s=0.2)
    device.close()
    assert bridge.settled()["running"] == []

    device = connected(bridge, key_file)
    device.push(io.BytesIO(data), str(tmp_path / "in"))
    assert device.shell(f"sha256sum <'{tmp_path}/in'").split()[0] == hashlib.sha256(data).hexdigest()
    device.close()


def test_20_mb_out_of_exec_arrive_whole(device: AdbDeviceTcp, tmp_path: Path) -> None:
    """Eight bits clean."""
    (tmp_path / "out").write_bytes(noise(20_000_000))

    assert device.exec_out(f"cat '{tmp_path}/out'", decode=False) == noise(20_000_000)


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


def test_a_client_that_goes_in_the_middle_takes_its_programs_along(bridge: BridgeProcess, key_file: Path) -> None:
    """Those that it reads, and one that says nothing more."""
    device = connected(bridge, key_file)
    shell, executed, silent = (
        device._streaming_service(kind, command, decode=False)
        for kind, command in (
            (b"shell", b"cat /dev/zero"),
            (b"exec", b"cat /dev/zero"),
            (b"shell", b"echo on; exec sleep 1000"),
        )
    )
    assert set(next(shell)) == set(next(executed)) == {0}
    assert next(silent) == b"on\n"
    assert len(bridge.state()["running"]) == 3
    before = bridge.state()["descriptors"]
    device.close()

    assert bridge.settled()["running"] == []
    assert wait_for(lambda: bridge.state()["descriptors"] < before)


class _Pulled(io.BytesIO):
    """A cable that somebody pulls once some of a file has gone through it."""

    def __init__(self, data: bytes, pull: Callable[[], None]) -> None:
        super().__init__(data)
        self._pull = pull

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 3_000_000:
            self._pull()
        return super().read(size)


def test_a_push_that_is_cut_off_leaves_nothing(bridge: BridgeProcess, key_file: Path, tmp_path: Path) -> None:
    """Half a file is none; the next connection finds the device as ever."""
    device = connected(bridge, key_file)
    with pytest.raises((OSError, AttributeError, TypeError)):  # this client trips over its own closed socket
        device.push(_Pulled(noise(9_000_000), device.close), str(tmp_path / "half"))

    assert bridge.settled()["running"] == []
    assert not (tmp_path / "half").exists()
    again = connected(bridge, key_file)
    again.push(io.BytesIO(noise(100_000)), str(tmp_path / "whole"))
    assert (tmp_path / "whole").read_bytes() == noise(100_000)
    again.close()


def test_30_parallel_clients_lose_no_byte_beside_some_that_go(
    bridge: BridgeProcess, key_file: Path, tmp_path: Path
) -> None:
    """Each with a connection of its own, and with what it pushed."""
    wrong: list[int] = []

    def echo(seed: int) -> None:
        device = connected(bridge, key_file)
        device.push(io.BytesIO(noise(300_000, seed)), str(tmp_path / str(seed)))
        said = device.shell(f"sha256sum <'{tmp_path}/{seed}'").split()
        if said[:1] != [hashlib.sha256(noise(300_000, seed)).hexdigest()]:
            wrong.append(seed)
        device.close()

    threads = [threading.Thread(target=echo, args=(seed,)) for seed in range(30)]
    for number, thread in enumerate(threads):
        thread.start()
        if number % 5 == 0:
            victim = connected(bridge, key_file)
            next(victim.streaming_shell("yes"))
            victim.close()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert bridge.settled()["running"] == []


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


@pytest.mark.slow
def test_200_mb_go_and_come_back(device: AdbDeviceTcp, tmp_path: Path) -> None:
    """Whole, through a client that sums up every byte."""
    (tmp_path / "source").write_bytes(noise(200_000_000))
    for verb, source, target in ((device.push, "source", "there"), (device.pull, "there", "back")):
        verb(str(tmp_path / source), str(tmp_path / target))

    assert (tmp_path / "back").read_bytes() == noise(200_000_000)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_5000_small_files_go_and_come_back(device: AdbDeviceTcp, tmp_path: Path) -> None:
    """Each by a `sync` of its own: this client knows of no trees, in either direction."""
    files = {f"f{number}": noise(number % 3000, number) for number in range(5000)}
    for name, data in files.items():
        device.push(io.BytesIO(data), str(tmp_path / "there" / name))
    listed = {entry.filename.decode(): entry.size for entry in device.list(str(tmp_path / "there"))}
    back = {}
    for name in listed.keys() - {".", ".."}:
        device.pull(str(tmp_path / "there" / name), into := io.BytesIO())
        back[name] = into.getvalue()

    assert {name: listed[name] for name in files} == {name: len(data) for name, data in files.items()}
    assert back == files
