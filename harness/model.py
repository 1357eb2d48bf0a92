"""The vocabulary. Read this file first, `pipeline.py` second.

Data flows through these types in this order:

    Artifact → Document → Value / Place → Record → Detection → Finding → Verdict → Report

Raw stored bytes live in the first five only, and their `repr` never shows them. From `Detection` on
everything is safe to publish: values are `Evidence` (a mask and a keyed fingerprint), names and
locators are veiled.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol, TypeAlias

__all__ = [
    "LEAST_SURE",
    "UNEXPLAINED",
    "Access",
    "Artifact",
    "Buffer",
    "Bytes",
    "Cell",
    "Component",
    "Content",
    "CoverageLine",
    "Detection",
    "DeviceProfile",
    "Document",
    "Evidence",
    "Exposure",
    "Facts",
    "Finding",
    "Kept",
    "Keystore",
    "Ledger",
    "Locator",
    "Long",
    "MaskRule",
    "Meaning",
    "Outcome",
    "Place",
    "Platform",
    "Protection",
    "Recognised",
    "Record",
    "Report",
    "Scalar",
    "SealState",
    "Sealed",
    "Severity",
    "Share",
    "Span",
    "State",
    "Step",
    "StoredIdentifier",
    "Unread",
    "Value",
    "Verdict",
    "pointer",
]

Buffer: TypeAlias = bytes | bytearray | memoryview | mmap.mmap
"""Bytes of a file, however they are held; sliceable, with a length."""

Scalar: TypeAlias = bool | int | float | str | bytes | datetime | None
"""One stored value."""


class Long(int):
    """A number that Android's preferences store as `<long>` even where it would fit an `<int>`."""

    __slots__ = ()


Step: TypeAlias = str | int
"""One step of a locator: a name, or a position (row id, array index) that identities leave out."""


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"


class Access(IntEnum):
    """Who reads, from the weakest attacker to the strongest."""

    OTHER_APP = 1
    """Another app on a stock device."""
    ADB_SHELL = 2
    """USB debugging: the shell user, and `run-as` on debuggable builds; on iOS a computer that the phone trusts,
    which gets containers of apps that are signed for development."""
    BACKUP = 3
    """A device or cloud backup."""
    ROOT_FILES = 4
    """Rooted or jailbroken: all files, without running code beside the app."""
    ROOT_CODE = 5
    """Rooted or jailbroken and running code: may ask the keystore or keychain to decrypt."""

    @property
    def label(self) -> str:
        """The name in reports and formats: `root_files`."""
        return self.name.lower()


class Protection(StrEnum):
    """iOS data protection class of a file."""

    COMPLETE = "complete"
    """Readable only while the device is unlocked (NSFileProtectionComplete, class A)."""
    UNLESS_OPEN = "unless_open"
    """Class B: readable when unlocked, or where it was opened before the lock."""
    UNTIL_FIRST_AUTH = "until_first_auth"
    """Class C, the default: readable once the device was unlocked after boot."""
    NONE = "none"
    """Class D: readable whenever the device runs."""


class State(StrEnum):
    """Where in its file's life a value stands."""

    LIVE = "live"
    WAL = "wal"
    JOURNAL = "journal"
    FREELIST = "freelist"
    FREEBLOCK = "freeblock"
    UNALLOCATED = "unallocated"
    SLACK = "slack"
    SUPERSEDED = "superseded"
    RAW = "raw"


class Severity(IntEnum):
    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        return self.name.lower()


class Outcome(StrEnum):
    """The verdict of a check; nothing examined is never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"


class Cell(StrEnum):
    """One cell of the exposure matrix: what one attacker gets of one class of personal data."""

    EXPOSED = "exposed"
    """In plain, or merely encoded."""
    BROKEN = "broken"
    """Encrypted or hashed, and reversed by us."""
    MASKED = "masked"
    PSEUDONYMOUS = "pseudonymous"
    UNKNOWN = "unknown"
    """It is stored, and whether this attacker can read it was not observed. Never counted as held."""
    HELD = "held"
    """It is stored, and the protection kept this attacker out."""
    ABSENT = "absent"


class Share(StrEnum):
    """What a byte of a file turned out to be."""

    DECODED = "decoded"
    """Belongs to a value that was decoded."""
    STRUCTURE = "structure"
    """Headers, pointers, syntax: explained by the format, holds no value."""
    FREE = "free"
    """Free by the format's account; searched raw all the same."""
    PADDING = "padding"
    """Runs of zeros, or of ones, that no value is in: nothing is there, free or not."""
    ENCRYPTED = "encrypted"
    """Recognised as ciphertext of a known scheme, by its structure."""
    MEDIA = "media"
    """Pictures, sound and code."""
    SCRAMBLED = "scrambled"
    """Of no known form, and so even that it looks encrypted or compressed. A guess by entropy: it counts as unknown
    wherever somebody is judged."""
    UNKNOWN = "unknown"
    FAILED = "failed"


UNEXPLAINED = (Share.SCRAMBLED, Share.UNKNOWN)
"""Bytes that no format explains: what is under a form that we do not know is found in none of them."""


# -- what a device hands out ---------------------------------------------------------------------


class Content(Protocol):
    """Bytes on demand."""

    @property
    def size(self) -> int:
        """Length in bytes, known without reading."""
        ...

    def read(self) -> Buffer:
        """All of them.

        Raises:
            AccessDenied: the device refused.
            FormatError: they could not be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Bytes:
    """Content that is in memory already."""

    data: Buffer = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self) -> Buffer:
        return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a stored file beside its bytes. `None` means not known: a check skips it."""

    path: str
    """Relative to the app's container root, `/`-separated."""
    container: str = ""
    """Which container, where a source has more than one: a package name, or a container id."""
    size: int = 0
    kind: str = "file"
    """`file`, `link`, `device`, `fifo` or `socket`; only files have content."""
    owner: int | None = None
    group: int | None = None
    mode: int | None = None
    """Permission bits, as in `stat`."""
    modified: float | None = None
    """Seconds since the epoch."""
    label: str | None = None
    """SELinux label."""
    protection: Protection | None = None
    in_backup: bool | None = None
    readable_by: frozenset[Access] = frozenset()
    """Attackers that are known to reach the bytes."""
    denied_to: frozenset[Access] = frozenset()
    """Attackers that are known not to; in neither set: not known."""
    platform: Platform | None = None
    """Of the device, where the layout of the source tells; a profile says more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file and what must be read with it (`-wal`, `-journal`, `.crc`)."""

    facts: Facts
    content: Content = field(repr=False)
    sidecars: Mapping[str, Content] = field(default_factory=dict, repr=False)
    """By suffix: `-wal`, `-journal`, `-shm`, `.crc`."""

    @property
    def path(self) -> str:
        return self.facts.path

    @property
    def container(self) -> str:
        return self.facts.container

    @property
    def locator(self) -> Locator:
        """Of the whole file."""
        return Locator(path=self.facts.path, container=self.facts.container)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that is there and could not be looked at. Costs a line, and no pass."""

    path: str
    reason: str
    size: int = 0
    container: str = ""
    expected: bool = False
    """True where looking was never meant to succeed: links, devices and sockets are recorded, not followed."""


# -- what a format makes of bytes ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes to decode, with those that belong to them. A document inside a value is one too."""

    data: Buffer = field(repr=False)
    sidecars: Mapping[str, Buffer] = field(default_factory=dict, repr=False)
    known: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What a format has worked out of these bytes, for the next question about them; by the format's own word."""

    def part(self, name: str) -> Buffer:
        """The main bytes for `""`, else those of the sidecar with that suffix."""
        return self.data if not name else self.sidecars[name]


class Value(NamedTuple):
    """One decoded value, relative to its document. A tuple, because of no other type are so many made."""

    steps: tuple[Step, ...]
    value: Scalar
    state: State = State.LIVE

    def __repr__(self) -> str:
        return f"Value(steps={self.steps!r}, state={self.state!r})"

    @property
    def key(self) -> str:
        """The nearest name: what a person would call the field."""
        return next((step for step in reversed(self.steps) if isinstance(step, str)), "")


@dataclass(frozen=True, slots=True)
class Place:
    """The answer to "where is this byte?"."""

    steps: tuple[Step, ...]
    state: State = State.LIVE
    value: bytes = field(default=b"", repr=False)
    """The decoded value that the byte belongs to (UTF-8 where it is text); empty where it belongs to none."""
    offset: int = 0
    """Of the byte, within `value`."""
    in_key: bool = False
    """The byte is part of a name, not of a value."""

    @property
    def key(self) -> str:
        return next((step for step in reversed(self.steps) if isinstance(step, str)), "")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `end` (exclusive) of one part of a document, and what they are."""

    start: int
    end: int
    share: Share


@dataclass(frozen=True, slots=True)
class Ledger:
    """What every byte of a document is, by part. Spans are sorted, disjoint and cover each part."""

    parts: Mapping[str, Sequence[Span]]
    fault: str = ""
    """Why not all of it could be read; empty only where decoding it meets no fault either."""

    def totals(self) -> dict[Share, int]:
        """Bytes by share, over all parts. A fault that no byte can be blamed for is held against all of them."""
        sums: dict[Share, int] = {}
        for spans in self.parts.values():
            for span in spans:
                sums[span.share] = sums.get(span.share, 0) + span.end - span.start
        if self.fault and Share.FAILED not in sums:
            return {Share.FAILED: sum(sums.values())}
        return sums


def pointer(steps: tuple[Step, ...]) -> str:
    """Steps in JSON-Pointer style (RFC 6901): `/events/12/data/profile/Email`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """Where a value is; prints as `databases/clevertap#/events/12/data/profile/Email`."""

    path: str
    steps: tuple[Step, ...] = ()
    container: str = ""

    @property
    def pointer(self) -> str:
        return pointer(self.steps)

    def at(self, steps: tuple[Step, ...]) -> Locator:
        """A place in the same file."""
        return Locator(path=self.path, steps=steps, container=self.container)

    @property
    def identity(self) -> str:
        """The place without row numbers, so that waivers survive a new row."""
        steps = "".join("/*" if isinstance(step, int) else pointer((step,)) for step in self.steps)
        return f"{self.path}#{steps}"

    def __str__(self) -> str:
        where = f"{self.container}:{self.path}" if self.container else self.path
        return f"{where}#{self.pointer}" if self.steps else where


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decoded value with its absolute place; what `values` prints."""

    locator: Locator
    value: Scalar = field(repr=False)
    format: str = ""
    state: State = State.LIVE
    layers: tuple[str, ...] = ()
    """Encodings peeled on the way, outermost first."""

    @property
    def key(self) -> str:
        return next((step for step in reversed(self.locator.steps) if isinstance(step, str)), "")


# -- what may be published -----------------------------------------------------------------------

LEAST_SURE = 0.55
"""Below it a detection is a guess: `scan` lists it, and no verdict, cell or gate hangs on it."""


class Meaning(StrEnum):
    """What it means that a value was found as it was."""

    EXPOSED = "exposed"
    """In plain, in whatever spelling."""
    ENCODED = "encoded"
    """Under an encoding that anybody undoes."""
    DIGEST = "digest"
    """Pseudonymous and linkable: who knows the value, or guesses it, finds the person; nobody else does."""
    MASKED = "masked"
    """Only a part of it shows."""

    @classmethod
    def of(cls, form: str, layers: Sequence[str]) -> Meaning:
        """What a form under layers means; under encryption, what was opened does."""
        what = form.partition(":")[0]
        if what == "masked":
            return cls.MASKED
        if what in {"md5", "sha1", "sha256", "sha512"}:
            return cls.DIGEST
        encodings = [layer for layer in layers if ":" not in layer]  # `aes-gcm:keystore` is a cipher
        return cls.ENCODED if encodings else cls.EXPOSED


class MaskRule(StrEnum):
    """How much of a value its mask may show."""

    HIDDEN = "hidden"
    """Nothing but its length."""
    EDGES = "edges"
    """The first character, and the shape."""
    LAST_FOUR = "last_four"
    """Card numbers, as the payment industry prints them."""
    DOMAIN = "domain"
    """The domain of an email address where millions share it, not the person before it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is left of a value once it is safe to show: a mask, and a keyed fingerprint."""

    mask: str
    fingerprint: str
    """HMAC of the normalised value under the run key, 16 hex digits: equal values, equal fingerprints."""
    length: int
    """Of the raw value, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One piece of personal data, found, masked and located."""

    type: str
    """`EMAIL`, `PHONE`, … as in the contract."""
    confidence: float
    why: tuple[str, ...]
    evidence: Evidence
    locator: Locator
    facts: Facts
    persona_field: str | None = None
    form: str = "plain"
    """How the value was stored: `plain`, `base64`, `sha256`, `digits` …"""
    state: State = State.LIVE
    layers: tuple[str, ...] = ()
    in_key: bool = False
    """It is part of a key, a column name or a path."""
    sdk: str | None = None
    """Who claims the place."""
    role: str | None = None
    """What the claim says the place is for: `identity`, `profile`, `queue` …"""
    source_format: str = ""
    """Name of the format of the file."""
    component: str = ""
    """The part of the SDK that writes the place, in words."""
    remedy: str = ""
    """What the claim on the place says that the SDK's user can do."""
    versions: str = ""
    """Which versions of the SDK write the place, in words: `7.7.0 and later`; empty where all do."""
    key: str = ""
    """Where the key that opened it is from; empty where it was not encrypted."""
    opened_by: frozenset[Access] | None = None
    """Attackers who have that key, where they can also read the file; None where it was not encrypted."""
    by_code: bool = False
    """The key is used by code that runs as the app, and is in no file: nobody opens a copy elsewhere."""
    shown: tuple[int, ...] = ()
    """Of a masked value: places of its characters that show, from 0 on; they say nothing of what those are."""
    shown_of: int = 0
    """How many letters and digits the value has."""
    reversible: str = ""
    """Of a masked value: what else was found that gives the rest of it back, in words."""

    @property
    def meaning(self) -> Meaning:
        """What was found says of the value."""
        return Meaning.of(self.form, self.layers)

    @property
    def readers(self) -> frozenset[Access]:
        """Attackers who get at the value itself."""
        return self.facts.readable_by if self.opened_by is None else self.facts.readable_by & self.opened_by

    @property
    def is_guess(self) -> bool:
        """By its shape alone, against what its name says: it is listed, and no verdict hangs on it."""
        return self.confidence < LEAST_SURE

    @property
    def is_held_against(self) -> bool:
        """Whether a verdict may hang on it: it is no guess, and no mask that shows a part only."""
        return not self.is_guess and self.meaning is not Meaning.MASKED

    @property
    def hashed(self) -> bool:
        """Only a digest is stored, and we knew what it is of."""
        return self.meaning is Meaning.DIGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIdentifier:
    """A value at a place that an SDK claims as an identity, judged without being shown."""

    locator: Locator
    evidence: Evidence
    sdk: str
    types: tuple[str, ...] = ()
    """Classes of personal data that were found in it."""
    forms: tuple[str, ...] = ()
    """Forms of a persona value that it equals: `plain`, `sha256`."""
    shape: str = ""
    """What it shows by itself: `digest` where it has the length of one in hex, `advertising_id`, `email` or `phone`
    where the SDK's own form of it says so, `sealed` where it is a ciphertext that nothing opened; else empty."""
    component: str = ""
    """The part of the SDK that keeps it, in words."""
    remedy: str = ""
    """What the claim on the place says that the SDK's user can do."""


class SealState(StrEnum):
    """What became of a ciphertext that was met."""

    OPENED = "opened"
    RESISTED = "resisted"
    """Every key that there is was tried."""
    NO_KEY = "no_key"
    """No key was found to try, and no keystore to ask."""
    MALFORMED = "malformed"
    """It has the marks of a ciphertext and is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Ciphertexts of one scheme at one place, and how far we got with them."""

    locator: Locator
    layer: str
    state: SealState
    sdk: str
    component: str = ""
    reason: str = ""
    """Where the key is from, or why there is none, or what is wrong with it."""
    opened_by: frozenset[Access] = frozenset()
    by_code: bool = False
    """The key that opened it is used by code that runs as the app, and is in no file."""
    untried_by: frozenset[Access] = frozenset()
    """Attackers who have the bytes and may have a key that nobody tried."""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Values that one part of an SDK keeps in one file, personal or not, and who reads them."""

    sdk: str
    component: str
    type: str
    """Class of the personal data in them; empty for all values together."""
    values: int
    readable_by: frozenset[Access]
    """Attackers who read the file."""
    denied_to: frozenset[Access]
    opened_by: frozenset[Access] | None = None
    """Attackers who have the key besides; None where they are in plain."""
    untried_by: frozenset[Access] = frozenset()
    """They are ciphertext, and these attackers may have a key that nobody tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What each attacker gets of what one part of an SDK keeps: the worst of its values."""

    sdk: str
    component: str
    type: str
    """Class of personal data; empty for all of its values, personal or not."""
    values: int
    cells: Mapping[Access, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What storage alone tells of the SDK that wrote it."""

    sdk: str
    first: str
    """The oldest version that can have written it."""
    last: str
    """The newest."""
    era: str
    """In the words of the SDK's specification: `legacy AES`."""
    account: str = field(default="", repr=False)
    """The account of the SDK's customer; no personal data, and in a report no more than its begin."""
    level: int | None = None
    """Of encryption, as configured."""
    notes: tuple[str, ...] = ()
    """What is out of the ordinary: a migration that failed, states that are mixed."""
    container: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing held against the app, at one place."""

    check: str
    severity: Severity
    message: str
    locator: Locator
    type: str | None = None
    persona_field: str | None = None
    evidence: Evidence | None = None
    state: State = State.LIVE
    layers: tuple[str, ...] = ()
    readable_by: frozenset[Access] = frozenset()
    sdk: str | None = None
    component: str = ""
    """The part of that SDK, in words."""
    key: str = ""
    """Where the key that opened it is from; empty where it was not encrypted."""
    versions: str = ""
    """Which versions of that SDK write the place, in words; empty where all do, or where it is not known."""
    remedy: str = ""
    occurrences: int = 1
    """How many places that differ in row numbers only hold the same value."""
    id: str = ""
    """Stable across runs: check, place without row numbers, keyed content digest. Set by the pipeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer of one check."""

    check: str
    title: str
    outcome: Outcome
    examined: int
    """How many things it looked at."""
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    severity: Severity = Severity.INFO
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """`masvs`, `maswe`, `mastg`, `cwe`."""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLine:
    """One file in the ledger."""

    path: str
    container: str
    format: str
    size: int
    shares: Mapping[Share, int]
    error: str = ""
    """Why it could not be decoded; its raw bytes were searched all the same."""
    content: str = ""
    """Keyed digest of the bytes: equal for equal content, useless for guessing it."""

    @property
    def unexplained(self) -> int:
        """Bytes that no format explains, whatever they look like."""
        return sum(self.shares.get(share, 0) for share in UNEXPLAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One cell of the matrix, with the ids of the findings that back it."""

    type: str
    access: Access
    cell: Cell
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run found. No clock in it: equal input, equal bytes."""

    source: str
    profile: DeviceProfile | None
    app: str | None
    sdks: tuple[str, ...]
    persona: bool
    """Whether a seeded person was known."""
    snapshot: str
    """Keyed digest over paths, facts and contents: equal for equal sources, useless for guessing at one."""
    coverage: tuple[CoverageLine, ...]
    unread: tuple[Unread, ...]
    verdicts: tuple[Verdict, ...]
    exposure: tuple[Exposure, ...]
    detections: tuple[Detection, ...]
    tool: Mapping[str, str] = field(default_factory=dict)
    scenario: Mapping[str, str] = field(default_factory=dict)
    sealed: tuple[Sealed, ...] = ()
    recognised: tuple[Recognised, ...] = ()
    components: tuple[Component, ...] = ()

    @property
    def findings(self) -> Iterator[Finding]:
        for verdict in self.verdicts:
            yield from verdict.findings

    @property
    def outcome(self) -> Outcome:
        """Fail if any check failed; inconclusive if one was, or nothing was judged; else pass."""
        outcomes = {verdict.outcome for verdict in self.verdicts}
        if Outcome.FAIL in outcomes:
            return Outcome.FAIL
        if Outcome.INCONCLUSIVE in outcomes or Outcome.PASS not in outcomes:
            return Outcome.INCONCLUSIVE
        return Outcome.PASS


# -- devices -------------------------------------------------------------------------------------


class Keystore(StrEnum):
    """Where keys live."""

    NONE = "none"
    SOFTWARE = "software"
    TEE = "tee"
    STRONGBOX = "strongbox"
    SECURE_ENCLAVE = "secure_enclave"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProfile:
    """A kind of device; equals one file in `device_profiles/`."""

    name: str
    title: str
    platform: Platform
    os_version: str
    app_root: str
    """Where app containers live: `/data/data`."""
    privileged: bool = False
    """Rooted or jailbroken."""
    debuggable: bool = False
    """The app under test is a debuggable build: `run-as` answers; on iOS it is signed for development, and a computer
    that the phone trusts gets its container."""
    adb: bool = False
    """USB debugging is on."""
    userdebug: bool = False
    """Android: an emulator image or engineering build, of which anybody makes themselves root by `adb root`."""
    work_profile: bool = False
    """Android: a second user, number 10, who has every app too, each with storage and a uid of its own."""
    simulator: bool = False
    """Containers are ordinary files of the host's user."""
    jailbreak_root: str = ""
    """iOS: the folder under which a jailbreak keeps its programs: `/var/jb` where the system's own stay as they are;
    empty where they are among the system's."""
    locked: bool = False
    """iOS: the screen is locked; it was unlocked since it started."""
    keystore: Keystore = Keystore.NONE
    encrypted_backup: bool = False
    """Backups are encrypted by default."""
    backup: bool = True
    """Apps are backed up unless they opt out."""
    backup_excludes: tuple[str, ...] = ()
    """Folders of a container that never enter a backup."""
