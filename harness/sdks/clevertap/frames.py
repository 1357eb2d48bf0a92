"""How the SDK spells ciphertext as text: signed bytes in brackets up to 7.1.x, marked Base64 from 7.2.0 on."""

import base64
import binascii
import re
from array import array

__all__ = [
    "BRACKETS",
    "BRACKET_CUES",
    "FRAME",
    "FRAME_CUES",
    "bracket_fault",
    "bracketed",
    "frame_fault",
    "framed",
    "unbracketed",
    "unbracketed_end",
    "unframed",
]

NONCE = 12
TAG = 16
BLOCK = 16

BRACKETS = re.compile(
    # As Java spells a list of bytes; without its spaces a list of numbers is JSON unless one of them is negative.
    rb"\[(?:-?\d{1,3}(?:, -?\d{1,3}){15,}+|(?=[\d, ]*+-)-?\d{1,3}(?:, ?-?\d{1,3}){15,}+)\]"
)
BRACKET_CUES = (rb"\[-?[0-9]{1,3}(?:, ?-?[0-9]{1,3}){7}",)
FRAME = re.compile(rb"<ct<[^<>]*+>ct>")
"""Whatever is marked: what is wrong with it, `frame_fault` tells."""
FRAME_CUES = (rb"<ct<", rb"&lt;ct&lt;", rb"\\u003[cC]ct\\u003[cC]")
"""As it is, as preferences escape it, and as JSON writers that think of HTML do."""

_LONGEST = 1 << 24
"""Characters of one ciphertext; an in-app message that large was never sent."""
_LIST = re.compile(rb"\[\s*+[+-]?\d{1,9}(?:\s*+,\s*+[+-]?\d{1,9})*+\s*+\]")
_ALPHABET = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


# -- signed bytes in brackets --------------------------------------------------------------------


def bracketed(data: bytes) -> str:
    """As `java.util.Arrays.toString` spells bytes: `[-84, -2, 40]`."""
    return str(memoryview(data).cast("b").tolist())


def unbracketed(text: str | bytes) -> bytes | None:
    """The bytes, read as tolerantly as the SDK does: spaces, plus signs and leading zeros do not matter."""
    try:
        return _signed(_numbers(text)).tobytes()
    except (ValueError, OverflowError):
        return None


def unbracketed_end(text: bytes, count: int) -> bytes:
    """The last `count` bytes, without reading the rest; empty where they are none."""
    numbers = text[1:-1].rsplit(b",", count)[-count:]
    try:
        return _signed(numbers).tobytes()
    except (ValueError, OverflowError):
        return b""


def bracket_fault(text: bytes) -> str:
    """Why a bracketed list cannot be ciphertext; empty where it can."""
    try:
        numbers = _numbers(text)
    except ValueError:
        return "no list of numbers"
    try:
        values = _signed(numbers)
    except OverflowError:
        return "a number that is no signed byte"
    if not values or len(values) % BLOCK:
        return "its length is no multiple of a block"
    spaced = text.count(b", ") == len(values) - 1
    # One block of ciphertext has no negative byte in one of 65,536 cases; it has none above 63 either in 2 ** 32.
    if min(values) >= 0 and (len(values) > BLOCK or not spaced or max(values) < 64):
        return "a list of plain numbers"
    return ""


def _numbers(text: str | bytes) -> list[bytes]:
    data = text.encode("ascii", "strict") if isinstance(text, str) else text
    if len(data) > _LONGEST or not _LIST.fullmatch(data):
        raise ValueError("no bracketed list of numbers")
    return data[1:-1].split(b",")


def _signed(numbers: list[bytes]) -> "array[int]":
    return array("b", map(int, numbers))


# -- marked Base64 -------------------------------------------------------------------------------


def framed(sealed: bytes) -> str:
    """Nonce, ciphertext and tag as `<ct<nonce:rest>ct>`."""
    nonce, rest = (base64.b64encode(part).decode("ascii") for part in (sealed[:NONCE], sealed[NONCE:]))
    return f"<ct<{nonce}:{rest}>ct>"


def unframed(text: str | bytes) -> bytes | None:
    """Nonce, ciphertext and tag; None where it is no frame. Slashes that JSON escaped do not matter."""
    try:
        nonce, rest = _parts(text)
    except ValueError:
        return None
    return nonce + rest


def frame_fault(text: bytes) -> str:
    """Why what stands between the marks cannot be ciphertext; empty where it can."""
    try:
        _parts(text)
    except _Malformed as error:
        return str(error)
    except ValueError:
        return "no text in Base64"
    return ""


class _Malformed(ValueError):
    """Says what is wrong with a frame, and nothing of what is in it."""


def _parts(text: str | bytes) -> tuple[bytes, bytes]:
    data = text.encode("ascii", "strict") if isinstance(text, str) else text
    if len(data) > _LONGEST:
        raise _Malformed("too long to be read")
    if not (data.startswith(b"<ct<") and data.endswith(b">ct>") and len(data) >= 8):
        raise _Malformed("no marks round it")
    first, colon, second = data[4:-4].replace(b"\\/", b"/").partition(b":")
    if not colon:
        raise _Malformed("no nonce before its text")
    nonce, rest = _decoded(first, "nonce"), _decoded(second, "text")
    if len(nonce) != NONCE:
        raise _Malformed(f"a nonce of {len(nonce)} bytes, not of {NONCE}")
    if len(rest) < TAG:
        raise _Malformed("shorter than a tag")
    return nonce, rest


def _decoded(part: bytes, what: str) -> bytes:
    if not _ALPHABET.fullmatch(part):
        raise _Malformed(f"a {what} that is not in Base64")
    bare = part.rstrip(b"=")
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        raise _Malformed(f"a {what} that is not in Base64") from None
