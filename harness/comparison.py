"""What changed between two reports: files, findings, and what each attacker gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.model import Access, Cell, CoverageLine, Finding, Report

__all__ = ["Comparison", "Moved", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One cell of the matrix that changed."""

    type: str
    access: Access
    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The difference between two reports; all of it masked, since reports are."""

    added: tuple[str, ...]
    """Files that only the second has."""
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    new: tuple[Finding, ...]
    """Findings that only the second has."""
    fixed: tuple[Finding, ...]
    known: tuple[Finding, ...]
    cells: tuple[Moved, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed or self.new or self.fixed or self.cells)


def compare(before: Report, after: Report) -> Comparison:
    """The second report against the first. Findings are the same where their ids are."""
    old_files, new_files = _files(before.coverage), _files(after.coverage)
    old, new = ({finding.id: finding for finding in report.findings} for report in (before, after))
    return Comparison(
        added=tuple(sorted(set(new_files) - set(old_files))),
        removed=tuple(sorted(set(old_files) - set(new_files))),
        changed=tuple(sorted(name for name in set(old_files) & set(new_files) if old_files[name] != new_files[name])),
        new=tuple(finding for key, finding in new.items() if key not in old),
        fixed=tuple(finding for key, finding in old.items() if key not in new),
        known=tuple(finding for key, finding in new.items() if key in old),
        cells=_moved(before, after),
    )


def _files(lines: Sequence[CoverageLine]) -> Mapping[str, tuple[str, int]]:
    return {
        f"{line.container}:{line.path}" if line.container else line.path: (line.content, line.size) for line in lines
    }


def _moved(before: Report, after: Report) -> tuple[Moved, ...]:
    old, new = ({(cell.type, cell.access): cell.cell for cell in report.exposure} for report in (before, after))
    return tuple(
        Moved(type=kind, access=access, before=was, after=now)
        for kind, access in sorted(old.keys() | new.keys())
        if (was := old.get((kind, access), Cell.ABSENT)) is not (now := new.get((kind, access), Cell.ABSENT))
    )
