"""Values of one file, no more and for no longer than the limits allow, at a cost that many small ones can bear."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from harness.limits import Budget, Limits
from harness.model import Value

__all__ = ["paced", "timed"]

_Item = TypeVar("_Item")

_EVERY = 0xFF
"""The clock is asked once in as many values."""


def timed(items: Iterable[_Item], limits: Limits) -> Iterator[_Item]:
    """The same items, of which nobody counts how many there are.

    Raises:
        LimitError: they take longer than they may.
    """
    budget = Budget(what="items", left=0, deadline=time.monotonic() + limits.seconds_per_file)
    for number, item in enumerate(items):
        if not number & _EVERY:
            budget.spend(0)
        yield item


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
