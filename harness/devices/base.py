"""The port of the device family: one way to reach stored files per connector.

A connector hands out what is there and records what is refused; it decides nothing about it. Links, devices and
sockets are recorded and never followed.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Protocol, Self, runtime_checkable

from harness.devices._login import Login
from harness.devices._passwords import Passwords
from harness.errors import DeviceError, SourceError
from harness.limits import Limits
from harness.model import Access, Artifact, DeviceProfile, Facts, Unread
from harness.wording import visible

__all__ = [
    "Connector",
    "Holder",
    "Interruptible",
    "Login",
    "Options",
    "Passwords",
    "Progress",
    "Source",
    "Staged",
    "Unlocked",
    "choose",
    "pair_sidecars",
    "with_readers",
]


Progress = Callable[[str, int, int], None]
"""Told of each stage: its name, how much is done, and of how much (0 where not known)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller said about a source beside its name."""

    app: str | None = None
    """Only this app's containers."""
    profile: DeviceProfile | None = None
    """The kind of device that it was taken from, where the source itself does not know."""
    limits: Limits = field(default_factory=Limits)
    may_change: bool = False
    """A device may be changed to reach more: its debug bridge restarted as root."""
    hold: str = ""
    """How the app is held still while it is copied: `stop`, `pause`, or not at all."""
    patience: float = 10.0
    """Seconds that somebody at the device has to answer a dialog."""
    progress: Progress = lambda _stage, _done, _total: None
    """Told while files come."""
    passwords: Passwords = field(default_factory=Passwords)
    """Of a backup that is encrypted; asked for only where one is."""
    login: Login = field(default_factory=Login)
    """How one gets into a device that asks who is there."""
    cable: str = ""
    """Where usbmuxd listens, as `HOST:PORT`; its usual place where empty."""


class Source(Protocol):
    """An open source: a sandbox, a folder, an archive, a phone."""

    name: str
    """As the user named it; no machine path beyond what they typed."""
    profile: DeviceProfile | None
    """The device it is of, where known."""

    def collect(self) -> Iterator[Artifact | Unread]:
        """Everything that is there, sorted by container and path. Sidecars are separate until they are paired.

        Raises:
            DeviceError: the device or its transport failed.
            SourceError: the source is damaged as a whole.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """One file that a connector's fake end is asked to hold, for the contract tests."""

    path: str
    data: bytes = field(repr=False)
    mode: int = 0o600


class Connector(ABC):
    """One way to reach stored files."""

    name: str = ""
    title: ClassVar[str]
    grammar: ClassVar[str]
    """How a user writes such a source: `FILE.tar[.gz|.xz|.zst]`."""
    needs: ClassVar[str] = ""
    """What its fake end takes that a folder cannot be; then `stage` is not asked, and a suite in
    `tests/devices/<name>/` keeps the promises of the contract."""
    required: ClassVar[tuple[str, ...]] = ("title", "grammar")

    @abstractmethod
    def claims(self, source: str) -> float:
        """How sure it is, from 0 to 1, that the source is one of its own. May look, must not change."""

    @abstractmethod
    def open(self, source: str, options: Options) -> Source:
        """Reach it.

        Raises:
            SourceError: it is not there, or not what it looks like.
            DeviceError: the transport failed.
        """

    def stage(self, folder: Path, files: Sequence[Staged]) -> str:
        """Build a fake end that holds these files, and give the source that names it. For the contract tests.

        Raises:
            DeviceError: a folder cannot be its fake end; `needs` says what can.
        """
        raise DeviceError(f"{self.name} needs {self.needs or 'a fake end of its own'}")


@runtime_checkable
class Interruptible(Protocol):
    """A source that may end before everything is there, and says why."""

    fault: DeviceError | None


@runtime_checkable
class Unlocked(Protocol):
    """A source on which code can be run as an app, so that its keystore answers."""

    def holder(self, container: str) -> "Holder | None":
        """The keystore of the app that a container is of; None where nobody can act as that app.

        Raises:
            DeviceError: the device or its transport failed.
        """
        ...


@runtime_checkable
class Remote(Protocol):
    """A keystore at the other end of a connection: one question takes as long as a hundred."""

    def open_all(self, alias: str, sealed: "Sequence[bytes]") -> "Sequence[bytes | DeviceError]":
        """What was sealed, each as by `Holder.open`, or the error that it would raise."""
        ...


class Holder(Protocol):
    """A keystore that answers as the app."""

    @property
    def attackers(self) -> frozenset[Access]:
        """Who can be the app like that."""
        ...

    @property
    def is_portable(self) -> bool:
        """Whether a forked process may ask it, too."""
        ...

    def open(self, alias: str, sealed: bytes) -> bytes:
        """What was sealed: nonce, ciphertext, tag.

        Raises:
            AccessDenied: it refuses, or has no key of that name.
            Unanswered: it could not be asked.
            DeviceError: it was sealed with another key, or is damaged.
        """
        ...


_DEVICE = re.compile(r"(?:adb|emulated|ios|simulator):.|ssh://.", re.DOTALL)


def choose(source: str, connectors: Mapping[str, Connector]) -> Connector:
    """The connector that is surest that the source is its own; ties go by name.

    Raises:
        SourceError: nobody claims it.
        DeviceError: nobody claims it, and it names a device.
    """
    sureness = {name: connector.claims(source) for name, connector in sorted(connectors.items())}
    surest = max(sureness, key=lambda name: sureness[name], default="")
    if surest and sureness[surest] > 0:
        return connectors[surest]
    shown = visible(source)
    if _DEVICE.match(source):
        raise DeviceError(
            f"{shown} cannot be reached yet", hint="`storage-harness doctor` says what this machine can reach"
        )
    forms = "; ".join(connector.grammar for _, connector in sorted(connectors.items()))
    raise SourceError(f"{shown} {_fault(source)}", hint=f"a source is one of: {forms}")


def _fault(source: str) -> str:
    """Why it may be that nobody claims it."""
    try:
        if Path(source).stat() and Path(source).is_file():
            Path(source).open("rb").close()
    except PermissionError:
        return "cannot be read: permission denied"
    except (OSError, ValueError):
        return "does not exist"
    return "is nothing that can be read"


def pair_sidecars(items: Sequence[Artifact], suffixes: Sequence[str]) -> list[Artifact]:
    """Artifacts with their sidecars attached; a sidecar whose main file is missing stays on its own."""
    by_place = {(item.facts.container, item.path): item for item in items}
    attached: dict[tuple[str, str], dict[str, Artifact]] = {}
    for container, path in by_place:
        for suffix in suffixes:
            main = (container, path.removesuffix(suffix))
            if path.endswith(suffix) and main in by_place:
                attached.setdefault(main, {})[suffix] = by_place[container, path]
    lone = {(container, path + suffix) for (container, path), found in attached.items() for suffix in found}
    return [
        replace(item, sidecars={suffix: side.content for suffix, side in sorted(attached.get(place, {}).items())})
        if place in attached
        else item
        for place, item in by_place.items()
        if place not in lone
    ]


def with_readers(facts: Facts, readers: Mapping[Access, bool]) -> Facts:
    """Facts with what is known of each attacker; one that is missing stays unknown."""
    return replace(
        facts,
        readable_by=frozenset(access for access, can in readers.items() if can),
        denied_to=frozenset(access for access, can in readers.items() if not can),
    )
