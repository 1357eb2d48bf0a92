"""`storage-harness diff`: what changed between two snapshots, sources or results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.commands._options import Chosen, files, jobs_option, open_source, source_options

if TYPE_CHECKING:
    from harness.comparison import Comparison
    from harness.listing import Fingerprint
    from harness.model import Finding, Report, Unread

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  storage-harness diff before/ after/                     two snapshots or folders
  storage-harness diff old/result.json new/result.json    two results"""
)
@click.argument("before", shell_complete=files)
@click.argument("after", shell_complete=files)
@source_options
@jobs_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def command(before: str, after: str, as_json: bool, **shared: str) -> None:
    """Compare BEFORE with AFTER: files, values, findings and who can read what.

    Values are compared where both are sources; results do not hold any. Exits 0 whether or not there are differences,
    and 2 where something could not be read: what is in there was not compared.
    """
    from harness.commands._terminal import tell_unread
    from harness.comparison import compare

    chosen = Chosen(**shared)  # type: ignore[arg-type]
    reports = _report(before, chosen), _report(after, chosen)
    comparison = compare(*reports)
    values = None if _is_result(before) or _is_result(after) else _values(before, after, chosen)
    if as_json:
        click.echo(json.dumps(_document(comparison, values), indent=2, ensure_ascii=False))
    else:
        _tell(comparison, values)
    missed = [
        tell_unread(_unread(report), of=f"{which}: ")
        for which, report in zip(("BEFORE", "AFTER"), reports, strict=True)
    ]
    raise click.exceptions.Exit(2 if any(missed) else 0)


def _unread(report: Report) -> list[Unread]:
    """What was not read, and what was read and could not be decoded."""
    from harness.model import Unread

    return [
        *report.unread,
        *(
            Unread(path=line.path, container=line.container, reason=line.error, size=line.size)
            for line in report.coverage
            if line.error
        ),
    ]


def _is_result(source: str) -> bool:
    path = Path(source)
    return path.suffix == ".json" and path.is_file()


def _report(source: str, chosen: Chosen) -> Report:
    from harness.commands._results import read_result
    from harness.commands._terminal import progress_on_stderr
    from harness.pipeline import Plugins, report_on

    if _is_result(source):
        return read_result(Path(source))
    told = chosen.narration()
    with progress_on_stderr(told=told) as progress, open_source(source, chosen, progress) as opened:
        told.source(opened)
        return report_on(chosen.job(opened, progress), Plugins.load())


def _values(before: str, after: str, chosen: Chosen) -> dict[str, list[Fingerprint]]:
    """Places whose value appeared, went or changed; what the values are is not shown."""
    old, new = _fingerprints(before, chosen), _fingerprints(after, chosen)

    def at(there: dict[str, list[Fingerprint]], places: Iterable[str]) -> list[Fingerprint]:
        return [there[place][0] for place in sorted(places)]

    def prints(values: list[Fingerprint]) -> list[str]:
        return [value.fingerprint for value in values]

    return {
        "added": at(new, new.keys() - old.keys()),
        "removed": at(old, old.keys() - new.keys()),
        "changed": at(new, (each for each in old.keys() & new.keys() if prints(old[each]) != prints(new[each]))),
    }


def _fingerprints(source: str, chosen: Chosen) -> dict[str, list[Fingerprint]]:
    from harness.commands._terminal import progress_on_stderr
    from harness.listing import Broken, fingerprint_values
    from harness.pipeline import Plugins

    out: dict[str, list[Fingerprint]] = {}
    told = chosen.narration()
    with progress_on_stderr(told=told) as progress, open_source(source, chosen, progress) as opened:
        told.source(opened)
        for item in fingerprint_values(chosen.job(opened, progress), Plugins.load()):
            if not isinstance(item, Broken):
                out.setdefault(str(item), []).append(item)
    return out


def _document(comparison: Comparison, values: dict[str, list[Fingerprint]] | None) -> dict[str, Any]:
    return {
        "files": {
            "added": list(comparison.added),
            "removed": list(comparison.removed),
            "changed": list(comparison.changed),
        },
        "values": None if values is None else {how: [*map(str, those)] for how, those in values.items()},
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


_SIGNS = {"+": "green", "-": "red", "~": "yellow"}


def _tell(comparison: Comparison, values: dict[str, list[Fingerprint]] | None) -> None:
    """First how much, then what: alike places are one line."""
    from rich.text import Text

    from harness.commands._terminal import wide_console
    from harness.wording import visible

    console = wide_console()
    if comparison.is_empty and not any((values or {}).values()):
        console.print("No difference.")
        return
    console.print(Text(_summary(comparison, values or {})), soft_wrap=True)
    for kind, sign, text in _rows(comparison, values or {}):
        console.print(Text.assemble((f"{sign} {kind:<8}", _SIGNS[sign]), visible(text)), soft_wrap=True)


def _summary(comparison: Comparison, values: dict[str, list[Fingerprint]]) -> str:
    counts: dict[str, Mapping[str, Sequence[object]]] = {
        "files": {"added": comparison.added, "removed": comparison.removed, "changed": comparison.changed},
        "values": values,
        "findings": {"new": comparison.new, "fixed": comparison.fixed, "known": comparison.known},
        "matrix": {"moved": comparison.cells},
    }
    parts = {
        what: ", ".join(f"{len(those):,} {how}" for how, those in each.items() if those)
        for what, each in counts.items()
    }
    return "; ".join(f"{what}: {said}" for what, said in parts.items() if said)


def _rows(comparison: Comparison, values: dict[str, list[Fingerprint]]) -> Iterator[tuple[str, str, str]]:
    for sign, names in (("+", comparison.added), ("-", comparison.removed), ("~", comparison.changed)):
        yield from (("file", sign, name) for name in names)
    for sign, how in (("+", "added"), ("-", "removed"), ("~", "changed")):
        yield from (("value", sign, place) for place in _places(values.get(how, ())))
    for sign, findings in (("+", comparison.new), ("-", comparison.fixed)):
        yield from (("finding", sign, text) for text in _found(findings))
    for cell in comparison.cells:
        yield "matrix", "~", f"{cell.type} by {cell.access.label}: {cell.before.value} to {cell.after.value}"


def _places(values: Iterable[Fingerprint]) -> Iterator[str]:
    from harness.grouping import common_place

    alike: dict[tuple[object, ...], list[Fingerprint]] = {}
    for value in values:
        alike.setdefault((value.locator.container, value.locator.identity, value.layers), []).append(value)
    for group in alike.values():
        shared = replace(group[0], locator=common_place([value.locator for value in group]))
        yield f"{shared}  ({len(group):,} values)" if len(group) > 1 else str(shared)


def _found(findings: Sequence[Finding]) -> Iterator[str]:
    from harness.grouping import clusters, common_place

    for cluster in clusters(findings):
        first, shared = cluster.first, common_place([finding.locator for finding in cluster.findings])
        many = f"  ({len(cluster.findings):,} findings)" if cluster.more else ""
        yield " ".join(filter(None, (first.check, first.type, f"{shared}{many}")))
