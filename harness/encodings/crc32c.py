"""CRC-32C (Castagnoli) of many stretches of one file at once, masked as LevelDB keeps it.

The standard library knows other polynomials only, and a loop over bytes in Python is a thousand times too slow. All
stretches are cut into rows that are worked on side by side; a row's checksum is shifted on by the length of the next.
"""

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["crc32c", "masked", "mismatches"]

_POLYNOMIAL = 0x82F63B78
_ROW = 128
_BATCH = 1 << 14
"""Rows that are worked on together: as many as stay in the cache."""

_Octets: TypeAlias = NDArray[np.uint8]
_Numbers: TypeAlias = NDArray[np.int64]


def masked(crc: int) -> int:
    """As it is stored, so that the checksum of what holds checksums is no special case."""
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """Of a few bytes."""
    crc = 0xFFFFFFFF
    table = _bytes()
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def mismatches(data: bytes, stretches: Sequence[tuple[int, int, int]]) -> set[int]:
    """Which of the stretches (start, end, stored checksum) of a file do not have theirs, by number."""
    if not stretches:
        return set()
    starts, ends, stored = np.array(stretches, np.int64).T
    counts = np.maximum(1, -(-(ends - starts) // _ROW))
    before = np.cumsum(counts)
    # A row in front, so that each row ends where its bytes do and none begins before the file.
    padded = np.frombuffer(bytes(_ROW) + data, np.uint8)
    wrong: list[int] = []
    low = 0
    while low < len(stretches):
        done = int(before[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(before, done + _BATCH, "right")))
        crc = _batch(padded, starts[low:high], ends[low:high], counts[low:high])
        told = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
        wrong += (np.flatnonzero(told != stored[low:high]) + low).tolist()
        low = high
    return set(wrong)


def _batch(padded: _Octets, starts: _Numbers, ends: _Numbers, counts: _Numbers) -> _Numbers:
    """The checksum of each stretch."""
    first = np.cumsum(counts) - counts
    rows = np.repeat(ends - (counts - 1) * _ROW, counts) + (np.arange(counts.sum()) - np.repeat(first, counts)) * _ROW
    content = np.lib.stride_tricks.sliding_window_view(padded, _ROW)[rows]
    sizes = ends - starts
    # Zeros in front change nothing where a checksum starts as 0, and to start as all ones is to flip four bytes.
    front = counts * _ROW - sizes
    heads = content[first]
    heads[np.arange(_ROW) < front[:, None]] = 0
    content[first] = heads
    flat = content.reshape(-1)
    for step in range(4):
        flat[(first * _ROW + front + step)[sizes > step]] ^= 0xFF
    sums = _rows(content.view("<u2"))
    crc = np.zeros(len(starts), np.uint32)
    shifts = _shifts()
    for step in range(int(counts.max())):
        left = np.flatnonzero(counts > step)
        held = crc[left]
        moved = shifts[0][held & 0xFF] ^ shifts[1][held >> 8 & 0xFF] ^ shifts[2][held >> 16 & 0xFF]
        crc[left] = moved ^ shifts[3][held >> 24] ^ sums[first[left] + step]
    crc ^= np.uint32(0xFFFFFFFF)
    for short in np.flatnonzero(sizes < 4).tolist():
        crc[short] = crc32c(padded[_ROW + starts[short] : _ROW + ends[short]].tobytes())
    return crc.astype(np.int64)


def _rows(rows: NDArray[np.uint16]) -> NDArray[np.uint32]:
    """The checksum of each row, two bytes a step."""
    table = _words()
    crc = np.zeros(len(rows), np.uint32)
    for column in np.ascontiguousarray(rows.T):
        index = crc.astype(np.uint16)
        index ^= column
        crc >>= 16
        crc ^= table[index]
    return crc


@cache
def _bytes() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


@cache
def _words() -> NDArray[np.uint32]:
    """What two bytes make of a checksum of 0."""
    table = np.array(_bytes(), np.uint32)
    words = np.arange(1 << 16, dtype=np.uint32)
    first = table[words & 0xFF]
    made: NDArray[np.uint32] = table[(first ^ words >> 8) & 0xFF] ^ first >> 8
    return made


@cache
def _shifts() -> list[NDArray[np.uint32]]:
    """What a row of zeros makes of a checksum, by each of its bytes."""
    words = _words()
    crc = np.concatenate([np.arange(256, dtype=np.uint32) << shift for shift in (0, 8, 16, 24)])
    for _ in range(_ROW // 2):
        crc = crc >> 16 ^ words[crc & 0xFFFF]
    return [crc[low : low + 256] for low in range(0, 1024, 256)]
