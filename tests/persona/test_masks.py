"""A mask is the seeded person's where what it shows fits, and enough of it shows."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.persona import demo_persona
from harness.persona.masks import CUES, Masked, Masks, surviving

DEMO = dict(demo_persona().items())
MASKS = Masks(DEMO.items())


def masked(text: bytes, masks: Masks = MASKS) -> Masked | None:
    """Of the first cue at which one is."""
    ends = sorted(
        found.end()
        for cue, caseless in CUES
        for found in re.finditer(cue, text, re.DOTALL | (re.IGNORECASE if caseless else 0))
    )
    return next((found for end in ends if (found := masks.at(text, end, 0, len(text)))), None)


@pytest.mark.parametrize(
    ("text", "field", "shown"),
    [
        ("j***@example.org", "email", "jexampleorg"),
        ("to j***@example.org, please", "email", "jexampleorg"),
        ("ja**.r**@ex*****.org", "email", "jarexorg"),
        ("j•••@example.org", "email", "jexampleorg"),
        ("+1 *** *** 0132", "phone", "10132"),
        ("(***) ***-0132", "phone", "0132"),
        ("*********0132", "phone", "0132"),
        ("**** **** **** 1111", "card", "1111"),
        ("4111 11** **** 1111", "card", "4111111111"),
        ("XXXX-XXXX-XXXX-1111", "card", "1111"),
        ("xxxxxxxxxxxx1111", "card", "1111"),
        ("•••• 1111", "card", "1111"),
        ("***-**-9999", "ssn", "9999"),
        ("xxx-xx-9999", "ssn", "9999"),
        ("###-##-9999", "ssn", "9999"),
        ("birthday: 1990-**-**", "date_of_birth", "1990"),
        ("dob=**/**/1990", "date_of_birth", "1990"),
        ("name: J*** R**", "name", "JR"),
        ("jan*****0", "username", "jan0"),
        (r"\u2022\u2022\u2022\u2022 1111", "card", "1111"),
        ("221 E****** S*****", "address", "221ES"),
    ],
)
def test_a_mask_that_fits_is_told_with_what_shows(text: str, field: str, shown: str) -> None:
    """Stars, dots, crosses and hashes, of any number."""
    found = masked(text.encode())

    assert found is not None
    assert found.persona_field == field
    assert "".join(DEMO[field][place] for place in found.shown) == shown
    assert re.search(r"[*•xX#\\]", text.encode()[found.start : found.end].decode())


@pytest.mark.parametrize(
    "text",
    [
        "k***@example.org", "j***@example.com", "**** **** **** 2222", "***-**-9998", "J*** R**", "1990-**-**",
        "****",
        "/****** jane ******/", "j****", "**bold**", "*** 1111 ***", "a ** b", "#### 1990", "XXXX",
    ],
)  # fmt: skip
def test_what_does_not_fit_or_shows_too_little_is_nobodys(text: str) -> None:
    """Without a key, two letters are everybody's."""
    assert masked(text.encode()) is None


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_are_looked_at_without_harm(data: bytes, at: int) -> None:
    """And what is found is in them."""
    found = MASKS.at(data, min(at, len(data)), 0, len(data))

    assert found is None or 0 <= found.start < found.end <= len(data)


@given(st.text(st.sampled_from("*x#•. -@jroeaxmpl019"), max_size=120))
def test_shown_places_are_of_the_value(text: str) -> None:
    """Ascending, each a letter or a digit of it."""
    found = masked(text.encode())

    if found is not None:
        value = DEMO[found.persona_field]
        assert all(value[place].isalnum() for place in found.shown)
        assert len(set(found.shown)) == len(found.shown)


@pytest.mark.parametrize("unit", [b"*", b"**a", b"x", "•".encode(), b"j*", b"* "])
def test_rows_of_stars_take_linear_time(unit: bytes) -> None:
    """A look costs the same however long the row is."""
    costs = []
    for size in (2_000, 200_000):
        data = unit * size
        begin = time.process_time()
        for at in range(0, len(data), max(1, len(data) // 200)):
            MASKS.at(data, at, 0, len(data))
        costs.append(time.process_time() - begin)

    assert costs[1] < 10 * costs[0] + 0.05


def test_a_part_shows_its_own_places() -> None:
    """In the order of the value."""
    assert surviving("4111 1111 1111 1112", "411112") == (0, 1, 2, 3, 5, 18)
    assert surviving("Jane Roe", "J. R.") == (0, 5)


def test_nothing_of_a_value_is_shown_by_what_was_found() -> None:
    """Places, not characters."""
    assert "example" not in repr(masked(b"j***@example.org"))
