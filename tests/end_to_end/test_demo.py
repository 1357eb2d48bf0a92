"""The demo: what it shows of emulated devices, and what it does where there can be none."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from harness.emulators.android.userland import missing

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_phones_are_side_by_side(run: Run, tmp_path: Path) -> None:
    """What was tried at each, what each said, and who reads what; the app wrote its files on the device."""
    assert missing() == (), "; ".join(f"{each.what}: {each.how}" for each in missing())
    done = run("demo", "--out", "out")
    rows = _rows(done.stdout.partition("three emulated devices")[2].splitlines())

    assert done.returncode == 0, done.stderr
    assert "yes: uid=0(root)" in rows["tried: su"][0]
    assert "su: inaccessible" in rows["tried: su"][1]
    assert "no: package not debuggable" in rows["tried: run-as"][1]
    assert rows["Root: files"] == ["reads 12 of 12 kinds", "held off", "reads 12 of 12 kinds"]
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


def _rows(table: list[str]) -> dict[str, list[str]]:
    """Cells by the first one of their row, with what was folded into further lines joined again."""
    header = next(line for line in table if "android-14-rooted" in line)
    starts = [found.start() for found in re.finditer(r"\S+", header)]
    rows: dict[str, list[str]] = {}
    name = ""
    for line in table[table.index(header) + 1 :]:
        if not line.strip():
            break
        name = line[: starts[0]].strip() or name
        ends = [*starts[1:], len(line)]
        for column, (start, end) in enumerate(zip(starts, ends, strict=True)):
            cells = rows.setdefault(name, [""] * len(starts))
            cells[column] = f"{cells[column]} {line[start:end].strip()}".strip()
    return rows
