"""Speed with recall: a scan against reading alone, and against searching for the same six classes by grep."""

import tempfile
from pathlib import Path
from statistics import median

from benchmarks import recall
from benchmarks.measure import Command, Cost, Table, harness_command, in_turns, missing, ratio, run
from benchmarks.setting import Setting, Storage

__all__ = ["bench"]

_UUID = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
EXPRESSIONS = (
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    r"\+[1-9][0-9 ().-]{7,16}[0-9]",
    r"\(?[2-9][0-9]{2}\)?[ .-][0-9]{3}[ .-][0-9]{4}",
    r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}",
    r"3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}",
    r"[0-9]{3}-[0-9]{2}-[0-9]{4}",
    r"(advertising_id|gaid|idfa)[^0-9A-Za-z]{1,8}" + _UUID,
    r"-?[0-9]{1,3}\.[0-9]{4,}, ?-?[0-9]{1,3}\.[0-9]{4,}",
)
"""The six classes (two spellings each for phones and cards) as one would type them."""


def bench(setting: Setting) -> None:
    """CPU and recall of each contender, in one table."""
    storage = setting.storage()
    path, searched = str(storage.data), "|".join(EXPRESSIONS)
    found = frozenset({0, 1})
    ours = ("scan", "--json", "-q", path)
    contenders = {
        "ours": harness_command(*ours),
        "ours, person known": harness_command(*ours, "--persona", str(storage.persona)),
        "cat > /dev/null": Command(("sh", "-c", f"find '{path}' -type f -print0 | xargs -0 cat > /dev/null")),
        "grep -raoE": Command(("env", "LC_ALL=C", "grep", "-raoZE", searched, path), found),
        "rg -ao": Command(
            (
                "rg",
                "-aoj1",
                "--null",
                "--no-heading",
                "-NIH",
                "--no-unicode",
                "--no-ignore",
                "--hidden",
                searched,
                path,
            ),
            found,
        ),
        "bulk_extractor": Command(("bulk_extractor",)),
    }
    gone = {
        "grep -raoE": missing("grep", "grep"),
        "rg -ao": missing("rg", "ripgrep"),
        "bulk_extractor": missing("bulk_extractor", "bulk-extractor")
        or "here, and not compared: its output is not read",
    }
    here = {name: command for name, command in contenders.items() if not gone.get(name)}
    _speed(storage, in_turns(here, setting.runs), gone)
    _thoroughness(storage, {name: here[name] for name in ("grep -raoE", "rg -ao") if name in here}, gone)


def _speed(storage: Storage, costs: dict[str, list[Cost]], gone: dict[str, str]) -> None:
    table = Table(
        f"throughput over {storage.size / 1e6:.0f} MB", "command", "our CPU against it", "MB/s of CPU", "wall s"
    )
    for name, spent in costs.items():
        cpu, wall = median(each.cpu for each in spent), median(each.wall for each in spent)
        table.row(name, ratio(costs["ours"], spent), storage.size / 1e6 / max(cpu, 1e-4), wall)
    for name, reason in gone.items():
        if reason:
            table.row(name, reason)
    table.show()


def _thoroughness(storage: Storage, peers: dict[str, Command], gone: dict[str, str]) -> None:
    table = Table(
        "recall of planted values, by how they are stored", "command", "all", *recall.COLUMNS, "not planted"
    )
    people, _ = recall.of_scan(storage, seeded=False)
    _, seeded = recall.of_scan(storage, seeded=True)
    table.row("ours", *people.cells())
    table.row("ours, the seeded person", *seeded.cells()[:-1])
    with tempfile.TemporaryDirectory() as folder:
        for name, command in peers.items():
            output = Path(folder) / "out"
            run(command, output)
            table.row(name, *recall.of_lines(storage, output).cells())
    for name, reason in gone.items():
        if reason:
            table.row(name, reason)
    table.show()
