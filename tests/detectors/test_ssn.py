"""Social security numbers: what could have been issued, in groups or under a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.ssn import SocialSecurityNumber

SSN = SocialSecurityNumber()
AREAS = st.integers(1, 899).filter(lambda n: n != 666)


def spans(text: bytes, *, key: bytes = b"") -> list[bytes]:
    return [text[match.start : match.end] for match in SSN.confirm(Window(text, 0, len(text), 0, len(text), key))]


@given(area=AREAS, group=st.integers(1, 99), serial=st.integers(1, 9999), joint=st.sampled_from("- ."))
def test_every_issuable_number_is_found(area: int, group: int, serial: int, joint: str) -> None:
    """In each of the groupings in use."""
    number = f"{area:03}{joint}{group:02}{joint}{serial:04}".encode()

    assert spans(b'"' + number + b'"') == [number]


@given(
    area=AREAS,
    group=st.integers(1, 99),
    serial=st.integers(1, 9999),
    key=st.sampled_from(["ssn", "SSN", "user_ssn", "customerSSN", "social_security_number", "socialSecurityNo"]),
)
def test_nine_digits_need_a_key(area: int, group: int, serial: int, key: str) -> None:
    """And have none in a text of their own."""
    number = f"{area:03}{group:02}{serial:04}".encode()

    assert spans(key.encode() + b'":"' + number + b'"') == [number]
    assert spans(key.encode() + b"\x1f" + number) == [number]
    assert spans(number) == []


@given(
    number=st.one_of(
        st.tuples(st.sampled_from([0, 666, *range(900, 1000)]), st.integers(0, 99), st.integers(0, 9999)),
        st.tuples(st.integers(1, 899), st.just(0), st.integers(0, 9999)),
        st.tuples(st.integers(1, 899), st.integers(0, 99), st.just(0)),
    )
)
def test_what_was_never_issued_is_none(number: tuple[int, int, int]) -> None:
    """Not even under a key: 9xx are taxpayers without one."""
    area, group, serial = number

    assert spans(f"ssn: {area:03}-{group:02}-{serial:04}".encode()) == []


@pytest.mark.parametrize("key", ["className", "lessn", "ssn_hash", "ssn_last4", "ssn_verified_at", "sessionNumber"])
def test_keys_that_only_contain_the_letters_tell_nothing(key: str) -> None:
    """`className` has them too."""
    assert spans(f"{key}=219099999".encode()) == []


def test_forms_of_one_number_share_a_fingerprint() -> None:
    """Groups are spelling."""
    assert {SSN.normalise(each) for each in (b"219-09-9999", b"219 09 9999", b"219099999")} == {b"219099999"}
