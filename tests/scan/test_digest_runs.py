"""Digests in hex: whole, cut, in either case, beside anything."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.persona.forms import Form
from harness.scan.digest_runs import DigestRuns, is_chance

FORMS = [
    Form("email", name, (), hashlib.new(name, b"jane.roe@example.org").hexdigest().encode(), caseless=True)
    for name in ("md5", "sha1", "sha256", "sha512")
]
RUNS = DigestRuns(FORMS)


def found(data: bytes) -> list[tuple[int, int, str]]:
    return [(start, end, form.spelling) for start, end, form in RUNS.find(data, len(data))]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.spelling)
@pytest.mark.parametrize("padding", [0, 5000])
def test_a_digest_is_found_whole_or_cut(form: Form, padding: int) -> None:
    """In a short text and in a long one, which are searched in two ways."""
    dots = b"." * padding
    for digits in (16, 17, 20, 31, len(form.literal)):
        cut = form.literal[:digits]
        for text in (cut, cut.upper(), b"x" + cut + b"-"):
            at = len(dots) + text.lower().find(cut)

            assert found(dots + text + dots) == [(at, at + len(cut), form.spelling)]


@pytest.mark.parametrize("padding", [0, 5000])
def test_digests_that_touch_are_two(padding: int) -> None:
    """Columns of a row stand side by side; numbers stand before them."""
    md5, sha1 = FORMS[0].literal, FORMS[1].literal
    data = b"." * padding + b"1700000000000" + md5 + sha1

    assert [spelling for _, _, spelling in found(data)] == ["md5", "sha1"]


@pytest.mark.parametrize("padding", [0, 5000])
def test_sixteen_digits_within_a_longer_row_are_chance(padding: int) -> None:
    """Of thousands that are looked for, one begins like that now and then."""
    dots, cut = b"." * padding, FORMS[2].literal[:16]
    other = b"0" if FORMS[2].literal[16:17] != b"0" else b"1"

    for data, at in ((dots + cut + other + dots, padding), (dots + other + cut + dots, padding + 1)):
        assert found(data) == [(at, at + 16, "sha256")]
        assert is_chance(data, at, at + 16, len(data))
    assert not is_chance(dots + cut + dots, padding, padding + 16, 2 * padding + 16)
    assert found(dots + FORMS[2].literal[:24] + b"zz") == [(padding, padding + 24, "sha256")]


def test_the_middle_of_an_md5_is_known() -> None:
    """Sixteen digits of thirty-two, as some services cut it."""
    assert found(b"id=" + FORMS[0].literal[8:24]) == [(3, 19, "md5")]


@given(st.integers(0, 1 << 32), st.integers(3000, 6000))
def test_both_searches_see_the_same(seed: int, size: int) -> None:
    """The border between them is a matter of speed."""
    chance = random.Random(seed)
    parts = [
        chance.choice((chance.randbytes(9), b"0123456789abcdef" * 2, *(form.literal for form in FORMS)))
        for _ in range(9)
    ]
    data = b"".join(parts)

    assert [each[2] for each in found(data + b"." * size)] == [each[2] for each in found(data)]


@given(st.binary(max_size=500))
def test_noise_holds_none(data: bytes) -> None:
    """Nothing is found that is not there."""
    assert found(data) == []
