"""How one day is written: in any order, with any separator, as a number of seconds or days since an epoch."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

__all__ = ["APPLE_EPOCH", "date_spellings", "epoch_seconds"]

APPLE_EPOCH = 978_307_200
"""Seconds from 1970 to 2001, when Core Foundation begins to count."""

_ORDERS = (
    *(gap.join(order) for gap in "/.-" for order in (("%d", "%m", "%Y"), ("%m", "%d", "%Y"), ("%Y", "%m", "%d"))),
    "%Y%m%d",
    "%d%m%Y",
    "%m%d%Y",
    "%d %m %Y",
    "%Y %m %d",
)
_SHORT = tuple(gap.join(order) for gap in "/.-" for order in (("%d", "%m", "%y"), ("%m", "%d", "%y")))
"""With two digits of the year; six digits in a row are anything."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def epoch_seconds(value: str) -> int | None:
    """Midnight UTC of an ISO date, in seconds since 1970; None for what is no date."""
    try:
        return int(datetime.combine(date.fromisoformat(value), time(), UTC).timestamp())
    except ValueError:
        return None


def date_spellings(value: str) -> Iterator[tuple[str, str]]:
    """What each spelling is called, and the text; nothing for what is no date.

    Args:
        value: ISO 8601, `1990-04-17`.
    """
    seconds = epoch_seconds(value)
    if seconds is None:
        return
    day = date.fromisoformat(value)
    # `strftime` has no leading zeros in years before 1000, where nobody was born.
    for order in (*_ORDERS, *_SHORT):
        if order != "%Y-%m-%d":
            yield order.replace("%", ""), day.strftime(order)
    for gap in "./-":
        yield f"d{gap}m{gap}Y short", gap.join(map(str, (day.day, day.month, day.year)))
        yield f"m{gap}d{gap}Y short", gap.join(map(str, (day.month, day.day, day.year)))
    for called, month in (("month", _MONTHS[day.month - 1]), ("month short", _MONTHS[day.month - 1][:3])):
        yield f"{called} d M Y", f"{day.day} {month} {day.year}"
        yield f"{called} dd M Y", f"{day.day:02d} {month} {day.year}"
        yield f"{called} d M Y hyphens", f"{day.day:02d}-{month}-{day.year}"
        yield f"{called} M d Y", f"{month} {day.day}, {day.year}"
        yield f"{called} M d Y bare", f"{month} {day.day} {day.year}"
    # Midnight UTC in seconds and milliseconds; the first is what CleverTap writes behind `$D_`.
    for called, since in (("epoch", seconds), ("Apple epoch", seconds - APPLE_EPOCH)):
        if abs(since) >= _LEAST:
            yield called, str(since)
            yield f"{called} milliseconds", str(since * 1000)


_LEAST = 10_000_000
"""Seconds; a smaller number is any count."""
