"""The parts of CleverTap's Android SDK that write to storage: what each keeps there, where that was read, and what an
app's developers can do about it. A remedy says so where no encryption level helps.
"""

from dataclasses import dataclass

from harness.sdks.base import Claim

__all__ = [
    "AB_TESTS",
    "ACCOUNT_TOKEN",
    "ARP_ACCOUNT",
    "ARP_IDENTITIES",
    "ARP_VALUES",
    "DATABASE",
    "ENCRYPTION",
    "ENCRYPTION_KEY",
    "EXTERNAL_ID",
    "FEATURE_FLAGS",
    "GEOFENCES",
    "GEOFENCE_SETTINGS",
    "GUID",
    "HISTORY",
    "HISTORY_GUID",
    "IDENTITY_MAP",
    "IDENTITY_SETTINGS",
    "IMAGES",
    "IMAGE_ADDRESSES",
    "INBOX",
    "INBOX_ACTIONS",
    "INBOX_CAMPAIGN",
    "INBOX_GUID",
    "INBOX_LABELS",
    "INSTANCE",
    "IN_APP",
    "IN_APP_CLIENT_DELAYED",
    "IN_APP_COUNTS",
    "IN_APP_DELAYED",
    "IN_APP_DELAYS",
    "IN_APP_QUEUE_3",
    "IN_APP_SERVER_SIDE",
    "IN_APP_TRIGGERS",
    "LAST_PLACE",
    "MAIN_STORE",
    "NETWORK",
    "NETWORK_COUNTERS",
    "OLD_ENCRYPTION",
    "OLD_HISTORY",
    "OLD_IMAGES",
    "OLD_PROFILE",
    "OLD_TRAIL",
    "OPT_OUT",
    "PRODUCT_CONFIG",
    "PROFILE",
    "PROFILE_ACCOUNT",
    "PROFILE_GUID",
    "PROFILE_IDENTITY",
    "PROFILE_SETTINGS",
    "PUSH_IDS",
    "PUSH_PICTURES",
    "PUSH_SETTINGS",
    "PUSH_TEMPLATES",
    "PUSH_TIMES",
    "PUSH_TOKEN",
    "QUEUE",
    "QUEUED_ADVERTISING_ID",
    "QUEUED_CAMPAIGN",
    "QUEUED_DEVICE",
    "QUEUED_ERROR",
    "QUEUED_IDENTITY",
    "QUEUED_LOCATION",
    "QUEUED_PROFILE",
    "QUEUED_REFERRER",
    "QUEUED_TOKEN",
    "SESSION",
    "VARIABLES",
    "VARIABLE_FILES",
    "Part",
]

_SOURCE = "CleverTap/clevertap-android-sdk"
_CORE = f"{_SOURCE}:clevertap-core/src/main/java/com/clevertap/android/sdk"
_V3 = f"{_SOURCE}:clevertap-android-sdk/src/main/java/com/clevertap/android/sdk"
_GEOFENCE = f"{_SOURCE}:clevertap-geofence/src/main/java/com/clevertap/android/geofence"


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of thing that one part of the SDK stores."""

    component: str
    role: str
    remedy: str
    source: str = ""
    holds: tuple[str, ...] = ()
    """Classes of personal data that the SDK, or an app that follows its documentation, puts there."""

    def at(self, path: str, pointer: str = "*", *, since: str = "", until: str = "", uncertain: str = "") -> Claim:
        """The claim on a place where it is stored."""
        return Claim(
            path=path,
            pointer=pointer,
            role=self.role,
            component=self.component,
            since=since,
            until=until,
            remedy=self.remedy,
            uncertain=uncertain,
            source=self.source,
            holds=self.holds,
        )


# -- what can be done ----------------------------------------------------------------------------

_NO_LEVEL = "No encryption level covers it"
_OPAQUE = "Identify users by an opaque id that your server issued"
_CLEAR = "Clearing the app's data removes it."
_LEVEL_2 = "Set encryption level 2 of 7.7.0 or later"

_GUID = (
    f"{_NO_LEVEL}: leave CLEVERTAP_USE_GOOGLE_AD_ID off, so that the CleverTap ID is not the advertising id, and "
    "pass no email address or user number as a custom id."
)
_IDENTITY_MAP = (
    f"{_OPAQUE}, and leave Email and Phone out of CLEVERTAP_IDENTIFIER. Level 1 or 2 of 7.7.0 and later "
    "encrypts the whole map under a keystore key; no earlier version does so reliably."
)
_IDENTITY = (
    f"{_OPAQUE}; never by an email address, a phone number or a hash of one. {_LEVEL_2}: "
    "at level 1 a number stays plain."
)
_PROFILE = (
    f"{_LEVEL_2}: level 1 covers only texts that are named exactly Name, Email, Identity and Phone. "
    "Or upload the property from your server, and do not push it on the device."
)
_QUEUE = (
    f"{_LEVEL_2}: no other level encrypts what is queued, and offline it stays for five days. "
    "Or do not push the property."
)
_QUEUED_LOCATION = f"Do not call setLocation, or hand over a coarse place. {_LEVEL_2}: no other encrypts the queue."
_GEOFENCES = f"{_NO_LEVEL}: use the geofence SDK only where it is needed, and keep its files out of backups."
_INBOX = f"{_LEVEL_2}, which encrypts the body alone, and leave personal data out of the texts of campaigns."
_INBOX_LABELS = f"{_NO_LEVEL}: put no personal data into message ids and tags."
_CAMPAIGN = f"{_NO_LEVEL}: leave personal data out of the parameters of campaigns."
_TEXTS = "Leave personal data out of the texts of campaigns: whoever runs code as the app reads them in any version."
_IN_APP = (
    f"{_TEXTS} From 7.3.1 on each write is encrypted at every level, on Android 6 and later under a keystore key: "
    "upgrade from anything older."
)
_IN_APP_LATER = f"{_TEXTS} They are encrypted at every level, on Android 6 and later under a keystore key."
_COUNTERS = f"{_NO_LEVEL}; it is ids, numbers and times. {_CLEAR}"
_HISTORY = (
    f"{_NO_LEVEL}, and no switch of users removes it: keep personal data out of the names of events and properties. "
    f"{_CLEAR}"
)
_ARP = (
    f"{_NO_LEVEL}, as the server chooses what it is. {_OPAQUE}, and ask CleverTap what it sends for your account. "
    f"{_CLEAR}"
)
_TOKEN = f"{_NO_LEVEL}: exclude the file from backups (dataExtractionRules, fullBackupContent)."
_SETTINGS = f"{_NO_LEVEL}; it is about the account, not about a person. Exclude the file from backups."
_KEY = (
    "The key lies beside what it encrypts: raise minSdkVersion to 23 and upgrade to 8.1.0 or later. "
    "No version removes the entry; clearing the app's data does."
)
_VARIABLES = f"{_LEVEL_2}, and put no personal data into the values of variables."
_SERVER_FILES = f"{_NO_LEVEL}: put no personal data into it, or move to variables at level 2 of 7.7.0 or later."
_MEDIA = f"{_NO_LEVEL}: send no personal pictures and documents through campaigns and variables."
_PUSH = f"{_NO_LEVEL}: leave personal data out of the payloads of push messages."
_UPGRADE = f"Upgrade, as no current version writes it. {_CLEAR}"
_EXTERNAL = "Upgrade from 2.0.x and delete the file: other apps can read it, and no version removes it."
_RESIDUE = (
    "What was deleted, or was encrypted later, can stay in free pages and in the journal: choose the level before "
    "the first release. Clearing the app's data removes what was plain before."
)

# -- the parts -----------------------------------------------------------------------------------

GUID = Part("device id", "identity", _GUID, f"{_CORE}/DeviceInfo.java@8.2.0", ("ADVERTISING_ID",))
OPT_OUT = Part("opt-out", "config", _GUID, f"{_CORE}/DeviceInfo.java@8.2.0")
IDENTITY_MAP = Part(
    "identity map", "identity", _IDENTITY_MAP, f"{_CORE}/login/LoginInfoProvider.java@8.2.0", ("EMAIL", "PHONE")
)
IDENTITY_SETTINGS = Part("identity map", "config", _SETTINGS, f"{_CORE}/login/LoginInfoProvider.java@8.2.0")

INSTANCE = Part("configuration", "config", _SETTINGS, f"{_CORE}/CleverTapInstanceConfig.java@8.2.0")
ACCOUNT_TOKEN = Part("configuration", "token", _SETTINGS, f"{_CORE}/CleverTapInstanceConfig.java@8.2.0")
MAIN_STORE = Part("configuration", "config", _SETTINGS, f"{_CORE}/StorageHelper.kt@8.2.0")
ENCRYPTION = Part("encryption", "config", _SETTINGS, f"{_CORE}/cryption/CryptRepository.kt@8.2.0")
OLD_ENCRYPTION = Part("encryption", "config", _SETTINGS, f"{_CORE}/cryption/CryptUtils.kt@5.2.0")
ENCRYPTION_KEY = Part("encryption", "token", _KEY, f"{_CORE}/cryption/AESGCMCrypt.kt@7.2.0")

SESSION = Part("session", "data", _COUNTERS, f"{_CORE}/SessionManager.java@8.2.0")
NETWORK = Part("network", "config", _SETTINGS, f"{_CORE}/network/NetworkRepo.kt@8.2.0")
NETWORK_COUNTERS = Part("network", "data", _COUNTERS, f"{_CORE}/network/IJRepo.kt@8.2.0")
ARP_VALUES = Part("ARP", "data", _ARP, f"{_CORE}/network/ArpRepo.kt@8.2.0", ("EMAIL",))
ARP_ACCOUNT = Part("ARP", "config", _SETTINGS, f"{_CORE}/network/ArpRepo.kt@8.2.0")
ARP_IDENTITIES = Part("ARP", "identity", _ARP, f"{_CORE}/network/ArpRepo.kt@8.2.0", ("EMAIL", "PHONE"))

PUSH_TOKEN = Part("push", "token", _TOKEN, f"{_CORE}/pushnotification/PushConstants.java@8.2.0")
PUSH_SETTINGS = Part("push", "config", _SETTINGS, f"{_CORE}/pushnotification/PushProviders.java@8.2.0")
PUSH_IDS = Part("push", "data", _PUSH, f"{_CORE}/db/dao/PushNotificationDAOImpl.kt@8.2.0")
PUSH_TIMES = Part("push", "data", _COUNTERS, f"{_CORE}/db/dao/UninstallTimestampDAOImpl.kt@8.2.0")
PUSH_PICTURES = Part("push", "data", _MEDIA, f"{_CORE}/Utils.java@8.2.0")
PUSH_TEMPLATES = Part(
    "push", "data", _PUSH,
    f"{_SOURCE}:clevertap-pushtemplates/src/main/java/com/clevertap/android/pushtemplates/Utils.java@8.2.0",
)  # fmt: skip

IN_APP = Part("in-app", "data", _IN_APP, f"{_CORE}/inapp/store/preference/InAppStore.kt@8.2.0")
IN_APP_CLIENT_DELAYED = Part("in-app", "data", _IN_APP_LATER, f"{_CORE}/inapp/store/preference/InAppStore.kt@8.2.0")
IN_APP_SERVER_SIDE = Part("in-app", "data", _CAMPAIGN, f"{_CORE}/inapp/store/preference/InAppStore.kt@8.2.0")
IN_APP_QUEUE_3 = Part("in-app", "data", _IN_APP, f"{_V3}/CleverTapAPI.java@3.2.0")
IN_APP_COUNTS = Part("in-app", "data", _COUNTERS, f"{_CORE}/InAppFCManager.java@8.2.0")
IN_APP_TRIGGERS = Part("in-app", "data", _COUNTERS, f"{_CORE}/inapp/TriggerManager.kt@8.2.0")
IN_APP_DELAYED = Part("in-app", "data", _IN_APP_LATER, f"{_CORE}/inapp/store/db/DelayedLegacyInAppStore.kt@8.2.0")
IN_APP_DELAYS = Part("in-app", "data", _COUNTERS, f"{_CORE}/db/DelayedLegacyInAppDAO.kt@8.2.0")
VARIABLES = Part("variables", "data", _VARIABLES, f"{_CORE}/variables/repo/VariablesRepo.kt@8.2.0")
VARIABLE_FILES = Part("variables", "data", _MEDIA, f"{_CORE}/inapp/images/FileResourceProvider.kt@8.2.0")
IMAGES = Part("image cache", "data", _MEDIA, f"{_CORE}/inapp/images/FileResourceProvider.kt@8.2.0")
OLD_IMAGES = Part("image cache", "data", _MEDIA, f"{_CORE}/utils/ImageCache.java@4.6.0")
IMAGE_ADDRESSES = Part("image cache", "data", _MEDIA, f"{_CORE}/inapp/store/preference/InAppAssetsStore.kt@8.2.0")
AB_TESTS = Part("A/B tests", "data", _UPGRADE, f"{_V3}/ab_testing/CTABTestController.java@3.9.1")
PRODUCT_CONFIG = Part(
    "product config", "config", _SERVER_FILES, f"{_CORE}/product_config/CTProductConfigController.java@8.2.0"
)
FEATURE_FLAGS = Part(
    "feature flags", "config", _SERVER_FILES, f"{_CORE}/featureFlags/CTFeatureFlagsController.java@8.2.0"
)

_PERSON = ("NAME", "EMAIL", "PHONE")
QUEUE = Part("event queue", "queue", _QUEUE, f"{_CORE}/events/EventQueueManager.kt@8.2.0", (*_PERSON, "LOCATION"))
QUEUED_CAMPAIGN = Part("event queue", "queue", _QUEUE, f"{_CORE}/AnalyticsManagerBundler.kt@8.2.0")
QUEUED_ERROR = Part(
    "event queue", "queue", _QUEUE, f"{_CORE}/validation/ValidationResultFactory.kt@8.2.0", ("PHONE",)
)
QUEUED_REFERRER = Part("event queue", "queue", _QUEUE, f"{_CORE}/AnalyticsManager.java@8.2.0")
QUEUED_LOCATION = Part(
    "event queue", "queue", _QUEUED_LOCATION, f"{_CORE}/utils/CTJsonConverter.java@8.2.0", ("LOCATION",)
)
QUEUED_ADVERTISING_ID = Part(
    "event queue", "identity", _GUID, f"{_CORE}/utils/CTJsonConverter.java@8.2.0", ("ADVERTISING_ID",)
)
QUEUED_TOKEN = Part("event queue", "token", _TOKEN, f"{_CORE}/pushnotification/PushProviders.java@8.2.0")
QUEUED_PROFILE = Part("event queue", "queue", _QUEUE, f"{_CORE}/events/EventQueueManager.kt@8.2.0", _PERSON)
QUEUED_IDENTITY = Part(
    "event queue", "identity", _IDENTITY, f"{_CORE}/events/EventQueueManager.kt@8.2.0", ("EMAIL", "PHONE")
)
QUEUED_DEVICE = Part(
    "event queue", "queue",
    f"The SDK queues carrier, country and time zone without being asked, at least once a session. {_LEVEL_2}.",
    f"{_CORE}/events/EventQueueManager.kt@8.2.0",
)  # fmt: skip

PROFILE = Part("profile", "profile", _PROFILE, f"{_CORE}/LocalDataStore.java@8.2.0", _PERSON)
PROFILE_IDENTITY = Part("profile", "identity", _IDENTITY, f"{_CORE}/LocalDataStore.java@8.2.0", ("EMAIL", "PHONE"))
PROFILE_GUID = Part("profile", "identity", _GUID, f"{_CORE}/db/dao/UserProfileDAOImpl.kt@8.2.0", ("ADVERTISING_ID",))
PROFILE_ACCOUNT = Part("profile", "config", _SETTINGS, f"{_CORE}/db/CtDatabase.kt@8.2.0")
PROFILE_SETTINGS = Part("profile", "config", _SETTINGS, f"{_CORE}/LocalDataStore.java@6.2.1")
OLD_PROFILE = Part("profile", "profile", _UPGRADE, f"{_SOURCE}:CleverTapAndroidSDK.jar@2.0.1", _PERSON)

INBOX = Part("inbox", "data", _INBOX, f"{_CORE}/db/dao/InboxMessageDAOImpl.kt@8.2.0", ("NAME",))
INBOX_LABELS = Part("inbox", "data", _INBOX_LABELS, f"{_CORE}/db/dao/InboxMessageDAOImpl.kt@8.2.0")
INBOX_CAMPAIGN = Part("inbox", "data", _CAMPAIGN, f"{_CORE}/db/dao/InboxMessageDAOImpl.kt@8.2.0")
INBOX_GUID = Part("inbox", "identity", _GUID, f"{_CORE}/db/dao/InboxMessageDAOImpl.kt@8.2.0", ("ADVERTISING_ID",))
INBOX_ACTIONS = Part("inbox", "data", _INBOX_LABELS, f"{_CORE}/db/dao/InboxPendingActionsDAO.kt@8.2.0")

HISTORY = Part("event history", "data", _HISTORY, f"{_CORE}/usereventlogs/UserEventLogDAOImpl.kt@8.2.0")
HISTORY_GUID = Part(
    "event history", "identity", _GUID, f"{_CORE}/usereventlogs/UserEventLogDAOImpl.kt@8.2.0", ("ADVERTISING_ID",)
)
OLD_HISTORY = Part("event history", "data", _HISTORY, f"{_CORE}/LocalDataStore.java@7.0.3")
DATABASE = Part("database", "data", _RESIDUE, f"{_CORE}/db/CtDatabase.kt@8.2.0")

LAST_PLACE = Part("geofence", "data", _GEOFENCES, f"{_GEOFENCE}/GeofenceStorageHelper.java@8.2.0", ("LOCATION",))
GEOFENCES = Part("geofence", "data", _GEOFENCES, f"{_GEOFENCE}/GeofenceUpdateTask.java@8.2.0", ("LOCATION",))
GEOFENCE_SETTINGS = Part("geofence", "config", _SETTINGS, f"{_GEOFENCE}/Utils.java@8.2.0")

EXTERNAL_ID = Part("device id", "identity", _EXTERNAL, f"{_SOURCE}:CleverTapAndroidSDK.jar@2.0.1")
OLD_TRAIL = Part("session", "data", _UPGRADE, f"{_SOURCE}:CleverTapAndroidSDK.jar@3.1.10")
