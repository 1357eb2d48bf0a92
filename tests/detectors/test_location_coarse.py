"""Coarse positions are told from precise ones, and never more than a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.location import Location
from harness.detectors.location_coarse import LocationCoarse


@given(decimals=st.integers(1, 12), number=st.floats(2, 89), key=st.sampled_from(["lat", "longitude", "homeLat"]))
def test_four_decimals_are_the_border(decimals: int, number: float, key: str) -> None:
    """One of the two finds it, never both, and only the precise one may count."""
    text = f"{key}={number:.{decimals}f}".encode()
    window = Window(text, 0, len(text), 0, len(text))
    precise, coarse = list(Location().confirm(window)), list(LocationCoarse().confirm(window))

    assert (len(precise), len(coarse)) == ((1, 0) if decimals >= 4 else (0, 1))
    assert all(match.confidence < 0.55 for match in coarse)
    assert all(match.confidence > 0.55 for match in precise)


@pytest.mark.parametrize(
    ("text", "is_precise"),
    [
        ("geohash=9q8yyk8y", True),
        ("geohash=9q8yyk8", False),
        ("37\u00b046'29\"N", True),
        ("37\u00b046'N", False),
        ("37\u00b046.493'N", True),
        ("37\u00b046.4'N", False),
        ("geo:37.7749,-122.4194", True),
        ("geo:37.775,-122.419", False),
    ],
)
def test_every_spelling_has_its_border(text: str, is_precise: bool) -> None:
    """A geohash of eight characters, a second of arc, a thousandth of a minute."""
    data = text.encode()
    window = Window(data, 0, len(data), 0, len(data))

    assert bool(list(Location().confirm(window))) is is_precise
    assert bool(list(LocationCoarse().confirm(window))) is not is_precise
