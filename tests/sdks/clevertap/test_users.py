"""Whom a login makes of the device, and what a switch of users wipes and leaves."""

import pytest

from harness.sdks.base import (
    EventPushed,
    InAppReceived,
    InboxReceived,
    Installed,
    LoggedIn,
    OptedOut,
    ProfilePushed,
    PushTokenReceived,
    ServerAnswered,
    WentOffline,
)
from harness.sdks.clevertap.state import ACCOUNT
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone


def test_the_first_user_takes_the_id_that_was_there() -> None:
    """And has it again after somebody else."""
    phone = Phone().do(Installed)
    anonymous = phone.guid
    assert phone.do(LoggedIn, identity="1", profile=PERSON).guid == anonymous
    second = phone.do(LoggedIn, identity="2", profile=OTHER).guid
    assert second != anonymous

    assert phone.do(LoggedIn, identity="1", profile=PERSON).guid == anonymous
    assert phone.do(LoggedIn, identity="3", profile=OTHER).guid == second, "told apart by the email address"
    assert phone.do(LoggedIn, identity="2", profile={}).guid == second


@pytest.mark.parametrize("version", ["3.6.0", "6.2.1", "7.1.2", "8.2.0"])
def test_what_a_switch_wipes(version: str) -> None:
    """Queues, sent or not; the network's counters; variables."""
    phone = Phone(version=version).do(Installed).do(LoggedIn, identity="1", profile=PERSON).do(WentOffline)
    phone.do(EventPushed, label="Mine").do(LoggedIn, identity="2", profile=OTHER)
    found = phone.preferences()

    assert [row["evtName"] for row in phone.queued()] == ["App Launched"]
    assert not [row for row in phone.queued("profileEvents") if row["profile"].get("Name") == "Jane Roe"]
    assert phone.preferences("WizRocket_IJ") == {}
    assert (found["comms_first_ts"], found["comms_last_ts"]) == (0, 0)
    assert found.get("variablesKey", "{}") == "{}"


def test_what_a_switch_leaves() -> None:
    """Everything else of who was here."""
    phone = Phone().do(Installed).do(LoggedIn, identity="1", profile=PERSON).do(EventPushed, label="Mine")
    phone.do(PushTokenReceived, token="a-token").do(ServerAnswered, values={"j_n": "Zw=="})
    phone.do(InboxReceived, message="m", title="Hello Jane Roe", text="x").do(
        InAppReceived, campaign="c", text="Hello"
    )
    first = phone.guid
    phone.do(LoggedIn, identity="2", profile=OTHER)

    assert phone.profiles()[first]["Email"] == PERSON["email"]
    assert phone.rows("SELECT messageUser FROM inboxMessages") == [first]
    assert first in phone.rows("SELECT deviceID FROM userEventLogs WHERE eventName = 'Mine'")
    assert "Hello" in phone.opened(phone.in_apps(first)["inApp"])
    assert phone.preferences(f"WizRocket_ARP:{ACCOUNT}:{first}") == {"j_n": "Zw=="}
    assert phone.preferences()["fcm_token"] == "a-token"
    assert PERSON["email"] in phone.preferences()["cachedGUIDsKey"]


def test_a_removed_property_is_queued_as_a_command() -> None:
    """Beside what says something of the device."""
    phone = Phone().do(Installed).do(WentOffline).do(LoggedIn, identity="1", profile=PERSON)
    phone.do(ProfilePushed, profile={"email": None})

    assert phone.queued("profileEvents")[-1]["profile"]["Email"] == {"$delete": True}
    assert "Email" not in phone.profiles()[phone.guid]


@pytest.mark.parametrize(("version", "flags"), [("3.1.10", 1), ("7.4.0", 1), ("7.5.0", 2)])
def test_an_opt_out_is_the_users(version: str, flags: int) -> None:
    """The next one is tracked; what was stored stays."""
    phone = Phone(version=version).do(Installed).do(LoggedIn, identity="1", profile=PERSON).do(OptedOut)
    kept = {name: value for name, value in phone.preferences().items() if phone.guid in name}
    assert len(kept) == flags
    assert kept[f"OptOut:{phone.guid}"] is True

    phone.do(WentOffline).do(EventPushed, label="Unseen").do(ProfilePushed, profile={"name": "New"})
    assert not [row for row in phone.queued() if row["evtName"] == "Unseen"]
    phone.do(LoggedIn, identity="2", profile=OTHER).do(EventPushed, label="Seen")
    assert phone.queued()[-1]["evtName"] == "Seen"
