"""What the harness asks of a device, and what it finds of it afterwards."""

import io
import os
import signal
import tarfile
import threading
from pathlib import Path

import pytest

from harness.emulators.android.device import AndroidDevice
from harness.emulators.walls.ports import Tier
from harness.errors import DeviceError, UsageError
from harness.sandbox import App, Attributes, Lock

_NOTE = "/data/data/com.example.notes/files/note.txt"


@pytest.fixture(params=[Tier.USER_NAMESPACE, Tier.CHROOT], ids=str)
def device(request, userland, sandbox):
    """A running stock phone; whatever its pid 1 complained about fails the test."""
    del userland
    with AndroidDevice(sandbox, tier=request.param) as running:
        yield running
        assert running.log == ""


def _names(device: AndroidDevice) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(device.export())) as tree:
        return {member.name: member for member in tree}


def test_an_export_has_owners_modes_and_bytes(device) -> None:
    """As root sees it; numbers only, no names of the machine's accounts."""
    with tarfile.open(fileobj=io.BytesIO(device.export())) as tree:
        note = tree.getmember(_NOTE[1:])
        data = tree.extractfile(note).read()

    assert data == b"Ada, ada@example.org"
    assert (note.uid, note.gid, note.mode, note.uname, note.gname) == (10123, 10123, 0o600, "", "")


def test_a_refresh_of_an_untouched_device_changes_nothing(device) -> None:
    """Every entry, with its time and its mark against backups."""
    before = list(device.sandbox.walk("/"))
    device.refresh()

    assert list(device.sandbox.walk("/")) == before


def test_what_is_put_is_there(device) -> None:
    """A sandbox that was written to afterwards reaches the running device."""
    device.sandbox.write(_NOTE, b"Grace", Attributes(mode=0o640, modified=1_700_000_000.5))
    device.sandbox.write("/sdcard/Download/list.txt", b"x")
    device.put("/data/data/com.example.notes", "/storage/emulated/0/Download")
    names = _names(device)

    assert (names[_NOTE[1:]].size, names[_NOTE[1:]].mode, names[_NOTE[1:]].mtime) == (5, 0o640, 1_700_000_000.5)
    assert names["storage/emulated/0/Download/list.txt"].gid == 1015


def test_an_app_is_installed_here_and_there(device) -> None:
    """With folders that are its own; a second time is refused and changes nothing."""
    app = App(package="com.example.late", uid=10200, debuggable=True, allow_backup=False)
    device.install(app)
    with pytest.raises(UsageError):
        device.install(app)

    assert app in device.installed()
    assert app in device.sandbox.apps
    assert _names(device)["data/data/com.example.late"].uid == 10200
    assert _names(device)["data/app/com.example.late/base.apk"].mode == 0o644


def test_after_a_restart_nobody_has_the_files_until_it_is_unlocked(device) -> None:
    """Encrypted with the credential: root has no key either. Then all is as before."""
    device.sandbox.write("/data/user_de/0/com.example.notes/files/alarm.txt", b"7:00")
    device.put("/data/user_de/0/com.example.notes")
    before = {name: (each.size, each.mode, each.uid) for name, each in _names(device).items()}
    device.lock(restart=True)
    sealed = _names(device)

    assert not [name for name in sealed if name.startswith(("data/data/", "storage/emulated/0"))]
    assert "data/user_de/0/com.example.notes/files/alarm.txt" in sealed
    with pytest.raises(DeviceError, match="not been unlocked"):
        device.refresh()
    with pytest.raises(DeviceError, match="screen is locked"):
        device.answer(allow=True)

    device.unlock()

    assert {name: (each.size, each.mode, each.uid) for name, each in _names(device).items()} == before
    assert device.sandbox.setting.lock is Lock.UNLOCKED
    device.refresh()


def test_a_device_that_starts_locked_is_locked(userland, sandbox) -> None:
    """As the sandbox says."""
    del userland
    sandbox.boot()
    with AndroidDevice(sandbox) as running:
        sealed = _names(running)
        running.unlock()
        opened = _names(running)

    assert _NOTE[1:] not in sealed
    assert _NOTE[1:] in opened


def test_a_device_that_died_is_said_to_be_gone(device) -> None:
    """At once, and not after a time-out; stopping it is still fine."""
    stub = device._container.stub
    (init,) = [
        int(listed.parent.name)
        for listed in Path("/proc").glob("[0-9]*/stat")
        if listed.read_text().rpartition(")")[2].split()[1] == str(stub)
    ]
    os.kill(init, signal.SIGKILL)
    with pytest.raises(DeviceError, match="is gone"):
        device.export()
    for _ in range(500):
        if not device.is_running():
            break
        threading.Event().wait(0.01)

    assert not device.is_running()
    device.stop()
    device.stop()


def test_requests_that_are_wrong_are_refused(device) -> None:
    """A descriptor that is missing, an install without a package: an answer, and a device that goes on."""
    for verb in ("export", "pour", "install", "answer", "dance"):
        with pytest.raises(DeviceError, match="refuses"):
            device._control.ask(verb)

    assert device.is_running()
    assert device.journal == ()
