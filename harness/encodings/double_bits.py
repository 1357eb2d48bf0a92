"""Doubles that are stored as the whole number that their bits are: Android's preferences have no double of their own,
and `putLong(doubleToRawLongBits(latitude))` is what apps write instead."""

import re
import struct

from harness.encodings.runs import Run
from harness.model import Buffer

__all__ = ["BITS", "BITS_TEXT", "bits_at"]

BITS_TEXT = rb"4[56][0-9]{17}"
"""Of doubles from about 0.00008 to 25,000, and of their negatives: all that degrees can be."""
BITS = re.compile(rb"\A-?%b\Z" % BITS_TEXT)
"""A value that is nothing else."""
_ONE = re.compile(rb"-?%b(?![0-9A-Za-z.])" % BITS_TEXT)
_MOST = 180.0
_BEFORE = re.compile(rb"[0-9A-Za-z.]")


def bits_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The number at `at` that is a double within the degrees of a circle; None where it is none."""
    del limit
    if at > floor and buffer[at - 1 : at] == b"-":
        at -= 1
    found = _ONE.match(buffer, at, ceiling)
    if found is None or (at > floor and _BEFORE.match(buffer, at - 1)):
        return None
    value = struct.unpack(">d", struct.pack(">q", int(found[0])))[0]
    return Run("double-bits", at, found.end(), repr(value).encode()) if 0.001 < abs(value) <= _MOST else None
