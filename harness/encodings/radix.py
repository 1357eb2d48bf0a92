"""Bytes written as characters: Base64 (RFC 4648, either alphabet, wrapped or not) and hexadecimal digits.

Two ways to find a run. Where text has borders, a run begins and ends at them. Where values touch each other (the
columns of a database row), what stands before a run is part of the same characters, and only the place among four
at which readable bytes come out tells where it may begin.
"""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.encodings.runs import CARRIERS, Run, is_wide, is_worth
from harness.model import Buffer

__all__ = ["BASE64_START", "BASE64_TEXT", "HEX_START", "base64_at", "hex_at", "touching_base64", "touching_hex"]

_PROBE = 600
"""Encoded bytes that tell whether the rest is worth decoding: enough for what `is_text` looks at."""
_REACH = 1024
"""How far before a cue its run may begin, in bytes."""

# -- Base64 --------------------------------------------------------------------------------------

_CHARACTER = rb"(?:[A-Za-z0-9+_\-]|\\?/)"
_LINE_END = rb"(?:\r?\n|\\r\\n|\\n|(?:&#13;)?&#10;)"
"""As it is, and as documents of JSON and XML write it."""
# Without `++` and `}+` the engine remembers where it was at each character, at a hundred bytes for each.
_BASE64 = re.compile(_CHARACTER + rb"++={0,2}")
_WRAPPED = tuple(
    re.compile(rb"(?:%b{%d}+%b)+%b{1,%d}+={0,2}" % (_CHARACTER, size, _LINE_END, _CHARACTER, size))
    for size in (76, 64, 72, 60)
)
"""Lines as long as mail (RFC 2045), PEM (RFC 7468) and others break them."""
_WRAPS = (b"\n", b"\r", b"\\", b"&")
BASE64_START = re.compile(rb"(?<![A-Za-z0-9+/_\-])" + _CHARACTER + rb"{12,}+={0,2}")
_JOINT = re.compile(_LINE_END + rb"|\\(?=/)")
_URLSAFE = bytes.maketrans(b"-_", b"+/")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_\\"


def base64_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The run at or round `at`, from border to border."""
    before = bytes(buffer[max(floor, at - _REACH) : at])
    start = at - len(before) + len(before.rstrip(_ALPHABET))
    run = _base64_from(buffer, start, ceiling, limit)
    if run is None and before.endswith(b"\\"):
        # Either a path ends here, or the first character is the rest of an escape: `\nSGVsbG8…`
        return _base64_from(buffer, at, ceiling, limit) or _base64_from(buffer, at + 1, ceiling, limit)
    return run


def _base64_from(buffer: Buffer, start: int, ceiling: int, limit: int) -> Run | None:
    if _is_no_text(bytes(buffer[start : min(start + _LOOK, ceiling)])):
        return None
    stop = min(ceiling, start + limit * 4 // 3 + 4)
    for end in (min(stop, start + _PROBE), stop):  # what is not worth it must cost little, however long it is
        found = _base64_match(buffer, start, end)
        if found is None:
            return None
        body, jumps = _unwrapped(found[0])
        if found.end() == end < ceiling:
            body = body[: len(body) // 4 * 4]
        if len(body) % 4 == 1 and jumps:
            body = body[:-1]  # a word on the line behind
        if len(body) < 10 or len(body) % 4 == 1:
            return None
        data = binascii.a2b_base64(body + b"=" * (-len(body) % 4))[:limit]
        if not is_worth(data):
            return None
        run = Run("base64", start, found.end(), data, jumps)
    return run


def _base64_match(buffer: Buffer, start: int, end: int) -> re.Match[bytes] | None:
    found = _BASE64.match(buffer, start, end)
    if found is None or not bytes(buffer[found.end() : found.end() + 1]).startswith(_WRAPS):
        return found
    return next((each for wrapped in _WRAPPED if (each := wrapped.match(buffer, start, end))), found)


def _unwrapped(raw: bytes) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """The characters that count, without padding; and where the data goes on behind each that does not."""
    jumps: list[tuple[int, int]] = []
    if raw.isalnum():
        return raw, ()
    gone = 0
    for joint in _JOINT.finditer(raw):
        gone += joint.end() - joint.start()
        jumps.append(((joint.end() - gone) * 3 // 4, joint.end()))
    body = _JOINT.sub(b"", raw) if jumps else raw
    return body.rstrip(b"=").translate(_URLSAFE), tuple(jumps)


_LOOK = 24
"""Characters; what eighteen bytes of other things than text hardly ever pass for."""


def _is_no_text(head: bytes) -> bool:
    """Whether that much of a run tells that it decodes to nothing readable: identifiers and hashes, mostly."""
    if len(head) < _LOOK or head.translate(None, _ALPHABET[:-1]):
        return False
    data = binascii.a2b_base64(head.translate(_URLSAFE))
    if data.isascii() or data.startswith(CARRIERS) or is_wide(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start < len(data) - 3
    return False


# -- hexadecimal digits --------------------------------------------------------------------------

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})++")
HEX_START = re.compile(
    rb"(?<![0-9A-Fa-f])(?:(?:[2-7cCdDeE][0-9A-Fa-f]){8,}+|78(?:01|9[cC]|[dD][aA]))"
    rb"|[2-7][0-9A-Fa-f](?:(?:[2-7][0-9A-Fa-f]){11,}+|00(?:[2-7][0-9A-Fa-f]00){3,}+)|1[fF]8[bB]08|28[bB]52[fF]{2}[dD]"
)
"""Of text, in UTF-16 too, or of a deflate stream; what is long enough may stand behind a word that ends with a digit
of its kind."""


def hex_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The run that begins at `at`."""
    stop = min(ceiling, at + 2 * limit)
    for end in (min(stop, at + 2 * _PROBE), stop):
        found = _HEX.match(buffer, at, end)
        if found is None or len(found[0]) < 16:
            return None
        data = binascii.unhexlify(found[0])
        if not is_worth(data):
            return None
        run = Run("hex", at, found.end(), data)
    if is_wide(run.data) and at - 2 >= floor and bytes(buffer[at - 2 : at]) == b"00":
        return Run("hex", at - 2, run.end, b"\x00" + run.data)  # the higher byte comes first
    return run


# -- where values touch --------------------------------------------------------------------------

_TEXT = re.compile(
    rb"(?:[\t\n\r\x20-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*+"
)
_TEXT_BYTES = bytes((*b"\t\n\r", *range(0x20, 0x100)))
BASE64_TEXT = re.compile(
    rb"(?:[I-Za-f][C-HS-Xi-nyz0-3](?:[BFJNRVZdhlptx159][A-Za-z0-9+/]|[AEIMQUYcgkosw048][g-z0-9+/])){3}"
    rb"|H4sI|KLUv[/_]|YnBsaXN0MD"
)
"""Twelve characters that are Base64 of bytes from 0x20 to 0x7F, whatever is before them; or how a document begins
that is no text."""
_LEAST = 8
"""Bytes of text; fewer come out of anything."""


@dataclass(frozen=True, slots=True)
class _Coding:
    """How many characters are how many bytes."""

    layer: str
    characters: int
    size: int
    alphabet: bytes
    """Of a run, backwards."""
    run: re.Pattern[bytes]
    decode: Callable[[bytes], tuple[bytes, tuple[tuple[int, int], ...]]]
    """The data of a run, cut to whole characters, and its jumps."""


def touching_base64(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The readable bytes round those that four characters at `at` stand for, whatever else touches them."""
    return _touching(_BASE64_CODING, buffer, at, (floor, ceiling), limit)


def touching_hex(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The readable bytes round that which two digits at `at` stand for, whatever else touches them."""
    return _touching(_HEX_CODING, buffer, at, (floor, ceiling), limit)


def _touching(coding: _Coding, buffer: Buffer, at: int, bounds: tuple[int, int], limit: int) -> Run | None:
    floor, ceiling = bounds
    before = bytes(buffer[max(floor, at - _REACH) : at])
    behind = len(before) - len(before.rstrip(coding.alphabet))
    start = at - behind // coding.characters * coding.characters
    here = (at - start) // coding.characters * coding.size
    stop = min(ceiling, at + limit * coding.characters // coding.size)
    reach = _PROBE
    while True:  # what is read costs no more than a few times what is found
        end = min(stop, at + reach)
        found = coding.run.match(buffer, start, end)
        if found is None:
            return None
        data, jumps = coding.decode(found[0])
        low, high = _readable(data, here, coding.size)
        if high < len(data) or end == stop or found.end() < end - _JOINT_SIZE:
            break
        reach *= 4
    if high - low < _LEAST:
        return None
    skipped = low // coding.size * coding.characters
    moved = tuple((near - low, far - skipped) for near, far in jumps if near >= low)
    run = Run(coding.layer, start + skipped, found.end(), data[low:high], moved)
    return run if high == len(data) else replace(run, end=run.source(high - low))


_JOINT_SIZE = 10
"""Bytes of the longest thing in a run that is no character of it: an end that cuts one ends the run before."""


def _readable(data: bytes, here: int, size: int) -> tuple[int, int]:
    """The bounds of the text round `here`, or of what a carrier there carries; it begins with a whole group."""
    if data.startswith(CARRIERS, here):
        return here, len(data)
    if 0 in data[here : here + 2]:
        return _wide(data, here, size)
    text = _TEXT.match(data, here)
    low = -(-len(data[:here].rstrip(_TEXT_BYTES)) // size) * size
    return low, text.end() if text else here


_WIDE_AHEAD = re.compile(rb"\x00?(?:[\t\n\r\x20-\x7e\xa0-\xff]\x00)*+")
_WIDE_BEHIND = re.compile(rb"\x00?(?:[\t\n\r\x20-\x7e\xa0-\xff]\x00)*+[\t\n\r\x20-\x7e\xa0-\xff]?")


def _wide(data: bytes, here: int, size: int) -> tuple[int, int]:
    """The bounds of the text in UTF-16 round `here`."""
    ahead = _WIDE_AHEAD.match(data, here)
    behind = _WIDE_BEHIND.match(data[:here][::-1])
    low = here - (behind.end() if behind else 0)
    return -(-low // size) * size, ahead.end() if ahead else here


def _from_base64(raw: bytes) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    body, jumps = _unwrapped(raw)
    body = body[: len(body) - 1] if len(body) % 4 == 1 else body
    return binascii.a2b_base64(body + b"=" * (-len(body) % 4)), jumps


def _from_hex(raw: bytes) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    return binascii.unhexlify(raw), ()


_BASE64_CODING = _Coding(
    "base64", 4, 3, _ALPHABET[:-1], re.compile(rb"(?:%b|%b)++={0,2}" % (_CHARACTER, _LINE_END)), _from_base64
)
_HEX_CODING = _Coding("hex", 2, 1, b"0123456789abcdefABCDEF", _HEX, _from_hex)
