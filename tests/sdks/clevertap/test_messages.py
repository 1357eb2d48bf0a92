"""Inbox and in-app messages: where each version keeps them, and in which form."""

import json

import pytest

from harness.sdks.base import (
    Event,
    EventPushed,
    InAppReceived,
    InboxReceived,
    Installed,
    Killed,
    Launched,
    LoggedIn,
    Upgraded,
    WentOffline,
)
from harness.sdks.clevertap.state import ACCOUNT
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone


def test_an_inbox_message() -> None:
    """The body as JSON, campaign and lifetime beside it, the user's ID."""
    phone = Phone().do(Installed).do(InboxReceived, message="1700000000", title="A title", text="A text")
    [row] = phone.rows(
        "SELECT _id, wzrkParams, campaignId, isRead, expires, created_at, messageUser FROM inboxMessages"
    )

    # A text that looks like a number becomes one.
    assert row[0] == 1700000000
    assert json.loads(row[1])["wzrk_id"] == row[2]
    assert row[3:] == (0, phone.at + 86400, phone.at, phone.guid)
    assert phone.rows("SELECT source, index_state FROM inboxMessages") == [("V1", "PENDING_INDEXING")]


@pytest.mark.parametrize(
    ("version", "api", "stored"),
    [("3.3.0", 34, 0), ("3.4.0", 34, 1), ("8.1.0", 29, 1), ("8.2.0", 29, 0), ("8.2.0", 30, 1)],
)
def test_who_can_store_one(version: str, api: int, stored: int) -> None:
    """Since 3.4.0; 8.2.0 only where SQLite knows upserts, as its code has it."""
    phone = Phone(version=version, api=api).do(Installed).do(InboxReceived, message="m", title="t", text="x")

    assert (len(phone.rows("SELECT 1 FROM inboxMessages")) if version != "3.3.0" else 0) == stored


def test_messages_of_earlier_users_stay() -> None:
    """One that comes again replaces itself."""
    phone = Phone().do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    phone.do(InboxReceived, message="m", title="Mine", text="x").do(
        InboxReceived, message="m", title="Mine 2", text="x"
    )
    phone.do(LoggedIn, identity="2", profile=OTHER).do(InboxReceived, message="m", title="Theirs", text="x")
    texts = phone.rows("SELECT data FROM inboxMessages")

    assert len(texts) == 2
    assert "Mine 2" in texts[0]
    assert "Theirs" in texts[1]


@pytest.mark.parametrize(("version", "begin"), [("6.0.0", "["), ("7.1.2", "["), ("7.2.0", "<ct<"), ("8.2.0", "<ct<")])
@pytest.mark.parametrize("mode", ["plain", "encrypted"])
def test_in_app_messages_are_sealed_at_every_level(version: str, begin: str, mode: str) -> None:
    """Beside what only names campaigns, which never is."""
    phone = Phone(mode, version).do(Installed)
    phone.do(InAppReceived, campaign="1", text="Hello Jane Roe").do(InAppReceived, campaign="2", text="Again")
    stored = phone.in_apps()

    assert stored["inApp"].startswith(begin)
    assert [each["message"]["text"] for each in json.loads(phone.opened(stored["inApp"]))] == [
        "Hello Jane Roe",
        "Again",
    ]
    assert json.loads(stored["inapp_notifs_ss"])[0]["ti"] == "2"
    assert phone.preferences(f"WizRocket_triggers_per_inapp:{phone.guid}:TEST-000-0000") == {
        "__triggers_1": 1,
        "__triggers_2": 1,
    }


def test_before_6_0_0_they_are_plain_and_move_with_the_upgrade() -> None:
    """Out of the main store, into the file of the user."""
    phone = Phone(version="5.2.2").do(Installed).do(InAppReceived, campaign="1", text="Hello Jane Roe")
    assert "Hello Jane Roe" in phone.preferences()["inApp"]

    phone.do(Upgraded, version="6.0.0")
    assert "inApp" not in phone.preferences()
    assert "Hello Jane Roe" in phone.opened(phone.in_apps()["inApp"])


IMAGE = "https://example.com/img/banner.png"
FETCHED = "app_CleverTap.Images./CT_FILE_27e53bad-abe0-36a0-aeca-ad58e7aed4a1"


def test_a_picture_is_fetched_before_it_is_shown() -> None:
    """Under the name of the specification's example, with its address beside it for two weeks: never sealed."""
    phone = Phone("encrypted").do(Installed).do(InAppReceived, campaign="1", text="Hello", image=IMAGE)

    assert phone.files[FETCHED].startswith(b"\x89PNG")
    assert phone.preferences(f"inapp_assets:{ACCOUNT}") == {IMAGE: (phone.at + 14 * 86400) * 1000}
    assert json.loads(phone.opened(phone.in_apps()["inApp"]))[0]["media"]["url"] == IMAGE


def test_a_picture_needs_a_network_and_6_0_0() -> None:
    """Older versions fetch it when they show it, which the model does not."""
    offline = Phone().do(Installed).do(WentOffline).do(InAppReceived, campaign="1", text="Hello", image=IMAGE)
    older = Phone(version="5.2.2").do(Installed).do(InAppReceived, campaign="1", text="Hello", image=IMAGE)

    assert not [path for phone in (offline, older) for path in phone.files if "Images" in path or "assets" in path]
    assert IMAGE in json.loads(older.preferences()["inApp"])[0]["media"]["url"]


# -- messages for later --------------------------------------------------------------------------

DELAYED = "SELECT inAppId, delay, data, created_at FROM delayedLegacyInApps"


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_message_for_later_is_a_sealed_row(level: int) -> None:
    """At every level; it is in no preferences until its time has come, and then in no row."""
    phone = Phone("encrypted" if level else "plain", "7.7.0", level).do(Installed)
    phone.do(InAppReceived, campaign="17", text="Hello Jane Roe", delay=90)
    [(campaign, delay, data, created)] = phone.rows(DELAYED)

    assert (campaign, delay, created) == (17, 90, phone.at * 1000)
    assert data.startswith("<ct<")
    message = json.loads(phone.opened(data))
    assert (message["message"]["text"], message["delayAfterTrigger"]) == ("Hello Jane Roe", 90)
    assert json.loads(phone.opened(phone.in_apps().get("inApp", "[]"))) == []

    phone.do(EventPushed, label="Early", after=89)
    assert len(phone.rows(DELAYED)) == 1
    phone.do(EventPushed, label="Late", after=1)
    assert phone.rows(DELAYED) == []
    assert json.loads(phone.opened(phone.in_apps()["inApp"]))[0]["message"]["text"] == "Hello Jane Roe"


@pytest.mark.parametrize("kind", [Launched, Killed])
def test_a_new_process_knows_no_timers_and_empties_the_table(kind: type[Event]) -> None:
    """A kill leaves the row until the database is opened again."""
    phone = Phone().do(Installed).do(InAppReceived, campaign="1", text="Hello", delay=900)
    phone.do(kind)
    assert len(phone.rows(DELAYED)) == (kind is Killed)

    phone.do(Launched).do(EventPushed, label="Late", after=900)
    assert phone.rows(DELAYED) == []
    assert "Hello" not in phone.opened(phone.in_apps().get("inApp", "[]"))


def test_another_user_does_not_get_what_waits() -> None:
    """Rows and timers go with the switch."""
    phone = Phone().do(Installed).do(LoggedIn, identity="1", profile={})
    phone.do(InAppReceived, campaign="1", text="Hello", delay=900).do(LoggedIn, identity="2", profile={})
    assert phone.rows(DELAYED) == []

    phone.do(EventPushed, label="Late", after=900)
    assert "Hello" not in phone.opened(phone.in_apps().get("inApp", "[]"))


def test_before_7_7_0_nothing_waits() -> None:
    """The member of the message that says so is not known."""
    phone = Phone(version="7.6.0").do(Installed).do(InAppReceived, campaign="1", text="Hello", delay=900)

    assert "Hello" in phone.opened(phone.in_apps()["inApp"])
