"""The table of a hunt, and where it stands in docs/accuracy.md."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.fuzz.hunt import Hunt

__all__ = ["HEAD", "replaced", "row", "written"]

HEAD = (
    "| parser | seconds | seeds | inputs | read to the end | slowest, CPU ms | MiB beyond 10 × input | findings |\n"
    "|---|---|---|---|---|---|---|---|"
)
_BEGIN, _END = "<!-- fuzz: begin -->", "<!-- fuzz: end -->"


def row(found: Hunt, seeds: int) -> str:
    """One parser."""
    whole = f"{found.whole / found.cases:.0%}" if found.cases else ""
    findings = "; ".join([str(len(found.bugs)), *(bug.where for bug in found.bugs)])
    return (
        f"| {found.format} | {found.seconds:.0f} | {seeds} | {found.cases:,} | {whole} | {found.slowest * 1000:.0f} "
        f"| {max(found.memory, 0) / (1 << 20):.0f} | {findings} |"
    )


def written(rows: Sequence[str], totals: Sequence[Hunt]) -> str:
    """The table, and what it adds up to."""
    inputs, seconds = sum(each.cases for each in totals), sum(each.seconds for each in totals)
    findings = sum(len(each.bugs) for each in totals)
    last = f"{len(totals)} parsers, {inputs:,} inputs in {seconds:,.0f} seconds, {findings} findings."
    return "\n".join([HEAD, *rows, "", last])


def replaced(page: Path, table: str) -> None:
    """Put the table between its markers, and leave the rest of the page alone."""
    text = page.read_text(encoding="utf-8")
    before, after = text[: text.index(_BEGIN) + len(_BEGIN)], text[text.index(_END) :]
    page.write_text(f"{before}\n\n{table}\n\n{after}", encoding="utf-8")
