"""Taxpayer numbers count under their name; an ITIN is told from a social security number."""

import pytest

from harness.detectors.base import Match, Window
from harness.detectors.ssn import SocialSecurityNumber
from harness.detectors.tax_id import TaxId


def found(text: str) -> list[Match]:
    """What it finds in a whole text."""
    data = text.encode()
    return list(TaxId().confirm(Window(data, 0, len(data), 0, len(data))))


@pytest.mark.parametrize("middle", range(100))
def test_an_itin_has_the_middle_digits_that_are_given_out(middle: int) -> None:
    """50 to 65, 70 to 88, 90 to 92, 94 to 99 (IRS)."""
    given = 50 <= middle <= 65 or 70 <= middle <= 88 or 90 <= middle <= 92 or 94 <= middle <= 99

    assert bool(found(f"itin=911-{middle:02d}-1234")) is given


def test_an_itin_is_no_social_security_number() -> None:
    """Both are nine digits."""
    data = b"ssn=911-70-1234"

    assert list(SocialSecurityNumber().confirm(Window(data, 0, len(data), 0, len(data)))) == []
    assert found("itin=219-09-9999") == []


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("tfn", "876 543 210", "876 543 211"),
        ("pan_card", "ACUPA7085R", "ABMXA3211G"),
        ("steuerId", "12345678903", "12345678901"),
        ("utr", "1955839661", "2955839661"),
        ("rfc", "GODE561231GR8", "GODE561331GR8"),
        ("inn", "123456789047", "123456789037"),
        ("nip", "8567346215", "8567346216"),
        ("nif", "54362315K", "54362315Z"),
        ("npwp", "01.312.166.0-091.000", "01.312.166.1-091.000"),
        ("cuit", "20-05536168-2", "20-05536168-3"),
        ("tax_id_au", "876543210", "876543211"),
    ],
)
def test_its_own_name_asks_for_its_own_check(key: str, right: str, wrong: str) -> None:
    """One character off is no number of that office."""
    assert len(found(f"{key}={right}")) == 1
    assert found(f"{key}={wrong}") == []
