"""What SQLite drew by chance, drawn anew from nothing: the same writes give the same bytes, which stay just as valid.

By chance are the salts of a write-ahead log and of its index, and with them every checksum; and the nonce of each
header of a rollback journal, and with it the checksum of every page. Frames and pages left over from earlier use of a
file are told from current ones by exactly these, so that each of them keeps a salt or nonce of its own.

Layouts: https://sqlite.org/fileformat2.html and https://sqlite.org/walformat.html#the_wal_index_file_format.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.formats.sqlite.checksum import Checksum, Sums
from harness.formats.sqlite.journal import MAGIC
from harness.formats.sqlite.wal import FRAME_HEAD, HEAD

__all__ = ["without_chance"]

_WORD = 0xFFFFFFFF
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_INDEX_HEAD = 48
_INDEX_SUMMED = 40
_JOURNAL_HEAD = 28
_SECTORS = (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)


def without_chance(database: bytes, sidecars: Mapping[str, bytes]) -> dict[str, bytes]:
    """The sidecars of a database by their suffix: `-journal`, `-wal`, `-shm`. What is not in order stays as it is.

    A journal that stays after a commit (`journal_mode=PERSIST`) is written over by the next transaction, across what
    it held: for equal bytes, put the settled one in its place after each.
    """
    settled = dict(sidecars)
    if "-journal" in settled and len(database) >= HEAD:
        size, change = int.from_bytes(database[16:18], "big"), int.from_bytes(database[24:28], "big")
        journal = _Journal(bytearray(settled["-journal"]), 65536 if size == 1 else size, change)
        settled["-journal"] = journal.settled()
    log = _Log.of(settled.get("-wal", b""))
    if log is not None:
        settled["-wal"] = log.settled()
        if "-shm" in settled:
            settled["-shm"] = log.index(settled["-shm"])
    return settled


def _drawn(label: str, *numbers: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{label} {numbers}".encode()).digest()[:4], "big")


# -- the write-ahead log -------------------------------------------------------------------------


@dataclass(slots=True)
class _Log:
    """A log, frame by frame. Each restart of it counts the first salt up by one, and draws the second anew."""

    data: bytearray
    page_size: int
    sequence: int
    salt: int
    order: bool
    """Whether the words that are summed are big-endian."""
    sums: dict[Sums, Sums] = field(default_factory=dict)
    """What became of each checksum."""

    @classmethod
    def of(cls, data: bytes) -> "_Log | None":
        if len(data) < HEAD:
            return None
        magic, _, size, sequence, salt = struct.unpack_from(">5I", data)
        if magic not in (_LITTLE, _BIG) or size not in _SECTORS:
            return None
        return cls(bytearray(data), size, sequence, salt, magic == _BIG)

    def settled(self) -> bytes:
        """The log with other salts. A checksum is linear: what a salt adds to that of its own header, all frames
        after it hand on, whether what stood before them is still there or not."""
        out, stride = self.data, FRAME_HEAD + self.page_size
        (a, b), (c, d) = Checksum.over(8 + self.page_size, big_endian=self.order).carry
        moved: dict[bytes, Sums] = {}
        power = (1, 0, 0, 1)
        for at in range(HEAD, len(out) - stride + 1, stride):
            p, q, r, s = power
            power = (a * p + b * r & _WORD, a * q + b * s & _WORD, c * p + d * r & _WORD, c * q + d * s & _WORD)
            salts = bytes(out[at + 8 : at + 16])
            if not any(salts):
                continue  # of a transaction under way: SQLite sums these up when it commits
            if salts not in moved:
                moved[salts] = self._moved(salts)
            one, two = moved[salts]
            sums = struct.unpack_from(">2I", out, at + 16)
            p, q, r, s = power
            new = (sums[0] + p * one + q * two & _WORD, sums[1] + r * one + s * two & _WORD)
            self.sums[sums] = new
            struct.pack_into(">2I", out, at + 16, *new)
            out[at + 8 : at + 16] = self._salts(salts)
        head = bytes(out[16:24])
        self.sums[struct.unpack_from(">2I", out, 24)] = new = self._head_sums(self.sequence, self._salts(head))
        out[16:24] = self._salts(head)
        struct.pack_into(">2I", out, 24, *new)
        return bytes(out)

    def index(self, data: bytes) -> bytes:
        """The index that processes share: salts and checksums stand in both copies of its header."""
        out = bytearray(data)
        for at in (0, _INDEX_HEAD):
            if len(out) < at + _INDEX_HEAD or not any(out[at : at + _INDEX_HEAD]):
                continue
            order = "<" if out[at : at + 4] == struct.pack("<I", 3007000) else ">"
            sums = struct.unpack_from(f"{order}2I", out, at + 24)
            struct.pack_into(f"{order}2I", out, at + 24, *self.sums.get(sums, (0, 0)))
            out[at + 32 : at + 40] = self._salts(bytes(out[at + 32 : at + 40]))
            own = Checksum.over(_INDEX_SUMMED, big_endian=order == ">").after((0, 0), bytes(out[at : at + 40]))
            struct.pack_into(f"{order}2I", out, at + 40, *own)
        return bytes(out)

    def _age(self, salts: bytes) -> int:
        return self.salt - int.from_bytes(salts[:4], "big")

    def _salts(self, salts: bytes) -> bytes:
        """The salts of the same restart, in every run."""
        sequence = self.sequence - self._age(salts)
        return struct.pack(">2I", 0x5A17ED01 + sequence & _WORD, _drawn("salt", sequence & _WORD))

    def _moved(self, salts: bytes) -> Sums:
        """How far other salts move the checksum of the header under which a frame was written."""
        sequence = self.sequence - self._age(salts) & _WORD
        was, now = self._head_sums(sequence, salts), self._head_sums(sequence, self._salts(salts))
        return now[0] - was[0] & _WORD, now[1] - was[1] & _WORD

    def _head_sums(self, sequence: int, salts: bytes) -> Sums:
        head = bytes(self.data[:12]) + struct.pack(">I", sequence) + salts
        return Checksum.over(24, big_endian=self.order).after((0, 0), head)


# -- the rollback journal ------------------------------------------------------------------------


@dataclass(slots=True)
class _Journal:
    """A journal, record by record: the page, and a checksum that begins with the nonce of the record's header."""

    data: bytearray
    page_size: int
    change: int
    """The database's change counter: no two transactions write with the same."""
    headers: int = 0

    def settled(self) -> bytes:
        """The journal with other nonces in what the last transaction wrote: all up to a record with a nonce that its
        header has not. What stands behind is left over, and lies there in any order."""
        if len(self.data) < _JOURNAL_HEAD or self.page_size not in _SECTORS:
            return bytes(self.data)
        sector, stride = self._sector(), self.page_size + 8
        # A commit has zeroed the first header of a journal that stays.
        nonce = self._open(0) if any(self.data[:_JOURNAL_HEAD]) else None
        at = sector
        while True:
            head = (at + sector - 1) // sector * sector
            if at + stride <= len(self.data) and any(self.data[at : at + 4]) and nonce in (None, self._of(at)):
                nonce = self._of(at)
                self._put(at + 4 + self.page_size, _drawn("nonce", self.change, self.headers) + self._sum(at))
                at += stride
            elif self._is_head(head, sector):
                self.headers += 1
                nonce = self._open(head)
                at = head + sector
            else:
                return bytes(self.data)

    def _sector(self) -> int:
        """The header's room; where a commit has zeroed the header, that behind which a record stands."""
        given = int.from_bytes(self.data[20:24], "big")
        if given in _SECTORS:
            return given
        return next((size for size in _SECTORS if any(self.data[size : size + 4])), _SECTORS[0])

    def _is_head(self, at: int, sector: int) -> bool:
        """One that was not synced yet has no magic, but says how large its units are."""
        named = self.data[at : at + 8] == MAGIC
        return named or self.data[at + 20 : at + _JOURNAL_HEAD] == struct.pack(">2I", sector, self.page_size)

    def _open(self, head: int) -> int:
        """Give a header its new nonce; the one that it had."""
        nonce = int.from_bytes(self.data[head + 12 : head + 16], "big")
        self._put(head + 12, _drawn("nonce", self.change, self.headers))
        return nonce

    def _of(self, at: int) -> int:
        """The nonce that a record was written with."""
        end = at + 4 + self.page_size
        return int.from_bytes(self.data[end : end + 4], "big") - self._sum(at) & _WORD

    def _sum(self, at: int) -> int:
        """Every 200th byte from the end of the page."""
        return sum(self.data[at + 4 + self.page_size - 200 : at + 4 : -200])

    def _put(self, at: int, word: int) -> None:
        self.data[at : at + 4] = (word & _WORD).to_bytes(4, "big")
