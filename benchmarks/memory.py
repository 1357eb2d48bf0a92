"""Peak memory of a scan, by size of the storage: it must not grow with it."""

from statistics import median

from benchmarks.measure import Table, harness_command, in_turns
from benchmarks.setting import Setting

__all__ = ["bench"]

_SIZES = (1, 4)
"""Times the chosen size."""


def bench(setting: Setting) -> None:
    """The largest resident set of the whole process, mapped files counted."""
    table = Table("peak memory of scan --json", "storage", "peak MiB", "of it above an empty scan")
    empty = setting.work / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    sizes = {f"{setting.mb * times} MB": setting.storage(setting.mb * times).data for times in _SIZES}
    folders = {"an empty folder": empty, **sizes}
    costs = in_turns(
        {name: harness_command("scan", "--json", "-q", str(each)) for name, each in folders.items()},
        max(1, setting.runs // 2),
    )
    floor = median(each.peak for each in costs["an empty folder"])
    for name, spent in costs.items():
        peak = median(each.peak for each in spent)
        table.row(name, f"{peak / 2**20:.0f}", f"{(peak - floor) / 2**20:.0f}")
    table.show()
