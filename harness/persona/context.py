"""What stands near a value that is too short to speak for itself: names of keys, by persona field."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

__all__ = ["TELLING", "Part", "parts_of"]

TELLING: Mapping[str, re.Pattern[bytes]] = {
    name: re.compile(words, re.IGNORECASE)
    for name, words in {
        "name": rb"name|contact|customer|holder|recipient|user|person|nome|nombre|nom\b|vorname|apellido",
        "email": rb"mail|login|user|account|contact|correo",
        "phone": rb"phone|mobile|msisdn|\btel|_tel|cell|sms|whatsapp|caller|telef|handy|numero|number|contact",
        "date_of_birth": rb"birth|\bdob|_dob|dob\b|born|bday|geburt|naissance|nacimiento|nascita|\$d_|age\b",
        "address": rb"addr|street|city|zip|postal|postcode|shipping|billing|strasse|ort\b|plz|ville|calle",
        "passport": rb"passport|\bmrz|document|travel|pass_?n|pasaporte|passeport|reisepass",
        "card": rb"card|\bpan\b|_pan|credit|debit|payment|visa|master|amex|last_?4|ending|karte|tarjeta",
        "ssn": rb"ssn|social|tax_?id|national_?id|last_?4",
        "username": rb"user|login|nick|handle|account",
        "location": rb"lat|lon|lng|geo|gps|loc|coord|position|place|where|geohash",
        "advertising_id": rb"adid|gaid|idfa|advertis|ad_id",
    }.items()
}
"""What tells that a value of the field is near; where a field has none, its own name does."""


class Part(NamedTuple):
    """A piece of a value that counts only behind a key that asks for it."""

    persona_field: str
    spelling: str
    text: bytes
    keys: tuple[bytes, ...]
    """In lower case, at least four characters each."""

    def __repr__(self) -> str:
        return f"Part({self.persona_field}, {self.spelling})"


_KEYS: Mapping[str, tuple[bytes, ...]] = {
    "first name": (
        b"firstname",
        b"first_name",
        b"first name",
        b"given",
        b"vorname",
        b"forename",
        b"prenom",
        b"fname",
    ),
    "last name": (b"lastname", b"last_name", b"last name", b"surname", b"family", b"nachname", b"apellido", b"lname"),
    "masked:initials": (b"initial", b"monogram"),
    "masked:last four": (b"last4", b"last_4", b"lastfour", b"last_four", b"last four", b"ending in", b"suffix"),
    "masked:first six": (b"first6", b"first_six", b"firstsix", b'"bin"', b"card_bin", b"cardbin", b"issuer"),
    "masked:year": (b"birthyear", b"birth_year", b"year_of_birth", b"yearofbirth", b"born", b"geburtsjahr"),
    "masked:day and month": (b"birthday", b"bday"),
    "epoch days": (b"birth", b"born", b'dob"'),
    "city": (b"city", b"town", b"locality", b"stadt", b"ville", b"ciudad"),
    "postal code": (b"postal", b"postcode", b"zip_code", b"zipcode", b'"zip"', b"zip="),
    "house number": (b"house", b"hausnummer", b"street_no", b"building"),
    "local part": (b"username", b"user_name", b"login", b"local_part", b"mailbox"),
    "short name": (b"full_name", b"fullname", b"display_name", b"displayname", b'"name"', b"nickname"),
    "short username": (b"username", b"user_name", b"nickname", b"handle", b"login"),
}


def parts_of(name: str, value: str) -> Iterator[Part]:
    """The pieces of a value that are searched behind their keys only.

    Args:
        name: of the persona field.
        value: as `Persona.items` gives it.
    """
    for called, text in _pieces(name, value):
        if text:
            yield Part(name, "plain" if called.startswith("short") else called, text.encode(), _KEYS[called])


def _pieces(name: str, value: str) -> Iterator[tuple[str, str]]:
    digits = re.sub(r"\D", "", value)
    match name:
        case "name" if len(value.split()) > 1:
            words = value.split()
            yield "first name", words[0]
            yield "last name", words[-1]
            letters = [word[0] for word in words]
            yield "masked:initials", "".join(letters)
            yield "masked:initials", " ".join(f"{letter}." for letter in letters)
            yield "masked:initials", "".join(f"{letter}." for letter in letters)
        case "card" if len(digits) >= 12:
            yield "masked:last four", digits[-4:]
            yield "masked:first six", digits[:6]
        case "phone" | "ssn" if len(digits) >= 9:
            yield "masked:last four", digits[-4:]
        case "date_of_birth":
            yield from _dated(value)
        case "address":
            yield from _placed(value)
        case "email" if "@" in value:
            yield "local part", value.rpartition("@")[0]
    if len(value.encode()) < _LONG and f"short {name}" in _KEYS:
        yield f"short {name}", value


_LONG = 5
"""Bytes; from here on a value is searched by itself."""


def _dated(value: str) -> Iterator[tuple[str, str]]:
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value)
    if found is None:
        return
    from datetime import date  # noqa: PLC0415 - only here

    yield "masked:year", found[1]
    yield "masked:day and month", f"{found[2]}-{found[3]}"
    yield "masked:day and month", f"{found[3]}.{found[2]}."
    try:
        days = date.fromisoformat(value).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return
    yield "epoch days", str(days)


def _placed(value: str) -> Iterator[tuple[str, str]]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if len(parts) > 1:
        yield "city", re.sub(r"\b[A-Z]{0,2}\d[\dA-Z -]*", "", parts[1]).strip()
    code = re.findall(r"\b(?:\d{4,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b", " ".join(parts[1:]))
    if code:
        yield "postal code", code[-1]
    number = re.match(r"(\d+)\s|.*\s(\d+[a-z]?)$", parts[0]) if parts else None
    if number:
        yield "house number", number[1] or number[2]
