"""Stores as MMKV writes them: entries one after the other, behind each other's residue."""

import struct
import zlib
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.encodings.varint import framed, varint_bytes
from harness.errors import FormatError
from harness.formats.mmkv.cipher import crypt
from harness.formats.mmkv.layout import CRC, HEADER, PAGE
from harness.model import Document

__all__ = ["Storable", "Store", "write"]

Storable: TypeAlias = "str | bytes | bool | int | float | tuple[str, ...] | None"
"""What a key can be set to; None removes it. Numbers with a fraction are written as doubles."""

_PLACEHOLDER = b"\xff\xff\xff\x07"
"""Stands for the size of all entries, which an append would otherwise change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What happened to a store, in order."""

    entries: tuple[tuple[str, Storable], ...] = field(repr=False)
    """Appended one after the other."""
    before: tuple[tuple[str, Storable], ...] = field(default=(), repr=False)
    """Entries that were there, before all that counted was written anew over them."""
    old_layout: bool = False
    """The size stands in the main file, as until version 2."""
    expires: int | None = None
    """The time at which every value expires; 0 for never."""
    key: bytes = field(default=b"", repr=False)
    iv: bytes = field(default=b"", repr=False)


def write(store: Store) -> Document:
    """The two files.

    Raises:
        FormatError: a value cannot be stored.
    """
    residue, body = _rows(store.before, store.expires), _rows(store.entries, store.expires)
    if store.key:
        key = store.key[:16].ljust(16, b"\x00")
        residue, body = (crypt(each, key, store.iv or key, encrypt=True) for each in (residue, body))
    data = body + residue[len(body) :]
    size = len(body)
    head = size if store.old_layout else 0
    main = head.to_bytes(HEADER, "little") + data
    main += bytes(-len(main) % PAGE)
    version = 2 if store.old_layout else 4
    fields = (zlib.crc32(body), version, 1, store.iv.ljust(16, b"\x00"), 0 if store.old_layout else size)
    meta = struct.pack("<III16sI", *fields) + struct.pack("<II", size, zlib.crc32(body))
    flags = 0 if store.expires is None else 1
    return Document(main, {CRC: meta.ljust(104, b"\x00") + flags.to_bytes(8, "little") + bytes(PAGE - 112)})


def _rows(entries: tuple[tuple[str, Storable], ...], expires: int | None) -> bytes:
    if not entries:
        return b""
    tail = b"" if expires is None else struct.pack("<I", expires)
    rows = [_PLACEHOLDER]
    for key, value in entries:
        stored = b"" if value is None else _stored(value) + tail
        rows.append(framed(key.encode("utf-8", "surrogatepass")) + framed(stored))
    return b"".join(rows)


def _stored(value: Storable) -> bytes:
    match value:
        case bool():
            return b"\x01" if value else b"\x00"
        case int() if -(1 << 63) <= value < 1 << 63:
            return varint_bytes(value)
        case float():
            return struct.pack("<d", value)
        case str():
            return framed(value.encode("utf-8", "surrogatepass"))
        case bytes():
            return framed(value)
        case tuple():
            return framed(b"".join(framed(each.encode("utf-8", "surrogatepass")) for each in value))
    raise FormatError("MMKV has no such type")
