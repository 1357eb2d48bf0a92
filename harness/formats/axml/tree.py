"""The elements of a compiled document, from its chunks. Specification: AOSP, libs/androidfw ResourceTypes.h."""

import struct
from collections.abc import Iterator

from harness.errors import FormatError, LimitError
from harness.formats._elements import Element, Item
from harness.formats._markup import Kind
from harness.formats.axml.attributes import STRING, Typed, attribute_name, typed_value
from harness.formats.axml.pool import POOL, StringPool
from harness.limits import Budget, Limits
from harness.model import Scalar

__all__ = ["CHUNK", "Tree"]

CHUNK = struct.Struct("<HHI")
_MAP, _SPACE, _OPEN, _CLOSE, _TEXT = 0x0180, 0x0100, 0x0102, 0x0103, 0x0104
_NODE = 16
"""Bytes of the header of a node; its own fields follow."""
_EXTENT = struct.Struct("<IIHHH")
_ATTRIBUTE = struct.Struct("<IIIHBBI")


class Tree:
    """One compiled document.

    Raises:
        FormatError: it has no pool of strings.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        if len(data) < 2 * CHUNK.size:
            raise FormatError("is too short for a compiled XML document")
        _, header, size = CHUNK.unpack_from(data, 0)
        self._first = max(header, CHUNK.size)
        self.end = min(size, len(data))
        """Of the document; what follows is not of it."""
        self.is_cut = size > len(data)
        self.pool, self.pool_span = self._pool()
        self.texts: dict[int, int] = {}
        """Of attributes and texts that were gone through, where each stands, and the number of its string."""
        self.names: set[int] = set()
        """Strings that are names."""

    def _pool(self) -> tuple[StringPool, tuple[int, int]]:
        for kind, start, end in self._chunks():
            if kind == POOL:
                return StringPool(self._data, start, end), (start, end)
        raise FormatError("has no pool of strings")

    def _chunks(self) -> Iterator[tuple[int, int, int]]:
        """Type, begin and end of each."""
        at = self._first
        while at < self.end:
            if at + CHUNK.size > self.end:
                raise FormatError(f"ends in the middle of a chunk at byte {at}")
            kind, header, size = CHUNK.unpack_from(self._data, at)
            if size < CHUNK.size or header > size or at + size > self.end:
                raise FormatError(f"a chunk that is larger than the document at byte {at}")
            yield kind, at, at + size
            at += size

    def elements(self) -> Iterator[Element]:
        """Every element, attribute and text.

        Raises:
            FormatError: from the first fault on.
        """
        pending: Element | None = None
        try:
            for element in self._balanced():
                if element.kind is Kind.CLOSE and pending is not None:
                    yield pending._replace(kind=Kind.LEAF, end=element.end)
                    pending = None
                elif element.kind is Kind.TEXT and pending is not None and pending.text is None:
                    pending = pending._replace(text=element.text)
                else:
                    yield from _opened(pending)
                    pending = element if element.kind is Kind.OPEN else None
                    if pending is None:
                        yield element
        except FormatError:
            yield from _opened(pending)  # what came before the fault counts
            raise

    def _balanced(self) -> Iterator[Element]:
        """The nodes, as long as each end has its element."""
        depth = 0
        for element in self._nodes():
            depth += (element.kind is Kind.OPEN) - (element.kind is Kind.CLOSE)
            if depth < 0:
                raise FormatError(f"an end without its element at byte {element.start}")
            if depth > self._limits.structure_depth:
                raise LimitError(f"more than {self._limits.structure_depth} elements within each other")
            yield element
        if depth or self.is_cut:
            raise FormatError("ends before its last element does, or before it says")

    def _nodes(self) -> Iterator[Element]:
        numbers: list[int] = []
        budget = Budget(what="characters of shared strings", left=self._limits.expanded_bytes)
        for kind, start, end in self._chunks():
            if kind == _MAP:
                count = (end - start - CHUNK.size) // 4
                numbers = list(struct.unpack_from(f"<{count}I", self._data, start + CHUNK.size))
            elif kind == _SPACE and end - start >= _NODE + 8:
                self.names.update(struct.unpack_from("<II", self._data, start + _NODE))
            elif kind in {_OPEN, _CLOSE, _TEXT}:
                element = self._node(kind, start, end, numbers)
                budget.spend(sum(len(item.value) for item in element.items if isinstance(item.value, str)))
                yield element

    def _node(self, kind: int, start: int, end: int, numbers: list[int]) -> Element:
        body = start + max(_NODE, CHUNK.unpack_from(self._data, start)[1])
        if body + 8 > end:
            raise FormatError(f"an element that is larger than its chunk at byte {start}")
        first, second = struct.unpack_from("<II", self._data, body)
        if kind == _TEXT:
            self.texts[body] = first
            return Element(Kind.TEXT, "", start, end, (), Item("", body, body + 4, self.pool.text(first)))
        self.names.update((first, second))
        title = self.pool.text(second) or f"element-{second}"
        if kind == _CLOSE:
            return Element(Kind.CLOSE, title, start, end)
        return Element(Kind.OPEN, title, start, end, tuple(self._attributes(body, end, numbers)))

    def _attributes(self, body: int, end: int, numbers: list[int]) -> Iterator[Item]:
        if body + _EXTENT.size > end:
            raise FormatError(f"an element that is larger than its chunk at byte {body}")
        _, _, first, size, count = _EXTENT.unpack_from(self._data, body)
        if not count:
            return
        if size < _ATTRIBUTE.size or first < _EXTENT.size or body + first + size * count > end:
            raise FormatError(f"attributes outside of their element at byte {body}")
        for at in range(body + first, body + first + size * count, size):
            space, name, raw, _, _, kind, data = _ATTRIBUTE.unpack_from(self._data, at)
            self.names.update((space, name))
            title = attribute_name(self.pool.text(name) or "", numbers[name] if name < len(numbers) else 0)
            value = self._value(at, Typed(kind, data))
            if kind != STRING and value is not None and self.pool.text(raw) == str(value):
                self.names.add(raw)  # a number, as somebody wrote it
            yield Item(title, at, at + size, value)

    def _value(self, at: int, typed: Typed) -> Scalar:
        if typed.kind != STRING:
            return typed_value(typed)
        self.texts[at] = typed.data
        return self.pool.text(typed.data)


def _opened(pending: Element | None) -> Iterator[Element]:
    """An element that was held back until it was known that it holds others."""
    if pending is not None:
        yield pending._replace(text=None)
        if pending.text is not None:
            yield Element(Kind.TEXT, "", pending.text.start, pending.text.end, (), pending.text)
