"""The table of an app's resources, `resources.arsc`: what a number like `@0x7f140001` stands for.

Specification: AOSP, libs/androidfw ResourceTypes.h: ResTable_package, ResTable_type, ResTable_entry, ResTable_map.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from harness.errors import FormatError
from harness.formats._tokens import Role, Token
from harness.formats.axml.attributes import STRING, Typed, typed_value
from harness.formats.axml.pool import POOL, StringPool
from harness.limits import Budget, Limits
from harness.model import Scalar, Step

__all__ = ["TABLE", "ResourceTable"]

TABLE = 0x0002
"""Type of the chunk."""
_PACKAGE, _TYPE = 0x0200, 0x0201
_CHUNK = struct.Struct("<HHI")
_SPARSE, _NARROW = 1, 2
_COMPLEX, _COMPACT = 1, 8
_NO_ENTRY, _NO_NARROW = 0xFFFFFFFF, 0xFFFF
_VALUE = struct.Struct("<HBBI")
_MAP = struct.Struct("<IHBBI")
_BATCH = 4096
"""Entries that are at hand together."""


class _Package(NamedTuple):
    """Where the names of one package's resources are."""

    number: int
    types: StringPool | None
    keys: StringPool | None


class ResourceTable:
    """Reads one table.

    Raises:
        FormatError: it has no pool of strings.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        if len(data) < 12 + _CHUNK.size:
            raise FormatError("is too short for a table of resources")
        _, self._first, size = _CHUNK.unpack_from(data, 0)
        self.end = min(size, len(data))
        """Of the table; what follows is not of it."""
        self._is_cut = size > len(data)
        self.pool, self.pool_span = self._strings(max(self._first, 12), self.end)
        self.texts: dict[int, int] = {}
        """Of values that were gone through, where each stands, and the number of its string."""
        self.names: set[int] = set()
        """Strings that are names: those of resources are in pools of their own."""

    def _strings(self, start: int, end: int) -> tuple[StringPool, tuple[int, int]]:
        for kind, low, high in self._chunks(start, end):
            if kind == POOL:
                return StringPool(self._data, low, high), (low, high)
        raise FormatError("has no pool of strings")

    def _chunks(self, at: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Type, begin and end of each."""
        while at < end:
            if at + _CHUNK.size > end:
                raise FormatError(f"ends in the middle of a chunk at byte {at}")
            kind, header, size = _CHUNK.unpack_from(self._data, at)
            if size < _CHUNK.size or header > size or at + size > end:
                raise FormatError(f"a chunk that is larger than what it is in at byte {at}")
            yield kind, at, at + size
            at += size

    def tokens(self) -> Iterator[Token]:
        """Every value, in the order of its bytes.

        Raises:
            FormatError: from the first fault on.
        """
        left = Budget(what="values of resources", left=len(self._data) + 1024)
        for kind, start, end in self._chunks(max(self._first, 12), self.end):
            if kind == _PACKAGE:
                yield from self._package(start, end, left)
        if self._is_cut:
            raise FormatError("ends before it says")

    def _package(self, start: int, end: int, left: Budget) -> Iterator[Token]:
        _, header, _ = _CHUNK.unpack_from(self._data, start)
        if header < 284:
            raise FormatError(f"a package whose header is too short at byte {start}")
        number, types, _, keys = struct.unpack_from("<I256xIII", self._data, start + 8)
        pools = {low - start: StringPool(self._data, low, high) for _, low, high in self._pools(start + header, end)}
        package = _Package(number & 0xFF, pools.get(types), pools.get(keys))
        count = 0
        for kind, low, high in self._chunks(start + header, end):
            if kind == _TYPE:
                yield from self._entries(package, low, high, left, count)
                count += 1

    def _pools(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        return (each for each in self._chunks(start, end) if each[0] == POOL)

    def _entries(self, package: _Package, start: int, end: int, left: Budget, count: int) -> Iterator[Token]:
        """The values of one type for one kind of device."""
        if end - start < 24:
            raise FormatError(f"a type that is cut off at byte {start}")
        header = _CHUNK.unpack_from(self._data, start)[1]
        number, flags, _, entries, first = struct.unpack_from("<BBHII", self._data, start + 8)
        title = (package.types.text(number - 1) if package.types else None) or f"type {number}"
        config = self._config(start + 20, min(start + header, end), count)
        at = 0
        for index, where in self._offsets(start + header, flags, entries, end):
            low = start + first + where
            if low < at:
                continue  # two entries on the same bytes: the first has told them
            above = (f"@0x{package.number:02x}{number:02x}{index:04x}", title, *config)
            for token in self._entry(package, low, end, above, left):
                yield token
                at = token.end

    def _offsets(self, at: int, flags: int, count: int, end: int) -> Iterator[tuple[int, int]]:
        """Number and place of each entry that there is, by place."""
        is_sparse = bool(flags & _SPARSE)
        width = 2 if flags & _NARROW and not is_sparse else 4
        if at + width * count > end:
            raise FormatError(f"a list of resources that is larger than its chunk at byte {at}")
        halves = np.frombuffer(self._data, "<u2", width * count // 2, at)
        if is_sparse:
            numbers, places = halves[::2].astype(np.int64), halves[1::2].astype(np.int64) * 4
        else:
            wide = halves.astype(np.int64) if width == 2 else np.frombuffer(self._data, "<u4", count, at)
            numbers = np.flatnonzero(wide != (_NO_NARROW if width == 2 else _NO_ENTRY))
            places = wide[numbers].astype(np.int64) * (4 if width == 2 else 1)
        order = np.argsort(places, kind="stable")
        for low in range(0, len(order), _BATCH):
            batch = order[low : low + _BATCH]
            yield from zip(numbers[batch].tolist(), places[batch].tolist(), strict=True)

    def _config(self, at: int, end: int, count: int) -> tuple[str, ...]:
        """Nothing where the entries are for all devices; a language, or the number of the chunk."""
        size = int.from_bytes(self._data[at : at + 4], "little")
        held = self._data[at + 4 : min(at + size, end)]
        if not any(held):
            return ()
        language, country = held[4:6], held[6:8]
        is_locale = language.isalpha() and language.isascii() and not any(held[:4]) and not any(held[8:])
        if is_locale and (not any(country) or country.isalnum()):
            return (language.decode() + (f"-{country.decode('latin-1')}" if any(country) else ""),)
        return (f"variant {count}",)

    def _entry(self, package: _Package, at: int, end: int, above: tuple[Step, ...], left: Budget) -> Iterator[Token]:
        if at + 8 > end:
            raise FormatError(f"a resource outside of its chunk at byte {at}")
        size, flags, key = struct.unpack_from("<HHI", self._data, at)
        if flags & _COMPACT:
            name = self._name(package, size)
            yield self._token(at + 4, at + 8, (*above, name), Typed(flags >> 8, key), left)
            return
        name = self._name(package, key)
        if not flags & _COMPLEX:
            if at + size + _VALUE.size > end or size < 8:
                raise FormatError(f"a resource outside of its chunk at byte {at}")
            _, _, kind, value = _VALUE.unpack_from(self._data, at + size)
            yield self._token(at + size, at + size + _VALUE.size, (*above, name), Typed(kind, value), left)
            return
        yield from self._items(at, end, (*above, name), left)

    def _items(self, at: int, end: int, above: tuple[Step, ...], left: Budget) -> Iterator[Token]:
        """The parts of a resource that has several: of an array, a style, plurals."""
        if at + 16 > end:
            raise FormatError(f"a resource outside of its chunk at byte {at}")
        size = int.from_bytes(self._data[at : at + 2], "little")
        count = int.from_bytes(self._data[at + 12 : at + 16], "little")
        if size < 16 or at + size + _MAP.size * count > end:
            raise FormatError(f"a resource outside of its chunk at byte {at}")
        for index in range(count):
            low = at + size + _MAP.size * index
            _, _, _, kind, value = _MAP.unpack_from(self._data, low)
            yield self._token(low, low + _MAP.size, (*above, index), Typed(kind, value), left)

    @staticmethod
    def _name(package: _Package, key: int) -> str:
        return (package.keys.text(key) if package.keys else None) or f"name {key}"

    def _token(self, start: int, end: int, steps: tuple[Step, ...], typed: Typed, left: Budget) -> Token:
        left.spend()
        value: Scalar = None
        if typed.kind == STRING:
            self.texts[start] = typed.data
            value = self.pool.text(typed.data)
        else:
            value = typed_value(typed)
        return Token(start, end, steps, Role.VALUE, value)
