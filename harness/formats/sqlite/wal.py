"""The write-ahead log: which of its frames count, and which are left over.

Specified at https://sqlite.org/fileformat2.html#the_write_ahead_log.
"""

import struct
from collections.abc import Iterator

from harness.formats.sqlite.checksum import Checksum
from harness.formats.sqlite.header import Frame, Frames
from harness.model import Buffer

__all__ = ["FRAME_HEAD", "HEAD", "read_wal", "seal"]

HEAD = 32
FRAME_HEAD = 24
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_VERSION = 3007000


def read_wal(data: Buffer, page_size: int) -> Frames:
    """The frames of a log for a database of pages of `page_size`; none of them current where the log is not valid."""
    stride = FRAME_HEAD + page_size
    starts = range(HEAD, len(data) - stride + 1, stride)
    frames = tuple(
        Frame(int.from_bytes(data[at : at + 4], "big"), at + FRAME_HEAD, any(data[at + 4 : at + 8])) for at in starts
    )
    head = ((0, min(HEAD, len(data))), *((at, at + FRAME_HEAD) for at in starts))
    current: dict[int, int] = {}
    pending: dict[int, int] = {}
    count = valid = 0
    for page, at, commit in _valid(data, page_size):
        valid += 1
        pending[page] = at
        if commit:
            current.update(pending)
            pending.clear()
            count = commit
    current = {page: at for page, at in current.items() if page <= count}
    return Frames(frames, current, count, valid, head)


def _valid(data: Buffer, page_size: int) -> Iterator[tuple[int, int, int]]:
    """Page number, start of the page and size after commit, of each frame up to the first that is not valid."""
    if len(data) < HEAD:
        return
    head = bytes(data[:HEAD])
    magic, version, size, _, salt1, salt2, sum1, sum2 = struct.unpack(">8I", head)
    if magic not in (_LITTLE, _BIG) or version != _VERSION or size != page_size:
        return
    sums = Checksum.over(24, big_endian=magic == _BIG).after((0, 0), head[:24])
    if sums != (sum1, sum2):
        return
    checksum = Checksum.over(8 + page_size, big_endian=magic == _BIG)
    for at in range(HEAD, len(data) - FRAME_HEAD - page_size + 1, FRAME_HEAD + page_size):
        page, commit, one, two, sum1, sum2 = struct.unpack(">6I", data[at : at + FRAME_HEAD])
        if page == 0 or (one, two) != (salt1, salt2):
            return
        body = at + FRAME_HEAD
        sums = checksum.after(sums, bytes(data[at : at + 8]) + bytes(data[body : body + page_size]))
        if sums != (sum1, sum2):
            return
        yield page, body, commit


def seal(data: bytes, salts: tuple[int, int]) -> bytes:
    """The same log under other salts: SQLite draws them at random, and a simulator writes equal bytes twice."""
    magic, version, size, sequence = struct.unpack_from(">4I", data)
    big_endian = magic == _BIG
    out = bytearray(data)
    struct.pack_into(">6I", out, 0, magic, version, size, sequence, *salts)
    sums = Checksum.over(24, big_endian=big_endian).after((0, 0), bytes(out[:24]))
    struct.pack_into(">2I", out, 24, *sums)
    checksum = Checksum.over(8 + size, big_endian=big_endian)
    for at in range(HEAD, len(data) - FRAME_HEAD - size + 1, FRAME_HEAD + size):
        body = at + FRAME_HEAD
        sums = checksum.after(sums, bytes(out[at : at + 8]) + bytes(out[body : body + size]))
        struct.pack_into(">4I", out, at + 8, *salts, *sums)
    return bytes(out)
