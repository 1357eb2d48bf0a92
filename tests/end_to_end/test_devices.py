"""Emulated devices from the command line: booted, reached, scanned, and gone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.emulators.android.userland import missing

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module", autouse=True)
def able() -> None:
    lacking = [f"{each.what}: {each.how}" for each in missing()]
    if lacking:
        pytest.fail("emulated Android devices cannot run here; " + "; ".join(lacking), pytrace=False)


def test_the_same_app_falls_open_on_a_rooted_phone_and_is_held_on_a_stock_one(run: Run) -> None:
    """One app, one scenario, two devices: what differs is what the device allows."""
    rooted = run("scan", "emulated:android-14-rooted", "--json")
    stock = run("scan", "emulated:android-14-stock", "--json")

    assert rooted.returncode == 1, rooted.stderr
    assert _readers(json.loads(rooted.stdout)) >= {"root_files", "root_code"}
    assert "root_files" not in _readers(json.loads(stock.stdout))
    assert json.loads(stock.stdout)["source"] == "emulated:android-14-stock"


def _readers(result: dict[str, Any]) -> set[str]:
    return {
        access for row in result["exposure"].values() for access, cell in row.items() if cell["cell"] == "exposed"
    }


def test_an_emulated_device_is_printed_reached_and_ends_with_ctrl_c(run: Run, tmp_path: Path) -> None:
    """The line that it prints is the one that connects; a snapshot of it scans like the device."""
    environment = {**os.environ, "HOME": str(tmp_path / "home")}
    device = subprocess.Popen(
        [sys.executable, "-m", "harness", "emulate", "android-14-rooted"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert device.stdout is not None
    words = device.stdout.readline().split()

    taken = run("acquire", f"adb:{words[2]}", "--app", "com.example.shop", "--out", tmp_path / "snap")
    device.send_signal(signal.SIGINT)
    rest, complaint = device.communicate(timeout=20)

    assert words[:2] == ["adb", "connect"]
    assert taken.returncode == 0, taken.stderr
    assert run("scan", tmp_path / "snap", "--json").returncode == 1
    assert (device.returncode, rest) == (130, "")
    assert "Traceback" not in complaint


def test_the_app_of_an_emulated_device_wrote_its_files_itself(run: Run, tmp_path: Path) -> None:
    """Its process is in the log that is taken with them."""
    done = run("acquire", "emulated:android-14-rooted", "--app", "com.example.shop", "--out", tmp_path / "snap")

    assert done.returncode == 0, done.stderr
    taken = [path.read_bytes() for path in (tmp_path / "snap").rglob("*") if path.is_file()]
    assert any(b":com.example.shop/u0a123 for activity" in data for data in taken)


def test_an_app_that_is_not_there_is_one_line(run: Run) -> None:
    """Exit 4, with those that are."""
    done = run("scan", "emulated:android-14-rooted", "--app", "com.example.nothing")

    assert done.returncode == 4
    assert "not installed" in done.stderr
    assert "com.example.shop" in done.stderr
    assert done.stdout == ""
