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
    """The sidecars of a database by their suffix: `-journal`, `-wal`, `-shm`. What is not in order stays as it is."""
    settled = dict(sidecars)
    if "-journal" in settled and len(database) >= HEAD:
        size = int.from_bytes(database[16:18], "big")
        settled["-journal"] = _Journal(bytearray(settled["-journal"]), 65536 if size == 1 else size).settled()
    log = _Log.of(settled.get("-wal", b""))
    if log is not None:
        settled["-wal"] = log.settled()
        if "-shm" in settled:
            settled["-shm"] = log.index(settled["-shm"])
    return settled


def _drawn(label: str, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{label} {number}".encode()).digest()[:4], "big")


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
    nonces: dict[int, int] = field(default_factory=dict)
    """What became of each nonce, in the order of the file."""

    def settled(self) -> bytes:
        if len(self.data) < _JOURNAL_HEAD or self.page_size not in _SECTORS:
            return bytes(self.data)
        sector = self._sector()
        stride = self.page_size + 8
        at = 0
        while at + _JOURNAL_HEAD <= len(self.data):
            head = (at + sector - 1) // sector * sector
            if self._is_head(head, sector):
                nonce = int.from_bytes(self.data[head + 12 : head + 16], "big")
                if any(self.data[head : head + _JOURNAL_HEAD]):
                    self._put(head + 12, self._nonce(nonce))
                at = head + sector
            elif at + stride <= len(self.data):
                self._settle_record(at)
                at += stride
            else:
                break
        return bytes(self.data)

    def _sector(self) -> int:
        """The header's room; where a commit has zeroed the header, that behind which a record stands."""
        given = int.from_bytes(self.data[20:24], "big")
        if given in _SECTORS:
            return given
        return next((size for size in _SECTORS if any(self.data[size : size + 4])), _SECTORS[0])

    def _is_head(self, at: int, sector: int) -> bool:
        """The first always; one that was not synced yet has no magic, but says how large its units are."""
        if at == 0 or self.data[at : at + 8] == MAGIC:
            return True
        return self.data[at + 20 : at + _JOURNAL_HEAD] == struct.pack(">2I", sector, self.page_size)

    def _settle_record(self, at: int) -> None:
        body, end = at + 4, at + 4 + self.page_size
        if not any(self.data[at:body]):
            return  # no page has number 0: nothing was ever written here
        # Every 200th byte from the end of the page.
        content = sum(self.data[end - 200 : body : -200]) & _WORD
        nonce = int.from_bytes(self.data[end : end + 4], "big") - content & _WORD
        self._put(end, self._nonce(nonce) + content & _WORD)

    def _nonce(self, nonce: int) -> int:
        return self.nonces.setdefault(nonce, _drawn("nonce", len(self.nonces)))

    def _put(self, at: int, word: int) -> None:
        self.data[at : at + 4] = word.to_bytes(4, "big")
