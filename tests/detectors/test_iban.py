"""Account numbers of every country are told by length, form and check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as reference

from harness.detectors.base import Match, Window
from harness.detectors.iban import Iban

_LETTERS, _DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_FORMS = {
    "DE": "n" * 18,
    "GB": "a" * 4 + "n" * 14,
    "FR": "n" * 10 + "c" * 11 + "nn",
    "NO": "n" * 11,
    "MT": "aaaa" + "n" * 5 + "c" * 18,
    "IT": "a" + "n" * 10 + "c" * 12,
    "LC": "aaaa" + "c" * 24,
}


def found(text: str) -> list[Match]:
    """What it finds in a whole text."""
    data = text.encode()
    return list(Iban().confirm(Window(data, 0, len(data), 0, len(data))))


@st.composite
def ibans(draw: st.DrawFn) -> str:
    """Valid ones of seven countries."""
    country = draw(st.sampled_from(sorted(_FORMS)))
    classes = {"n": _DIGITS, "a": _LETTERS, "c": _LETTERS + _DIGITS}
    account = "1" + "".join(draw(st.sampled_from(classes[kind])) for kind in _FORMS[country][1:])
    if _FORMS[country][0] == "a":
        account = "A" + account[1:]
    return country + reference.calc_check_digits(f"{country}00{account}") + account


@given(ibans(), st.sampled_from(["", " "]))
def test_valid_ones_are_found_in_groups_or_not(number: str, gap: str) -> None:
    """As printed and as stored."""
    text = gap.join(number[n : n + 4] for n in range(0, len(number), 4))

    (match,) = found(f"Pay to {text}, please.")

    assert (match.start, match.end) == (7, 7 + len(text))
    assert Iban().normalise(text.encode()) == number.encode()


@given(ibans(), st.integers(2, 14), st.integers(1, 9))
def test_a_digit_that_is_off_is_seen(number: str, at: int, off: int) -> None:
    """The check of ISO 7064 sees every single error."""
    if number[at].isdigit():
        assert found(number[:at] + str((int(number[at]) + off) % 10) + number[at + 1 :]) == []


@given(ibans())
def test_nothing_shorter_or_longer_is_one(number: str) -> None:
    """Each country has one length."""
    assert found(number[:-1]) == []
    assert found(number + "7") == []


@pytest.mark.parametrize("beside", ["SWIFT: DEUTDEFF", "bic=COBADEFFXXX"])
def test_the_code_of_a_bank_speaks_for_a_number_whose_check_fails(beside: str) -> None:
    """Invoices that were made up have such: somebody meant it to be an account."""
    (match,) = found(f"IBAN DE12345678901234567890 {beside}")

    assert match.confidence == 0.6
    assert found("IBAN DE12345678901234567890 and more") == []
