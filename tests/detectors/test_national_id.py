"""Identity numbers count under their name, by the check of their issuer."""

import random

import pytest

from harness.detectors._identities import AMERICA, ASIA, EUROPE
from harness.detectors.base import Match, Window
from harness.detectors.national_id import NationalId

KINDS = EUROPE + ASIA + AMERICA


def found(text: str, key: bytes = b"") -> list[Match]:
    """What it finds in a whole text."""
    data = text.encode()
    return list(NationalId().confirm(Window(data, 0, len(data), 0, len(data), key)))


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("aadhaar", "234123412346", "234123412347"),
        ("pesel", "44051401359", "44051401358"),
        ("rrn", "971013-9019902", "971013-9019903"),
        ("nric", "S1234567D", "S1234567A"),
        ("nric", "770305-02-1234", "770305-17-1234"),
        ("cnp", "1630615123457", "1630615123458"),
        ("egn", "8032056031", "8032056032"),
        ("isikukood", "36805280109", "36805280108"),
        ("tckn", "17291716060", "17291716050"),
        ("thai_national_id", "1-2345-45678-78-1", "1-2345-45678-78-9"),
        ("personnummer", "880320-0016", "880320-0018"),
        ("hetu", "131052-308T", "131052-308U"),
        ("bsn", "1112.22.333", "1112.52.333"),
        ("cpf", "390.533.447-05", "390.533.447-06"),
        ("curp", "BOXW310820HNERXN09", "BOXW310820HNERXN08"),
        ("my_number", "6214 9832 0257", "6214 9832 0258"),
        ("hkid", "G123456(A)", "G123456(3)"),
        ("taiwan_id", "A123456789", "A123456788"),
        ("snils", "112-233-445 95", "112-233-445 96"),
        ("personalausweis", "L01X00T471", "L01X00T472"),
        ("rentenversicherungsnummer", "65 070803 A 019", "65 070803 A 012"),
    ],
)
def test_its_own_name_asks_for_its_own_check(key: str, right: str, wrong: str) -> None:
    """One digit off is no number of that issuer."""
    (match,) = found(f"{key}={right}")

    assert match.confidence >= 0.75
    assert found(f"{key}={wrong}") == []


def test_a_country_in_a_general_name_narrows_the_kinds() -> None:
    """A Polish number is no Turkish one."""
    assert len(found("polish_national_id=44051401359")) == 1
    assert found("turkish_national_id=44051401359") == []


@pytest.mark.parametrize("text", ["{} in a log", "id={}", "timestamp={}", "order_number: {}", "session {}"])
@pytest.mark.parametrize("number", ["44051401359", "234123412346", "17291716060", "360426199101010071"])
def test_without_a_name_no_number_is_one(text: str, number: str) -> None:
    """One in ten of all numbers passes."""
    assert found(text.format(number)) == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.proof], ids=lambda kind: kind.what)
def test_each_proof_refuses_most_of_what_has_the_form(kind) -> None:  # type: ignore[no-untyped-def]
    """What nothing fails is no proof: of random digits in the form of an issuer, a day of birth, a check or a table
    turns away some; and none of them upsets it."""
    dice = random.Random(7)
    texts = ["".join(dice.choice("0123456789") for _ in range(size)) for size in range(7, 19) for _ in range(300)]
    texts += [letter + text[: size - 1] for text in texts[:600] for letter in "XS" for size in (9, 10)]
    texts += [text[:6] + "-" + text[6:10] for text in texts[:900]]
    formed = [text for text in texts if kind.pattern.fullmatch(text.encode())]

    passed = sum(kind.proof(text) for text in formed)

    assert passed <= 0.65 * len(formed) or len(formed) < 20


def test_the_name_may_be_in_the_column() -> None:
    """As a decoder gives it."""
    assert len(found("aadhaar\x1f234123412346")) == 1
