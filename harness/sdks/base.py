"""The port of the SDK family: what an SDK claims as its own, and what each event does to its storage.

A model has no clock, no dice and no files: time and randomness come in with the event, effects go out, and somebody
else applies them to a device. The same events give the same bytes.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Protocol, TypeAlias

from harness.model import Outcome, Platform, Protection, Scalar, Step, pointer

__all__ = [
    "Claim",
    "Database",
    "Delete",
    "Effect",
    "Erased",
    "Event",
    "EventPushed",
    "Installed",
    "Launched",
    "Life",
    "LocationSet",
    "LoggedIn",
    "LoggedOut",
    "Preferences",
    "SdkModel",
    "Sealer",
    "Setup",
    "Table",
    "Write",
    "Writer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A place that an SDK writes to. Globs as in `fnmatch`; `*` crosses `/`."""

    path: str
    """Of the file, relative to the container root."""
    pointer: str = "*"
    """Of the value within it, in JSON-Pointer style."""
    role: str = "data"
    """What it is for: `identity`, `profile`, `queue`, `token`, `config`, `data`."""

    def covers(self, path: str) -> bool:
        """Whether the file is claimed, wholly or in part."""
        return fnmatchcase(path, self.path)

    def matches(self, path: str, steps: tuple[Step, ...]) -> bool:
        """Whether the value is claimed."""
        return fnmatchcase(path, self.path) and fnmatchcase(pointer(steps), self.pointer)


# -- what happens --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens to an app; `at` and `entropy` are all of time and chance that a model sees."""

    at: int
    """Seconds since the epoch."""
    entropy: bytes = field(repr=False)
    """32 bytes that no other event of the run has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed(Event):
    """The app was installed and started for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched(Event):
    """The app was started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn(Event):
    """A person logged in, and the app pushed their profile."""

    identity: str = field(repr=False)
    """The opaque id that the app's server has for the person."""
    profile: Mapping[str, str] = field(repr=False)
    """Persona field name to value: `email`, `phone`, `name`, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPushed(Event):
    """The app recorded something that the person did."""

    label: str
    properties: Mapping[str, str | int | float] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationSet(Event):
    """The app handed over where the device is, in degrees."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut(Event):
    """The person logged out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """The person asked for erasure."""


# -- what it does to storage ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Replace a file of the app."""

    path: str
    """Relative to the container root."""
    data: bytes = field(repr=False)
    mode: int = 0o600
    protection: Protection = Protection.UNTIL_FIRST_AUTH
    in_backup: bool = True
    """False where the app marks the file as not to be backed up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove a file of the app; nothing happens where there is none."""

    path: str


Effect: TypeAlias = Write | Delete


class Sealer(Protocol):
    """The device's keystore as an app sees it: it seals and opens, and never shows a key."""

    def seal(self, alias: str, plain: bytes, *, nonce: bytes) -> bytes:
        """AES-256-GCM: 12 bytes of nonce, then ciphertext, then 16 bytes of tag."""
        ...


# -- how its bytes are made ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preferences:
    """Named values: Android preferences, or a flat property list."""

    values: Mapping[str, str | int | bool | float] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a database. Row ids count from 1."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Database:
    """A database with all that is in it."""

    tables: tuple[Table, ...]
    script: tuple[str, ...] = ()
    """SQL that runs once the rows are written. A deletion leaves in free pages what SQLite leaves there."""
    secure_delete: bool = False
    """Whether SQLite overwrites what it deletes."""


class Writer(Protocol):
    """The storage formats, as a model sees them: content in, the bytes of a real file out."""

    def encode(self, format_name: str, content: Any) -> bytes:
        """Write a document.

        Args:
            format_name: `shared_prefs` or `property_list` for `Preferences`, `sqlite` for a `Database`, `json_text`
                for what JSON can say; any other format takes the content that its own `encode` takes.
            content: what is to be in it.

        Raises:
            FormatError: the content cannot be written in this format.
            PluginError: there is no such format.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How an SDK was built into an app."""

    platform: Platform
    mode: str
    version: str
    app: str
    sealer: Sealer
    writer: Writer
    level: int = 0
    """Encryption level, for SDKs that have levels."""


class Life(Protocol):
    """One installation of an SDK; it remembers what the SDK would."""

    def react(self, event: Event) -> Iterator[Effect]:
        """What the event does to the app's storage."""
        ...


class SdkModel(ABC):
    """One SDK."""

    name: str = ""
    title: ClassVar[str]
    versions: ClassVar[tuple[str, ...]]
    """Newest last."""
    modes: ClassVar[tuple[str, ...]]
    """Storage modes it can be in, of the contract's names."""
    claims: ClassVar[tuple[Claim, ...]]
    expected: ClassVar[Mapping[str, Mapping[str, Outcome]]]
    """By mode: what each check must say after the demo scenario on a rooted or jailbroken device. Its proof."""
    required: ClassVar[tuple[str, ...]] = ("title", "versions", "modes", "claims", "expected")

    @abstractmethod
    def start(self, setup: Setup) -> Life:
        """A fresh installation.

        Raises:
            UsageError: the version has no such mode; the hint lists those that it has.
        """
