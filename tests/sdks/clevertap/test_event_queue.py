"""Rows wait for the network: members in order, sent in batches, trimmed by age, gone at a switch of users."""

from harness.sdks.base import (
    Charged,
    EventPushed,
    Installed,
    Launched,
    LoggedIn,
    OptedOut,
    Sql,
    WentOffline,
    WentOnline,
)
from tests.sdks.clevertap.conftest import PERSON, Phone


def names(phone: Phone) -> list[str]:
    return [row["evtName"] for row in phone.queued() if "evtName" in row]


def test_members_stand_in_the_order_of_the_specification() -> None:
    """Its example rows, byte for byte but for the values."""
    phone = Phone().do(Installed, after=0).do(WentOffline, after=0)
    phone.do(EventPushed, label="Viewed", properties={"Price": 59.99, "url": "a/b"}, after=42)

    assert phone.rows("SELECT data FROM events")[-1] == (
        '{"evtName":"Viewed","evtData":{"Price":59.99,"url":"a\\/b"},"n":"MainActivity","s":1700000000,"pg":1,'
        '"type":"event","ep":1700000042,"f":true,"lsl":0,"dsync":false}'
    )
    assert list(phone.queued()[0]) == [
        "evtName", "evtData", "n", "s", "pg", "type", "ep", "f", "lsl", "pai", "dsync",
    ]  # fmt: skip
    assert phone.rows("SELECT created_at FROM events") == [1700000000000, 1700000042000]


def test_online_rows_are_sent_with_the_next_event() -> None:
    """What came last is still there; within a second, nothing is sent."""
    phone = Phone().do(Installed).do(EventPushed, label="One", after=0).do(EventPushed, label="Two", after=0)
    assert names(phone) == ["App Launched", "One", "Two"]

    phone.do(EventPushed, label="Three", after=1)
    assert names(phone) == ["Three"]
    assert phone.rows("SELECT seq FROM sqlite_sequence WHERE name = 'events'") == [4]


def test_offline_the_queue_grows_and_online_it_is_gone() -> None:
    """In batches of 50; profiles first since 7.5.2."""
    for version, first in (("7.5.2", "profileEvents"), ("7.5.1", "events")):
        phone = Phone(version=version).do(Installed).do(WentOffline).do(Launched)
        for number in range(120):
            phone.do(EventPushed, label=f"Event {number}")
        assert len(phone.queued()) == 121

        phone.effects.clear()
        phone.do(WentOnline)
        deleted = [
            (statement.sql.split()[2], statement.parameters[0])
            for effect in phone.effects
            if isinstance(effect, Sql)
            for statement in effect.statements
        ]
        batches = [("events", 51), ("events", 101), ("events", 122)]
        assert deleted == (
            [("profileEvents", 2), *batches] if first == "profileEvents" else [*batches, ("profileEvents", 2)]
        )
        assert phone.queued() == []


def test_what_is_older_than_five_days_goes_when_the_database_is_opened() -> None:
    """Not before, and in 3.5.0 to 7.5.1 never: they compare milliseconds with seconds."""
    for version, left in (("8.2.0", 0), ("7.5.1", 1), ("3.4.0", 0)):
        phone = Phone(version=version).do(Installed).do(WentOffline)
        phone.do(EventPushed, label="Old").do(EventPushed, label="New", after=6 * 24 * 3600)
        assert names(phone).count("Old") == 1, version

        phone.do(Launched)
        assert names(phone).count("Old") == left, version
        assert names(phone).count("New") == 1


def test_a_complaint_goes_out_with_the_next_event() -> None:
    """With what it complains about."""
    phone = Phone().do(Installed).do(WentOffline).do(EventPushed, label="App Launched")
    phone.do(EventPushed, label="Viewed").do(EventPushed, label="Again")

    assert [row.get("wzrk_error", {}).get("c") for row in phone.queued()[-2:]] == [513, None]


def test_a_charged_event() -> None:
    """Items within the properties."""
    phone = Phone().do(Installed).do(WentOffline)
    phone.do(Charged, details={"Amount": 300}, items=({"Product category": "books", "Quantity": 1},))

    assert phone.queued()[-1]["evtData"] == {
        "Amount": 300,
        "Items": [{"Product category": "books", "Quantity": 1}],
    }


def test_who_opted_out_has_no_more_rows() -> None:
    """And has again, once in again."""
    phone = Phone().do(Installed).do(WentOffline, after=0).do(LoggedIn, identity="1", profile=PERSON).do(OptedOut)
    assert phone.queued("profileEvents")[-1]["profile"]["ct_optout"] is True

    phone.do(EventPushed, label="Unseen").do(Launched)
    assert "Unseen" not in names(phone)
    assert names(phone).count("App Launched") == 1

    phone.do(OptedOut, out=False).do(EventPushed, label="Seen")
    assert phone.queued("profileEvents")[-1]["profile"]["ct_optout"] is False
    assert names(phone)[-1] == "Seen"
