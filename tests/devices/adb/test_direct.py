"""Straight to a device's own port: keys, dialogs, features, and what answers but is no device."""

import socket
import stat
import struct
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices.adb import Adb
from harness.devices.adb.direct import Direct
from harness.devices.adb.keys import load_keys
from harness.devices.adb.transport import run
from harness.devices.base import Options
from harness.emulators.walls.ports import Trust
from harness.errors import DeviceError

Boot = Callable[..., Any]
_WORDS = (b"OKAY", b"WRTE", b"CLSE", b"AUTH", b"CNXN", b"WHAT")


@pytest.fixture
def link(boot: Boot) -> Direct:
    return Direct("127.0.0.1", boot("android-14-rooted").port, load_keys(), patience=5.0)


def test_output_errors_and_exit_codes_come_through(link: Direct) -> None:
    """As the device gives them."""
    with closing(link):
        answer = run(link, "echo out; echo err >&2; exit 6")

    assert (answer.output, answer.error, answer.code) == (b"out\n", b"err\n", 6)


def test_what_is_given_up_does_not_disturb_what_follows(link: Direct) -> None:
    """A stream that is closed in the middle is passed over."""
    with closing(link):
        stream = link.stream("cat /dev/zero")
        next(iter(stream.chunks()))
        stream.close()

        assert run(link, "echo next").output == b"next\n"


def test_twenty_megabytes_come_whole(link: Direct) -> None:
    """More than any window."""
    with closing(link):
        assert run(link, "head -c 40000000 /dev/zero").output == bytes(40_000_000)


def test_a_key_is_made_once_and_is_nobody_elses(
    own_keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In our own folder, readable by its owner only."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (first,), (second,) = load_keys(), load_keys()

    assert first.file == tmp_path / "storage-harness" / "adbkey"
    assert first.public == second.public
    assert stat.S_IMODE(first.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.file.parent.stat().st_mode) == 0o700
    assert sorted(each.name for each in first.file.parent.iterdir()) == ["adbkey", "adbkey.pub"]


def test_a_device_that_does_not_trust_us_is_told_so(boot: Boot) -> None:
    """With what to tap; nothing hangs."""
    device = boot("android-14-stock", trust=Trust.DENY)

    with pytest.raises(DeviceError, match="unauthorised") as caught:
        Adb().open(f"adb:{device.serial}", Options(patience=1.0))

    assert "Allow" in caught.value.hint


def test_a_device_that_is_asked_waits_for_an_answer(boot: Boot) -> None:
    """And lets us in once somebody taps Allow."""
    device = boot("android-14-stock", trust=Trust.ASK)
    timer = threading.Timer(0.5, device.answer, [True])
    timer.start()

    with Adb().open(f"adb:{device.serial}", Options(patience=10.0)) as source:
        assert source.profile is not None
    timer.join()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "[::1]:1", "127.0.0.1:0", "127.0.0.1:99999"])
def test_nobody_at_an_address_is_one_line(address: str) -> None:
    """With the next step."""
    with pytest.raises(DeviceError) as caught:
        Adb().open(f"adb:{address}", Options(patience=1.0))

    assert caught.value.hint


@given(st.binary(max_size=200))
def test_what_answers_but_is_no_device_is_told(noise: bytes) -> None:
    """Any bytes: an expected error, and no hanging."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client, suppress(OSError):
                client.sendall(noise)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(DeviceError):
            Direct("127.0.0.1", listener.getsockname()[1], (), patience=0.5)
        thread.join()


_GREETING = struct.pack("<6I", 0x4E584E43, 0x01000001, 1 << 20, 27, 0, 0x4E584E43 ^ 0xFFFFFFFF)


@given(
    st.lists(st.tuples(st.sampled_from(_WORDS), st.integers(0, 3), st.binary(max_size=40)), max_size=6), st.binary()
)
def test_a_device_that_talks_nonsense_costs_one_error(said: list[tuple[bytes, int, bytes]], noise: bytes) -> None:
    """Packets out of order, of services that are not there, cut off: an expected error, or an answer; no hanging."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client, suppress(OSError):
                client.sendall(_GREETING + b"device::features=shell_v2\0\0")
                for word, number, data in said:
                    command = int.from_bytes(word, "little")
                    head = struct.pack("<6I", command, 7, number, len(data), 0, command ^ 0xFFFFFFFF)
                    client.sendall(head + data)
                client.sendall(noise)

        thread = threading.Thread(target=answer)
        thread.start()
        link = Direct("127.0.0.1", listener.getsockname()[1], (), patience=2.0)
        with closing(link), suppress(DeviceError):
            run(link, "id", patience=0.5)
        thread.join()
