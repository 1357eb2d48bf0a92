"""The report for somebody at a terminal: verdict, matrix, findings by file, and what to open next.

Every name that came from a device goes through `visible` and `Text`, so that neither control characters nor rich's
own markup in it can act. Locators fold onto more lines; they are never cut.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from harness.grouping import Cluster, FileGroup, by_file, clusters, file_label
from harness.model import Access, Cell, Outcome, Report, Severity, Share, State
from harness.reporters.base import (
    ACCESS_WORDS,
    CELL_WORDS,
    OUTCOME_WORDS,
    SHARE_WORDS,
    Reporter,
    Row,
    Run,
    matrix,
    readers,
    shares,
    subject,
)
from harness.wording import count_of, type_word, visible, weight

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["Terminal", "print_matrix", "print_report"]

_PLAIN_WIDTH = 110
_UNBOUNDED = 10_000

_OUTCOME_STYLE = {
    Outcome.FAIL: "bold red",
    Outcome.INCONCLUSIVE: "bold yellow",
    Outcome.PASS: "bold green",
    Outcome.NOT_APPLICABLE: "dim",
}
_CELL_STYLE = {
    Cell.EXPOSED: "bold red",
    Cell.BROKEN: "bold magenta",
    Cell.UNKNOWN: "yellow",
    Cell.PSEUDONYMOUS: "cyan",
    Cell.MASKED: "blue",
    Cell.HELD: "green",
    Cell.ABSENT: "dim",
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
            console.print(_text(f"{run.started}, {run.seconds:.2f} s"))
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
    console.print(_text("Who can read what", style="bold"))
    print_matrix(console, report)
    _print_checks(console, report)
    _print_findings(console, report, per_file, files)
    _print_coverage(console, report)
    for path in written:
        console.print(_text("→ ", visible(path), style="bold"), soft_wrap=True)


def _text(*parts: str, style: str = "") -> Text:
    from rich.text import Text  # noqa: PLC0415 - start-up time

    return Text("".join(parts), style=style, overflow="fold")


def _table(*headings: str) -> Table:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - start-up time
    from rich.table import Table  # noqa: PLC0415 - start-up time

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="bold", expand=False)
    for heading in headings:
        table.add_column(_text(heading), overflow="fold")
    return table


def _print_head(console: Console, report: Report) -> None:
    about = subject(report)
    head = _text("  ", OUTCOME_WORDS[report.outcome], "  ", style=_OUTCOME_STYLE[report.outcome] + " reverse")
    head.append(f"  {visible(about.app)}", style="bold not reverse")
    console.print()
    console.print(head)
    words = [about.device, f"source {about.source}", about.persona]
    words += [f"SDK {', '.join(report.sdks)}"] if report.sdks else []
    words += [about.scenario] if about.scenario else []
    words += ["SIMULATED"] if about.simulated else []
    console.print(_text(" · ".join(visible(word) for word in words), style="dim"))


def print_matrix(console: Console, report: Report) -> None:
    """Show the exposure matrix alone, without a heading, in the most words that there is room for."""
    from rich.measure import Measurement  # noqa: PLC0415 - start-up time

    rows = matrix(report)
    if not rows:
        console.print(_text("No personal data was looked for, or none was found.", style="dim"))
        return
    unbounded = console.options.update_width(_UNBOUNDED)
    for spacious, roomy in ((True, True), (False, True), (False, False)):
        table = _matrix_table(rows, spacious=spacious, roomy=roomy)
        if Measurement.get(console, unbounded, table).maximum <= console.width:
            break
    console.print(table)


def _matrix_table(rows: Sequence[Row], *, spacious: bool, roomy: bool) -> Table:
    """With whole headings where it is spacious, and whole words in the cells where it is roomy."""
    table = _table("", *(ACCESS_WORDS[a].heading if spacious else ACCESS_WORDS[a].short for a in Access))
    for row in rows:
        states = [row.cells[access].cell for access in Access]
        cells = [
            _text(CELL_WORDS[state].heading.lower() if roomy else CELL_WORDS[state].short, style=_CELL_STYLE[state])
            for state in states
        ]
        table.add_row(_text(visible(type_word(row.type))), *cells)
    return table


def _print_checks(console: Console, report: Report) -> None:
    if not report.verdicts:
        console.print(_text("No check was made, so nothing is proved.", style="yellow"))
        return
    order = list(OUTCOME_WORDS)
    table = _table("Verdict", "Check", "Examined", "Why")
    table.columns[2].justify = "right"
    for verdict in sorted(report.verdicts, key=lambda v: (order.index(v.outcome), -v.severity, v.check)):
        table.add_row(
            _text(OUTCOME_WORDS[verdict.outcome], style=_OUTCOME_STYLE[verdict.outcome]),
            _text(visible(verdict.title)),
            _text(f"{verdict.examined:,}"),
            _text(visible(verdict.reason), style="dim"),
        )
    console.print(_text("Checks", style="bold"))
    console.print(table)


def _print_findings(console: Console, report: Report, per_file: int, files: int) -> None:
    groups = by_file(report.findings)
    if not groups:
        return
    count = sum(len(group.findings) for group in groups)
    head = f"{count_of(count, 'finding')} in {count_of(len(groups), 'file')}"
    console.print(_text(head, style="bold"))
    for group in groups[:files]:
        console.print(_text(visible(group.label), style="bold"))
        _print_group(console, group, per_file)
    hidden = groups[files:]
    if hidden:
        rest = sum(len(group.findings) for group in hidden)
        words = f"… and {count_of(rest, 'more finding')} in {count_of(len(hidden), 'more file')}"
        console.print(_text(words, style="dim"))


def _print_group(console: Console, group: FileGroup, per_file: int) -> None:
    from rich.padding import Padding  # noqa: PLC0415 - start-up time

    told = clusters(group.findings)
    for cluster in told[:per_file]:
        console.print(Padding(_what(cluster), (0, 0, 0, 2), expand=False))
        console.print(Padding(_circumstances(cluster), (0, 0, 0, 11), expand=False))
    hidden = sum(len(cluster.findings) for cluster in told[per_file:])
    if hidden > 0:
        console.print(_text(f"  … and {hidden:,} more in this file", style="dim"))
    console.print()


def _what(cluster: Cluster) -> Text:
    finding = cluster.first
    line = _text(f"{finding.severity.label:<8} ", style=_SEVERITY_STYLE[finding.severity])
    if finding.type:
        line.append(f"{visible(type_word(finding.type))} ", style="bold not dim")
    if finding.evidence:
        line.append(visible(finding.evidence.mask), style="default not bold not dim")
    line.append(f"{cluster.more}  ", style="not bold not dim")
    line.append(visible(cluster.place), style="cyan not bold not dim")
    return line


def _circumstances(cluster: Cluster) -> Text:
    finding = cluster.first
    notes = [visible(finding.message)]
    notes += [] if finding.state is State.LIVE else [finding.state.value]
    notes += [" › ".join(visible(layer) for layer in finding.layers)] if finding.layers else []
    notes += [count_of(cluster.rows, "row")] if cluster.rows > len(cluster.findings) else []
    notes += [f"read by: {readers(finding.readable_by)}"]
    return _text(" · ".join(notes), style="dim")


def _print_coverage(console: Console, report: Report) -> None:
    totals = {share: size for share, size in shares(report).items() if size}
    whole = sum(totals.values())
    parts = [f"{SHARE_WORDS[share]} {size / whole:.1%}" for share, size in totals.items()]
    line = " · ".join([f"{count_of(len(report.coverage), 'file')}, {count_of(whole, 'byte')} read", *parts])
    uneasy = totals.get(Share.UNKNOWN, 0) or totals.get(Share.FAILED, 0)
    console.print(_text(line, style="yellow" if uneasy else "dim"))
    for item in report.coverage:
        if item.error:
            where = visible(file_label(item.container, item.path))
            console.print(_text(f"  not decoded: {where}: {visible(item.error)}", style="yellow"))
    for unread in report.unread:
        word = "passed over" if unread.expected else "NOT READ"
        words = f"  {word}: {visible(file_label(unread.container, unread.path))}: {visible(unread.reason)}"
        words += f" ({weight(unread.size)})" if unread.size else ""
        console.print(_text(words, style="dim" if unread.expected else "bold yellow"))
