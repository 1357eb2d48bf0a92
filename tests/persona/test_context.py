"""Pieces of a value that count behind their key only, and the words that tell of a field."""

import pytest

from harness.persona import FIELD_TYPES, demo_persona
from harness.persona.context import TELLING, parts_of

PARTS = {
    (part.persona_field, part.spelling): part.text
    for name, value in demo_persona().items()
    for part in parts_of(name, value)
}


@pytest.mark.parametrize(
    ("field", "spelling", "text"),
    [
        ("card", "masked:last four", b"1111"),
        ("card", "masked:first six", b"411111"),
        ("ssn", "masked:last four", b"9999"),
        ("phone", "masked:last four", b"0132"),
        ("date_of_birth", "masked:year", b"1990"),
        ("date_of_birth", "epoch days", b"7411"),
        ("name", "first name", b"Jane"),
        ("name", "last name", b"Roe"),
        ("address", "city", b"Springfield"),
        ("address", "postal code", b"62701"),
        ("address", "house number", b"221"),
        ("email", "local part", b"jane.roe"),
    ],
)
def test_a_value_has_these_pieces(field: str, spelling: str, text: bytes) -> None:
    """Too short to be looked for everywhere."""
    assert PARTS[field, spelling] == text


def test_keys_are_long_enough_to_be_looked_for() -> None:
    """A key of three letters is in every second word."""
    for name, value in (*demo_persona().items(), ("name", "Al"), ("username", "bob")):
        for part in parts_of(name, value):
            assert part.keys
            assert all(len(key) >= 4 and key == key.lower() for key in part.keys)
            assert value not in repr(part)


def test_a_short_name_is_a_piece_of_itself() -> None:
    """It is searched, behind a key that says so."""
    assert [(part.spelling, part.text) for part in parts_of("name", "Al")] == [("plain", b"Al")]
    assert list(parts_of("pin", "1234")) == []


def test_each_field_has_words_that_tell_of_it() -> None:
    """But the biometric one, which no form of is thin."""
    assert set(TELLING) == set(FIELD_TYPES) - {"fingerprint"}
