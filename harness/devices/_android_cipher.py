"""How an Android backup is encrypted: a random key, wrapped with one that is derived from a password.

Source: AOSP, `PasswordUtils` and `PerformAdbRestoreTask`. The checksum of the wrapped key is derived from the key
itself, each byte of it taken for a character. Those are signed, so that a half of them becomes U+FF80 to U+FFFF; and
what was written before Android 4.4 (version 1) took of each character its lower eight bits alone.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from harness.devices._passwords import Passwords
from harness.errors import FormatError, SourceError

__all__ = ["LINES", "Key", "Lock", "decrypted", "encrypted", "locked"]

LINES = 5
"""What an encrypted backup says beyond the head of a plain one."""
BLOCK = 16
_KEY = 32
_MOST_ROUNDS = 10_000_000
"""The system itself uses 10,000; a backup that asks for so many is there to keep us busy."""


@dataclass(frozen=True, slots=True)
class Key:
    """What the content is encrypted with."""

    key: bytes = field(repr=False)
    vector: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What the head of an encrypted backup says."""

    salt: bytes
    check_salt: bytes
    rounds: int
    vector: bytes
    sealed: bytes = field(repr=False)
    """The key of the content, wrapped."""

    @classmethod
    def of(cls, lines: Sequence[bytes]) -> "Lock":
        """From the lines of the head.

        Raises:
            SourceError: they make no sense, or ask for too much.
        """
        try:
            salt, check_salt, rounds, vector, sealed = lines
            lock = cls(
                salt=_unhexed(salt),
                check_salt=_unhexed(check_salt),
                rounds=int(rounds),
                vector=_unhexed(vector),
                sealed=_unhexed(sealed),
            )
        except ValueError as error:
            raise SourceError("the head of the encrypted backup is damaged") from error
        if lock.rounds < 1 or len(lock.vector) != BLOCK or not lock.sealed or len(lock.sealed) % BLOCK:
            raise SourceError("the head of the encrypted backup is damaged")
        if lock.rounds > _MOST_ROUNDS:
            raise SourceError(f"the backup asks for {lock.rounds:,} rounds of key derivation, which is no backup's")
        return lock

    def opened(self, source: str, passwords: Passwords) -> Key:
        """The key of the content.

        Raises:
            SourceError: there is no password, or it is another one.
        """
        password = passwords.of(source)
        for secret in dict.fromkeys((_as_utf8(password), _as_low_bytes(password))):
            derived = passwords.derived(
                secret, self.salt, self.rounds, by=partial(_stretched, secret, self.salt, self.rounds)
            )
            blob = _unpadded(_cipher(Key(derived, self.vector)).decrypt(self.sealed))
            if blob is not None and (key := self._checked(blob)) is not None:
                return key
        raise passwords.wrong(source)

    def _checked(self, blob: bytes) -> Key | None:
        """Vector, key and checksum, each behind its length; nothing where they do not match."""
        parts, at = [], 0
        while at < len(blob):
            end = at + 1 + blob[at]
            parts.append(blob[at + 1 : end])
            at = end
        if at != len(blob) or [len(part) for part in parts[:2]] != [BLOCK, _KEY] or len(parts) != 3:
            return None
        vector, key, told = parts
        sums = (_stretched(text, self.check_salt, self.rounds) for text in (_key_as_utf8(key), key))
        return Key(key, vector) if any(hmac.compare_digest(each, told) for each in sums) else None


def locked(password: str, content: Key, salts: tuple[bytes, bytes], *, old: bool = False) -> list[bytes]:
    """The lines of the head for content that is encrypted with a key, as Android writes them; for tests and devices
    that are played."""
    salt, check_salt = salts
    rounds = 10_000
    vector = hashlib.sha256(salt + b"vector").digest()[:BLOCK]
    text = content.key if old else _key_as_utf8(content.key)
    parts = (content.vector, content.key, _stretched(text, check_salt, rounds))
    blob = _padded(b"".join(bytes([len(part)]) + part for part in parts))
    secret = _as_low_bytes(password) if old else _as_utf8(password)
    sealed = _cipher(Key(_stretched(secret, salt, rounds), vector)).encrypt(blob)
    return [_hexed(salt), _hexed(check_salt), b"%d" % rounds, _hexed(vector), _hexed(sealed)]


def encrypted(plain: bytes, key: Key) -> bytes:
    """Content, as it is behind the head."""
    return bytes(_cipher(key).encrypt(_padded(plain)))


def decrypted(pieces: Iterable[bytes], key: Key) -> Iterator[bytes]:
    """The content of a backup while it comes.

    Raises:
        FormatError: it is cut off; all that came was given.
    """
    cipher = _cipher(key)
    held = b""
    for piece in pieces:
        held += piece
        ready = (len(held) - 1) // BLOCK * BLOCK  # the last block is padded, and may be this one
        if ready > 0:
            yield cipher.decrypt(held[:ready])
            held = held[ready:]
    if len(held) != BLOCK:
        raise FormatError("the backup is cut off")
    last = cipher.decrypt(held)
    plain = _unpadded(last)
    yield last if plain is None else plain
    if plain is None:
        raise FormatError("the backup is cut off")


class _Cipher:
    """AES in CBC mode; what the library is asked for."""

    def __init__(self, key: Key) -> None:
        from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

        self._cipher = AES.new(key.key, AES.MODE_CBC, iv=key.vector)

    def encrypt(self, plain: bytes) -> bytes:
        return bytes(self._cipher.encrypt(plain))

    def decrypt(self, sealed: bytes) -> bytes:
        return bytes(self._cipher.decrypt(sealed))


def _cipher(key: Key) -> _Cipher:
    return _Cipher(key)


def _stretched(secret: bytes, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", secret, salt, rounds, _KEY)


def _as_utf8(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _as_low_bytes(password: str) -> bytes:
    return password.encode("utf-16-le", "surrogatepass")[::2]


def _key_as_utf8(key: bytes) -> bytes:
    return "".join(chr(byte if byte < 0x80 else 0xFF00 | byte) for byte in key).encode()


def _padded(plain: bytes) -> bytes:
    missing = BLOCK - len(plain) % BLOCK
    return plain + bytes([missing]) * missing


def _unpadded(plain: bytes) -> bytes | None:
    size = plain[-1] if plain else 0
    return plain[:-size] if 1 <= size <= BLOCK and plain.endswith(bytes([size]) * size) else None


def _unhexed(text: bytes) -> bytes:
    return bytes.fromhex(text.decode("ascii"))


def _hexed(data: bytes) -> bytes:
    return data.hex().upper().encode()
