"""Decoding everything against sweeping: what `values` costs, and why a scan does not do it."""

from statistics import median

from benchmarks.measure import Table, harness_command, in_turns, ratio
from benchmarks.setting import Setting

__all__ = ["bench"]


def bench(setting: Setting) -> None:
    """MB a second of both, by CPU."""
    storage = setting.storage()
    path = str(storage.data)
    costs = in_turns(
        {
            "scan --json": harness_command("scan", "--json", "-q", path),
            "values --reveal -": harness_command("values", "--reveal", "-", path),
            "scan --json --deep": harness_command("scan", "--json", "-q", "--deep", path),
        },
        max(1, setting.runs // 2),
    )
    table = Table("decoding everything", "command", "CPU against scan", "MB/s of CPU")
    for name, spent in costs.items():
        table.row(name, ratio(spent, costs["scan --json"]), storage.size / 1e6 / median(each.cpu for each in spent))
    table.show()
