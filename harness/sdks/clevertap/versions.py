"""What differs between the versions of CleverTap's Android SDK: each fact once, with the version that changed it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias

from harness.errors import UsageError

__all__ = ["VERSIONS", "EventLog", "GuidMapForm", "Number", "Scheme", "Traits", "parse", "traits"]

Number: TypeAlias = tuple[int, int, int]

VERSIONS = (
    "2.0.1", "2.1.0", "2.2.0", "3.1.10", "3.2.0", "3.3.0", "3.4.0", "3.5.0", "3.6.0", "3.7.0", "3.8.0", "3.9.1",
    "4.0.0", "4.0.4", "4.1.0", "4.2.0", "4.3.0", "4.4.0", "4.5.0", "4.6.0", "4.6.3", "4.6.6", "4.7.0", "4.7.5",
    "5.0.0", "5.1.0", "5.2.0", "5.2.1", "5.2.2", "6.0.0", "6.1.0", "6.2.0", "6.2.1", "7.0.0", "7.0.3", "7.1.0",
    "7.1.2", "7.2.0", "7.2.2", "7.3.0", "7.3.1", "7.4.0", "7.4.1", "7.5.0", "7.5.1", "7.5.2", "7.6.0", "7.7.0",
    "7.7.1", "7.8.0", "8.0.0", "8.1.0", "8.2.0",
)  # fmt: skip
"""Those whose storage was read in the SDK's source, newest last; before 3.2.0, in constants of its binaries."""


class Scheme(StrEnum):
    """How a version encrypts."""

    NONE = "none"
    LEGACY = "aes-cbc"
    """Under a key that is made of constants and the account id."""
    GCM = "aes-gcm"
    """Under a key in the keystore, or on Android 5 in the preferences."""


class GuidMapForm(StrEnum):
    """How the map of all identities is written at level 1 and above."""

    PLAIN = "plain"
    VALUES = "values"
    """What is after `Email_` is encrypted, the rest is JSON."""
    WHOLE_FOR_KNOWN_KEYS = "whole for known keys"
    """All of it, if the key that came last is spelled like one of the four that the SDK knows."""
    WHOLE = "whole"


class EventLog(StrEnum):
    """Where counts of events are kept."""

    PREFERENCES = "preferences"
    TABLE = "table"


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
    """What one version does on one Android."""

    number: Number
    api: int
    """API level of the device."""

    def _within(self, first: Number, last: Number) -> bool:
        return first <= self.number <= last

    # -- preferences -----------------------------------------------------------------------------

    @property
    def suffixes_keys(self) -> bool:
        """Preference keys end in `:<account>`."""
        return self.number >= (3, 2, 0)

    @property
    def reads_bare_keys(self) -> bool:
        """What a version before 3.2.0 wrote without suffix is found."""
        return self.number < (7, 7, 0)

    @property
    def configured_identities(self) -> bool:
        """The app chooses the identity keys, and the choice is kept."""
        return self.number >= (4, 1, 0)

    @property
    def arp_per_user(self) -> bool:
        """What the server sends is kept for each CleverTap ID, and survives a switch of users."""
        return self.number >= (3, 7, 0)

    @property
    def longest_arp_text(self) -> int | None:
        """A longer text of the server's is not kept; None where any is."""
        return None if self._within((5, 2, 1), (7, 4, 99)) else 99

    @property
    def stores_pauses(self) -> bool:
        return self.number >= (2, 2, 0)

    @property
    def says_transit(self) -> bool:
        """The configuration says whether requests are encrypted."""
        return self.number >= (7, 5, 0)

    @property
    def describes_push_types(self) -> bool:
        """The configuration has objects for push services, and not only their names."""
        return self.number >= (7, 3, 0)

    @property
    def has_product_config(self) -> bool:
        """It is there later, too, and deprecated."""
        return self._within((3, 8, 0), (4, 99, 99))

    @property
    def handshakes(self) -> bool:
        """The host that the server assigns is kept."""
        return self.number >= (3, 1, 10)

    @property
    def has_second_host(self) -> bool:
        """One for push impressions."""
        return self.number >= (3, 5, 0)

    @property
    def stores_in_apps_per_user(self) -> bool:
        """In-app messages have a file for each CleverTap ID, and are encrypted at every level."""
        return self.number >= (6, 0, 0)

    @property
    def stores_variables(self) -> bool:
        return self.number >= (5, 0, 0)

    @property
    def stores_variants(self) -> bool:
        return self.number >= (7, 7, 1)

    @property
    def stores_guid_count(self) -> bool:
        """The number of identities is kept beside their map."""
        return self.number >= (7, 2, 0)

    @property
    def token_key(self) -> str:
        """The preference that holds the push token."""
        return "fcm_token" if self.suffixes_keys else "registration_id"

    # -- encryption ------------------------------------------------------------------------------

    @property
    def levels(self) -> tuple[int, ...]:
        """Encryption levels that an app can choose."""
        if self.number < (5, 2, 0):
            return ()
        return (0, 1) if self.number < (7, 7, 0) else (0, 1, 2)

    @property
    def scheme(self) -> Scheme:
        if self.number < (5, 2, 0):
            return Scheme.NONE
        return Scheme.LEGACY if self.number < (7, 2, 0) else Scheme.GCM

    @property
    def key_in_preferences(self) -> bool:
        """There is no keystore that could hold the key; the preferences do."""
        return self.scheme is Scheme.GCM and self.api < 23

    @property
    def guid_map(self) -> GuidMapForm:
        """How the map of identities is written at level 1 and above."""
        if self.scheme is Scheme.NONE:
            return GuidMapForm.PLAIN
        if self.scheme is Scheme.LEGACY:
            return GuidMapForm.VALUES
        return GuidMapForm.WHOLE_FOR_KNOWN_KEYS if self.number < (7, 7, 0) else GuidMapForm.WHOLE

    @property
    def forgets_to_encrypt_on_removal(self) -> bool:
        """Removing an identity writes the map in plain text."""
        return self._within((7, 2, 0), (7, 6, 99))

    @property
    def taken_for_encrypted(self) -> tuple[tuple[str, str], ...]:
        """Begin and end of what an app may push, and is stored as it is because it is taken for ciphertext."""
        frame, brackets = ("<ct<", ">ct>"), ("[", "]")
        if self.scheme is Scheme.LEGACY:
            return (brackets,)
        return (brackets, frame) if self.number < (7, 7, 1) else (frame,)

    @property
    def marks_server_side_migration(self) -> bool:
        """`ssInAppMigrated` says that in-app messages were migrated, and asks for a migration where it is missing."""
        return self.number >= (7, 3, 1)

    @property
    def breaks_server_side_in_apps(self) -> bool:
        """The migration takes a plain array of the server's campaigns for ciphertext, and deletes it."""
        return self._within((7, 2, 0), (7, 3, 0))

    @property
    def writes_level_first(self) -> bool:
        """The level is written before anything is migrated to it, and not after all of it was."""
        return self.number < (7, 7, 0)

    # -- database --------------------------------------------------------------------------------

    @property
    def has_database(self) -> bool:
        return self.number >= (2, 1, 0)

    @property
    def sql_style(self) -> str:
        """How its statements are laid out: the text stays in `sqlite_master`."""
        return "java" if self.number < (6, 2, 0) else "kotlin"

    @property
    def stores_inbox(self) -> bool:
        return self.number >= (3, 4, 0)

    @property
    def sends_profiles_first(self) -> bool:
        return self.number >= (7, 5, 2)

    @property
    def keeps_profiles(self) -> bool:
        """The profiles of earlier users stay."""
        return self.number >= (7, 0, 0)

    @property
    def event_log(self) -> EventLog:
        return EventLog.PREFERENCES if self.number < (7, 1, 0) else EventLog.TABLE

    @property
    def logs_property_names(self) -> bool:
        """The name of each property that is set counts as an event."""
        return self._within((7, 1, 0), (7, 7, 1))

    @property
    def stores_push_ids(self) -> bool:
        return self.number >= (3, 4, 0)

    @property
    def stores_impressions(self) -> bool:
        """That a push was shown is queued in a table of its own."""
        return self.number >= (3, 5, 0)

    # -- profile ---------------------------------------------------------------------------------

    @property
    def dates_as_numbers(self) -> bool:
        """A date in the profile is a number of seconds, and not `$D_` and that number."""
        return self._within((7, 0, 0), (7, 7, 1))

    @property
    def hashes_member_order(self) -> bool:
        """Members of the profile stand in the order of Java's hash map, and not in that of insertion."""
        return self.number < (7, 8, 0)

    @property
    def removes_identities(self) -> bool:
        """Removing a property removes it from the map of identities."""
        return self.number >= (4, 5, 0)

    @property
    def stores_users(self) -> bool:
        """The map of everybody who logged in is kept."""
        return self.number >= (3, 1, 10)

    @property
    def stores_opt_out(self) -> bool:
        return self.number >= (3, 1, 10)

    @property
    def opts_out_of_system_events(self) -> bool:
        """Opting out says whether system events may go on."""
        return self.number >= (7, 5, 0)

    # -- the CleverTap ID ------------------------------------------------------------------------

    @property
    def device_ids(self) -> tuple[str, ...]:
        """What a CleverTap ID can be made of. Until 3.1.8 an advertising id was taken without being asked for."""
        if self.number < (2, 2, 0):
            return ("random",)
        return ("random", "advertising") if self.number < (3, 5, 0) else ("random", "advertising", "custom")

    @property
    def extras(self) -> tuple[str, ...]:
        """Modules that the model has beside the core."""
        return ("geofence",) if self.number >= (4, 0, 0) else ()

    # -- what an event says of the device --------------------------------------------------------

    @property
    def counts_local_in_apps(self) -> bool:
        return self.number >= (4, 7, 0)

    @property
    def says_locale(self) -> bool:
        return self.number >= (5, 2, 1)

    @property
    def says_standby_bucket(self) -> bool:
        return self.number >= (4, 3, 0) and self.api >= 28

    @property
    def sdk_number(self) -> int:
        """`SDK Version` of an event: 80200."""
        major, minor, patch = self.number
        return major * 10000 + minor * 100 + patch


@cache
def traits(version: str, api: int) -> Traits:
    """What a version does on an Android of an API level.

    Raises:
        UsageError: it does not run there.
    """
    number = parse(version)
    if number >= (8, 1, 0) and api < 23:
        raise UsageError(f"CleverTap {version} needs Android 6 (API 23)", hint="8.0.0 runs on Android 5.")
    return Traits(number, api)
