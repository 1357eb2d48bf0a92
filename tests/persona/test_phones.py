"""A number is known with and without its country, however it is grouped."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.persona.phones import phone_spellings


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("+1 415 555 0132", {"+14155550132", "4155550132", "415-555-0132", "(415) 555-0132", "+1-415-555-0132"}),
        ("+44 7700 900123", {"07700900123", "07700 900123", "+44 7700 900 123", "+44 (0)7700 900123"}),
        ("+441632960123", {"01632960123", "01632 960123"}),
        ("+33 1 99 00 12 34", {"0199001234", "01 99 00 12 34", "01.99.00.12.34", "+33 1 99 00 12 34"}),
        ("+49 30 23125 123", {"03023125123", "030/23125 123", "0049" + "3023125123"}),
        ("+34 900 123 456", {"900123456", "+34 900 123 456"}),
        ("+7 495 123-45-67", {"84951234567", "+7 495 123 45 67"}),
        ("030 1234567", {"0301234567"}),
    ],
)  # fmt: skip
def test_a_number_is_written_as_its_country_writes_it(value: str, written: set[str]) -> None:
    """With a plus, at home, and with what is dialled before it."""
    assert written <= {text for _, text in phone_spellings(value)} | {value}


@given(st.from_regex(r"\+[1-9][0-9 ]{6,16}[0-9]", fullmatch=True))
def test_every_spelling_ends_in_the_number(value: str) -> None:
    """None is a guess at another one."""
    digits = re.sub(r"\D", "", value)

    for _, text in phone_spellings(value):
        assert digits.endswith(re.sub(r"\D", "", text)[-3:])
