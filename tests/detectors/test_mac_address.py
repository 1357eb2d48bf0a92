"""Hardware addresses: each spelling, whose they are by their bits, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.mac_address import MacAddress

MAC = MacAddress()
OCTETS = st.lists(st.integers(0, 255), min_size=5, max_size=5).filter(lambda each: len(set(each)) > 2)


def found(text: bytes, *, key: bytes = b"") -> list[tuple[bytes, float]]:
    return [
        (text[match.start : match.end], match.confidence)
        for match in MAC.confirm(Window(text, 0, len(text), 0, len(text), key))
    ]


@given(octets=OCTETS, joint=st.sampled_from([":", "-", "", "."]), upper=st.booleans())
def test_every_spelling_is_found_under_a_key(octets: list[int], joint: str, upper: bool) -> None:
    """With colons, hyphens, as Cisco has it, and with nothing between; all are one value."""
    digits = "".join(f"{each:02x}" for each in (0x00, *octets))
    size = 4 if joint == "." else 2
    value = joint.join(digits[at : at + size] for at in range(0, 12, size))
    value = value.upper() if upper else value

    ((text, confidence),) = found(f"bssid={value}".encode())

    assert text == value.encode()
    assert confidence == 0.95
    assert MAC.normalise(text) == digits.encode()


@given(octets=OCTETS, first=st.integers(0, 255))
def test_the_first_octet_says_whose_it_is(octets: list[int], first: int) -> None:
    """A group's address is nobody's own; one that was drawn for a network counts less."""
    value = ":".join(f"{each:02x}" for each in (first, *octets))
    spans = found(f"seen at {value} a".encode())

    if first & 1:
        assert spans == []
    elif any(each.isalpha() for each in value):
        assert spans == [(value.encode(), 0.6 if first & 2 else 0.75)]
    else:
        assert [confidence for _, confidence in spans] in ([], [0.5])


@pytest.mark.parametrize("pairs", [7, 8, 16, 20, 32])
def test_a_fingerprint_holds_none(pairs: int) -> None:
    """Whatever its length, and wherever one looks into it."""
    text = b"SHA: " + b":".join(b"%02x" % (7 * n % 256) for n in range(pairs))

    assert found(text) == []


def test_a_decoder_s_key_tells_as_one_in_the_text() -> None:
    """A column is called `mac`, and its value stands alone."""
    text = b"mac\x1f001b638445e6"

    assert list(MAC.confirm(Window(text, 4, len(text), 0, len(text), b"mac")))
