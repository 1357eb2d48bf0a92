"""Table files: sorted entries in blocks, an index of the blocks, and a footer that says where the index is."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from harness.encodings import snappy
from harness.encodings.crc32c import mismatches
from harness.encodings.varint import varint
from harness.errors import FormatError, LimitError
from harness.formats.leveldb.chunks import Chunk, Entry
from harness.limits import Limits

__all__ = ["FOOTER", "MAGIC", "TRAILER", "Block", "Table", "parse_entries", "read_table", "unpack"]

MAGIC = bytes.fromhex("57fb808b247547db")
FOOTER = 48
TRAILER = 5
"""Bytes behind a block: how it is compressed, and a checksum."""
RAW, SNAPPY, DEFLATED, RAW_DEFLATED = 0, 1, 2, 4
_ZSTD = b"\x28\xb5\x2f\xfd"
_TAG = 8
"""Bytes behind a key in a table: a number, and whether it was deleted."""


class Block(NamedTuple):
    """Where a block is, its trailer left out, and how it is compressed."""

    start: int
    end: int
    kind: int


@dataclass(slots=True)
class Table:
    """What was read of a table."""

    chunks: list[Chunk] = field(default_factory=list)
    structure: list[tuple[int, int]] = field(default_factory=list)
    failed: list[tuple[int, int]] = field(default_factory=list)
    fault: str = ""
    error: FormatError | None = None

    def fail(self, start: int, end: int, error: FormatError) -> None:
        """Note a stretch that cannot be read."""
        if start < end:
            self.failed.append((start, end))
        self.error = self.error or error
        self.fault = self.fault or str(error)


def read_table(data: bytes, limits: Limits) -> Table:
    """All blocks that the index names; where there is none, those that follow each other from the begin."""
    table = Table()
    left = limits.expanded_bytes
    try:
        blocks = _indexed(data, table, limits)
    except FormatError as error:
        table.structure.clear()
        table.fail(0, 0, error)
        blocks = list(_in_a_row(data, limits))
    wrong = mismatches(
        data, [(b.start, b.end + 1, int.from_bytes(data[b.end + 1 : b.end + TRAILER], "little")) for b in blocks]
    )
    for number, block in enumerate(blocks):
        if number in wrong:
            table.fail(block.start, block.end, FormatError("the checksum of a block is wrong"))
            continue
        try:
            content = unpack(data, block, left)
            stop = _end_of_entries(content)
        except FormatError as error:
            table.fail(block.start, block.end, error)
            continue
        left -= len(content)
        entries, end = parse_entries(content, stop)
        table.structure.append((block.end, block.end + TRAILER))
        table.chunks.append(Chunk(content, entries, block.start, block.end, block.kind))
        if end != stop:
            table.fail(0, 0, FormatError("a block holds what is no entry"))
    return table


def _indexed(data: bytes, table: Table, limits: Limits) -> list[Block]:
    """The data blocks, by the index.

    Raises:
        FormatError: there is no index that can be read.
    """
    size = len(data)
    if size < FOOTER or data[-8:] != MAGIC:
        raise FormatError("it has no footer: its end is missing")
    values, at = [], size - FOOTER
    for _ in range(4):
        value, at = varint(data, at, size - 8)
        values.append(value)
    table.structure.append((size - FOOTER, size))
    extra = _structure(data, _block(data, values[0], values[1]), table, limits)
    for filter_ in _named(data, extra):
        # What a filter is made of is no value; it only has its place in the file.
        table.structure.append((filter_.start, filter_.end + TRAILER))
    index = _structure(data, _block(data, values[2], values[3]), table, limits)
    blocks = _named(data, index)
    if any(one.end > other.start for one, other in pairwise(blocks)):
        raise FormatError("blocks overlap")
    return blocks


def _named(data: bytes, index: Chunk) -> list[Block]:
    """The blocks that another one names."""
    blocks = []
    for entry in index.entries:
        start, at = varint(index.data, entry.start, entry.end)
        length, _ = varint(index.data, at, entry.end)
        blocks.append(_block(data, start, length))
    return blocks


def _structure(data: bytes, block: Block, table: Table, limits: Limits) -> Chunk:
    """A block that says where others are; its keys are as they are, without a number.

    Raises:
        FormatError: it cannot be read.
    """
    if not _is_sound(data, block):
        raise FormatError("the checksum of the index is wrong")
    content = unpack(data, block, limits.piece_bytes)
    entries, stop = parse_entries(content, _end_of_entries(content), tagged=False)
    if stop != _end_of_entries(content):
        raise FormatError("the index is damaged")
    table.structure.append((block.start, block.end + TRAILER))
    return Chunk(content, entries, block.start, block.end, block.kind)


def _block(data: bytes, start: int, size: int) -> Block:
    end = start + size
    if start < 0 or size < 0 or end + TRAILER > len(data) - FOOTER:
        raise FormatError("a block lies outside of the file")
    return Block(start, end, data[end])


def unpack(data: bytes, block: Block, cap: int) -> bytes:
    """The content of a block.

    Raises:
        FormatError: it cannot be unpacked.
        LimitError: it is more than `cap`.
    """
    start, end, kind = block
    if kind == RAW:
        return data[start:end]
    if kind == SNAPPY:
        return snappy.decompress(data, start, end, cap)
    if kind in (DEFLATED, RAW_DEFLATED):
        if data[start : start + 4] == _ZSTD:
            return _unpack_zstd(data[start:end], cap)
        stream = zlib.decompressobj(-15 if kind == RAW_DEFLATED else 15)
        try:
            content = stream.decompress(data[start:end], cap + 1)
        except zlib.error as error:
            raise FormatError("a compressed block is damaged") from error
        if len(content) > cap:
            raise LimitError("a block unpacks to more than the limit allows")
        if not stream.eof:
            raise FormatError("a compressed block is damaged")
        return content
    raise FormatError(f"a block is compressed in a way that is not known ({kind})")


def _unpack_zstd(packed: bytes, cap: int) -> bytes:
    try:
        import zstandard  # noqa: PLC0415 - an extra, and few tables need it
    except ImportError as error:
        raise FormatError("a block is compressed with zstd", hint="install storage-harness[zstd]") from error
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed) as stream:
            content = bytes(stream.read(cap + 1))
    except zstandard.ZstdError as error:
        raise FormatError("a compressed block is damaged") from error
    if len(content) > cap:
        raise LimitError("a block unpacks to more than the limit allows")
    return content


def _end_of_entries(content: bytes) -> int:
    """Where the list of restart points begins.

    Raises:
        FormatError: there is none.
    """
    count = int.from_bytes(content[-4:], "little")
    end = len(content) - 4 - 4 * count
    if len(content) < 4 or end < 0:
        raise FormatError("a block lacks its restart points")
    return end


def parse_entries(data: bytes, end: int, *, at: int = 0, tagged: bool = True) -> tuple[list[Entry], int]:
    """Entries up to `end`, and where they stop. A key lacks what it shares with the one before it."""
    found: list[Entry] = []
    whole = b""
    tail = _TAG if tagged else 0
    while at < end:
        begin = at
        if at + 3 <= end and data[at] | data[at + 1] | data[at + 2] < 0x80:
            shared, own, size = data[at], data[at + 1], data[at + 2]
            at += 3
        else:
            shared, at = varint(data, at, end)
            own, at = varint(data, at, end)
            size, at = varint(data, at, end)
        start = at + own
        if min(shared, own, size) < 0 or start + size > end or shared > len(whole) or shared + own < tail:
            return found, begin
        whole = whole[:shared] + data[at:start]
        number = int.from_bytes(whole[-8:], "little") if tagged else 1
        if number & 0xFF > 1:
            return found, begin
        key = whole[:-8] if tagged else whole
        # The number behind a key may be shared in part, too.
        key_end = max(at, start - tail)
        found.append(Entry(key, number >> 8, bool(number & 1), at, key_end, start, start + size))
        at = start + size
    return found, at


def _in_a_row(data: bytes, limits: Limits) -> Iterator[Block]:
    """Blocks that follow each other from the begin of a file without an index, as long as checksums prove them."""
    at = 0
    while at < len(data) - TRAILER:
        block = next((each for each in _ends(data, at, limits) if _is_sound(data, each)), None)
        if block is None:
            return
        yield block
        at = block.end + TRAILER


def _ends(data: bytes, at: int, limits: Limits) -> Iterator[Block]:
    """Where the block that begins at `at` may end."""
    try:
        size, first = snappy.read_length(data, at, len(data))
        if size <= limits.piece_bytes:
            end = snappy.end_of(data, first, size)
            yield Block(at, end, SNAPPY)
    except FormatError:
        pass
    most = min(len(data), at + limits.piece_bytes)
    _, stop = parse_entries(data, most, at=at)
    start = stop + 4
    while data[stop : stop + 4] == bytes(4) and start + 4 <= most:
        # The first restart point is 0, the others ascend, and how many they are follows.
        if int.from_bytes(data[start : start + 4], "little") == (start - stop) // 4:
            yield Block(at, start + 4, RAW)
        start += 4
        if start - stop > 4 * (stop - at + 2):
            return


def _is_sound(data: bytes, block: Block) -> bool:
    """Whether a block has the checksum that follows it."""
    end = block.end
    if end + TRAILER > len(data) or data[end] != block.kind:
        return False
    content = data[block.start : end + 1]
    return not mismatches(content, [(0, len(content), int.from_bytes(data[end + 1 : end + TRAILER], "little"))])
