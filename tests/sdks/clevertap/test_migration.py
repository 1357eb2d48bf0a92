"""What a start after an upgrade or a change of the level does, and what it leaves behind."""

import json

import pytest

from harness.sdks.base import (
    EventPushed,
    InAppReceived,
    InboxReceived,
    Installed,
    Launched,
    LevelChanged,
    LoggedIn,
    ProfilePushed,
    Upgraded,
    WentOffline,
)
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone

MIGRATED = {"encryptionMigrationFailureCount": 0}


def at_level_1(version: str = "7.1.2") -> Phone:
    phone = Phone("encrypted", version, level=1).do(Installed).do(WentOffline)
    return phone.do(LoggedIn, identity="customer-x", profile=PERSON).do(InAppReceived, campaign="1", text="Hello")


def state(phone: Phone) -> dict[str, object]:
    names = (
        "encryptionLevel",
        "encryptionFlagStatus",
        "encryptionMigrationFailureCount",
        "ssInAppMigrated",
        "cachedGUIDsLengthKey",
    )
    return {name: value for name, value in phone.preferences().items() if name in names}


def users(phone: Phone) -> list[str]:
    return list(json.loads(phone.opened(phone.preferences()["cachedGUIDsKey"])))


# -- a clean first start -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "level", "expected"),
    [
        ("5.1.0", 0, {}),
        ("5.2.0", 0, {}),
        ("7.1.2", 0, {}),
        ("7.1.2", 1, {"encryptionLevel": 1, "encryptionFlagStatus": 3}),
        ("7.3.0", 0, {"encryptionLevel": 0, **MIGRATED, "cachedGUIDsLengthKey": 0}),
        ("7.2.0", 1, {"encryptionLevel": 1, **MIGRATED, "cachedGUIDsLengthKey": 0}),
        ("7.3.1", 0, {"encryptionLevel": 0, **MIGRATED, "ssInAppMigrated": True}),
        ("8.2.0", 2, {"encryptionLevel": 2, **MIGRATED, "ssInAppMigrated": True}),
    ],
)
def test_a_clean_first_start(version: str, level: int, expected: dict[str, object]) -> None:
    """The table of the specification."""
    mode = "encrypted" if level else "plain"

    assert state(Phone(mode, version, level=level).do(Installed)) == expected


# -- the old scheme ------------------------------------------------------------------------------


def test_levels_of_the_old_scheme() -> None:
    """Up and down again, map and profile."""
    phone = Phone(version="7.1.2").do(Installed).do(LoggedIn, identity="customer-x", profile=PERSON)
    assert users(phone) == ["Identity_customer-x", "Email_jane.roe@example.org"]

    phone.do(LevelChanged, level=1)
    assert state(phone) == {"encryptionLevel": 1, "encryptionFlagStatus": 3}
    assert all("_[" in name for name in users(phone))
    assert phone.profiles()[phone.guid]["Email"].startswith("[")

    phone.do(LevelChanged, level=0)
    assert state(phone) == {"encryptionLevel": 0, "encryptionFlagStatus": 3}
    assert users(phone) == ["Identity_customer-x", "Email_jane.roe@example.org"]
    assert phone.profiles()[phone.guid]["Email"] == PERSON["email"]


def test_what_the_app_put_in_brackets_does_not_open() -> None:
    """It is stored as it is, and the bit of the profile is never set."""
    phone = at_level_1().do(ProfilePushed, profile={"name": "[1, 2]"})
    assert phone.profiles()[phone.guid]["Name"] == "[1, 2]"

    phone.do(LevelChanged, level=0)
    assert state(phone)["encryptionFlagStatus"] == 1
    assert phone.profiles()[phone.guid]["Name"] == "[1, 2]"


# -- from the old scheme to the new --------------------------------------------------------------


def test_by_way_of_7_2_0_all_is_unwrapped() -> None:
    """Its first upgrade looks within the old names, and counts them."""
    phone = at_level_1().do(Upgraded, version="7.2.0")

    assert users(phone) == ["Identity_customer-x", "Email_jane.roe@example.org"]
    assert phone.preferences()["cachedGUIDsKey"].startswith("<ct<")
    assert state(phone) == {"encryptionLevel": 1, "encryptionFlagStatus": 3, **MIGRATED, "cachedGUIDsLengthKey": 2}
    assert phone.profiles()[phone.guid]["Email"].startswith("<ct<")
    assert phone.opened(phone.profiles()[phone.guid]["Email"]) == PERSON["email"]


def test_straight_to_7_3_1_old_ciphertext_stays_within_the_new() -> None:
    """And nothing counts the identities: the next login is taken for the device's first."""
    phone = at_level_1().do(Upgraded, version="7.3.1")
    guid = phone.guid
    assert all("_[" in name for name in users(phone))
    assert "cachedGUIDsLengthKey" not in state(phone)

    phone.do(LoggedIn, identity="customer-y", profile=OTHER)
    assert phone.guid == guid
    assert state(phone)["cachedGUIDsLengthKey"] == 4
    assert [name.count("[") for name in users(phone)] == [1, 1, 0, 0]


def test_the_wrong_preference_is_migrated_until_7_3_0() -> None:
    """A plain array of campaigns is taken for ciphertext, and deleted; what is to be shown stays in the old form."""
    phone = at_level_1().do(Upgraded, version="7.3.0")
    stored = phone.in_apps()
    assert "inapp_notifs_ss" not in stored
    assert stored["inApp"].startswith("[")

    phone.do(InAppReceived, campaign="2", text="Later")
    texts = [each["message"]["text"] for each in json.loads(phone.opened(phone.in_apps()["inApp"]))]
    assert texts == ["Later"]


@pytest.mark.parametrize(
    ("version", "begin"), [("7.3.1", "<ct<"), ("7.6.0", "<ct<"), ("7.7.0", "[{"), ("8.2.0", "[{")]
)
def test_a_migration_at_level_0_leaves_messages_plain_since_7_7_0(version: str, begin: str) -> None:
    """Until they are next written: then what was plain counts as nothing."""
    phone = Phone(version="7.1.2").do(Installed).do(InAppReceived, campaign="1", text="Hello Jane Roe")
    phone.do(Upgraded, version=version)
    assert phone.in_apps()["inApp"].startswith(begin)

    phone.do(InAppReceived, campaign="2", text="Later")
    stored = phone.in_apps()["inApp"]
    assert stored.startswith("<ct<")
    assert ("Hello Jane Roe" in phone.opened(stored)) is (begin == "<ct<")


def test_plain_messages_are_taken_for_old_ciphertext_when_the_level_rises() -> None:
    """And deleted, as they do not open."""
    phone = Phone(version="7.1.2").do(Installed).do(InAppReceived, campaign="1", text="Hello")
    phone.do(Upgraded, version="8.2.0").do(LevelChanged, level=1)

    assert "inApp" not in phone.in_apps()


# -- levels of the new scheme --------------------------------------------------------------------


def test_level_2_covers_what_was_there_before() -> None:
    """Queue, inbox, variables, and the profiles of all users; the inbox of who has no profile stays."""
    phone = Phone().do(Installed).do(InboxReceived, message="m0", title="Anonymous", text="x")
    anonymous = phone.guid
    phone.do(WentOffline).do(LoggedIn, identity="1", profile=PERSON).do(LoggedIn, identity="2", profile=OTHER)
    phone.do(InboxReceived, message="m1", title="Hello", text="x").do(EventPushed, label="Viewed")
    before = phone.queued()
    phone.do(LevelChanged, level=2)

    assert state(phone)["encryptionLevel"] == 2
    for table in ("events", "profileEvents", "userProfiles", "inboxMessages"):
        assert all(text.startswith("<ct<") for text in phone.rows(f"SELECT data FROM {table}")), table
    assert phone.queued()[: len(before)] == before
    assert anonymous in phone.profiles()
    assert {profile["Name"] for profile in phone.profiles().values()} == {"Jane Roe", "John Doe"}
    assert phone.preferences()["cachedGUIDsKey"].startswith("<ct<")

    phone.do(LevelChanged, level=1)
    assert all(text.startswith("{") for text in phone.rows("SELECT data FROM events"))
    assert all(profile["Name"].startswith("<ct<") for profile in phone.profiles().values())

    phone.do(LevelChanged, level=0)
    assert {profile["Name"] for profile in phone.profiles().values()} == {"Jane Roe", "John Doe"}
    assert users(phone)[0] == "Identity_1"


def test_the_inbox_of_who_has_no_profile_is_not_migrated() -> None:
    """It stays in plain, beside what is sealed."""
    phone = Phone().do(Installed).do(InboxReceived, message="m0", title="Anonymous", text="x")
    phone.do(LevelChanged, level=2)

    assert "Anonymous" in phone.rows("SELECT data FROM inboxMessages")[0]


def test_a_level_that_a_version_does_not_know_is_none() -> None:
    """2 before 7.7.0, and whatever is no number of a level."""
    phone = at_level_1("7.6.0").do(LevelChanged, level=2)
    assert state(phone)["encryptionLevel"] == 0
    assert phone.profiles()[phone.guid]["Email"] == PERSON["email"]


def test_what_cannot_be_opened_is_lost_or_counted() -> None:
    """Deleted if it is to be sealed; kept and counted if not, and then 7.7.0 does not write the level."""
    phone = Phone(version="7.7.0").do(Installed).do(ProfilePushed, profile={"name": "[1, 2]", "email": "<ct<x>ct>"})
    phone.do(LevelChanged, level=1)
    profile = phone.profiles()[phone.guid]
    assert "Name" not in profile
    assert profile["Email"] == "<ct<x>ct>"

    phone.do(LevelChanged, level=0)
    assert phone.preferences()["encryptionMigrationFailureCount"] == 1
    assert phone.preferences()["encryptionLevel"] == 1
    assert phone.do(Launched).preferences()["encryptionMigrationFailureCount"] == 2


def test_nothing_is_done_twice() -> None:
    """A start that has nothing to migrate rewrites nothing."""
    phone = at_level_1("8.2.0")
    stored = (phone.preferences()["cachedGUIDsKey"], phone.profiles())

    phone.do(Launched)
    assert (phone.preferences()["cachedGUIDsKey"], phone.profiles()) == stored


def test_from_the_first_to_the_last_version() -> None:
    """Bare names, the one profile that moves to nobody, and a map that nobody finds."""
    phone = Phone(version="3.1.10").do(Installed).do(WentOffline).do(LoggedIn, identity="1", profile=PERSON)
    phone.do(Upgraded, version="4.7.5").do(Upgraded, version="5.2.0")
    guid = phone.guid
    phone.do(Upgraded, version="7.0.0")

    assert phone.rows("SELECT deviceID FROM userProfiles") == [""]
    assert phone.profiles()[""]["DOB"] == 640310400
    assert b'<string name="deviceId">' in phone.files["shared_prefs/WizRocket.xml"]
    assert phone.guid == guid

    phone.do(Upgraded, version="8.2.0").do(LoggedIn, identity="2", profile=OTHER)
    assert phone.guid == guid
    assert b'<string name="cachedGUIDsKey">' in phone.files["shared_prefs/WizRocket.xml"]
    assert len(phone.preferences()["cachedGUIDsKey"]) > 0
