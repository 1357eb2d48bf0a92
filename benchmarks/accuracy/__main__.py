"""`python -m benchmarks.accuracy [FAMILY…]`: what decoding gives back of what stands in files whose truth is known.

Every module of this package that has `measure` is asked. `--write` puts the table into docs/accuracy.md.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import benchmarks.accuracy
from benchmarks.accuracy.score import Score

__all__ = ["main", "measured", "table"]

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"
_BEGIN, _END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"


def measured(corpus: Path, only: Sequence[str] = ()) -> Iterator[Score]:
    """The scores of all families, or of those that were named, in the order of the modules."""
    for found in sorted(pkgutil.iter_modules(benchmarks.accuracy.__path__), key=lambda each: each.name):
        module = importlib.import_module(f"benchmarks.accuracy.{found.name}")
        if hasattr(module, "measure") and (not only or found.name in only):
            yield from module.measure(corpus)


def table(scores: Sequence[Score]) -> str:
    """As Markdown."""
    lines = ["| family | in the files | found | | invented | |", "|---|---|---|---|---|---|"]
    for each in scores:
        share = f"{100 * each.found / each.planted:.2f} %" if each.planted else ""
        lines.append(
            f"| {each.family} | {each.planted:,} | {each.found:,} | {share} | {each.invented:,} | {each.note} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print the table; with `--write`, keep it."""
    corpus = Path(__file__).resolve().parents[3] / "shared" / "corpus"
    if not corpus.is_dir():
        sys.stderr.write("the corpora are not here: they stand in ../shared/corpus beside the project\n")
        return 3
    text = table(list(measured(corpus, [word for word in arguments if not word.startswith("--")])))
    sys.stdout.write(text + "\n")
    if "--write" in arguments:
        page = _PAGE.read_text(encoding="utf-8")
        before, after = page[: page.index(_BEGIN) + len(_BEGIN)], page[page.index(_END) :]
        _PAGE.write_text(f"{before}\n\n{text}\n\n{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
