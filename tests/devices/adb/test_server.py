"""Through a real adb server: the same bytes, one line for what cannot be reached, no server that nobody wanted."""

import os
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import adbutils
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices.adb import Adb, allowances, attached
from harness.devices.adb.server import Attached, Served, Server
from harness.devices.adb.transport import run
from harness.devices.base import Options
from harness.emulators.walls.ports import Trust
from harness.errors import DeviceError
from harness.model import Artifact

Boot = Callable[..., Any]
Run = Callable[..., str]


@pytest.fixture
def connected(boot: Boot, adb_server: Run) -> Served:
    device = boot("android-14-rooted", {"files/large.bin": bytes(range(256)) * 8192})
    adb_server("connect", device.serial)
    adb_server("-s", device.serial, "wait-for-device")
    return Served(Server(), device.serial)


def test_output_errors_and_exit_codes_come_through(connected: Served) -> None:
    """As the device gives them."""
    answer = run(connected, "echo out; echo err >&2; exit 6")

    assert (answer.output, answer.error, answer.code) == (b"out\n", b"err\n", 6)


def test_bytes_come_through_unchanged(connected: Served) -> None:
    """Two megabytes of every value there is."""
    answer = run(connected, "su -c 'cat /data/data/com.example.shop/files/large.bin'")

    assert answer.output == bytes(range(256)) * 8192


def test_doctor_shows_what_is_attached_and_what_it_allows(connected: Served) -> None:
    """Without changing anything."""
    (device,) = attached()

    assert (device.serial, device.state) == (connected.name, "device")
    assert allowances(device.serial) == "everything, by su"


def test_a_device_that_is_not_there_is_told_with_those_that_are(connected: Served) -> None:
    """No other is taken instead."""
    with pytest.raises(DeviceError, match="no device R58M123ABC is attached") as caught:
        Adb().open("adb:R58M123ABC", Options())

    assert connected.name in caught.value.hint


def test_no_name_takes_no_device(connected: Served) -> None:
    """Not even where there is only one."""
    with pytest.raises(DeviceError, match="no device is named") as caught:
        Adb().open("adb:", Options())

    assert connected.name in caught.value.hint


def test_a_device_that_does_not_trust_us_is_told_so(boot: Boot, adb_server: Run) -> None:
    """With what to tap."""
    device = boot("android-14-stock", trust=Trust.DENY)
    adb_server("connect", device.serial)
    (found,) = attached()

    trouble, step = found.trouble
    assert "unauthorised" in trouble
    assert "Allow" in step


@pytest.mark.parametrize("state", ["offline", "unauthorized", "no permissions; see [http://x]", "recovery", "odd"])
def test_every_state_has_a_next_step(state: str) -> None:
    """One line, and what to do."""
    trouble, step = Attached("S", state).trouble

    assert trouble
    assert step
    assert "\n" not in trouble + step


def test_no_server_is_started_to_look(own_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by `doctor` nor by a source without a name."""
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "1")

    assert attached() == ()
    with pytest.raises(DeviceError, match="no device is named"):
        Adb().open("adb:", Options())
    assert not Server().runs()


def test_without_an_adb_program_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Or that an address needs none."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(DeviceError, match="no adb program") as caught:
        Adb().open("adb:R58M123ABC", Options())

    assert "adb:HOST:PORT" in caught.value.hint


def test_a_server_is_started_where_one_is_needed(adb_server: Run) -> None:
    """The user's own program starts it, as `adb devices` would."""
    with pytest.raises(DeviceError, match="no device R58M123ABC is attached"):
        Adb().open("adb:R58M123ABC", Options())

    assert Server().runs()
    assert subprocess.run(["adb", "devices"], capture_output=True, check=True).stdout.startswith(b"List of devices")


def test_a_phone_that_was_paired_is_reached_through_the_server(
    boot: Boot, adb_server: Run, own_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wireless debugging since Android 11 speaks with paired computers only; before, it is told what to do."""
    newest = Path(adbutils.__file__).parent / "binaries"  # adb 36: older ones know nothing of pairing
    monkeypatch.setenv("PATH", f"{newest}:{os.environ['PATH']}")
    folder = own_keys / ".android"
    folder.mkdir(exist_ok=True)
    adb_server("keygen", str(folder / "adbkey"))
    known = (folder / "adbkey.pub").read_bytes()
    device = boot("android-14-rooted", tls=True, known_keys=(known,))
    address = f"127.0.0.1:{device.tls_port}"

    with pytest.raises(DeviceError, match="paired") as caught:
        Adb().open(f"adb:{address}", Options(patience=3.0))
    assert "connected" in adb_server("connect", address)
    adb_server("-s", address, "wait-for-device")
    with Adb().open(f"adb:{address}", Options(app="com.example.shop")) as source:
        found = [item.path for item in source.collect() if isinstance(item, Artifact)]

    assert f"adb connect {address}" in caught.value.hint
    assert "files/note.txt" in found


@given(st.binary(max_size=100))
def test_what_answers_in_place_of_a_server_is_told(noise: bytes) -> None:
    """Any bytes: an expected error, or no devices; and no hanging."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for _ in range(2):
                client, _ = listener.accept()
                with client, suppress(OSError):
                    client.sendall(noise)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ANDROID_ADB_SERVER_PORT", str(listener.getsockname()[1]))
            found = attached()
        thread.join()

    assert all(device.serial for device in found)
