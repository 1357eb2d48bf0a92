"""The checksum of the write-ahead log, as one product instead of a loop over words.

`s0 += x0 + s1; s1 += x1 + s0` is linear modulo 2^32: after n pairs of words, each word and each of the two sums
before counts as often as a Fibonacci number says.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Checksum", "Sums"]

Sums = tuple[int, int]
_WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Checksum:
    """The checksum over a fixed number of words, in one byte order."""

    order: str
    """Of the words, as numpy writes it: `<u4` or `>u4`."""
    weights: npt.NDArray[np.uint32]
    carry: tuple[Sums, Sums]
    """How the two sums before count in the two sums after."""

    @classmethod
    def over(cls, size: int, *, big_endian: bool) -> "Checksum":
        """The checksum over `size` bytes, a multiple of eight."""
        pairs = size // 8
        fibonacci = [0, 1]
        for _ in range(2 * pairs):
            fibonacci.append((fibonacci[-1] + fibonacci[-2]) & _WORD)
        # The words of pair i are 2 * (pairs - 1 - i) steps from the end.
        falling = np.array(fibonacci[2 * pairs :: -1], np.uint32)
        weights = np.empty((2, 2 * pairs), np.uint32)
        weights[0] = falling[1:]
        weights[1] = falling[:-1]
        last, before = fibonacci[2 * pairs], fibonacci[2 * pairs - 1] if pairs else 1
        return cls(">u4" if big_endian else "<u4", weights, ((before, last), (last, (last + before) & _WORD)))

    def after(self, before: Sums, data: bytes) -> Sums:
        """The sums after `data`."""
        first, second = (int(total) for total in self.weights @ np.frombuffer(data, self.order).astype(np.uint32))
        one, two = before
        (a, b), (c, d) = self.carry
        return (a * one + b * two + first) & _WORD, (c * one + d * two + second) & _WORD
