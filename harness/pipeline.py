"""Source to report, one step per function. Read this second, after `model.py`.

    collect → learn → scan → mask → judge → expose → report

`collect` reaches the files, `learn` finds the SDKs in them and the keys that they give away, `scan` finds personal
data (both lanes), `mask` is where raw values end, `judge` asks each check for its verdict, `expose` draws the matrix
of class and attacker. Rendering is the reporters' business.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness import __version__, registry
from harness.checks.base import Check, Scene
from harness.detectors.base import Detector
from harness.devices.base import Source, pair_sidecars
from harness.exposure import expose, expose_components
from harness.formats.base import Format
from harness.limits import Limits
from harness.masking import Masked, mask, search_names, veiled
from harness.model import (
    Access,
    Artifact,
    Facts,
    Finding,
    Outcome,
    Recognised,
    Report,
    SealState,
    Severity,
    Unread,
    Verdict,
)
from harness.persona import Persona, type_of
from harness.persona.reversal import with_reversals
from harness.redaction import Redactor
from harness.scan.attribution import ClaimIndex
from harness.scan.ownership import owned_files
from harness.scan.scanner import Scanned, Scanner
from harness.scan.workers import scanned_by
from harness.sdks.base import Claim, SdkModel
from harness.sdks.base.known import KnownSdk, load_known
from harness.unlocking import keyring_for, learn

__all__ = ["Job", "Plugins", "Progress", "collect", "models_of", "report_on", "scanner_for"]


@dataclass(frozen=True, slots=True)
class Plugins:
    """Every plug-in that a scan needs."""

    formats: Mapping[str, Format]
    detectors: Mapping[str, Detector]
    checks: Mapping[str, Check]
    sdks: Mapping[str, SdkModel]
    known: Mapping[str, KnownSdk] = field(default_factory=dict)
    """SDKs that are recognised by their claims alone."""

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
            load_known(),
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


def report_on(job: Job, plugins: Plugins) -> Report:
    """The whole way.

    Raises:
        DeviceError: the device or its transport failed.
        SourceError: the source is damaged as a whole.
    """
    artifacts, refused = collect(job, plugins)
    claims = _claims(job, plugins)
    scanner = scanner_for(job, plugins)
    recognised = learn(scanner, models_of(job, plugins), artifacts, job.source)
    sdks = _sdks_of(job, plugins)
    masked = mask(job.redactor, scan(job, plugins, scanner, artifacts, claims), sdks)
    masked.unread += refused
    owned = owned_files(masked.facts, [(name, glob) for name, sdk in sdks.items() for glob in sdk.owned], claims)
    search_names(job.redactor, scanner, masked)
    veil = veiled(job.redactor, scanner, masked, {job.source.name, job.app or ""})
    scene = Scene(
        profile=job.source.profile,
        facts=tuple(masked.facts),
        detections=with_reversals(masked.detections),
        identifiers=tuple(masked.identifiers),
        unread=tuple(masked.unread),
        coverage=tuple(masked.coverage),
        sealed=tuple(masked.sealed),
        sdk_files=tuple(replace(file, facts=masked.facts[at]) for at, file in owned),
        seeded=job.persona is not None,
        promise=job.promise,
    )
    verdicts = judge(scene, plugins.checks, job.redactor)
    return Report(
        source=veil.text(job.source.name),
        profile=job.source.profile,
        app=veil.text(job.app) if job.app else None,
        sdks=_sdks(masked, recognised),
        persona=job.persona is not None,
        snapshot=job.redactor.digest("\n".join(sorted(masked.digests)).encode("utf-8", "surrogatepass")),
        coverage=scene.coverage,
        unread=scene.unread,
        verdicts=verdicts,
        exposure=expose(scene.detections, verdicts, _seeded_types(job), untried=_untried_by(scene)),
        detections=scene.detections,
        tool={"version": __version__, "rules": _rules_digest(plugins)},
        scenario=_scenario(job),
        sealed=scene.sealed,
        components=expose_components(masked.kept),
        recognised=tuple(replace(each, container=veil.text(each.container)) for each in recognised),
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
    """The scanner with what the job knows of the person, and of how SDKs seal."""
    models = models_of(job, plugins)
    return Scanner(
        plugins.formats,
        plugins.detectors,
        persona=job.persona,
        limits=job.limits,
        keyring=keyring_for(models),
        salts=tuple(dict.fromkeys(salt for model in models.values() for salt in model.salts)),
    )


def scan(
    job: Job,
    plugins: Plugins,
    scanner: Scanner,
    artifacts: Sequence[Artifact],
    claims: Sequence[tuple[str, Claim]],
) -> Iterator[Scanned | Unread]:
    """Both lanes over every file. Those that hold claimed identities, or are of an SDK that can be played and so is
    known to the value, are decoded in full."""
    told = ClaimIndex(pair for pair in claims if pair[1].role == "identity" or pair[0] in plugins.sdks)

    def deep(facts: Facts) -> bool:
        return job.deep or bool(told.on(facts.path))

    jobs = job.jobs if scanner.keyring.is_portable else 1
    for done, item in enumerate(scanned_by(jobs, scanner, artifacts, deep), 1):
        job.progress("scan", done, len(artifacts))
        yield item


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


def models_of(job: Job, plugins: Plugins) -> dict[str, SdkModel]:
    """The SDK that the job is about, or all that are known."""
    return {name: model for name, model in plugins.sdks.items() if job.sdk is None or job.sdk == name}


def _sdks_of(job: Job, plugins: Plugins) -> dict[str, SdkModel | KnownSdk]:
    """Those that can be played and those that are known by their claims alone."""
    every: dict[str, SdkModel | KnownSdk] = {**plugins.known, **plugins.sdks}
    return {name: sdk for name, sdk in every.items() if job.sdk in (None, name)}


def _claims(job: Job, plugins: Plugins) -> list[tuple[str, Claim]]:
    return [(name, claim) for name, sdk in _sdks_of(job, plugins).items() for claim in sdk.claims]


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


def _untried_by(scene: Scene) -> frozenset[Access] | None:
    """Who may have a key that nobody tried; None where all were."""
    untried = [sealed.untried_by for sealed in scene.sealed if sealed.state is SealState.NO_KEY]
    return frozenset().union(*untried) if untried else None


def _sdks(masked: Masked, recognised: Sequence[Recognised]) -> tuple[str, ...]:
    """Whose storage it is: by what was found there, or by what it says itself."""
    found = {detection.sdk for detection in masked.detections} | {sealed.sdk for sealed in masked.sealed}
    return tuple(sorted({sdk for sdk in found | {each.sdk for each in recognised} if sdk}))


def _seeded_types(job: Job) -> tuple[str, ...]:
    return tuple(dict.fromkeys(type_of(name) for name, _ in job.persona.items())) if job.persona else ()


def _rules_digest(plugins: Plugins) -> str:
    digest = hashlib.sha256()
    for name, detector in plugins.detectors.items():
        digest.update(repr((name, detector.type, detector.pattern.pattern, detector.cues, detector.shapes)).encode())
    for family in (plugins.formats, plugins.checks, plugins.sdks, plugins.known):
        digest.update(repr(sorted(family)).encode())
    return digest.hexdigest()[:16]
