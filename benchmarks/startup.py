"""Start-up: what a user waits for before anything is done, against a Python that does nothing."""

import sys
import tempfile
from statistics import median

from benchmarks.measure import Command, Table, harness_command, in_turns, ratio
from benchmarks.setting import Setting

__all__ = ["bench"]


def bench(setting: Setting) -> None:
    """`--version`, `--help` and the scan of an empty folder."""
    with tempfile.TemporaryDirectory() as empty:
        costs = in_turns(
            {
                "python -c pass": Command((sys.executable, "-c", "pass")),
                "--version": harness_command("--version"),
                "--help": harness_command("--help"),
                "scan of an empty folder": harness_command("scan", "--json", "-q", empty),
            },
            setting.runs * 2,
        )
    table = Table(
        "start-up (goal: --version under 0.25 s)", "command", "CPU against python -c pass", "CPU s", "wall s"
    )
    for name, spent in costs.items():
        cpu, wall = median(each.cpu for each in spent), median(each.wall for each in spent)
        table.row(name, ratio(spent, costs["python -c pass"]), cpu, wall)
    table.show()
