"""What CleverTap claims: each place once, by the most exact claim, and nothing of the app's own."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

from harness.model import Locator, Step
from harness.scan.attribution import ClaimIndex
from harness.sdks.clevertap.claims import ALL_CLAIMS, OWNED, claims_of, looks_like_ours
from harness.sdks.clevertap.versions import VERSIONS, parse

_ACCOUNT = "TEST-000-0000"
_GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"
_MAIN = "shared_prefs/WizRocket.xml"


def _owner(path: str, *steps: Step) -> tuple[str, str] | None:
    owner = ClaimIndex(("clevertap", claim) for claim in ALL_CLAIMS).owner(Locator(path=path, steps=steps))
    return (owner.role, owner.component) if owner else None


def test_no_place_is_claimed_twice() -> None:
    """Which of two claims won would hang on their order."""
    counted = Counter((claim.path, claim.pointer) for claim in ALL_CLAIMS)

    assert [place for place, count in counted.items() if count > 1] == []


def test_every_claim_says_who_and_what_to_do() -> None:
    """A finding is explained by its claim alone."""
    for claim in ALL_CLAIMS:
        assert claim.component
        assert claim.source.startswith("CleverTap/clevertap-android-sdk:")
        assert claim.remedy.endswith(".")
        assert 20 < len(claim.remedy) < 260
        assert claim.role in {"identity", "profile", "queue", "token", "config", "data"}


def test_versions_of_claims_are_those_that_were_read() -> None:
    """A bound that is no release would never be met."""
    bounds = {bound for claim in ALL_CLAIMS for bound in (claim.since, claim.until) if bound}

    assert bounds - set(VERSIONS) <= {"3.5.1"}
    for claim in ALL_CLAIMS:
        assert not claim.since or not claim.until or parse(claim.since) <= parse(claim.until)


@pytest.mark.parametrize(
    ("path", "steps", "role", "component"),
    [
        (_MAIN, (f"deviceId:{_ACCOUNT}",), "identity", "device id"),
        (_MAIN, ("deviceId",), "identity", "device id"),
        (f"{_MAIN}.bak", (f"fallbackId:{_ACCOUNT}",), "identity", "device id"),
        (_MAIN, (f"cachedGUIDsKey:{_ACCOUNT}",), "identity", "identity map"),
        (_MAIN, (f"cachedGUIDsKey:{_ACCOUNT}", "Email_jane/doe@example.org"), "identity", "identity map"),
        (_MAIN, ("cachedGUIDsKey", "Email_jane@example.org"), "identity", "identity map"),
        (_MAIN, (f"cachedGUIDsLengthKey:{_ACCOUNT}",), "config", "identity map"),
        (_MAIN, (f"instance:{_ACCOUNT}", "accountId"), "config", "configuration"),
        (_MAIN, (f"instance:{_ACCOUNT}", "accountToken"), "token", "configuration"),
        (_MAIN, (f"fcm_token:{_ACCOUNT}",), "token", "push"),
        (_MAIN, (f"acme_push_id:{_ACCOUNT}",), "token", "push"),
        (_MAIN, ("EncryptionKey",), "token", "encryption"),
        (_MAIN, ("pf",), "config", "push"),
        (_MAIN, (f"sexe:{_ACCOUNT}",), "data", "session"),
        (_MAIN, (f"variablesKey:{_ACCOUNT}", "greeting"), "data", "variables"),
        (_MAIN, (f"inApp:{_ACCOUNT}", 0, "msg"), "data", "in-app"),
        (_MAIN, (f"imc:{_GUID}:{_ACCOUNT}",), "data", "in-app"),
        (_MAIN, (f"OptOut:{_GUID}:{_ACCOUNT}",), "config", "opt-out"),
        (_MAIN, ("what_is_this",), "config", "configuration"),
        (f"shared_prefs/WizRocket_ARP:{_ACCOUNT}:{_GUID}.xml", ("k_n", 0), "identity", "ARP"),
        (f"shared_prefs/WizRocket_ARP:{_ACCOUNT}:{_GUID}.xml", ("id",), "config", "ARP"),
        (f"shared_prefs/WizRocket_ARP:{_ACCOUNT}.xml", ("j_n",), "data", "ARP"),
        (f"shared_prefs/inApp:{_GUID}:{_ACCOUNT}.xml", ("inApp", 0, "text"), "data", "in-app"),
        (f"shared_prefs/WizRocket_inApp:{_GUID}:{_ACCOUNT}.xml", ("evaluated_ss",), "data", "in-app"),
        (f"shared_prefs/inapp_assets:{_ACCOUNT}.xml", ("https://example.org/a.png",), "data", "image cache"),
        ("shared_prefs/WizRocket_local_events.xml", (f"Charged:{_ACCOUNT}",), "data", "event history"),
        ("shared_prefs/com.clevertap.android.geofence.geofence_pref.xml", ("latitude",), "data", "geofence"),
        ("databases/clevertap", ("userProfiles", 3, "data"), "profile", "profile"),
        ("databases/clevertap", ("userProfiles", 3, "data", "Email"), "profile", "profile"),
        ("databases/clevertap", ("userProfiles", 3, "data", "Identity"), "identity", "profile"),
        ("databases/clevertap", ("userProfiles", 3, "deviceID"), "identity", "profile"),
        (f"databases/clevertap_{_ACCOUNT}", ("userProfiles", 3, "_id"), "config", "profile"),
        ("databases/clevertap", ("events", 9, "data", "evtData", "Email entered"), "queue", "event queue"),
        ("databases/clevertap", ("events", 9, "data", "data", "id"), "token", "event queue"),
        ("databases/clevertap", ("events", 9, "data", "evtData", "GoogleAdID"), "identity", "event queue"),
        ("databases/clevertap", ("profileEvents", 9, "data", "profile", "Identity"), "identity", "event queue"),
        ("databases/clevertap", ("profileEvents", 9, "data", "profile", "Email"), "queue", "event queue"),
        ("databases/clevertap", ("inboxMessages", 1, "data", "content", 0, "title", "text"), "data", "inbox"),
        ("databases/clevertap", ("inboxMessages", 1, "messageUser"), "identity", "inbox"),
        ("databases/clevertap", ("userEventLogs", 1, "eventName"), "data", "event history"),
        ("databases/clevertap", ("delayedLegacyInApps", 1, "data"), "data", "in-app"),
        ("databases/clevertap", (), "data", "database"),
        ("databases/clevertap-wal", ("page", 2), "data", "database"),
        ("app_CleverTap.Images./CT_FILE_27e53bad-abe0-36a0-aeca-ad58e7aed4a1", (), "data", "image cache"),
        (f"files/Product_Config_{_ACCOUNT}_{_GUID}/activated.json", ("banner",), "config", "product config"),
        (f"files/Feature_Flag_{_ACCOUNT}_{_GUID}/ff_cache.json", ("kv", 0, "n"), "config", "feature flags"),
        ("files/geofence/geofence_cache.json", ("geofences", 0, "lat"), "data", "geofence"),
        ("Android/data/com.wizrocket/device_id", (), "identity", "device id"),
    ],
)
def test_the_most_exact_claim_says_what_a_place_is(
    path: str, steps: tuple[Step, ...], role: str, component: str
) -> None:
    """Names of the specification, as the formats call their places."""
    assert _owner(path, *steps) == (role, component)


@pytest.mark.parametrize(
    "path",
    [
        "shared_prefs/com.example.shop_preferences.xml",
        "shared_prefs/session.xml",
        "databases/shop.db",
        "files/orders.json",
        "files/geofence/mine.json",
        "no_backup/androidx.work.workdb",
        "app_webview/Default/Cookies",
        "cache/picture.png",
    ],
)
def test_files_of_the_app_are_left_alone(path: str) -> None:
    """The SDK answers for its own files only."""
    assert _owner(path) is None
    assert not looks_like_ours(path)


@pytest.mark.parametrize(
    "path",
    [
        "shared_prefs/WizRocket_new_thing.xml",
        "shared_prefs/clevertap_extra.xml",
        "app_CleverTap.Images./thumbnail.png",
        "files/CleverTapDisplayUnits/units.json",
        f"files/Product_Config_{_ACCOUNT}_{_GUID}/fetched.json",
        "files/geofence/geofence_visits.json",
    ],
)
def test_what_only_looks_like_the_sdks_is_told_from_what_is_claimed(path: str) -> None:
    """A file that a version creates and nobody read about is worth a finding."""
    assert looks_like_ours(path)
    assert _owner(path) is None


def test_every_claimed_file_is_recognised_by_name() -> None:
    """Or else a new file beside it would pass for the app's."""
    for claim in ALL_CLAIMS:
        assert looks_like_ours(claim.path.replace("*", "x").replace("[_-]", "_")), claim.path


def test_owned_globs_are_within_the_app() -> None:
    """None of them takes everything."""
    assert all(len(glob.strip("*")) > 8 for glob in OWNED)


@pytest.mark.parametrize(
    ("version", "there", "not_there"),
    [
        ("2.0.1", ["/deviceId"], ["/deviceId:*", "/userProfiles/*"]),
        ("5.2.0", ["/encryptionFlagStatus:*", "/userProfiles/*/data*"], ["/encryptionMigrationFailureCount:*"]),
        ("7.1.2", ["/userEventLogs/*", "/userProfiles/*/deviceID"], ["/EncryptionKey", "/delayedLegacyInApps/*"]),
        ("7.6.0", ["/EncryptionKey", "/ssInAppMigrated:*"], ["/encryptionFlagStatus:*", "/variantsForAbKey:*"]),
        ("8.2.0", ["/inbox_pending_reads/*", "/comms_mute_expiry_ts:*"], ["/EncryptionKey", "/comms_mtd:*"]),
    ],
)
def test_a_version_claims_what_it_writes(version: str, there: list[str], not_there: list[str]) -> None:
    """What an older one left is claimed by that one."""
    pointers = {claim.pointer for claim in claims_of(version)}

    assert pointers.issuperset(there)
    assert pointers.isdisjoint(not_there)


def test_the_tables_in_the_documentation_are_the_claims(project_root: Path) -> None:
    """`scripts/clevertap-claims` writes them."""
    page = (project_root / "docs" / "clevertap-android.md").read_text(encoding="utf-8")

    assert runpy.run_path(str(project_root / "scripts" / "clevertap-claims"))["written"](page) == page


def test_every_claim_is_on_the_page(project_root: Path) -> None:
    """But for those of additional instances, whose databases are like the default one's."""
    page = (project_root / "docs" / "clevertap-android.md").read_text(encoding="utf-8")

    assert [claim for claim in ALL_CLAIMS if f"`{claim.path}`" not in page] == []
    assert [claim for claim in ALL_CLAIMS if claim.pointer != "*" and f"`{claim.pointer}`" not in page] == []
