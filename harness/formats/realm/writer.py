"""Writes Realm files: one state, or one after another, as realm-core lays them out."""

import struct
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from harness.errors import FormatError
from harness.formats.realm.arrays import ALIGNMENT, HEADER, MARK, Scheme
from harness.formats.realm.cipher import encrypted
from harness.formats.realm.columns import DICTIONARY, LIST, NULLABLE
from harness.formats.realm.leaves import Kind

__all__ = ["Storable", "Store", "Table", "write"]

Storable: TypeAlias = (
    bool | int | float | str | bytes | datetime | uuid.UUID | tuple[str, ...] | Mapping[str, str | int] | None
)
_KINDS = {
    bool: Kind.BOOL,
    int: Kind.INT,
    float: Kind.DOUBLE,
    str: Kind.STRING,
    bytes: Kind.BINARY,
    datetime: Kind.TIMESTAMP,
    uuid.UUID: Kind.UUID,
    tuple: Kind.STRING,
    dict: Kind.MIXED,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT, _MEDIUM = 15, 63
_CLUSTERS, _COLUMNS = 24, 9


@dataclass(frozen=True, slots=True)
class Table:
    """A class of objects: names of columns, and the objects with their keys."""

    name: str
    columns: tuple[str, ...]
    objects: tuple[tuple[Storable, ...], ...] = field(repr=False)
    keys: tuple[int, ...] = ()
    """0, 1, 2 … where not given."""


@dataclass(frozen=True, slots=True)
class Store:
    """A file."""

    tables: tuple[Table, ...]
    before: tuple[Table, ...] = ()
    """The state that the newest one replaced."""
    old_layout: bool = False
    """As Realm wrote up to 5.x: whole columns instead of clusters."""
    key: bytes = field(default=b"", repr=False)
    """64 bytes; empty for a file in clear."""


def write(store: Store) -> bytes:
    """The bytes of a file.

    Raises:
        FormatError: a value is of a type that is not written.
    """
    writer = _Writer(is_old=store.old_layout)
    try:
        before = writer.state(store.before, 1) if store.before else 0
        top = writer.state(store.tables, 2)
    except (struct.error, KeyError, AttributeError, TypeError, ValueError, StopIteration) as error:
        raise FormatError("cannot be written as a Realm file") from error
    version = _COLUMNS if store.old_layout else _CLUSTERS
    header = struct.pack("<QQ4s4B", top, before, b"T-DB", version, version if before else 0, 0, 0)
    data = header + bytes(writer.data[HEADER:])
    return encrypted(data, store.key) if store.key else data


class _Writer:
    def __init__(self, *, is_old: bool) -> None:
        self.data = bytearray(HEADER)
        self._is_old = is_old

    # -- arrays ------------------------------------------------------------------------------------

    def _array(self, payload: bytes, size: int, width: int, scheme: int, flags: int = 0) -> int:
        ref = len(self.data)
        kind = flags | scheme << 3 | width.bit_length()
        self.data += MARK + bytes([kind]) + size.to_bytes(3, "big") + payload + bytes(-len(payload) % ALIGNMENT)
        return ref

    def ints(self, numbers: Sequence[int], *, flags: int = 0, signed: bool = True) -> int:
        width = _width(numbers, signed=signed)
        if width < 8:
            packed = sum(number << n * width for n, number in enumerate(numbers))
            payload = packed.to_bytes((len(numbers) * width + 7) // 8, "little")
        else:
            payload = b"".join(number.to_bytes(width // 8, "little", signed=signed) for number in numbers)
        return self._array(payload, len(numbers), width, Scheme.BITS, flags)

    def refs(self, numbers: Sequence[int], *, is_context: bool = False) -> int:
        return self.ints(numbers, flags=0x60 if is_context else 0x40)

    def blob(self, raw: bytes) -> int:
        return self._array(raw, len(raw), 1, Scheme.BLOB)

    def fixed(self, raw: Sequence[bytes], width: int) -> int:
        return self._array(b"".join(raw), len(raw), width, Scheme.BYTES)

    def texts(self, values: Sequence[str | None]) -> int:
        raw = [None if value is None else value.encode() for value in values]
        longest = max((len(each) for each in raw if each is not None), default=0)
        if longest > _SHORT:
            ended = [None if each is None else each + b"\x00" for each in raw]
            return self.blobs(ended, is_big=longest > _MEDIUM)
        width = next(width for width in (4, 8, 16) if longest < width)
        return self.fixed(
            [
                bytes(width - 1) + bytes([width])
                if each is None
                else each + bytes(width - 1 - len(each)) + bytes([width - 1 - len(each)])
                for each in raw
            ],
            width,
        )

    def blobs(self, values: Sequence[bytes | None], *, is_big: bool) -> int:
        if is_big:
            return self.refs([0 if each is None else self.blob(each) for each in values], is_context=True)
        ends, total = [], 0
        for each in values:
            total += len(each or b"")
            ends.append(total)
        joined = b"".join(each or b"" for each in values)
        nulls = [int(each is None) for each in values]
        return self.refs([self.ints(ends), self.blob(joined), self.ints(nulls)])

    def _times(self, values: Sequence[datetime | None]) -> int:
        since = [None if each is None else each - _EPOCH for each in values]
        seconds = [None if each is None else each // timedelta(seconds=1) for each in since]
        fractions = [0 if each is None else each.microseconds * 1000 for each in since]
        return self.refs([self.nullable(seconds), self.ints(fractions)])

    def nullable(self, numbers: Sequence[int | None]) -> int:
        null = (1 << 31) - 1
        return self.ints([null, *(null if number is None else number for number in numbers)])

    def _uuids(self, values: Sequence[uuid.UUID | None]) -> int:
        payload = b""
        for start in range(0, len(values), 8):
            block = values[start : start + 8]
            payload += bytes([sum(1 << n for n, each in enumerate(block) if each is None)])
            payload += b"".join(bytes(16) if each is None else each.bytes for each in block)
        return self._array(payload, len(payload), 1, Scheme.BYTES)

    def _mixed(self, values: Sequence[str | int]) -> int:
        texts: list[str] = []
        types: list[int] = []
        for value in values:
            if isinstance(value, str):
                types.append(len(texts) << 8 | 3 << 5 | Kind.STRING + 1)
                texts.append(value)
            else:
                types.append(value << 8 | Kind.INT + 1)
        strings = self.texts(texts) if texts else 0
        return self.refs([self.ints(types), 0, 0, strings, 0, 0])

    # -- columns -----------------------------------------------------------------------------------

    def column(self, kind: int, values: Sequence[Storable], attributes: int) -> int:
        if attributes & LIST:
            return self.refs([self.texts(list(each)) if each else 0 for each in values])  # type: ignore[arg-type]
        if attributes & DICTIONARY:
            return self.refs(
                [self.refs([self.texts(list(each)), self._mixed(list(each.values()))]) for each in values]  # type: ignore[union-attr,arg-type]
            )
        return self._leaf(kind, values, attributes)

    def _leaf(self, kind: int, values: Sequence[Storable], attributes: int) -> int:
        match kind:
            case Kind.STRING:
                return self.texts(values)  # type: ignore[arg-type]
            case Kind.BINARY:
                longest = max(len(each or b"") for each in values)  # type: ignore[arg-type]
                return self.blobs(values, is_big=longest > _MEDIUM)  # type: ignore[arg-type]
            case Kind.TIMESTAMP:
                return self._times(values)  # type: ignore[arg-type]
            case Kind.UUID:
                return self._uuids(values)  # type: ignore[arg-type]
            case Kind.DOUBLE:
                return self.fixed([struct.pack("<d", value) for value in values], 8)
            case Kind.BOOL:
                return self.ints([3 if value is None else int(value) for value in values])  # type: ignore[arg-type]
            case _ if attributes & NULLABLE:
                return self.nullable(values)  # type: ignore[arg-type]
            case _:
                return self.ints(values)  # type: ignore[arg-type]

    def _table(self, table: Table) -> int:
        columns = [[each[number] for each in table.objects] for number in range(len(table.columns))]
        types, attributes = [], []
        for values in columns:
            first = next(value for value in values if value is not None)
            types.append(_KINDS[type(first)])
            is_nullable = any(value is None for value in values)
            shape = LIST if isinstance(first, tuple) else DICTIONARY if isinstance(first, dict) else 0
            attributes.append(shape | (NULLABLE if is_nullable else 0))
        written = [
            self.column(kind, values, told) for kind, values, told in zip(types, columns, attributes, strict=True)
        ]
        described = [self.ints(types), self.texts(table.columns), self.ints(attributes)]
        if self._is_old:
            return self.refs([self.refs(described), self.refs(written)])
        keys = [
            number | kind << 16 | told << 22
            for number, (kind, told) in enumerate(zip(types, attributes, strict=True))
        ]
        spec = self.refs([*described, 0, 0, self.ints(keys)])
        first_slot = self.ints(table.keys, signed=False) if table.keys else len(table.objects) << 1 | 1
        return self.refs([spec, 0, self.refs([first_slot, *written]), 1])

    def state(self, tables: Sequence[Table], version: int) -> int:
        """The root of a state; it ends where the file does."""
        names = self.texts([f"class_{table.name}" for table in tables])
        parts = [names, self.refs([self._table(table) for table in tables])]
        free = [self.ints([]), self.ints([]), self.ints([])]
        size = len(self.data) + ALIGNMENT
        for width in (16, 32, 64):
            told = size + -(-7 * width // 64) * 8
            numbers = [*parts, told << 1 | 1, *free, version << 1 | 1]
            if _width(numbers, signed=True) <= width:
                break
        return self.refs(numbers)


def _width(numbers: Sequence[int], *, signed: bool) -> int:
    low, high = min(numbers, default=0), max(numbers, default=0)
    if low >= 0:
        for width in (0, 1, 2, 4) if signed else (0,):
            if high < 1 << width:
                return width
    for width in (8, 16, 32, 64):
        if signed and -(1 << width - 1) <= low and high < 1 << width - 1:
            return width
        if not signed and high < 1 << width:
            return width
    raise FormatError("a number of more than 64 bits")
