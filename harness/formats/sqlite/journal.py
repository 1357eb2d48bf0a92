"""The rollback journal: what the pages were before a transaction, and whether SQLite would put them back.

Specified at https://sqlite.org/fileformat2.html#the_rollback_journal; the steps of a rollback follow `pager_playback`
in SQLite's pager.c.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.formats.sqlite.header import Frame, Frames
from harness.model import Buffer

__all__ = ["read_journal"]

MAGIC = bytes.fromhex("d9d505f920a163d7")
_HEAD = 28
_TO_THE_END = 0xFFFFFFFF
_SECTORS = (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)


@dataclass(slots=True)
class _Playback:
    """What has been read of a journal so far."""

    frames: list[Frame] = field(default_factory=list)
    head: list[tuple[int, int]] = field(default_factory=list)
    current: dict[int, int] = field(default_factory=dict)
    count: int = 0
    stopped: bool = False
    """A record failed its checksum: SQLite puts nothing back from there on."""


def read_journal(data: Buffer, page_size: int, known: int) -> Frames:
    """The pages of a journal for a database of `known` pages; current ones where the journal is hot."""
    if len(data) < _HEAD:
        return Frames(head=((0, len(data)),))
    playback = _Playback()
    if data[:8] == MAGIC:
        for at, sector in _segments(data, page_size, playback):
            _play(data, page_size, playback, at, sector)
        if _super_journal(data):
            # One of several databases: without the journal that names them all, SQLite rolls nothing back.
            playback.current, playback.count = {}, 0
    else:
        _play_zeroed(data, page_size, playback, known)
    current = {page: at for page, at in playback.current.items() if page <= playback.count}
    valid = len(playback.current) if current else 0
    return Frames(tuple(playback.frames), current, playback.count, valid, tuple(sorted(playback.head)))


def _segments(data: Buffer, page_size: int, playback: _Playback) -> Iterator[tuple[int, int]]:
    """Where each header stands, and the sector size. `_play` moves on by what it read."""
    at = 0
    sector = int.from_bytes(data[20:24], "big")
    if sector not in _SECTORS or int.from_bytes(data[24:28], "big") != page_size:
        playback.stopped = True
        return
    while at + sector <= len(data) and data[at : at + 8] == MAGIC:
        yield at, sector
        end = playback.frames[-1].start + page_size + 4 if playback.frames else 0
        after = max(end, at + sector)
        at = (after + sector - 1) // sector * sector


def _play(data: Buffer, page_size: int, playback: _Playback, at: int, sector: int) -> None:
    """Read the records behind one header."""
    records, nonce, count = struct.unpack(">3I", data[at + 8 : at + 20])
    playback.head.append((at, at + _HEAD))
    if at == 0:
        playback.count = count
    room = (len(data) - at - sector) // (page_size + 8)
    records = room if records == _TO_THE_END else min(records, room)
    for start in range(at + sector, at + sector + records * (page_size + 8), page_size + 8):
        page = int.from_bytes(data[start : start + 4], "big")
        body = start + 4
        _keep(playback, page, body, page_size)
        given = int.from_bytes(data[body + page_size : body + page_size + 4], "big")
        if page == 0 or given != _checksum(data, body, page_size, nonce):
            playback.stopped = True
        if not playback.stopped:
            # The first copy is the oldest: what the page was when the transaction began.
            playback.current.setdefault(page, body)


def _play_zeroed(data: Buffer, page_size: int, playback: _Playback, known: int) -> None:
    """Read a journal whose first header was zeroed at commit: the pages behind it are still there."""
    for sector in _SECTORS:
        if 0 < int.from_bytes(data[sector : sector + 4], "big") <= max(known, 1):
            break
    else:
        return
    playback.head.append((0, _HEAD))
    for start in range(sector, len(data) - page_size - 7, page_size + 8):
        page = int.from_bytes(data[start : start + 4], "big")
        if page == 0 or page > 0x7FFFFFFF // 512:
            return
        _keep(playback, page, start + 4, page_size)


def _keep(playback: _Playback, page: int, body: int, page_size: int) -> None:
    playback.frames.append(Frame(page, body))
    playback.head += [(body - 4, body), (body + page_size, body + page_size + 4)]


def _checksum(data: Buffer, body: int, page_size: int, nonce: int) -> int:
    """Every 200th byte from the end of the page, and the nonce."""
    return (nonce + sum(data[body + i] for i in range(page_size - 200, 0, -200))) & 0xFFFFFFFF


def _super_journal(data: Buffer) -> bool:
    """Whether the journal ends in the name of a journal that spans several databases."""
    return len(data) >= _HEAD + 16 and data[len(data) - 8 :] == MAGIC
