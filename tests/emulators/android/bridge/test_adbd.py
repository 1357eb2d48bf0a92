"""Real adb clients on our bridge: keys, root, forwarding, old devices, and clients that mean ill."""

import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Adb, BridgeProcess, Connected, digest, noise, wait_for

MIB = 1 << 20
Bridges = Callable[..., BridgeProcess]


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


def _all_of(near: socket.socket) -> bytes:
    found = b""
    while piece := near.recv(65536):
        found += piece
    return found
