"""Files of records: the write-ahead log, whose records are batches of changes, and the manifest.

Blocks of 32 KiB; each record is cut where a block ends, and every piece has a checksum, a length and a type.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.encodings.crc32c import mismatches
from harness.encodings.varint import varint
from harness.formats.leveldb.chunks import Entry

__all__ = ["BLOCK", "HEADER", "LogFile", "Record", "read_batch", "read_records"]

BLOCK = 32768
HEADER = 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4
BATCH = 12
"""Bytes before the changes of a batch: the number of the first, and how many there are."""


class Record(NamedTuple):
    """One record, and the pieces of the file that it is made of."""

    segments: tuple[tuple[int, int], ...]

    def data(self, stored: bytes) -> bytes:
        """What it says."""
        return b"".join(stored[start:end] for start, end in self.segments)


@dataclass(slots=True)
class LogFile:
    """What was read of a file of records."""

    records: list[Record] = field(default_factory=list)
    failed: list[tuple[int, int]] = field(default_factory=list)
    """What could not be read."""
    free: list[tuple[int, int]] = field(default_factory=list)
    """Zeros that the file was filled up with."""
    fault: str = ""

    def fail(self, start: int, end: int, fault: str) -> None:
        """Note a stretch that cannot be read."""
        if start < end:
            self.failed.append((start, end))
        self.fault = self.fault or fault


def read_records(data: bytes) -> LogFile:
    """The records of a file; what is damaged costs no more than the records that it is in."""
    log = LogFile()
    pieces = list(_pieces(data, log))
    wrong = mismatches(data, [(start - 1, end, crc) for start, end, _, crc in pieces])
    open_: list[tuple[int, int]] = []
    for number, (start, end, kind, _) in enumerate(pieces):
        if number in wrong or (kind in (MIDDLE, LAST)) is not bool(open_):
            fault = "the checksum of a record is wrong" if number in wrong else "a record lacks its begin or its end"
            for low, high in open_:
                log.fail(low, high, fault)
            open_ = []
            if number in wrong or kind in (MIDDLE, LAST):
                log.fail(start, end, fault)
                continue
        if kind == FULL:
            log.records.append(Record(((start, end),)))
            continue
        open_.append((start, end))
        if kind == LAST:
            log.records.append(Record(tuple(open_)))
            open_ = []
    for start, end in open_:
        log.fail(start, end, "the last record is cut off")
    return log


def _pieces(data: bytes, log: LogFile) -> Iterator[tuple[int, int, int, int]]:
    """Start, end, type and checksum of every piece."""
    at, size = 0, len(data)
    while at < size:
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        if at + HEADER > size:
            if data[at:].strip(b"\x00"):
                log.fail(at, size, "the last record is cut off")
            else:
                log.free.append((at, size))
            return
        crc = int.from_bytes(data[at : at + 4], "little")
        length, kind = data[at + 4] | data[at + 5] << 8, data[at + 6]
        if not (crc or length or kind):
            # Filled up with zeros, to the end of the block or of the file.
            end = min(size, at + left)
            rest = data[at:end]
            if rest.strip(b"\x00"):
                log.fail(at, end, "a record has no length")
            else:
                log.free.append((at, end))
            at = end
            continue
        end = at + HEADER + length
        if not FULL <= kind <= LAST or length > left - HEADER:
            log.fail(at, min(size, at + left), "a record has no type that there is, or no length")
            at += left
            continue
        if end > size:
            log.fail(at, size, "the last record is cut off")
            return
        yield at + HEADER, end, kind, crc
        at = end


def read_batch(data: bytes, start: int, size: int, entries: list[Entry]) -> bool:
    """Add the changes of the batch from `start` to `size`; returns whether it is one to its end."""
    at = start + BATCH
    if at > size:
        return False
    add = entries.append
    sequence = int.from_bytes(data[start : start + 8], "little")
    count = int.from_bytes(data[start + 8 : at], "little") + len(entries)
    while at < size:
        tag = data[at]
        length, begin_key = (data[at + 1], at + 2) if at + 1 < size else (0xFF, size)
        if length >= 0x80:
            length, begin_key = varint(data, at + 1, size)
        stop = begin = end = begin_key + length
        if tag == 1 and length >= 0 and stop < size:
            length, begin = data[stop], stop + 1
            if length >= 0x80:
                length, begin = varint(data, stop, size)
            end = begin + length
        elif tag:
            return False
        if length < 0 or end > size:
            return False
        add(Entry(data[begin_key:stop], sequence, tag == 1, begin_key, stop, begin, end))
        sequence += 1
        at = end
    return len(entries) == count
