"""How often each event happened: a permanent history, in preferences and later in a table."""

from harness.sdks.base import EventPushed, Installed, LoggedIn, OptedOut, Upgraded
from harness.sdks.clevertap.state import ACCOUNT
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone


def test_counters_in_preferences() -> None:
    """`count|first|last`, in seconds, until 7.0.x."""
    phone = Phone(version="7.0.3").do(Installed).do(EventPushed, label="Product viewed")
    phone.do(EventPushed, label="Product viewed", after=900)

    counts = phone.preferences("WizRocket_local_events")
    assert counts == {
        "App Launched": f"1|{phone.at - 960}|{phone.at - 960}",
        "Product viewed": f"2|{phone.at - 900}|{phone.at}",
    }
    assert f'name="Product viewed:{ACCOUNT}"'.encode() in phone.files["shared_prefs/WizRocket_local_events.xml"]


def test_before_3_2_0_names_have_no_suffix() -> None:
    """One account, one store."""
    phone = Phone(version="3.1.10").do(Installed)

    assert b'name="App Launched"' in phone.files["shared_prefs/WizRocket_local_events.xml"]


def test_counters_in_the_table() -> None:
    """Milliseconds, a normalized name, one row for each user and event."""
    phone = Phone(version="7.1.0").do(Installed).do(EventPushed, label="Product Viewed")
    phone.do(EventPushed, label="product viewed")
    rows = phone.rows("SELECT normalizedEventName, eventName, firstTs, lastTs, count FROM userEventLogs")

    assert ("productviewed", "Product Viewed", (phone.at - 60) * 1000, phone.at * 1000, 2) in rows


def test_history_survives_a_switch_of_users() -> None:
    """Of every user of the device, under their own IDs."""
    phone = Phone().do(Installed).do(LoggedIn, identity="1", profile=PERSON).do(EventPushed, label="Mine")
    first = phone.guid
    phone.do(LoggedIn, identity="2", profile=OTHER).do(EventPushed, label="Theirs")

    assert ("Mine", first) in phone.rows("SELECT eventName, deviceID FROM userEventLogs")
    assert ("Theirs", phone.guid) in phone.rows("SELECT eventName, deviceID FROM userEventLogs")


def test_names_of_properties_count_for_a_while() -> None:
    """7.1.0 to 7.7.1."""
    for version, counted in (("7.0.3", False), ("7.1.0", True), ("7.7.1", True), ("7.8.0", False)):
        phone = Phone(version=version).do(Installed).do(LoggedIn, identity="1", profile=PERSON)
        names = phone.rows("SELECT eventName FROM userEventLogs") if version != "7.0.3" else []
        assert ("Email" in names) is counted, version


def test_an_upgrade_leaves_the_old_counters_behind() -> None:
    """The file is not deleted, and not written any more."""
    phone = Phone(version="7.0.3").do(Installed).do(EventPushed, label="Before")
    counts = phone.preferences("WizRocket_local_events")
    phone.do(Upgraded, version="7.1.0").do(EventPushed, label="After")

    assert phone.preferences("WizRocket_local_events") == counts
    assert set(phone.rows("SELECT eventName FROM userEventLogs")) == {"App Launched", "After"}


def test_who_opted_out_is_not_counted() -> None:
    """Later events are dropped before they are counted."""
    phone = Phone().do(Installed).do(OptedOut).do(EventPushed, label="Unseen")

    assert "Unseen" not in phone.rows("SELECT eventName FROM userEventLogs")
