"""SQLCipher's pages: each in AES-CBC under one key, with a vector and a checksum at its end.

Specified at https://www.zetetic.net/sqlcipher/design/. The first 16 bytes of the file are the salt of the passphrase;
a page's checksum is an HMAC over what is encrypted, the vector and the page's number.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from harness.errors import FormatError

__all__ = ["HEADER", "SCHEMES", "Cipher", "Scheme", "cipher_of", "new_cipher", "pages"]

HEADER = b"SQLite format 3\x00"
"""What the salt stands in place of."""
_SALT = _IV = 16
_MASK = 0x3A
"""What the salt of the checksums' key differs by from that of the passphrase."""
_PLAIN = 32
"""Bytes that stay in the clear where iOS must see what a file is; the salt is kept elsewhere then."""
_RAW = re.compile(rb"(?:[xX]')?([0-9a-fA-F]{64})([0-9a-fA-F]{32})?'?")
_KINDS = (2, 5, 10, 13)


class _Aes(Protocol):
    def encrypt(self, plaintext: bytes) -> bytes: ...

    def decrypt(self, ciphertext: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a version of SQLCipher seals a database where nobody says otherwise."""

    version: int
    digest: str
    """Of the derivation, and of the checksums where there are some."""
    rounds: int
    page_size: int
    has_checksums: bool = True

    @property
    def reserve(self) -> int:
        """Bytes at the end of each page that are not the database's."""
        size = _IV + (hashlib.new(self.digest).digest_size if self.has_checksums else 0)
        return (size + 15) // 16 * 16


SCHEMES = (
    Scheme(4, "sha512", 256_000, 4096),
    Scheme(3, "sha1", 64_000, 1024),
    Scheme(2, "sha1", 4_000, 1024),
    Scheme(4, "sha256", 256_000, 4096),
    Scheme(1, "sha1", 4_000, 1024, has_checksums=False),
)
_PAGE_SIZES = (4096, 1024, 2048, 8192, 512, 16384, 32768, 65536)


@dataclass(frozen=True, slots=True)
class Cipher:
    """What opens and seals the pages of one database."""

    scheme: Scheme
    page_size: int
    salt: bytes
    key: bytes = field(repr=False)
    checksum_key: bytes = field(repr=False)
    plain: int = 0
    """Bytes of the first page that are in the clear."""

    def open(self, page: bytes, number: int) -> bytes:
        """A page in the clear; what is reserved in it is zeros then.

        Raises:
            FormatError: it is cut off, or its checksum is not that of its content under this key.
        """
        start = (self.plain or _SALT) if number == 1 else 0
        end = self.page_size - self.scheme.reserve
        if len(page) != self.page_size:
            raise FormatError("an encrypted page is cut off")
        if self.scheme.has_checksums:
            stored = page[end + _IV : end + _IV + hashlib.new(self.scheme.digest).digest_size]
            if not hmac.compare_digest(self._checksum(page[start : end + _IV], number), stored):
                raise FormatError("an encrypted page does not fit the key")
        clear = self._aes(page[end : end + _IV]).decrypt(page[start:end])
        first = page[:start] if self.plain else HEADER[:start]
        return first + clear + bytes(self.scheme.reserve)

    def seal(self, page: bytes, number: int, iv: bytes) -> bytes:
        """A page as it is stored, given in the clear."""
        start = _SALT if number == 1 else 0
        body = self._aes(iv).encrypt(page[start : self.page_size - self.scheme.reserve]) + iv
        seal = self._checksum(body, number) if self.scheme.has_checksums else b""
        stored = self.salt[:start] + body + seal
        return stored + bytes(self.page_size - len(stored))

    def _checksum(self, body: bytes, number: int) -> bytes:
        return hmac.digest(self.checksum_key, body + number.to_bytes(4, "little"), self.scheme.digest)

    def _aes(self, iv: bytes) -> _Aes:
        from Crypto.Cipher import AES  # noqa: PLC0415 - only databases with a key need it

        cipher: _Aes = AES.new(self.key, AES.MODE_CBC, iv)
        return cipher


def cipher_of(data: bytes, key: str | bytes) -> Cipher:
    """The cipher of a database, given its passphrase, or its key: 32 bytes, 48 with the salt, or their digits.

    Raises:
        FormatError: the key does not open it in any version of SQLCipher.
    """
    secret = key.encode() if isinstance(key, str) else key
    raw = _raw_key(secret, is_text=isinstance(key, str))
    found = raw and _tried(data, raw[:32], raw[32:], is_derived=True)
    found = found or _tried(data, secret, b"", is_derived=False)
    if not found:
        raise FormatError("the key does not open this database")
    return found


def _tried(data: bytes, secret: bytes, salt: bytes, *, is_derived: bool) -> Cipher | None:
    """The cipher whose checksum, or whose database, comes out right; the likeliest versions are tried first."""
    plain = _PLAIN if data.startswith(HEADER) else 0
    salt = salt or (b"" if plain else data[:_SALT])
    derived: dict[tuple[str, int], bytes] = {}
    for scheme in SCHEMES if len(salt) == _SALT else ():
        way = (scheme.digest, scheme.rounds)
        if way not in derived:
            derived[way] = secret if is_derived else _derived(scheme.digest, secret, salt, scheme.rounds)
        for size in sorted(_PAGE_SIZES, key=lambda each: each != scheme.page_size):
            cipher = new_cipher(scheme, derived[way], salt, page_size=size, plain=plain)
            if len(data) >= size and _fits(cipher, data[:size]):
                return cipher
    return None


def new_cipher(scheme: Scheme, key: bytes, salt: bytes, *, page_size: int = 0, plain: int = 0) -> Cipher:
    """The cipher of a version for a key of 32 bytes."""
    checksum_key = _derived(scheme.digest, key, bytes(byte ^ _MASK for byte in salt), 2)
    return Cipher(scheme, page_size or scheme.page_size, salt, key, checksum_key, plain)


def pages(cipher: Cipher, data: bytes) -> Iterator[bytes]:
    """The pages of a database file in the clear.

    Raises:
        FormatError: one of them is damaged; those before it have been given.
    """
    for start in range(0, len(data), cipher.page_size):
        yield cipher.open(data[start : start + cipher.page_size], start // cipher.page_size + 1)


def _raw_key(secret: bytes, *, is_text: bool) -> bytes:
    """The bytes of a key that is none to derive one from; empty where it is a passphrase."""
    if match := _RAW.fullmatch(secret):
        return bytes.fromhex((match[1] + (match[2] or b"")).decode())
    return secret if not is_text and len(secret) in (32, 48) else b""


def _fits(cipher: Cipher, page: bytes) -> bool:
    """Whether a cipher opens the first page: by its checksum, or else by what a database says there of itself."""
    try:
        clear = cipher.open(page, 1)
    except FormatError:
        return False
    size = int.from_bytes(clear[16:18], "big")
    is_size = cipher.page_size == (65536 if size == 1 else size)
    return is_size and (
        clear[20] >= cipher.scheme.reserve and clear[21:24] == b"\x40\x20\x20" and clear[100] in _KINDS
    )


def _derived(digest: str, secret: bytes, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac(digest, secret, salt, rounds, 32)
