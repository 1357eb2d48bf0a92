"""The map of everybody who ever logged in on an installation, and whom a login makes of the device by it.

Free of any platform: how the map is encrypted, and where it lies, is for others to say.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.sdks.clevertap.android_json import dumps, java_double

__all__ = [
    "SEALED_KEYS",
    "Anonymous",
    "Decision",
    "Entry",
    "GuidMap",
    "Same",
    "Switch",
    "clean_key",
    "clean_value",
    "decide",
]

SEALED_KEYS = frozenset({"Name", "Email", "Identity", "Phone"})
"""Spelled just so: what level 1 encrypts. An `email` it does not."""

_LONGEST = 1 << 22
"""Characters of a stored map."""
_FALLBACKS = ("__i", "-i")
"""How an ID begins, on Android and on iOS, that the SDK made because the app's own was refused."""
_OUT_OF_VALUES = dict.fromkeys(map(ord, "'\"\\"))
_OUT_OF_KEYS = _OUT_OF_VALUES | dict.fromkeys(map(ord, ":$"))


def clean_key(text: str) -> str:
    """Without the characters that the SDK takes out of the names of properties."""
    return text.translate(_OUT_OF_KEYS)


def clean_value(text: str) -> str:
    """Without the characters that the SDK takes out of values."""
    return text.translate(_OUT_OF_VALUES)


@dataclass(frozen=True, slots=True)
class Entry:
    """One identity value that was seen, and the CleverTap ID that it led to."""

    key: str
    """As the app spelled it."""
    value: str = field(repr=False)
    guid: str = field(repr=False)

    @property
    def name(self) -> str:
        """Of its member in the stored map."""
        return f"{self.key}_{self.value}"


@dataclass(frozen=True, slots=True)
class GuidMap:
    """Identity values to CleverTap IDs, in the order in which they came."""

    entries: tuple[Entry, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    # -- what the SDK asks of it -----------------------------------------------------------------

    def get(self, key: str, value: str) -> str | None:
        """The ID for an identity; keys are compared as they are spelled."""
        name = Entry(key, value, "").name
        return next((each.guid for each in self.entries if each.name == name), None)

    def with_(self, key: str, value: object, guid: str) -> "GuidMap":
        """With an identity more; one that is there keeps its place and leads to the new ID."""
        new = Entry(key, _as_text(value), guid)
        if any(each.name == new.name for each in self.entries):
            return GuidMap(tuple(new if each.name == new.name else each for each in self.entries))
        return GuidMap((*self.entries, new))

    def with_profile(self, profile: Mapping[str, object], keys: Iterable[str], guid: str) -> "GuidMap":
        """With every identity of a profile, as the SDK keeps it: cleaned. What is empty, or None, is none.

        Nothing is kept of somebody whose ID is a fallback.
        """
        wanted = set() if guid.startswith(_FALLBACKS) else {key.lower() for key in keys}
        result = self
        for name, value in profile.items():
            key, text = clean_key(name), clean_value(_as_text(value))
            if key.lower() in wanted and text:
                result = result.with_(key, text, guid)
        return result

    def without(self, key: str, guid: str) -> "GuidMap":
        """Without what belongs to an ID and has the key anywhere in its name, in any case.

        Uncertain: the SDK removes while it walks over the map, which may end the walk at the first one.
        """
        gone = key.lower()
        return GuidMap(tuple(each for each in self.entries if each.guid != guid or gone not in each.name.lower()))

    def guid_of(self, profile: Mapping[str, object], keys: Iterable[str] | None = None) -> str | None:
        """The ID of the first identity in a profile that is known.

        Args:
            profile: in the order in which the app filled it. Nothing is cleaned here: whose identity has a character
                that the SDK takes out is somebody new at every login.
            keys: the identity keys, in any case; every property counts where None.
        """
        wanted = None if keys is None else {key.lower() for key in keys}
        for key, value in profile.items():
            if wanted is None or key.lower() in wanted:
                known = self.get(key, _as_text(value))
                if known is not None:
                    return known
        return None

    # -- how it is stored ------------------------------------------------------------------------

    def members(self) -> dict[str, str]:
        """Name to ID: `Email_…` to `__…`."""
        return {each.name: each.guid for each in self.entries}

    def plain(self) -> str:
        """As JSON of Android."""
        return dumps(self.members())

    def sealed(self, seal: Callable[[str], str]) -> "GuidMap":
        """With the values encrypted of those keys that level 1 knows: the form of 5.2.0 to 7.1.x."""
        return GuidMap(
            tuple(
                Entry(each.key, seal(each.value), each.guid) if each.key in SEALED_KEYS else each
                for each in self.entries
            )
        )

    def opened(self, open_: Callable[[str], str | None]) -> "GuidMap":
        """With each value decrypted that `open_` knows to decrypt."""
        return GuidMap(tuple(Entry(each.key, _opened(each.value, open_), each.guid) for each in self.entries))

    @classmethod
    def parse(cls, text: str) -> "GuidMap | None":
        """What was stored, in plain or with sealed values; None where it is no such map. Never raises."""
        if len(text) > _LONGEST:
            return None
        try:
            members = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(members, dict):
            return None
        return cls(tuple(_entries(members)))


def _entries(members: Mapping[str, object]) -> Iterator[Entry]:
    for name, guid in members.items():
        key, joint, value = name.partition("_")
        if joint and isinstance(guid, str):
            yield Entry(key, value, guid)


def _opened(value: str, open_: Callable[[str], str | None]) -> str:
    plain = open_(value)
    return value if plain is None else plain


def _as_text(value: object) -> str:
    """As Java's `toString` has it; empty for what is no single value."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return java_double(value)
        case str() | int():
            return str(value)
        case _:
            return ""


# -- whom a login makes of the device ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody logged in here before, or the profile does not say who it is: it goes to the current ID."""


@dataclass(frozen=True, slots=True)
class Same:
    """It is who is logged in already."""


@dataclass(frozen=True, slots=True)
class Switch:
    """It is somebody else."""

    guid: str | None = field(default=None, repr=False)
    """Of somebody who was here before; None for somebody new."""


Decision: TypeAlias = Anonymous | Same | Switch


def decide(
    known: GuidMap,
    current: str,
    profile: Mapping[str, object],
    keys: Iterable[str],
    *,
    count: int | None = None,
) -> Decision:
    """Whose profile a login is.

    Args:
        known: everybody who was here.
        current: the ID of the device; a fallback is never kept.
        profile: as the app submitted it: the first identity in it that is known counts.
        keys: the identity keys, in any case.
        count: how many the SDK believes that it knows, where it keeps count apart from the map.
    """
    wanted = {key.lower() for key in keys}
    named = any(key.lower() in wanted and _as_text(value) for key, value in profile.items())
    nobody = (len(known) if count is None else count) <= 0
    if not current.startswith(_FALLBACKS) and (not named or nobody):
        return Anonymous()
    guid = known.guid_of(profile, wanted)
    return Same() if guid is not None and guid == current else Switch(guid)
