"""Why a file is read as it is: who claimed it and how surely, and what every byte of it turned out to be."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from harness.errors import FormatError, UsageError
from harness.model import Artifact, Locator, Share, State, Unread
from harness.pipeline import Job, Plugins, collect, scanner_for
from harness.scan.mask import Veil
from harness.scan.raw import Opened
from harness.scan.scanner import Scanner
from harness.scan.tally import tally

__all__ = ["Claimed", "Explanation", "Portion", "explain"]

_HEAD = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """How sure one format is of a file."""

    format: str
    title: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """One part of a document, the file or a sidecar, and what its bytes are."""

    name: str
    """`""`, or the sidecar's suffix."""
    size: int
    shares: Mapping[Share, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One file, without a value of it."""

    locator: Locator
    size: int
    chosen: str = ""
    """Empty where the file could not be read."""
    claims: tuple[Claimed, ...] = ()
    """The surest first; the first was chosen."""
    portions: tuple[Portion, ...] = ()
    values: Mapping[State, int]
    fault: str = ""


def explain(job: Job, plugins: Plugins, path: str) -> Iterator[Explanation]:
    """Each file of the source that has this path.

    Args:
        job: the source and the limits.
        plugins: the formats, and the detectors that say what to veil in names.
        path: as reports show it, or the end of it from a `/` on; `*` stands for anything. Empty: every file.

    Raises:
        UsageError: no file has this path.
    """
    artifacts, refused = collect(job, plugins)
    scanner = scanner_for(job, plugins)
    found = False
    for artifact in artifacts:
        names = [artifact.path, *(artifact.path + suffix for suffix in artifact.sidecars)]
        if any(_is_named(path, artifact.facts.container, name) for name in names):
            found = True
            yield _explained(job, plugins, scanner, artifact)
    for unread in refused:
        if _is_named(path, unread.container, unread.path):
            found = True
            yield _unread(job, scanner, unread)
    if not found:
        raise UsageError("no file of the source has that path", hint="`*` stands for anything: --why '*/Cookies'")


def _is_named(pattern: str, container: str, path: str) -> bool:
    if not pattern:
        return True
    whole = f"{container}:{path}"
    return pattern in (path, whole) or any(
        fnmatchcase(each, form) for form in (pattern, f"*/{pattern}") for each in (path, whole)
    )


def _explained(job: Job, plugins: Plugins, scanner: Scanner, artifact: Artifact) -> Explanation:
    opened = scanner.open(artifact)
    if isinstance(opened, Unread):
        return _unread(job, scanner, opened)
    document = opened.document
    head = bytes(document.data[:_HEAD])
    scores = {name: each.sniff(head, len(document.data)) for name, each in plugins.formats.items()}
    claims = [
        Claimed(format=name, title=plugins.formats[name].title, score=score)
        for name, score in scores.items()
        if score
    ]
    values, fault = _counted(job, opened)
    portions, unaccounted = _portions(job, opened)
    return Explanation(
        locator=_veiled(job, scanner, artifact.facts.container, artifact.path),
        size=sum(portion.size for portion in portions),
        chosen=opened.format.name,
        claims=tuple(sorted(claims, key=lambda each: (each.format != opened.format.name, -each.score, each.format))),
        portions=portions,
        values=values,
        fault=unaccounted or fault,
    )


def _portions(job: Job, opened: Opened) -> tuple[tuple[Portion, ...], str]:
    """The file and its sidecars, and what is wrong with them."""
    document = opened.document
    sizes = {"": len(document.data), **{name: len(data) for name, data in document.sidecars.items()}}
    try:
        ledger = opened.format.account(document, job.limits)
        parts, fault = tally(ledger, document), ledger.fault
    except FormatError as damage:
        parts, fault = {name: {Share.FAILED: size} for name, size in sizes.items()}, str(damage)
    return tuple(Portion(name=name, size=size, shares=parts.get(name, {})) for name, size in sizes.items()), fault


def _counted(job: Job, opened: Opened) -> tuple[Mapping[State, int], str]:
    """Values by state, and what ended them."""
    counts: Counter[State] = Counter()
    try:
        for value in opened.format.decode(opened.document, job.limits):
            counts[value.state] += 1
    except FormatError as damage:
        return counts, str(damage)
    return counts, ""


def _unread(job: Job, scanner: Scanner, unread: Unread) -> Explanation:
    place = _veiled(job, scanner, unread.container, unread.path)
    return Explanation(locator=place, size=unread.size, values={}, fault=unread.reason)


def _veiled(job: Job, scanner: Scanner, container: str, path: str) -> Locator:
    return Veil(scanner.confirm, job.redactor, (path, container)).locator(Locator(path=path, container=container))
