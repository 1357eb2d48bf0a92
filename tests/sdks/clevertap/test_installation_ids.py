"""The CleverTap ID of an installation: what it is made of, where it lies, and what is said where it is refused."""

import json
from typing import Any

import pytest

from harness.sdks.base import EventPushed, Installed, Killed, Launched, LoggedIn, Upgraded, WentOffline
from harness.sdks.clevertap import CleverTap
from harness.sdks.clevertap.identity import GuidForm, form_of
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone

ADVERTISING = "cdda802e-fb9c-47ad-9866-0794d394c912"
BARE = ADVERTISING.replace("-", "")
EMAIL = PERSON["email"]


def opened(phone: Phone) -> list[dict[str, Any]]:
    """Openings of sessions, with what was wrong."""
    return [row for row in phone.queued() if row["evtName"] == "App Launched"]


def configuration(phone: Phone) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(phone.preferences()["instance"])
    return found


# -- the advertising id --------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.2.0", "3.1.10", "5.2.2", "8.2.0"])
@pytest.mark.parametrize("mode", ["plain", "identifier-only"])
def test_the_id_is_the_advertising_id(version: str, mode: str) -> None:
    """Whatever the mode, and the first session says it once more."""
    phone = Phone(mode, version, advertising_id=ADVERTISING).do(WentOffline).do(Installed)
    [first] = opened(phone)

    assert phone.guid == f"__g{BARE}"
    assert (first["evtData"]["GoogleAdID"], first["evtData"]["GoogleAdIDLimit"]) == (BARE, False)
    assert list(first["evtData"])[:6] == [
        "Build", "Version", "OS Version", "SDK Version", "GoogleAdID", "GoogleAdIDLimit",
    ]  # fmt: skip
    if version >= "3.2.0":
        assert configuration(phone)["useGoogleAdId"] is True


def test_only_the_process_that_made_the_id_tells_the_advertising_id() -> None:
    """Under another name once the map knows several identities; the next process does not ask for it."""
    phone = Phone(advertising_id=ADVERTISING).do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    phone.do(WentOffline).do(EventPushed, after=3600, label="Back")
    assert opened(phone)[-1]["evtData"]["mt_GoogleAdID"] == BARE
    assert "GoogleAdID" not in opened(phone)[-1]["evtData"]

    phone.do(Launched)
    assert not {"GoogleAdID", "mt_GoogleAdID", "GoogleAdIDLimit"} & opened(phone)[-1]["evtData"].keys()
    assert phone.guid == f"__g{BARE}"


def test_another_user_is_random() -> None:
    """And the first one is the advertising id again when they come back."""
    phone = Phone(advertising_id=ADVERTISING).do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    assert form_of(phone.do(LoggedIn, identity="2", profile=OTHER).guid) is GuidForm.RANDOM
    assert phone.do(LoggedIn, identity="1", profile=PERSON).guid == f"__g{BARE}"


def test_a_device_that_does_not_let_it_gives_zeros() -> None:
    """Then the id is random, and nothing is told."""
    phone = Phone(advertising_id="00000000-0000-0000-0000-000000000000").do(WentOffline).do(Installed)

    assert form_of(phone.guid) is GuidForm.RANDOM
    assert "GoogleAdID" not in opened(phone)[0]["evtData"]


# -- ids of the app's ----------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 2])
def test_an_email_as_id_is_in_clear_everywhere(level: int) -> None:
    """Preference, names of files and every column of users, at every level."""
    phone = Phone("encrypted" if level else "plain", custom_id=EMAIL)
    phone.do(Installed).do(LoggedIn, identity="1", profile={})

    assert phone.guid == f"__h{EMAIL}"
    assert any(EMAIL in path for path in phone.files)
    assert set(phone.rows("SELECT deviceID FROM userProfiles")) == {phone.guid}
    assert set(phone.rows("SELECT deviceID FROM userEventLogs")) == {phone.guid}
    assert configuration(phone)["getEnableCustomCleverTapId"] is True


def test_an_app_that_gives_its_id_at_every_start_has_it_in_the_queue() -> None:
    """The SDK keeps the ID that it has, and complains, with what it was given: at level 1 in plain."""
    phone = Phone("encrypted", level=1, custom_id=EMAIL).do(Installed).do(WentOffline).do(Launched)
    error = opened(phone)[-1]["wzrk_error"]

    assert error["c"] == 514
    assert error["d"].endswith(f"Unable to set custom CleverTap ID - {EMAIL}")
    assert "wzrk_error" not in opened(Phone(custom_id=EMAIL).do(WentOffline).do(Installed))[0]


def test_a_dot_was_not_allowed_until_4_6_6() -> None:
    """The fallback is kept elsewhere, and used again at every start; the complaint quotes the email."""
    phone = Phone(version="4.6.3", custom_id=EMAIL).do(WentOffline).do(Installed)
    there = phone.preferences()

    assert "deviceId" not in there
    assert form_of(there["fallbackId"]) is GuidForm.FALLBACK
    assert EMAIL in opened(phone)[0]["wzrk_error"]["d"]
    assert phone.do(Launched).preferences()["fallbackId"] == there["fallbackId"]

    # A version that allows it makes it the ID; the fallback stays where it is.
    phone.do(Upgraded, version="4.6.6")
    assert phone.guid == f"__h{EMAIL}"
    assert phone.preferences()["fallbackId"] == there["fallbackId"]


def test_who_logs_in_on_a_fallback_is_somebody_new() -> None:
    """With the id that the app has by now; nothing of who was there is remembered under the fallback."""
    phone = Phone(custom_id="").do(WentOffline).do(Installed)
    assert "null" in opened(phone)[0]["wzrk_error"]["d"]

    phone.do(LoggedIn, identity="1", profile=PERSON, custom_id="customer-1")
    assert phone.guid == "__hcustomer-1"
    assert set(json.loads(phone.preferences()["cachedGUIDsKey"]).values()) == {"__hcustomer-1"}


def test_a_second_user_gets_the_id_that_comes_with_the_login() -> None:
    """One that is refused falls back, and goes out with the next event."""
    phone = Phone(custom_id="customer-1").do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    assert phone.do(LoggedIn, identity="2", profile=OTHER, custom_id=OTHER["email"]).guid == f"__h{OTHER['email']}"

    phone.do(LoggedIn, identity="3", profile={}, custom_id="not valid").do(WentOffline, after=0)
    assert "deviceId" not in phone.preferences()
    phone.do(EventPushed, label="After")
    assert "not valid" in phone.queued()[-1]["wzrk_error"]["d"]


def test_a_profile_of_before_finds_its_fallback_when_the_database_is_rebuilt() -> None:
    """Version 4 of the database fills in the ID, or else the fallback."""
    phone = Phone(version="5.2.2", custom_id="not valid").do(Installed).do(LoggedIn, identity="1", profile={})
    fallback = phone.preferences()["fallbackId"]
    phone.do(Killed).do(Upgraded, version="7.0.0")

    assert list(phone.profiles()) == [fallback]


@pytest.mark.parametrize("after", ["4.6.6", "7.1.2"])
def test_a_profile_of_before_becomes_that_of_the_id_that_is_valid_by_now(after: str) -> None:
    """As long as no row said whose it was."""
    phone = Phone(version="4.6.3", custom_id=EMAIL).do(Installed).do(LoggedIn, identity="1", profile={"plan": "gold"})
    phone.do(Upgraded, version=after)

    assert phone.guid == f"__h{EMAIL}"
    assert phone.rows("SELECT count(*) FROM userProfiles") == [1]
    assert list(phone.life._install.mirror.profiles) == [phone.guid]


def test_which_versions_take_what() -> None:
    """Ids of the app's since 3.5.0, fences since 4.0.0."""
    model = CleverTap()

    assert model.device_ids("2.1.0") == ("random",)
    assert model.device_ids("3.4.0") == ("random", "advertising")
    assert model.device_ids("3.5.0") == ("random", "advertising", "custom")
    assert (model.extras("3.9.1"), model.extras("4.0.0")) == ((), ("geofence",))
    assert EMAIL not in repr(Phone(custom_id=EMAIL).life._install.setup)
