"""Licences count under their name; their bar code counts by its header."""

import pytest

from harness.detectors.base import Match, Window
from harness.detectors.driver_licence import DriverLicence

_CARD = "@\n\x1e\rANSI 636026080102DL00410288ZA03290015DLDAQD12345678\nDCSROE\nDACJANE\nDBB04171990\n"


def found(text: str) -> list[Match]:
    """What it finds in a whole text."""
    data = text.encode()
    return list(DriverLicence().confirm(Window(data, 0, len(data), 0, len(data))))


def test_a_bar_code_gives_its_number() -> None:
    """Its normal form is the number's, so that it is one licence wherever it stands."""
    (match,) = found(_CARD)
    detector = DriverLicence()

    assert match.confidence == 0.97
    assert detector.normalise(_CARD.encode()[match.start : match.end]) == detector.normalise(b"D123-45678")


def test_a_bar_code_in_json_is_one() -> None:
    """Its line ends are escaped there."""
    escaped = _CARD.replace("\n", "\\n").replace("\x1e", "\\u001e").replace("\r", "\\r")

    assert len(found(f'{{"scan":"{escaped}"}}')) == 1


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("uk_driving_licence", "MORGA657054SM9IJ", "MORGA697054SM9IJ"),
        ("driver_license_kr", "28-22-123456-12", "99-22-123456-12"),
        ("patente", "U1K711J11M", "U1H00A000B"),
        ("dl_number", "MH12 20110012345", "XX12 20110012345"),
        ("us_driver_license", "D1234567", "D12"),
    ],
)
def test_its_country_asks_for_its_form(key: str, right: str, wrong: str) -> None:
    """A day of birth that is none, a region that is none."""
    assert len(found(f"{key}={right}")) == 1
    assert found(f"{key}={wrong}") == []
