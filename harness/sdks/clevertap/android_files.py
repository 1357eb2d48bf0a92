"""What the SDK writes beside databases and preferences: images, flags, settings, fences. Nothing here is encrypted.

The device id that 2.0.x also wrote to shared storage is left out: it is outside of the app's folder.

Sources: `ImageCache`, `FileCache`, `UrlHashGenerator`, `FileUtils`, `CTProductConfigController`,
`ProductConfigSettings`, `CTFeatureFlagsController` of the SDK, and the geofence SDK's `Utils` and `FileUtils`.
"""

import base64
import hashlib
import struct
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from harness.sdks.base import Write
from harness.sdks.clevertap.android_json import dumps, hash_order
from harness.sdks.clevertap.android_preferences import Long, bare_file_name
from harness.sdks.clevertap.versions import parse

__all__ = [
    "DIRECTORY_MODE",
    "GEOFENCE_PREFERENCES",
    "MODE",
    "UNSET_LOCATION",
    "asset",
    "asset_file",
    "double_bits",
    "feature_flags",
    "geofence_location",
    "geofence_settings",
    "geofences",
    "product_config",
    "product_config_folder",
    "product_config_settings",
    "push_gif",
]

MODE = 0o600
"""As an app's process makes files."""
DIRECTORY_MODE = 0o771
"""As `getDir` makes `app_…`; folders below `files` have 0700."""

GEOFENCE_PREFERENCES = bare_file_name("com.clevertap.android.geofence.geofence_pref")
UNSET_LOCATION = (2.189866, 70.900955)
"""What the geofence SDK reads where it has stored no place."""

_FOLDERS = {"image": "app_CleverTap.Images.", "gif": "app_CleverTap.Gif.", "file": "app_CleverTap.Files."}
_SINCE = {"image": (3, 6, 0), "gif": (6, 0, 0), "file": (7, 0, 0)}


# -- what was downloaded -------------------------------------------------------------------------


def asset_file(sdk_version: str, key: str, kind: str = "image") -> str | None:
    """The path of what was downloaded; None where the version keeps nothing of that kind.

    Args:
        sdk_version: of the core SDK.
        key: the URL; before 6.0.0, a random UUID and the name of the medium.
        kind: `image`, `gif` or `file`.
    """
    number = parse(sdk_version)
    if number < _SINCE[kind]:
        return None
    if number >= (6, 0, 0):
        return f"{_FOLDERS[kind]}/CT_FILE_{_name_uuid(key)}"
    digest = hashlib.sha1 if number < (4, 1, 0) else hashlib.sha256
    name = base64.urlsafe_b64encode(digest(key.encode()).digest()).decode()
    return f"{_FOLDERS[kind]}/CT_IMAGE_{name}"


def _name_uuid(text: str) -> uuid.UUID:
    """As `UUID.nameUUIDFromBytes`: version 3 without a namespace."""
    return uuid.UUID(bytes=hashlib.md5(text.encode(), usedforsecurity=False).digest(), version=3)


def asset(sdk_version: str, key: str, data: bytes, kind: str = "image") -> Write | None:
    """A downloaded file, as it came."""
    path = asset_file(sdk_version, key, kind)
    return None if path is None else Write(path=path, data=data, mode=MODE)


def push_gif(at_ms: int, data: bytes) -> Write:
    """7.5.0: the picture of a push; goes at the first launch after 24 hours."""
    return Write(path=f"app_CleverTap.Push/{at_ms}.gif", data=data, mode=MODE)


# -- product config and feature flags ------------------------------------------------------------


def product_config_folder(account: str, guid: str) -> str:
    return f"files/Product_Config_{account}_{guid}"


def product_config(account: str, guid: str, values: Mapping[str, str], *, api: int = 34) -> Write:
    """3.8.0: the values that the server sent, all as texts, in the order of a hash map."""
    ordered = {name: values[name] for name in hash_order(values, api=api)}
    return _json(f"{product_config_folder(account, guid)}/activated.json", ordered)


def product_config_settings(
    account: str, guid: str, *, fetched_ms: int, calls: int = 5, window: int = 60, api: int = 34
) -> Write:
    """3.8.0: how often the app may ask, and when it did; goes at a switch of users."""
    settings = {"rc_n": str(calls), "rc_w": str(window), "ts": str(fetched_ms)}
    ordered = {name: settings[name] for name in hash_order(hash_order(settings, api=api), copied=True, api=api)}
    return _json(f"{product_config_folder(account, guid)}/config_settings.json", ordered)


def feature_flags(account: str, guid: str, flags: Mapping[str, str]) -> Write:
    """3.8.0: as the server sent them."""
    pairs = [{"n": name, "v": value} for name, value in flags.items()]
    return _json(f"files/Feature_Flag_{account}_{guid}/ff_cache.json", {"kv": pairs})


# -- the geofence SDK ----------------------------------------------------------------------------


def geofences(fences: Sequence[Mapping[str, Any]]) -> Write:
    """The fences near the user, as the server sent them: `id`, `lat`, `lng`, `r`, …"""
    return _json("files/geofence/geofence_cache.json", {"geofences": [dict(fence) for fence in fences]})


def geofence_settings(account: str, **changed: int | float | bool) -> Write:
    """How the app set the geofence SDK up; what is not said is what its builder has."""
    settings: dict[str, Any] = {
        "last_accuracy": 1,
        "last_fetch_mode": 2,
        "last_bg_location_updates": True,
        "last_log_level": 2,
        "last_geo_count": 50,
        "last_interval": 1_800_000,
        "last_fastest_interval": 1_800_000,
        "last_displacement": 200.0,
        "last_geo_notification_responsiveness": 0,
    }
    return _json("files/geofence/geofence_settings.json", settings | changed | {"id": account})


def geofence_location(latitude: float, longitude: float, at_ms: int) -> dict[str, Long]:
    """The preferences that hold the last place: doubles as the bits that they are."""
    return {
        "latitude": Long(double_bits(latitude)),
        "longitude": Long(double_bits(longitude)),
        "last_location_ep": Long(at_ms),
    }


def double_bits(value: float) -> int:
    """As `Double.doubleToRawLongBits`."""
    bits: int = struct.unpack(">q", struct.pack(">d", value))[0]
    return bits


def _json(path: str, content: Mapping[str, Any]) -> Write:
    return Write(path=path, data=dumps(content).encode("utf-8", "replace"), mode=MODE)
