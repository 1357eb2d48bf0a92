"""Any person, under any two encodings over each other, through both lanes of a scan."""

import base64
import codecs
import gzip
import html
import json
import quopri
import urllib.parse
import zlib
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import registry
from harness.detectors.base import Detector
from harness.formats.base import Format
from harness.model import Artifact, Bytes, Facts
from harness.persona import Persona, new_persona
from harness.scan.scanner import Scanned, Scanner

FORMATS = registry.load("formats", Format)
DETECTORS = registry.load("detectors", Detector)

Stored = str | bytes


def _bytes(stored: Stored) -> bytes:
    return stored.encode() if isinstance(stored, str) else stored


PEELED: Mapping[str, Callable[[Stored], Stored]] = {
    "base64": lambda stored: base64.b64encode(_bytes(stored)).decode(),
    "base64, url-safe": lambda stored: base64.urlsafe_b64encode(_bytes(stored)).decode(),
    "hex": lambda stored: _bytes(stored).hex(),
    "url": lambda stored: urllib.parse.quote(_bytes(stored), safe=""),
    "gzip": lambda stored: gzip.compress(_bytes(stored), mtime=0),
    "zlib": lambda stored: zlib.compress(_bytes(stored)),
}
"""Outer layers, of anything."""
TURNED: Mapping[str, Callable[[str], Stored]] = {
    "nothing": str,
    "upper case": str.upper,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "url": lambda text: urllib.parse.quote(text, safe=""),
    "html": lambda text: html.escape("".join(char if char.isalnum() else f"&#{ord(char)};" for char in text), False)
    .replace("&amp;", "&"),
    "json": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).decode(),
    "utf-16": lambda text: text.encode("utf-16-le"),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "reversed": lambda text: text[::-1],
    "byte list": lambda text: str([byte - 256 if byte > 127 else byte for byte in text.encode()]),
}  # fmt: skip
"""Inner layers, of a value."""

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=9)
PERSONS = st.builds(
    lambda first, last, domain, number, member: Persona(
        name=f"{first.title()} {last.title()}",
        email=f"{first}.{last}@{domain}.example",
        card=f"400000{number:010d}",
        custom={"member": member},
    ),
    WORDS, WORDS, WORDS, st.integers(0, 10**10 - 1), st.from_regex(r"[A-Z]{2}-[0-9]{6,8}-[a-z]{2}", fullmatch=True),
)  # fmt: skip


def _fields(person: Persona, data: bytes, name: str = "a.bin") -> set[str]:
    facts = Facts(path=name, size=len(data))
    scanner = Scanner(FORMATS, DETECTORS, persona=person)
    scanned = scanner.scan([Artifact(facts=facts, content=Bytes(data))])
    return {
        hit.persona_field
        for item in scanned
        if isinstance(item, Scanned)
        for hit in item.hits
        if hit.persona_field and hit.confidence >= 0.55
    }


@pytest.mark.parametrize("outer", sorted(PEELED))
def test_a_blank_that_html_escapes_is_seen_through_too(outer: str) -> None:
    """Then nothing but it is escaped."""
    person = Persona(name="Abcde Fghij")
    stored = PEELED[outer](TURNED["html"]("Abcde Fghij"))
    whole = stored if isinstance(stored, bytes) else f"10:00:01 D Net: k7={stored} status=200\n".encode()

    assert _fields(person, whole) == {"name"}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(PERSONS, st.sampled_from(sorted(PEELED)), st.sampled_from(sorted(TURNED)), st.data())
def test_any_two_encodings_are_seen_through(person: Persona, outer: str, inner: str, data: st.DataObject) -> None:
    """In a line of a log, or as a file where the outer one gives bytes."""
    field, value = data.draw(st.sampled_from(list(person.items())), "field")
    stored = PEELED[outer](TURNED[inner](value))
    whole = stored if isinstance(stored, bytes) else f"10:00:01 D Net: k7={stored} status=200\n".encode()

    assert field in _fields(person, whole)


@settings(max_examples=60, deadline=None)
@given(PERSONS, st.sampled_from(sorted(set(TURNED) - {"utf-16"})), st.booleans(), st.data())
def test_any_encoding_is_seen_through_in_a_document(
    person: Persona, inner: str, turned: bool, data: st.DataObject
) -> None:
    """A string in JSON; turned round or rotated as a whole, too."""
    field, value = data.draw(st.sampled_from(list(person.items())), "field")
    stored = str(TURNED[inner](value))
    if turned and inner in {"base64", "hex", "url"}:
        stored = stored[::-1]

    assert field in _fields(person, json.dumps({"event": "view", "k7": stored, "n": 7}).encode(), "a.json")


@settings(max_examples=30, deadline=None)
@given(PERSONS, st.binary(min_size=1, max_size=8), st.sampled_from(sorted(TURNED)))
def test_nobody_else_is_found(person: Persona, seed: bytes, inner: str) -> None:
    """Values of another person, in any dress."""
    other = new_persona(seed)
    texts = {name: value for name, value in other.items() if name not in {"ssn", "address"}}
    lines = [f"{name}={TURNED[inner](value)!s}" for name, value in texts.items()]

    assert _fields(person, "\n".join(lines).encode(), "a.log") == set()
