"""Which of LevelDB's files one is, told by its begin; a table also by its end."""

import re
import zlib
from enum import Enum, auto

from harness.encodings import snappy
from harness.encodings.crc32c import crc32c, masked
from harness.errors import FormatError
from harness.formats.leveldb.chunks import Entry
from harness.formats.leveldb.log import BATCH, BLOCK, FIRST, FULL, HEADER, read_batch
from harness.formats.leveldb.manifest import read_edit
from harness.formats.leveldb.table import MAGIC, parse_entries

__all__ = ["CURRENT", "Kind", "kind_of", "likeness"]

CURRENT = re.compile(rb"(MANIFEST-[0-9]{6,20})\n")
_CAP = 1 << 16


class Kind(Enum):
    """The kinds of files in a LevelDB folder; locks are empty, and `LOG` is text."""

    LOG = auto()
    MANIFEST = auto()
    TABLE = auto()
    CURRENT = auto()


def kind_of(data: bytes) -> Kind:
    """The kind of a whole file that is one of LevelDB's."""
    if data.endswith(MAGIC):
        return Kind.TABLE
    head = data[:4096]
    if head.startswith(b"MANIFEST-"):
        return Kind.CURRENT
    sure, kind = likeness(head, len(data))
    return kind if sure else Kind.LOG


def likeness(head: bytes, size: int) -> tuple[float, Kind]:
    """How sure it is that a file which begins so is one of LevelDB's, and of which kind."""
    if CURRENT.fullmatch(head) and size == len(head):
        return 0.99, Kind.CURRENT
    if size <= len(head) and size >= 48 and head.endswith(MAGIC):
        return 0.99, Kind.TABLE
    sure, kind = _of_log(head, size)
    table = _of_table(head)
    return (table, Kind.TABLE) if table > sure else (sure, kind)


def _of_log(head: bytes, size: int) -> tuple[float, Kind]:
    if len(head) < HEADER + 2:
        return 0.0, Kind.LOG
    length, kind = head[4] | head[5] << 8, head[6]
    end = HEADER + length
    if kind not in (FULL, FIRST) or not length or end > BLOCK or (kind == FIRST and end != BLOCK):
        return 0.0, Kind.LOG
    stop = min(end, len(head))
    edits: list[Entry] = []
    is_edit = read_edit(head, HEADER, stop, edits)
    is_manifest = bool(edits) and edits[0].key == b"comparator"
    if end <= len(head):
        is_sound = masked(crc32c(head[6:end])) == int.from_bytes(head[:4], "little")
        if is_manifest and is_edit:
            return (0.99 if is_sound else 0.6), Kind.MANIFEST
        entries: list[Entry] = []
        is_batch = read_batch(head, HEADER, end, entries)
        if is_sound and (is_batch or len(entries) > 1):
            return 0.99, Kind.LOG
        return (0.6 if is_batch and entries and len(entries[0].key) > 3 else 0.0), Kind.LOG
    return _of_long_record(head[HEADER:], size, end), Kind.LOG


def _of_long_record(payload: bytes, size: int, end: int) -> float:
    """The same for a first record that goes on behind the head: its checksum cannot be told, its begin can."""
    if size < end or int.from_bytes(payload[:8], "little") >= 1 << 56:
        return 0.0
    count, tag = int.from_bytes(payload[8:BATCH], "little"), payload[BATCH] if len(payload) > BATCH else 255
    entries: list[Entry] = []
    read_batch(payload, 0, len(payload), entries)
    if not 0 < count < 1 << 24 or tag > 1:
        return 0.0
    # Six zero bytes in its number and two in its count are no chance.
    zeros = payload[4:8].count(0) + payload[10:BATCH].count(0)
    return 0.93 if zeros >= 5 and (entries or count == 1) else 0.0


def _of_table(head: bytes) -> float:
    """By the first block, which begins the file."""
    best = 0
    for content in (head, _unpacked(head), _inflated(head)):
        entries, _ = parse_entries(content, len(content))
        keys = [entry.key for entry in entries]
        if not entries or keys != sorted(keys) or not keys[0]:
            continue
        small = sum(entry.sequence < 1 << 40 for entry in entries)
        if small == len(entries):
            # A number of eight bytes of which three are 0, and a type of 0 or 1, for each: 31 bits.
            best = max(best, len(entries))
    return 0.0 if not best else 0.8 if best == 1 else 0.95


def _unpacked(head: bytes) -> bytes:
    try:
        size, _ = snappy.read_length(head, 0, len(head))
        if not 16 <= size <= 1 << 22:
            return b""
        return snappy.decompress(head, 0, len(head), 1 << 22, partial=True)
    except FormatError:
        return b""


def _inflated(head: bytes) -> bytes:
    if head[:1] != b"\x78":
        return b""
    try:
        return zlib.decompressobj().decompress(head, _CAP)
    except zlib.error:
        return b""
