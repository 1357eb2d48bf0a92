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

from harness.persona.spellings import spellings_of

__all__ = ["SHORTEST", "Form", "forms_of"]

SHORTEST = 5
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
            if len(form.literal) >= SHORTEST:
                seen.setdefault((form.literal, form.caseless), form)
    return list(seen.values())


def _forms(name: str, value: str) -> Iterator[Form]:
    spellings = list(dict(spellings_of(name, value)).items())
    for spelling, text in spellings:
        yield Form(name, spelling, (), text.encode(), caseless=True, bounded=True)
    for spelling, text in spellings:
        yield from _encoded(name, spelling, text)
    for spelling, text in spellings:
        yield from _digests(name, spelling, text)
    match name:
        case "location":
            yield from _doubles(name, value)
        case "phone" | "ssn" | "card":
            yield from _integers(name, value)
        case "advertising_id" | "fingerprint":
            yield from _octets(name, value)
        case "name":
            yield from _latin(name, value)


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


def _integers(name: str, value: str) -> Iterator[Form]:
    """The number in binary: big-endian in databases and property lists, else little-endian, or a protobuf varint."""
    number = int(re.sub(r"\D", "", value) or "0")
    for width in (6, 8):
        if number < 1 << (8 * width - 1):
            yield Form(name, f"integer of {width} bytes big-endian", (), number.to_bytes(width))
    if number < 1 << 63:
        yield Form(name, "integer of 8 bytes little-endian", (), number.to_bytes(8, "little"))
        yield Form(name, "varint", (), _varint(number))


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def _octets(name: str, value: str) -> Iterator[Form]:
    """What the text of an id or a template stands for."""
    plain = value.replace("-", "")
    try:
        raw = bytes.fromhex(plain)
    except ValueError:
        try:
            raw = base64.b64decode(value, validate=True)
        except ValueError:
            return
    yield Form(name, "bytes", (), raw)
    yield Form(name, "bytes", ("hex",), raw.hex().encode(), caseless=True)
    yield Form(name, "bytes", ("base64",), base64.b64encode(raw).rstrip(b"="))


def _latin(name: str, value: str) -> Iterator[Form]:
    """One byte a character, as old databases and logs have it."""
    try:
        raw = value.encode("latin-1")
    except UnicodeEncodeError:
        return
    if not value.isascii():
        yield Form(name, "latin-1", (), raw, caseless=True)
