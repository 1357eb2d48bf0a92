"""What every list of claims of an SDK owes: patterns that take only what is the SDK's, and where each was read."""

import re
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from harness import registry
from harness.detectors.base import Detector
from harness.model import Platform
from harness.persona import FIELD_TYPES
from harness.sdks.base import Claim
from harness.sdks.base.known import KnownSdk, is_exact, known_folder, load_known

KNOWN = load_known()
CLASSES = {*FIELD_TYPES.values(), *(each.type for each in registry.load("detectors", Detector).values())}
OF_APPS = (
    "shared_prefs/com.example.shop_preferences.xml",
    "shared_prefs/settings.xml",
    "shared_prefs/analytics.xml",
    "databases/app.db",
    "databases/events.db",
    "files/log.txt",
    "files/datastore/settings.preferences_pb",
    "cache/image_manager_disk_cache/0123",
    "no_backup/androidx.work.workdb",
    "app_webview/Default/Cookies",
    "Library/Preferences/com.example.shop.plist",
    "Library/Caches/com.example.shop/Cache.db",
    "Documents/notes.sqlite",
)
"""What an app writes without any SDK."""


@pytest.fixture(params=sorted(KNOWN))
def known(request: pytest.FixtureRequest) -> KnownSdk:
    return KNOWN[request.param]


def test_the_promised_sdks_are_there() -> None:
    """Those that apps have most."""
    assert set(KNOWN) >= {
        "adjust", "amplitude", "appsflyer", "branch", "braze", "crashlytics", "facebook", "firebase",
        "google_analytics", "mixpanel", "moengage", "onesignal", "segment", "sentry",
    }  # fmt: skip


def test_names_and_titles_are_one_sdks() -> None:
    """A finding that names an SDK names one; none is both simulated and known."""
    assert len({known.title for known in KNOWN.values()}) == len(KNOWN)
    assert not set(KNOWN) & set(registry.names("sdks"))


def test_every_claim_was_read_or_says_what_it_is_taken_from(known: KnownSdk) -> None:
    """Verified is what names a file of a public repository at one version of it."""
    for claim in known.claims:
        assert bool(claim.source) is not bool(claim.uncertain)
        assert not claim.source or re.fullmatch(r"[\w.-]+/[\w.-]+:[\w./+-]+@[0-9a-f]{40}", claim.source)
    assert known.verified is all(claim.source for claim in known.claims)
    assert bool(known.sources) is any(claim.source for claim in known.claims)


def test_no_claim_takes_what_is_the_apps(known: KnownSdk) -> None:
    """A pattern that matches everything would blame the SDK for everything."""
    for claim in known.claims:
        whole = [path for path in OF_APPS if claim.covers(path) and claim.matches(path, ("theme",))]
        assert whole == [], claim.path
    assert [path for path in OF_APPS if any(fnmatchcase(path, glob) for glob in known.owned)] == []


def test_claims_are_of_its_platforms(known: KnownSdk) -> None:
    """`Library/` and `Documents/` are Apple's."""
    folders = {claim.path.partition("/")[0] for claim in known.claims}
    apples = {"Library", "Documents", "tmp"}

    assert bool(folders & apples) is (Platform.IOS in known.platforms)
    assert bool(folders - apples) is (Platform.ANDROID in known.platforms)


def test_an_identity_is_at_an_exact_pointer(known: KnownSdk) -> None:
    """Whatever is found there is judged as a user's identity: nothing else may be there."""
    assert all(is_exact(claim.pointer) for claim in known.claims if claim.role == "identity")


def test_no_claim_is_made_twice(known: KnownSdk) -> None:
    """The same place twice could not be told apart."""
    places = Counter((claim.path, claim.pointer) for claim in known.claims)

    assert [place for place, count in places.items() if count > 1] == []


def test_every_claim_says_what_it_is_for_people(known: KnownSdk) -> None:
    """A component; and where personal data of a class lands by the app's doing, what can be done."""
    for claim in known.claims:
        assert claim.component, claim.path
        assert set(claim.holds) <= CLASSES, claim.path
        profile = claim.role in {"profile", "queue"} and claim.holds and not claim.uncertain
        assert claim.remedy or not profile, (claim.path, claim.pointer)


def test_what_it_owns_is_what_it_claims(known: KnownSdk) -> None:
    """A glob of its own folders is of use only where it begins like one of its claims."""
    for glob in known.owned:
        literal = re.split(r"[*?[]", glob)[0]
        assert any(_begins_alike(claim, literal) for claim in known.claims), glob


def _begins_alike(claim: Claim, literal: str) -> bool:
    begin = re.split(r"[*?[]", claim.path)[0]
    return begin.startswith(literal) or literal.startswith(begin)


def test_no_file_names_a_host(project_root: Path) -> None:
    """Repositories are named by owner and name."""
    assert known_folder() == project_root / "harness" / "sdks" / "known"
    for path in known_folder().iterdir():
        assert path.suffix == ".toml"
        assert not re.search(r"https?:|www\.|github\.com", path.read_text(encoding="utf-8")), path.name


FILES_OF_SDKS = [
    ("shared_prefs/com.mixpanel.android.mpmetrics.MixpanelAPI_0f1e.xml",
     ("events_distinct_id",), "mixpanel", "identity"),
    ("databases/mixpanel", ("people", 3, "data", "$set", "$email"), "mixpanel", "profile"),
    ("Library/Preferences/Mixpanel.plist", ("mixpanel-0f1e-MPDistinctID",), "mixpanel", "profile"),
    ("databases/com.amplitude.api", ("events", 1, "event", "user_id"), "amplitude", "queue"),
    ("app_amplitude/com.example.shop/$default_instance/analytics/identity.properties", (), "amplitude", "data"),
    ("shared_prefs/analytics-android-0f1e.xml", ("segment.userId",), "segment", "identity"),
    ("shared_prefs/analytics-android-0f1e.xml", ("traits-0f1e", "email"), "segment", "profile"),
    ("app_segment-disk-queue/0f1e-0.tmp", ("batch", 0, "userId"), "segment", "queue"),
    ("files/AdjustIoPackageQueue", (), "adjust", "queue"),
    ("shared_prefs/branch_referral_shared_pref.xml", ("bnc_identity",), "branch", "identity"),
    ("shared_prefs/com.example.shop_preferences.xml",
     ("com.facebook.appevents.UserDataStore.userData", "em"), "facebook", "profile"),
    ("cache/sentry/0f1e/.scope-cache/user.json", ("id",), "sentry", "identity"),
    ("cache/sentry/0f1e/.scope-cache/user.json", ("email",), "sentry", "profile"),
    ("files/.com.google.firebase.crashlytics.files.v2:com.example.shop/open-sessions/6A/user-data",
     ("userId",), "crashlytics", "identity"),
    ("files/PersistedInstallation.W0RFRkFVTFRd+MTox.json", ("W0RFRkFVTFRd+MTox|Fid",), "firebase", "token"),
    ("databases/google_app_measurement_local.db", ("messages", 1, "entry"), "google_analytics", "queue"),
    ("shared_prefs/OneSignal.xml", ("MODEL_STORE_identity", 0, "external_id"), "onesignal", "identity"),
    ("databases/MOEInteractions", ("USERATTRIBUTES", 1, "value"), "moengage", "profile"),
    ("shared_prefs/com.appboy.storage.user_cache.v3.0f1e.xml",
     ("user_cache_attributes_object", "email"), "braze", "profile"),
    ("shared_prefs/appsflyer-data.xml", ("AF_INSTALLATION",), "appsflyer", "identity"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "steps", "name", "role"), FILES_OF_SDKS)
def test_files_as_the_sdks_write_them_are_theirs(
    path: str, steps: tuple[str | int, ...], name: str, role: str
) -> None:
    """And of no other: the most exact claim tells what a value is for."""
    matching = [
        (len(claim.pointer), len(claim.path), known.name, claim.role)
        for known in KNOWN.values()
        for claim in known.claims
        if claim.matches(path, steps)
    ]

    assert {sdk for _, _, sdk, _ in matching} == {name}
    assert max(matching)[3] == role
