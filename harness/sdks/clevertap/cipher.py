"""What the SDK's encryption is worth: its two schemes, both ways, and where an attacker has each key from.

The legacy scheme derives its key from the account id, which every installation of the app shares: whoever has a copy
of the files opens it. The later scheme holds what its keystore holds, but on API 21 and 22, where the key lies in the
preferences beside the data.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import ClassVar

from harness.errors import AccessDenied, DeviceError
from harness.model import Record
from harness.sdks.base import Cipher, FoundKey, KeyHolder
from harness.sdks.clevertap.accounts import accounts, is_main_store
from harness.sdks.clevertap.frames import (
    BRACKET_CUES,
    BRACKETS,
    FRAME,
    FRAME_CUES,
    bracket_fault,
    bracketed,
    frame_fault,
    framed,
    unbracketed,
    unbracketed_end,
    unframed,
)

__all__ = [
    "CONSTANTS",
    "KEYSTORE_ALIAS",
    "KEYSTORE_LAYER",
    "LEGACY_LAYER",
    "PREFERENCES_LAYER",
    "KeystoreGcm",
    "LegacyAes",
    "PreferencesGcm",
    "framed",
    "gcm_open",
    "gcm_seal",
    "legacy_key",
    "legacy_open",
    "legacy_seal",
    "unframed",
]

LEGACY_LAYER = "aes-cbc:clevertap-android-legacy"
KEYSTORE_LAYER = "aes-gcm:keystore"
PREFERENCES_LAYER = "aes-gcm:clevertap-android-preferences"

KEYSTORE_ALIAS = "EncryptionKey"
"""Of the key in the keystore, and of the preference on API 21 and 22."""

_BEFORE, _BEHIND = b"Lq3fz", b"bLti2"
"""Of the account in a password."""
_SALT = b"W1ZRCl3>"
_IV = b"__CL3>3Rt#P__1V_"
CONSTANTS = (_SALT, _BEFORE, _BEHIND)
"""What the SDK brings along that may serve as a salt."""
_BLOCK = 16
_NONCE, _TAG = 12, 16
_MOST_KEYS = 16


# -- the legacy scheme, 5.2.0 to 7.1.x -----------------------------------------------------------


@lru_cache(maxsize=256)
def legacy_key(account: str) -> bytes:
    """16 bytes: one pass of MD5, whatever the SDK asks its key factory for."""
    # The factory keeps the low byte of each character.
    name = bytes(ord(character) & 0xFF for character in account)
    return hashlib.md5(_BEFORE + name + _BEHIND + _SALT, usedforsecurity=False).digest()


def legacy_seal(account: str, text: str) -> str:
    """As it is on disk: `[-84, -2, …]`. Equal texts of one account give equal ciphertexts."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    # Java's encoder replaces what is no character.
    plain = text.encode("utf-8", "replace")
    missing = _BLOCK - len(plain) % _BLOCK
    return bracketed(AES.new(legacy_key(account), AES.MODE_CBC, _IV).encrypt(plain + bytes([missing]) * missing))


def legacy_open(account: str, text: str) -> str | None:
    """What was sealed; None where it is not this account's, or no ciphertext."""
    sealed = unbracketed(text) if text.isascii() else None
    plain = _opened_by_aes(legacy_key(account), sealed) if sealed else None
    return None if plain is None else plain.decode("utf-8")


def _opened_by_aes(key: bytes, sealed: bytes) -> bytes | None:
    """The plain text, where its padding and its encoding say that the key is the right one."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    if len(sealed) % _BLOCK:
        return None
    padding = _padding(key, sealed[-2 * _BLOCK :])
    if not padding:
        return None
    plain: bytes = AES.new(key, AES.MODE_CBC, _IV).decrypt(sealed)[:-padding]
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return plain


def _padding(key: bytes, end: bytes) -> int:
    """Bytes of padding at the end of what was sealed; 0 where the last block, or last two, are not of this key."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    if len(end) not in {_BLOCK, 2 * _BLOCK}:
        return 0
    last = AES.new(key, AES.MODE_CBC, end[:-_BLOCK] or _IV).decrypt(end[-_BLOCK:])
    padding = last[-1]
    return padding if 1 <= padding <= _BLOCK and last.endswith(bytes([padding]) * padding) else 0


# -- the later scheme, since 7.2.0 ---------------------------------------------------------------


def gcm_seal(key: bytes, nonce: bytes, text: str) -> str:
    """As it is on disk: `<ct<nonce:ciphertext and tag>ct>`."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=_TAG)
    sealed, tag = cipher.encrypt_and_digest(text.encode("utf-8", "replace"))
    return framed(nonce + sealed + tag)


def gcm_open(key: bytes, text: str) -> str | None:
    """What was sealed; None where it was with another key, or is no ciphertext."""
    sealed = unframed(text) if text.isascii() else None
    plain = _opened_by_gcm(key, sealed) if sealed else None
    return None if plain is None else plain.decode("utf-8", "replace")


def _opened_by_gcm(key: bytes, sealed: bytes) -> bytes | None:
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    if len(key) not in {16, 24, 32}:
        return None
    cipher = AES.new(key, AES.MODE_GCM, nonce=sealed[:_NONCE], mac_len=_TAG)
    try:
        return cipher.decrypt_and_verify(sealed[_NONCE:-_TAG], sealed[-_TAG:])
    except ValueError:
        return None


# -- as an attacker sees them --------------------------------------------------------------------


class LegacyAes(Cipher):
    """AES-128-CBC under a key that the account id gives, with one IV for all: anyone with the files opens it."""

    layer = LEGACY_LAYER
    sign = b"["
    pattern: ClassVar[re.Pattern[bytes]] = BRACKETS
    cues = BRACKET_CUES
    lacking = "the account id, which gives the key, is nowhere in this storage; the app's manifest has it"

    def keys(self, records: Sequence[Record]) -> Iterator[FoundKey]:
        """One for each account id that the storage names; the app's package has it too, so no file is needed."""
        for account in accounts(records):
            yield FoundKey(layer=self.layer, source="derived from the account id", secret=legacy_key(account))

    def open(self, sealed: bytes, key: FoundKey, holder: KeyHolder | None) -> bytes | None:
        del holder
        if key.layer != self.layer or len(key.secret) != _BLOCK:
            return None
        # The end of it tells a wrong key: of many accounts, all but one cost no pass over a long ciphertext.
        if not _padding(key.secret, unbracketed_end(sealed, 2 * _BLOCK)):
            return None
        data = unbracketed(sealed)
        return None if data is None else _opened_by_aes(key.secret, data)

    def fault(self, sealed: bytes) -> str:
        return bracket_fault(sealed)


class _Framed(Cipher):
    """AES-GCM in the SDK's marks, wherever its key is."""

    sign = b"<ct<"
    pattern: ClassVar[re.Pattern[bytes]] = FRAME
    cues = FRAME_CUES

    def fault(self, sealed: bytes) -> str:
        return frame_fault(sealed)


class KeystoreGcm(_Framed):
    """API 23 and later: the key never leaves the keystore, and answers all code that runs as the app."""

    layer = KEYSTORE_LAYER

    def keys(self, records: Sequence[Record]) -> Iterator[FoundKey]:
        """The one alias that all accounts and users of an app share."""
        if records:
            yield FoundKey(layer=self.layer, source=f"keystore alias {KEYSTORE_ALIAS}", alias=KEYSTORE_ALIAS)

    def open(self, sealed: bytes, key: FoundKey, holder: KeyHolder | None) -> bytes | None:
        """What the keystore makes of it; that it refuses its key is passed on."""
        data = unframed(sealed)
        if data is None or holder is None or not key.alias:
            return None
        try:
            return holder.open(key.alias, data)
        except AccessDenied:
            raise
        except DeviceError:
            return None  # sealed with another key, or damaged


class PreferencesGcm(_Framed):
    """API 21 and 22, up to 8.0.x: the key lies in the preferences, beside what it is to protect."""

    layer = PREFERENCES_LAYER

    def keys(self, records: Sequence[Record]) -> Iterator[FoundKey]:
        """What is stored as `EncryptionKey`; an upgrade leaves it there."""
        found: dict[bytes, str] = {}
        for record in records:
            if record.key != KEYSTORE_ALIAS or not isinstance(record.value, str) or len(found) >= _MOST_KEYS:
                continue
            secret = _key_of(record.value) if is_main_store(record.locator.path) else b""
            if secret:
                found.setdefault(secret, record.locator.path)
        for secret, path in found.items():
            source = f"the preference {KEYSTORE_ALIAS} beside the data"
            yield FoundKey(layer=self.layer, source=source, secret=secret, paths=(path,))

    def open(self, sealed: bytes, key: FoundKey, holder: KeyHolder | None) -> bytes | None:
        del holder
        data = unframed(sealed)
        return None if data is None else _opened_by_gcm(key.secret, data)


def _key_of(text: str) -> bytes:
    """Empty where it is no AES key."""
    if len(text) > 64:
        return b""
    try:
        secret = base64.b64decode(text.strip().encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""
    return secret if len(secret) in {16, 24, 32} else b""
