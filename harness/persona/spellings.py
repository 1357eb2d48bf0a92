"""How one value is written: numbers grouped in other ways, dates in other orders, names joined and turned round."""

import re
from collections.abc import Iterator

from harness.persona.dates import date_spellings
from harness.persona.letters import letter_spellings
from harness.persona.phones import phone_spellings

__all__ = ["geohash", "spellings_of"]


def spellings_of(name: str, value: str) -> Iterator[tuple[str, str]]:
    """What a spelling is called, and the text; the value itself is `plain`. One text may come twice.

    Args:
        name: of the persona field.
        value: as `Persona.items` gives it.
    """
    if name == "location":
        yield from _degrees(value)
        return
    yield "plain", value
    trimmed = " ".join(value.split())
    if trimmed != value:
        yield "trimmed", trimmed
    match name:
        case "phone":
            yield from phone_spellings(value)
        case "card" | "ssn":
            yield from _grouped(name, value)
        case "date_of_birth":
            yield from date_spellings(value)
        case "address":
            yield from _address(value)
        case "name":
            yield from _names(value)
        case "email":
            yield from _email(value)
        case "advertising_id":
            yield "joined", value.replace("-", "")
    yield from letter_spellings(value, is_name=name == "name")


def _names(value: str) -> Iterator[tuple[str, str]]:
    words = value.split()
    if len(words) < 2:
        return
    first, last = " ".join(words[:-1]), words[-1]
    yield "reversed", f"{last}, {first}"
    yield "reversed, no blank", f"{last},{first}"
    yield "turned", f"{last} {first}"
    yield "joined", "".join(words)
    yield "turned and joined", f"{last}{''.join(words[:-1])}"
    for called, gap in (("underscore", "_"), ("dots", "."), ("hyphens", "-"), ("plus", "+")):
        yield called, gap.join(words)
    if len(words) > 2:
        yield "without middle names", f"{words[0]} {last}"
    for called, part in (("first name", words[0]), ("last name", last)):
        if len(part) >= _TELLING_NAME:
            yield called, part


_TELLING_NAME = 7
"""Letters; shorter names are words of many texts, and are looked for where their key says so."""


def _email(value: str) -> Iterator[tuple[str, str]]:
    local, at, domain = value.rpartition("@")
    if not at:
        return
    bare = local.partition("+")[0]
    if bare != local:
        yield "without plus tag", f"{bare}@{domain}"
    yield "before a plus tag", f"{bare}+"
    if "." in bare:
        yield "without dots", f"{bare.replace('.', '')}@{domain}"
    if len(local) >= _TELLING_NAME:
        yield "local part", local
    if bare != local and len(bare) >= _TELLING_NAME:
        yield "local part without plus tag", bare


_ABBREVIATIONS = {
    "Street": "St", "Avenue": "Ave", "Road": "Rd", "Lane": "Ln", "Drive": "Dr", "Boulevard": "Blvd", "Court": "Ct",
    "Square": "Sq", "Place": "Pl", "Way": "Wy", "straße": "str.", "strasse": "str.",
}  # fmt: skip


def _address(value: str) -> Iterator[tuple[str, str]]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    street = parts[0] if parts else ""
    if re.search(r"\d", street) and " " in street:
        yield "street", street
        for word, short in _ABBREVIATIONS.items():
            if street.lower().endswith(word.lower()):
                yield "street abbreviated", street[: -len(word)] + short
    if len(parts) > 1:
        yield "lines", "\n".join(parts)
        yield "blanks", " ".join(parts)
        yield "joined by commas", ",".join(parts)


def _grouped(name: str, value: str) -> Iterator[tuple[str, str]]:
    digits = re.sub(r"\D", "", value)
    yield "digits", digits
    sizes = (3, 2, 4) if name == "ssn" else (4, 6, 5) if len(digits) == 15 else (4,) * (len(digits) // 4)
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    groups += [digits[at:]] if digits[at:] else []
    for called, gap in (("hyphens", "-"), ("blanks", " "), ("dots", ".")):
        yield called, gap.join(groups)


def _degrees(value: str) -> Iterator[tuple[str, str]]:
    axes = tuple(zip(("lat", "lon"), value.split(","), strict=True))
    texts = [text for _, text in axes]
    # An axis may end in zeros that nobody writes: one that is precise makes the place so.
    if any(re.search(r"\.\d{4}", text) for text in texts):
        yield "plain", value
        yield "pair", ", ".join(texts)
        yield "pair by a blank", " ".join(texts)
        yield "turned pair", ",".join(reversed(texts))
        yield "geohash", geohash(*map(float, texts))
    for axis, text in axes:
        # Precise location starts at four decimal places; what has fewer is found by chance.
        if re.search(r"\.\d{4}", text):
            yield axis, text
            yield f"{axis} E7", str(round(float(text) * 1e7))
            yield f"{axis} E6", str(round(float(text) * 1e6))
        for places in range(4, 8):
            cut = re.match(rf"-?\d+\.\d{{{places}}}", text)
            if cut:
                yield f"{axis} cut to {places}", cut[0]
            rounded = f"{float(text):.{places}f}"
            if rounded.strip("-0."):
                yield f"{axis} rounded to {places}", rounded


_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"


def geohash(latitude: float, longitude: float) -> str:
    """The cell of about 38 by 19 metres that a place is in: eight characters, halving longitude and latitude in
    turns."""
    bounds = [[-180.0, 180.0], [-90.0, 90.0]]
    bits = 0
    for turn in range(40):
        low, high = bounds[turn % 2]
        middle = (low + high) / 2
        above = (longitude, latitude)[turn % 2] >= middle
        bounds[turn % 2][0 if above else 1] = middle
        bits = bits << 1 | above
    return "".join(_BASE32[bits >> 5 * place & 31] for place in range(7, -1, -1))
