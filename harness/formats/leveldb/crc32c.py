"""CRC-32C (Castagnoli) of many stretches of one file at once, masked as LevelDB keeps it.

The standard library knows other polynomials only, and a loop over bytes in Python is a thousand times too slow. All
stretches are cut into rows that are worked on side by side; a row's checksum is shifted on by the length of the next.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["crc32c", "masked", "mismatches"]

_POLYNOMIAL = 0x82F63B78
_ROW = 128
_BATCH = 1 << 21
"""Bytes that are worked on together: as much as stays in the cache."""


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
    wrong: set[int] = set()
    begin = size = 0
    for number, (start, end, _) in enumerate(stretches):
        size += -(-(end - start) // _ROW) * _ROW
        if size >= _BATCH or number == len(stretches) - 1:
            part = stretches[begin : number + 1]
            for index, crc in enumerate(_batch(data, part)):
                if masked(crc) != part[index][2]:
                    wrong.add(begin + index)
            begin, size = number + 1, 0
    return wrong


def _batch(data: bytes, stretches: Sequence[tuple[int, int, int]]) -> Iterator[int]:
    counts = [-(-(end - start) // _ROW) for start, end, _ in stretches]
    rows = bytearray(sum(counts) * _ROW)
    at = 0
    for (start, end, _), count in zip(stretches, counts, strict=True):
        # Zeros in front change nothing where a checksum starts as 0, and to start as all ones is to flip four bytes.
        at += count * _ROW
        low = at - (end - start)
        rows[low:at] = data[start:end]
        ones = min(4, end - start)
        rows[low : low + ones] = bytes(byte ^ 0xFF for byte in rows[low : low + ones])
    sums = _rows(np.frombuffer(rows, "<u2").reshape(-1, _ROW // 2)).tolist()
    zero, one, two, three = _shifts()
    first = 0
    for (start, end, _), count in zip(stretches, counts, strict=True):
        crc = 0
        for each in sums[first : first + count]:
            crc = zero[crc & 0xFF] ^ one[crc >> 8 & 0xFF] ^ two[crc >> 16 & 0xFF] ^ three[crc >> 24] ^ each
        first += count
        yield crc ^ 0xFFFFFFFF if end - start >= 4 else crc32c(data[start:end])


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
def _shifts() -> tuple[tuple[int, ...], ...]:
    """What a row of zeros makes of a checksum, by each of its bytes."""
    words = _words()
    crc = np.concatenate([np.arange(256, dtype=np.uint32) << shift for shift in (0, 8, 16, 24)])
    for _ in range(_ROW // 2):
        crc = crc >> 16 ^ words[crc & 0xFFFF]
    values = crc.tolist()
    return tuple(tuple(values[low : low + 256]) for low in range(0, 1024, 256))
