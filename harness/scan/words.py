"""One bit a byte, packed in 64-bit words: the arithmetic of the shape kernel.

A class of characters is one or two array operations and a pack (about 0.1 ns a byte), "followed by" is an AND with a
shifted word array (0.02 ns a byte). Bit n of a word array is byte n of the chunk.
"""

from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Chunk", "Octets", "Positions", "Words", "ahead", "behind", "followed", "pack", "positions"]

Words: TypeAlias = npt.NDArray[np.uint64]
Octets: TypeAlias = npt.NDArray[np.uint8]
Positions: TypeAlias = npt.NDArray[np.int64]

_SHIFT = tuple(np.uint64(n) for n in range(65))


class Chunk:
    """Bytes, and the classes of characters in them; each is computed when it is first asked for."""

    def __init__(self, octets: Octets) -> None:
        self.octets = octets

    def between(self, low: int, count: int) -> Words:
        """Where one of `count` values from `low` on is."""
        return pack((self.octets - np.uint8(low)) < np.uint8(count))

    def equal(self, value: int) -> Words:
        """Where this byte is."""
        return pack(self.octets == np.uint8(value))

    @cached_property
    def digits(self) -> Words:
        return self.between(48, 10)

    @cached_property
    def _lower(self) -> Octets:
        return self.octets | np.uint8(32)

    @cached_property
    def letters(self) -> Words:
        return pack((self._lower - np.uint8(97)) < np.uint8(26))

    @cached_property
    def hexadecimal(self) -> Words:
        return pack((self._lower - np.uint8(97)) < np.uint8(6)) | self.digits

    @cached_property
    def odd(self) -> Words:
        return pack((self.octets & np.uint8(1)) != 0)

    @cached_property
    def high(self) -> Words:
        """Where the second lowest bit is set."""
        return pack((self.octets & np.uint8(2)) != 0)

    @cached_property
    def capitals(self) -> Words:
        return self.letters & pack((self.octets & np.uint8(32)) == 0)

    @cached_property
    def foreign(self) -> Words:
        """Bytes that are no ASCII."""
        return pack(self.octets >= np.uint8(128))

    @cached_property
    def blanks(self) -> Words:
        return self.equal(32)

    @cached_property
    def hyphens(self) -> Words:
        return self.equal(45)

    @cached_property
    def dots(self) -> Words:
        return self.equal(46)

    @cached_property
    def signs(self) -> Words:
        """`+` and `/`, of Base64."""
        return self.equal(43) | self.slashes

    @cached_property
    def slashes(self) -> Words:
        return self.equal(47)

    @cached_property
    def colons(self) -> Words:
        return self.equal(58)

    @cached_property
    def two(self) -> Words:
        """Two digits from here on."""
        return self.digits & ahead(self.digits, 1)

    @cached_property
    def three(self) -> Words:
        return self.two & ahead(self.digits, 2)

    @cached_property
    def four(self) -> Words:
        return self.two & ahead(self.two, 2)


def pack(flags: npt.NDArray[np.bool_]) -> Words:
    """One bit a flag; the last word is padded with zeros."""
    packed = np.packbits(flags, bitorder="little")
    spare = -len(packed) % 8
    if spare:
        packed = np.concatenate([packed, np.zeros(spare, np.uint8)])
    return packed.view(np.uint64)


def ahead(words: Words, by: int) -> Words:
    """Bit n is set where bit n + `by` was."""
    out = words >> _SHIFT[by]
    out[:-1] |= words[1:] << _SHIFT[64 - by]
    return out


def behind(words: Words, by: int) -> Words:
    """Bit n is set where bit n - `by` was."""
    out = words << _SHIFT[by]
    out[1:] |= words[:-1] >> _SHIFT[64 - by]
    return out


def followed(words: Words, *steps: int) -> Words:
    """Runs: each step doubles what is known to follow."""
    for step in steps:
        words = words & ahead(words, step)
    return words


def positions(words: Words) -> Positions:
    """Of the bits that are set, ascending."""
    index = np.flatnonzero(words)
    if not len(index):
        return index
    flat = np.flatnonzero(np.unpackbits(words[index].view(np.uint8), bitorder="little"))
    return np.asarray((index[flat >> 6] << 6) + (flat & 63), np.int64)
