"""What an app pushes, by the storage mode that it wants to keep."""

import pytest

from harness.sdks.base import EventPushed, InAppReceived, InboxReceived, Installed, LoggedIn, WentOffline
from harness.sdks.clevertap.integration import Integration
from tests.sdks.clevertap.conftest import PERSON, Phone

LOGIN = LoggedIn(at=0, entropy=bytes(32), identity="61026032", profile=PERSON)


def test_plain_and_encrypted_apps_push_all() -> None:
    """Under the SDK's names, the date as the SDK writes it, the number as a number."""
    for mode in ("plain", "encrypted", "erased"):
        assert Integration(mode).login(LOGIN) == {
            "Identity": 61026032,
            "Name": "Jane Roe",
            "Email": "jane.roe@example.org",
            "Phone": "+14155550132",
            "DOB": "$D_640310400",
            "address": "221 Example Street",
        }


@pytest.mark.parametrize("identity", ["007", "customer-1", "1" * 19, "²"])
def test_other_identities_stay_texts(identity: str) -> None:
    """Leading zeros would be lost."""
    login = LoggedIn(at=0, entropy=bytes(32), identity=identity, profile={"date_of_birth": "some day"})

    assert Integration("plain").login(login) == {"Identity": identity, "DOB": "some day"}


def test_masks_leave_little() -> None:
    """Of an address the first letters, of a card the end; what is harmless is left alone."""
    app = Integration("masked")

    assert app.login(LOGIN) == {
        "Identity": 61026032,
        "Name": "***",
        "Email": "j***@e***",
        "Phone": "***",
        "DOB": "***",
        "address": "***",
    }
    assert app.properties({"card": "4111 1111 1111 1111", "total": 42.5, "age": 34, "vip": True}) == {
        "card": "**** 1111",
        "total": 42.5,
        "age": "***",
        "vip": True,
    }
    assert app.profile({"email": None}) == {"Email": None}


def test_an_identifier_and_nothing_else() -> None:
    """Nor is a property of an event personal."""
    app = Integration("identifier-only")

    assert app.login(LOGIN) == {"Identity": 61026032}
    assert app.profile(PERSON) == {}
    assert app.properties({"email": "jane.roe@example.org", "Product": "Lamp"}) == {"Product": "Lamp"}


def test_sensitive_fields_go_from_server_to_server() -> None:
    """What is not, is pushed."""
    app = Integration("hybrid")

    assert app.login(LOGIN) == {"Identity": 61026032}
    assert app.profile({**PERSON, "plan": "gold"}) == {"plan": "gold"}


def test_campaigns_name_whom_the_server_knows() -> None:
    """Where the app's own server told it, too: that is how what was kept off the device comes to it."""
    for mode, text in (
        ("plain", "Hello Jane Roe"),
        ("hybrid", "Hello Jane Roe"),
        ("masked", "Hello ***"),
        ("identifier-only", "Hello"),
    ):
        phone = Phone(mode).do(Installed).do(LoggedIn, identity="1", profile=PERSON)
        phone.do(InboxReceived, message="m", title="Hello Jane Roe", text="x")
        phone.do(InAppReceived, campaign="c", text="Hello Jane Roe")
        assert f'"title":{{"text":"{text}"' in phone.rows("SELECT data FROM inboxMessages")[0], mode
        assert f'"text":"{text}"' in phone.opened(phone.in_apps()["inApp"]), mode


def test_nothing_personal_is_stored_where_nothing_is_pushed() -> None:
    """In no file and no row."""
    for mode in ("masked", "identifier-only", "hybrid"):
        phone = Phone(mode).do(Installed).do(WentOffline).do(LoggedIn, identity="1", profile=PERSON)
        phone.do(EventPushed, label="Checkout", properties={"email": PERSON["email"], "phone": PERSON["phone"]})
        stored = b"".join(phone.files.values()) + "".join(next(iter(phone.databases.values())).iterdump()).encode()
        assert not [value for value in PERSON.values() if value.encode() in stored], mode
