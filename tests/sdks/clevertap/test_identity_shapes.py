"""An identity is opaque, or its shape says why it is not."""

import base64
import hashlib
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sdks.clevertap.identity_shapes import IdentityShape, shape_of

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


@pytest.mark.parametrize("value", ["jane@example.org", "JANE.DOE+shop@mail.example.co.uk", " jane@example.org "])
def test_addresses(value: str) -> None:
    """However they are spelled."""
    assert shape_of(value) is IdentityShape.EMAIL


@pytest.mark.parametrize(
    "value",
    ["+14155550100", "+44 7700 900123", "+49 (30) 555-0199", "00447700900123", "(415) 555-0100", "415-555-0100"],
)
def test_numbers(value: str) -> None:
    """With a sign that they are one."""
    assert shape_of(value) is IdentityShape.PHONE


@pytest.mark.parametrize("value", ["4155550100", "14155550100", "447700900123"])
def test_bare_digits_are_a_number_where_the_key_says_so(value: str) -> None:
    """Elsewhere they may be the app's own count of its users."""
    assert shape_of(value) is None
    assert shape_of(value, key="phone") is IdentityShape.PHONE


@given(st.text(max_size=40), st.sampled_from(ALGORITHMS))
def test_digests(value: str, algorithm: str) -> None:
    """In hex of either case, and in Base64 of either alphabet; of 63 in 64 MD5 sums."""
    digest = hashlib.new(algorithm, value.encode()).digest()
    spellings = [base64.b64encode(digest).decode(), base64.urlsafe_b64encode(digest).decode()]
    if not (algorithm == "md5" and digest[6] >> 4 == 4 and digest[8] >> 6 == 2):
        spellings += [digest.hex(), digest.hex().upper()]

    assert {shape_of(each) for each in spellings} == {IdentityShape.DIGEST}


@given(st.uuids(version=4))
def test_random_ids_are_opaque(drawn: uuid.UUID) -> None:
    """With dashes and without."""
    assert shape_of(str(drawn)) is None
    assert shape_of(drawn.hex) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "   ",
        "61026032",
        "1700000000",
        "customer-4711",
        "user_1001",
        "user-12345-678",
        "2024-01-02",
        "2024-01-02 10:11:12",
        "10.0.0.1",
        "8c2e1f9a",
        "Kd83kfLs0qPz81jfmCkq02mslP92",
        "4111111111111111",
        "me@home",
        "@example.org",
        "[-84, -2, 40]",
        "a" * 5000,
    ],
)
def test_other_identities_are_opaque(value: str) -> None:
    """As far as a shape can tell."""
    assert shape_of(value) is None


@given(st.text(max_size=400))
def test_no_text_raises(value: str) -> None:
    """Identities come from a device."""
    shape_of(value)
    shape_of(value, key="Phone")


@pytest.mark.parametrize("value", ["@" * 320, "a@" * 160, "1-" * 160, "+1" + "-" * 318, "a@" + "b." * 159, "=" * 320])
def test_hostile_text_costs_little(value: str) -> None:
    """No expression goes back and forth."""
    begun = time.perf_counter()
    for _ in range(100):
        assert shape_of(value, key="phone") is None

    assert time.perf_counter() - begun < _FOREVER


_FOREVER = 60
"""Seconds: what goes back and forth takes hours, what does not takes less than one, however busy the machine is."""
