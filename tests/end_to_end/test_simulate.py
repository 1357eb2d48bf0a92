"""`storage-harness simulate` as people and scripts meet it."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

DAY = """\
[[event]]
do = "login"
[[event]]
do = "offline"
[[event]]
do = "push-event"
label = "Viewed"
properties = { who = "{email}" }
repeat = 20
[[event]]
do = "upgrade"
version = "8.2.0"
"""


def test_everything_that_there_is_is_listed(run: Run) -> None:
    """As a table and as JSON; versions that are alike stand together."""
    rows = json.loads(run("simulate", "--list", "--json").stdout)
    one = json.loads(run("simulate", "--list", "--sdk", "clevertap", "--json").stdout)
    table = run("simulate", "--list", "--sdk", "clevertap", COLUMNS="140").stdout

    assert {row["sdk"] for row in rows} >= {"careful", "clevertap", "forgetful"}
    assert one == [row for row in rows if row["sdk"] == "clevertap"]
    [first] = [row for row in one if row["mode"] == "encrypted" and "7.1.2" in row["versions"]]
    assert (first["levels"], first["platform"]) == ([1], "android")
    assert "5.1.0" not in first["versions"]
    assert "5.2.0 to 7.6.0" in table
    assert (first["device_ids"], first["extras"]) == (["random", "advertising", "custom"], ["geofence"])
    assert all(
        {"sdk", "versions", "platform", "mode", "levels", "device_ids", "extras"} == row.keys() for row in rows
    )


def test_a_file_says_what_happens(run: Run, tmp_path: Path) -> None:
    """Through an upgrade; the scan that is printed finds the person in the queue, and who wrote it."""
    (tmp_path / "day.toml").write_text(DAY, encoding="utf-8")
    done = run(
        *("simulate", "--sdk", "clevertap", "--sdk-version", "7.1.2", "--mode", "encrypted", "--level", "1"),
        *("--scenario", "day.toml", "--new-persona", "--app", "org.example.other", "--into", "left"),
    )
    assert done.returncode == 0, done.stderr
    _, _, following = done.stdout.splitlines()[-1].partition("storage-harness ")
    result = json.loads(run(*shlex.split(following), "--json").stdout)

    [persona] = tmp_path.glob("*.persona.toml")
    assert persona.name == "left.persona.toml"
    assert (tmp_path / "left" / "databases" / "clevertap").stat().st_mode & 0o777 == 0o660
    assert any("/events/" in finding["where"]["locator"] for finding in result["findings"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--sdk", "clevertap", "--sdk-version", "5.1.0", "--mode", "encrypted"), "Modes: plain"),
        (("--sdk", "clevertap", "--sdk-version", "9"), "8.2.0"),
        (("--sdk", "clevertap", "--sdk-version", "7.1.2", "--mode", "encrypted", "--level", "2"), "Levels: 1."),
        (("--sdk", "clevertap", "--mode", "plain", "--level", "1"), "Levels: 0."),
        (("--sdk", "careful", "--level", "1"), "leave the level out"),
        (("--sdk", "clevertap", "--profile", "ios-16-jailbroken"), "Android"),
        (
            ("--sdk", "clevertap", "--sdk-version", "3.4.0", "--device-id", "custom"),
            "Device ids: random, advertising.",
        ),
        (("--sdk", "careful", "--device-id", "advertising"), "takes no advertising id"),
        (("--sdk", "clevertap", "--device-id", "random", "--custom-id", "x"), "exclude each other"),
        (("--sdk", "clevertap", "--persona", "nobody.toml", "--device-id", "custom"), "the persona has no `email`"),
        (("--sdk", "clevertap", "--extra", "inbox"), "Extras: geofence."),
        (("--sdk", "careful", "--extra", "geofence"), "It has none."),
        (("--sdk", "careful", "--app", "../x"), "no identifier"),
        (("--sdk", "careful", "--scenario", "day.toml"), "day.toml, line 2"),
        (("--sdk", "clevertap", "--scenario", "upgrade.toml"), "no version 99"),
        (("--sdk", "clevertap", "--scenario", "level.toml"), "Levels: 0, 1, 2."),
        ((), "--sdk is missing"),
        (("--sdk", "careful", "--device", "emulated:android-14-rooted"), "either"),
    ],
)
def test_what_there_is_not_is_bad_usage(run: Run, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    """Exit 3 with what there is, and nothing is written."""
    (tmp_path / "day.toml").write_text('[[event]]\ndo = "nothing"\n', encoding="utf-8")
    (tmp_path / "upgrade.toml").write_text('[[event]]\ndo = "upgrade"\nversion = "99"\n', encoding="utf-8")
    (tmp_path / "nobody.toml").write_text('[person]\nname = "Jane Roe"\n', encoding="utf-8")
    (tmp_path / "level.toml").write_text('[[event]]\ndo = "level"\nlevel = 7\n', encoding="utf-8")
    done = run("simulate", *arguments, "--into", "x")

    assert done.returncode == 3
    assert says in done.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        (("--device-id", "advertising"), "__g"),
        (("--device-id", "custom"), "__h"),
        (("--custom-id", "customer-1"), "__hcustomer-1"),
        (("--device-id", "random"), "__"),
    ],
)
def test_an_id_is_made_of_what_one_says(run: Run, tmp_path: Path, arguments: tuple[str, ...], holds: str) -> None:
    """And the module beside the SDK writes its own files."""
    call = ("simulate", "--sdk", "clevertap", "--mode", "identifier-only", "--into", "x")
    done = run(*call, *arguments, "--extra", "geofence")
    text = (tmp_path / "x" / "shared_prefs" / "WizRocket.xml").read_text(encoding="utf-8")

    assert done.returncode == 0, done.stderr
    assert f'name="deviceId:TEST-000-0000">{holds}' in text
    assert (tmp_path / "x" / "files" / "geofence" / "geofence_settings.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 3, "either --into FOLDER or --device"),
        (("--device", "adb:127.0.0.1:5555"), 3, "emulated:PROFILE"),
        (("--device", "emulated:nokia-3310"), 3, "nokia-3310"),
        (("--device", "emulated:ios-17-simulator"), 4, "cannot be emulated"),
        (("--device", "emulated:android-14-stock", "--profile", "android-14-rooted"), 3, "two kinds"),
    ],
)
def test_where_it_cannot_happen_is_told(run: Run, arguments: tuple[str, ...], code: int, says: str) -> None:
    """A phone is never written to."""
    done = run("simulate", "--sdk", "careful", *arguments)

    assert done.returncode == code
    assert says in done.stderr


def test_it_happens_on_an_emulated_device(run: Run, tmp_path: Path) -> None:
    """Which says how to reach it and stays until Ctrl-C; what one takes of it is what the SDK left there."""
    (tmp_path / "day.toml").write_text(DAY, encoding="utf-8")
    call = ["simulate", "--sdk", "clevertap", "--sdk-version", "7.1.2", "--scenario", "day.toml"]
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *call, "--device", "emulated:android-14-rooted"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert process.stdout is not None
    try:
        connect, persona, following = (process.stdout.readline().strip() for _ in range(3))
        scan = run(*shlex.split(following.partition("storage-harness ")[2]), "--app", "com.example.shop", "--json")
    finally:
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=60)

    assert connect.startswith("adb connect 127.0.0.1:"), complaint
    assert persona == "persona: emulated-android-14-rooted.persona.toml"
    result = json.loads(scan.stdout)
    assert any("/events/" in finding["where"]["locator"] for finding in result["findings"])
    assert process.returncode == 130
