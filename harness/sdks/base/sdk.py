"""One SDK: what it claims as its own, what it can be, and one installation of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import ClassVar, Protocol

from harness.model import Outcome, Platform, Recognised, Record, Step, pointer
from harness.sdks.base.ciphers import Cipher, Sealer
from harness.sdks.base.effects import Effect, Writer
from harness.sdks.base.events import Event

__all__ = [
    "Claim",
    "Life",
    "SdkModel",
    "Setup",
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
    component: str = ""
    """The part of the SDK that writes it, for people: `event queue`, `identity map`, `ARP`."""
    since: str = ""
    """First version that writes it; empty where it always was."""
    until: str = ""
    """Last version that writes it; empty where it still does."""
    remedy: str = ""
    """What the SDK's user can do about personal data in it: a level, an upgrade, another way to integrate."""
    uncertain: str = ""
    """What is not proven about it, and why; empty where the source was read."""
    source: str = ""
    """Where it was read, as `owner/name:path@version`."""
    holds: tuple[str, ...] = ()
    """Classes of personal data that typically land there: `EMAIL`, `LOCATION`."""

    @property
    def versions(self) -> str:
        """Which versions write it, in words: `7.7.0 and later`; empty where all do."""
        if self.since and self.until:
            return self.since if self.since == self.until else f"{self.since} to {self.until}"
        if self.since:
            return f"{self.since} and later"
        return f"up to {self.until}" if self.until else ""

    def covers(self, path: str) -> bool:
        """Whether the file is claimed, wholly or in part."""
        return fnmatchcase(path, self.path)

    def matches(self, path: str, steps: tuple[Step, ...]) -> bool:
        """Whether the value is claimed."""
        return fnmatchcase(path, self.path) and fnmatchcase(pointer(steps), self.pointer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How an SDK was built into an app."""

    platform: Platform
    mode: str
    version: str
    app: str
    sealer: Sealer
    writer: Writer
    level: int | None = None
    """Encryption level, for SDKs that have levels; the one that the mode stands for where None."""
    api: int = 34
    """Android: the API level of the device."""
    advertising_id: str | None = field(default=None, repr=False)
    """The device's, where the app lets the SDK take it for the id of the installation."""
    custom_id: str | None = field(default=None, repr=False)
    """What the app gives as the id of the installation; empty where it is to choose one and has none, None where it
    leaves that to the SDK."""
    extras: frozenset[str] = frozenset()
    """Modules of the SDK that the app has beside the SDK itself."""


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
    platforms: ClassVar[tuple[Platform, ...]] = tuple(Platform)
    """Where it can be simulated."""
    claims: ClassVar[tuple[Claim, ...]]
    expected: ClassVar[Mapping[str, Mapping[str, Outcome]]]
    """By mode: what each check must say after the demo scenario on a rooted or jailbroken device. Its proof."""
    ciphers: ClassVar[tuple[Cipher, ...]] = ()
    """How it seals what it stores."""
    salts: ClassVar[tuple[bytes, ...]] = ()
    """Constants of the SDK that a digest of a value may be salted with, before it, behind it or as a key."""
    owned: ClassVar[tuple[str, ...]] = ()
    """Globs of files that are the SDK's by name or folder alone: one that no claim covers is found as unclaimed."""
    required: ClassVar[tuple[str, ...]] = ("title", "versions", "modes", "claims", "expected")

    def levels(self, version: str) -> tuple[int, ...]:
        """The encryption levels that a version has; empty where it has none."""
        del version
        return ()

    def levels_of(self, version: str, mode: str) -> tuple[int, ...]:
        """The encryption levels of a version at which a mode's name is true; empty where it has none."""
        levels = self.levels(version)
        if mode == "plain":
            return tuple(level for level in levels if level == 0)
        return tuple(level for level in levels if level > 0) if mode == "encrypted" else levels

    def expected_of(self, version: str, mode: str, level: int | None = None) -> Mapping[str, Outcome]:
        """What each check must say as in `expected`, of one version and level: the mode's own where None."""
        del version, level
        return self.expected[mode]

    def device_ids(self, version: str) -> tuple[str, ...]:
        """What a version can take for the id of an installation: `random`, `advertising`, `custom`."""
        del version
        return ("random",)

    def extras(self, version: str) -> tuple[str, ...]:
        """The modules that an app can have beside a version of the SDK, and that the model knows."""
        del version
        return ()

    def has_mode(self, version: str, mode: str) -> bool:
        """Whether a version can be in a mode."""
        del version
        return mode in self.modes

    def identity_shape(self, value: str) -> str:
        """What a stored identity shows of the person or the device by its shape alone: `advertising_id`, `email`,
        `phone`, `digest`; empty where it is opaque."""
        del value
        return ""

    def recognise(self, records: Sequence[Record]) -> Recognised | None:
        """Which version, level and account wrote this storage, from the claimed values of one app alone."""
        del records
        return None

    @abstractmethod
    def start(self, setup: Setup) -> Life:
        """A fresh installation.

        Raises:
            UsageError: the version has no such mode; the hint lists those that it has.
        """
