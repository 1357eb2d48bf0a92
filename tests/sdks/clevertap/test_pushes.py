"""Pushes: what is kept of them is never their text."""

import pytest

from harness.sdks.base import (
    Cleared,
    Installed,
    Killed,
    Launched,
    LevelChanged,
    LoggedIn,
    OptedOut,
    PushReceived,
    WentOffline,
    WentOnline,
)
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone

PUSH = {"push": "push-1", "text": "Hello Jane Roe"}


@pytest.mark.parametrize("version", ["3.5.0", "5.2.2", "7.1.2", "8.2.0"])
def test_a_push_that_was_shown_is_queued_by_itself(version: str) -> None:
    """The specification's row, and the id with the time at which it expires."""
    phone = Phone(version=version).do(Installed).do(WentOffline).do(PushReceived, **PUSH)
    [row] = phone.queued("notificationViewed")

    assert list(row) == ["evtName", "evtData", "s", "type", "ep"]
    assert list(row["evtData"]) == ["wzrk_id", "wzrk_pn", "wzrk_acct_id", "wzrk_pivot", "wzrk_pid"]
    assert phone.rows("SELECT data, created_at, isRead FROM pushNotifications") == [
        ("push-1", phone.at + 4 * 24 * 60 * 60, 0)
    ]
    assert "Jane" not in str(phone.rows("SELECT * FROM notificationViewed"))


def test_the_same_push_counts_once() -> None:
    """However often the service delivers it."""
    phone = Phone().do(Installed).do(WentOffline).do(PushReceived, **PUSH).do(PushReceived, **PUSH)

    assert len(phone.queued("notificationViewed")) == 1


def test_older_versions_keep_less() -> None:
    """Ids since 3.4.0, impressions since 3.5.0."""
    phone = Phone(version="3.4.0").do(Installed).do(PushReceived, **PUSH)
    assert phone.rows("SELECT data FROM pushNotifications") == ["push-1"]
    assert phone.rows("SELECT name FROM sqlite_master WHERE name = 'notificationViewed'") == []

    assert Phone(version="3.3.0").do(Installed).do(PushReceived, **PUSH).rows("SELECT * FROM userProfiles") == []


def test_it_is_sealed_at_level_2_and_its_id_never_is() -> None:
    """Raising the level later does not seal what is there."""
    phone = Phone("encrypted").do(Installed).do(WentOffline).do(PushReceived, **PUSH)
    assert phone.rows("SELECT data FROM notificationViewed")[0].startswith("<ct<")
    assert phone.rows("SELECT data FROM pushNotifications") == ["push-1"]

    phone = Phone("masked").do(Installed).do(WentOffline).do(PushReceived, **PUSH).do(LevelChanged, level=2)
    assert phone.rows("SELECT data FROM notificationViewed")[0].startswith("{")
    assert phone.rows("SELECT data FROM events")[0].startswith("<ct<")


def test_it_goes_when_it_is_sent_and_stays_when_another_user_comes() -> None:
    """Unlike the other queues."""
    phone = Phone().do(Installed).do(LoggedIn, identity="1", profile=PERSON).do(WentOffline)
    phone.do(PushReceived, **PUSH).do(LoggedIn, identity="2", profile=OTHER)
    assert len(phone.queued("notificationViewed")) == 1

    assert phone.do(WentOnline).queued("notificationViewed") == []


def test_a_push_wakes_an_app_that_nobody_sees() -> None:
    """No session opens; the app is still where its last process left it."""
    phone = Phone().do(Installed).do(WentOffline).do(Killed)
    before = phone.rows("SELECT count(*) FROM events")
    phone.do(PushReceived, **PUSH)

    assert phone.queued("notificationViewed")[0]["s"] == 0
    assert phone.rows("SELECT count(*) FROM events") == before
    assert len(phone.do(Launched).queued("notificationViewed")) == 1


def test_nothing_wakes_an_app_whose_data_was_cleared() -> None:
    """The system holds pushes back until somebody opens it."""
    phone = Phone().do(Installed).do(Cleared)
    before = len(phone.effects)

    assert len(phone.do(PushReceived, **PUSH).effects) == before


def test_a_silent_push_leaves_its_time_alone() -> None:
    """The server asks whether the app is still there."""
    phone = Phone().do(Installed).do(PushReceived, push="push-2")

    assert phone.rows("SELECT created_at FROM uninstallTimestamp") == [phone.at * 1000]
    assert phone.rows("SELECT * FROM pushNotifications") == []


def test_who_opted_out_is_asked_for_nothing() -> None:
    """The id is kept all the same, so that no push is shown twice."""
    phone = Phone().do(Installed).do(OptedOut).do(PushReceived, **PUSH)

    assert phone.queued("notificationViewed") == []
    assert phone.rows("SELECT data FROM pushNotifications") == ["push-1"]
