"""Where reports go: to a place that is tried before the work, never over something else, never into the next scan."""

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """An app that stores nothing personal."""
    folder = tmp_path / "clean"
    folder.mkdir()
    (folder / "settings.json").write_text('{"theme": "dark", "volume": 7}')
    return folder


def test_runs_of_one_second_do_not_collide(run: Run, clean: Path, tmp_path: Path) -> None:
    """Each has a folder of its own, and keeps its verdict."""
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: run("scan", clean, "-q"), range(4)))

    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 4
    folders = list((tmp_path / "reports").iterdir())
    assert len(folders) == 4
    assert all({path.name for path in folder.iterdir()} == {"report.html", "result.json"} for folder in folders)


def test_a_place_that_cannot_be_written_is_refused_before_the_work(run: Run, clean: Path, tmp_path: Path) -> None:
    """By the folder in the user's way, with what to do; the source, which is not there, was never asked for."""
    (tmp_path / "reports").write_text("in the way")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")

    for arguments in (("-q",), ("--out", "reports"), ("--out", "reports/below"), ("--out", "taken")):
        done = run("scan", "nowhere", *arguments)
        assert done.returncode == 3
        assert "nowhere" not in done.stderr
        assert "--out" in done.stderr
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["mine.txt"]


def test_a_failed_run_leaves_no_folder(run: Run, tmp_path: Path) -> None:
    """Neither the one that it made, nor those above."""
    assert run("scan", "nowhere").returncode == 3
    assert run("scan", "nowhere", "--out", "a/b/c").returncode == 3

    assert not (tmp_path / "reports").exists()
    assert not (tmp_path / "a").exists()


def test_force_replaces_reports_and_nothing_else(run: Run, clean: Path, tmp_path: Path) -> None:
    """A workspace that is kept can be scanned again; what is not ours stays."""
    assert run("scan", clean, "--out", "report", "--format", "html,json,junit", "-q").returncode == 0
    refused = run("scan", clean, "--out", "report", "-q")
    again = run("scan", clean, "--out", "report", "-q", "--force")
    names = {path.name for path in (tmp_path / "report").iterdir()}
    (tmp_path / "report" / "notes.txt").write_text("mine")
    kept = run("scan", clean, "--out", "report", "-q", "--force")

    assert (refused.returncode, again.returncode, kept.returncode) == (3, 0, 3)
    assert "--force" in refused.stderr
    assert names == {"report.html", "result.json"}
    assert (tmp_path / "report" / "notes.txt").exists()


def test_our_own_reports_are_no_part_of_a_source(run: Run, clean: Path, tmp_path: Path) -> None:
    """They are named as passed over, and the second scan of a folder says what the first said."""
    folder = clean / "reports" / "earlier"
    (clean / "a.json").write_text('{"mail": "jane.roe@example.org"}')
    first = run("scan", clean, "--json", "--out", folder)
    second = run("scan", clean, "--json")

    before, after = json.loads(first.stdout), json.loads(second.stdout)
    assert [each["path"] for each in after["coverage"]["files"]] == ["a.json", "settings.json"]
    assert before["findings"] == after["findings"]
    assert [(each["path"], each["expected"]) for each in after["unread"]] == [("reports/earlier", True)]


def test_a_folder_that_only_looks_like_ours_is_read(run: Run, clean: Path) -> None:
    """A file beside the result that no report is called takes the exception away."""
    odd = clean / "reports"
    odd.mkdir()
    (odd / "result.json").write_text('{"schema": "urn:storage-harness:result:1", "mail": "jane.roe@example.org"}')
    (odd / "more.json").write_text("{}")

    assert run("scan", clean, "-q").returncode == 1


def test_a_result_says_what_was_promised(run: Run, clean: Path) -> None:
    """A verdict hangs on the mode and on the SDK, so they are in it; nothing is called simulated for it."""
    asked = ("--mode", "identifier-only", "--sdk", "careful")
    done = run("scan", clean, *asked, "--json", "--out", "r", "--format", "json")
    told = " ".join(run("report", "r/result.json").stdout.split())

    assert json.loads(done.stdout)["scenario"] == {"mode": "identifier-only", "sdk": "careful"}
    assert "SDK careful, storage mode identifier-only" in told
    assert "SIMULATED" not in told
