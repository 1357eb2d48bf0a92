"""Every form that a seeded value can take on disk: spellings, encodings, digests, binary numbers.

A form is a literal to search for. It names the spelling (`plain`, `digits` …) or the digest (`sha256`), and the
encodings (`base64`, `utf-16le` …) that one would have to peel off to read it.
"""

import base64
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.persona.chance import chance_hits, is_thin
from harness.persona.dates import APPLE_EPOCH, epoch_seconds
from harness.persona.digests import DIGESTS, digests_of
from harness.persona.encoders import compositions, encodings_of, escapes_of, whole_encodings_of
from harness.persona.spellings import spellings_of

__all__ = ["CHIEF", "SHORTEST", "Form", "forms_of"]

SHORTEST = 5
"""Bytes; a shorter literal is found by chance."""

CHIEF = frozenset({
    "plain", "trimmed", "without plus tag", "digits", "e164", "national", "hyphens", "street", "joined", "dmY",
    "d/m/Y", "m/d/Y", "d.m.Y", "lat", "lon", "pair", "last name",
})  # fmt: skip
"""Names of the spellings that are looked for under every encoding and composition; the others under those that people
use."""


@dataclass(frozen=True, slots=True)
class Form:
    """One literal, and what finding it means."""

    persona_field: str
    spelling: str
    """`plain`, `digits`, `national` … or the digest: `sha256`, `sha256:lower`; `masked` where only a part is
    there."""
    layers: tuple[str, ...]
    literal: bytes = field(repr=False)
    caseless: bool = False
    bounded: bool = False
    """A longer word or number that merely contains it does not count."""
    thin: bool = False
    """Others have it too, by chance: it counts where a key or another value of the person is near."""

    @property
    def is_digest(self) -> bool:
        """Only who knows the value can tell that it is of it."""
        return self.spelling.partition(":")[0] in DIGESTS

    @property
    def is_printed_digest(self) -> bool:
        """In hex digits, of which 16 are enough."""
        return self.caseless and not self.layers and self.is_digest


def forms_of(items: Iterable[tuple[str, str]], salts: Sequence[bytes] = ()) -> list[Form]:
    """All forms of a persona's values, without duplicates, in a stable order.

    Args:
        items: field name and value, as `Persona.items` gives them.
        salts: constants of SDKs that a digest may be salted with.
    """
    seen: dict[tuple[bytes, bool], Form] = {}
    for name, value in items:
        for form in _forms(name, value, salts):
            if len(form.literal) >= SHORTEST:
                seen.setdefault((form.literal, form.caseless), form)
    return list(seen.values())


def _forms(name: str, value: str, salts: Sequence[bytes]) -> Iterator[Form]:
    spellings = [(called, text) for called, text in spellings_of(name, value) if text]
    thin = {text: is_thin(name, called, text) for called, text in spellings}
    for called, text in spellings:
        yield Form(name, called, (), text.encode(), caseless=True, bounded=True, thin=thin[text])
    for called, text in spellings:
        yield from _encoded(name, called, text, thin=thin[text])
    yield from _digests(name, spellings, salts)
    yield from _binary(name, value)


def _encoded(name: str, called: str, text: str, *, thin: bool) -> Iterator[Form]:
    cases = list(dict.fromkeys((text, text.lower(), text.upper()))) if called in CHIEF else [text]
    for number, case in enumerate(cases):
        encoded = [*escapes_of(case), *encodings_of(case)]
        if called in CHIEF:
            encoded += whole_encodings_of(case)
        if called in CHIEF and number < _COMPOSED:
            encoded += compositions(case)
        for layers, literal, caseless, bounded, kept in encoded:
            form = Form(name, called, layers, literal, caseless, bounded, thin and kept)
            # What is long is never met by chance, and is not weighed.
            if thin and not kept and SHORTEST <= len(literal) <= _WEIGHED and chance_hits(form) > _NEVER:
                form = replace(form, thin=True)
            yield form


_COMPOSED = 2
"""Cases of a chief spelling that are composed: as it is, and lower."""
_WEIGHED = 20
"""Bytes."""
_NEVER = 1e-10
"""Hits in 100 GB: ten thousand such forms are met once in a million times."""


def _digests(name: str, spellings: Sequence[tuple[str, str]], salts: Sequence[bytes]) -> Iterator[Form]:
    chief = CHIEF & {called for called, _ in spellings}
    for label, raw, renderings in digests_of(spellings, chief, salts):
        yield Form(name, label, (), raw.hex().encode(), caseless=True)
        if renderings > 1:
            yield Form(name, label, ("base64",), base64.b64encode(raw).rstrip(b"="))
        if renderings > 2:
            yield Form(name, label, ("base64",), base64.urlsafe_b64encode(raw).rstrip(b"="))
            yield Form(name, label, (), raw)
            yield Form(
                name, label, ("byte-list",), ", ".join(str(each - 256 * (each > 127)) for each in raw).encode()
            )


# -- binary numbers ------------------------------------------------------------------------------


def _binary(name: str, value: str) -> Iterator[Form]:
    match name:
        case "location":
            yield from _doubles(name, value)
        case "phone" | "ssn" | "card":
            yield from _integers(name, int(re.sub(r"\D", "", value) or "0"))
        case "date_of_birth":
            yield from _moments(name, value)
        case "advertising_id" | "fingerprint":
            yield from _octets(name, value)
        case "name":
            yield from _latin(name, value)


def _doubles(name: str, value: str) -> Iterator[Form]:
    for axis, text in zip(("lat", "lon"), value.split(","), strict=True):
        for order, mark in ((">", "big-endian"), ("<", "little-endian")):
            yield Form(name, f"{axis} double {mark}", (), struct.pack(f"{order}d", float(text)), thin=True)
        bits = int.from_bytes(struct.pack(">d", float(text)), signed=True)
        if float(text):
            yield Form(name, f"{axis} double bits", (), str(bits).encode(), bounded=True)
        if re.search(r"\.\d{4}", text):
            yield Form(name, f"{axis} E7 varint", (), _varint(round(float(text) * 1e7) % (1 << 64)), thin=True)
            for order, mark in ((">", "big-endian"), ("<", "little-endian")):
                packed = struct.pack(f"{order}q", round(float(text) * 1e7))
                yield Form(name, f"{axis} E7 {mark}", (), packed, thin=True)


def _integers(name: str, number: int) -> Iterator[Form]:
    """The number in binary: big-endian in databases and property lists, else little-endian, or a protobuf varint."""
    for width in (6, 8):
        if number < 1 << (8 * width - 1):
            yield Form(name, f"integer of {width} bytes big-endian", (), number.to_bytes(width), thin=True)
    if number < 1 << 63:
        yield Form(name, "integer of 8 bytes little-endian", (), number.to_bytes(8, "little"), thin=True)
        yield Form(name, "varint", (), _varint(number), thin=True)


def _moments(name: str, value: str) -> Iterator[Form]:
    """Midnight UTC as systems keep it: seconds of 1970 in whole numbers, of 2001 in doubles."""
    seconds = epoch_seconds(value)
    if seconds is None:
        return
    if abs(seconds) >= 1 << 24:
        milliseconds = seconds * 1000
        yield Form(name, "epoch milliseconds big-endian", (), struct.pack(">q", milliseconds), thin=True)
        yield Form(name, "epoch milliseconds little-endian", (), struct.pack("<q", milliseconds), thin=True)
        yield Form(name, "epoch milliseconds varint", (), _varint(milliseconds % (1 << 64)), thin=True)
        yield Form(name, "epoch varint", (), _varint(seconds % (1 << 64)), thin=True)
    for order, mark in ((">", "big-endian"), ("<", "little-endian")):
        yield Form(name, f"Apple epoch double {mark}", (), struct.pack(f"{order}d", seconds - APPLE_EPOCH), thin=True)


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
    yield Form(name, "bytes", ("byte-list",), ", ".join(str(each - 256 * (each > 127)) for each in raw).encode())


def _latin(name: str, value: str) -> Iterator[Form]:
    """One byte a character, as old databases and logs have it."""
    try:
        raw = value.encode("latin-1")
    except UnicodeEncodeError:
        return
    if not value.isascii():
        yield Form(name, "latin-1", (), raw, caseless=True)
