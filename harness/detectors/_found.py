"""What several rules of one detector found, and which of it stands where it overlaps."""

from bisect import bisect_left
from collections.abc import Iterable

__all__ = ["Found", "Judged", "apart"]

Judged = tuple[float, tuple[str, ...]]
"""How sure, and why."""
Found = tuple[int, int, Judged]
"""Start, end, and how sure and why."""


def apart(found: Iterable[Found]) -> list[Found]:
    """The surer, then the longer, of what overlaps; in order."""
    kept: list[Found] = []
    spans: list[tuple[int, int]] = []
    for each in sorted(found, key=lambda one: (-one[2][0], one[0] - one[1], one[0], one[2][1])):
        at = bisect_left(spans, (each[1],))
        if at == 0 or spans[at - 1][1] <= each[0]:
            spans.insert(at, each[:2])
            kept.append(each)
    return sorted(kept)
