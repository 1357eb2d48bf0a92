"""The map of everybody who ever logged in, in the form of each version and level."""

import json

import pytest

from harness.sdks.base import Installed, LoggedIn, ProfilePushed
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone


def stored(phone: Phone) -> str:
    text = phone.preferences().get("cachedGUIDsKey", "")
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(
    ("version", "level", "begin"),
    [
        ("3.1.10", None, '{"Identity_x":'),
        ("7.1.2", 0, '{"Identity_x":'),
        ("7.1.2", 1, '{"Identity_['),
        ("7.2.0", 0, '{"Identity_x":'),
        ("7.2.0", 1, "<ct<"),
        ("7.6.0", 1, "<ct<"),
        ("8.2.0", 1, "<ct<"),
        ("8.2.0", 2, "<ct<"),
    ],
)
def test_forms(version: str, level: int | None, begin: str) -> None:
    """Plain, with sealed values, sealed as a whole."""
    phone = Phone("encrypted" if level else "plain", version, level).do(Installed)
    phone.do(LoggedIn, identity="x", profile=PERSON)

    assert stored(phone).startswith(begin)
    assert ("cachedGUIDsLengthKey" in phone.preferences()) is (version >= "7.2")


@pytest.mark.parametrize(("version", "begin"), [("7.2.0", "{"), ("7.6.0", "{"), ("7.7.0", "<ct<")])
def test_a_spelling_that_the_sdk_does_not_know_uncovers_all_until_7_6(version: str, begin: str) -> None:
    """The identity that came last decides about the whole map."""
    phone = Phone("encrypted", version, level=1).do(Installed).do(LoggedIn, identity="x", profile=PERSON)
    phone.do(ProfilePushed, profile={"EMAIL": "jane.roe@example.org"})

    assert stored(phone).startswith(begin)
    assert list(json.loads(phone.opened(stored(phone))))[-1] == "EMAIL_jane.roe@example.org"


@pytest.mark.parametrize(
    ("version", "begin"),
    [("7.1.2", '{"Identity_['), ("7.2.0", '{"Identity_x'), ("7.6.0", '{"Identity_x'), ("7.7.0", "<ct<")],
)
def test_removing_an_identity_writes_the_rest_in_plain_until_7_6(version: str, begin: str) -> None:
    """Fixed in 7.7.0."""
    phone = Phone("encrypted", version, level=1).do(Installed).do(LoggedIn, identity="x", profile=PERSON)
    phone.do(ProfilePushed, profile={"email": None})

    assert stored(phone).startswith(begin)
    assert len(json.loads(phone.opened(stored(phone)))) == 1


def test_the_last_identity_takes_the_map_with_it() -> None:
    """And nothing with `identity` in its name can be removed."""
    phone = Phone().do(Installed).do(ProfilePushed, profile={"email": "jane.roe@example.org"})
    assert len(json.loads(stored(phone))) == 1

    phone.do(ProfilePushed, profile={"identity": None, "Email": None})
    assert stored(phone) == ""
    assert "cachedGUIDsLengthKey" not in phone.preferences()


def test_nothing_was_removed_before_4_5_0() -> None:
    """Nor does removing what is no identity."""
    phone = Phone(version="4.4.0").do(Installed).do(LoggedIn, identity="x", profile=PERSON)
    assert "Email_" in stored(phone.do(ProfilePushed, profile={"email": None}))

    phone = Phone(version="4.5.0").do(Installed).do(LoggedIn, identity="x", profile=PERSON)
    assert "Email_" in stored(phone.do(ProfilePushed, profile={"name": None}))
    assert "Email_" not in stored(phone.do(ProfilePushed, profile={"email": None}))


def test_everybody_is_in_it() -> None:
    """Of all users who ever logged in, in every mode that pushes them."""
    phone = Phone().do(Installed).do(LoggedIn, identity="1", profile=PERSON)
    first = phone.guid
    phone.do(LoggedIn, identity="2", profile=OTHER)

    assert json.loads(stored(phone)) == {
        "Identity_1": first,
        "Email_jane.roe@example.org": first,
        "Identity_2": phone.guid,
        "Email_john.doe@example.com": phone.guid,
    }
