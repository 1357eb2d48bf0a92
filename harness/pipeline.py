"""Source to report, one step per function. Read this second, after `model.py`.

    collect → scan → mask → judge → expose → report

`collect` reaches the files, `scan` finds personal data in them (both lanes), `mask` is where raw values end,
`judge` asks each check for its verdict, `expose` draws the matrix of class and attacker. Rendering is the
reporters' business.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness import __version__, registry
from harness.checks.base import Check, Scene
from harness.detectors.base import Detector
from harness.devices.base import Source, pair_sidecars
from harness.exposure import expose
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import (
    Artifact,
    CoverageLine,
    Detection,
    Facts,
    Finding,
    Locator,
    MaskRule,
    Outcome,
    Report,
    Severity,
    StoredIdentifier,
    Unread,
    Verdict,
)
from harness.persona import Persona, type_of
from harness.redaction import Redactor
from harness.scan.confirm import Hit
from harness.scan.mask import Masker, Veil, attribute
from harness.scan.scanner import Scanned, Scanner
from harness.scan.unfold import Leaf
from harness.scan.workers import scanned_by
from harness.sdks.base import Claim, SdkModel

__all__ = ["Job", "Plugins", "Progress", "collect", "report_on", "scanner_for"]


@dataclass(frozen=True, slots=True)
class Plugins:
    """Every plug-in that a scan needs."""

    formats: Mapping[str, Format]
    detectors: Mapping[str, Detector]
    checks: Mapping[str, Check]
    sdks: Mapping[str, SdkModel]

    @classmethod
    def load(cls) -> "Plugins":
        """All that are installed.

        Raises:
            PluginError: one breaks the contract of its family.
        """
        return cls(
            registry.load("formats", Format),
            registry.load("detectors", Detector),
            registry.load("checks", Check),
            registry.load("sdks", SdkModel),
        )


Progress = Callable[[str, int, int], None]
"""Told of each stage: its name, how much is done, and of how much (0 where not known)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one run was asked to do."""

    source: Source
    redactor: Redactor
    persona: Persona | None = None
    app: str | None = None
    sdk: str | None = None
    """Only this SDK's claims count; all that are known where None."""
    deep: bool = False
    """Decode every value of every file, beside the sweep."""
    promise: str | None = None
    """The storage mode that was promised."""
    scenario: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    progress: Progress = lambda _stage, _done, _total: None
    jobs: int = 1
    """Processes that scan; what they find does not depend on it."""


@dataclass(slots=True)
class _Masked:
    """What is left of the scan once nothing in it is raw."""

    facts: list[Facts] = field(default_factory=list)
    coverage: list[CoverageLine] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    detections: list[Detection] = field(default_factory=list)
    identifiers: list[StoredIdentifier] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


def report_on(job: Job, plugins: Plugins) -> Report:
    """The whole way.

    Raises:
        DeviceError: the device or its transport failed.
        SourceError: the source is damaged as a whole.
    """
    artifacts, refused = collect(job, plugins)
    claims = _claims(job, plugins)
    scanner = scanner_for(job, plugins)
    masked = mask(job, claims, scan(job, scanner, artifacts, claims))
    masked.unread += refused
    search_names(job, scanner, masked)
    veil = _veil(job, scanner, masked)
    scene = Scene(
        profile=job.source.profile,
        facts=tuple(masked.facts),
        detections=tuple(masked.detections),
        identifiers=tuple(masked.identifiers),
        unread=tuple(masked.unread),
        coverage=tuple(masked.coverage),
        seeded=job.persona is not None,
        promise=job.promise,
    )
    verdicts = judge(scene, plugins.checks, job.redactor)
    return Report(
        source=veil.text(job.source.name),
        profile=job.source.profile,
        app=veil.text(job.app) if job.app else None,
        sdks=tuple(sorted({claimed.sdk for claimed in masked.detections if claimed.sdk})),
        persona=job.persona is not None,
        snapshot=job.redactor.digest("\n".join(sorted(masked.digests)).encode("utf-8", "surrogatepass")),
        coverage=scene.coverage,
        unread=scene.unread,
        verdicts=verdicts,
        exposure=expose(scene.detections, verdicts, _seeded_types(job)),
        detections=scene.detections,
        tool={"version": __version__, "rules": _rules_digest(plugins)},
        scenario=_scenario(job),
    )


def collect(job: Job, plugins: Plugins) -> tuple[list[Artifact], list[Unread]]:
    """Everything that the source hands out, sidecars beside their files; and what it refused."""
    artifacts: list[Artifact] = []
    refused: list[Unread] = []
    for item in job.source.collect():
        if isinstance(item, Unread):
            refused.append(item)
        else:
            artifacts.append(item)
        job.progress("collect", len(artifacts), 0)
    suffixes = sorted({suffix for each in plugins.formats.values() for suffix in each.sidecars})
    return pair_sidecars(artifacts, suffixes), refused


def scanner_for(job: Job, plugins: Plugins) -> Scanner:
    """The scanner with what the job knows of the person."""
    return Scanner(plugins.formats, plugins.detectors, persona=job.persona, limits=job.limits)


def scan(
    job: Job, scanner: Scanner, artifacts: Sequence[Artifact], claims: Sequence[tuple[str, Claim]]
) -> Iterator[Scanned | Unread]:
    """Both lanes over every file. Files that hold claimed identities are decoded in full."""
    identities = [claim for _, claim in claims if claim.role == "identity"]

    def deep(facts: Facts) -> bool:
        return job.deep or any(claim.covers(facts.path) for claim in identities)

    for done, item in enumerate(scanned_by(job.jobs, scanner, artifacts, deep), 1):
        job.progress("scan", done, len(artifacts))
        yield item


def mask(job: Job, claims: Sequence[tuple[str, Claim]], scanned: Iterable[Scanned | Unread]) -> _Masked:
    """Here raw values end, file by file."""
    out = _Masked()
    masker = Masker(job.redactor, claims)
    for item in scanned:
        if isinstance(item, Unread):
            out.unread.append(item)
            continue
        out.facts.append(facts := item.facts)
        out.coverage.append(replace(item.coverage, content=job.redactor.fingerprint(item.digest.encode())))
        out.digests.append(f"{facts.container}\0{facts.path}\0{facts.mode}\0{facts.owner}\0{item.digest}")
        out.detections += [masker.detection(hit, facts, item.coverage.format) for hit in item.hits]
        out.identifiers += _identifiers(job.redactor, claims, item)
    return out


def search_names(job: Job, scanner: Scanner, masked: _Masked) -> None:
    """Names of files, of links that are not followed and of containers are stored data like any other."""
    named: dict[int, tuple[Leaf, Facts]] = {}

    def ask(name: str, facts: Facts) -> None:
        leaf = Leaf((name,), name, in_key=True)
        named[id(leaf)] = (leaf, facts)

    for facts in masked.facts:
        ask(facts.path, facts)
    for unread in masked.unread:
        ask(unread.path, Facts(path=unread.path, container=unread.container))
    for container in sorted({facts.container for facts in masked.facts} - {""}):
        ask(container, Facts(path="", container=container))
    masker = Masker(job.redactor)
    for hit in scanner.confirm([leaf for leaf, _ in named.values()]):
        found = masker.detection(hit, named[id(hit.leaf)][1], "name")
        masked.detections.append(replace(found, locator=replace(found.locator, steps=())))


def judge(scene: Scene, checks: Mapping[str, Check], redactor: Redactor) -> tuple[Verdict, ...]:
    """One verdict each. A check that breaks is inconclusive, and says so: it never takes the others with it."""
    verdicts = []
    for check in checks.values():
        try:
            verdict = check.judge(scene)
        except Exception as error:  # noqa: BLE001 - the one place that outlives a broken plug-in, and labels it
            verdict = Verdict(
                check=check.name,
                title=check.title,
                outcome=Outcome.INCONCLUSIVE,
                examined=0,
                reason=f"the check itself failed: {type(error).__name__}",
                severity=Severity.HIGH,
                remedy="Report this: a check must not fail on any scene.",
            )
        verdicts.append(replace(verdict, findings=_identified(verdict.findings, redactor)))
    return tuple(verdicts)


# -- parts of the steps --------------------------------------------------------------------------


def _claims(job: Job, plugins: Plugins) -> list[tuple[str, Claim]]:
    return [
        (name, claim)
        for name, model in plugins.sdks.items()
        if job.sdk is None or job.sdk == name
        for claim in model.claims
    ]


def _identifiers(
    redactor: Redactor, claims: Sequence[tuple[str, Claim]], item: Scanned
) -> Iterator[StoredIdentifier]:
    by_steps: dict[tuple[object, ...], list[Hit]] = {}
    for hit in item.hits:
        by_steps.setdefault(hit.leaf.steps, []).append(hit)
    seen = set()
    for leaf in item.leaves:
        locator = Locator(path=item.facts.path, container=item.facts.container, steps=leaf.steps)
        owner = attribute(claims, locator)
        if leaf.in_key or owner is None or owner.role != "identity" or leaf.value in (None, "") or leaf.steps in seen:
            continue
        seen.add(leaf.steps)
        hits = by_steps.get(leaf.steps, [])
        yield StoredIdentifier(
            locator=locator,
            evidence=redactor.evidence(str(leaf.value).encode("utf-8", "surrogatepass"), rule=MaskRule.HIDDEN),
            sdk=owner.sdk,
            types=tuple(dict.fromkeys(hit.type for hit in hits)),
            forms=tuple(dict.fromkeys(hit.form for hit in hits)),
            shape="digest" if _DIGEST.fullmatch(str(leaf.value)) else "",
        )


_DIGEST = re.compile(r"(?i:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})")
"""As long as an MD5, SHA-1, SHA-256 or SHA-512: who does not know the person cannot tell it from a random id."""


def _veil(job: Job, scanner: Scanner, masked: _Masked) -> Veil:
    texts = {job.source.name, job.app or ""}
    texts |= {facts.path for facts in masked.facts} | {facts.container for facts in masked.facts}
    texts |= {unread.path for unread in masked.unread} | {unread.container for unread in masked.unread}
    places = [*(d.locator for d in masked.detections), *(i.locator for i in masked.identifiers)]
    texts |= {step for locator in places for step in locator.steps if isinstance(step, str)}
    veil = Veil(scanner.confirm, job.redactor, texts)
    masked.facts = [veil.facts(facts) for facts in masked.facts]
    masked.coverage = [
        replace(line, path=veil.text(line.path), container=veil.text(line.container)) for line in masked.coverage
    ]
    masked.unread = [veil.unread(unread) for unread in masked.unread]
    masked.detections = [veil.detection(detection) for detection in masked.detections]
    masked.identifiers = [veil.identifier(identifier) for identifier in masked.identifiers]
    return veil


def _identified(findings: Sequence[Finding], redactor: Redactor) -> tuple[Finding, ...]:
    """With ids; findings that differ in row numbers only are one, counted."""
    by_id: dict[str, Finding] = {}
    for finding in findings:
        digest = finding.evidence.fingerprint if finding.evidence else ""
        identity = redactor.identity(
            finding.check, finding.locator.container, finding.locator.identity, finding.type or "", digest,
            finding.state, *finding.layers,
        )  # fmt: skip
        known = by_id.get(identity)
        by_id[identity] = (
            replace(known, occurrences=known.occurrences + 1) if known else replace(finding, id=identity)
        )
    return tuple(
        sorted(by_id.values(), key=lambda f: (-f.severity, f.locator.container, f.locator.path, str(f.locator), f.id))
    )


def _scenario(job: Job) -> dict[str, str]:
    """What was played before the scan, and what was promised and claimed for it: a verdict hangs on these too."""
    asked = {"mode": job.promise, "sdk": job.sdk}
    return {**{name: said for name, said in asked.items() if said}, **job.scenario}


def _seeded_types(job: Job) -> tuple[str, ...]:
    return tuple(dict.fromkeys(type_of(name) for name, _ in job.persona.items())) if job.persona else ()


def _rules_digest(plugins: Plugins) -> str:
    digest = hashlib.sha256()
    for name, detector in plugins.detectors.items():
        digest.update(repr((name, detector.type, detector.pattern.pattern, detector.cues, detector.shapes)).encode())
    for family in (plugins.formats, plugins.checks, plugins.sdks):
        digest.update(repr(sorted(family)).encode())
    return digest.hexdigest()[:16]
