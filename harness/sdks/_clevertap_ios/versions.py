"""What differs between the versions of CleverTap's iOS SDK: each fact once, with the version that changed it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias

from harness.errors import UsageError

__all__ = ["VERSIONS", "Number", "Scheme", "Traits", "parse", "traits"]

Number: TypeAlias = tuple[int, int, int]

VERSIONS = (
    "3.2.0", "3.4.0", "3.5.0", "3.8.1", "3.9.4", "4.0.0", "4.1.0", "4.1.5", "5.0.0", "5.1.0", "5.2.0", "5.2.1",
    "5.2.2", "6.0.0", "6.2.1", "7.0.0", "7.0.1", "7.0.3", "7.1.0", "7.1.1", "7.2.0", "7.3.0", "7.4.0", "7.4.1",
    "7.5.0", "7.5.1", "7.6.0", "7.7.0",
)  # fmt: skip
"""Those between which storage changed, newest last; releases up to 3.1.7 have no public source: not modelled."""


class Scheme(StrEnum):
    """How a version encrypts on iOS 13 and later."""

    NONE = "none"
    LEGACY = "aes-cbc"
    """Under a key that is constant for every real account."""
    GCM = "aes-gcm"
    """Under a random key of the keychain."""


def parse(version: str) -> Number:
    """The numbers of a version.

    Raises:
        UsageError: it is none.
    """
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts):
        raise UsageError("that is no version of CleverTap's SDK", hint=f"Newest: {VERSIONS[-1]}.")
    major, minor, patch = (int(part) for part in parts)
    return major, minor, patch


@dataclass(frozen=True, slots=True)
class Traits:
    """What one version does."""

    number: Number

    @property
    def scheme(self) -> Scheme:
        """Of everything that it encrypts."""
        if self.number < (5, 2, 0):
            return Scheme.NONE
        return Scheme.LEGACY if self.number < (7, 2, 0) else Scheme.GCM

    @property
    def levels(self) -> tuple[int, ...]:
        """Encryption levels; empty where there are none. A level that a version does not know counts as 0."""
        if self.number < (5, 2, 0):
            return ()
        return (0, 1) if self.number < (7, 4, 0) else (0, 1, 2)

    @property
    def device_ids(self) -> tuple[str, ...]:
        """What it takes for its id; `random` stands for the vendor's id, which is the device's for one vendor."""
        advertising = ("advertising",) if self.number < (3, 9, 0) else ()
        return ("random", *advertising, *(("custom",) if self.number >= (3, 5, 0) else ()))

    @property
    def protects_files(self) -> bool:
        """The app can have archives in the class `complete`."""
        return self.number >= (5, 2, 1)

    # -- preferences -----------------------------------------------------------------------------

    @property
    def configured_identities(self) -> bool:
        """The app chooses what an identity is."""
        return self.number >= (4, 0, 0)

    @property
    def removes_identities(self) -> bool:
        """A property that is removed goes from the identity map as well."""
        return self.number >= (4, 1, 0)

    @property
    def keys_by_user(self) -> bool:
        """What the server sends, and counts of in-apps, are kept by CleverTap ID."""
        return self.number >= (3, 8, 1)

    @property
    def splits_at_every_underscore(self) -> bool:
        """A change of level drops identities with an underscore in them."""
        return self.scheme is Scheme.GCM

    @property
    def converts_once(self) -> bool:
        """From level 1 to 2 and back, sealed identities stay as they are."""
        return self.number >= (7, 5, 1)

    @property
    def allows_system_events(self) -> bool:
        return self.number >= (7, 3, 0)

    @property
    def mute_key(self) -> str:
        return "CLTAP_MUTED_TS_KEY" if self.number < (7, 6, 0) else "CLTAP_MUTE_EXPIRY_TS_KEY"

    @property
    def host(self) -> str:
        """Domain of the server that a handshake names."""
        return "wzrkt.com" if self.number < (3, 10, 0) else "clevertap-prod.com"

    # -- files -----------------------------------------------------------------------------------

    @property
    def has_inbox(self) -> bool:
        return self.number >= (3, 4, 0)

    @property
    def has_impressions(self) -> bool:
        """A third queue, for pushes that were shown."""
        return self.number >= (3, 5, 0)

    @property
    def archives_configuration(self) -> bool:
        """With the account's token."""
        return self.number >= (4, 1, 5)

    @property
    def has_variables(self) -> bool:
        return self.number >= (5, 0, 0)

    @property
    def profile_per_user(self) -> bool:
        """And those of earlier users stay."""
        return self.number >= (7, 0, 0)

    @property
    def has_event_database(self) -> bool:
        """Before, counts of events are in the preferences."""
        return self.number >= (7, 1, 0)

    @property
    def downloads_files(self) -> bool:
        """Into a folder of the SDK's own."""
        return self.number >= (7, 0, 0)

    # -- what is in them -------------------------------------------------------------------------

    @property
    def profile_prefix(self) -> str:
        """Before the names of a profile's own members: `userEmail`."""
        return "user" if self.number < (7, 0, 1) else ""

    @property
    def dates_are_numbers(self) -> bool:
        return (7, 0, 0) <= self.number < (7, 5, 0)

    @property
    def in_apps_per_user(self) -> bool:
        """They are sealed at every level, then."""
        return self.number >= (6, 0, 0)

    @property
    def sdk_number(self) -> int | str:
        """As it says of itself in events; a text before 4.0.0."""
        major, minor, patch = self.number
        number = major * 10000 + minor * 100 + patch
        return number if self.number >= (4, 0, 0) else str(number)

    def seals_profile(self, level: int, name: str) -> bool:
        """Whether a member of the profile is encrypted."""
        named = {"Identity", *(f"{self.profile_prefix}{each}" for each in ("Email", "Phone", "Name"))}
        return level == 2 or (level == 1 and name in named)


@cache
def traits(version: str) -> Traits:
    """Of one version.

    Raises:
        UsageError: it is none.
    """
    return Traits(parse(version))
