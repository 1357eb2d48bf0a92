"""Decode only: every value of every file, one line each, masked unless the caller may see them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.model import Artifact, Locator, MaskRule, Record, Scalar, Unread
from harness.pipeline import Job, Plugins, collect, models_of, scanner_for
from harness.scan.confirm import Hit
from harness.scan.mask import Veil
from harness.scan.scanner import Scanner
from harness.scan.unfold import Leaf
from harness.scan.workers import can_fork, in_order
from harness.unlocking import learn

__all__ = ["Broken", "Fingerprint", "fingerprint_values", "list_values"]

_BATCH = 5000
"""Values that are masked together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A file, or the rest of one, that could not be decoded."""

    locator: Locator
    format: str
    error: str = field(repr=True)
    size: int


def list_values(job: Job, plugins: Plugins, *, reveal: bool = False) -> Iterator[Record | Broken]:
    """Every value, in the order of files and places.

    Args:
        job: the source, the person, the limits.
        plugins: the formats, and the detectors that say what to mask.
        reveal: give values as they are stored. Only where the user asked, and said where to.
    """
    for shown, _ in _listed(job, plugins, reveal=reveal):
        yield shown


_Line: TypeAlias = tuple[Record | Broken, Scalar]
"""What may be shown, beside the value as it is stored."""


def _listed(job: Job, plugins: Plugins, *, reveal: bool) -> Iterator[_Line]:
    artifacts, refused = collect(job, plugins)
    scanner = scanner_for(job, plugins)
    learn(scanner, models_of(job, plugins), artifacts, job.source)
    for unread in refused:
        if not unread.expected:
            yield _refusal(job, scanner, unread, reveal), None
    for done, lines in enumerate(_by_file(job, scanner, artifacts, reveal), 1):
        job.progress("decode", done, len(artifacts))
        yield from lines


def _by_file(job: Job, scanner: Scanner, artifacts: Sequence[Artifact], reveal: bool) -> Iterator[Iterable[_Line]]:
    """The lines of each file, in order; with several jobs each file is one process's."""
    if job.jobs > 1 and can_fork() and scanner.keyring.is_portable:
        return in_order(job.jobs, len(artifacts), lambda at: [*_file(job, scanner, artifacts[at], reveal)])
    return (_file(job, scanner, artifact, reveal) for artifact in artifacts)


def _file(job: Job, scanner: Scanner, artifact: Artifact, reveal: bool) -> Iterator[_Line]:
    opened = scanner.open(artifact)
    if isinstance(opened, Unread):
        yield _refusal(job, scanner, opened, reveal), None
        return
    place = Locator(path=artifact.path, container=artifact.facts.container)
    batch: list[Leaf] = []
    try:
        for leaf in scanner.leaves(opened):
            if leaf.in_key or leaf.ciphertext:
                continue
            # What was peeled off a value is masked together with it, so a batch ends where a stored value does.
            if len(batch) >= _BATCH and not leaf.layers:
                yield from _records(job, scanner, place, opened.format.name, batch, reveal)
                batch = []
            batch.append(leaf)
        error = ""
    except FormatError as damage:
        error = str(damage)
    yield from _records(job, scanner, place, opened.format.name, batch, reveal)
    if error:
        shown = place if reveal else _veiled(job, scanner, place)
        yield Broken(locator=shown, format=opened.format.name, error=error, size=artifact.facts.size), None


def _records(
    job: Job, scanner: Scanner, place: Locator, format_name: str, leaves: list[Leaf], reveal: bool
) -> Iterator[_Line]:
    records = [
        Record(
            locator=replace(place, steps=leaf.steps),
            value=leaf.value,
            format=format_name,
            state=leaf.state,
            layers=leaf.layers,
        )
        for leaf in leaves
    ]
    if reveal:
        yield from ((record, record.value) for record in records)
        return
    texts = {step for leaf in leaves for step in leaf.steps if isinstance(step, str)} | {place.path, place.container}
    veil = Veil(scanner.confirm, job.redactor, texts, scanner.keyring.locks)
    found: dict[int, list[Hit]] = {}
    for hit in scanner.confirm(leaves):
        if not hit.in_key:
            found.setdefault(id(hit.leaf), []).append(hit)
    carriers = _carriers(leaves, found)
    for leaf, record in zip(leaves, records, strict=True):
        if id(leaf) in carriers:
            value: Scalar = job.redactor.evidence(as_bytes(leaf.value), rule=MaskRule.HIDDEN).mask
        else:
            value = _masked(job, leaf.value, found.get(id(leaf), ()))
        yield replace(record, value=value, locator=veil.locator(record.locator)), record.value


def _masked(job: Job, value: Scalar, hits: "list[Hit] | tuple[()]") -> Scalar:
    """The value with what is personal replaced by its mask; bytes and numbers that hold any become text."""
    if not hits:
        return value
    raw = as_bytes(value)
    for hit in sorted(hits, key=lambda h: h.start, reverse=True):
        mask = job.redactor.evidence(hit.value, rule=hit.mask, normal=hit.normal).mask
        raw = raw[: hit.start] + mask.encode() + raw[hit.end :]
    return raw.decode("utf-8", "replace")


def _carriers(leaves: list[Leaf], found: Mapping[int, list[Hit]]) -> set[int]:
    """Encoded values in which something personal came to light once they were peeled: they show it as well."""
    out: set[int] = set()
    around: list[Leaf] = []
    for leaf in leaves:
        while around and not _is_peeled_from(leaf, around[-1]):
            around.pop()
        if id(leaf) in found:
            out.update(id(each) for each in around)
        around.append(leaf)
    return out


def _is_peeled_from(leaf: Leaf, outer: Leaf) -> bool:
    return (
        len(leaf.layers) > len(outer.layers)
        and leaf.layers[: len(outer.layers)] == outer.layers
        and leaf.steps[: len(outer.steps)] == outer.steps
    )


def _refusal(job: Job, scanner: Scanner, unread: Unread, reveal: bool) -> Broken:
    place = Locator(path=unread.path, container=unread.container)
    shown = place if reveal else _veiled(job, scanner, place)
    return Broken(locator=shown, format="", error=unread.reason, size=unread.size)


def _veiled(job: Job, scanner: Scanner, place: Locator) -> Locator:
    return Veil(scanner.confirm, job.redactor, (place.path, place.container)).locator(place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Veiled place and keyed fingerprint of a value: enough to compare two sources, and nothing to read."""

    locator: Locator
    layers: tuple[str, ...]
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.locator}{''.join(f' <{layer}>' for layer in self.layers)}"


def fingerprint_values(job: Job, plugins: Plugins) -> Iterator[Fingerprint | Broken]:
    """One for every value, in the order of files and places."""
    for shown, clear in _listed(job, plugins, reveal=False):
        if isinstance(shown, Broken):
            yield shown
        else:
            fingerprint = job.redactor.fingerprint(as_bytes(clear))
            yield Fingerprint(locator=shown.locator, layers=shown.layers, fingerprint=fingerprint)
