"""One text in the letters of others: case beyond ASCII, marks apart from their letters, Cyrillic and Greek as
Latin."""

import unicodedata
from collections.abc import Iterator

__all__ = ["letter_spellings", "transliterated"]

_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфыэіїєґўё",
        ("a", "b", "v", "g", "d", "e", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "y", "e",
         "i", "yi", "ye", "g", "u", "e"),
        strict=True,
    )
)  # fmt: skip
_CYRILLIC |= {
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
}
"""As passports have it, where they agree (BGN/PCGN, ICAO 9303 but for a few letters)."""

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        ("a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s", "t", "y",
         "f", "ch", "ps", "o"),
        strict=True,
    )
)  # fmt: skip
"""ELOT 743, letter by letter."""

_LATIN = {
    "ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h",
}  # fmt: skip
"""Letters that are no letter with a mark."""

_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "ß": "ss"}

_BACK = {
    "shch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ya": "я", "yo": "ё",
    **{latin: letter for letter, latin in reversed(_CYRILLIC.items()) if len(latin) == 1 and letter not in "ыэіґў"},
    "w": "в", "x": "кс", "j": "дж", "q": "к", "h": "х", "c": "к",
}  # fmt: skip
"""From Latin, the longest first: how an English name is written in Russian, letter by letter."""


def letter_spellings(value: str, *, is_name: bool = False) -> Iterator[tuple[str, str]]:
    """What each is called, and the text, where it differs from the value.

    Args:
        value: any text.
        is_name: names are carried over into other scripts, too.
    """
    made: list[tuple[str, str]] = []
    if not value.isascii():
        made += [
            ("upper case", value.upper()),
            ("lower case", value.lower()),
            ("composed", unicodedata.normalize("NFC", value)),
            ("decomposed", unicodedata.normalize("NFD", value)),
            ("without marks", _without_marks(value)),
        ]
    if is_name:
        made += [
            ("transliterated", transliterated(value)),
            ("umlauts written out", _spelled_by(value, _UMLAUTS)),
            ("in Cyrillic", _in_cyrillic(value)),
        ]
    seen = {value}
    for called, text in made:
        if text not in seen:
            seen.add(text)
            yield called, text


def transliterated(value: str) -> str:
    """In the letters of ASCII, as far as the tables know how; the rest as it is."""
    return _without_marks(_spelled_by(value, _CYRILLIC | _GREEK | _LATIN))


def _in_cyrillic(value: str) -> str:
    """Of a Latin name; the value itself where it is none."""
    low = _without_marks(value).lower()
    if not low.isascii() or not any(char.isalpha() for char in low):
        return value
    out, at = "", 0
    while at < len(low):
        size = next((size for size in (4, 2, 1) if low[at : at + size] in _BACK), 0)
        out += _BACK[low[at : at + size]] if size else low[at]
        at += size or 1
    return out.title()


def _spelled_by(value: str, table: dict[str, str]) -> str:
    composed = unicodedata.normalize("NFC", value)
    return "".join(_one(char, table) for char in composed)


def _one(char: str, table: dict[str, str]) -> str:
    low = char.lower()
    base = low if low in table else _without_marks(low)
    if base not in table:
        return char
    made = table[base]
    return made.capitalize() if char != low else made


def _without_marks(value: str) -> str:
    apart = unicodedata.normalize("NFD", value)
    return "".join(char for char in apart if not unicodedata.combining(char))
