"""What both kinds of LevelDB files come down to: chunks of decoded bytes, the entries in them, and the way back."""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.encodings.snappy import elements

__all__ = ["Chunk", "Direct", "Entry", "Opaque", "Packed", "Pieced", "Way"]


class Entry(NamedTuple):
    """One key with what was done to it."""

    key: bytes
    sequence: int
    """Later is newer."""
    is_put: bool
    """Else it was deleted."""
    key_start: int
    """Where what is stored of the key begins; in a table it may lack the begin that it shares with the one before."""
    key_end: int
    start: int
    """Of the value."""
    end: int

    def __repr__(self) -> str:
        return f"Entry({self.sequence}, {self.start}, {self.end})"


class Way(ABC):
    """Between the bytes of a chunk and those of the file."""

    @abstractmethod
    def outward(self, at: int) -> int:
        """Where the file has what the chunk has at `at`."""

    @abstractmethod
    def inward(self, offset: int) -> int:
        """Where the chunk has what the file has at `offset`; -1 where it has nothing of it."""


@dataclass(frozen=True, slots=True)
class Direct(Way):
    """One stretch of the file as it is."""

    base: int

    def outward(self, at: int) -> int:
        return self.base + at

    def inward(self, offset: int) -> int:
        return offset - self.base


@dataclass(frozen=True, slots=True)
class Pieced(Way):
    """Stretches of the file, one after the other: a record that goes on in the next block."""

    segments: tuple[tuple[int, int], ...]
    """Start and end of each."""

    def outward(self, at: int) -> int:
        for start, end in self.segments:
            if at < end - start:
                return start + at
            at -= end - start
        return self.segments[-1][1] - 1

    def inward(self, offset: int) -> int:
        before = 0
        for start, end in self.segments:
            if start <= offset < end:
                return before + offset - start
            before += end - start
        return -1


class Packed(Way):
    """A block that Snappy compressed. Bytes that stand there as they are have their own place; of values that begin
    in a copy, each is given a byte that nothing stands at: of that copy, or of the next that has one to spare."""

    def __init__(self, data: bytes, start: int, end: int, values: list[int]) -> None:
        """`values` are where the values of the chunk begin, ascending."""
        self._starts, self._outs, self._literals = elements(data, start, end)
        self._byte_of: dict[int, int] = {}
        self._value_at: dict[int, int] = {}
        spare = 0
        for value in values:
            number = self._number(self._outs, value)
            if self._literals[number]:
                continue
            spare = self._spare(max(spare, self._starts[number]))
            if spare >= end:
                break
            self._byte_of.setdefault(value, spare)
            self._value_at[spare] = value
            spare += 1

    def outward(self, at: int) -> int:
        number = self._number(self._outs, at)
        if self._literals[number]:
            return self._literals[number] + at - self._outs[number]
        return self._byte_of.get(at, self._starts[number])

    def inward(self, offset: int) -> int:
        if offset < self._starts[0]:
            return -1
        number = self._number(self._starts, offset)
        literal = self._literals[number]
        if literal and offset >= literal:
            return self._outs[number] + offset - literal
        return self._value_at.get(offset, self._outs[number])

    def _number(self, bounds: list[int], at: int) -> int:
        """The element that something is in, by where each is stored or by what each stands for."""
        return max(0, min(bisect_right(bounds, at), len(self._literals)) - 1)

    def _spare(self, at: int) -> int:
        """The first byte from `at` on that does not stand for itself."""
        number = self._number(self._starts, at)
        literal = self._literals[number]
        while literal and at >= literal and number + 1 < len(self._literals):
            number += 1
            at, literal = self._starts[number], self._literals[number]
        return self._starts[-1] if literal and at >= literal else at


@dataclass(frozen=True, slots=True)
class Opaque(Way):
    """A block of which no byte has a place of its own: its first byte leads to the first value, and so on."""

    start: int
    end: int
    values: list[int] = field(repr=False)

    def outward(self, at: int) -> int:
        return self.start + max(0, min(bisect_right(self.values, at) - 1, self.end - self.start - 1))

    def inward(self, offset: int) -> int:
        return self.values[min(offset - self.start, len(self.values) - 1)] if self.values else -1


@dataclass(frozen=True, slots=True)
class Chunk:
    """Decoded bytes with the entries in them."""

    data: bytes = field(repr=False)
    entries: list[Entry] = field(repr=False)
    start: int
    """Where it stands in the file."""
    end: int
    kind: int = -1
    """How a block is compressed; -1 for a record of a log."""
    segments: tuple[tuple[int, int], ...] = ()
    """Of a record of a log: what it is pieced together of."""

    def way(self, stored: bytes, starts: Callable[[], list[int]]) -> Way:
        """Between its bytes and those of the file, `stored`; `starts` tells where its single values begin, which are
        told apart where no byte of the file is one of theirs."""
        if self.kind < 0:
            return Direct(self.segments[0][0]) if len(self.segments) == 1 else Pieced(self.segments)
        if self.kind == 0:
            return Direct(self.start)
        values = starts()
        if self.kind == 1:
            return Packed(stored, self.start, self.end, values)
        return Opaque(self.start, self.end, values)
