"""What comes from outside of the app is kept in clear at every level."""

import pytest

from harness.sdks.base import Installed, LoggedIn, PushTokenReceived, ServerAnswered, Upgraded, WentOffline
from harness.sdks.clevertap.state import ACCOUNT
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone

ECHO = {"k_n": '["jane.roe@example.org"]', "d_ts": 1700000070, "on": True}


def arp(phone: Phone, owner: str = "") -> dict[str, object]:
    return phone.preferences(f"WizRocket_ARP:{ACCOUNT}{owner}")


@pytest.mark.parametrize("mode", ["plain", "encrypted"])
def test_arp_is_plain_and_stays_when_another_user_comes(mode: str) -> None:
    """One file for each user: the identities that the server echoed are readable at level 2."""
    phone = Phone(mode).do(Installed).do(LoggedIn, identity="1", profile=PERSON).do(ServerAnswered, values=ECHO)
    first = phone.guid
    phone.do(LoggedIn, identity="2", profile=OTHER)

    assert arp(phone, f":{first}") == ECHO
    assert arp(phone, f":{phone.guid}") == {}


def test_until_3_6_it_is_the_accounts_and_emptied() -> None:
    """3.7.0 gives what is there to the user."""
    phone = Phone(version="3.6.0").do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    phone.do(ServerAnswered, values=ECHO)
    assert arp(phone) == ECHO

    phone.do(LoggedIn, identity="2", profile=OTHER)
    assert arp(phone) == {}

    phone.do(ServerAnswered, values=ECHO).do(Upgraded, version="3.7.0")
    assert arp(phone) == {}
    assert arp(phone, f":{phone.guid}") == ECHO


@pytest.mark.parametrize(("version", "longest"), [("5.2.0", 99), ("5.2.1", 500), ("7.4.1", 500), ("7.5.0", 99)])
def test_long_texts_are_refused_by_most_versions(version: str, longest: int) -> None:
    """Of 100 characters or more, but for 5.2.1 to 7.4.1."""
    phone = Phone(version=version).do(Installed)
    phone.do(ServerAnswered, values={"short": "x" * 99, "long": "x" * 500, "big": 2**31 + 5})
    kept = arp(phone, f":{phone.guid}")

    assert max(len(value) for value in kept.values() if isinstance(value, str)) == longest
    assert kept["big"] == -(2**31) + 5


@pytest.mark.parametrize(
    ("version", "service", "key"),
    [
        ("3.1.10", "fcm", "registration_id"),
        ("3.2.0", "fcm", "fcm_token"),
        ("8.2.0", "hps", "hps_token"),
        ("6.1.0", "xps", "xps_token"),
        ("7.0.0", "xps", None),
        ("7.3.0", "adm", None),
        ("3.6.0", "bps", None),
        ("8.2.0", "unheard of", None),
    ],
)
def test_push_tokens(version: str, service: str, key: str | None) -> None:
    """Kept by services that the version knows, and queued for the server."""
    phone = Phone(version=version).do(Installed).do(WentOffline)
    phone.do(PushTokenReceived, token="a-token", service=service)
    kept = {name for name, value in phone.preferences().items() if value == "a-token"}
    queued = [row["data"]["id"] for row in phone.queued() if "data" in row]

    assert kept == ({key} if key else set())
    assert queued == (["a-token"] if key else [])


@pytest.mark.parametrize(("version", "kept"), [("3.7.0", False), ("3.8.0", True), ("4.7.5", True), ("5.0.0", False)])
def test_limits_of_product_config(version: str, kept: bool) -> None:
    """A file for the user, which goes when another one comes."""
    phone = Phone(version=version).do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    phone.do(ServerAnswered, values={"rc_n": 7, "rc_w": "60"})
    path = f"files/Product_Config_{ACCOUNT}_{phone.guid}/config_settings.json"
    assert (path in phone.files) is kept
    assert not kept or b'"rc_n":"7"' in phone.files[path]

    phone.do(LoggedIn, identity="2", profile=OTHER)
    assert path not in phone.files
