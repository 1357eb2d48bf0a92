"""What goes wrong with a device is one line with the next step and exit 4; what had arrived stays of use."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.emulators.android.device import AndroidDevice
from harness.emulators.android.userland import missing
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SHOP = "com.example.shop"
MANY = {f"files/{number:03}.txt": b"line %d\n" % number * 8_000 for number in range(150)}


@pytest.fixture(scope="module", autouse=True)
def able() -> None:
    lacking = [f"{each.what}: {each.how}" for each in missing()]
    if lacking:
        pytest.fail("emulated Android devices cannot run here; " + "; ".join(lacking), pytrace=False)


@pytest.fixture
def phone() -> Iterator[AndroidDevice]:
    """Rooted, with many files."""
    sandbox = Sandbox(load_profile("android-14-rooted"))
    sandbox.install(App(package=SHOP, uid=10123))
    for path, data in MANY.items():
        sandbox.write(f"/data/data/{SHOP}/{path}", data)
    with AndroidDevice(sandbox) as device:
        yield device


def one_line_and_a_hint(done: "subprocess.CompletedProcess[str]") -> str:
    """What was said of the fault, after what was told of files."""
    assert done.returncode == 4, done.stderr
    lines = done.stderr.splitlines()
    assert lines[-2].startswith("storage-harness: ")
    assert lines[-1].startswith("  hint: ")
    return "\n".join(lines[-2:])


def test_a_phone_that_was_not_unlocked_since_it_booted_is_told_to_be(run: Run, phone: AndroidDevice) -> None:
    """By scan and by acquire; what was acquired is no pass."""
    phone.lock(restart=True)

    assert "screen lock" in one_line_and_a_hint(run("scan", f"adb:{phone.serial}", "--app", SHOP))
    assert "screen lock" in one_line_and_a_hint(run("acquire", f"adb:{phone.serial}", "--out", "snap"))
    assert run("scan", "snap", "-q").returncode == 2


CRAMPED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv[1:] = sys.argv[2:]
from harness.__main__ import main
main()
"""
"""The command with a disk that takes no larger file than so many bytes."""


def on_a_small_disk(folder: Path, size: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """The command with `disk/`, a file system of that size, in its folder; `TMPDIR` is elsewhere."""
    (folder / "disk").mkdir(exist_ok=True)
    script = f'mount -t tmpfs -o size={size} none disk && "$@"; code=$?; cp -R disk/. kept; exit $code'
    inside = ["unshare", "--mount", *(["--user", "--map-root-user"] if os.geteuid() else []), "sh", "-c", script, "-"]
    environment = {**os.environ, "HOME": str(folder / "home"), "XDG_CONFIG_HOME": ""}
    return subprocess.run(
        [*inside, sys.executable, "-m", "harness", *words],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_fits_on_a_full_disk_is_a_snapshot(phone: AndroidDevice, run: Run, tmp_path: Path) -> None:
    """It says what is missing, scans, and is never a pass; with room again the same command completes it."""
    (tmp_path / "kept").mkdir()
    done = on_a_small_disk(tmp_path, "4m", "acquire", f"adb:{phone.serial}", "--out", "disk/snap")

    assert "no room left for the snapshot" in one_line_and_a_hint(done)
    manifest = json.loads((tmp_path / "kept/snap/manifest.json").read_text())
    stored = {each["path"] for each in manifest["files"] if each["container"] == SHOP}
    missed = {each["path"] for each in manifest["unread"] if each["container"] == SHOP}
    assert 10 < len(stored) < len(MANY)
    assert stored | missed == MANY.keys()
    assert run("scan", "kept/snap", "-q").returncode == 2

    assert run("acquire", f"adb:{phone.serial}", "--out", "kept/snap").returncode == 0
    assert run("scan", "kept/snap", "-q").returncode == 0


def test_a_report_that_does_not_fit_is_shown_all_the_same(tmp_path: Path) -> None:
    """The scan was done: what it came to is on the terminal, and the disk is to blame."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "app").mkdir()
    (tmp_path / "app/a.json").write_text('{"mail": "jane@example.org"}')
    done = on_a_small_disk(tmp_path, "8k", "scan", "app", "--out", "disk/report")

    assert "no room left for the reports" in one_line_and_a_hint(done)
    assert "FAIL" in done.stdout
    assert "Reports:" not in done.stdout
    assert list((tmp_path / "kept").rglob("*.json")) == []


def test_a_file_too_large_for_the_disk_does_not_take_the_others_with_it(run: Run, tmp_path: Path) -> None:
    """Whatever the source: what came before it is kept."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/a.txt").write_text("a")
    (tmp_path / "app/large.bin").write_bytes(bytes(3_000_000))
    done = subprocess.run(
        [sys.executable, "-c", CRAMPED, "1000000", "acquire", "app", "--out", "snap"],
        cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path / "home")}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "larger disk" in one_line_and_a_hint(done)
    assert "large.bin: no room was left for it" in done.stderr
    assert [each["path"] for each in json.loads((tmp_path / "snap/manifest.json").read_text())["files"]] == ["a.txt"]


def test_several_devices_and_none_named_asks_for_one(run: Run) -> None:
    """None is ever chosen for the user."""
    assert "is named" in one_line_and_a_hint(run("scan", "adb:", ANDROID_ADB_SERVER_PORT="1"))


def test_a_terminal_shows_files_and_bytes_as_they_come(phone: AndroidDevice, tmp_path: Path) -> None:
    """Both counts move, and end at what there is."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "100"}
    words = ["acquire", f"adb:{phone.serial}", "--out", str(tmp_path / "snap")]
    with subprocess.Popen(
        [sys.executable, "-m", "harness", *words], stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    ) as running:
        os.close(theirs)
        shown = b""
        try:
            while data := os.read(ours, 65536):
                shown += data
        except OSError:  # the other end of a terminal that is closed
            pass
        os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())

    assert running.returncode == 0
    counts = {stage: int(done.replace(",", "")) for stage, done in re.findall(r"(files|MiB) \S+ +([\d,]+) ", text)}
    assert counts["files"] >= len(MANY)
    assert counts["MiB"] >= sum(map(len, MANY.values())) >> 20
