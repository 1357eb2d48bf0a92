"""Rows of sixteen hex digits that may begin as one of many do, found by array operations.

Whatever its place, such a row has nine digits that begin at an eighth byte. One byte in eight is looked at, and the
others of a block of eight only where that one and the next are digits; what is left goes through sieves, which are
bitmaps of the digits that are looked for, mixed. Two of them let one block in a thousand pass.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from harness.model import Buffer

__all__ = ["BLOCK", "Sieve", "find", "sieves"]

Octets: TypeAlias = npt.NDArray[np.uint8]
Words: TypeAlias = npt.NDArray[np.uint64]
Flags: TypeAlias = npt.NDArray[np.bool_]

BLOCK = 8
_ROW = 16
_CHUNK = 1 << 18
_EACH = 0x0101010101010101
_MIXERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
"""Odd numbers whose bits are well spread."""
_BITS = 20


class Sieve(NamedTuple):
    """One bitmap, and how digits are mixed for it."""

    mixer: int
    bitmap: Flags

    def __repr__(self) -> str:
        return f"Sieve({self.bitmap.sum()} of {len(self.bitmap)})"


def sieves(rows: Iterable[bytes]) -> tuple[Sieve, ...]:
    """For rows of sixteen digits each: any block of eight that is the first in one passes."""
    digits = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, _ROW)
    made = []
    for mixer in _MIXERS:
        bitmap = np.zeros(1 << _BITS, np.bool_)
        for place in range(BLOCK):
            bitmap[_mixed(np.ascontiguousarray(digits[:, place : place + BLOCK]).view(np.uint64)[:, 0], mixer)] = True
        made.append(Sieve(mixer, bitmap))
    return tuple(made)


def find(buffer: Buffer, length: int, through: Sequence[Sieve]) -> Iterator[int]:
    """The first eighth byte of each row that may be one, ascending."""
    octets = np.frombuffer(buffer, np.uint8, length)
    for start in range(0, length, _CHUNK):
        for block in _blocks(octets[start : start + _CHUNK + BLOCK], through).tolist():
            yield start + block


def _blocks(octets: Octets, through: Sequence[Sieve]) -> npt.NDArray[np.int64]:
    edges = _is_digit(octets[::BLOCK])
    blocks = np.flatnonzero(edges[:-1] & edges[1:])
    words = octets[: len(octets) // BLOCK * BLOCK].view(np.uint64)[blocks]
    digits = _are_digits(words)
    blocks, words = blocks[digits], words[digits]
    for sieve in through:
        kept = sieve.bitmap[_mixed(words, sieve.mixer)]
        blocks, words = blocks[kept], words[kept]
    return np.asarray(blocks * BLOCK, np.int64)


def _is_digit(octets: Octets) -> Flags:
    return np.asarray(((octets | np.uint8(32)) - np.uint8(97) < 6) | (octets - np.uint8(48) < 10), np.bool_)


def _are_digits(words: Words) -> Flags:
    """Whether all eight bytes of a word are hex digits; a few control characters pass for digits."""
    high = np.uint64(0x80 * _EACH)
    marked = words | np.uint64(0x20 * _EACH) | high
    bounds = [marked - np.uint64(bound * _EACH) for bound in (0x30, 0x3A, 0x61, 0x67)]
    within = (bounds[0] & ~bounds[1]) | (bounds[2] & ~bounds[3])
    return np.asarray((within & high & ~words) == high, np.bool_)


def _mixed(words: Words, mixer: int) -> Words:
    """Twenty bits of the digits of each word, in either case."""
    values = (words & np.uint64(0x0F * _EACH)) + ((words >> np.uint64(6)) & np.uint64(_EACH)) * np.uint64(9)
    return np.asarray((values * np.uint64(mixer)) >> np.uint64(64 - _BITS), np.uint64)
