"""What went wrong on the way through a database, and how far the way may still go."""

import time

from harness.errors import FormatError
from harness.limits import Budget, Limits

__all__ = ["Faults"]


class Faults:
    """Collects damage, so that a walk can go on behind it, and caps the pages that are visited."""

    def __init__(self, pages: int, limits: Limits) -> None:
        self.first = ""
        """The first thing that went wrong; empty where nothing did."""
        # A sound tree visits each page once; more than a few times each is an attack on our time.
        deadline = time.monotonic() + limits.seconds_per_file
        self._budget = Budget(what="pages visited", left=4 * pages + 1024, deadline=deadline)

    def add(self, message: str) -> None:
        """Note something that went wrong."""
        self.first = self.first or message

    def visit(self) -> None:
        """Count a page.

        Raises:
            LimitError: the way was too long.
        """
        self._budget.spend()

    def settle(self) -> None:
        """Say what went wrong, if anything did.

        Raises:
            FormatError: something did.
        """
        if self.first:
            raise FormatError(self.first)
