"""The bytes of stored files: decrypted when they are asked for, and no longer than they were."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from harness.devices._contents import IN_MEMORY, anonymous
from harness.errors import FormatError
from harness.model import Buffer, Content

__all__ = ["BLOCK", "Sealed", "decrypted", "encrypted", "extent"]

BLOCK = 16
"""Bytes that AES takes at once."""
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that is encrypted with a key of its own."""

    stored: Content = field(repr=False)
    key: bytes = field(repr=False)
    size: int
    """In clear."""

    def read(self) -> Buffer:
        data = self.stored.read()
        if self.size <= IN_MEMORY:
            return decrypted(self.key, bytes(data[: -(-self.size // BLOCK) * BLOCK]))[: self.size]
        try:
            return anonymous(self._pieces(memoryview(data)))
        except OSError as error:
            raise FormatError("no room to decrypt the file") from error

    def _pieces(self, data: memoryview) -> Iterator[bytes]:
        cipher = _cipher(self.key, bytes(BLOCK))
        for at in range(0, self.size, _STEP):
            end = min(at + _STEP, -(-self.size // BLOCK) * BLOCK)
            yield cipher.decrypt(data[at:end])[: self.size - at]


def extent(stored: Content, key: bytes, told: int | None) -> int:
    """How long a file is in clear: as its manifest says where the stored bytes agree, else as its padding says.

    Raises:
        AccessDenied: it may not be read.
        FormatError: it cannot be read.
    """
    whole = stored.size // BLOCK * BLOCK
    if told is not None and stored.size == whole and max(0, whole - BLOCK) <= told <= whole:
        return told
    if stored.size != whole or not whole:
        return whole
    end = bytes(stored.read()[max(0, whole - 2 * BLOCK) : whole])
    vector, last = (end[:BLOCK], end[BLOCK:]) if len(end) > BLOCK else (bytes(BLOCK), end)
    plain = _cipher(key, vector).decrypt(last)
    padding = plain[-1]
    padded = 1 <= padding <= BLOCK and plain.endswith(bytes([padding]) * padding)
    return whole - padding if padded else whole


def decrypted(key: bytes, data: bytes) -> bytes:
    """AES in CBC mode from a vector of zeros, as all of a backup; without what is behind the last whole block."""
    return _cipher(key, bytes(BLOCK)).decrypt(data[: len(data) // BLOCK * BLOCK])


def encrypted(key: bytes, data: bytes) -> bytes:
    """The opposite, padded."""
    missing = BLOCK - len(data) % BLOCK
    return _cipher(key, bytes(BLOCK)).encrypt(data + bytes([missing]) * missing)


class _Cipher(Protocol):
    def encrypt(self, plaintext: bytes) -> bytes: ...

    def decrypt(self, ciphertext: bytes | memoryview) -> bytes: ...


def _cipher(key: bytes, vector: bytes) -> _Cipher:
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    return AES.new(key, AES.MODE_CBC, iv=vector)
