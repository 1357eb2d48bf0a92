"""Real adb clients on our bridge: what they print, what arrives, and that none of them disturbs another."""

import hashlib
import os
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Adb, BridgeProcess, Connected, wait_for

MIB = 1 << 20
Bridges = Callable[..., BridgeProcess]


@pytest.fixture
def device(adb: Adb, bridges: Bridges) -> Connected:
    """Each client, connected to a device that trusts it."""
    return adb.connect(bridges())


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


# -- keys ------------------------------------------------------------------------------------------


def test_a_new_key_is_accepted_and_then_known(adb: Adb, bridges: Bridges) -> None:
    """Somebody taps "allow" once; the second connection signs the token."""
    bridge = bridges(trust="accept")
    adb.connect(bridge)
    adb.disconnect()

    assert b"connected to" in adb.run("connect", bridge.serial).stdout


def test_a_known_key_needs_no_dialog(adb: Adb, bridges: Bridges) -> None:
    """What is in `adbkey.pub` is what the device is told to know."""
    adb.run("start-server")
    public = adb.home / ".android" / "adbkey.pub"
    adb.connect(bridges())  # makes the client write its key
    adb.disconnect()
    bridge = bridges(trust="deny", known_keys=[public.read_text()])

    assert b"connected to" in adb.run("connect", bridge.serial).stdout
    assert adb.run("-s", bridge.serial, "shell", "echo in").stdout == b"in\n"


def test_a_refused_key_stays_unauthorized(adb: Adb, bridges: Bridges) -> None:
    """It is told nothing, as on a phone, and gets nothing."""
    bridge = bridges(trust="deny")
    adb.run("connect", bridge.serial)

    assert wait_for(lambda: adb.state(bridge.serial) == "unauthorized")
    tried = adb.run("-s", bridge.serial, "shell", "echo in")
    assert tried.returncode != 0
    assert tried.stdout == b""
    assert b"unauthorized" in tried.stderr
    assert bridge.state()["journal"] == []


@pytest.mark.parametrize("allow", [True, False])
def test_the_dialog_waits_for_an_answer(adb: Adb, bridges: Bridges, *, allow: bool) -> None:
    """Until somebody taps; the same connection then goes on, or stays where it is."""
    bridge = bridges(trust="ask")
    adb.run("connect", bridge.serial)
    assert wait_for(lambda: adb.state(bridge.serial) == "unauthorized")
    asking = wait_for(lambda: bridge.state()["asking"])
    assert asking[0]["fingerprint"].count(":") == 15

    assert bridge.answer(allow=allow) >= 1
    if allow:
        assert wait_for(lambda: adb.state(bridge.serial) == "device")
    else:
        assert adb.state(bridge.serial) == "unauthorized"


def test_a_device_without_ro_adb_secure_asks_for_no_key(adb: Adb, bridges: Bridges) -> None:
    """As the emulator's images do."""
    bridge = bridges(trust="deny", properties={"ro.adb.secure": "0"})

    assert adb.connect(bridge).run("shell", "echo in").stdout == b"in\n"


def test_with_adb_off_nobody_answers(bridges: Bridges) -> None:
    """The port is closed."""
    bridge = bridges(adb=False)

    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", bridge.port)):
        pass


# -- shell -----------------------------------------------------------------------------------------


def test_a_shell_tells_output_errors_and_exit_code_apart(device: Connected) -> None:
    """Three things, on three ways."""
    ended = device.run("shell", "echo out; echo err >&2; exit 7")

    assert (ended.stdout, ended.stderr, ended.returncode) == (b"out\n", b"err\n", 7)


def test_a_signal_is_an_exit_code_of_128_and_more(device: Connected) -> None:
    """As a shell says it."""
    assert device.run("shell", "kill -9 $$").returncode == 137


def test_20_mb_on_stdin_arrive_whole(device: Connected) -> None:
    """And the end of the file is seen."""
    data = noise(20_000_000)

    assert device.run("shell", "sha256sum", stdin=data).stdout.split()[0].decode() == digest(data)


def test_a_program_that_does_not_read_does_not_hang_its_client(device: Connected) -> None:
    """What nobody reads is swallowed."""
    assert device.run("shell", "exit 3", stdin=noise(2 * MIB)).returncode == 3


def test_20_mb_out_of_exec_arrive_whole(device: Connected, tmp_path: Path) -> None:
    """Eight bits clean."""
    data = noise(20_000_000)
    (tmp_path / "out").write_bytes(data)

    assert digest(device.run("exec-out", f"cat '{tmp_path}/out'").stdout) == digest(data)


def test_exec_in_keeps_its_tail(device: Connected, tmp_path: Path, adb: Adb) -> None:
    """The client closes while the last of its bytes are under way: they are delivered, then comes the end."""
    data = noise(3 * MIB + 17)
    target = tmp_path / "in"

    device.run("exec-in", f"cat > '{target}'; touch '{target}.done'", stdin=data)
    wait_for((tmp_path / "in.done").exists)
    assert digest(target.read_bytes()) == digest(data)


def test_a_terminal_is_one(device: Connected) -> None:
    """With the client's TERM, and an end of file that a terminal understands."""
    said = device.run("shell", "-tt", "test -t 0 && test -t 1 && echo $TERM; exit 6")

    assert said.stdout.strip() != b""
    assert said.returncode == 6


def test_an_interactive_shell_ends_with_its_input(device: Connected) -> None:
    """No command, no terminal asked for: lines in, lines out."""
    ended = device.run("shell", "-T", stdin=b"echo one; echo two >&2; exit 5\n")

    assert (ended.stdout, ended.returncode) == (b"one\n", 5)


def test_a_killed_client_takes_its_program_along(device: Connected, bridges: Bridges, adb: Adb) -> None:
    """Nothing survives on the device, whatever kind of shell it was."""
    bridge = bridges()
    lost = adb.connect(bridge)
    clients = [lost.start(*words) for words in (("shell", "sleep 1000"), ("shell", "-tt", "sleep 1001"))]
    wait_for(lambda: len(bridge.state()["running"]) == len(clients))
    for client in clients:
        client.kill()
        client.communicate()

    assert bridge.settled()["running"] == []


def test_the_device_is_free_after_its_client_is_cut_off(adb: Adb, bridges: Bridges) -> None:
    """The cable is pulled in the middle of everything."""
    bridge = bridges()
    device = adb.connect(bridge)
    before = bridge.state()["descriptors"]
    clients = [device.start("shell", "sleep 1000"), device.start("exec-out", "cat /dev/zero"), device.start("logcat")]
    wait_for(lambda: len(bridge.state()["running"]) >= 2)
    adb.disconnect()
    for client in clients:
        client.kill()
        client.communicate()

    settled = bridge.settled()
    assert settled["running"] == []
    assert wait_for(lambda: bridge.state()["descriptors"] < before)


def test_30_parallel_shells_lose_no_byte_beside_killed_clients(adb: Adb, bridges: Bridges) -> None:
    """A descriptor's number is used again and again: never by two at once."""
    bridge = bridges()
    device = adb.connect(bridge)
    wrong: list[str] = []

    def echo(seed: int) -> None:
        data = noise(300_000, seed)
        ended = device.run("shell", "sha256sum", stdin=data)
        if ended.stdout.split()[:1] != [digest(data).encode()]:
            wrong.append(f"{seed}: {ended.returncode}")

    threads = [threading.Thread(target=echo, args=(seed,)) for seed in range(30)]
    for number, thread in enumerate(threads):
        thread.start()
        if number % 5 == 0:
            victim = device.start("shell", "cat; sleep 100")
            victim.kill()
            victim.communicate()
    for thread in threads:
        thread.join()
    data = noise(20_000_000, 99)

    assert wrong == []
    assert device.run("shell", "sha256sum", stdin=data).stdout.split()[0].decode() == digest(data)
    assert bridge.settled()["running"] == []


# -- sync ------------------------------------------------------------------------------------------


def test_files_go_and_come_back_the_same(device: Connected, tmp_path: Path) -> None:
    """Whole, and with the time of their last change."""
    for size in (0, 1, 65_536, 65_537, 5 * MIB + 3):
        source, there, back = (tmp_path / f"{name}{size}" for name in ("source", "there", "back"))
        source.write_bytes(noise(size))
        os.utime(source, (1_700_000_000, 1_700_000_000))

        assert device.run("push", str(source), str(there)).returncode == 0
        assert device.run("pull", "-a", str(there), str(back)).returncode == 0
        assert back.read_bytes() == there.read_bytes() == source.read_bytes()
        assert there.stat().st_mtime == back.stat().st_mtime == 1_700_000_000


def test_500_small_files_go_and_come_back(device: Connected, tmp_path: Path) -> None:
    """A tree of them, in both directions."""
    _tree(tmp_path / "tree", 500)

    assert device.run("push", str(tmp_path / "tree"), str(tmp_path / "there")).returncode == 0
    assert device.run("pull", str(tmp_path / "there"), str(tmp_path / "back")).returncode == 0
    assert _contents(tmp_path / "back") == _contents(tmp_path / "there") == _contents(tmp_path / "tree")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("push", "{here}", "/proc/x/y"), b"remote secure_mkdirs() failed: No such file or directory"),
        (("push", "{here}", "/proc/x"), b"remote couldn't create file: No such file or directory"),
        (("pull", "/no/such", "{here}.x"), b"failed to stat remote object '/no/such': No such file or directory"),
        (("pull", "/proc/self/mem", "{here}.x"), b"read failed: Input/output error"),
    ],
)
def test_what_fails_says_why(device: Connected, tmp_path: Path, words: tuple[str, ...], reason: bytes) -> None:
    """In the client's words around adbd's; and the next file goes through."""
    here = tmp_path / "here"
    here.write_bytes(noise(300_000))

    failed = device.run(*(word.format(here=here) for word in words))
    assert failed.returncode == 1
    assert reason in failed.stderr + failed.stdout
    assert device.run("push", str(here), str(tmp_path / "there")).returncode == 0


def test_the_journal_names_services_and_paths(adb: Adb, bridges: Bridges, tmp_path: Path) -> None:
    """So a test can say that an extractor never wrote."""
    bridge = bridges()
    device = adb.connect(bridge)
    (tmp_path / "f").write_bytes(b"x")
    device.run("shell", "echo one")
    device.run("pull", str(tmp_path / "f"), str(tmp_path / "g"))

    journal = bridge.settled()["journal"]
    assert any(entry.startswith("shell,v2") and entry.endswith(":echo one") for entry in journal)
    assert any(entry.startswith(("sync:RECV", "sync:RCV2")) and entry.endswith("/f") for entry in journal)
    assert not any(entry.startswith(("sync:SEND", "sync:SND2")) for entry in journal)


# -- the device itself -----------------------------------------------------------------------------


def test_root_and_back_where_the_build_allows_it(adb: Adb, bridges: Bridges) -> None:
    """The connection drops in between, and the real client comes back by itself."""
    bridge = bridges(userdebug=True)
    device = adb.connect(bridge)

    assert b"adbd not running as root" in device.run("unroot").stdout
    assert b"restarting adbd as root" in device.run("root").stdout
    wait_for(lambda: adb.state(bridge.serial) == "device")
    assert bridge.state()["is_root"]
    assert b"adbd is already running as root" in device.run("root").stdout
    assert b"restarting adbd as non root" in device.run("unroot").stdout
    wait_for(lambda: adb.state(bridge.serial) == "device")
    assert not bridge.state()["is_root"]


def test_no_root_on_a_production_build(device: Connected) -> None:
    """In the words of a phone."""
    assert b"adbd cannot run as root in production builds" in device.run("root").stdout


def test_install_backup_and_reboot_reach_the_framework(adb: Adb, bridges: Bridges, tmp_path: Path) -> None:
    """As the debug shell, with the client's bytes."""
    bridge = bridges()
    device = adb.connect(bridge)
    package = tmp_path / "app.apk"
    package.write_bytes(noise(2 * MIB))
    installed = device.run("install", str(package))
    saved = device.run("backup", "-f", str(tmp_path / "b.ab"), "-noapk", "com.example.app")
    rebooted = device.run("reboot")

    assert b"Success" in installed.stdout, installed.stderr
    assert saved.returncode == 0
    assert (tmp_path / "b.ab").read_bytes() == b"ANDROID BACKUP\n" + bytes(300_000)
    assert rebooted.returncode == 0
    called = bridge.state()["called"]
    assert any(call[:3] == ["2000", "cmd", "package"] for call in called)
    assert ["2000", "bu", "backup", "-noapk", "com.example.app"] in called
    assert called[-1] == ["2000", "reboot"]


def test_forwarding_reaches_a_server_in_the_device(adb: Adb, bridges: Bridges, tmp_path: Path) -> None:
    """By port, and by a path that the caller may reach."""
    device = adb.connect(bridges())
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "s"))
        local.listen()
        for listener, target in (
            (server, f"tcp:{server.getsockname()[1]}"),
            (local, f"localfilesystem:{tmp_path}/s"),
        ):
            listener.settimeout(20)
            port = int(device.run("forward", "tcp:0", target).stdout)
            with socket.create_connection(("127.0.0.1", port), timeout=20) as near:
                far, _ = listener.accept()
                with far:
                    near.sendall(b"ping")
                    assert far.recv(4) == b"ping"
                    far.sendall(noise(MIB))
                    far.shutdown(socket.SHUT_WR)
                    assert _all_of(near) == noise(MIB)
        device.run("forward", "--remove-all")


def test_an_unknown_service_is_refused(device: Connected) -> None:
    """And the connection lives on."""
    assert device.run("jdwp").returncode != 0
    assert device.run("shell", "echo on").stdout == b"on\n"


# -- old and fast ----------------------------------------------------------------------------------


def test_an_old_device_has_no_exit_codes(adb: Adb, bridges: Bridges, tmp_path: Path) -> None:
    """API 22: sums, packets of 4 KiB, one stream for output and errors, lines that end in CR LF."""
    device = adb.connect(bridges(api=22))
    (tmp_path / "f").write_bytes(noise(200_000))
    ended = device.run("shell", "echo out; echo err >&2; exit 7")
    pulled = device.run("pull", str(tmp_path / "f"), str(tmp_path / "g"))

    assert (ended.stdout, ended.returncode) == (b"out\r\nerr\r\n", 0)
    assert pulled.returncode == 0
    assert (tmp_path / "g").read_bytes() == noise(200_000)


def test_delayed_acknowledgement_loses_nothing(
    adb_clients: Callable[..., Adb], bridges: Bridges, tmp_path: Path
) -> None:
    """The newer client asks for it in burst mode."""
    adb = adb_clients("adb-36", burst=True)
    data = noise(20_000_000)
    (tmp_path / "f").write_bytes(data)
    device = adb.connect(bridges())

    assert device.run("pull", str(tmp_path / "f"), str(tmp_path / "g")).returncode == 0
    assert device.run("push", str(tmp_path / "g"), str(tmp_path / "h")).returncode == 0
    assert device.run("shell", "sha256sum", stdin=data).stdout.split()[0].decode() == digest(data)
    assert digest((tmp_path / "h").read_bytes()) == digest(data)
    adb.disconnect()


# -- clients that mean ill, or are ill -------------------------------------------------------------


def test_half_open_and_stalled_clients_are_hung_up_on(adb: Adb, bridges: Bridges) -> None:
    """And hold nobody up before that."""
    bridge = bridges(patience={"hello": 0.5, "stall": 0.5, "farewell": 0.2})
    cnxn = struct.pack("<6I", 0x4E584E43, 0x01000000, 4096, 4, 0, 0x4E584E43 ^ 0xFFFFFFFF)
    openings = [b"", b"CNX", cnxn, cnxn + b"ho"]
    sockets = [socket.create_connection(("127.0.0.1", bridge.port), timeout=20) for _ in openings]
    for half_open, sent in zip(sockets, openings, strict=True):
        half_open.sendall(sent)

    assert adb.connect(bridge).run("shell", "echo in").stdout == b"in\n"
    for half_open in sockets:
        with half_open:
            assert half_open.recv(1) == b""


def test_a_flood_of_strangers_does_not_lock_anybody_out(adb: Adb, bridges: Bridges) -> None:
    """The oldest one that has not said who it is makes room."""
    bridge = bridges()
    strangers = [socket.create_connection(("127.0.0.1", bridge.port), timeout=20) for _ in range(200)]

    assert adb.connect(bridge).run("shell", "echo in").stdout == b"in\n"
    assert bridge.state()["descriptors"] < 100
    for stranger in strangers:
        stranger.close()


def _tree(root: Path, count: int) -> None:
    for number in range(count):
        folder = root / f"d{number // 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{number}").write_bytes(noise(number % 3000, number))


def _contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _all_of(near: socket.socket) -> bytes:
    found = b""
    while piece := near.recv(65536):
        found += piece
    return found


# -- long ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_200_mb_go_and_come_back(device: Connected, tmp_path: Path, record_property: Any) -> None:
    """Whole; the speed is recorded, and judged by the benchmarks."""
    for name in ("source", "there", "back"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "source").write_bytes(noise(200_000_000))
    for verb, source, target in (("push", "source", "there"), ("pull", "there", "back")):
        start = time.monotonic()
        assert device.run(verb, str(tmp_path / source), str(tmp_path / target), seconds=300).returncode == 0
        record_property(f"{verb} MB/s", round(200 / (time.monotonic() - start)))

    assert digest((tmp_path / "back").read_bytes()) == digest(noise(200_000_000))


@pytest.mark.slow
def test_5000_small_files_go_and_come_back(device: Connected, tmp_path: Path) -> None:
    """Each of them."""
    _tree(tmp_path / "tree", 5000)

    assert device.run("push", str(tmp_path / "tree"), str(tmp_path / "there"), seconds=300).returncode == 0
    assert device.run("pull", str(tmp_path / "there"), str(tmp_path / "back"), seconds=300).returncode == 0
    assert _contents(tmp_path / "back") == _contents(tmp_path / "tree")
