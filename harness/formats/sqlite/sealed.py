"""Databases under SQLCipher, for whoever has the key: as the same database in the clear, with its sidecars."""

import struct

from harness.errors import FormatError
from harness.formats._sqlcipher import Cipher, cipher_of, pages
from harness.formats.sqlite.journal import read_journal
from harness.formats.sqlite.wal import FRAME_HEAD, HEAD, seal
from harness.model import Document

__all__ = ["decrypted"]

_WAL, _JOURNAL = "-wal", "-journal"


def decrypted(document: Document, key: str | bytes) -> Document:
    """The document as it would be without encryption, given the passphrase or the key (`x'…'`, or 32 or 48 bytes).

    What is left over in a log or journal from other databases or keys stays as it is.

    Raises:
        FormatError: the key is not that of this database, or a page of it is damaged.
    """
    data = bytes(document.data)
    cipher = cipher_of(data, key)
    sidecars = {suffix: bytes(held) for suffix, held in document.sidecars.items()}
    if log := sidecars.get(_WAL):
        sidecars[_WAL] = _log(cipher, log)
    if journal := sidecars.get(_JOURNAL):
        sidecars[_JOURNAL] = _journal(cipher, journal, len(data) // cipher.page_size)
    return Document(b"".join(pages(cipher, data)), sidecars)


def _log(cipher: Cipher, log: bytes) -> bytes:
    """A write-ahead log in the clear: its checksums are of what is encrypted, so they are drawn up anew."""
    if len(log) < HEAD:
        return log
    out = bytearray(log)
    stride = FRAME_HEAD + cipher.page_size
    salts = log[16:24]
    valid = HEAD
    for at in range(HEAD, len(log) - stride + 1, stride):
        body = at + FRAME_HEAD
        number = int.from_bytes(log[at : at + 4], "big")
        _open_into(out, cipher, number, body)
        valid = at + stride if valid == at and log[at + 8 : at + 16] == salts else valid
    return seal(bytes(out[:valid]), struct.unpack(">2I", salts)) + bytes(out[valid:])


def _journal(cipher: Cipher, journal: bytes, count: int) -> bytes:
    """A rollback journal in the clear."""
    out = bytearray(journal)
    for frame in read_journal(journal, cipher.page_size, count).frames:
        end = frame.start + cipher.page_size
        nonce = int.from_bytes(out[end : end + 4], "big") - _sum(journal, frame.start, cipher.page_size)
        if _open_into(out, cipher, frame.page, frame.start):
            told = nonce + _sum(out, frame.start, cipher.page_size)
            out[end : end + 4] = (told & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(out)


def _open_into(out: bytearray, cipher: Cipher, number: int, start: int) -> bool:
    """Put a page in the clear in its own place, if the key opens it."""
    try:
        out[start : start + cipher.page_size] = cipher.open(bytes(out[start : start + cipher.page_size]), number)
    except FormatError:
        return False
    return True


def _sum(data: bytes | bytearray, start: int, size: int) -> int:
    """What a page adds to the checksum of its record: every 200th byte from its end."""
    return sum(data[start + i] for i in range(size - 200, 0, -200))
