"""The port of the reporter family: a report in, one text out. All that arrives here is masked already.

Below the port stand the words and the order that every form of report shares, so that a person who reads two of them
sees the same names, the same rows and the same worst thing first.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from harness.grouping import Cluster, file_label
from harness.model import Access, Cell, Detection, Exposure, Finding, Meaning, Outcome, Platform, Report, Share
from harness.wording import count_of, sdk_word, type_word, visible

__all__ = [
    "ACCESS_WORDS",
    "CELL_WORDS",
    "OUTCOME_WORDS",
    "SHARE_WORDS",
    "Reporter",
    "Row",
    "Run",
    "Subject",
    "Words",
    "in_one_line",
    "masked_words",
    "matrix",
    "origin",
    "readers",
    "shares",
    "subject",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """When and how long: all that differs between two runs over the same input."""

    started: str
    """ISO 8601, UTC."""
    seconds: float
    stages: tuple[tuple[str, float], ...] = ()


class Reporter(ABC):
    """One form of report."""

    name: str = ""
    title: ClassVar[str]
    filename: ClassVar[str]
    """What it is called in the output folder: `result.json`."""
    required: ClassVar[tuple[str, ...]] = ("title", "filename")

    @abstractmethod
    def render(self, report: Report, run: Run | None = None) -> str:
        """The whole text. Without `run`, equal reports give equal text."""


# -- words ---------------------------------------------------------------------------------------


class Words(NamedTuple):
    """How something is called in reports."""

    heading: str
    short: str
    """Where there is little room."""
    sentence: str


ACCESS_WORDS: Mapping[Access, Words] = MappingProxyType(
    {
        Access.OTHER_APP: Words("Another app", "app", "Any other app on a stock device, without special rights."),
        Access.ADB_SHELL: Words(
            "USB debugging", "USB", "A computer on the cable: the adb shell, and run-as on debuggable builds."
        ),
        Access.BACKUP: Words("A backup", "backup", "Whoever holds a device or cloud backup."),
        Access.ROOT_FILES: Words(
            "Root: files", "root files", "A rooted or jailbroken device: all files, but no code run beside the app."
        ),
        Access.ROOT_CODE: Words(
            "Root: code",
            "root code",
            "A rooted or jailbroken device, running code: keystore or keychain decrypt on request.",
        ),
    }
)
"""For each attacker, weakest first."""

CELL_WORDS: Mapping[Cell, Words] = MappingProxyType(
    {
        Cell.EXPOSED: Words("Exposed", "EXP", "Readable as it is, or merely encoded."),
        Cell.BROKEN: Words("Broken", "BRK", "Encrypted or hashed, and reversed by this tool."),
        Cell.UNKNOWN: Words("Unknown", "?", "It is stored; whether this attacker can read it was not observed."),
        Cell.PSEUDONYMOUS: Words("Pseudonymous", "psd", "Only a stand-in that could not be turned back."),
        Cell.MASKED: Words("Masked", "msk", "Only a part of the value is there."),
        Cell.HELD: Words("Held", "held", "It is stored, and the protection kept this attacker out."),
        Cell.ABSENT: Words("Absent", "-", "Not found in anything that could be read."),
    }
)
"""For each state of a cell, worst first."""

OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.FAIL: "FAIL",
        Outcome.INCONCLUSIVE: "INCONCLUSIVE",
        Outcome.PASS: "PASS",
        Outcome.NOT_APPLICABLE: "n/a",
    }
)
"""Worst first."""

SHARE_WORDS: Mapping[Share, str] = MappingProxyType(
    {
        Share.DECODED: "decoded",
        Share.STRUCTURE: "structure",
        Share.FREE: "free space",
        Share.PADDING: "zeros and padding",
        Share.ENCRYPTED: "encrypted",
        Share.MEDIA: "media and code",
        Share.SCRAMBLED: "looks encrypted or compressed",
        Share.UNKNOWN: "unknown",
        Share.FAILED: "failed",
    }
)


# -- order ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One class of personal data in the exposure matrix, with a cell for every attacker."""

    type: str
    cells: Mapping[Access, Exposure]

    @property
    def badness(self) -> tuple[int, ...]:
        """Sorts worst first: by how many attackers get the worst state, then the next."""
        states = [exposure.cell for exposure in self.cells.values()]
        return tuple(-states.count(cell) for cell in CELL_WORDS)


def matrix(report: Report) -> list[Row]:
    """The exposure matrix, worst row first. A cell that the report leaves out is not known, never absent."""
    cells: dict[str, dict[Access, Exposure]] = {}
    for exposure in report.exposure:
        cells.setdefault(exposure.type, {})[exposure.access] = exposure
    rows = [
        Row(
            type=kind,
            cells={
                access: known.get(access, Exposure(type=kind, access=access, cell=Cell.UNKNOWN)) for access in Access
            },
        )
        for kind, known in cells.items()
    ]
    return sorted(rows, key=lambda row: (row.badness, row.type))


def masked_words(report: Report) -> list[str]:
    """What is stored behind masks, a class in a sentence: how much shows at most, and what gives the rest back."""
    masked: dict[str, list[Detection]] = {}
    for each in report.detections:
        if each.meaning is Meaning.MASKED and not each.is_guess:
            masked.setdefault(each.type, []).append(each)
    sentences = []
    for kind, here in sorted(masked.items()):
        most = max(here, key=lambda each: (len(each.shown), each.shown_of))
        ways = sorted({each.reversible for each in here} - {""})
        rest = f"; reversible: {', '.join(ways)}" if ways else ""
        shows = f"{len(most.shown)} of {most.shown_of} characters show at most"
        sentences.append(f"{type_word(kind)}: masked at {count_of(len(here), 'place')}, {shows}{rest}")
    return sentences


def in_one_line(cluster: Cluster) -> str:
    """Findings for a log: `high: Email j***@example.org at app:files/a.json /mail: stored in plain text (…)`; in
    brackets the part of an SDK that it is of, the key that opened it, and who reads it."""
    finding = cluster.first
    kind = f" {type_word(finding.type)}" if finding.type else ""
    mask = f" {finding.evidence.mask}{cluster.more}" if finding.evidence else ""
    where = f"{file_label(finding.locator.container, finding.locator.path)} {cluster.place}"
    notes = "; ".join([*origin(finding), f"read by: {readers(finding.readable_by)}"])
    return visible(f"{finding.severity.label}:{kind}{mask} at {where}: {finding.message} ({notes})")


def origin(finding: Finding) -> list[str]:
    """Which part of which SDK wrote it, and the key that opened it where the message does not say so."""
    writers = f", written by {finding.versions}" if finding.versions else ""
    notes = [sdk_word(finding.sdk, finding.component) + writers] if finding.sdk else []
    return [*notes, f"key: {finding.key}"] if finding.key and finding.key not in finding.message else notes


def readers(who: frozenset[Access]) -> str:
    """Attackers in words: `USB debugging and stronger`."""
    if not who:
        return "not known"
    weakest = ACCESS_WORDS[min(who)].heading
    if len(who) > 1 and who == {access for access in Access if access >= min(who)}:
        return "everybody" if len(who) == len(Access) else f"{weakest} and stronger"
    return weakest if len(who) == 1 else ", ".join(ACCESS_WORDS[access].short for access in sorted(who))


def shares(report: Report) -> dict[Share, int]:
    """Bytes by what they turned out to be, over all files."""
    return {share: sum(line.shares.get(share, 0) for line in report.coverage) for share in Share}


# -- subject -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was looked at, in words."""

    app: str
    device: str
    source: str
    persona: str
    scenario: str
    """What was played or promised before the scan; empty where nothing was."""
    simulated: bool
    """The device, the SDK or both were simulated; said in every report, so that none passes for the real thing."""


_SIMULATED = ("emulated:", "sandbox:", "simulated:")
_SCENARIO_WORDS = {"name": "{} scenario", "sdk": "SDK {}", "version": "version {}", "mode": "storage mode {}"}
"""What a scenario says, in the order of a sentence; `simulated` has a field of its own."""


def subject(report: Report) -> Subject:
    """Who and what the report is about."""
    return Subject(
        app=_app(report),
        device=_device(report),
        source=report.source,
        persona="seeded person known" if report.persona else "no seeded person: patterns only",
        scenario=_scenario(report),
        simulated=report.source.startswith(_SIMULATED) or report.scenario.get("simulated") == "true",
    )


def _app(report: Report) -> str:
    """The app that was asked for, or the only one that is there; else the source it was all taken from."""
    if report.app:
        return report.app
    there = {line.container for line in report.coverage} | {unread.container for unread in report.unread}
    if len(there) == 1 and there != {""}:
        return there.pop()
    return f"All apps in {report.source}" if len(there) > 1 else report.source or "A source without a name"


def _device(report: Report) -> str:
    profile = report.profile
    if profile is None:
        return "device not known"
    system = "Android" if profile.platform is Platform.ANDROID else "iOS"
    rooted = "jailbroken" if profile.platform is Platform.IOS else "rooted"
    words = [f"{system} {profile.os_version}"]
    words += [rooted] if profile.privileged else []
    words += ["debuggable build"] if profile.debuggable else []
    words += ["iOS Simulator"] if profile.simulator else []
    return f"{profile.name} ({', '.join(words)})"


def _scenario(report: Report) -> str:
    said = report.scenario
    known = {key: form.format(said[key]) for key, form in _SCENARIO_WORDS.items() if said.get(key)}
    if report.sdks == (said.get("sdk"),):
        del known["sdk"]  # every report names the SDKs that it found
    rest = [f"{key} {value}" for key, value in sorted(said.items()) if key not in {*_SCENARIO_WORDS, "simulated"}]
    return ", ".join([*known.values(), *rest])
