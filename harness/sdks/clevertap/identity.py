"""Who somebody is to the SDK: the forms of a CleverTap ID, and which properties of a profile are identities.

What has no platform in it takes the prefix of one: `__` on Android, `-` on iOS.
"""

import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache

from harness.sdks.clevertap.android_json import hash_order
from harness.sdks.clevertap.identity_map import (
    Anonymous,
    Decision,
    Entry,
    GuidMap,
    Same,
    Switch,
    clean_key,
    clean_value,
    decide,
)
from harness.sdks.clevertap.identity_shapes import IdentityShape, shape_of
from harness.sdks.clevertap.versions import parse

__all__ = [
    "ALL_IDENTITY_KEYS",
    "ANDROID_PREFIX",
    "DEFAULT_IDENTITY_KEYS",
    "Anonymous",
    "Decision",
    "Entry",
    "GuidForm",
    "GuidMap",
    "IdentityShape",
    "Same",
    "Switch",
    "advertising_guid",
    "advertising_id_of",
    "clean_key",
    "clean_value",
    "custom_guid",
    "custom_of",
    "decide",
    "fallback_guid",
    "form_of",
    "guid_shape",
    "identity_keys",
    "is_valid_custom",
    "random_guid",
    "shape_of",
]

ANDROID_PREFIX = "__"


# -- CleverTap IDs -------------------------------------------------------------------------------


class GuidForm(StrEnum):
    """What a CleverTap ID is made of."""

    RANDOM = "random"
    ADVERTISING = "advertising"
    """The device's advertising id without its dashes: no pseudonym, for every advertiser has it too."""
    CUSTOM = "custom"
    """What the app chose, now and then an email address; in clear in names of files as well."""
    FALLBACK = "fallback"
    """Random, because the app's own was missing or invalid."""


_LETTERS = {GuidForm.RANDOM: "", GuidForm.ADVERTISING: "g", GuidForm.CUSTOM: "h", GuidForm.FALLBACK: "i"}
_CUSTOM = re.compile(r"[A-Za-z0-9()!:$@_\-]{1,64}")
_CUSTOM_WIDER = re.compile(r"[A-Za-z0-9()!:$@_\-=|<>;+.]{1,64}")
_WIDER_SINCE = (4, 6, 6)
_HEX = re.compile(r"[0-9A-Fa-f]{32}")


def random_guid(entropy: bytes, *, prefix: str = ANDROID_PREFIX) -> str:
    """`__` and a random UUID without dashes; equal entropy gives an equal one."""
    return prefix + _random_hex(b"random", entropy)


def fallback_guid(entropy: bytes, *, prefix: str = ANDROID_PREFIX) -> str:
    """`__i` and a random UUID, for an installation whose custom id was refused."""
    return f"{prefix}i{_random_hex(b'fallback', entropy)}"


def advertising_guid(advertising_id: str, *, prefix: str = ANDROID_PREFIX) -> str:
    """`__g` and the advertising id without its dashes, however it is spelled."""
    return f"{prefix}g{advertising_id.replace('-', '')}"


def custom_guid(custom: str, version: str, entropy: bytes, *, prefix: str = ANDROID_PREFIX) -> str:
    """`__h` and the app's own id; the fallback where the version refuses that."""
    return f"{prefix}h{custom}" if is_valid_custom(custom, version) else fallback_guid(entropy, prefix=prefix)


def is_valid_custom(custom: str, version: str) -> bool:
    """Whether a version takes this id from the app: 4.6.6 of the Android SDK allowed more characters."""
    allowed = _CUSTOM_WIDER if parse(version) >= _WIDER_SINCE else _CUSTOM
    return allowed.fullmatch(custom) is not None


def form_of(guid: str, *, prefix: str = ANDROID_PREFIX) -> GuidForm | None:
    """What an ID is made of; None where it is none, or one that the server chose."""
    return next((form for form, pattern in _forms(prefix) if pattern.fullmatch(guid)), None)


def advertising_id_of(guid: str, *, prefix: str = ANDROID_PREFIX) -> str | None:
    """The advertising id that an ID is, with its dashes; None where it is not one."""
    if form_of(guid, prefix=prefix) is not GuidForm.ADVERTISING:
        return None
    bare = guid[len(prefix) + 1 :]
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))


def custom_of(guid: str, *, prefix: str = ANDROID_PREFIX) -> str | None:
    """What the app chose as the ID; None where it did not."""
    return guid[len(prefix) + 1 :] if form_of(guid, prefix=prefix) is GuidForm.CUSTOM else None


def guid_shape(guid: str, *, prefix: str = ANDROID_PREFIX) -> IdentityShape | None:
    """What an ID gives away of a person by its shape alone; None where it is opaque."""
    if form_of(guid, prefix=prefix) is GuidForm.ADVERTISING:
        return IdentityShape.ADVERTISING_ID
    custom = custom_of(guid, prefix=prefix)
    return shape_of(custom) if custom is not None else None


@cache
def _forms(prefix: str) -> tuple[tuple[GuidForm, re.Pattern[str]], ...]:
    tails = {
        GuidForm.RANDOM: r"[0-9a-f]{32}",
        GuidForm.ADVERTISING: _HEX.pattern,
        GuidForm.CUSTOM: _CUSTOM_WIDER.pattern,
        GuidForm.FALLBACK: r"[0-9a-f]{32}",
    }
    return tuple((form, re.compile(re.escape(prefix) + _LETTERS[form] + tail)) for form, tail in tails.items())


def _random_hex(label: bytes, entropy: bytes) -> str:
    drawn = hashlib.sha256(b"clevertap guid\0" + label + b"\0" + entropy).digest()[:16]
    return uuid.UUID(bytes=drawn, version=4).hex


# -- which properties are identities -------------------------------------------------------------

ALL_IDENTITY_KEYS = ("Identity", "Email", "Phone")
"""Of which an app may choose, since 4.1.0."""
DEFAULT_IDENTITY_KEYS = ("Identity", "Email")
_FIXED = ("Identity", "Email", "FBID", "GPID")
_CONFIGURABLE_SINCE = (4, 1, 0)


def identity_keys(
    version: str, configured: Iterable[str] = (), *, stored: str = "", legacy_users: bool = False, api: int = 34
) -> tuple[str, ...]:
    """The properties by which a version tells users apart, in the order in which it writes them down.

    Args:
        version: of the SDK.
        configured: by the app, in any case; what is no identity key is left out.
        stored: the preference that an earlier start wrote: it wins.
        legacy_users: somebody logged in before there was a choice; then there is none, and nothing is written down.
        api: of the device, whose hash set gives the order.
    """
    if parse(version) < _CONFIGURABLE_SINCE:
        return _FIXED
    if legacy_users and not stored:
        return tuple(_chosen(DEFAULT_IDENTITY_KEYS, api))
    for choice in (stored.split(","), configured):
        chosen = _chosen(choice, api)
        if chosen:
            return tuple(chosen)
    return tuple(_chosen(DEFAULT_IDENTITY_KEYS, api))


def _chosen(keys: Iterable[str], api: int) -> Sequence[str]:
    known = {key.lower(): key for key in ALL_IDENTITY_KEYS}
    return hash_order((known[key.lower()] for key in keys if key.lower() in known), api=api)
