"""Addresses in the styles of many posts, and what only has their words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.address import Address
from harness.detectors.base import Window

_DETECTOR = Address()


def _found(text: str, names: tuple[str, ...] = ()) -> list[str]:
    data = text.encode()
    window = Window(data, 0, len(data), 0, len(data), names=names)
    return [data[match.start : match.end].decode() for match in _DETECTOR.confirm(window)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ship to 742 Evergreen Terrace, Springfield, OR 97403.", "742 Evergreen Terrace, Springfield, OR 97403"),
        ("at 221B Baker Street, London NW1 6XE, they", "221B Baker Street, London NW1 6XE"),
        ("wohnt in der Lindenallee 7, 80331 München", "Lindenallee 7, 80331 München"),
        ("5 bis avenue Victor Hugo, 69006 Lyon", "5 bis avenue Victor Hugo, 69006 Lyon"),
        ("Keizersgracht 123, 1015 CJ Amsterdam", "Keizersgracht 123, 1015 CJ Amsterdam"),
        ("12, Gandhi Marg, Bengaluru 560001", "12, Gandhi Marg, Bengaluru 560001"),
        ("Box: PO Box 99, Hobart TAS 7001", "PO Box 99, Hobart TAS 7001"),
        ("| Address | 4442 Elm Boulevard, Greenville, NY 34142 |", "4442 Elm Boulevard, Greenville, NY 34142"),
        ("<address>7159 Dogwood Drive, Lexington, MI 36859</address>", "7159 Dogwood Drive, Lexington, MI 36859"),
    ],
)
def test_an_address_is_found_whole(text: str, address: str) -> None:
    """Street, number, town and code are one value."""
    assert _found(text) == [address]


@pytest.mark.parametrize(
    ("text", "names", "is_part"),
    [
        ("city\x1fSpringfield", ("billing_address", "city"), True),
        ("city\x1fSpringfield", ("weather", "city"), False),
        ("zip\x1f62704", ("users", "zip"), True),
        ("postcode\x1fSW1A 2AA", ("users", "postcode"), True),
        ("zip\x1farchive", ("files", "zip"), False),
    ],
)
def test_parts_count_under_their_own_key(text: str, names: tuple[str, ...], *, is_part: bool) -> None:
    """A town only where it is one of an address."""
    assert bool(_found(text, names)) is is_part


@given(st.ip_addresses(), st.sampled_from(["address", "addr", "host_address", "ip_address"]))
def test_a_machine_has_no_postal_address(address: object, key: str) -> None:
    """Whatever the key is called."""
    assert _found(f'"{key}": "{address}"') == []


@given(st.integers(0, 40), st.integers(0, 60))
def test_a_window_finds_what_starts_in_it(start: int, size: int) -> None:
    """Wherever it begins, the same with the same bounds."""
    text = b"send it to 12 Main St, Springfield, IL 62704 or to Hauptstrasse 12, 10115 Berlin"
    whole = list(_DETECTOR.confirm(Window(text, 0, len(text), 0, len(text))))
    end = min(len(text), start + size)

    part = list(_DETECTOR.confirm(Window(text, start, end, 0, len(text))))

    assert part == [each for each in whole if start <= each.start < end]


def test_lines_and_commas_are_no_part_of_where_it_is() -> None:
    """One address, one fingerprint."""
    assert _DETECTOR.normalise(b"12 Main St.,\nSpringfield") == _DETECTOR.normalise(b"12 main st, SPRINGFIELD")
