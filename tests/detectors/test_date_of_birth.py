"""A date is one of birth by the words beside it, in every order and ten languages."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.date_of_birth import DateOfBirth

_DETECTOR = DateOfBirth()
_BORN = st.dates(date(1907, 1, 1), date(2025, 12, 31))


def _found(text: str) -> list[bytes]:
    data = text.encode()
    return [data[m.start : m.end] for m in _DETECTOR.confirm(Window(data, 0, len(data), 0, len(data)))]


@given(_BORN, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%Y%m%d"]))
def test_every_order_reads_as_the_same_day(day: date, form: str) -> None:
    """One day, one fingerprint, however it is written."""
    written = day.strftime(form)

    assert [_DETECTOR.normalise(each) for each in _found(f'"dob": "{written}"')] == [day.isoformat().encode()]
    assert _found(f'"created": "{written}"') == []


@given(_BORN.filter(lambda day: day.year > 1971 or day.year < 1969))
def test_epochs_count_under_a_key_only(day: date) -> None:
    """Seconds and milliseconds, also before 1970."""
    seconds = (day - date(1970, 1, 1)).days * 86400

    for number in (seconds, seconds * 1000):
        assert [_DETECTOR.normalise(each) for each in _found(f"birthday={number}")] == [day.isoformat().encode()]
        assert _found(f"he was born, number {number}") == []


@given(st.dates().filter(lambda day: day.year not in range(1906, 2027)))
def test_nobody_who_lives_was_born_then(day: date) -> None:
    """Older than 120 years, or not born yet."""
    assert _found(f"date of birth: {day.isoformat()}") == []


@pytest.mark.parametrize(
    "text",
    [
        "nacido el 14 de marzo de 1990",
        "data de nascimento: 14 de março de 1990",
        "né le 14 mars 1990",
        "geboren am 14. März 1990",
        "nato il 14 marzo 1990",
        "geboren op 14 maart 1990",
        "родился 14 марта 1990",
        "doğum tarihi: 14 Mart 1990",
        "tanggal lahir: 14 Maret 1990",
        "出生日期：1990年3月14日",
        "تاريخ الميلاد: 14 مارس 1990",
        "जन्म तिथि: 14 मार्च 1990",
        "1990年3月14日生まれ",
    ],
)
def test_months_have_names_in_many_languages(text: str) -> None:
    """Key and month in the same language."""
    assert [_DETECTOR.normalise(each) for each in _found(text)] == [b"1990-03-14"]


def test_two_digits_of_a_year_are_the_last_that_passed() -> None:
    """Nobody was born in a year to come."""
    assert _DETECTOR.normalise(b"14/03/90") == b"1990-03-14"
    assert _DETECTOR.normalise(b"14/03/27") == b"1927-03-14"
    assert _DETECTOR.normalise(b"14/03/26") == b"2026-03-14"
