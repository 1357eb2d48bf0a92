"""When a session begins, and what is queued then."""

from harness.sdks.base import EventPushed, InboxReceived, Installed, Launched, LoggedIn, WentOffline
from tests.sdks.clevertap.conftest import BEGIN, PERSON, Phone


def sessions(phone: Phone) -> list[tuple[int, bool, int]]:
    """Start, whether it is the first, length of the one before."""
    return [(row["s"], row["f"], row["lsl"]) for row in phone.queued() if row.get("evtName") == "App Launched"]


def test_a_start_opens_a_session() -> None:
    """The first one is the first, and each knows how long the last one was."""
    phone = Phone().do(Installed, after=0).do(WentOffline, after=0).do(EventPushed, label="A", after=100)
    phone.do(Launched, after=50)

    assert sessions(phone) == [(BEGIN, True, 0), (BEGIN + 150, False, 100)]
    assert phone.preferences()["lastSessionId"] == BEGIN + 150
    assert phone.preferences()["sexe"] == BEGIN + 100


def test_twenty_minutes_in_the_background_end_a_session() -> None:
    """One second less does not; a message that comes meanwhile is nobody's doing."""
    phone = Phone().do(Installed, after=0).do(WentOffline, after=0).do(EventPushed, label="A", after=1199)
    assert len(sessions(phone)) == 1

    phone.do(InboxReceived, message="m", title="t", text="x", after=1200)
    assert len(sessions(phone)) == 1
    phone.do(EventPushed, label="B", after=0)
    assert sessions(phone)[-1] == (BEGIN + 2399, False, 1199)


def test_another_user_has_a_session_of_their_own() -> None:
    """Opened before their profile is queued."""
    phone = Phone().do(Installed).do(WentOffline).do(LoggedIn, identity="1", profile=PERSON)
    phone.do(LoggedIn, identity="2", profile={"name": "John"})

    assert sessions(phone) == [(phone.at, False, sessions(phone)[0][2])]
    assert [row["profile"].get("Name") for row in phone.queued("profileEvents")] == [None, "John"]


def test_2_1_keeps_no_pauses() -> None:
    """Since 2.2.0."""
    for version, keeps in (("2.1.0", False), ("2.2.0", True)):
        assert ("sexe" in Phone(version=version).do(Installed).do(Launched).preferences()) is keeps
