"""`--jobs` changes how long it takes and nothing else; `-v` tells what is done, and nothing that is stored."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def app(run: Run, tmp_path: Path) -> Path:
    """What a simulated SDK left, with damage and enough beside it for several runs."""
    run("simulate", "--sdk", "forgetful", "--mode", "plain", "--into", "app")
    for number in range(40):
        text = json.dumps({"mail": f"user{number}@example.com", "pad": "x" * 30_000, "to": ["+44 7700 900123"]})
        (tmp_path / "app" / f"extra-{number:02}.json").write_text(text[: -number % 3 or None])
    return tmp_path / "app"


def test_more_processes_give_the_same_bytes(run: Run, app: Path) -> None:
    """Of the report and of the values, but for the object that holds the times."""
    documents = []
    for jobs in (1, 2, 5):
        done = run("scan", app, "--persona", "app.persona.toml", "--deep", "--json", "--jobs", jobs)
        assert done.returncode == 1, done.stderr
        documents.append({**json.loads(done.stdout), "run": None})
    values = [run("values", app, "--jobs", jobs) for jobs in (1, 3)]

    assert documents[0] == documents[1] == documents[2]
    assert len(documents[0]["findings"]) > 40
    assert values[0].stdout == values[1].stdout
    assert values[0].returncode == values[1].returncode


@pytest.mark.parametrize("command", [("scan", "--json"), ("values",), ("acquire", "--out", "snap")])
def test_verbose_tells_steps_and_no_stored_value(run: Run, app: Path, command: tuple[str, ...]) -> None:
    """On stderr, beside a stdout that stays as it was."""
    name, *options = command
    quiet = run(name, app, *options)
    told = run(name, app, *options, "-v")

    assert quiet.stderr == ""
    assert "source: " in told.stderr
    assert ": begins" in told.stderr
    assert "@" not in told.stderr
    assert "7700" not in told.stderr
    if name != "scan":
        assert told.stdout == quiet.stdout


def test_verbose_tells_which_ways_into_a_device_were_tried(run: Run) -> None:
    """With the answer to each."""
    told = run("scan", "emulated:android-14-rooted", "-q", "-v", "--jobs", "2")

    assert told.returncode == 1
    assert "2 processes" in told.stderr
    assert "su: `su -c id`: uid=0(root)" in told.stderr
    assert "not asked: it restarts the bridge" in told.stderr


def test_jobs_that_make_no_sense_are_refused(run: Run) -> None:
    """One line, exit 3."""
    done = run("scan", ".", "--jobs", "0")

    assert done.returncode == 3
    assert "--jobs" in done.stderr
