"""Readable zones are believed for their check digits, numbers for their key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors._check_digits import mrz_digit
from harness.detectors.base import Match, Window
from harness.detectors.passport import Passport

_NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=12)
_NUMBERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=6, max_size=9)
_DAYS = st.dates().map(lambda day: day.strftime("%y%m%d"))


def found(text: str) -> list[Match]:
    """What it finds in a whole text."""
    data = text.encode()
    return list(Passport().confirm(Window(data, 0, len(data), 0, len(data))))


def checked(field: str) -> str:
    """A field with its check digit."""
    return field + str(mrz_digit(field))


def zone(surname: str, given_name: str, number: str, born: str, expires: str) -> tuple[str, str]:
    """The two lines of a passport of the state that specimens are of."""
    parts = checked(number.ljust(9, "<")), checked(born), checked(expires), checked("<" * 14)
    line = f"{parts[0]}UTO{parts[1]}F{parts[2]}{parts[3]}"
    whole = parts[0] + parts[1] + parts[2] + parts[3]
    return f"P<UTO{surname}<<{given_name}".ljust(44, "<"), line + str(mrz_digit(whole))


@given(_NAMES, _NAMES, _NUMBERS, _DAYS, _DAYS, st.sampled_from(["\n", "\r\n", "\\n", "", " "]))
def test_every_zone_is_found_however_its_lines_are_parted(
    surname: str, given_name: str, number: str, born: str, expires: str, joint: str
) -> None:
    """A line break may be escaped, or gone."""
    first, second = zone(surname, given_name, number, born, expires)

    (match,) = found(f'{{"mrz":"{first}{joint}{second}"}}')

    assert match.confidence == 0.99
    assert match.end - match.start == 88 + len(joint)


@given(_NAMES, _NUMBERS, _DAYS, st.integers(0, 27), st.integers(1, 9))
def test_a_digit_that_is_off_is_seen(name: str, number: str, born: str, at: int, off: int) -> None:
    """Any digit of number, birth or expiry: one of the check digits no longer holds."""
    _, second = zone(name, name, number, born, born)
    if second[at].isdigit():
        second = second[:at] + str((int(second[at]) + off) % 10) + second[at + 1 :]

        assert found(second) == []


@pytest.mark.parametrize("fill", ["<", "\\u003c", "&lt;"])
def test_fillers_may_be_escaped(fill: str) -> None:
    """Gson writes them so, and every XML does."""
    first, second = zone("ROE", "JANE", "X00001234", "900417", "300417")

    (match,) = found((first + "\n" + second).replace("<", fill))

    assert match.confidence == 0.99


def test_one_zone_has_one_normal_form() -> None:
    """Else the same document would be two in two places."""
    first, second = zone("ROE", "JANE", "X00001234", "900417", "300417")
    detector = Passport()

    plain = detector.normalise((first + "\n" + second).encode())

    assert plain == detector.normalise((first + "\\r\\n" + second).replace("<", "\\u003C").encode())


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("us_passport", "A12803456", "A1280345"),
        ("passportUK", "912803456", "A12803456"),
        ("GermanPassport", "C01X00T47", "B01X00T47"),
        ("passport_fr", "12AB34567", "1AB234567"),
        ("reisepass", "C01X00T478", "C01X00T479"),
        ("kr_passport", "M456B7890", "M456BB890"),
    ],
)
def test_a_country_in_the_key_narrows_the_forms(key: str, right: str, wrong: str) -> None:
    """A number of another country is no number of this one."""
    assert len(found(f"{key}={right}")) == 1
    assert found(f"{key}={wrong}") == []


@pytest.mark.parametrize(
    "text",
    [
        "\u30d1\u30b9\u30dd\u30fc\u30c8: TK1234567",
        "\u62a4\u7167 E12345678",
        "n\u00famero de pasaporte: AAB123456",
        "passeport n\u00b0 12AB34567",
        "Reisepass Nr. C01X00T47",
        "\u043f\u0430\u0441\u043f\u043e\u0440\u0442 4508 123456",
        "paspoort: NW0000001",
        "passaporto AA1234567",
        "numero de passaporte FZ123456",
        "\uc5ec\uad8c M12345678",
    ],
)
def test_words_of_ten_languages_announce_a_number(text: str) -> None:
    """In a sentence as in a key."""
    assert len(found(text)) == 1


def test_a_zone_in_xml_is_whole_in_its_raw_bytes_too() -> None:
    """Its line break is an entity there, whose digits are none of the zone."""
    first, second = zone("ROE", "JANE", "X00001234", "900417", "300417")

    (match,) = found("<string>" + (first + "\n" + second).replace("<", "&lt;").replace("\n", "&#10;") + "</string>")

    assert match.confidence == 0.99
