"""Every form that a seeded value can take on disk: spellings, encodings, digests, binary numbers.

A form is a literal to search for. It names the spelling (`plain`, `digits` …) or the digest (`sha256`), and the
encodings (`base64`, `utf-16le` …) that one would have to peel off to read it.
"""

import base64
import hashlib
import html
import json
import re
import struct
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

__all__ = ["Form", "forms_of"]

_SHORTEST = 5
"""Bytes; a shorter literal is found by chance."""

DIGESTS = ("md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True, slots=True)
class Form:
    """One literal, and what finding it means."""

    persona_field: str
    spelling: str
    """`plain`, `digits`, `national` … or the digest: `sha256`, `sha256:lower`."""
    layers: tuple[str, ...]
    literal: bytes = field(repr=False)
    caseless: bool = False
    bounded: bool = False
    """A longer word or number that merely contains it does not count."""


def forms_of(items: Iterable[tuple[str, str]]) -> list[Form]:
    """All forms of a persona's values, without duplicates, in a stable order.

    Args:
        items: field name and value, as `Persona.items` gives them.
    """
    seen: dict[tuple[bytes, bool], Form] = {}
    for name, value in items:
        for form in _forms(name, value):
            if len(form.literal) >= _SHORTEST:
                seen.setdefault((form.literal, form.caseless), form)
    return list(seen.values())


def _forms(name: str, value: str) -> Iterator[Form]:
    spellings = list(dict(_spellings(name, value)).items())
    for spelling, text in spellings:
        yield Form(name, spelling, (), text.encode(), caseless=True, bounded=True)
    for spelling, text in spellings:
        yield from _encoded(name, spelling, text)
    for spelling, text in spellings:
        yield from _digests(name, spelling, text)
    if name == "location":
        yield from _doubles(name, value)


# -- spellings -----------------------------------------------------------------------------------


def _spellings(name: str, value: str) -> Iterator[tuple[str, str]]:
    if name != "location":
        yield "plain", value
    match name:
        case "phone":
            yield from _phone(value)
        case "card" | "ssn":
            yield from _grouped(name, value)
        case "date_of_birth":
            yield from _dates(value)
        case "address":
            street = value.partition(",")[0].strip()
            if re.search(r"\d", street) and " " in street:
                yield "street", street
        case "name":
            words = value.split()
            if len(words) > 1:
                yield "reversed", f"{words[-1]}, {' '.join(words[:-1])}"
                yield "joined", "".join(words)
        case "location":
            yield from _degrees(value)


def _phone(value: str) -> Iterator[tuple[str, str]]:
    digits = re.sub(r"\D", "", value)
    yield "digits", digits
    if value.lstrip().startswith("+1") and len(digits) == 11:
        area, office, line = digits[1:4], digits[4:7], digits[7:]
        yield "national", area + office + line
        for spelling in (f"{area}-{office}-{line}", f"({area}) {office}-{line}", f"{area}.{office}.{line}"):
            yield f"national {spelling[0] if spelling[0] == '(' else spelling[3]}", spelling
    elif len(digits) > 9:
        yield "national", digits[-9:]


def _grouped(name: str, value: str) -> Iterator[tuple[str, str]]:
    digits = re.sub(r"\D", "", value)
    yield "digits", digits
    sizes = (3, 2, 4) if name == "ssn" else (4, 6, 5) if len(digits) == 15 else (4,) * (len(digits) // 4)
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    yield "hyphens", "-".join(groups)
    yield "blanks", " ".join(groups)


def _dates(value: str) -> Iterator[tuple[str, str]]:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return
    for spelling in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y%m%d"):
        yield spelling.replace("%", ""), day.strftime(spelling)


def _degrees(value: str) -> Iterator[tuple[str, str]]:
    for axis, text in zip(("lat", "lon"), value.split(","), strict=True):
        # Precise location starts at four decimal places; what has fewer is found by chance.
        if re.search(r"\.\d{4}", text):
            yield axis, text
        for places in range(4, 8):
            cut = re.match(rf"-?\d+\.\d{{{places}}}", text)
            if cut:
                yield f"{axis} cut to {places}", cut[0]
            rounded = f"{float(text):.{places}f}"
            if rounded.strip("-0."):
                yield f"{axis} rounded to {places}", rounded


# -- encodings, digests, binary numbers ----------------------------------------------------------


def _encoded(name: str, spelling: str, text: str) -> Iterator[Form]:
    raw = text.encode()
    for quoted in (urllib.parse.quote(text, safe=""), urllib.parse.quote_plus(text)):
        if quoted != text:
            yield Form(name, spelling, ("url",), quoted.encode(), caseless=True)
    for escaped in (json.dumps(text)[1:-1], html.escape(text)):
        if escaped != text:
            yield Form(name, spelling, (), escaped.encode(), caseless=True)
    yield Form(name, spelling, ("hex",), raw.hex().encode(), caseless=True)
    for shift in range(3):
        # What surrounds the value decides three alignments; the characters that it alone decides are searched.
        whole = base64.b64encode(b"\0" * shift + raw)
        first, last = (0, 2, 3)[shift], (len(raw) + shift) // 3 * 4
        yield Form(name, spelling, ("base64",), whole[first:last])
        yield Form(name, spelling, ("base64",), base64.urlsafe_b64encode(b"\0" * shift + raw)[first:last])
    yield Form(name, spelling, ("utf-16le",), text.encode("utf-16-le"), caseless=True)
    yield Form(name, spelling, ("utf-16be",), text.encode("utf-16-be"), caseless=True)


def _digests(name: str, spelling: str, text: str) -> Iterator[Form]:
    for digest in DIGESTS:
        for case, raw in (("", text.encode()), (":lower", text.lower().encode())):
            if case and raw == text.encode():
                continue
            summed = hashlib.new(digest, raw, usedforsecurity=False).digest()
            label = f"{digest}{case}" if spelling == "plain" else f"{digest}:{spelling}{case}"
            yield Form(name, label, (), summed.hex().encode(), caseless=True)
            yield Form(name, label, ("base64",), base64.b64encode(summed).rstrip(b"="))
            yield Form(name, label, (), summed)


def _doubles(name: str, value: str) -> Iterator[Form]:
    for axis, text in zip(("lat", "lon"), value.split(","), strict=True):
        for order, mark in ((">", "big-endian"), ("<", "little-endian")):
            yield Form(name, f"{axis} double {mark}", (), struct.pack(f"{order}d", float(text)))
