"""What one installation of the SDK knows: a mirror of what it has stored, and what its process has in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.sdks.base import Effect, InAppReceived, Setup, Sql, Statement
from harness.sdks.clevertap.android_database import (
    JOURNAL_MODE,
    MODE,
    QUEUES,
    closes_after_use,
    database_version,
    pragmas,
)
from harness.sdks.clevertap.android_database import file_name as database_file
from harness.sdks.clevertap.android_preferences import Plain, file_name
from harness.sdks.clevertap.identity import GuidMap
from harness.sdks.clevertap.preference_files import PreferenceFiles
from harness.sdks.clevertap.sealing import Seals
from harness.sdks.clevertap.versions import Scheme, Traits, traits

__all__ = ["ACCOUNT", "Installation", "Kept", "Message", "Process", "Profile", "Row"]

ACCOUNT = "TEST-000-0000"
"""Invented, as the token and the region are."""

_MAIN = file_name()


@dataclass(slots=True)
class Row:
    """A queued event."""

    number: int
    text: str = field(repr=False)
    """As JSON, sealed or not."""
    at_ms: int
    sealed: bool


@dataclass(slots=True)
class Kept:
    """A text, and how it stands on disk."""

    text: str = field(repr=False)
    form: Scheme


@dataclass(slots=True)
class Profile:
    """What the SDK knows of one user."""

    properties: dict[str, Any] = field(default_factory=dict, repr=False)
    stored: str = field(default="", repr=False)
    """The column as it stands on disk."""
    form: Scheme = Scheme.NONE
    as_is: frozenset[str] = frozenset()
    """Properties that came in a shape of ciphertext, and were stored as they came."""


@dataclass(slots=True)
class Message:
    """A message of the inbox."""

    guid: str
    text: str = field(repr=False)
    sealed: bool


@dataclass(slots=True)
class Process:
    """What is gone when the process ends."""

    session: int = 0
    first: bool = False
    last_length: int = 0
    active: int = 0
    """When something was last done in the app."""
    location: tuple[float, float] | None = field(default=None, repr=False)
    advertises: bool = False
    """Whether it made the CleverTap ID, and so knows the advertising id."""
    error: tuple[int, str] | None = field(default=None, repr=False)
    """A complaint that goes out with the next event."""
    timers: dict[str, tuple[int, InAppReceived]] = field(default_factory=dict, repr=False)
    """Messages that wait until they may be shown, and until when, by campaign."""


@dataclass(slots=True)
class Mirror:
    """What the tables and the sealed preferences hold."""

    queues: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in QUEUES})
    last: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUEUES, 0))
    """The highest row number that was ever given."""
    profiles: dict[str, Profile] = field(default_factory=dict)
    """By CleverTap ID."""
    inbox: dict[tuple[str, str], Message] = field(default_factory=dict)
    """By CleverTap ID and message."""
    in_apps: dict[tuple[str, str], Kept] = field(default_factory=dict)
    """By CleverTap ID and preference."""
    users: GuidMap = field(default_factory=GuidMap)
    users_form: Scheme = Scheme.NONE
    variables: dict[str, Kept] = field(default_factory=dict)
    limits: set[str] = field(default_factory=set)
    """Files of Product Config that a switch of users removes."""
    pushes: set[str] = field(default_factory=set, repr=False)
    """Ids of those that came."""
    geofence: bool = False
    """Whether the geofence SDK has written its settings."""
    database: int = 0
    """`user_version`; 0 where there is no database."""


class Installation:
    """All that the parts of the SDK work on, from event to event."""

    def __init__(self, setup: Setup, level: int) -> None:
        self.setup = setup
        self.version = setup.version
        self.level = level
        self.account = ACCOUNT
        self.files = PreferenceFiles(setup.writer, setup.api)
        self.seals = Seals(setup, ACCOUNT, self.files)
        self.mirror = Mirror()
        self.process: Process | None = None
        self.offline = False
        self.at = 0
        self.entropy = b""
        self.traits: Traits = traits(setup.version, setup.api)
        self._statements: list[Statement] = []
        self._other: list[Effect] = []

    def begin_event(self, at: int, entropy: bytes) -> None:
        """Another event is played."""
        self.at = at
        self.entropy = entropy
        self.seals.renew(entropy)

    def become(self, version: str) -> None:
        """Be another version from here on."""
        self.traits = traits(version, self.setup.api)
        self.version = version

    def forget(self) -> None:
        """Everything that was stored is gone, and the process with it."""
        self.files.forget()
        self.mirror = Mirror()
        self.process = None
        self._statements.clear()
        self._other.clear()

    # -- preferences -----------------------------------------------------------------------------

    def key(self, name: str) -> str:
        """The name of a preference of this account."""
        return f"{name}:{self.account}" if self.traits.suffixes_keys else name

    def put(self, name: str, value: Plain) -> None:
        self.files.put(_MAIN, self.key(name), value)

    def get(self, name: str, *, bare: bool = False) -> Plain | None:
        """A preference of this account; the one without suffix that a version before 3.2.0 wrote, where that is still
        read: until 7.6.x always, later by those who ask for it."""
        there = self.files.get(_MAIN, self.key(name))
        if there is None and (bare or self.traits.reads_bare_keys):
            return self.files.get(_MAIN, name)
        return there

    def remove(self, name: str) -> None:
        self.files.remove(_MAIN, self.key(name))

    @property
    def guid(self) -> str:
        """The CleverTap ID; empty before the first start. One that the app chose and the SDK refused is replaced by
        another, in another place."""
        there = self.get("deviceId", bare=True) or self.get("fallbackId")
        return there if isinstance(there, str) else ""

    # -- database --------------------------------------------------------------------------------

    @property
    def database_version(self) -> int:
        return database_version(self.version)

    def run(self, *statements: Statement) -> None:
        """Run statements, if there is a database."""
        if self.traits.has_database:
            self._statements.extend(statements)

    def do(self, effect: Effect) -> None:
        """Write or remove a file that is neither preferences nor database."""
        self._other.append(effect)

    def effects(self) -> Iterator[Effect]:
        """What this event changed: preferences, other files, then the database."""
        yield from self.files.write()
        yield from self._other
        self._other.clear()
        if self._statements:
            yield self.sql(tuple(self._statements))
            self._statements.clear()

    def sql(self, statements: tuple[Statement, ...], *, commits: bool = True) -> Sql:
        """Statements on the database, as Android opens it."""
        return Sql(
            path=database_file(self.account),
            statements=statements,
            pragmas=pragmas(self.setup.api),
            mode=MODE,
            sidecar_mode=JOURNAL_MODE,
            closes=closes_after_use(self.version),
            commits=commits,
        )

    # -- encryption ------------------------------------------------------------------------------

    def seal(self, text: str) -> str:
        """A text as this version seals it."""
        return self.seals.seal(text, self.traits.scheme)

    @property
    def seals_all(self) -> bool:
        """Level 2: whole columns are sealed."""
        return self.level == 2

    @property
    def milliseconds(self) -> int:
        return self.at * 1000
