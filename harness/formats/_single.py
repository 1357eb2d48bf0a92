"""Numbers of 32 bits, as the decimal that somebody wrote and not as the double that they widen to."""

import struct

__all__ = ["shortest_single"]


def shortest_single(value: float) -> float:
    """The number with the fewest digits that is stored as the same 32 bits: 0.1 rather than 0.10000000149011612."""
    try:
        stored = struct.pack("<f", value)
        return next(
            short for digits in range(1, 10) if struct.pack("<f", short := float(f"{value:.{digits}g}")) == stored
        )
    except (StopIteration, OverflowError):  # no number, or one that rounds to infinity
        return value
