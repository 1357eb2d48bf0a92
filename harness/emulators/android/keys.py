"""adb keys: reading the client's public key, and checking that it signed our token, with nothing but integers.

The text is base64 of 524 bytes, then a space and the owner's name: word count (64), -1/n mod 2^32, the modulus and
R^2 mod n in 256 little-endian bytes each, and the exponent. (AOSP system/core, libcrypto_utils/android_pubkey.cpp)
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass, field

from harness.errors import DeviceError

__all__ = ["TOKEN_BYTES", "KeyRefused", "PublicKey", "parse_public_key"]

TOKEN_BYTES = 20
_MODULUS_BYTES = 256
_ENCODED_BYTES = 524
_LONGEST_TEXT = 4096
_EXPONENTS = frozenset({3, 65537})
_SHA1_DIGEST_INFO = bytes.fromhex("3021300906052b0e03021a05000414")


class KeyRefused(DeviceError):
    """A text is no adb public key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who a client says it is; two keys are the same where their numbers are, whatever their owner is called."""

    modulus: int = field(repr=False)
    exponent: int
    owner: str = field(default="", compare=False)
    fingerprint: str = field(default="", compare=False)
    """As the phone's dialog shows it: MD5 of the encoded key, in pairs."""

    def signed(self, token: bytes, signature: bytes) -> bool:
        """Whether the holder of the private key signed the token, which stands where a SHA-1 digest would."""
        if len(signature) != _MODULUS_BYTES or len(token) != TOKEN_BYTES:
            return False
        tail = b"\0" + _SHA1_DIGEST_INFO + token
        expected = b"\0\1" + b"\xff" * (_MODULUS_BYTES - 2 - len(tail)) + tail
        opened = pow(int.from_bytes(signature, "big"), self.exponent, self.modulus)
        return opened == int.from_bytes(expected, "big")


def parse_public_key(text: bytes | bytearray) -> PublicKey:
    """The key in a line of `adbkey.pub`, with or without its owner's name.

    Raises:
        KeyRefused: it is none, or not a 2048-bit one, which is all that adb has.
    """
    if len(text) > _LONGEST_TEXT:
        raise KeyRefused("the key is longer than an adb key can be")
    encoded, _, owner = bytes(text).rstrip(b"\0\r\n ").partition(b" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyRefused("the key is not base64") from error
    if len(raw) != _ENCODED_BYTES or struct.unpack_from("<I", raw)[0] * 4 != _MODULUS_BYTES:
        raise KeyRefused("the key is not an adb key of 2048 bits")
    modulus = int.from_bytes(raw[8 : 8 + _MODULUS_BYTES], "little")
    exponent: int = struct.unpack_from("<I", raw, _ENCODED_BYTES - 4)[0]
    if modulus.bit_length() != _MODULUS_BYTES * 8 or not modulus & 1 or exponent not in _EXPONENTS:
        raise KeyRefused("the key's numbers are not those of an RSA key of 2048 bits")
    digest = hashlib.md5(raw, usedforsecurity=False).digest()
    return PublicKey(modulus, exponent, owner.decode("utf-8", "replace"), digest.hex(":").upper())
