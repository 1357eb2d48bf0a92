"""The port of the check family: one question each, and a count of what was examined to answer it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from harness.model import (
    Access,
    CoverageLine,
    Detection,
    DeviceProfile,
    Evidence,
    Facts,
    Finding,
    Locator,
    Outcome,
    Sealed,
    Severity,
    Share,
    StoredIdentifier,
    Unread,
    Verdict,
)
from harness.wording import count_of, type_word

__all__ = ["Check", "Scene", "SdkFile", "detected", "stored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkFile:
    """A file that is an SDK's by its name or folder alone."""

    sdk: str
    facts: Facts
    claimed: bool
    """Whether a claim of any SDK covers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a check may look at; no raw value is in it."""

    profile: DeviceProfile | None = None
    facts: tuple[Facts, ...] = ()
    """Every file that was collected."""
    detections: tuple[Detection, ...] = ()
    identifiers: tuple[StoredIdentifier, ...] = ()
    unread: tuple[Unread, ...] = ()
    coverage: tuple[CoverageLine, ...] = ()
    sealed: tuple[Sealed, ...] = ()
    """Ciphertexts of schemes that are known, opened or not."""
    sdk_files: tuple[SdkFile, ...] = ()
    seeded: bool = True
    """Whether it is known who the person is."""
    promise: str | None = None
    """The storage mode that was promised: `plain`, `masked`, `encrypted`, `identifier-only` …"""

    @property
    def unseen(self) -> tuple[str, ...]:
        """What should have been looked at and could not be: refused, unreadable or damaged files."""
        refused = [unread.path for unread in self.unread if not unread.expected]
        damaged = [line.path for line in self.coverage if line.shares.get(Share.FAILED, 0)]
        return (*refused, *damaged)

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Files that are mostly of no known form: encrypted, or of a format that nobody taught us. Their bytes were
        searched as they are, which finds no value under a form that we do not know."""
        return tuple(line.path for line in self.coverage if line.unexplained * 2 > max(line.size, _LEAST))


_LEAST = 512
"""Bytes; a smaller remnant of no known form takes no pass away."""


class Check(ABC):
    """One question about an app's storage."""

    name: str = ""
    subject: ClassVar[tuple[str, str]] = ("file", "files")
    """What it examines, one and many, so that pass and fail count the same things."""
    reads_content: ClassVar[bool] = True
    """False where the answer is in a file's mode and place, so that it need not be understood."""
    title: ClassVar[str]
    """The promise in a few words, so that pass and fail read right: `Stored identities are opaque`."""
    question: ClassVar[str]
    severity: ClassVar[Severity]
    remedy: ClassVar[str]
    masvs: ClassVar[tuple[str, ...]]
    maswe: ClassVar[tuple[str, ...]]
    """MASWE 1.0 ids, `MASWE-0001`; the beta id follows as an alias in brackets: `MASWE-0001 (beta 0006)`."""
    mastg: ClassVar[tuple[str, ...]]
    cwe: ClassVar[tuple[str, ...]]
    bad: ClassVar[Scene]
    """The smallest scene that must fail."""
    good: ClassVar[Scene]
    """Its twin that must pass."""
    required: ClassVar[tuple[str, ...]] = (
        "title", "question", "severity", "remedy", "masvs", "maswe", "mastg", "cwe", "bad", "good",
    )  # fmt: skip

    @abstractmethod
    def examine(self, scene: Scene) -> Iterator[Finding | None]:
        """None for each thing that is in order, one finding or more for each other. What is not known is skipped."""

    def not_applicable(self, scene: Scene) -> str:
        """Why the question does not arise for this scene; empty where it does."""
        return ""

    def judge(self, scene: Scene) -> Verdict:
        """The verdict: nothing examined, or something unseen, is never a pass."""
        reason = self.not_applicable(scene)
        if reason:
            return self._verdict(Outcome.NOT_APPLICABLE, 0, reason, ())
        answers = list(self.examine(scene))
        findings = tuple(answer for answer in answers if answer is not None)
        thing = self.things(scene)
        faulty = len({thing(finding) for finding in findings})
        examined = faulty + len(answers) - len(findings)
        if findings:
            reason = f"{faulty:,} of {count_of(examined, *self.subject)}: {_gist(findings)}"
            return self._verdict(Outcome.FAIL, examined, reason, findings)
        if not answers:
            return self._verdict(Outcome.INCONCLUSIVE, 0, "nothing to examine", ())
        if self.reads_content and scene.unexplained:
            reason = f"{count_of(len(scene.unexplained), 'file is', 'files are')} of no known form, perhaps encrypted"
            return self._verdict(Outcome.INCONCLUSIVE, examined, reason, ())
        if scene.unseen:
            reason = f"{count_of(len(scene.unseen), 'file')} could not be read"
            return self._verdict(Outcome.INCONCLUSIVE, examined, reason, ())
        looked = f"{count_of(examined, *self.subject)} examined, all in order"
        return self._verdict(Outcome.PASS, examined, looked + _unexplained(scene), ())

    def things(self, scene: Scene) -> Callable[[Finding], object]:
        """Tells which of a scene's things a finding is about."""
        del scene
        return self.thing

    def thing(self, finding: Finding) -> object:
        """Which of the things examined a finding is about."""
        return finding.locator.container, finding.locator.path

    def finding(self, message: str, detection: Detection) -> Finding:
        """A finding about one detection."""
        return Finding(
            check=self.name,
            severity=self.severity,
            message=message,
            locator=detection.locator,
            type=detection.type,
            persona_field=detection.persona_field,
            evidence=detection.evidence,
            state=detection.state,
            layers=detection.layers,
            readable_by=detection.readers,
            sdk=detection.sdk,
            component=detection.component,
            versions=detection.versions,
            key=detection.key,
            remedy=self.remedy,
        )

    def _verdict(self, outcome: Outcome, examined: int, reason: str, findings: tuple[Finding, ...]) -> Verdict:
        return Verdict(
            check=self.name,
            title=self.title,
            outcome=outcome,
            examined=examined,
            reason=reason,
            findings=findings,
            severity=self.severity,
            ids={"masvs": self.masvs, "maswe": self.maswe, "mastg": self.mastg, "cwe": self.cwe},
            remedy=self.remedy,
        )


def _gist(findings: Sequence[Finding]) -> str:
    """What was found: classes of personal data, or what is wrong with a file; the worst first."""
    worst = sorted(findings, key=lambda finding: -finding.severity)
    told = list(dict.fromkeys(type_word(finding.type) if finding.type else finding.message for finding in worst))
    rest = len(told) - _TOLD
    return ", ".join(told[:_TOLD]) + (f" and {rest} more" if rest > 0 else "")


_TOLD = 4


def _unexplained(scene: Scene) -> str:
    """What a pass must not keep quiet about."""
    count = sum(line.unexplained for line in scene.coverage)
    return f"; {count_of(count, 'byte')} of no known form searched as they are" if count else ""


# -- the smallest scenes -------------------------------------------------------------------------


def stored(
    path: str,
    *,
    mode: int | None = 0o600,
    in_backup: bool | None = False,
    readable_by: frozenset[Access] | None = None,
) -> Facts:
    """A file in an app's private storage."""
    private = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})
    readers = private if readable_by is None else readable_by
    return Facts(
        path=path,
        size=100,
        owner=10001,
        group=10001,
        mode=mode,
        in_backup=in_backup,
        readable_by=readers,
        denied_to=frozenset(Access) - readers,
    )


def detected(
    facts: Facts,
    *,
    kind: str = "EMAIL",
    form: str = "plain",
    role: str | None = None,
    opened_by: frozenset[Access] | None = None,
) -> Detection:
    """Personal data that was found in it, with invented evidence; once encrypted where it is said who has the key."""
    return Detection(
        type=kind,
        confidence=0.99,
        why=("example",),
        evidence=Evidence("j***@example.org", "0123456789abcdef", 16),
        locator=Locator(path=facts.path, steps=("email",)),
        facts=facts,
        form=form,
        role=role,
        opened_by=opened_by,
        key="" if opened_by is None else "a key for an example",
    )
