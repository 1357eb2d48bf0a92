"""People who do not exist, and by chance never will."""

import ipaddress
import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.persona import demo_persona, new_persona
from harness.persona.chance import POSITIONS, chance_hits
from harness.persona.forms import Form, forms_of
from harness.scan.digest_runs import LEAST

SEEDS = st.binary(min_size=1, max_size=32)


@given(SEEDS, SEEDS)
def test_one_seed_gives_one_person(one: bytes, other: bytes) -> None:
    """A run can be repeated; two runs never meet in a report."""
    assert new_persona(one) == new_persona(one)
    if one != other:
        assert new_persona(one).email != new_persona(other).email
        assert new_persona(one).advertising_id != new_persona(other).advertising_id


@given(SEEDS)
def test_a_person_is_made_up_of_reserved_values(seed: bytes) -> None:
    """Nobody real can be called, written to or charged."""
    persona = new_persona(seed)

    assert re.fullmatch(r"[a-z]+\.[0-9a-f]+@example\.org", persona.email or "")
    assert re.fullmatch(r"\+1 [2-9]\d\d 555 01\d\d", persona.phone or "")
    assert persona.ssn == "219-09-9999"
    assert re.fullmatch(r"X\d{8}", persona.passport or "")
    assert re.fullmatch(r"(19[5-9]\d|200[0-4])-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", persona.date_of_birth or "")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", persona.advertising_id or "")  # fmt: skip  # noqa: E501
    assert persona.location is not None
    assert 37 <= persona.location[0] <= 38
    assert -123 <= persona.location[1] <= -122


@given(SEEDS)
def test_its_card_is_of_the_range_that_tests_use(seed: bytes) -> None:
    """It satisfies the Luhn checksum, as a detector demands."""
    card = new_persona(seed).card or ""
    digits = [int(char) for char in card]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]

    assert len(digits) == 16
    assert card.startswith("400000")
    assert (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


@given(SEEDS)
def test_a_person_survives_its_file(seed: bytes) -> None:
    """`--new-persona` writes it, and the scan reads it."""
    table = tomllib.loads(new_persona(seed).to_toml())

    assert set(table) == {"person"}
    assert "fingerprint" not in table["person"]


def test_the_demo_person_uses_no_real_host() -> None:
    """Domains reserved by RFC 2606, and no address of a machine."""
    values = dict(demo_persona().items())

    assert values["email"].endswith("@example.org")
    for value in values.values():
        with pytest.raises(ValueError, match="does not appear"):
            ipaddress.ip_address(value)


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_no_form_of_a_person_is_met_by_chance_in_100_gb(seed: bytes) -> None:
    """The calculation: over all forms that count by themselves, in noise, Base64, hex, rows of digits and text.
    Digests count from sixteen digits on, and then only as a row of their own."""
    forms = [form for form in forms_of(new_persona(seed).items(), (b"salt",)) if not form.thin]
    cut = Form("any", "sha1", (), b"0123456789abcdef"[:LEAST], caseless=True, bounded=True)
    digests = sum(form.is_printed_digest for form in forms)
    literals = sum(chance_hits(form) for form in forms if not form.is_printed_digest)

    assert POSITIONS >= 8 * 100e9
    assert literals + digests * chance_hits(cut) < 1e-6


@given(SEEDS)
def test_each_field_of_a_person_counts_by_itself_in_some_form(seed: bytes) -> None:
    """A day, nine characters of a passport and one axis of a place are others' too; their digests are not."""
    persona = new_persona(seed)
    firm = {form.persona_field for form in forms_of(persona.items()) if not form.thin}

    assert firm == {name for name, _ in persona.items()}
