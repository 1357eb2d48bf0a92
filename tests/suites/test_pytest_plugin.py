"""The plug-in in somebody else's suite: what a failure says, and what a mistyped option does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.commands._emulated import running
from harness.profiles import load_profile

SUITE = """
def test_nothing_personal_is_left(storage):
    storage.expect_pass(storage.scan("app"))
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of one test, beside the folder that it scans."""
    (tmp_path / "test_storage.py").write_text(SUITE)
    (tmp_path / "app").mkdir()
    return tmp_path


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": "", "COLUMNS": "140"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
    )


def test_a_failure_lists_class_mask_and_place_one_a_line(suite: Path) -> None:
    """No `repr` of ours, no traceback of ours, no stored value; what is alike is one line."""
    rows = ", ".join(f'{{"mail": "user{row}@example.com"}}' for row in range(30))
    (suite / "app" / "a.json").write_text(f'{{"rows": [{rows}], "ssn": "219-09-9999"}}')
    done = run(suite)

    assert done.returncode == 1
    assert "FAIL plaintext: No personal data is readable in private storage: 1 of 1 file: " in done.stdout
    assert "Email u***@example.com and 29 more at a.json /rows/*/mail: stored in plain text" in done.stdout
    for text in ("Finding(", "Traceback", "harness/", "user7@", "219-09"):
        assert text not in done.stdout


def test_clean_storage_passes_and_nothing_seen_does_not(suite: Path) -> None:
    """Inconclusive is no pass in a suite either."""
    assert "INCONCLUSIVE" in run(suite).stdout
    (suite / "app" / "a.json").write_text('{"theme": "dark"}')

    assert run(suite).returncode == 0


@pytest.mark.parametrize("option", ["--harness-profile", "--harness-persona", "--harness-key-file"])
def test_an_option_that_names_nothing_ends_the_run_in_a_line(suite: Path, option: str) -> None:
    """Before a test does."""
    done = run(suite, f"{option}=there/no-such")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {option}: " in done.stderr
    assert "there/no-such" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


ON_DEVICES = """
import pytest

from harness.commands._emulated import running
from harness.profiles import load_profile
from harness.errors import DeviceError

def test_what_an_app_process_stored_is_found(storage):
    report = storage.scan()
    assert {finding.type for finding in report.findings} >= {"EMAIL", "CARD"}
    assert report.source.startswith(("emulated:", "adb:"))

def test_a_careful_sdk_passes_in_its_mode(storage):
    with storage.emulate("careful", mode="masked", profile="android-14-debuggable") as phone:
        storage.expect_pass(storage.scan(phone, app="com.example.shop", mode="masked"))

def test_an_app_that_is_not_there_is_an_error(storage):
    with pytest.raises(DeviceError, match="not installed"):
        storage.scan(app="com.example.nothing")
"""


@pytest.fixture
def on_devices(tmp_path: Path) -> Path:
    """A suite that names no source of its own."""
    (tmp_path / "test_devices.py").write_text(ON_DEVICES)
    return tmp_path


def test_a_suite_runs_on_an_emulated_device_and_unchanged_on_one_over_adb(on_devices: Path) -> None:
    """Without a phone in CI, and on whatever adb reaches: only the option differs."""
    emulated = run(on_devices, "--harness-source=emulated:android-14-rooted", "--harness-app=com.example.shop")
    with running(load_profile("android-14-userdebug")) as device:
        by_adb = run(on_devices, f"--harness-source=adb:{device.serial}", "--harness-allow-changes")

    assert (emulated.returncode, by_adb.returncode) == (0, 0), emulated.stdout + by_adb.stdout
    assert "3 passed" in emulated.stdout


def test_a_suite_without_a_source_is_told_where_to_name_one(on_devices: Path) -> None:
    """Nothing is chosen for the user."""
    done = run(on_devices, "-k", "stored_is_found")

    assert done.returncode == 1
    assert "nothing to scan is named" in done.stdout
    assert "--harness-source" in done.stdout
