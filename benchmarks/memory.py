"""Peak memory of a scan, by size of the storage: what the process itself holds must not grow with it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.measure import Command, Table, harness_command, in_turns
from benchmarks.setting import Setting

__all__ = ["bench"]

_SIZES = (1, 4)
"""Times the chosen size."""
_PAUSE = 0.02


def bench(setting: Setting) -> None:
    """The largest resident set of the whole process, mapped files counted; and of it what is no file."""
    table = Table("peak memory of scan --json", "storage", "peak MiB", "of it above an empty scan", "private MiB")
    empty = setting.work / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    sizes = {f"{setting.mb * times} MB": setting.storage(setting.mb * times).data for times in _SIZES}
    folders = {"an empty folder": empty, **sizes}
    commands = {name: harness_command("scan", "--json", "-q", str(each)) for name, each in folders.items()}
    costs = in_turns(commands, max(1, setting.runs // 2))
    floor = median(each.peak for each in costs["an empty folder"])
    for name, spent in costs.items():
        peak = median(each.peak for each in spent)
        private = f"{_private(commands[name]) / 2**20:.0f}" if sys.platform == "linux" else "not told here"
        table.row(name, f"{peak / 2**20:.0f}", f"{(peak - floor) / 2**20:.0f}", private)
    table.show()


def _private(command: Command) -> int:
    """The most of its own memory that was seen, in bytes: files that are mapped are not in it."""
    process = subprocess.Popen(command.words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = _followed(process.poll, Path(f"/proc/{process.pid}/status"))
    if process.returncode not in command.good:
        raise SystemExit(f"`{' '.join(command.words)}` ended with exit code {process.returncode}")
    return most


def _followed(ended: Callable[[], int | None], status: Path) -> int:
    most = 0
    while ended() is None:
        for line in status.read_text("ascii", "replace").splitlines():
            if line.startswith("RssAnon:"):
                most = max(most, int(line.split()[1]) * 1024)
        time.sleep(_PAUSE)
    return most
