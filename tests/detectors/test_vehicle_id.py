"""Vehicles are told by a key; an identification number by its check digit where there is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Match, Window
from harness.detectors.vehicle_id import VehicleId


def found(text: str) -> list[Match]:
    """What it finds in a whole text."""
    data = text.encode()
    return list(VehicleId().confirm(Window(data, 0, len(data), 0, len(data))))


@given(st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=7, max_size=7))
def test_one_of_eleven_check_digits_holds_for_a_north_american_vehicle(serial: str) -> None:
    """And only one."""
    numbers = [f"1M8GDM9A{check}{serial}1" for check in "0123456789X"]

    assert sum(bool(found(f"vin={number}")) for number in numbers) == 1


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("uk_vehicle_registration", "AB51 ABC", "AB49 ABC"),
        ("plaka", "34 ABC 1234", "00 ABC 123"),
        ("in_vehicle_registration", "KA53ME3456", "ZZ53ME3456"),
        ("kennzeichen", "B-MW 1234", "B-MW 12345"),
        ("vin", "WVWZZZ1JZXW000001", "WVWZZZ1JZXW00000O"),
        ("license_plate", "7ABC123", "ABCDEFG"),
    ],
)
def test_plates_have_the_form_of_their_country(key: str, right: str, wrong: str) -> None:
    """A region or an age that is none makes none."""
    assert len(found(f"{key}={right}")) == 1
    assert found(f"{key}={wrong}") == []
