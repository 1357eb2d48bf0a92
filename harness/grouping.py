"""Findings put together for people: by file, and those that are one thing to fix as one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.model import Finding, Locator
from harness.wording import count_of, sdk_word

__all__ = ["Advice", "Cluster", "FileGroup", "advice", "by_file", "clusters", "common_place", "file_label", "place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGroup:
    """The findings of one file, the worst first, and the rarest class of those."""

    path: str
    container: str
    findings: tuple[Finding, ...]

    @property
    def label(self) -> str:
        return file_label(self.container, self.path)


def file_label(container: str, path: str) -> str:
    """A file as it is called wherever a report names one."""
    return str(Locator(path=path, container=container))


def by_file(findings: Iterable[Finding]) -> list[FileGroup]:
    """Findings by file: the file with the worst finding first, then the one with most; in each, clusters in order."""
    files: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        files.setdefault((finding.locator.container, finding.locator.path), []).append(finding)
    groups = [
        FileGroup(path=path, container=container, findings=tuple(f for c in clusters(found) for f in c.findings))
        for (container, path), found in files.items()
    ]
    return sorted(groups, key=lambda g: (-max(f.severity for f in g.findings), -len(g.findings), g.container, g.path))


def _worst_first(finding: Finding) -> tuple[int, str, str, str, str]:
    return (-finding.severity, finding.check, finding.locator.pointer, finding.id, finding.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Findings that differ in value and row number only: one thing to fix, told in one line."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def more(self) -> str:
        """What follows the first finding's mask: ` and 1,499 more`."""
        return f" and {len(self.findings) - 1:,} more" if len(self.findings) > 1 else ""

    @property
    def rows(self) -> int:
        return sum(finding.occurrences for finding in self.findings)

    @property
    def place(self) -> str:
        """Where they are within their file."""
        return place(common_place([finding.locator for finding in self.findings]))


def clusters(findings: Iterable[Finding]) -> list[Cluster]:
    """Findings by what is to be fixed: the worst first, and then the rarest class, which a common one would bury."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in sorted(findings, key=_worst_first):
        where = (finding.locator.container, finding.locator.identity, finding.state, finding.layers)
        what = (finding.check, finding.type, finding.severity, finding.message, finding.key)
        alike.setdefault((*where, *what), []).append(finding)
    found = [Cluster(findings=tuple(group)) for group in alike.values()]
    often = Counter(finding.type for cluster in found for finding in cluster.findings)
    return sorted(found, key=lambda c: (-c.first.severity, often[c.first.type], _worst_first(c.first)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One remedy, with all findings that it is for: told once, however many they are."""

    remedy: str
    findings: tuple[Finding, ...]

    @property
    def where(self) -> str:
        """The parts of SDKs that it is about, `CleverTap · event queue, profile`; else the files."""
        parts: dict[str, dict[str, None]] = {}
        for finding in self.findings:
            if finding.sdk:
                parts.setdefault(finding.sdk, {})[finding.component] = None
        told = [sdk_word(sdk, ", ".join(sorted(filter(None, names)))) for sdk, names in sorted(parts.items())]
        files = {file_label(f.locator.container, f.locator.path) for f in self.findings if not f.sdk}
        if files:
            told.append(files.pop() if len(files) == 1 and not told else count_of(len(files), "file"))
        return "; ".join(told)


def advice(findings: Iterable[Finding]) -> list[Advice]:
    """What to do about all of them: for the worst first, and then for the most."""
    alike: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.remedy:
            alike.setdefault(finding.remedy, []).append(finding)
    found = [Advice(remedy=remedy, findings=tuple(group)) for remedy, group in alike.items()]
    return sorted(found, key=lambda a: (-max(f.severity for f in a.findings), -len(a.findings), a.remedy))


def common_place(locators: Sequence[Locator]) -> Locator:
    """One place for several of one identity: `*` stands for the row numbers in which they differ."""
    steps = zip(*(locator.steps for locator in locators), strict=True)
    return replace(locators[0], steps=tuple(same[0] if len(set(same)) == 1 else "*" for same in steps))


def place(locator: Locator) -> str:
    """Where a value is, within its file: its pointer, or a word for the file as a whole."""
    return locator.pointer or "(whole file)"
