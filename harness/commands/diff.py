"""`storage-harness diff`: what changed between two snapshots, sources or results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.commands._options import Chosen, open_source, source_options

if TYPE_CHECKING:
    from harness.comparison import Comparison
    from harness.model import Finding, Report

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  storage-harness diff before/ after/                     two snapshots or folders
  storage-harness diff old/result.json new/result.json    two results"""
)
@click.argument("before")
@click.argument("after")
@source_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def command(before: str, after: str, as_json: bool, **shared: str) -> None:
    """Compare BEFORE with AFTER: files, values, findings and who can read what.

    Values are compared where both are sources; results do not hold any. Exits 0 whether or not there are differences.
    """
    from harness.comparison import compare

    chosen = Chosen(**shared)  # type: ignore[arg-type]
    comparison = compare(_report(before, chosen), _report(after, chosen))
    values = None if _is_result(before) or _is_result(after) else _values(before, after, chosen)
    if as_json:
        click.echo(json.dumps(_document(comparison, values), indent=2, ensure_ascii=False))
    else:
        _tell(comparison, values)


def _is_result(source: str) -> bool:
    path = Path(source)
    return path.suffix == ".json" and path.is_file()


def _report(source: str, chosen: Chosen) -> Report:
    from harness.commands._results import read_result
    from harness.commands._terminal import progress_on_stderr
    from harness.pipeline import Plugins, report_on

    if _is_result(source):
        return read_result(Path(source))
    with progress_on_stderr() as progress, open_source(source, chosen, progress) as opened:
        return report_on(chosen.job(opened, progress), Plugins.load())


def _values(before: str, after: str, chosen: Chosen) -> dict[str, list[str]]:
    """Places whose value appeared, went or changed; what the values are is not shown."""
    old, new = _fingerprints(before, chosen), _fingerprints(after, chosen)
    return {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": sorted(place for place in old.keys() & new.keys() if old[place] != new[place]),
    }


def _fingerprints(source: str, chosen: Chosen) -> dict[str, list[str]]:
    from harness.commands._terminal import progress_on_stderr
    from harness.listing import Broken, fingerprint_values
    from harness.pipeline import Plugins

    out: dict[str, list[str]] = {}
    with progress_on_stderr() as progress, open_source(source, chosen, progress) as opened:
        for item in fingerprint_values(chosen.job(opened, progress), Plugins.load()):
            if not isinstance(item, Broken):
                out.setdefault(item[0], []).append(item[1])
    return out


def _document(comparison: Comparison, values: dict[str, list[str]] | None) -> dict[str, Any]:
    return {
        "files": {
            "added": list(comparison.added),
            "removed": list(comparison.removed),
            "changed": list(comparison.changed),
        },
        "values": values,
        "findings": {
            "new": [_finding(each) for each in comparison.new],
            "fixed": [_finding(each) for each in comparison.fixed],
            "known": len(comparison.known),
        },
        "exposure": [
            {"type": each.type, "access": each.access.label, "before": each.before.value, "after": each.after.value}
            for each in comparison.cells
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "check": finding.check,
        "type": finding.type,
        "where": str(finding.locator),
        "severity": finding.severity.label,
        "evidence": finding.evidence.mask if finding.evidence else None,
    }


def _tell(comparison: Comparison, values: dict[str, list[str]] | None) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    if comparison.is_empty and not any((values or {}).values()):
        console.print("No difference.")
        return
    rows = [("file", "+", name) for name in comparison.added]
    rows += [("file", "-", name) for name in comparison.removed]
    rows += [("file", "~", name) for name in comparison.changed]
    for sign, name in (("+", "added"), ("-", "removed"), ("~", "changed")):
        rows += [("value", sign, place) for place in (values or {}).get(name, ())]
    for sign, findings in (("+", comparison.new), ("-", comparison.fixed)):
        rows += [("finding", sign, f"{each.check} {each.type or ''} {each.locator}") for each in findings]
    rows += [
        ("matrix", "~", f"{each.type} by {each.access.label}: {each.before.value} to {each.after.value}")
        for each in comparison.cells
    ]
    styles = {"+": "green", "-": "red", "~": "yellow"}
    for kind, sign, text in rows:
        console.print(Text.assemble((f"{sign} {kind:<8}", styles[sign]), _printable(text)), soft_wrap=True)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)
