"""What the app records becomes rows as it is given."""

import json

from harness.sdks.base import Charged, EventPushed, Installed, Killed, WentOffline
from harness.sdks.clevertap.tracking import ping
from tests.sdks.clevertap.conftest import Phone


def phone() -> Phone:
    return Phone().do(Installed).do(WentOffline)


def test_personal_values_in_properties_are_stored_as_given() -> None:
    """Whatever the app put there."""
    row = phone().do(EventPushed, label="Checkout", properties={"Email entered": "jane.roe@example.org"}).queued()[-1]

    assert row["evtData"] == {"Email entered": "jane.roe@example.org"}


def test_an_event_without_a_name_is_none() -> None:
    """Nor one whose name is nothing but what is taken out of it."""
    assert phone().do(EventPushed, label=" '. ").queued() == []


def test_long_values_are_cut_and_quoted_in_full() -> None:
    """A complaint that says what it is about holds it on disk."""
    text = "jane.roe@example.org, " * 40
    row = phone().do(EventPushed, label="Note", properties={"text": text}).queued()[-1]

    assert len(row["evtData"]["text"]) <= 512
    assert row["wzrk_error"]["c"] == 521
    assert text.strip() in row["wzrk_error"]["d"]


def test_no_more_than_fifty_items_are_charged() -> None:
    """As the SDK has it."""
    row = phone().do(Charged, details={"Amount": 1}, items=tuple({"n": n} for n in range(60))).queued()[-1]

    assert len(row["evtData"]["Items"]) == 50


def test_a_ping_says_where_the_session_is() -> None:
    """It is what a process dies writing."""
    one = phone()
    text = json.loads(ping(one.life._install))

    assert (text["type"], text["nt"], text["s"]) == ("ping", "WiFi", one.at - 60)
    one.effects.clear()
    one.do(Killed)
    assert "ping" in repr([s.parameters for e in one.effects for s in getattr(e, "statements", ())])
