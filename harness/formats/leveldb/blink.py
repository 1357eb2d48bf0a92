"""What web pages put into IndexedDB: V8's serialisation in Blink's wrapping, as leaves with their bytes."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from harness.encodings import snappy
from harness.encodings.varint import varint
from harness.errors import FormatError
from harness.formats.leveldb.leaves import Leaf
from harness.limits import Limits
from harness.model import Scalar, Step

__all__ = ["read_object"]

_MARK = 0xFF
_TRAILER = 0xFE
"""Where a list of what an object refers to is told; 12 bytes follow."""
_WRAPPED, _COMPRESSED = 0x11, 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONSTANTS: dict[int, Scalar] = {ord("0"): None, ord("_"): None, ord("T"): True, ord("F"): False}
_OBJECTS = {ord("y"): True, ord("x"): False}


def read_object(data: bytes, start: int, end: int, limits: Limits) -> list[Leaf]:
    """The leaves of a stored object, under the names of its properties.

    Raises:
        FormatError: it is none, or holds what is not known.
    """
    if data[start : start + 3] == bytes((_MARK, _WRAPPED, _COMPRESSED)):
        content = snappy.decompress(data, start + 3, end, limits.piece_bytes)
        inner = _Reader(content, 0, len(content), limits).leaves()
        # None of its bytes stands in the file: each byte of what does stands for one leaf, the last for the rest.
        last = len(inner) - 1
        spots = [(min(start + n, end - 1), end if n == last else min(start + n + 1, end)) for n in range(len(inner))]
        return [leaf._replace(start=a, end=b, codec="") for leaf, (a, b) in zip(inner, spots, strict=True)]
    return _Reader(data, start, end, limits).leaves()


class _Reader:
    """One walk over one object."""

    def __init__(self, data: bytes, start: int, end: int, limits: Limits) -> None:
        self.data = data
        self.at = start
        self.begin = start
        self.end = end
        self.depth = limits.structure_depth
        self.version = 0

    def leaves(self) -> list[Leaf]:
        """All of them.

        Raises:
            FormatError: from the first byte on that is not known.
        """
        try:
            self._header()
            return list(self._value((), 0))
        except (IndexError, struct.error, UnicodeDecodeError) as error:
            raise FormatError("a stored object is damaged") from error

    def _header(self) -> None:
        if self.data[self.at] != _MARK:
            raise FormatError("no stored object begins here")
        while self.data[self.at] == _MARK:
            self.at += 1
            self.version = self._number()
            if self.data[self.at] == _TRAILER:
                self.at += 13

    def _number(self) -> int:
        value, self.at = varint(self.data, self.at, self.end)
        if value < 0:
            raise FormatError("a stored object is damaged")
        return value

    def _tag(self) -> int:
        while self.at < self.end:
            tag = self.data[self.at]
            self.at += 1
            if tag:
                return tag
        raise FormatError("a stored object is cut off")

    def _take(self, size: int) -> int:
        start = self.at
        if size > self.end - start:
            raise FormatError("a stored object is cut off")
        self.at += size
        return start

    def _value(self, steps: tuple[Step, ...], depth: int) -> Iterator[Leaf]:
        begin = self.at
        tag = self._tag()
        letter = chr(tag)
        if depth > self.depth:
            raise FormatError("objects within each other are deeper than the limit allows")
        if tag in _CONSTANTS:
            yield Leaf(steps, _CONSTANTS[tag], begin, self.at)
        elif tag in _OBJECTS:
            yield Leaf(steps, _OBJECTS[tag], begin, self.at)
        elif letter in '"cS':
            yield self._text(steps, letter)
        elif letter in "IUNDnZz":
            yield Leaf(steps, self._scalar(letter), begin, self.at)
        elif letter == "s":
            yield from self._value(steps, depth + 1)
        elif letter in "^?":
            self._number()
            if letter == "?":  # an older writer counts objects before each
                yield from self._value(steps, depth)
        elif letter in "BV~":
            yield from self._buffer(steps, letter)
        elif letter == "R":
            yield from self._value(steps, depth + 1)
            self._number()
        else:
            yield from self._container(steps, letter, depth + 1)

    def _text(self, steps: tuple[Step, ...], letter: str) -> Leaf:
        size = self._number()
        start = self._take(size)
        codec = {'"': "latin-1", "c": "utf-16-le", "S": "utf-8"}[letter]
        return Leaf(steps, self.data[start : self.at].decode(codec, "surrogatepass"), start, self.at, codec)

    def _scalar(self, letter: str) -> Scalar:
        if letter == "I":
            value = self._number()
            return value >> 1 ^ -(value & 1)
        if letter == "U":
            return self._number()
        if letter in "Zz":
            bits = self._number()
            start = self._take(bits >> 1)
            value = int.from_bytes(self.data[start : self.at], "little")
            return -value if bits & 1 else value
        number: float = struct.unpack_from("<d", self.data, self._take(8))[0]
        if letter != "D":
            return number
        try:
            return _EPOCH + timedelta(milliseconds=number)
        except (OverflowError, ValueError):
            return number

    def _buffer(self, steps: tuple[Step, ...], letter: str) -> Iterator[Leaf]:
        if letter == "V":
            self.at += 1
            for _ in range(3 if self.version >= 14 else 2):
                self._number()
            return
        size = self._number()
        if letter == "~":
            self._number()
        start = self._take(size)
        yield Leaf(steps, self.data[start : self.at], start, self.at, "bytes")

    def _container(self, steps: tuple[Step, ...], letter: str, depth: int) -> Iterator[Leaf]:
        if letter in "oa":
            if letter == "a":
                self._number()
            yield from self._properties(steps, "{" if letter == "o" else "@", depth)
            self._counts(letter)
        elif letter == "A":
            for number in range(self._number()):
                if self.data[self.at] == ord("-"):
                    self.at += 1
                    continue
                yield from self._value((*steps, number), depth)
            yield from self._properties(steps, "$", depth)
            self._counts(letter)
        elif letter == ";":
            yield from self._properties(steps, ":", depth)
            self._number()
        elif letter == "'":
            number = 0
            while self.data[self.at] != ord(","):
                yield from self._value((*steps, number), depth)
                number += 1
            self.at += 1
            self._number()
        else:
            raise FormatError("a stored object holds what is not known")

    def _counts(self, letter: str) -> None:
        self._number()
        if letter != "o":
            self._number()

    def _properties(self, steps: tuple[Step, ...], stop: str, depth: int) -> Iterator[Leaf]:
        """Names with their values, up to the tag that ends them."""
        while True:
            while self.data[self.at] == 0:
                self.at += 1
            if self.data[self.at] == ord(stop):
                self.at += 1
                return
            names = list(self._value((), depth))
            name = names[0].value if len(names) == 1 else "?"
            yield from self._value((*steps, name if isinstance(name, int) and name >= 0 else str(name)), depth)
