"""Databases that are encrypted as a whole, SQLCipher's above all: recognised, so that nobody takes them for clean.

Nothing in such a file says what it is; that is what its salt is for. What tells it is that it is made of whole pages,
that it begins with no sign of any format, and that each page looks drawn at random. Compressed data look so too, but
for the pages; so what is known of it is only that it cannot be read. Some ciphers leave the begin of SQLite's header
in the clear, and then that tells it.

With its key, `harness.formats.sqlite.sealed` opens one.
"""

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from harness.errors import FormatError
from harness.formats._evenness import LEAST, is_even
from harness.formats._sqlcipher import HEADER, SCHEMES, new_cipher
from harness.formats.base import Format, Sample, fill
from harness.limits import Limits
from harness.model import Buffer, Document, Ledger, Place, Share, Span, State, Value

__all__ = ["EncryptedDatabase", "Evidence", "SqlCipherFile", "evidence"]

_HEAD = 4096
_UNIT = 1024
"""Bytes of the smallest page; of databases with pages of 512 bytes, those with an even number are recognised."""
_SMALLEST = 4096
_PLAIN = 32
"""Bytes of the header that may be in the clear."""
_FIXED = b"\x40\x20\x20"
"""What SQLite's header has at 21, whatever is in the database."""
_WAL_MAGIC = (0x377F0682, 0x377F0683)


@dataclass(frozen=True, slots=True)
class SqlCipherFile:
    """What to write: a database of one table of texts, under a key."""

    key: bytes
    """32 bytes."""
    texts: tuple[str, ...] = ()
    version: int = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a file is taken for an encrypted database."""

    score: float
    reason: str = ""
    plain: tuple[int, int] = (0, 0)
    """The stretch that is in the clear."""


def evidence(head: bytes, size: int) -> Evidence:
    """What the first bytes of a file, and its size, say."""
    if size < _SMALLEST or size % _UNIT or len(head) < min(size, _HEAD) or not is_even(head[_PLAIN:]):
        return Evidence(0.0)
    pages = f"whole pages, bytes that look random in all of the first {len(head)}"
    if head.startswith(HEADER):
        return Evidence(0.97, f"SQLite's header, then {pages}", (0, _PLAIN))
    page = int.from_bytes(head[16:18], "big")
    if head[21:24] == _FIXED and page & (page - 1) == 0 and (page == 1 or page >= 512):
        return Evidence(0.96, f"the size of a page as in SQLite's header, and {pages}", (16, 24))
    return Evidence(0.45, pages)


class EncryptedDatabase(Format):
    """Whole pages of ciphertext; there is nothing to locate."""

    title = "Encrypted database, or other ciphertext in whole pages"
    source = "https://www.zetetic.net/sqlcipher/design/"
    sidecars = ("-wal", "-journal", "-shm")
    container_only = True
    endless = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(SqlCipherFile(hashlib.sha256(b"sample").digest(), ("jane.roe@example.org",)), ()),
        Sample(SqlCipherFile(hashlib.sha256(b"sample").digest(), ("jane.roe@example.org",) * 90, version=3), ()),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return evidence(head, size).score

    def account(self, document: Document, limits: Limits) -> Ledger:
        found = evidence(bytes(document.data[:_HEAD]), len(document.data))
        parts = {"": _shares(document.data, [found.plain] if found.plain[1] else [], Share.UNKNOWN)}
        for name, data in document.sidecars.items():
            rest = Share.STRUCTURE if name == "-shm" else Share.UNKNOWN
            parts[name] = _shares(data, list(_frame_heads(name, data)), rest)
        return Ledger(parts)

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        return [Place((), State.RAW)] * len(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        """Nothing: that is what the key is for."""
        yield from ()

    def encode(self, content: object) -> Document:
        """`content` is a `SqlCipherFile`."""
        if not isinstance(content, SqlCipherFile):
            raise FormatError("only a SqlCipherFile can be written")
        return Document(_written(content))


def _shares(data: Buffer, heads: Sequence[tuple[int, int]], rest: Share) -> tuple[Span, ...]:
    """What is in the clear, and between it the ciphertext."""
    spans = [Span(start, end, Share.STRUCTURE) for start, end in heads]
    for start, end in _between(spans, len(data)):
        spans += _even(data[start:end], start)
    return fill(spans, len(data), rest)


def _even(data: Buffer, offset: int) -> Iterator[Span]:
    """Stretches of whole units that look random; what is left at the end goes with the one before."""
    start = at = 0
    while at < len(data):
        end = len(data) if len(data) - at < 2 * LEAST else at + LEAST
        if not is_even(data[at:end]):
            if at > start:
                yield Span(offset + start, offset + at, Share.ENCRYPTED)
            start = end
        at = end
    if at > start:
        yield Span(offset + start, offset + at, Share.ENCRYPTED)


def _frame_heads(name: str, data: Buffer) -> Iterator[tuple[int, int]]:
    """The headers in a log or journal, which are never encrypted."""
    if name == "-wal" and len(data) >= 32 and int.from_bytes(data[:4], "big") in _WAL_MAGIC:
        size = int.from_bytes(data[8:12], "big")
        yield 0, 32
        if 512 <= size <= 65536:
            yield from ((at, at + 24) for at in range(32, len(data) - 23, size + 24))
    elif name == "-journal" and len(data) >= 28:
        yield 0, 28


def _between(heads: Sequence[Span], size: int) -> Iterator[tuple[int, int]]:
    edges = [0, *(edge for span in heads for edge in (span.start, span.end)), size]
    return ((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


# -- writing -------------------------------------------------------------------------------------


def _written(content: SqlCipherFile) -> bytes:
    """A database as SQLCipher writes it; its vectors and salt are drawn from the key, so that equal content gives
    equal bytes."""
    scheme = next((each for each in SCHEMES if each.version == content.version), None)
    if scheme is None or len(content.key) != 32:
        raise FormatError("no such version of SQLCipher, or a key of another length than 32 bytes")
    clear = _database(content.texts, scheme.page_size, scheme.reserve)
    salt = hashlib.sha256(content.key + b"salt").digest()[:16]
    cipher = new_cipher(scheme, content.key, salt)
    out = bytearray()
    for number, start in enumerate(range(0, len(clear), scheme.page_size), 1):
        iv = hashlib.sha256(content.key + number.to_bytes(4, "big")).digest()[:16]
        out += cipher.seal(clear[start : start + scheme.page_size], number, iv)
    return bytes(out)


def _database(texts: Sequence[str], page_size: int, reserve: int) -> bytes:
    """A database of one table, with so many bytes of each page reserved: SQLite fills an empty one that says so."""
    page = bytearray(page_size)
    usable = page_size - reserve
    page[:24] = HEADER + page_size.to_bytes(2, "big") + bytes([1, 1, reserve]) + _FIXED
    page[28:32] = page[44:48] = page[56:60] = (1).to_bytes(4, "big")
    page[47] = 4
    page[100:108] = bytes([13, 0, 0, 0, 0, *usable.to_bytes(2, "big"), 0])
    with tempfile.TemporaryDirectory(prefix="storage-harness-") as folder:
        path = Path(folder) / "database"
        path.write_bytes(page)
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("CREATE TABLE texts(id INTEGER PRIMARY KEY, text TEXT)")
                connection.executemany("INSERT INTO texts(text) VALUES (?)", [(text,) for text in texts])
        except sqlite3.Error as error:
            raise FormatError(f"the database cannot be written: {type(error).__name__}") from error
        return path.read_bytes()
