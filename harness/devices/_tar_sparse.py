"""The maps of sparse files in tar archives: which runs of a file are stored; the rest is zeros.

Source: GNU tar manual, "Storing Sparse Files": the old GNU form, and the pax forms 0.1 and 1.0.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.devices._contents import Chunk, Mapped

__all__ = ["Sparse", "gnu_map", "pax_map"]

_BLOCK = 512
_MOST = 100_000
"""Runs in one file."""
_LONGEST_MAP = 4 << 20
_NUMBER = re.compile(rb"([0-9]{1,18})\n")


@dataclass(frozen=True, slots=True)
class Sparse:
    """How a sparse file is put together."""

    chunks: tuple[Chunk, ...]
    size: int
    """Of the file with its holes."""
    damaged: bool = False


_DAMAGED = Sparse((), 0, damaged=True)


def gnu_map(data: Mapped, header: bytes, at: int) -> tuple[Sparse, int]:
    """The map in a GNU header and the blocks behind it, and where the bytes of the file begin."""
    numbers = _octals(header[386:482])
    more = header[482]
    while more and len(numbers) < 2 * _MOST and at + _BLOCK <= len(data):
        block = bytes(data[at : at + _BLOCK])
        numbers += _octals(block[:504])
        more = block[504]
        at += _BLOCK
    size = _octals(header[483:495])
    return (_DAMAGED if more or not size else _sparse(numbers, at, size[0])), at


def pax_map(data: Mapped, said: Mapping[str, bytes], start: int, stored: int) -> Sparse:
    """The map that pax records tell of."""
    size = said.get("GNU.sparse.realsize") or said.get("GNU.sparse.size") or b""
    if not (size.isdigit() and len(size) <= 18):
        return _DAMAGED
    if said.get("GNU.sparse.major") == b"1":
        head = bytes(data[start : start + min(stored, _LONGEST_MAP)])
        numbers, end = _leading_numbers(head)
        return _sparse(numbers, start + -(-end // _BLOCK) * _BLOCK, int(size))
    parts = said.get("GNU.sparse.map", b"").split(b",", 2 * _MOST)
    if not all(part.isdigit() and len(part) <= 18 for part in parts):
        return _DAMAGED
    return _sparse([int(part) for part in parts], start, int(size))


def _octals(text: bytes) -> list[int]:
    """Pairs of 12-byte numbers, octal or base 256, up to the first that is empty."""
    numbers: list[int] = []
    for at in range(0, len(text), 12):
        part = text[at : at + 12]
        digits = part.strip(b" \0")
        if part[0] == 0x80:
            numbers.append(int.from_bytes(part[1:], "big"))
        elif digits.isdigit() and not digits.translate(None, b"01234567"):
            numbers.append(int(digits, 8))
        else:
            break
    return numbers


def _leading_numbers(head: bytes) -> tuple[list[int], int]:
    count = _NUMBER.match(head)
    numbers: list[int] = []
    end = count.end() if count else 0
    for _ in range(2 * min(int(count[1]), _MOST) if count else 0):
        found = _NUMBER.match(head, end)
        if found is None:
            break
        numbers.append(int(found[1]))
        end = found.end()
    return numbers, end


def _sparse(numbers: Iterable[int], start: int, size: int) -> Sparse:
    numbers = list(numbers)
    chunks: list[Chunk] = []
    end = 0
    for target, length in zip(numbers[::2], numbers[1::2], strict=False):
        if target < end or target + length > size:
            return _DAMAGED
        chunks.append(Chunk(start, target, length))
        start, end = start + length, target + length
    return Sparse(tuple(chunks), size, damaged=not numbers or len(numbers) % 2 == 1)
