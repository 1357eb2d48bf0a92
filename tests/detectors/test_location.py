"""Positions: precise ones only, as pairs or under their names; never a vector, a price or a version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.location import Location

LOCATION = Location()
LATITUDES = st.floats(2, 89).map(lambda n: f"{n:.6f}")
LONGITUDES = st.floats(2, 179).map(lambda n: f"-{n:.5f}")


def spans(text: bytes, *, key: bytes = b"") -> list[bytes]:
    return [
        text[match.start : match.end] for match in LOCATION.confirm(Window(text, 0, len(text), 0, len(text), key))
    ]


@given(
    latitude=LATITUDES,
    longitude=LONGITUDES,
    frame=st.sampled_from(
        [
            "{},{}",
            "geo:{},{}",
            '"location":"{}, {}"',
            "?q={},{}&z=1",
            "?ll={}%2C{}",
            "Location[gps {},{} hAcc=5]",
            "/@{},{},15z",
        ]
    ),
)
def test_a_pair_is_one_position(latitude: str, longitude: str, frame: str) -> None:
    """Found whole, in every syntax that maps and systems use."""
    text = frame.format(latitude, longitude).encode()

    (found,) = spans(text)
    assert found.startswith(latitude.encode())
    assert found.endswith(longitude.encode())


@given(
    number=LATITUDES,
    frame=st.sampled_from(
        [
            '{{"lat":{},"z":1}}',
            '"latitude" : "{}"',
            '<float name="lat" value="{}" />',
            "lat\x1f{}",
            "last_latitude={}",
            "userLat: {}",
            '\\"lng\\":{}}}',
            "lon={}&",
            "<key>longitude</key>\n\t<real>{}</real>",
        ]
    ),
)
def test_one_number_counts_under_its_name(number: str, frame: str) -> None:
    """Half of a position is stored in one place, the other half in the next."""
    assert spans(frame.format(number).encode()) == [number.encode()]
    assert spans(number.encode()) == []


@given(latitude=st.floats(2, 89).map(lambda n: f"{n:.3f}"), longitude=st.floats(2, 179).map(lambda n: f"{n:.3f}"))
def test_three_decimals_are_not_precise(latitude: str, longitude: str) -> None:
    """A hundred metres: the requirement starts at four."""
    assert spans(f"geo:{latitude},{longitude}".encode()) == []
    assert spans(f'"lat":{latitude},"lon":{longitude}'.encode()) == []


@given(row=st.lists(st.floats(-80, 80).map(lambda n: f"{n:.5f}"), min_size=3, max_size=20))
def test_a_row_of_numbers_is_a_vector(row: list[str]) -> None:
    """Unless something announces a position."""
    assert spans(f'"weights":[{", ".join(row)}]'.encode()) == []


@pytest.mark.parametrize(
    "key", ["latency", "price", "plat", "flat", "along", "belong", "platform", "translation", "slope"]
)
def test_keys_that_only_contain_the_letters_tell_nothing(key: str) -> None:
    """`latency` has them too."""
    assert spans(f"{key}=12.34567".encode()) == []


def test_spellings_share_a_fingerprint() -> None:
    """Blanks, plus signs and trailing zeros are spelling."""
    spellings = (b"37.7749,-122.4194", b"+37.7749, -122.4194", b"37.77490000%2C-122.419400")

    assert {LOCATION.normalise(each) for each in spellings} == {b"37.7749,-122.4194"}
