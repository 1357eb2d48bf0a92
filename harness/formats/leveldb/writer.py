"""Files as LevelDB writes them."""

from dataclasses import dataclass, field
from typing import TypeAlias

from harness.encodings import snappy
from harness.encodings.crc32c import crc32c, masked
from harness.encodings.varint import framed, varint_bytes
from harness.errors import FormatError
from harness.formats.leveldb.log import BLOCK, FIRST, FULL, HEADER, LAST, MIDDLE
from harness.formats.leveldb.table import FOOTER, MAGIC

__all__ = ["Change", "Changes", "Current", "Sorted", "Version", "write"]

Change: TypeAlias = tuple[bytes, bytes | None]
"""A key with its value; None deletes it."""

_BLOCK_SIZE = 4096
_RESTART = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A write-ahead log."""

    batches: tuple[tuple[Change, ...], ...] = field(repr=False)
    first: int = 1
    """The number of the first change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """A table."""

    entries: tuple[tuple[bytes, int, bytes | None], ...] = field(repr=False)
    """Key, number and value; in any order."""
    is_compressed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A manifest."""

    tables: tuple[tuple[int, bytes, bytes], ...] = field(default=(), repr=False)
    """Number, first and last key of each."""
    removed: tuple[int, ...] = ()
    comparator: str = "leveldb.BytewiseComparator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """What names the manifest."""

    manifest: int


def write(content: object) -> bytes:
    """One file.

    Raises:
        FormatError: it is none of these.
    """
    match content:
        case Changes():
            return _records(_batches(content))
        case Version():
            return _records(_edits(content))
        case Sorted():
            return _table(content)
        case Current():
            return b"MANIFEST-%06d\n" % content.manifest
    raise FormatError("LevelDB has no such file")


# -- records ---------------------------------------------------------------------------------------


def _records(records: list[bytes]) -> bytes:
    out = bytearray()
    for record in records:
        rest, is_first = record, True
        while True:
            room = BLOCK - len(out) % BLOCK
            if room < HEADER:
                out += bytes(room)
                room = BLOCK
            piece, rest = rest[: room - HEADER], rest[room - HEADER :]
            kind = (FULL if is_first else LAST) if not rest else (FIRST if is_first else MIDDLE)
            crc = masked(crc32c(bytes((kind,)) + piece))
            out += crc.to_bytes(4, "little") + len(piece).to_bytes(2, "little") + bytes((kind,)) + piece
            is_first = False
            if not rest:
                break
    return bytes(out)


def _batches(content: Changes) -> list[bytes]:
    records, number = [], content.first
    for batch in content.batches:
        body = [number.to_bytes(8, "little"), len(batch).to_bytes(4, "little")]
        for key, value in batch:
            body.append(b"\x00" + framed(key) if value is None else b"\x01" + framed(key) + framed(value))
        records.append(b"".join(body))
        number += len(batch)
    return records


def _edits(content: Version) -> list[bytes]:
    records = [b"\x01" + framed(content.comparator.encode()) + b"\x02\x03\x09\x00\x03\x04\x04\x2a"]
    for number, first, last in content.tables:
        keys = (framed(key + (1 << 8 | 1).to_bytes(8, "little")) for key in (first, last))
        records.append(b"\x07\x00" + varint_bytes(number) + varint_bytes(4096) + b"".join(keys))
    records += [b"\x06\x00" + varint_bytes(number) for number in content.removed]
    return records


# -- tables ----------------------------------------------------------------------------------------


def _table(content: Sorted) -> bytes:
    entries = sorted(content.entries, key=lambda entry: (entry[0], -entry[1]))
    rows = [
        (key + (number << 8 | (value is not None)).to_bytes(8, "little"), value or b"")
        for key, number, value in entries
    ]
    out = bytearray()
    index: list[tuple[bytes, bytes]] = []
    held: list[tuple[bytes, bytes]] = []
    size = 0
    for row in rows:
        held.append(row)
        size += len(row[0]) + len(row[1])
        if size >= _BLOCK_SIZE:
            index.append((row[0], _append(out, _block(held), is_compressed=content.is_compressed)))
            held, size = [], 0
    if held:
        index.append((held[-1][0], _append(out, _block(held), is_compressed=content.is_compressed)))
    extra = _append(out, _block([]), is_compressed=content.is_compressed)
    handles = extra + _append(out, _block(index, restart=1), is_compressed=content.is_compressed)
    return bytes(out) + handles.ljust(FOOTER - len(MAGIC), b"\x00") + MAGIC


def _append(out: bytearray, block: bytes, *, is_compressed: bool) -> bytes:
    """Put a block behind the others; returns where it is."""
    kind = 0
    if is_compressed:
        packed = snappy.compress(block)
        if len(packed) < len(block) - len(block) // 8:  # as LevelDB: by an eighth, or not at all
            block, kind = packed, 1
    handle = varint_bytes(len(out)) + varint_bytes(len(block))
    crc = masked(crc32c(block + bytes((kind,))))
    out += block + bytes((kind,)) + crc.to_bytes(4, "little")
    return handle


def _block(rows: list[tuple[bytes, bytes]], *, restart: int = _RESTART) -> bytes:
    out = bytearray()
    restarts, before = [], b""
    for number, (key, value) in enumerate(rows):
        shared = 0
        if number % restart == 0:
            restarts.append(len(out))
        else:
            while shared < min(len(before), len(key)) and before[shared] == key[shared]:
                shared += 1
        out += (
            varint_bytes(shared) + varint_bytes(len(key) - shared) + varint_bytes(len(value)) + key[shared:] + value
        )
        before = key
    points = restarts or [0]
    return bytes(out) + b"".join(point.to_bytes(4, "little") for point in (*points, len(points)))
