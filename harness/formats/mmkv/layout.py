"""The two files of an MMKV store: what their headers say, and how much of the main file counts.

The main file is a size, a placeholder, and entries that are only ever appended: a key and a value, each behind
its length; an empty value removes its key. Once it is full, all that counts is written anew from the begin,
and what was behind stays there. The `.crc` holds a checksum, a version, the vector of the encryption and, since
version 3, the size.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.model import Buffer, Document

__all__ = ["CRC", "HEADER", "NEWEST", "PAGE", "Extent", "Meta", "extent_of", "parse_meta", "read_meta"]

CRC = ".crc"
HEADER = 4
"""Bytes of the size at the begin of the main file; stores of version 3 and later may leave it 0."""
PAGE = 4096
NEWEST = 15
"""Versions up to this are believed; 4 is the newest that is known."""
_META = struct.Struct("<III16sIII")
_FLAGS = 104
_RANDOM_IV, _SIZE_IN_META = 2, 3


@dataclass(frozen=True, slots=True)
class Meta:
    """What a `.crc` says."""

    crc: int
    version: int
    sequence: int
    """How often all of it was written anew."""
    iv: bytes = field(repr=False)
    size: int
    confirmed: tuple[int, int] = (0, 0)
    """Size and checksum when it was last known to be on disk."""
    flags: int = 0

    @property
    def is_expiring(self) -> bool:
        """Every value ends with the time at which it expires."""
        return bool(self.flags & 1)

    @property
    def vector(self) -> bytes:
        """Where the encryption begins; empty where it begins with the key itself, or there is none."""
        return self.iv if self.version >= _RANDOM_IV and any(self.iv) else b""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the entries that count go."""

    end: int
    is_told: bool
    """False where nothing says it: they go on for as long as they can be read."""
    fault: str = ""


def read_meta(document: Document) -> Meta | None:
    """What the `.crc` beside a store says; None where there is none that can be read."""
    data = document.sidecars.get(CRC, b"")
    return parse_meta(data) if len(data) >= _META.size else None


def parse_meta(data: Buffer) -> Meta | None:
    """The header of a `.crc` file; None where it is none."""
    crc, version, sequence, iv, size, confirmed, confirmed_crc = _META.unpack_from(data)
    if version > NEWEST:
        return None
    flags = int.from_bytes(data[_FLAGS : _FLAGS + 8], "little") if version > _SIZE_IN_META else 0
    return Meta(crc, version, sequence, iv, size, (confirmed, confirmed_crc), flags)


def extent_of(document: Document, data: bytes) -> Extent:
    """How far the entries go, as the store itself finds out: the first size whose checksum is right."""
    limit = len(data)
    told = int.from_bytes(data[:HEADER], "little")
    meta = read_meta(document)
    if CRC in document.sidecars and meta is None:
        return _untold(told, limit, "the .crc beside it cannot be read")
    if meta is None:
        return _untold(told, limit, "")
    for size, crc in _candidates(meta, told):
        if size <= limit - HEADER and zlib.crc32(data[HEADER : HEADER + size]) == crc:
            return Extent(HEADER + size, is_told=True)
    size = meta.size if meta.version >= _SIZE_IN_META else told
    if size > limit - HEADER:
        return Extent(limit, is_told=False, fault="its end is missing")
    return Extent(HEADER + size, is_told=True, fault="its checksum is not that of the .crc beside it")


def _candidates(meta: Meta, told: int) -> Iterator[tuple[int, int]]:
    first, second = (meta.size, told) if meta.version >= _SIZE_IN_META else (told, meta.size)
    yield first, meta.crc
    if second:
        yield second, meta.crc
    if meta.version >= _SIZE_IN_META and meta.confirmed[0]:
        yield meta.confirmed


def _untold(told: int, limit: int, fault: str) -> Extent:
    if told > limit - HEADER:
        return Extent(limit, is_told=False, fault=fault or "its end is missing")
    return Extent(HEADER + told, is_told=True, fault=fault) if told else Extent(limit, is_told=False, fault=fault)
