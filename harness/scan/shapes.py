"""Bit-parallel matcher for shapes that start with a class of characters, where a multi-pattern engine is slow.

One bit a byte, packed in 64-bit words: a class of characters is one or two array operations and a pack (about
0.1 ns a byte), "followed by" is an AND with a shifted word array. The cost does not depend on how often a shape
occurs. Measured against one automaton per rule: 2–9 times cheaper.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from harness.detectors.base import Shape
from harness.model import Buffer

__all__ = ["BASE64", "HEX", "TOUCHING", "TOUCHING_WIDE", "WIDE", "find"]

Words: TypeAlias = npt.NDArray[np.uint64]
Octets: TypeAlias = npt.NDArray[np.uint8]
Positions: TypeAlias = npt.NDArray[np.int64]

BASE64, HEX, WIDE = "base64", "hex", "utf-16"
"""Shapes of encoded runs: 24 or more characters of Base64, 16 or more hex digits of text, also in
UTF-16, 10 bytes of UTF-16."""
TOUCHING = "base64 of text, in other text"
"""Twelve characters that are Base64 of ASCII text, whatever is before them: a prefix, or a value that touches it."""

TOUCHING_WIDE = "base64 of UTF-16, in other text"

_CHUNK = 1 << 18
_OVERLAP = 64
"""Longer than any shape below."""
_LEAD = 4
"""Whether a shape begins at a byte depends on so many before it."""
_SHIFT = tuple(np.uint64(n) for n in range(65))


def find(buffer: Buffer, length: int) -> dict[str, list[int]]:
    """Where each shape begins, ascending, in the first `length` bytes."""
    octets = np.frombuffer(buffer, np.uint8, length)
    found: dict[str, list[Positions]] = {}
    for start in range(0, length, _CHUNK):
        lead = min(start, _LEAD)
        for shape, bits in _shapes(octets[start - lead : start + _CHUNK + _OVERLAP]).items():
            at = _positions(bits) - lead
            at = at[(at >= 0) & (at < _CHUNK)]
            if len(at):
                found.setdefault(shape, []).append(at + start)
    merged = {shape: np.concatenate(parts) for shape, parts in found.items()}
    return {shape: _FILTERS.get(shape, _keep)(octets, at).tolist() for shape, at in merged.items()}


def _shapes(chunk: Octets) -> dict[str, Words]:
    digits = _class(chunk, 48, 10)
    out = _digit_shapes(chunk, digits) if digits.any() else {}
    lower = chunk | np.uint8(32)
    letters = _class(lower, 97, 26)
    signs = _equal(chunk, 43) | _equal(chunk, 47)
    body = letters | digits | signs
    odd, high = _pack((chunk & np.uint8(1)) != 0), _pack((chunk & np.uint8(2)) != 0)
    out[TOUCHING] = _encoded_text(chunk, letters, digits, signs, odd, high)
    out[TOUCHING_WIDE] = _encoded_wide(letters & odd & ~high)
    run = _followed(body, 1, 2, 4)
    run &= _ahead(run, 4)
    long = run & _ahead(run, 12)
    border = ~_behind(body, 1)
    out[BASE64] = long & border
    hexadecimal = _class(lower, 97, 6) | digits
    pair = _class(chunk, 50, 6) & _ahead(hexadecimal, 1)
    zero = digits & ~odd & ~high  # or a 4, or an 8: that much is known already
    wide = pair & _ahead(zero, 2) & _ahead(zero, 3)
    out[HEX] = (_followed(pair, 2, 4, 8) & ~_behind(pair, 2)) | _followed(wide, 4, 8)
    zeros = _equal(chunk, 0)
    if zeros.any():
        pair = _class(chunk, 32, 95) & _ahead(zeros, 1)
        run = _followed(pair, 2, 4) & _ahead(pair, 8)
        out[WIDE] = run & ~_behind(pair, 2)
    return out


def _encoded_text(chunk: Octets, letters: Words, digits: Words, signs: Words, odd: Words, high: Words) -> Words:
    """Base64 of bytes from 0x20 to 0x7F: each four characters are one of `I-Za-f`, one of `C-HS-Xi-nyz0-3`, and two
    of which the first is 1 modulo 4 in the alphabet, or 0 and the second one of `g-z0-9+/`."""
    body = letters | digits | signs
    first = _class(chunk, 73, 18) | _class(chunk, 97, 6)
    second = (
        _pack(((chunk - np.uint8(67)) & np.uint8(0xEF)) < 6)
        | (_pack(((chunk - np.uint8(105)) & np.uint8(0xEF)) < 6) & body)
        | _class(chunk, 48, 4)
    )
    upper = _pack((chunk & np.uint8(32)) == 0)
    third = (letters & ~(upper ^ odd ^ high)) | (digits & ~high)
    zero = (letters & odd) | (digits & ~odd)
    tail = third & ((zero & _ahead(_class(chunk, 103, 20) | digits | signs, 1)) | (~zero & _ahead(body, 1)))
    four = first & _ahead(second, 1) & _ahead(tail, 2)
    return four & _ahead(four, 4) & _ahead(four, 8) & ~_behind(four, 4)


def _encoded_wide(zero: Words) -> Words:
    """Base64 of Latin text in UTF-16: every other three bytes are a zero, a character and a zero, of which the first
    and the last of four characters are `A`; `zero` is set where an `A` may be."""
    four = zero & _ahead(zero, 3)
    return four & _ahead(four, 8)


def _digit_shapes(chunk: Octets, digits: Words) -> dict[str, Words]:
    blank, hyphen, dot = _equal(chunk, 32), _equal(chunk, 45), _equal(chunk, 46)
    two = digits & _ahead(digits, 1)
    three = two & _ahead(digits, 2)
    four = two & _ahead(two, 2)
    fourteen = _followed(four, 4) & _ahead(four, 8) & _ahead(two, 12)
    gap = blank | hyphen
    joint = gap | dot
    group = gap & _ahead(four, 1)
    cards = four & _ahead(group, 4) & _ahead(group, 9)
    amex = four & _ahead(group, 4) & _ahead(two, 9) & _ahead(group, 11)
    tail = joint & _ahead(four, 1)
    separated = three & _ahead(joint, 3) & ((_ahead(two, 4) & _ahead(tail, 6)) | (_ahead(three, 4) & _ahead(tail, 7)))
    closing = three & _ahead(_equal(chunk, 41), 3)
    bracketed = closing & (
        (_ahead(three, 4) & _ahead(tail, 7)) | (_ahead(blank, 4) & _ahead(three, 5) & _ahead(tail, 8))
    )
    return {
        Shape.DIGITS_14: fourteen & ~_behind(digits, 1),
        Shape.GROUPED_4: cards | amex,
        Shape.SEPARATED: separated | bracketed,
    }


# -- words of bits -------------------------------------------------------------------------------


def _pack(flags: npt.NDArray[np.bool_]) -> Words:
    packed = np.packbits(flags, bitorder="little")
    spare = -len(packed) % 8
    if spare:
        packed = np.concatenate([packed, np.zeros(spare, np.uint8)])
    return packed.view(np.uint64)


def _class(chunk: Octets, low: int, count: int) -> Words:
    return _pack((chunk - np.uint8(low)) < np.uint8(count))


def _equal(chunk: Octets, value: int) -> Words:
    return _pack(chunk == np.uint8(value))


def _ahead(words: Words, by: int) -> Words:
    """Bit n is set where bit n + `by` was."""
    out = words >> _SHIFT[by]
    out[:-1] |= words[1:] << _SHIFT[64 - by]
    return out


def _behind(words: Words, by: int) -> Words:
    """Bit n is set where bit n - `by` was."""
    out = words << _SHIFT[by]
    out[1:] |= words[:-1] >> _SHIFT[64 - by]
    return out


def _followed(words: Words, *steps: int) -> Words:
    """Runs: each step doubles what is known to follow."""
    for step in steps:
        words = words & _ahead(words, step)
    return words


def _positions(words: Words) -> Positions:
    index = np.flatnonzero(words)
    if not len(index):
        return index
    flat = np.flatnonzero(np.unpackbits(words[index].view(np.uint8), bitorder="little"))
    return np.asarray((index[flat >> 6] << 6) + (flat & 63), np.int64)


# -- cheap second looks, on positions only -------------------------------------------------------

_AHEAD_24 = np.arange(24)
_AHEAD_20 = np.arange(20)
_DOUBLED = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], np.uint8)


def _keep(octets: Octets, at: Positions) -> Positions:
    return at


def _mixed_case(octets: Octets, at: Positions) -> Positions:
    """Base64 of text mixes cases and is no hex."""
    window = octets[at[:, None] + _AHEAD_24]
    upper = ((window - np.uint8(65)) < 26).any(axis=1)
    lower = ((window - np.uint8(97)) < 26).any(axis=1)
    return np.asarray(at[upper & lower])


def _luhn(octets: Octets, at: Positions) -> Positions:
    """Digit runs of 14 to 19 that satisfy the Luhn checksum (ISO/IEC 7812), of any issuer."""
    padded = np.minimum(at[:, None] + _AHEAD_20, len(octets) - 1)
    window = octets[padded] - np.uint8(48)
    inside = (window < 10) & ((at[:, None] + _AHEAD_20) < len(octets))
    length = np.cumprod(inside, axis=1).sum(axis=1)
    valid = np.zeros(len(at), np.bool_)
    for size in range(14, 20):
        rows = np.flatnonzero(length == size)
        if len(rows):
            digits = window[rows, :size]
            odd = _DOUBLED[digits[:, -2::-2]].sum(axis=1) + digits[:, -1::-2].sum(axis=1)
            valid[rows] = odd % 10 == 0
    return np.asarray(at[valid])


_ZEROS = np.array([0, 3, 8, 11])


def _is_zeros(octets: Octets, at: Positions) -> Positions:
    """Where all that may be an `A` is one, and was none before."""
    at = at[(octets[at[:, None] + _ZEROS] == 65).all(axis=1)]
    return np.asarray(at[~np.isin(at - 8, at)])


_FILTERS: dict[str, Callable[[Octets, Positions], Positions]] = {
    BASE64: _mixed_case,
    TOUCHING_WIDE: _is_zeros,
    Shape.DIGITS_14: _luhn,
}
