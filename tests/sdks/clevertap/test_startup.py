"""What a start leaves before anything happens in the app."""

import json

import pytest

from harness.sdks.base import EventPushed, Installed, Launched, LoggedIn, Upgraded, WentOffline
from harness.sdks.clevertap.android_database import database_version
from harness.sdks.clevertap.versions import VERSIONS, parse
from tests.sdks.clevertap.conftest import PERSON, Phone


def test_the_configuration_is_in_clear_with_the_token() -> None:
    """Members in the order of the specification's example."""
    text = Phone("encrypted").do(Installed).preferences()["instance"]

    assert list(json.loads(text)) == [
        "accountId", "accountToken", "accountRegion", "analyticsOnly", "isDefaultInstance", "useGoogleAdId",
        "disableAppLaunchedEvent", "personalization", "debugLevel", "createdPostAppLaunch", "sslPinning",
        "backgroundSync", "getEnableCustomCleverTapId", "beta", "encryptionLevel", "encryptionInTransit",
        "allowedPushTypes",
    ]  # fmt: skip
    assert json.loads(text)["encryptionLevel"] == 2


@pytest.mark.parametrize(
    ("version", "lacks"),
    [
        ("3.2.0", {"getEnableCustomCleverTapId", "allowedPushTypes", "beta"}),
        ("5.1.0", {"encryptionLevel", "encryptionInTransit"}),
        ("7.4.0", {"encryptionInTransit"}),
    ],
)
def test_older_configurations_say_less(version: str, lacks: set[str]) -> None:
    """Before 3.2.0 there was none."""
    assert not lacks & json.loads(Phone(version=version).do(Installed).preferences()["instance"]).keys()
    assert "instance" not in Phone(version="3.1.10").do(Installed).preferences()


def test_push_services_have_names_and_then_descriptions() -> None:
    """Since 7.3.0."""
    for version, kind in (("7.2.2", str), ("7.3.0", dict)):
        [service] = json.loads(Phone(version=version).do(Installed).preferences()["instance"])["allowedPushTypes"]
        assert isinstance(service, kind)


def test_identity_keys_are_written_down_at_first_use() -> None:
    """Since 4.1.0, and not where somebody logged in before."""
    assert "SP_KEY_PROFILE_IDENTITIES" not in Phone(version="4.0.4").do(Installed).preferences()
    assert "SP_KEY_PROFILE_IDENTITIES" in Phone(version="4.1.0").do(Installed).preferences()

    phone = Phone(version="4.0.4").do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    assert "SP_KEY_PROFILE_IDENTITIES" not in phone.do(Upgraded, version="4.1.0").preferences()


@pytest.mark.parametrize("version", [each for each in VERSIONS if parse(each) >= (2, 1, 0)])
def test_every_version_upgrades_to_the_newest(version: str) -> None:
    """The database reaches its version with what was queued; a profile stays if it finds its user."""
    phone = Phone(version=version).do(Installed).do(WentOffline).do(LoggedIn, identity="1", profile=PERSON)
    phone.do(EventPushed, label="Before")
    queued = len(phone.queued())
    assert phone.rows("PRAGMA user_version") == [database_version(version)]

    phone.do(Upgraded, version=VERSIONS[-1])
    assert phone.rows("PRAGMA user_version") == [7]
    assert len(phone.queued()) == queued + 1
    assert len(phone.profiles()) == 1
    assert (phone.guid in phone.profiles()) is (parse(version) >= (3, 2, 0))


def test_the_first_database_comes_with_2_1_0() -> None:
    """Beside what 2.0.x had in preferences."""
    phone = Phone(version="2.0.1").do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    guid = phone.guid
    phone.do(Upgraded, version="2.1.0")

    assert phone.rows("PRAGMA user_version") == [1]
    assert phone.preferences("WizRocket_local_profile")["Name"] == "Jane Roe"
    assert phone.guid == guid


def test_a_second_start_makes_nothing_anew() -> None:
    """One ID, one database."""
    phone = Phone().do(Installed)
    guid = phone.guid
    phone.do(Launched).do(Installed)

    assert phone.guid == guid
