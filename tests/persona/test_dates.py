"""A day is known in any order, and as a number since an epoch."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from harness.persona.dates import APPLE_EPOCH, date_spellings, epoch_seconds


def test_the_apple_epoch_is_the_first_of_2001() -> None:
    """As Core Foundation documents it."""
    assert datetime(2001, 1, 1, tzinfo=UTC).timestamp() == APPLE_EPOCH


@given(st.dates(date(1900, 1, 1), date(2024, 12, 31)))
def test_numbers_are_midnight_utc(day: date) -> None:
    """Seconds and milliseconds since 1970 and since 2001, where they are large enough to mean something."""
    said = dict(date_spellings(day.isoformat()))
    seconds = epoch_seconds(day.isoformat())

    assert seconds is not None
    assert datetime.fromtimestamp(seconds, UTC).date() == day
    for called, since in (("epoch", seconds), ("Apple epoch", seconds - APPLE_EPOCH)):
        if called in said:
            assert (said[called], said[f"{called} milliseconds"]) == (str(since), str(since * 1000))


@given(st.dates(date(1900, 1, 1), date(2024, 12, 31)))
def test_orders_are_those_of_the_calendar(day: date) -> None:
    """Day first, month first, year first, in words, with two digits of the year."""
    written = {text for _, text in date_spellings(day.isoformat())}

    for order in ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d", "%d%m%Y", "%d-%m-%y", "%m/%d/%y"):
        assert day.strftime(order) in written
    assert f"{day.day}.{day.month}.{day.year}" in written
    assert f"{day.day} {day.strftime('%B')} {day.year}" in written


def test_what_is_no_date_has_no_spelling() -> None:
    """It is searched as it is."""
    assert list(date_spellings("spring of 1990")) == []
    assert epoch_seconds("1990-13-01") is None
