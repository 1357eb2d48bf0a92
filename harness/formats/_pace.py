"""Values of one file, no more and for no longer than the limits allow, at a cost that many small ones can bear."""

import time
from collections.abc import Iterable, Iterator

from harness.limits import Budget, Limits
from harness.model import Value

__all__ = ["paced"]

_EVERY = 0xFF
"""The clock is asked once in as many values."""


def paced(values: Iterable[Value], limits: Limits) -> Iterator[Value]:
    """The same values.

    Raises:
        LimitError: there are more than one file may give, or they take longer than they may.
    """
    budget = Budget(what="values", left=limits.values, deadline=time.monotonic() + limits.seconds_per_file)
    most = limits.values
    for number, value in enumerate(values):
        if number >= most:
            budget.spend(most + 1)
        if not number & _EVERY:
            budget.spend(0)
        yield value
