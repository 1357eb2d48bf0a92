"""`report.md`: a summary for a pull request or a ticket.

Stored names stand in code spans only, where no markup, mention or link acts; other text is escaped.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from harness.grouping import Cluster, FileGroup, advice, by_file, clusters, file_label
from harness.model import Access, Cell, Report, Share, State
from harness.reporters._sdks import kept_parts, recognised_words, seal_rows
from harness.reporters.base import (
    ACCESS_WORDS,
    CELL_WORDS,
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
from harness.wording import count_of, sdk_word, type_word, visible, weight

__all__ = ["Markdown"]

_PER_FILE = 25
_FILES = 40
_LINES = 50
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&]|:(?=//)|(?<=www)\.)")
_BACKTICKS = re.compile("`+")


class Markdown(Reporter):
    """The verdict, the matrix, the checks and the worst findings."""

    title: ClassVar[str] = "Markdown for a pull request or a ticket"
    filename: ClassVar[str] = "report.md"

    def render(self, report: Report, run: Run | None = None) -> str:
        blocks = [
            *_head(report),
            *_matrix(report),
            *_parts(report),
            *_seals(report),
            *_checks(report),
            *_findings(report),
            *_advice(report),
            *_coverage(report),
        ]
        if run is not None:
            blocks.append(f"{_plain(run.started)}, {run.seconds:.1f} s")
        return "\n\n".join(blocks) + "\n"


def _plain(text: str) -> str:
    """Text that stays text: no markup, no link, nobody mentioned."""
    return _MARKUP.sub(r"\\\1", visible(text)).replace("@", "(at)")


def _code(text: str) -> str:
    """A code span; fenced with more backticks than the text has."""
    shown = visible(text)
    fence = "`" * (max(map(len, _BACKTICKS.findall(shown)), default=0) + 1)
    pad = " " if shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(headings)
    lines = [heads, ["---"] * len(heads), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _head(report: Report) -> Iterator[str]:
    about = subject(report)
    yield f"# {OUTCOME_WORDS[report.outcome]}: {_code(about.app)}"
    facts = [f"Device: {_code(about.device)}", f"source: {_code(about.source)}", about.persona]
    facts += [f"SDK: {_code(', '.join(map(sdk_word, report.sdks)))}"] if report.sdks else []
    facts += [_plain(about.scenario)] if about.scenario else []
    facts += ["**simulated**"] if about.simulated else []
    yield " · ".join(facts)
    told = [
        line
        for words, notes in recognised_words(report)
        for line in (f"- recognised: {_code(words)}", *(f"  - {_plain(note)}" for note in notes))
    ]
    if told:
        yield "\n".join(told)


def _matrix(report: Report) -> Iterator[str]:
    rows = matrix(report)
    if not rows:
        return
    yield "## Who can read what"
    yield _table(
        ["", *(ACCESS_WORDS[access].heading for access in Access)],
        (
            [_plain(type_word(row.type)), *(CELL_WORDS[row.cells[access].cell].heading for access in Access)]
            for row in rows
        ),
    )
    masked = masked_words(report)
    if masked:
        yield "\n".join(f"* {_plain(sentence)}" for sentence in masked)


def _parts(report: Report) -> Iterator[str]:
    parts = kept_parts(report)
    if not parts:
        return
    several = len({part.sdk for part in parts}) > 1
    rows = []
    for part in parts:
        name = sdk_word(part.sdk, part.component) if several else part.component
        rows.append([f"{_plain(name)}, {count_of(part.values, 'value')}", *_cells(part.cells)])
        rows += [[f"&emsp;{_plain(each.words)}", *_cells(each.cells)] for each in part.classes]
    yield f"## What each part of {'each' if several else 'the'} SDK keeps"
    yield _table(["", *(ACCESS_WORDS[access].heading for access in Access)], rows)


def _cells(cells: Mapping[Access, Cell]) -> list[str]:
    return [CELL_WORDS[cells[access]].heading for access in Access]


def _seals(report: Report) -> Iterator[str]:
    rows = seal_rows(report)
    if rows:
        yield "## Encrypted values"
        yield _table(
            ["Part", "Scheme", "Values", "What became of it", "Open for"],
            (
                [_plain(row.part), _plain(row.layer), f"{row.count:,}", _plain(row.outcome), row.open_for]
                for row in rows
            ),
        )


def _checks(report: Report) -> Iterator[str]:
    yield "## Checks"
    if not report.verdicts:
        yield "No check was made, so nothing is proved."
        return
    order = list(OUTCOME_WORDS)
    yield _table(
        ["Verdict", "Check", "Examined", "Why"],
        (
            [OUTCOME_WORDS[v.outcome], f"{_plain(v.title)} ({_plain(v.check)})", f"{v.examined:,}", _plain(v.reason)]
            for v in sorted(report.verdicts, key=lambda v: (order.index(v.outcome), -v.severity, v.check))
        ),
    )


def _findings(report: Report) -> Iterator[str]:
    files = by_file(report.findings)
    if not files:
        return
    yield f"## Findings: {sum(len(file.findings) for file in files):,} in {count_of(len(files), 'file')}"
    for file in files[:_FILES]:
        yield f"### {_code(file.label)}"
        yield "\n".join(_lines(file))
    hidden = files[_FILES:]
    if hidden:
        yield f"… and {sum(len(file.findings) for file in hidden):,} more in {count_of(len(hidden), 'more file')}."


def _lines(file: FileGroup) -> Iterator[str]:
    told = clusters(file.findings)
    yield from (_line(cluster) for cluster in told[:_PER_FILE])
    hidden = sum(len(cluster.findings) for cluster in told[_PER_FILE:])
    if hidden:
        yield f"- … and {hidden:,} more in this file"


def _line(cluster: Cluster) -> str:
    finding = cluster.first
    what = [f"**{finding.severity.label}**"]
    what += [_plain(type_word(finding.type))] if finding.type else []
    what += [_code(finding.evidence.mask) + cluster.more] if finding.evidence else []
    what += ["at", _code(cluster.place)]
    notes = [_plain(word) for word in (*origin(finding), finding.message)]
    notes += [] if finding.state is State.LIVE else [finding.state.value]
    notes += [" › ".join(map(_code, finding.layers))] if finding.layers else []
    notes += [count_of(cluster.rows, "row")] if cluster.rows > len(cluster.findings) else []
    notes += [f"read by: {readers(finding.readable_by)}"]
    return f"- {' '.join(what)}: {' · '.join(notes)}"


def _advice(report: Report) -> Iterator[str]:
    told = advice(report.findings)
    if told:
        yield "## What to do"
        yield "\n".join(
            f"- {_code(each.where)} ({count_of(len(each.findings), 'finding')}): {_plain(each.remedy)}"
            for each in told
        )


def _coverage(report: Report) -> Iterator[str]:
    yield "## What was read"
    totals = {share: size for share, size in shares(report).items() if size}
    whole = sum(totals.values())
    parts = "".join(f", {SHARE_WORDS[share]} {totals[share] / whole:.1%}" for share in Share if share in totals)
    yield f"{count_of(len(report.coverage), 'file')}, {count_of(whole, 'byte')}{parts}."
    lines = [
        f"- not decoded: {_code(file_label(line.container, line.path))}: {_plain(line.error)}"
        for line in report.coverage
        if line.error
    ]
    lines += [
        f"- {'passed over' if item.expected else '**not read**'}: {_code(file_label(item.container, item.path))}: "
        f"{_plain(item.reason)}{f' ({weight(item.size)})' if item.size else ''}"
        for item in report.unread
    ]
    if len(lines) > _LINES:
        lines[_LINES:] = [f"- … and {len(lines) - _LINES:,} more"]
    if lines:
        yield "\n".join(lines)
