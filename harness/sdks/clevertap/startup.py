"""What a start of the process does before a session begins: database, identity, configuration, migrations."""

import json
from typing import Any

from harness.sdks.clevertap import event_queue, geofence, installation_ids, messages, migration, session
from harness.sdks.clevertap.android_database import (
    create,
    delete_push_ids,
    migrated_profile,
    trim_event_logs,
    upgrade,
)
from harness.sdks.clevertap.android_json import dumps
from harness.sdks.clevertap.android_preferences import file_name
from harness.sdks.clevertap.identity import GuidMap
from harness.sdks.clevertap.state import Installation, Profile
from harness.sdks.clevertap.user_map import IDENTITIES, keys_of
from harness.sdks.clevertap.versions import EventLog, Scheme

__all__ = ["start"]


def start(install: Installation) -> None:
    """A process begins, and with it a session."""
    given = installation_ids.begin(install)
    _find_users(install)
    _open_database(install)
    if install.traits.suffixes_keys:
        install.put("instance", dumps(_configuration(install)))
    if install.traits.configured_identities and (install.get(IDENTITIES) is None) and not install.mirror.users:
        install.put(IDENTITIES, ",".join(keys_of(install)))
    messages.take_over(install)
    migration.migrate(install)
    _move_arp(install)
    geofence.start(install)
    session.begin(install, advertises=given.fetched, error=given.error)


def _find_users(install: Installation) -> None:
    """From 7.7.0 on a map that was written before 3.2.0 is not looked for."""
    if install.get("cachedGUIDsKey") is None:
        install.mirror.users, install.mirror.users_form = GuidMap(), Scheme.NONE


# -- database ------------------------------------------------------------------------------------


def _open_database(install: Installation) -> None:
    """Make or upgrade it; what is too old goes."""
    mirror, wanted = install.mirror, install.database_version
    if not wanted:
        return
    style = install.traits.sql_style
    if not mirror.database:
        install.run(*create(wanted, style))
    elif mirror.database < wanted:
        owner = install.files.get(file_name(), install.key("deviceId")) or install.get("fallbackId")
        guid = owner if isinstance(owner, str) else ""
        first = next(iter(mirror.profiles.values()), None)
        profile = None if first is None else (install.account, first.stored)
        install.run(*upgrade(mirror.database, wanted, style=style, guid=guid, profile=profile))
        if mirror.database < 4 <= wanted:
            mirror.profiles = {} if first is None else {guid: _migrated(first)}
    mirror.database = wanted
    event_queue.trim(install)
    if wanted >= 2:
        install.run(delete_push_ids(install.at))
    messages.forget_delayed(install)
    if install.traits.event_log is EventLog.TABLE:
        install.run(trim_event_logs())


def _migrated(profile: Profile) -> Profile:
    """As version 4 of the database rewrites it."""
    text = migrated_profile(dumps(profile.properties))
    return Profile(json.loads(text), migrated_profile(profile.stored), profile.form, profile.as_is)


# -- preferences ---------------------------------------------------------------------------------


def _configuration(install: Installation) -> dict[str, Any]:
    """How the app configured the SDK, with the account's token, in clear at every level."""
    traits = install.traits
    fields: dict[str, Any] = {
        "accountId": install.account,
        "accountToken": "000-000",
        "accountRegion": "in1",
        "analyticsOnly": False,
        "isDefaultInstance": True,
        "useGoogleAdId": install.setup.advertising_id is not None,
        "disableAppLaunchedEvent": False,
        "personalization": True,
        "debugLevel": 0,
        "createdPostAppLaunch": False,
        "sslPinning": False,
        "backgroundSync": True,
        "getEnableCustomCleverTapId": install.setup.custom_id is not None,
    }
    if traits.number < (3, 5, 0):
        # A shorter list: no custom ids yet.
        del fields["getEnableCustomCleverTapId"]
        return fields
    fields["beta"] = False
    if traits.levels:
        fields["encryptionLevel"] = install.level
    if traits.says_transit:
        fields["encryptionInTransit"] = "0"
    return fields | {"allowedPushTypes": [_FCM] if traits.describes_push_types else ["fcm"]}


_FCM = {
    "ctProviderClassName": "com.clevertap.android.sdk.pushnotification.fcm.FcmPushProvider",
    "messagingSDKClassName": "com.google.firebase.messaging.FirebaseMessagingService",
    "tokenPrefKey": "fcm_token",
    "type": "fcm",
}


def _move_arp(install: Installation) -> None:
    """Since 3.7.0: what the server sent to the account is the user's; the old file stays, empty."""
    if not install.traits.arp_per_user:
        return
    old = file_name(f"ARP:{install.account}")
    for name, value in install.files.all(old).items():
        install.files.put(file_name(f"ARP:{install.account}:{install.guid}"), name, value)
    install.files.clear(old)
