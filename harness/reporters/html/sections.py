"""What the page shows, cut to a size that a browser likes; what is left out is counted, never silent."""

from dataclasses import dataclass

from harness.grouping import Advice, FileGroup, by_file
from harness.model import (
    Access,
    Cell,
    CoverageLine,
    Finding,
    Outcome,
    Report,
    Severity,
    Share,
    State,
    Unread,
    Verdict,
)
from harness.reporters.base import OUTCOME_WORDS, SHARE_WORDS, matrix, shares
from harness.wording import count_of

__all__ = [
    "STATE_WORDS",
    "CheckGroup",
    "FileSection",
    "Findings",
    "Part",
    "checks",
    "findings",
    "headline",
    "ledger",
    "parts",
    "unread",
]

_PAGE_FINDINGS = 5_000
_PAGE_FILES = 2_000
_LEDGER_LINES = 2_000
_OPEN_FINDINGS = 200
"""Files are unfolded until so many findings are in view."""

STATE_WORDS = {
    State.LIVE: "In use.",
    State.WAL: "In the write-ahead log beside the database.",
    State.JOURNAL: "In the rollback journal beside the database.",
    State.FREELIST: "On a free page: deleted, still readable.",
    State.FREEBLOCK: "In a freed block of a page in use: deleted, still readable.",
    State.UNALLOCATED: "In the unused middle of a page: deleted, still readable.",
    State.SLACK: "Behind the end of the content.",
    State.SUPERSEDED: "An older value that an append-only file still holds.",
    State.RAW: "In bytes that no format explains.",
}


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """The findings of one check in one file that one remedy is for: it is told once, however many they are."""

    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def advice(self) -> Advice:
        """What to do, and which parts of SDKs it is about."""
        remedy = self.findings[0].remedy or self.verdict.remedy
        return Advice(remedy=remedy, findings=tuple(f for f in self.findings if f.sdk))


@dataclass(frozen=True, slots=True)
class FileSection:
    """One file and what was found in it."""

    file: FileGroup
    groups: tuple[CheckGroup, ...]
    unfolded: bool

    @property
    def worst(self) -> Severity:
        return max(finding.severity for finding in self.file.findings)


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of the page."""

    sections: tuple[FileSection, ...]
    total: int
    left_out: int
    """Findings that only `result.json` has."""

    @property
    def types(self) -> list[str]:
        return sorted({f.type for section in self.sections for f in section.file.findings if f.type})

    @property
    def states(self) -> list[State]:
        there = {f.state for section in self.sections for f in section.file.findings}
        return [state for state in State if state in there]


def findings(report: Report) -> Findings:
    """The worst findings by file, then by check."""
    verdicts = {verdict.check: verdict for verdict in report.verdicts}
    files = by_file(report.findings)
    total = sum(len(file.findings) for file in files)
    room, seen = _PAGE_FINDINGS, 0
    sections = []
    for file in files[:_PAGE_FILES]:
        if room <= 0:
            break
        kept = FileGroup(path=file.path, container=file.container, findings=file.findings[:room])
        sections.append(FileSection(kept, _by_check(kept, verdicts), unfolded=seen < _OPEN_FINDINGS))
        room -= len(kept.findings)
        seen += len(kept.findings)
    return Findings(tuple(sections), total, total - seen)


def _by_check(file: FileGroup, verdicts: dict[str, Verdict]) -> tuple[CheckGroup, ...]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in file.findings:
        verdict = verdicts.get(finding.check) or _unnamed(finding.check)
        groups.setdefault((finding.check, finding.remedy or verdict.remedy), []).append(finding)
    return tuple(
        CheckGroup(verdicts.get(check) or _unnamed(check), tuple(found)) for (check, _), found in groups.items()
    )


def _unnamed(check: str) -> Verdict:
    return Verdict(check=check, title=check, outcome=Outcome.FAIL, examined=0)


def checks(report: Report) -> list[Verdict]:
    """Worst first."""
    order = list(OUTCOME_WORDS)
    return sorted(report.verdicts, key=lambda v: (order.index(v.outcome), -v.severity, v.check))


def headline(report: Report) -> str:
    """The matrix in a sentence."""
    rows = matrix(report)
    open_to = {
        access: sum(row.cells[access].cell in {Cell.EXPOSED, Cell.BROKEN} for row in rows) for access in Access
    }
    weakest = next((access for access in Access if open_to[access]), None)
    stored = sum(any(cell.cell is not Cell.ABSENT for cell in row.cells.values()) for row in rows)
    if weakest is None:
        return (
            f"{count_of(stored, 'class', 'classes')} of personal data stored, none readable by any attacker observed."
        )
    who = {
        Access.OTHER_APP: "Another app on the same device",
        Access.ADB_SHELL: "A computer on the USB cable",
        Access.BACKUP: "Whoever holds a backup",
        Access.ROOT_FILES: "Root access to the files",
        Access.ROOT_CODE: "Code that runs with root rights",
    }
    text = f"{who[weakest]} is enough to read {_of(open_to[weakest], stored)}"
    most = max(Access, key=lambda access: (open_to[access], -access))
    if open_to[most] > open_to[weakest]:
        text += f"; {who[most][0].lower()}{who[most][1:]} reads {open_to[most]}"
    return text + "."


def _of(some: int, stored: int) -> str:
    if some < stored:
        return f"{some} of {stored} classes of personal data stored"
    every = {1: "the one class", 2: "both classes"}.get(stored, f"all {stored} classes")
    return f"{every} of personal data stored"


# -- coverage ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One share of all bytes."""

    share: Share
    word: str
    size: int
    percent: float


def parts(report: Report) -> list[Part]:
    """What all bytes turned out to be; shares without bytes are left out."""
    totals = shares(report)
    return _parts(totals)


def _parts(totals: dict[Share, int]) -> list[Part]:
    whole = sum(totals.values())
    return [
        Part(share, SHARE_WORDS[share], totals[share], 100 * totals[share] / whole)
        for share in Share
        if totals.get(share)
    ]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One file and what its bytes are."""

    line: CoverageLine
    parts: list[Part]


def ledger(report: Report) -> tuple[list[LedgerLine], int]:
    """Files that were not understood first, then by place; and how many are left out."""
    lines = sorted(report.coverage, key=lambda line: (-_uneasy(line), line.container, line.path))
    shown = [LedgerLine(line, _parts(dict(line.shares))) for line in lines[:_LEDGER_LINES]]
    return shown, len(lines) - len(shown)


def _uneasy(line: CoverageLine) -> int:
    return line.shares.get(Share.FAILED, 0) + line.unexplained


def unread(report: Report) -> list[Unread]:
    """Refusals before what was never meant to be read."""
    return sorted(report.unread, key=lambda item: (item.expected, item.container, item.path))
