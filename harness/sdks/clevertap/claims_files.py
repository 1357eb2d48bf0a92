"""Files of CleverTap's Android SDK beside preferences and databases: section 3 of its storage specification."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from harness.sdks.base import Claim
from harness.sdks.clevertap import parts

__all__ = ["FILE_CLAIMS", "NOT_CLAIMED", "OWNED", "looks_like_ours"]

NOT_CLAIMED = (
    ("no_backup/androidx.work.workdb", "the app's WorkManager: since 6.1.0 rows of the SDK are in it, and of others"),
    ("app_webview/", "the app's WebView: in-apps in HTML are shown in it, and the SDK turns no storage on"),
    (
        "alias `EncryptionKey` of AndroidKeyStore",
        "no file of the app's: the key of 7.2.0 and later, on API 23 and up",
    ),
)
"""Places of the specification that no claim covers, and why."""

OWNED = (
    *(
        f"{folder}*{name}*"
        for folder in ("shared_prefs/", "databases/", "files/", "cache/", "no_backup/", "app_")
        for name in ("[Cc]lever[Tt]ap", "[Ww]iz[Rr]ocket")
    ),
    "*Android/data/com.wizrocket/*",
    "shared_prefs/inApp:*",
    "shared_prefs/inapp_assets:*",
    "shared_prefs/ct_files:*",
    "shared_prefs/counts_per_inapp:*",
    "shared_prefs/triggers_per_inapp:*",
    "app_pt_dir/*",
    "files/Product_Config_*",
    "files/Feature_Flag_*",
    "files/geofence/geofence_*",
)
"""Globs of files that are the SDK's by name or folder alone."""


def looks_like_ours(path: str) -> bool:
    """Whether a file has a name or a folder of the SDK: one that no claim covers is worth a finding.

    Args:
        path: relative to the container root.
    """
    return any(fnmatchcase(path, glob) for glob in OWNED)


def _media() -> Iterator[Claim]:
    yield parts.OLD_IMAGES.at("app_CleverTap.Images./CT_IMAGE_*", since="3.6.0", until="5.2.2")
    yield parts.IMAGES.at("app_CleverTap.Images./CT_FILE_*", since="6.0.0")
    yield parts.IMAGES.at("app_CleverTap.Gif./CT_FILE_*", since="6.0.0")
    yield parts.VARIABLE_FILES.at("app_CleverTap.Files./CT_FILE_*", since="7.0.0")
    yield parts.PUSH_PICTURES.at("app_CleverTap.Push/*.gif", since="7.5.0")
    yield parts.PUSH_TEMPLATES.at(
        "app_pt_dir/*",
        uncertain="the SDK deletes from this folder, and nothing was found that writes to it: perhaps old, "
        "stand-alone releases of the push templates do",
    )


def _server_files() -> Iterator[Claim]:
    for name in ("activated.json", "config_settings.json"):
        yield parts.PRODUCT_CONFIG.at(f"files/Product_Config_*_*/{name}", since="3.8.0")
    yield parts.FEATURE_FLAGS.at("files/Feature_Flag_*_*/ff_cache.json", since="3.8.0")


def _geofence() -> Iterator[Claim]:
    yield parts.GEOFENCES.at("files/geofence/geofence_cache.json", since="4.0.0")
    yield parts.GEOFENCE_SETTINGS.at("files/geofence/geofence_settings.json", since="4.0.0")


def _external() -> Iterator[Claim]:
    yield parts.EXTERNAL_ID.at(
        "*Android/data/com.wizrocket/device_id",
        until="2.0.1",
        uncertain="outside of the app's container, and known from string constants of a binary release: how its text "
        "is divided is not clear",
    )


FILE_CLAIMS: tuple[Claim, ...] = (*_media(), *_server_files(), *_geofence(), *_external())
