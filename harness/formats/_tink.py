"""What EncryptedSharedPreferences leaves in a file of preferences: ciphertexts of Tink's, and the keysets for them.

Names are sealed by AES-SIV and values by AES-GCM, both in Base64 behind a prefix: a 1 and the number of the key. The
keys stand in the same file, sealed by a key of the keystore, or as they are where there was none. Specification:
https://developers.google.com/tink/wire-format and androidx, security-crypto EncryptedSharedPreferences.java.
"""

import base64
import binascii
from collections.abc import Iterable

from harness.errors import FormatError
from harness.formats._tokens import Role, Token
from harness.formats._wire import LEN, VARINT, fields

__all__ = ["KEYSET_NAMES", "SealedPreferences"]

KEYSET_NAMES = (
    "__androidx_security_crypto_encrypted_prefs_key_keyset__",
    "__androidx_security_crypto_encrypted_prefs_value_keyset__",
)
_PREFIX = 5
"""Bytes: a 1 and the number of the key."""
_LEAST = _PREFIX + 16
"""Nothing sealed is shorter than the prefix and a tag."""


class SealedPreferences:
    """Tells what is ciphertext in one file of preferences."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._keys: set[int] = set()
        self._keysets: set[str] = set()
        """Names of the keysets that are sealed themselves."""
        try:
            for token in tokens:
                if token.role is Role.VALUE and token.steps[-1] in KEYSET_NAMES and isinstance(token.value, str):
                    self._add(str(token.steps[-1]), token.value)
        except FormatError:
            pass  # told by who reads the preferences; what stands before the damage counts

    def _add(self, name: str, text: str) -> None:
        try:
            keyset = bytes.fromhex(text)
            held = [(field.number, field.kind) for field in fields(keyset, 0, len(keyset))]
            # A sealed keyset has its bytes in field 2 and what may be known of it in 3; one in clear begins with the
            # number of a key.
            if (1, VARINT) not in held and (2, LEN) in held:
                self._keysets.add(name)
                self._keys |= _numbers(keyset)
        except (ValueError, FormatError):
            return

    def holds(self, token: Token) -> bool:
        """Whether a name or a value is ciphertext."""
        if not self._keysets or not isinstance(token.value, str):
            return False
        if token.steps[-1] in self._keysets:
            return token.role is Role.VALUE
        sealed = _decoded(token.value)
        if sealed is None or len(sealed) < _LEAST or sealed[0] != 1:
            return False
        return not self._keys or int.from_bytes(sealed[1:_PREFIX], "big") in self._keys


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _numbers(keyset: bytes) -> set[int]:
    """The numbers of the keys of a sealed keyset, as its description in clear has them."""
    found: set[int] = set()
    for info in fields(keyset, 0, len(keyset)):
        if (info.number, info.kind) != (3, LEN):
            continue
        for key in fields(keyset, info.body, info.end):
            if (key.number, key.kind) == (2, LEN):
                parts = fields(keyset, key.body, key.end)
                found |= {part.value for part in parts if (part.number, part.kind) == (3, VARINT)}
    return found
