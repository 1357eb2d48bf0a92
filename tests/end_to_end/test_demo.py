"""The demo: what it shows of emulated devices, and what it does where there can be none."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from harness.emulators.android.userland import missing

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_phones_are_side_by_side(run: Run, tmp_path: Path) -> None:
    """What was tried at each, what each said, and who reads what; the app wrote its files on the device."""
    assert missing() == (), "; ".join(f"{each.what}: {each.how}" for each in missing())
    done = run("demo", "--out", "out")
    rows = {line[:18].strip(): line[18:] for line in done.stdout.partition("three emulated devices")[2].splitlines()}

    assert done.returncode == 0, done.stderr
    assert "yes: uid=0(root)" in rows["tried: su"]
    assert "no: E: /system/bin/sh: su:" in rows["tried: su"]
    assert "no: package not debuggable" in rows["tried: run-as"]
    assert rows["Root: files"].split() == [
        *("reads", "12", "of", "12", "kinds"),
        *("held", "off"),
        *("reads", "12", "of", "12", "kinds"),
    ]
    for device, way in (
        ("android-14-rooted", "root_files"),
        ("android-14-stock", "backup"),
        ("ios-16-jailbroken", "root_files"),
    ):
        result = json.loads((tmp_path / "out" / f"emulated-{device}" / "result.json").read_text())
        assert result["source"] == f"emulated:{device}"
        assert {row[way]["cell"] for row in result["exposure"].values()} >= {"exposed"}
    assert not list((tmp_path / "out").glob("memory-*"))


def test_without_devices_it_says_what_to_install(run: Run, tmp_path: Path) -> None:
    """And what it shows instead is called in memory; it has done its job all the same."""
    done = run("demo", "--out", "out", PATH=str(tmp_path))

    assert done.returncode == 0, done.stderr
    for package in ("toybox", "mksh", "util-linux"):
        assert f"is missing: apt-get install {package}\n" in done.stdout
    assert "on devices in memory instead" in done.stdout
    assert "emulated devices, taken as from phones" not in done.stdout
    result = json.loads((tmp_path / "out" / "memory-android-14-stock" / "result.json").read_text())
    assert result["source"].startswith("simulated:")
    assert not list((tmp_path / "out").glob("emulated-*"))
