"""What others' encoders make of a text has our literal in it."""

import base64
import codecs
import html
import json
import quopri
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.persona.encoders import (
    Encoded,
    base64_at,
    compositions,
    encodings_of,
    escapes_of,
    whole_encodings_of,
)

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


def literals(text: str) -> dict[tuple[str, ...], list[bytes]]:
    found: dict[tuple[str, ...], list[bytes]] = {}
    for each in (*escapes_of(text), *encodings_of(text), *whole_encodings_of(text), *compositions(text)):
        found.setdefault(each.layers, []).append(each.literal.lower() if each.caseless else each.literal)
    return found


@given(st.binary(max_size=12), TEXT, st.binary(max_size=12), st.booleans())
def test_base64_is_decided_by_the_text_alone(before: bytes, text: str, behind: bytes, urlsafe: bool) -> None:
    """Whatever stands around it in what was encoded."""
    raw = text.encode()
    whole = base64.b64encode(before + raw + behind, b"-_" if urlsafe else b"+/")

    assert base64_at(raw, len(before) % 3, urlsafe=urlsafe) in whole


def rotated(text: str) -> bytes:
    return codecs.encode(text, "rot13").encode()


ENCODERS: list[tuple[tuple[str, ...], Callable[[str], bytes]]] = [
    (("hex",), lambda text: text.encode().hex().encode()),
    (("base64",), lambda text: base64.b64encode(text.encode()).rstrip(b"=")),
    (("utf-16le",), lambda text: text.encode("utf-16-le")),
    (("utf-16be",), lambda text: text.encode("utf-16-be")),
    (("url",), lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode()),
    (("html",), lambda text: "".join(f"&#{ord(char)};" for char in text).encode()),
    (("html",), lambda text: "".join(f"&#x{ord(char):X};" for char in text).encode()),
    (("quoted-printable",), lambda text: "".join(f"={byte:02X}" for byte in text.encode()).encode()),
    (("byte-list",), lambda text: str([byte - 256 if byte > 127 else byte for byte in text.encode()])[1:-1].encode()),
    (("byte-list",), lambda text: str(list(text.encode()))[1:-1].encode()),
    (("byte-list", "hex"), lambda text: str(list(text.encode().hex().encode()))[1:-1].encode()),
    (("reversed", "hex"), lambda text: text.encode().hex()[::-1].encode()),
    (("rot13", "base64"), lambda text: rotated(base64.b64encode(text.encode()).decode().rstrip("="))),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "encode"), ENCODERS)
@given(text=TEXT)
def test_encodings_are_those_of_others(layers: tuple[str, ...], encode: Callable[[str], bytes], text: str) -> None:
    """Whole texts."""
    stored = encode(text)
    if stored == codecs.encode(stored.decode("latin-1"), "rot13").encode("latin-1"):
        return  # nothing in it to rotate

    # Of the last character of Base64, a text alone may decide a part only.
    kept = (stored, stored.lower())
    assert any(each in kept or (each == stored[:-1] and "base64" in layers) for each in literals(text)[layers])


@given(TEXT)
def test_a_text_is_read_back_from_what_escapes_all_of_it(text: str) -> None:
    """By the decoders of the standard library."""
    made = literals(text)

    assert json.loads(b'"' + next(each for each in made[("json",)] if each.startswith(b"\\u")) + b'"') == text
    assert any(urllib.parse.unquote(each.decode()) == text for each in made[("url",)])
    assert any(quopri.decodestring(each).decode() == text for each in made[("quoted-printable",)])
    # HTML has no numbers for a few characters of old code pages.
    if not any(
        0x7F <= ord(char) < 0xA0 or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) < 0xFDF0 for char in text
    ):
        assert any(html.unescape(each.decode()) == text for each in made[("html",)])


def test_no_literal_is_shown() -> None:
    """They are the person's values in another dress."""
    assert "secret" not in repr(Encoded(("reversed",), b"secret"))
