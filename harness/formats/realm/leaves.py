"""The leaves of a column: the elements of each type, where they stand and what they say."""

import math
import struct
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats._single import shortest_single
from harness.formats.realm.arrays import Arrays, Node, Scheme, is_ref
from harness.model import Scalar

__all__ = ["Cell", "Kind", "cells", "moment", "number_of_decimal", "plain"]


class Kind:
    """Types of columns, as their files number them."""

    INT, BOOL, STRING, STRING_ENUM, BINARY, TABLE, MIXED, OLD_DATE, TIMESTAMP, FLOAT, DOUBLE, DECIMAL, LINK = range(
        13
    )
    LINK_LIST, BACKLINK, OBJECT_ID, TYPED_LINK, UUID = range(13, 18)


class Cell(NamedTuple):
    """One element; a value of None is null."""

    start: int
    end: int
    value: Scalar


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cells(arrays: Arrays, ref: int, kind: int, *, nullable: bool) -> list[Cell]:
    """The elements of one leaf, which counts as met.

    Raises:
        FormatError: it is damaged, or of a kind that is not read.
    """
    reader = _READERS.get(kind)
    if reader is None:
        raise FormatError(f"a leaf of another type at byte {ref}")
    return reader(arrays, arrays.claim(ref), nullable)


def moment(seconds: int, nanoseconds: int) -> Scalar:
    """A time as such; a number where there is no such date."""
    try:
        return _EPOCH + timedelta(seconds=seconds, microseconds=nanoseconds // 1000)
    except OverflowError:
        return seconds


def plain(raw: bytes) -> str | bytes:
    """Text where it is UTF-8, as Realm demands of strings."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


# -- numbers -------------------------------------------------------------------------------------


def _ints(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
    numbers = arrays.numbers(node)
    found = [Cell(*arrays.span(node, n), number) for n, number in enumerate(numbers)]
    if not nullable:
        return found
    if not numbers:
        raise FormatError(f"no sign of null at byte {node.ref}")
    return [Cell(start, end, None if value == numbers[0] else value) for start, end, value in found[1:]]


def _bools(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
    found = _ints(arrays, node, nullable=False)
    return [Cell(start, end, bool(value) if value in {0, 1} else None) for start, end, value in found]


def _links(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
    """Keys of objects, one more than they are; zero is none."""
    numbers = arrays.numbers(node)
    return [Cell(*arrays.span(node, n), number - 1 if number else None) for n, number in enumerate(numbers)]


def _floating(code: str, size: int, shorten: Callable[[float], float]) -> Callable[[Arrays, Node, bool], list[Cell]]:
    def read(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
        if node.scheme != Scheme.BYTES or node.width not in {0, size} or (node.size and not node.width):
            raise FormatError(f"no array of fractions at byte {node.ref}")
        values = struct.unpack_from(f"<{node.size}{code}", arrays.data, node.start)
        starts = range(node.start, node.end, size)
        return [
            Cell(start, start + size, None if nullable and math.isnan(value) else shorten(value))
            for start, value in zip(starts, values, strict=True)
        ]

    return read


def _timestamps(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
    """Seconds, of which one is null, and nanoseconds."""
    parts = arrays.numbers(node)
    if not node.has_refs or len(parts) < 2 or not all(map(is_ref, parts[:2])):
        raise FormatError(f"no array of times at byte {node.ref}")
    seconds = _ints(arrays, arrays.claim(parts[0]), nullable=True)
    fractions = arrays.numbers(arrays.claim(parts[1]))
    if len(seconds) != len(fractions):
        raise FormatError(f"times without fractions at byte {node.ref}")
    return [
        Cell(start, end, moment(value, fraction) if isinstance(value, int) else None)
        for (start, end, value), fraction in zip(seconds, fractions, strict=True)
    ]


_DECIMALS = {4: (8, 23, 101), 8: (10, 53, 398), 16: (14, 113, 6176)}
"""Bytes of a number: bits of its exponent, bits of its coefficient, and what is added to the exponent."""


def number_of_decimal(raw: bytes) -> str | None:
    """What a decimal of 4, 8 or 16 bytes (IEEE 754, binary integer) says; None where it is no number."""
    exponents, coefficients, bias = _DECIMALS[len(raw)]
    bits = int.from_bytes(raw, "little")
    if bits >> coefficients + exponents - 2 & 3 == 3:
        if bits >> coefficients + exponents - 4 & 15 == 15:
            return None
        exponent = bits >> coefficients - 2 & (1 << exponents) - 1
        coefficient = 1 << coefficients | bits & (1 << coefficients - 2) - 1
    else:
        exponent = bits >> coefficients & (1 << exponents) - 1
        coefficient = bits & (1 << coefficients) - 1
    sign = bits >> exponents + coefficients & 1
    digits = tuple(int(digit) for digit in str(coefficient))
    return str(Decimal((sign, digits, exponent - bias)))


def _decimals(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
    if node.scheme != Scheme.BYTES or node.width not in {0, *_DECIMALS}:
        raise FormatError(f"no array of decimals at byte {node.ref}")
    if not node.width:
        _few(node)
        return [Cell(node.ref, node.ref, "0" if node.is_context else None)] * node.size
    starts = range(node.start, node.end, node.width)
    return [Cell(at, at + node.width, number_of_decimal(arrays.data[at : at + node.width])) for at in starts]


def _few(node: Node) -> None:
    if node.size > 1 << 12:
        raise FormatError(f"an array of too many elements at byte {node.ref}")


# -- identifiers ---------------------------------------------------------------------------------


def _fixed(size: int, name: Callable[[bytes], str]) -> Callable[[Arrays, Node, bool], list[Cell]]:
    """Eight at a time, behind a byte that says which of them are null."""

    def read(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
        if node.scheme == Scheme.BITS or (node.size and node.length != node.size):
            raise FormatError(f"no array of identifiers at byte {node.ref}")
        found: list[Cell] = []
        for block in range(node.start, node.end, 8 * size + 1):
            nulls = arrays.data[block]
            for number in range(min(8, (node.end - block - 1) // size)):
                at = block + 1 + number * size
                raw = arrays.data[at : at + size]
                found.append(Cell(at, at + size, None if nulls >> number & 1 else name(raw)))
        return found

    return read


# -- texts and bytes -----------------------------------------------------------------------------


def _strings(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
    if node.has_refs:
        return _blobs(arrays, node, terminated=True)
    if node.scheme != Scheme.BYTES:
        raise FormatError(f"no array of texts at byte {node.ref}")
    if not node.width:
        _few(node)
        return [Cell(node.ref, node.ref, None if nullable else "")] * node.size
    found: list[Cell] = []
    for start in range(node.start, node.end, node.width):
        last = start + node.width - 1
        spare = arrays.data[last]
        if spare > node.width or arrays.data[last - min(spare, node.width - 1) : last].strip(b"\x00"):
            raise FormatError(f"a text that is longer than its place at byte {start}")
        end = max(start, last - spare)
        found.append(Cell(start, end, plain(arrays.data[start:end]) if spare < node.width else None))
    return found


def _binaries(arrays: Arrays, node: Node, nullable: bool) -> list[Cell]:
    if not node.has_refs:
        raise FormatError(f"no array of bytes at byte {node.ref}")
    return _blobs(arrays, node, terminated=False)


def _blobs(arrays: Arrays, node: Node, *, terminated: bool) -> list[Cell]:
    """One blob for all elements with their ends, or one for each; texts end with a zero."""
    parts = arrays.numbers(node)
    if node.is_context:
        return [_blob(arrays, part, terminated=terminated) for part in parts]
    if len(parts) < 2 or not all(map(is_ref, parts[:2])):
        raise FormatError(f"no array of blobs at byte {node.ref}")
    ends = arrays.numbers(arrays.claim(parts[0]))
    is_new = arrays.is_new(parts[1])
    blob = arrays.claim(parts[1])
    nulls = arrays.numbers(arrays.claim(parts[2])) if len(parts) > 2 and is_ref(parts[2]) else ()
    if any(after < before for before, after in pairwise((0, *ends))) or (ends and ends[-1] != blob.length):
        raise FormatError(f"ends of texts that are not in order at byte {node.ref}")
    if not is_new:
        return [Cell(node.ref, node.ref, None)] * len(ends)  # whose they are was told already
    found: list[Cell] = []
    for number, (low, high) in enumerate(pairwise((0, *ends))):
        start, end = blob.start + low, blob.start + high
        if terminated and high > low:
            end -= 1
            _check_end(arrays, end)
            found.append(Cell(start, end, plain(arrays.data[start:end])))
        elif terminated or (high == low and nulls[number : number + 1] == (1,)):
            found.append(Cell(node.ref, node.ref, None))
        else:
            found.append(Cell(start, end, arrays.data[start:end]))
    return found


def _check_end(arrays: Arrays, end: int) -> None:
    if arrays.data[end] != 0:
        raise FormatError(f"a text without its end at byte {end}")


def _blob(arrays: Arrays, ref: int, *, terminated: bool) -> Cell:
    if not is_ref(ref):
        return Cell(0, 0, None)
    is_new = arrays.is_new(ref)
    blob = arrays.claim(ref)
    if blob.has_refs or blob.scheme == Scheme.BITS:
        raise FormatError(f"no blob at byte {ref}")
    if not is_new:
        return Cell(ref, ref, None)
    end = blob.end
    if terminated and end > blob.start:
        end -= 1
        _check_end(arrays, end)
    raw = arrays.data[blob.start : end]
    return Cell(blob.start, end, plain(raw) if terminated else raw)


_READERS: dict[int, Callable[[Arrays, Node, bool], list[Cell]]] = {
    Kind.INT: _ints,
    Kind.BOOL: _bools,
    Kind.STRING: _strings,
    Kind.BINARY: _binaries,
    Kind.OLD_DATE: _ints,
    Kind.TIMESTAMP: _timestamps,
    Kind.FLOAT: _floating("f", 4, shortest_single),
    Kind.DOUBLE: _floating("d", 8, float),
    Kind.DECIMAL: _decimals,
    Kind.LINK: _links,
    Kind.LINK_LIST: _links,
    Kind.OBJECT_ID: _fixed(12, bytes.hex),
    Kind.UUID: _fixed(16, lambda raw: str(uuid.UUID(bytes=raw))),
}
