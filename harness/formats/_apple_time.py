"""Apple's time: seconds since the begin of 2001, UTC, as Foundation, Core Data and CFNetwork store it."""

from datetime import UTC, datetime, timedelta

from harness.model import Scalar

__all__ = ["moment", "seconds_of"]

_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


def moment(value: Scalar) -> Scalar:
    """Such seconds as a date; as they are where no calendar has the day (uninitialised fields)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        return _EPOCH + timedelta(seconds=value)
    except (OverflowError, ValueError):
        return value


def seconds_of(when: datetime) -> float:
    """A date with a zone, as it is stored."""
    return (when - _EPOCH).total_seconds()
