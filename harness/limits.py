"""Caps for hostile input: what comes from a device never decides how much we spend on it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.errors import LimitError
from harness.wording import weight

__all__ = ["Budget", "Limits"]

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one run may spend; the defaults suit a phone's app storage."""

    file_bytes: int = 2048 * MIB
    """A larger file is reported as unread, with its size."""
    entries: int = 1_000_000
    """Files in one source."""
    depth: int = 4
    """Documents and encodings nested in one value."""
    structure_depth: int = 100
    """Objects nested in one document."""
    expanded_bytes: int = 256 * MIB
    """What one file may unpack to."""
    piece_bytes: int = 64 * MIB
    """What one encoded value may unpack to."""
    archive_bytes: int = 16384 * MIB
    """What one archive may unpack to."""
    values: int = 20_000_000
    """Values decoded from one file."""
    seconds_per_file: float = 120.0

    def unpacked(self, size: int) -> int:
        """What a file of this size may unpack to: a small one that holds a lot holds next to nothing of it."""
        return min(self.expanded_bytes, 128 * MIB + 8 * size)

    def oversize(self, size: int) -> str:
        """Why a file of this size is not read; empty where it is."""
        return f"larger than the {weight(self.file_bytes)} that one file may have" if size > self.file_bytes else ""


@dataclass(slots=True, kw_only=True)
class Budget:
    """Counts down; raises `LimitError` where it is used up."""

    what: str
    left: int
    deadline: float = float("inf")
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def spend(self, amount: int = 1) -> None:
        """Take `amount` from what is left.

        Raises:
            LimitError: nothing is left, or the time is up.
        """
        self.left -= amount
        if self.left < 0:
            raise LimitError(f"more {self.what} than the limit allows")
        if self.deadline != float("inf") and self.clock() > self.deadline:
            raise LimitError("took longer than the limit allows")
