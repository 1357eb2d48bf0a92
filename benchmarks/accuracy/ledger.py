"""`python -m benchmarks.accuracy.ledger [FOLDER…] [--write]`: what every byte of folders of the corpora is.

`--write` puts the table into docs/formats.md. The numbers are those that a scan gives.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.model import Share

__all__ = ["main", "rows"]

_PROJECT = Path(__file__).resolve().parents[2]
_CORPUS = _PROJECT.parent / "shared" / "corpus"
_PAGE = _PROJECT / "docs" / "formats.md"
_BEGIN, _END = "<!-- ledger: begin -->", "<!-- ledger: end -->"
_FOLDERS = ("sqlite-apps", "ios-sandbox", "android-prefs")
_SHARES = tuple(share.value for share in Share)


def _scanned(folder: Path) -> Mapping[str, Any]:
    command = [sys.executable, "-m", "harness", "scan", str(folder), "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in {0, 1, 2}:
        raise SystemExit(done.stderr.decode(errors="replace"))
    coverage: Mapping[str, Any] = json.loads(done.stdout)["coverage"]
    return coverage


def rows(name: str, coverage: Mapping[str, Any]) -> Iterator[str]:
    """A row for each format that a folder holds, and one for all of it; each adds up to its bytes."""
    sums: dict[str, Counter[str]] = {}
    for file in coverage["files"]:
        counted = sums.setdefault(file["format"], Counter())
        counted.update(files=1, bytes=file["size"], **file["shares"])
    for form, counted in sorted(sums.items()):
        yield _row(name, form, counted)
    yield _row(f"**{name}**", "", Counter(coverage["totals"]))


def _row(name: str, form: str, counted: Counter[str]) -> str:
    if sum(counted[share] for share in _SHARES) != counted["bytes"]:
        raise SystemExit(f"{name} {form}: the parts do not add up")
    shares = " | ".join(f"{counted[share]:,}" if counted[share] else "" for share in _SHARES)
    return f"| {name} | {form} | {counted['files']:,} | {counted['bytes']:,} | {shares} |"


def main(arguments: Sequence[str]) -> int:
    """Print the table; with `--write`, keep it."""
    folders = [word for word in arguments if not word.startswith("--")] or list(_FOLDERS)
    if not _CORPUS.is_dir():
        sys.stderr.write("the corpora are not here: they stand in ../shared/corpus beside the project\n")
        return 3
    lines = [f"| folder | format | files | bytes | {' | '.join(_SHARES)} |", "|---" * (4 + len(_SHARES)) + "|"]
    for name in folders:
        lines += rows(name, _scanned(_CORPUS / name))
    text = "\n".join(lines)
    sys.stdout.write(text + "\n")
    if "--write" in arguments:
        page = _PAGE.read_text(encoding="utf-8")
        before, after = page[: page.index(_BEGIN) + len(_BEGIN)], page[page.index(_END) :]
        _PAGE.write_text(f"{before}\n\n{text}\n\n{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
