"""Health numbers count under their name, by the check of their issuer."""

import pytest

from harness.detectors.base import Match, Window
from harness.detectors.health_number import HealthNumber


def found(text: str) -> list[Match]:
    """What it finds in a whole text."""
    data = text.encode()
    return list(HealthNumber().confirm(Window(data, 0, len(data), 0, len(data))))


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("nhs_number", "943 476 5919", "943 476 5918"),
        ("medicare", "2123456701", "2123258701"),
        ("npi", "1234567893", "1234567890"),
        ("dea", "BB1388568", "BB1388567"),
        ("kvnr", "M123456785", "M123456789"),
        ("lanr", "123456601", "123456901"),
        ("phn", "9698658215", "9698648215"),
        ("ohip", "6132-489-078-XK", "6132-489-079-XK"),
        ("ramq", "ROEJ90541712", "ROEJ90991712"),
        ("mbi", "1EG4-TE5-MK73", "1EG4-LE5-MK73"),
    ],
)
def test_its_own_name_asks_for_its_own_check(key: str, right: str, wrong: str) -> None:
    """One character off is no number of that issuer."""
    assert len(found(f"{key}={right}")) == 1
    assert found(f"{key}={wrong}") == []


def test_a_record_number_needs_no_form() -> None:
    """Hospitals number as they like; a date or a state of it is none."""
    assert len(found("medical_record_number=MRN-00482913")) == 1
    assert found("medical_record_status=20240115") == []
