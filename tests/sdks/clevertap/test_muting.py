"""A server that wants to hear nothing: what waits is gone, what comes is dropped, and the rest stays where it is."""

import pytest

from harness.sdks.base import (
    EventPushed,
    InAppReceived,
    Installed,
    LoggedIn,
    Muted,
    PushReceived,
    PushTokenReceived,
    Upgraded,
    WentOffline,
)
from tests.sdks.clevertap.conftest import PERSON, Phone

DAY = 24 * 60 * 60
UNTIL = "comms_mute_expiry_ts"


def full(version: str, mode: str = "plain") -> Phone:
    """A phone with something in every place."""
    phone = Phone(mode, version=version).do(Installed).do(PushTokenReceived, token="a-token")
    phone.do(LoggedIn, identity="61026032", profile=PERSON).do(EventPushed, label="Before")
    phone.do(PushReceived, push="1", text="Hello").do(InAppReceived, campaign="1", text="Hello")
    return phone.do(PushReceived, after=0, push="2", text="Hello").do(EventPushed, after=0, label="Queued")


def queued(phone: Phone) -> int:
    return len(phone.rows("SELECT 1 FROM events UNION ALL SELECT 1 FROM profileEvents"))


@pytest.mark.parametrize("version", ["3.1.10", "5.2.2", "7.6.0", "8.0.0", "8.1.0", "8.2.0"])
def test_events_and_the_host_go_and_the_rest_stays(version: str) -> None:
    """Rows of both queues and the domain; profile, identities, token, in-apps and push impressions are untouched."""
    phone = full(version)
    before = phone.preferences()
    kept = {path: data for path, data in phone.files.items() if not path.endswith("/WizRocket.xml")}
    assert queued(phone)
    assert "comms_dmn" in before
    profile = phone.rows("SELECT data FROM userProfiles")

    phone.do(Muted, after=0)
    after = phone.preferences()

    assert queued(phone) == 0
    assert phone.rows("SELECT data FROM userProfiles") == profile
    if version != "3.1.10":
        assert len(phone.rows("SELECT data FROM notificationViewed")) == 1
    assert {path: phone.files[path] for path in kept} == kept
    said = {"comms_mtd": phone.at} if version < "8.1.0" else {UNTIL: (phone.at + DAY) * 1000}
    assert after == {name: value for name, value in before.items() if name != "comms_dmn"} | said


@pytest.mark.parametrize(("version", "hours", "lasts"), [("8.0.0", 48, 24), ("8.1.0", 48, 48), ("8.2.0", 1, 1)])
def test_until_then_events_are_dropped(version: str, hours: int, lasts: int) -> None:
    """A day, or from 8.1.0 on as long as the server says."""
    phone = full(version).do(Muted, after=0, hours=hours)
    phone.do(EventPushed, after=lasts * 3600 - 1, label="Dropped")
    assert queued(phone) == 0

    phone.do(EventPushed, after=1, label="Heard")
    assert "Heard" in [row.get("evtName") for row in phone.queued()]
    assert "Dropped" not in phone.rows("SELECT eventName FROM userEventLogs")


def test_without_a_network_nobody_answers() -> None:
    """And before 3.1.10 nobody would listen."""
    offline = full("8.2.0").do(WentOffline, after=0)
    before, waiting = offline.preferences(), queued(offline)
    offline.do(Muted, after=0)
    assert (offline.preferences(), queued(offline)) == (before, waiting)

    old = Phone(version="2.2.0").do(Installed)
    before, waiting = old.preferences(), queued(old)
    old.do(Muted, after=0)
    assert (old.preferences(), queued(old)) == (before, waiting)
    assert waiting


def test_an_upgrade_takes_over_how_long_it_lasts() -> None:
    """8.1.0 writes it in its own form, once, and the old entry stays."""
    phone = full("8.0.0").do(Muted, after=0)
    began = phone.at
    phone.do(Upgraded, version="8.1.0")

    assert phone.preferences()[UNTIL] == (began + DAY) * 1000
    assert phone.preferences()["comms_mtd"] == began
    assert queued(phone) == 0

    phone.do(EventPushed, after=DAY, label="Heard")
    assert queued(phone)
