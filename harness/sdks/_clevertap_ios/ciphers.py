"""What the SDK's encryption on iOS is worth: its two schemes, both ways, and where an attacker has each key from.

The legacy scheme copies a password into a buffer that is too short for the account id of any real customer, and then
uses the buffer, which is still zero: whoever has a copy of the files opens it. The later scheme holds against files,
and against nobody who asks the keychain as the app.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from harness.errors import AccessDenied, DeviceError
from harness.model import Record
from harness.sdks._clevertap_ios.accounts import accounts, is_ours
from harness.sdks.base import Cipher, FoundKey, KeyHolder

__all__ = [
    "CONSTANTS",
    "KEYCHAIN_ALIAS",
    "KEYCHAIN_LAYER",
    "LEGACY_LAYER",
    "KeychainGcm",
    "LegacyAes",
    "framed",
    "gcm_open",
    "gcm_seal",
    "legacy_keys",
    "legacy_open",
    "legacy_seal",
    "unframed",
]

LEGACY_LAYER = "aes-cbc:clevertap-ios-legacy"
KEYCHAIN_LAYER = "aes-gcm:keychain"
KEYCHAIN_ALIAS = "EncryptionKey"
"""Application tag of the item."""

_BEFORE, _BEHIND = b"Lq3fz", b"bLti2"
"""Of the account in a password."""
CONSTANTS = (_BEFORE, _BEHIND)
"""What the SDK brings along that may serve as a salt."""
_IV = b"__CL3>3Rt#P__1V_"
_BLOCK = 16
_NONCE, _TAG = 12, 16
_LONGEST = 1 << 24
"""Characters of one ciphertext."""
_END = 48
"""Characters of Base64 that hold the last two blocks, wherever they begin."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


# -- the legacy scheme, 5.2.0 to 7.1.1 -----------------------------------------------------------


def legacy_keys(account: str) -> tuple[bytes, ...]:
    """Those that can be an account's, in the order in which they are tried.

    First the one that the SDK has by the public source of CoreFoundation: zero where the password is longer than the
    buffer, as that of any account id of seven characters is. Then what a copy that cuts off gives, and what one that
    also spoils the first byte does.
    """
    password = _BEFORE + account.encode("utf-8", "replace") + _BEHIND
    cut = password[:_BLOCK].ljust(_BLOCK, b"\0")
    first = bytes(_BLOCK) if len(password) > _BLOCK else cut
    return tuple(dict.fromkeys((first, cut, b"\0" + cut[1:])))


def legacy_seal(account: str, plain: bytes) -> str:
    """As it is on disk: Base64 without any mark. Equal texts give equal ciphertexts, of any two customers."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    missing = _BLOCK - len(plain) % _BLOCK
    sealed = AES.new(legacy_keys(account)[0], AES.MODE_CBC, _IV).encrypt(plain + bytes([missing]) * missing)
    return base64.b64encode(sealed).decode("ascii")


def legacy_open(account: str, text: str) -> bytes | None:
    """What was sealed; None where it is not this account's, or no ciphertext."""
    sealed = _blocks(text.encode("ascii")) if text.isascii() else None
    if sealed is None:
        return None
    return next((plain for key in legacy_keys(account) if (plain := _opened_by_aes(key, sealed)) is not None), None)


def _blocks(text: bytes) -> bytes | None:
    """The bytes of strict Base64, where they are whole blocks."""
    if not 0 < len(text) <= _LONGEST or len(text) % 4:
        return None
    try:
        sealed = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return None
    return sealed if sealed and len(sealed) % _BLOCK == 0 else None


def _padding(key: bytes, end: bytes) -> int:
    """Bytes of padding behind the last block, of which the one before it is known; 0 where there is none in order."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    last = AES.new(key, AES.MODE_CBC, end[:-_BLOCK] or _IV).decrypt(end[-_BLOCK:])
    padding = last[-1]
    return padding if 1 <= padding <= _BLOCK and last.endswith(bytes([padding]) * padding) else 0


def _opened_by_aes(key: bytes, sealed: bytes) -> bytes | None:
    """The plain text, where padding and content say that there was one: nothing else tells it from noise."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    padding = _padding(key, sealed[-2 * _BLOCK :])
    if not padding:
        return None
    plain: bytes = AES.new(key, AES.MODE_CBC, _IV).decrypt(sealed)[:-padding]
    if plain.startswith(b"bplist00"):
        return plain
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(plain) else plain


# -- the later scheme, since 7.2.0 ---------------------------------------------------------------


def framed(sealed: bytes) -> str:
    """Nonce, ciphertext and tag as `<ct<…>ct>`."""
    return f"<ct<{base64.b64encode(sealed).decode('ascii')}>ct>"


def unframed(text: bytes) -> bytes | None:
    """Nonce, ciphertext and tag; None where it is no frame round so much."""
    if _fault(text):
        return None
    return binascii.a2b_base64(text[4:-4])


def gcm_seal(key: bytes, nonce: bytes, plain: bytes) -> str:
    """As it is on disk. `key` has 32 bytes, `nonce` 12."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    sealed, tag = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=_TAG).encrypt_and_digest(plain)
    return framed(nonce + sealed + tag)


def gcm_open(key: bytes, text: str) -> bytes | None:
    """What was sealed; None where it was with another key, or is no ciphertext."""
    from Crypto.Cipher import AES  # noqa: PLC0415 - starts a C parser

    sealed = unframed(text.encode("ascii")) if text.isascii() else None
    if sealed is None:
        return None
    try:
        return AES.new(key, AES.MODE_GCM, nonce=sealed[:_NONCE], mac_len=_TAG).decrypt_and_verify(
            sealed[_NONCE:-_TAG], sealed[-_TAG:]
        )
    except ValueError:
        return None


def _fault(text: bytes) -> str:
    if not (text.startswith(b"<ct<") and text.endswith(b">ct>") and len(text) >= 8):
        return "no marks round it"
    if len(text) > _LONGEST:
        return "too long to be read"
    try:
        sealed = binascii.a2b_base64(text[4:-4], strict_mode=True)
    except binascii.Error:
        return "no text in Base64"
    return "" if len(sealed) > _NONCE + _TAG else "shorter than a nonce and a tag"


# -- as an attacker sees them --------------------------------------------------------------------


class LegacyAes(Cipher):
    """AES-128-CBC under a constant key and with one IV: anyone with the files opens it."""

    layer = LEGACY_LAYER
    sign = b""
    marked = False
    pattern: ClassVar[re.Pattern[bytes]] = re.compile(
        rb"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{22,}+={0,2}+(?![A-Za-z0-9+/=])"
    )
    cues = ()

    def keys(self, records: Sequence[Record]) -> Iterator[FoundKey]:
        """The constant, and those that account ids give; the app's package has those too, so no file is needed."""
        if not any(is_ours(record) for record in records):
            return
        zero = bytes(_BLOCK)
        yield FoundKey(layer=self.layer, source="a constant of the SDK: sixteen zero bytes", secret=zero)
        seen = {zero}
        for account in accounts(records):
            for secret in legacy_keys(account):
                if secret not in seen:
                    seen.add(secret)
                    yield FoundKey(layer=self.layer, source="derived from the account id", secret=secret)

    def open(self, sealed: bytes, key: FoundKey, holder: KeyHolder | None) -> bytes | None:
        del holder
        if key.layer != self.layer or len(key.secret) != _BLOCK or self.fault(sealed):
            return None
        # The end of it tells a wrong key: what is merely Base64 costs no pass over all of it.
        end = binascii.a2b_base64(sealed[-_END:])[-2 * _BLOCK :]
        if not _padding(key.secret, end):
            return None
        data = _blocks(sealed)
        return None if data is None else _opened_by_aes(key.secret, data)

    def fault(self, sealed: bytes) -> str:
        if not sealed or len(sealed) % 4 or len(sealed) > _LONGEST:
            return "no text in Base64"
        size = len(sealed) // 4 * 3 - (len(sealed) - len(sealed.rstrip(b"=")))
        return "its length is no multiple of a block" if size % _BLOCK else ""


class KeychainGcm(Cipher):
    """AES-256-GCM; the key is an item of the keychain, which answers all code that runs as the app."""

    layer = KEYCHAIN_LAYER
    sign = b"<ct<"
    pattern: ClassVar[re.Pattern[bytes]] = re.compile(rb"<ct<[^<>]*+>ct>")
    cues = (rb"<ct<",)

    def keys(self, records: Sequence[Record]) -> Iterator[FoundKey]:
        """The one item that all accounts and users of an app share."""
        if any(is_ours(record) for record in records):
            yield FoundKey(layer=self.layer, source=f"keychain item {KEYCHAIN_ALIAS}", alias=KEYCHAIN_ALIAS)

    def open(self, sealed: bytes, key: FoundKey, holder: KeyHolder | None) -> bytes | None:
        """What the keychain makes of it; that it refuses its item is passed on."""
        data = unframed(sealed)
        if data is None or holder is None or not key.alias:
            return None
        try:
            return holder.open(key.alias, data)
        except AccessDenied:
            raise
        except DeviceError:
            return None  # sealed with another key, or damaged

    def fault(self, sealed: bytes) -> str:
        return _fault(sealed)
