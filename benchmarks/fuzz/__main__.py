"""`python -m benchmarks.fuzz [FORMAT…] [--seconds N] [--seed N] [--keep FOLDER] [--write]`: parsers on damaged files.

Guided by coverage where atheris is installed (`pip install 'storage-harness[fuzz]'`), else by mutations of our own,
which both of them run: they know of sidecars, lengths and offsets. The exit code is 1 where something broke.
`--write` puts the table into docs/accuracy.md.
"""

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fuzz.guided import guided
from benchmarks.fuzz.hostile import hostile_by_format
from benchmarks.fuzz.hunt import Bug, Hunt, hunt
from benchmarks.fuzz.page import HEAD, replaced, row, written
from benchmarks.fuzz.seeds import seeds_by_format
from harness.formats.base import Format
from harness.registry import load

__all__ = ["main"]

_PROJECT = Path(__file__).resolve().parents[2]
_CORPORA = (_PROJECT / "tests" / "corpus", _PROJECT.parent / "shared" / "corpus")


def main(arguments: Sequence[str]) -> int:
    """Hunt, print the table, keep what broke."""
    asked = _asked(arguments)
    formats = load("formats", Format)
    hostile = hostile_by_format(formats)
    seeds = {
        name: hostile[name] + each
        for name, each in seeds_by_format(formats, [root for root in _CORPORA if root.is_dir()]).items()
    }
    print(HEAD, flush=True)
    is_broken = False
    hunts: list[Hunt] = []
    rows: list[str] = []
    for name in asked.formats or sorted(formats):
        found = hunt(formats[name], seeds[name], asked.seconds, asked.seed)
        hunts.append(found)
        rows.append(row(found, len(seeds[name])))
        print(rows[-1], flush=True)
        for number, bug in enumerate(found.bugs):
            is_broken = True
            print(f"  {name}: {bug.where} (case {bug.case})", file=sys.stderr, flush=True)
            _keep(asked.keep / f"{name}-{number}", bug)
        if asked.guided:
            broke = guided(formats[name], seeds[name], asked.seconds, asked.keep)
            print(f"  {name}, guided by coverage: {broke or 'nothing broke'}", file=sys.stderr, flush=True)
            is_broken |= bool(broke)
    if asked.write:
        replaced(_PROJECT / "docs" / "accuracy.md", written(rows, hunts))
    return int(is_broken)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m benchmarks.fuzz")
    words.add_argument("formats", nargs="*", help="all of them where none is named")
    words.add_argument("--seconds", type=float, default=60.0, help="for each parser")
    words.add_argument("--seed", type=int, default=0, help="equal numbers, equal cases")
    words.add_argument("--keep", type=Path, default=_PROJECT / ".cache" / "fuzz", help="where what broke is kept")
    words.add_argument("--no-guide", dest="guided", action="store_false", help="our mutations alone")
    words.add_argument("--write", action="store_true", help="put the table into docs/accuracy.md")
    asked = words.parse_args(arguments)
    asked.guided = asked.guided and importlib.util.find_spec("atheris") is not None
    return asked


def _keep(folder: Path, bug: Bug) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("", *bug.document.sidecars):
        (folder / f"document{part}").write_bytes(bug.document.part(part))
    (folder / "what.txt").write_text(f"{bug.where}\ncase {bug.case}\n\n{bug.trace}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
