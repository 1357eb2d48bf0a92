"""One JSON object for each user: order, dates, and what a level covers."""

import json

import pytest

from harness.sdks.base import Installed, LoggedIn, ProfilePushed
from tests.sdks.clevertap.conftest import OTHER, PERSON, Phone

FIVE = {
    "Name": "Jane Roe",
    "Email": "jane.roe@example.org",
    "Phone": "+14155550132",
    "Gender": "F",
    "Identity": 61026032,
}


def pushed(
    version: str, profile: dict[str, object], mode: str = "plain", level: int | None = None
) -> dict[str, object]:
    """What is kept of a profile."""
    phone = Phone(mode, version, level).do(Installed).do(ProfilePushed, profile=profile)
    kept: dict[str, object] = json.loads(phone.rows("SELECT data FROM userProfiles")[0])
    return kept


def test_members_stand_in_hash_order_until_7_7() -> None:
    """The specification's vector L7 has these five names in this order."""
    for version in ("3.2.0", "5.2.0", "7.7.1"):
        assert list(pushed(version, FIVE)) == ["Email", "Phone", "Gender", "Identity", "Name"], version
    assert list(pushed("7.8.0", FIVE)) == list(FIVE)


@pytest.mark.parametrize(
    ("version", "kept"),
    [("6.2.1", "$D_640310400"), ("7.0.0", 640310400), ("7.7.1", 640310400), ("7.8.0", "$D_640310400")],
)
def test_dates(version: str, kept: object) -> None:
    """A number for a while."""
    assert pushed(version, {"date_of_birth": "1990-04-17"}) == {"DOB": kept}
    assert pushed(version, {"DOB": "$D_soon"}) == {"DOB": "$D_soon"}


def test_level_1_covers_texts_under_four_names() -> None:
    """No number, no other spelling, no other name."""
    profile = {
        "Name": "Jane",
        "Phone": 4155550132,
        "Identity": 7,
        "EMAIL": "jane@example.org",
        "mobile": "+14155550132",
    }
    for version in ("5.2.0", "7.2.0", "8.2.0"):
        kept = pushed(version, profile, "encrypted", 1)
        assert kept.pop("Name") != "Jane"
        assert kept == {name: value for name, value in profile.items() if name != "Name"}, version


@pytest.mark.parametrize(
    ("version", "value", "as_is"),
    [
        ("7.1.2", "[abc]", True),
        ("7.1.2", "<ct<abc>ct>", False),
        ("7.7.0", "[abc]", True),
        ("7.7.0", "<ct<abc>ct>", True),
        ("7.7.1", "[abc]", False),
        ("8.2.0", "<ct<abc>ct>", True),
    ],
)
def test_what_looks_encrypted_is_stored_as_it_came(version: str, value: str, as_is: bool) -> None:
    """Brackets until 7.7.0, the frame since there is one."""
    assert (pushed(version, {"Name": value}, "encrypted", 1)["Name"] == value) is as_is


def test_a_removed_property_is_gone_and_the_row_number_grows() -> None:
    """Each write replaces the row."""
    phone = Phone().do(Installed).do(ProfilePushed, profile={"name": "Jane", "city": "Springfield"})
    phone.do(ProfilePushed, profile={"city": None})

    assert phone.profiles()[phone.guid] == {"Name": "Jane"}
    assert phone.rows("SELECT rowid FROM userProfiles") == [2]


@pytest.mark.parametrize(("version", "left"), [("6.2.1", 1), ("7.0.0", 2), ("8.2.0", 2)])
def test_profiles_of_earlier_users_stay_since_7_0_0(version: str, left: int) -> None:
    """One row for each; before, there was one row."""
    phone = Phone(version=version).do(Installed)
    phone.do(LoggedIn, identity="1", profile=PERSON).do(LoggedIn, identity="2", profile=OTHER)
    names = [json.loads(data)["Name"] for data in phone.rows("SELECT data FROM userProfiles")]

    assert names == ["Jane Roe", "John Doe"][-left:]


def test_before_there_was_a_database() -> None:
    """A file of its own, one preference for each property."""
    phone = Phone(version="2.0.1").do(Installed).do(LoggedIn, identity="x", profile=PERSON)
    phone.do(ProfilePushed, profile={"address": None})

    kept = phone.preferences("WizRocket_local_profile")
    assert kept["Email"] == "jane.roe@example.org"
    assert "address" not in kept
    assert phone.databases == {}
