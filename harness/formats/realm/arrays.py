"""Realm's only building block: arrays of eight header bytes and packed elements, of which refs make trees."""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.errors import FormatError

__all__ = ["ALIGNMENT", "HEADER", "MARK", "Arrays", "Node", "Scheme", "is_ref"]

HEADER = 24
"""Bytes before the first array: two tops, a mark, two versions and flags."""
MARK = b"AAAA"
ALIGNMENT = 8
_MOST = 1 << 12
"""Elements of one leaf; real writers stop at 1000. More would let eight bytes say that there are sixteen million."""
_CODES = {8: "b", 16: "h", 32: "i", 64: "q"}


class Scheme:
    """How the size of an array is counted."""

    BITS, BYTES, BLOB = range(3)


class Node(NamedTuple):
    """The header of an array, understood."""

    ref: int
    width: int
    size: int
    scheme: int
    is_inner: bool
    has_refs: bool
    is_context: bool

    @property
    def start(self) -> int:
        return self.ref + ALIGNMENT

    @property
    def length(self) -> int:
        """Bytes behind the header."""
        if self.scheme == Scheme.BITS:
            return (self.size * self.width + 7) // 8
        return self.size * self.width if self.scheme == Scheme.BYTES else self.size

    @property
    def end(self) -> int:
        return self.start + self.length


def is_ref(number: int) -> bool:
    """Whether an element of an array of refs is one: odd ones are numbers, zero is nothing."""
    return number > 0 and not number & 1


@dataclass(slots=True)
class Arrays:
    """The arrays of one file, and which of them were met."""

    data: bytes = field(repr=False)
    claimed: dict[int, int] = field(default_factory=dict)
    """Where each that was met begins and ends."""

    def node(self, ref: int) -> Node:
        """The array at `ref`.

        Raises:
            FormatError: there is none, or it does not end within the file.
        """
        data = self.data
        if ref < HEADER or ref % ALIGNMENT or data[ref : ref + 4] != MARK or ref + ALIGNMENT > len(data):
            raise FormatError(f"no array at byte {ref}")
        flags = data[ref + 4]
        node = Node(
            ref,
            (1 << (flags & 7)) >> 1,
            int.from_bytes(data[ref + 5 : ref + 8], "big"),
            flags >> 3 & 3,
            bool(flags & 0x80),
            bool(flags & 0x40),
            bool(flags & 0x20),
        )
        if node.end > len(data) or node.scheme > Scheme.BLOB:
            raise FormatError(f"an array that is cut off at byte {ref}")
        return node

    def claim(self, ref: int) -> Node:
        """The array at `ref`, which now counts as met."""
        node = self.node(ref)
        self.claimed[ref] = min(len(self.data), -(-node.end // ALIGNMENT) * ALIGNMENT)
        return node

    def is_new(self, ref: int) -> bool:
        return ref not in self.claimed

    def numbers(self, node: Node, *, signed: bool = True) -> tuple[int, ...]:
        """The elements of an array of whole numbers.

        Raises:
            FormatError: it holds something else, or more than anybody writes.
        """
        if node.scheme != Scheme.BITS:
            raise FormatError(f"no array of numbers at byte {node.ref}")
        if node.size > _MOST:
            raise FormatError(f"an array of too many numbers at byte {node.ref}")
        if node.width >= 8:
            code = _CODES[node.width]
            return struct.unpack_from(f"<{node.size}{code if signed else code.upper()}", self.data, node.start)
        if not node.width:
            return (0,) * node.size
        mask, each = (1 << node.width) - 1, 8 // node.width
        octets = self.data[node.start : node.end]
        return tuple(octets[n // each] >> n % each * node.width & mask for n in range(node.size))

    def refs(self, ref: int, least: int = 0) -> tuple[int, ...]:
        """The elements of an array of refs, of which there are at least so many; it counts as met.

        Raises:
            FormatError: it is something else.
        """
        node = self.claim(ref)
        if not node.has_refs or node.size < least:
            raise FormatError(f"no array of {least} refs at byte {ref}")
        return self.numbers(node)

    def span(self, node: Node, number: int) -> tuple[int, int]:
        """The bytes of an element; of several that share a byte, the first has it."""
        first = number * node.width
        start = node.start + first // 8
        if not node.width:
            return node.ref, node.ref
        return (start, start + max(1, node.width // 8)) if first % 8 == 0 else (start, start)
