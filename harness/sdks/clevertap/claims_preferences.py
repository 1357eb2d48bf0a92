"""Every preference that CleverTap's Android SDK writes, per file and key: section 1 of its storage specification.

A pointer begins with the name of the preference; what stands behind it is inside of the JSON that the preference is.
Globs of files end in `*` for the `.bak` that an interrupted write leaves.
"""

from collections.abc import Iterator

from harness.sdks.base import Claim
from harness.sdks.clevertap import parts
from harness.sdks.clevertap.parts import Part

__all__ = ["MAIN", "PREFERENCE_CLAIMS"]

MAIN = "shared_prefs/WizRocket.xml*"
"""The main store."""

_BINARY_ONLY = "known from string constants of a binary release, not from source"
_SUFFIXED = "3.2.0"
"""From here on most names end in `:<account id>`."""
_LAST_BARE = "3.1.10"
_BARE = frozenset({"", "2.2.0", _LAST_BARE})
"""First versions of what was there before."""
_NESTED = frozenset({"cachedGUIDsKey", "inApp"})
"""Preferences of that time that are JSON."""


def _key(part: Part, name: str, *, since: str = "", until: str = "", uncertain: str = "") -> Iterator[Claim]:
    """A preference of the main store whose name ends in the account id since 3.2.0, and did not before."""
    if since in _BARE:
        for pointer in (f"/{name}", f"/{name}/*") if name in _NESTED else (f"/{name}",):
            yield part.at(MAIN, pointer, since=since, until=_LAST_BARE, uncertain=uncertain or _BINARY_ONLY)
        since = _SUFFIXED
    yield part.at(MAIN, f"/{name}:*", since=since, until=until, uncertain=uncertain)


def _identity() -> Iterator[Claim]:
    yield from _key(parts.GUID, "deviceId")
    yield from _key(parts.GUID, "fallbackId", since="3.5.0")
    yield from _key(parts.IDENTITY_MAP, "cachedGUIDsKey", since="3.1.10")
    yield from _key(parts.IDENTITY_SETTINGS, "cachedGUIDsLengthKey", since="7.2.0")
    yield from _key(parts.IDENTITY_SETTINGS, "SP_KEY_PROFILE_IDENTITIES", since="4.1.0")
    # The CleverTap ID is part of these names.
    yield from _key(parts.OPT_OUT, "OptOut", since="3.1.10")
    yield from _key(parts.OPT_OUT, "allowSystemEvents", since="7.5.0")


def _configuration() -> Iterator[Claim]:
    yield from _key(parts.INSTANCE, "instance", since=_SUFFIXED)
    yield parts.ACCOUNT_TOKEN.at(MAIN, "/instance:*/accountToken", since=_SUFFIXED)
    yield from _key(parts.ENCRYPTION, "encryptionLevel", since="5.2.0")
    yield from _key(parts.OLD_ENCRYPTION, "encryptionFlagStatus", since="5.2.0", until="7.1.2")
    yield from _key(parts.ENCRYPTION, "encryptionMigrationFailureCount", since="7.2.0")
    yield from _key(parts.ENCRYPTION, "ssInAppMigrated", since="7.3.1")
    yield parts.ENCRYPTION_KEY.at(MAIN, "/EncryptionKey", since="7.2.0", until="8.0.0")
    yield from _key(parts.MAIN_STORE, "NetworkInfo", since="3.1.10")
    yield parts.MAIN_STORE.at(
        MAIN, uncertain="the file is the SDK's alone: what no other line names is of a version that was not read"
    )


def _session() -> Iterator[Claim]:
    yield from _key(parts.SESSION, "lastSessionId")
    yield from _key(parts.SESSION, "sexe", since="2.2.0")
    yield parts.OLD_TRAIL.at(
        MAIN, "/slat", since="2.2.0", until=_LAST_BARE, uncertain=f"what it holds is not clear: {_BINARY_ONLY}"
    )
    yield parts.SESSION.at(MAIN, "/app_install_status")
    for name, since, until in (
        ("comms_dmn", "3.1.10", ""),
        ("comms_dmn_spiky", "3.5.0", ""),
        ("comms_first_ts", "3.1.10", ""),
        ("comms_last_ts", "3.1.10", ""),
        ("comms_mtd", "3.1.10", "8.0.0"),
        ("comms_mute_expiry_ts", "8.1.0", ""),
    ):
        yield from _key(parts.NETWORK, name, since=since, until=until)
    for name in ("local_cache_last_update", "local_cache_expires_in"):
        yield from _key(parts.PROFILE_SETTINGS, name, since=_SUFFIXED, until="6.2.1")


def _push() -> Iterator[Claim]:
    for name, since, until in (
        ("fcm_token", "3.2.0", ""),
        ("hps_token", "3.7.0", ""),
        ("bps_token", "3.7.0", ""),
        ("xps_token", "3.7.0", "6.2.1"),
        ("adm_token", "4.0.0", "7.2.2"),
    ):
        yield from _key(parts.PUSH_TOKEN, name, since=since, until=until)
    yield from _key(parts.PUSH_TOKEN, "registration_id", until="3.5.1")
    yield parts.PUSH_TOKEN.at(
        MAIN,
        "/*:*",
        since="7.3.0",
        uncertain="the app names the preferences of its own push services (CLEVERTAP_PROVIDER_1 and _2), so that any "
        "other name that ends in the account id is taken for one",
    )
    yield parts.PUSH_SETTINGS.at(MAIN, "/pf", since="3.4.0")
    yield parts.PUSH_SETTINGS.at(MAIN, "/pfjobid", since="3.4.0", until="6.0.0")
    yield parts.PUSH_SETTINGS.at(MAIN, "/pfworkid", since="6.1.0")
    yield parts.PUSH_SETTINGS.at(MAIN, "/firstTimeRequest", since="4.7.0")


def _in_app() -> Iterator[Claim]:
    yield from _key(parts.IN_APP_QUEUE_3, "inApp", until="5.2.2")
    for name in ("ict_date", "istc_inapp", "istmcd_inapp", "imc"):
        yield from _key(parts.IN_APP_COUNTS, name)
    yield parts.IN_APP_COUNTS.at(MAIN, "/local_in_app_count", since="4.7.0")
    yield parts.IMAGE_ADDRESSES.at(MAIN, "/last_assets_cleanup", since="6.0.0")
    yield from _key(parts.VARIABLES, "variablesKey", since="5.0.0")
    yield from _key(parts.VARIABLES, "variantsForAbKey", since="7.7.1")


def _arp() -> Iterator[Claim]:
    for name, since, until in (("*:*", "3.7.0", ""), ("*", "", "3.6.0")):
        path = _file(f"WizRocket_ARP:{name}")
        yield parts.ARP_VALUES.at(path, since=since, until=until)
        yield parts.ARP_ACCOUNT.at(path, "/id", since=since, until=until)
        yield parts.ARP_IDENTITIES.at(
            path,
            "/k_n*",
            since=since,
            until=until,
            uncertain="seen in one public log of 4.4.0: whether the server still sends identities, and for which "
            "accounts, is to be checked on the live app",
        )


def _file(name: str) -> str:
    return f"shared_prefs/{name}.xml*"


def _other_files() -> Iterator[Claim]:
    yield parts.NETWORK_COUNTERS.at(_file("WizRocket_IJ"))
    yield parts.OLD_HISTORY.at(_file("WizRocket_local_events"), until="7.0.3")
    yield parts.OLD_HISTORY.at(_file("WizRocket_local_events:*"), since="3.2.0", until="7.0.3")
    yield parts.OLD_PROFILE.at(
        _file("WizRocket_local_profile"), until="2.0.1", uncertain=f"its keys are not clear: {_BINARY_ONLY}"
    )
    yield parts.IN_APP_COUNTS.at(_file("WizRocket_counts_per_inapp"), until="3.6.0")
    yield parts.IN_APP_COUNTS.at(_file("WizRocket_counts_per_inapp:*"), since="3.7.0", until="5.2.2")
    yield parts.IN_APP_COUNTS.at(_file("WizRocket_counts_per_inapp:*:*"), since="6.0.0")
    yield parts.IN_APP_COUNTS.at(_file("counts_per_inapp:*:*"), since="6.0.0")
    yield parts.IN_APP_TRIGGERS.at(_file("WizRocket_triggers_per_inapp:*:*"), since="6.0.0")
    yield parts.AB_TESTS.at(_file("clevertap.abtesting.*.*"), since="3.6.0", until="4.0.4")
    for prefix, doubt in (("", ""), ("WizRocket_", _PREFIXED)):
        yield from _in_app_store(_file(f"{prefix}inApp:*:*"), doubt)
        for name, since in (("inapp_assets", "6.0.0"), ("ct_files", "7.0.0")):
            yield parts.IMAGE_ADDRESSES.at(_file(f"{prefix}{name}:*"), since=since, uncertain=doubt)


_PREFIXED = "a document of the SDK puts the prefix before the name of this file; its code does not"
_LEFT_PLAIN = (
    "by the code, a migration that ran at level 0 on 7.7.0 or later leaves plain JSON until the next write; "
    "not seen on a device"
)


def _in_app_store(path: str, doubt: str) -> Iterator[Claim]:
    yield parts.IN_APP.at(path, since="6.0.0", uncertain=doubt)
    for name in ("inapp_notifs_cs", "inApp"):
        yield parts.IN_APP.at(path, f"/{name}*", since="6.0.0", uncertain=doubt or _LEFT_PLAIN)
    yield parts.IN_APP_CLIENT_DELAYED.at(path, "/delayed_inapp_notifs_cs*", since="7.7.0", uncertain=doubt)
    for name, since in (
        ("inapp_notifs_ss", "6.0.0"),
        ("inaction_inapp_notifs_ss", "7.8.0"),
        ("evaluated_ss", "6.0.0"),
        ("suppressed_ss", "6.0.0"),
    ):
        yield parts.IN_APP_SERVER_SIDE.at(path, f"/{name}*", since=since, uncertain=doubt)


def _geofence() -> Iterator[Claim]:
    path = _file("com.clevertap.android.geofence.geofence_pref")
    yield parts.GEOFENCE_SETTINGS.at(path, since="4.0.0")
    for name in ("latitude", "longitude", "last_location_ep"):
        yield parts.LAST_PLACE.at(path, f"/{name}", since="4.0.0")


PREFERENCE_CLAIMS: tuple[Claim, ...] = (
    *_identity(), *_configuration(), *_session(), *_push(), *_in_app(), *_arp(), *_other_files(), *_geofence(),
)  # fmt: skip
