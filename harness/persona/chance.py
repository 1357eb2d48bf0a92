"""How often a form is met by chance, in so much data: a hit needs no threshold only where that is never.

The model is of an app's storage. Most bytes are noise (media, ciphertext, compressed blocks), where any byte is as
likely as any other; some are Base64 of noise, hex digits or rows of decimal digits, where fewer characters share the
same chance; the rest is text, where each character has the chance that it has in English, alone. A form counts in
each kind that has all of its characters.
"""

import math
from typing import Protocol

__all__ = ["POSITIONS", "bits_of", "chance_hits", "is_thin"]

POSITIONS = 8e11
"""Places to look at in 100 GB: eight a byte, so that values that begin within a byte are allowed for."""

_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_DIGITS = frozenset(b"0123456789")
_SHARES = {"noise": 1.0, "base64": 0.1, "hex": 0.05, "digits": 0.02, "text": 0.5}
"""How much of the data is of each kind, at most; together they are more than all of it."""
_LETTERS = dict(
    zip("etaoinshrdlcumwfgypbvkjxqz",
        (12.7, 9.1, 8.2, 7.5, 7.0, 6.7, 6.3, 6.1, 6.0, 4.3, 4.0, 2.8, 2.8, 2.4, 2.4, 2.2, 2.0, 2.0, 1.9, 1.5, 1.0,
         0.8, 0.15, 0.15, 0.1, 0.07), strict=True)
)  # fmt: skip
"""Percent of the letters of English text."""


class Searched(Protocol):
    """A literal, as it is searched."""

    @property
    def literal(self) -> bytes: ...

    @property
    def caseless(self) -> bool: ...

    @property
    def bounded(self) -> bool: ...


def bits_of(form: Searched, kind: str) -> float:
    """How unlikely the form is at one place of a kind of data, in bits; infinite where a character never occurs."""
    sizes = {"noise": 256, "base64": 64, "hex": 16, "digits": 10}
    allowed = {"base64": _BASE64, "hex": _HEX, "digits": _DIGITS}.get(kind)
    total = 0.0
    for byte in form.literal:
        if allowed is not None and byte not in allowed:
            return math.inf
        if kind == "text":
            total += _text_bits(byte)
            continue
        # Hex is written in one case, so that folding it costs nothing there.
        folds = form.caseless and kind != "hex" and chr(byte).isalpha()
        total += math.log2(sizes[kind]) - folds
    return total


def _text_bits(byte: int) -> float:
    letter = _LETTERS.get(chr(byte).lower())
    if letter is not None:
        return -math.log2(letter / 100 * 0.75)
    return 2.7 if byte == 0x20 else 6.6 if byte < 0x80 else 9.0


def chance_hits(form: Searched, positions: float = POSITIONS) -> float:
    """How many times it is met by chance in so much data, expected."""
    expected = 0.0
    for kind, share in _SHARES.items():
        bits = bits_of(form, kind)
        if not math.isinf(bits):
            expected += positions * share * 2.0**-bits * _alone(form, kind)
    return expected


def _alone(form: Searched, kind: str) -> float:
    """The chance that what surrounds it is of another kind of character, where it must be: no digit goes on in a row
    of digits but at its ends, which are two in sixteen; in Base64 one neighbour in four is no letter or five in six
    no digit."""
    if not form.bounded:
        return 1.0
    if kind in {"digits", "hex"}:
        return 1 / 16
    if kind != "base64":
        return 1.0
    return math.prod(0.2 if chr(edge).isalpha() else 0.85 for edge in (form.literal[0], form.literal[-1]))


def is_thin(name: str, called: str, text: str) -> bool:
    """Whether a spelling, as it is, may well be somebody else's or no person's at all: days, one axis of a place, few
    digits, short texts, parts. Such a one counts where a key or another value of the person is near."""
    if name == "date_of_birth":
        return True
    if name == "location":
        return called not in {"plain", "pair", "pair by a blank", "turned pair"}
    if called in {"before a plus tag", "first name", "last name", "local part", "local part without plus tag"}:
        return True
    if text.strip("+").isdigit():
        return len(text) < _MANY_DIGITS
    return len(text) < _SHORT or (name == "passport" and len(text) <= _DOCUMENT)


_MANY_DIGITS = 15
_SHORT = 6
"""Characters."""
_DOCUMENT = 9
"""Characters of a travel document's number, ICAO 9303."""
