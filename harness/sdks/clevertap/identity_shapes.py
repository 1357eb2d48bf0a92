"""What an identity looks like when nobody says whose it is: an address, a number, or a digest of one.

An identity that an SDK stores should be opaque; what has one of these shapes is not, or cannot be shown to be.
"""

import base64
import binascii
import re
from enum import StrEnum

__all__ = ["IdentityShape", "shape_of"]


class IdentityShape(StrEnum):
    """What an identity is by its shape."""

    EMAIL = "email"
    PHONE = "phone"
    ADVERTISING_ID = "advertising_id"
    DIGEST = "digest"
    """It has the length of one: of what is not known."""


_LONGEST = 320
"""Characters; no identity is longer, and no address may be."""
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\.[^\W\d_]{2,24}")
_PHONE = re.compile(r"(?:\+|00)[1-9][0-9 ().\-]{6,20}|\(?[0-9]{2,4}[) .\-]{1,2}[0-9]{2,4}[ .\-][0-9]{3,8}")
_BARE_PHONE = re.compile(r"[0-9]{7,15}")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_SIZES = frozenset({16, 20, 28, 32, 48, 64})
"""Bytes: MD5, SHA-1, SHA-2."""
_VERSION_4 = re.compile(r"[0-9a-fA-F]{12}4[0-9a-fA-F]{3}[89abAB][0-9a-fA-F]{15}")


def shape_of(value: str, *, key: str = "") -> IdentityShape | None:
    """What an identity's value gives away, with no persona to compare it with; None where it is opaque.

    Args:
        value: as it is stored.
        key: of the identity: bare digits under `Phone` are a number, elsewhere they may be the app's own count.
    """
    text = value.strip()
    if not text or len(text) > _LONGEST:
        return None
    if _EMAIL.fullmatch(text):
        return IdentityShape.EMAIL
    digits = sum(map(str.isdigit, text))
    if 7 <= digits <= 15 and (_PHONE.fullmatch(text) or (key.lower() == "phone" and _BARE_PHONE.fullmatch(text))):
        return IdentityShape.PHONE
    return IdentityShape.DIGEST if _is_digest(text) else None


def _is_digest(text: str) -> bool:
    if _HEX.fullmatch(text):
        # 32 digits with the marks of a random UUID are one, in 63 of 64 cases.
        return len(text) % 2 == 0 and len(text) // 2 in _SIZES and not _VERSION_4.fullmatch(text)
    if not _BASE64.fullmatch(text) or text.isdigit():
        return False
    # Ids that look like Base64 are often of 22 or 28 letters; only padding tells a short digest from them.
    bare = text.rstrip("=")
    if bare == text and len(text) < 43:
        return False
    try:
        data = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_" if set("-_") & set(bare) else None)
    except (ValueError, binascii.Error):
        return False
    return len(data) in _SIZES
