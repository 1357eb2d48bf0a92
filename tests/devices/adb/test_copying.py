"""One stream for everything; a break costs what was on its way, and only until the connection is back."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.devices.adb.copying import Counter
from harness.errors import DeviceError

SHOP = "com.example.shop"
Boot = Take = Lay = Callable[..., Any]

MANY = {f"files/{number // 20:02}/{number:04}.bin": bytes([number % 251]) * 20_000 for number in range(200)}


def test_a_connection_that_drops_is_taken_up_again(boot: Boot, take: Take, cable: Lay) -> None:
    """Twice in the middle of the stream: every file arrives, whole."""
    cut = cable(boot("android-14-rooted", MANY))
    cut.after = [900_000, 1_300_000]
    taken = take(cut.address)

    assert taken.of(SHOP) == MANY
    assert taken.unread == []
    assert taken.source.fault is None
    assert cut.connections == 3


def test_what_arrived_before_a_cable_was_pulled_is_good(boot: Boot, take: Take, cable: Lay) -> None:
    """Whole files, at most one half; and the rest is told, so that nothing of it can pass."""
    cut = cable(boot("android-14-rooted", MANY))
    cut.after = [1_500_000, 0, 0, 0, 0]
    taken = take(cut.address, patience=1.0)

    arrived = taken.of(SHOP)
    assert 10 < len(arrived) < len(MANY)
    assert sum(data != MANY[path] for path, data in arrived.items()) <= 1
    assert all(MANY[path].startswith(data) for path, data in arrived.items())
    assert isinstance(taken.source.fault, DeviceError)
    assert taken.source.fault.hint
    assert [item for item in taken.unread if item.container == SHOP and "lost" in item.reason]


def test_progress_tells_files_and_bytes(boot: Boot, take: Take) -> None:
    """The last word is the number of files in the stream."""
    told: list[tuple[str, int, int]] = []
    take(boot("android-14-rooted", MANY).serial, progress=lambda *words: told.append(words))

    files = [done for stage, done, _ in told if stage == "files"]
    assert files == sorted(files)
    assert files[-1] >= len(MANY)
    assert max(done for stage, done, _ in told if stage == "MiB") >= sum(map(len, MANY.values())) >> 20


@pytest.mark.parametrize("size", [1, 100, 511, 512, 513, 4096, 1 << 20])
def test_files_are_counted_however_the_stream_is_cut(size: int, tmp_path: Path) -> None:
    """Folders and long names count for nothing."""
    (tmp_path / "in" / ("deep" * 30)).mkdir(parents=True)
    for number in range(7):
        (tmp_path / "in" / ("deep" * 30) / f"{number}{'x' * 60}").write_bytes(bytes(number * 700))
    tar = subprocess.run(["toybox", "tar", "-c", "-C", tmp_path, "in"], capture_output=True, check=True).stdout
    counter = Counter(lambda _stage, _done, _total: None)

    for at in range(0, len(tar), size):
        counter.take(tar[at : at + size])

    assert (counter.files, counter.bytes) == (7, len(tar))


FULL = """
import re, resource, sys
from pathlib import Path
from harness.devices.adb import Adb
from harness.devices.base import Options
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
used = int(re.search(r"VmData:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) << 10
resource.setrlimit(resource.RLIMIT_DATA, (used + (40 << 20),) * 2)
with Adb().open(sys.argv[1], Options(app="com.example.shop")) as source:
    found = [item for item in source.collect() if hasattr(item, "facts") and item.path.startswith("files/")]
    print(len(found), source.fault, source.fault.hint, sep="\\n")
"""


def test_a_full_disk_here_keeps_what_had_arrived(boot: Boot, project_root: Path) -> None:
    """The fault says what to do. Little memory is left too, else so little would not need the disk."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, "adb:" + boot("android-14-rooted", MANY).serial],
        capture_output=True,
        text=True,
        cwd=project_root,
        env=dict(os.environ),
        check=False,
    )

    assert done.returncode == 0, done.stderr
    count, fault, hint = done.stdout.splitlines()
    assert 10 < int(count) < len(MANY)
    assert "no room" in fault
    assert "TMPDIR" in hint
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_folder_that_denies_part_of_itself_is_told_file_by_file(boot: Boot, take: Take) -> None:
    """What the app may not read itself is unread; the rest arrives."""
    device = boot("android-14-debuggable", {"files/open.txt": b"x", "files/closed.txt": b"y"})
    path = f"/data/data/{SHOP}/files/closed.txt"
    device.sandbox.chown(path, 0, 0)
    device.put(path)

    taken = take(device.serial)

    assert taken.of(SHOP) == {"files/open.txt": b"x"}
    assert [(item.path, item.reason) for item in taken.unread] == [("files/closed.txt", "denied by the device")]
