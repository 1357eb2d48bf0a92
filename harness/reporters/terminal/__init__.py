"""The report for somebody at a terminal: verdict, matrix, findings by file, and what to open next.

Every name that came from a device goes through `visible` and `Text`, so that neither control characters nor rich's
own markup in it can act. Locators fold onto more lines; they are never cut.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from harness.grouping import Cluster, FileGroup, by_file, clusters, file_label
from harness.model import UNEXPLAINED, Outcome, Report, Severity, Share, State
from harness.reporters.base import (
    OUTCOME_WORDS,
    SHARE_WORDS,
    Reporter,
    Run,
    masked_words,
    matrix,
    origin,
    readers,
    shares,
    subject,
)
from harness.reporters.terminal._drawing import print_cells, table_of, text_of
from harness.reporters.terminal._sdks import print_advice, print_parts, print_recognised, print_seals
from harness.wording import count_of, sdk_word, type_word, visible, weight

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = ["Terminal", "print_matrix", "print_report"]

_PLAIN_WIDTH = 110

_OUTCOME_STYLE = {
    Outcome.FAIL: "bold red",
    Outcome.INCONCLUSIVE: "bold yellow",
    Outcome.PASS: "bold green",
    Outcome.NOT_APPLICABLE: "dim",
}
_SEVERITY_STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}


class Terminal(Reporter):
    """Plain text, the same on every machine."""

    title: ClassVar[str] = "Text for a terminal"
    filename: ClassVar[str] = "report.txt"

    def render(self, report: Report, run: Run | None = None) -> str:
        from rich.console import Console  # noqa: PLC0415 - start-up time

        out = io.StringIO()
        console = Console(file=out, width=_PLAIN_WIDTH, color_system=None, force_terminal=False, legacy_windows=False)
        print_report(console, report, per_file=20, files=50)
        if run is not None:
            console.print(text_of(f"{run.started}, {run.seconds:.2f} s"))
        return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def print_report(
    console: Console, report: Report, *, per_file: int = 8, files: int = 12, written: Sequence[str] = ()
) -> None:
    """Show a report on a console, as wide as that is.

    Args:
        console: where to.
        report: what to show.
        per_file: lines on one file; how many findings more there are is said.
        files: files shown.
        written: the files that the whole report was written to; named as the next step.
    """
    _print_head(console, report)
    console.print()
    console.print(text_of("Who can read what", style="bold"))
    print_matrix(console, report)
    for sentence in masked_words(report):
        console.print(text_of(visible(sentence), style="dim"), soft_wrap=True)
    print_parts(console, report)
    print_seals(console, report)
    _print_checks(console, report)
    _print_findings(console, report, per_file, files)
    print_advice(console, report)
    _print_coverage(console, report)
    for path in written:
        console.print(text_of("→ ", visible(path), style="bold"), soft_wrap=True)


def _print_head(console: Console, report: Report) -> None:
    about = subject(report)
    head = text_of("  ", OUTCOME_WORDS[report.outcome], "  ", style=_OUTCOME_STYLE[report.outcome] + " reverse")
    head.append(f"  {visible(about.app)}", style="bold not reverse")
    console.print()
    console.print(head)
    words = [about.device, f"source {about.source}", about.persona]
    words += [f"SDK {', '.join(map(sdk_word, report.sdks))}"] if report.sdks else []
    words += [about.scenario] if about.scenario else []
    words += ["SIMULATED"] if about.simulated else []
    console.print(text_of(" · ".join(visible(word) for word in words), style="dim"))
    print_recognised(console, report)


def print_matrix(console: Console, report: Report) -> None:
    """Show the exposure matrix alone, without a heading, in the most words that there is room for."""
    rows = matrix(report)
    if not rows:
        console.print(text_of("No personal data was looked for, or none was found.", style="dim"))
        return
    print_cells(
        console, [(type_word(row.type), "", {a: exposure.cell for a, exposure in row.cells.items()}) for row in rows]
    )


def _print_checks(console: Console, report: Report) -> None:
    if not report.verdicts:
        console.print(text_of("No check was made, so nothing is proved.", style="yellow"))
        return
    order = list(OUTCOME_WORDS)
    table = table_of("Verdict", "Check", "Examined", "Why")
    table.columns[2].justify = "right"
    for verdict in sorted(report.verdicts, key=lambda v: (order.index(v.outcome), -v.severity, v.check)):
        table.add_row(
            text_of(OUTCOME_WORDS[verdict.outcome], style=_OUTCOME_STYLE[verdict.outcome]),
            text_of(visible(verdict.title)),
            text_of(f"{verdict.examined:,}"),
            text_of(visible(verdict.reason), style="dim"),
        )
    console.print(text_of("Checks", style="bold"))
    console.print(table)


def _print_findings(console: Console, report: Report, per_file: int, files: int) -> None:
    groups = by_file(report.findings)
    if not groups:
        return
    count = sum(len(group.findings) for group in groups)
    head = f"{count_of(count, 'finding')} in {count_of(len(groups), 'file')}"
    console.print(text_of(head, style="bold"))
    for group in groups[:files]:
        console.print(text_of(visible(group.label), style="bold"))
        _print_group(console, group, per_file)
    hidden = groups[files:]
    if hidden:
        rest = sum(len(group.findings) for group in hidden)
        words = f"… and {count_of(rest, 'more finding')} in {count_of(len(hidden), 'more file')}"
        console.print(text_of(words, style="dim"))


def _print_group(console: Console, group: FileGroup, per_file: int) -> None:
    from rich.padding import Padding  # noqa: PLC0415 - start-up time

    told = clusters(group.findings)
    for cluster in told[:per_file]:
        console.print(Padding(_what(cluster), (0, 0, 0, 2), expand=False))
        console.print(Padding(_circumstances(cluster), (0, 0, 0, 11), expand=False))
    hidden = sum(len(cluster.findings) for cluster in told[per_file:])
    if hidden > 0:
        console.print(text_of(f"  … and {hidden:,} more in this file", style="dim"))
    console.print()


def _what(cluster: Cluster) -> Text:
    finding = cluster.first
    line = text_of(f"{finding.severity.label:<8} ", style=_SEVERITY_STYLE[finding.severity])
    if finding.type:
        line.append(f"{visible(type_word(finding.type))} ", style="bold not dim")
    if finding.evidence:
        line.append(visible(finding.evidence.mask), style="default not bold not dim")
    line.append(f"{cluster.more}  ", style="not bold not dim")
    line.append(visible(cluster.place), style="cyan not bold not dim")
    return line


def _circumstances(cluster: Cluster) -> Text:
    finding = cluster.first
    notes = [visible(word) for word in (*origin(finding), finding.message)]
    notes += [] if finding.state is State.LIVE else [finding.state.value]
    notes += [" › ".join(visible(layer) for layer in finding.layers)] if finding.layers else []
    notes += [count_of(cluster.rows, "row")] if cluster.rows > len(cluster.findings) else []
    notes += [f"read by: {readers(finding.readable_by)}"]
    return text_of(" · ".join(notes), style="dim")


def _print_coverage(console: Console, report: Report) -> None:
    totals = {share: size for share, size in shares(report).items() if size}
    whole = sum(totals.values())
    parts = [f"{SHARE_WORDS[share]} {size / whole:.1%}" for share, size in totals.items()]
    line = " · ".join([f"{count_of(len(report.coverage), 'file')}, {count_of(whole, 'byte')} read", *parts])
    uneasy = any(totals.get(share) for share in (*UNEXPLAINED, Share.FAILED))
    console.print(text_of(line, style="yellow" if uneasy else "dim"))
    for item in report.coverage:
        if item.error:
            where = visible(file_label(item.container, item.path))
            console.print(text_of(f"  not decoded: {where}: {visible(item.error)}", style="yellow"))
    for unread in report.unread:
        word = "passed over" if unread.expected else "NOT READ"
        words = f"  {word}: {visible(file_label(unread.container, unread.path))}: {visible(unread.reason)}"
        words += f" ({weight(unread.size)})" if unread.size else ""
        console.print(text_of(words, style="dim" if unread.expected else "bold yellow"))
