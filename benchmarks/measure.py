"""Costs of whole processes, in turns: A B A B, so that what else the machine does falls on all of them alike."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

__all__ = ["Command", "Cost", "Table", "harness_command", "in_turns", "missing", "ratio", "run"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process and all that it started took."""

    cpu: float
    """Seconds, user and system."""
    wall: float
    peak: int
    """Bytes resident, of the largest process."""
    code: int


@dataclass(frozen=True, slots=True)
class Command:
    """One contender."""

    words: tuple[str, ...]
    good: frozenset[int] = frozenset({0})
    """Exit codes that mean that the work was done."""


_TIMED = Path(__file__).with_name("timed.py")


def harness_command(*words: str) -> Command:
    """Ours, as a user starts it; any verdict is a result."""
    script = Path(sys.executable).with_name("storage-harness")
    start = (str(script),) if script.is_file() else (sys.executable, "-m", "harness")
    return Command((*start, *words), frozenset({0, 1, 2}))


def run(command: Command, output: Path | None = None) -> Cost:
    """Run it once, its output into a file or away."""
    read, write = os.pipe()
    words = [sys.executable, "-I", "-S", str(_TIMED), str(write), *command.words]
    with Path(output or os.devnull).open("wb") as out:
        done = subprocess.run(words, stdout=out, stderr=subprocess.DEVNULL, pass_fds=(write,), check=False)
    os.close(write)
    with os.fdopen(read, "rb") as report:
        text = report.read()
    if done.returncode or not text:
        raise SystemExit(f"{command.words[0]} could not be run")
    cost = Cost(**json.loads(text))
    if cost.code not in command.good:
        raise SystemExit(f"`{' '.join(command.words)}` ended with exit code {cost.code}")
    return cost


def in_turns(contenders: Mapping[str, Command], runs: int) -> dict[str, list[Cost]]:
    """Each once to warm up, then all in turns."""
    for command in contenders.values():
        run(command)
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name, command in contenders.items():
            costs[name].append(run(command))
    return costs


def ratio(ours: Sequence[Cost], peer: Sequence[Cost]) -> float:
    """How many times the peer's CPU seconds we took: the median over runs that stood next to each other."""
    return median(mine.cpu / max(theirs.cpu, 1e-4) for mine, theirs in zip(ours, peer, strict=True))


def missing(program: str, package: str) -> str:
    """Why a peer cannot run; empty where it can."""
    return "" if shutil.which(program) else f"not here: apt install {package}"


class Table:
    """Rows of words under a heading, in columns."""

    def __init__(self, title: str, *columns: str) -> None:
        self._title = title
        self._rows: list[tuple[str, ...]] = [columns]

    def row(self, *cells: object) -> None:
        """One more; numbers with three digits that count."""
        self._rows.append(tuple(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in cells))

    def show(self) -> None:
        """Print it."""
        count = len(self._rows[0])
        rows = [(*row, *[""] * (count - len(row))) for row in self._rows]
        widths = [
            max(len(row[n]) for row, said in zip(rows, self._rows, strict=True) if len(said) != 2)
            for n in range(count)
        ]
        print(f"\n== {self._title}")
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        sys.stdout.flush()
