"""The seeded person: values that we planted, so that finding one needs no guess.

A persona file is TOML: `[person]` with the fields below, `[custom]` with anything else. Test people are invented:
reserved domains, documentation numbers, published test cards.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.model import MaskRule
from harness.persona.chance import chance_hits
from harness.persona.context import parts_of
from harness.persona.forms import SHORTEST, forms_of

__all__ = ["FIELD_MASKS", "FIELD_TYPES", "Persona", "doubts", "load_persona", "type_of"]

FIELD_TYPES: Mapping[str, str] = {
    "name": "NAME",
    "email": "EMAIL",
    "phone": "PHONE",
    "date_of_birth": "DATE_OF_BIRTH",
    "address": "ADDRESS",
    "passport": "PASSPORT",
    "card": "CARD",
    "ssn": "SSN",
    "fingerprint": "BIOMETRIC",
    "username": "USERNAME",
    "location": "LOCATION",
    "advertising_id": "ADVERTISING_ID",
}
"""Persona field to class of personal data; a field of `[custom]` is a class of its own name."""


def type_of(persona_field: str) -> str:
    """The class of personal data of a field."""
    return FIELD_TYPES.get(persona_field) or re.sub(r"\W+", "_", persona_field).strip("_").upper() or "CUSTOM"


FIELD_MASKS: Mapping[str, MaskRule] = {
    "email": MaskRule.DOMAIN,
    "card": MaskRule.LAST_FOUR,
    "name": MaskRule.EDGES,
    "username": MaskRule.EDGES,
}
"""How much a mask may show; every other field shows its length only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One invented person. `repr` shows which fields are set, never what they are."""

    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    """E.164, blanks allowed: `+1 415 555 0132`."""
    date_of_birth: str | None = field(default=None, repr=False)
    """ISO 8601: `1990-04-17`."""
    address: str | None = field(default=None, repr=False)
    """On one line, parts separated by commas."""
    passport: str | None = field(default=None, repr=False)
    card: str | None = field(default=None, repr=False)
    ssn: str | None = field(default=None, repr=False)
    fingerprint: str | None = field(default=None, repr=False)
    """A template, in Base64 or hex."""
    username: str | None = field(default=None, repr=False)
    location: tuple[float, float] | None = field(default=None, repr=False)
    """Latitude and longitude, in degrees."""
    advertising_id: str | None = field(default=None, repr=False)
    custom: Mapping[str, str] = field(default_factory=dict, repr=False)

    def items(self) -> Iterator[tuple[str, str]]:
        """Field name and value of all that is set; the location as `lat,lon`, custom fields by their own names."""
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "custom" or value is None:
                continue
            yield item.name, f"{value[0]!r},{value[1]!r}" if item.name == "location" else value
        yield from self.custom.items()

    def to_toml(self) -> str:
        """The text of a persona file."""
        lines = ["# An invented person. Every value is made up or reserved for documentation.", "[person]"]
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "custom" or value is None:
                continue
            if item.name == "location":
                lines.append(f"location = {{ lat = {value[0]!r}, lon = {value[1]!r} }}")
            else:
                lines.append(f"{item.name} = {_quoted(value)}")
        if self.custom:
            lines += ["", "[custom]"]
            lines += [f"{_quoted(key)} = {_quoted(value)}" for key, value in self.custom.items()]
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML: that of JSON, but for DEL and for characters beyond the first plane."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def load_persona(path: Path) -> Persona:
    """Read a persona file.

    Raises:
        UsageError: it is not there, not TOML, has a field that no persona has, or one that cannot be traced.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read the persona file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the persona file {path} is not TOML") from error
    if unknown := sorted(set(document) - {"person", "custom"}):
        raise UsageError(f"{path}: unknown section [{unknown[0]}]", hint="a persona has [person] and [custom]")
    return _from_tables(str(path), document.get("person", {}), document.get("custom", {}))


def _from_tables(name: str, person: Any, custom: Any) -> Persona:
    if not isinstance(person, dict) or not isinstance(custom, dict):
        raise UsageError(f"{name}: [person] and [custom] must be tables")
    known = [item.name for item in fields(Persona) if item.name != "custom"]
    if unknown := sorted(set(person) - set(known)):
        raise UsageError(
            f"{name}: [person] has no field called `{unknown[0]}`",
            hint=f"known fields: {', '.join(known)}; anything else goes into [custom]",
        )
    if taken := sorted(set(custom) & set(known)):
        raise UsageError(f"{name}: `{taken[0]}` belongs into [person], not into [custom]")
    values: dict[str, Any] = {key: _text(name, key, value) for key, value in person.items() if key != "location"}
    if "location" in person:
        values["location"] = _location(name, person["location"])
    persona = Persona(**values, custom={key: _text(name, key, value) for key, value in custom.items()})
    _refuse_untraceable(name, persona)
    return persona


def _text(name: str, key: str, value: Any) -> str:
    if key == "date_of_birth" and type(value) is date:
        return value.isoformat()
    if not isinstance(value, str):
        raise UsageError(f"{name}: `{key}` must be a text", hint=f'put it in quotes: {key} = "…"')
    if not value:
        raise UsageError(f"{name}: `{key}` is empty", hint="leave the field out instead")
    return value


def _refuse_untraceable(name: str, persona: Persona) -> None:
    """A person of whom nothing can be found would make every scan look as if somebody had been looked for.

    Raises:
        UsageError: there is no field, or one whose value would be found everywhere and is therefore not looked for.
    """
    items = list(persona.items())
    if not items:
        raise UsageError(f"{name}: nobody is in it", hint="set a field of [person], or leave --persona out")
    for key, value in items:
        traced = any(form.bounded and not form.layers for form in forms_of([(key, value)]))
        if not traced and not any(parts_of(key, value)):
            raise UsageError(
                f"{name}: `{key}` is too short to be traced",
                hint=f"values are looked for from {SHORTEST} characters on: take a longer one, or leave it out",
            )


def doubts(persona: Persona) -> Iterator[str]:
    """What to tell of fields that cannot be traced safely, in a sentence each; the values are in none."""
    for key, value in persona.items():
        plain = [form for form in forms_of([(key, value)]) if not form.layers and form.spelling == "plain"]
        whole = next((form for form in plain if form.bounded), None)
        if key in _NEVER_ALONE:
            continue
        if whole is None:
            yield f"`{key}` is so short that it is looked for only behind a key that asks for it"
        elif whole.thin:
            yield f"`{key}` is short: it counts only where a key or another value of the person is near"
        elif chance_hits(whole) > _OFTEN:
            yield f"`{key}` may be met by chance: a longer or an odder value is safer"


_NEVER_ALONE = frozenset({"date_of_birth", "passport", "location"})
"""Fields of which no value is long enough, or which count as a pair."""
_OFTEN = 1e3
"""Hits expected in 100 GB from which on somebody is told: two short common names, `Jane Roe`, are below it."""


def _location(name: str, value: Any) -> tuple[float, float]:
    match value:
        case {"lat": int() | float() as lat, "lon": int() | float() as lon}:
            pass
        case [int() | float() as lat, int() | float() as lon]:
            pass
        case _:
            raise UsageError(f"{name}: `location` must be {{ lat = …, lon = … }}")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UsageError(f"{name}: `location` is not on Earth")
    return float(lat), float(lon)
