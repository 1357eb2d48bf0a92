"""What a text becomes under each encoding that hides it without protecting it, as literals to search for."""

import base64
import codecs
import html
import json
import urllib.parse
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Encoded", "base64_at", "compositions", "encodings_of", "escapes_of", "whole_encodings_of"]


class Encoded(NamedTuple):
    """One literal; its `repr` shows none of it."""

    layers: tuple[str, ...]
    literal: bytes
    caseless: bool = False
    bounded: bool = False
    """Letters and digits stayed letters and digits, so that a longer word is another."""
    kept: bool = False
    """As easily found by chance as the text itself."""

    def __repr__(self) -> str:
        return f"Encoded({self.layers}, {len(self.literal)})"


def base64_at(raw: bytes, shift: int, *, urlsafe: bool = False) -> bytes:
    """The characters that bytes alone decide, where `shift` bytes modulo three stand before them."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    first, last = (0, 2, 3)[shift], (len(raw) + shift) * 8 // 6
    return encode(b"\0" * shift + raw)[first:last]


def escapes_of(text: str) -> Iterator[Encoded]:
    """What JSON and HTML make of the characters that they must escape; no layer that anybody would notice."""
    for escaped in (json.dumps(text)[1:-1], html.escape(text), json.dumps(text)[1:-1].replace("/", "\\/")):
        if escaped != text:
            yield Encoded((), escaped.encode(), caseless=True, kept=True)


def encodings_of(text: str) -> Iterator[Encoded]:
    """The encodings that every spelling is searched under."""
    raw = text.encode("utf-8", "surrogatepass")
    for quoted in (urllib.parse.quote(text, safe=""), urllib.parse.quote_plus(text), urllib.parse.quote(text)):
        if quoted != text:
            yield Encoded(("url",), quoted.encode(), caseless=True, kept=True)
            yield Encoded(("url", "url"), quoted.replace("%", "%25").encode(), caseless=True, kept=True)
    yield Encoded(("hex",), raw.hex().encode(), caseless=True)
    for shift in range(3):
        yield Encoded(("base64",), base64_at(raw, shift))
        yield Encoded(("base64",), base64_at(raw, shift, urlsafe=True))
    yield Encoded(("utf-16le",), text.encode("utf-16-le", "surrogatepass"), caseless=True, kept=True)
    yield Encoded(("utf-16be",), text.encode("utf-16-be", "surrogatepass"), caseless=True, kept=True)


def whole_encodings_of(text: str) -> Iterator[Encoded]:
    """Those that the chief spellings are searched under beside: each character escaped, turned round, printed."""
    raw = text.encode("utf-8", "surrogatepass")
    units = text.encode("utf-16-be", "surrogatepass").hex()
    yield Encoded(
        ("json",), "".join("\\u" + units[n : n + 4] for n in range(0, len(units), 4)).encode(), caseless=True
    )
    yield Encoded(("url",), "".join(f"%{byte:02x}" for byte in raw).encode(), caseless=True)
    yield Encoded(("quoted-printable",), "".join(f"={byte:02x}" for byte in raw).encode(), caseless=True)
    yield Encoded(("html",), "".join(f"&#x{ord(char):x};" for char in text).encode(), caseless=True)
    yield from _marks_escaped(text)
    if not text.isascii():
        yield Encoded(("quoted-printable",), _quoted_printable(raw), caseless=True)
    yield from _printed(raw)
    yield from _turned(text)


def _marks_escaped(text: str) -> Iterator[Encoded]:
    """HTML numbers for all but letters and digits, or for those too; XML escapes their ampersand once more."""
    for kept in ("", " ", None):
        escaped = "".join(
            char if kept is not None and (char.isalnum() or char in kept) else f"&#{ord(char)};" for char in text
        )
        if escaped != text:
            yield Encoded(("html",), escaped.encode(), caseless=kept is not None)
            yield Encoded(("html",), escaped.replace("&", "&amp;").encode(), caseless=kept is not None)


def _quoted_printable(raw: bytes) -> bytes:
    return "".join(chr(byte) if 32 <= byte < 127 and byte != 61 else f"={byte:02X}" for byte in raw).encode()


def _printed(raw: bytes) -> Iterator[Encoded]:
    """Rows of numbers, as Java, Kotlin and Python print bytes."""
    rows = {tuple(byte - 256 if signed and byte > 127 else byte for byte in raw) for signed in (True, False)}
    for row in sorted(rows):
        for gap in (", ", ","):
            yield Encoded(("byte-list",), gap.join(map(str, row)).encode(), bounded=True)


def _turned(text: str) -> Iterator[Encoded]:
    back = text[::-1]
    if back != text:
        yield Encoded(("reversed",), back.encode("utf-8", "surrogatepass"), caseless=True, bounded=True, kept=True)
    rotated = codecs.encode(text, "rot13")
    if rotated != text:
        yield Encoded(("rot13",), rotated.encode("utf-8", "surrogatepass"), caseless=True, bounded=True, kept=True)


# -- two layers: what decoding does not peel -------------------------------------------------------


def compositions(text: str) -> Iterator[Encoded]:
    """Two layers of which the outer is none that is undone by decoding, or holds too little for that."""
    yield from _twice(text)
    for inner in _inner(text):
        shown = inner.literal.decode()
        back, rotated = shown[::-1], codecs.encode(shown, "rot13")
        yield Encoded(("reversed", *inner.layers), back.encode(), caseless=inner.caseless)
        if rotated != shown:
            yield Encoded(("rot13", *inner.layers), rotated.encode(), caseless=inner.caseless)
        escaped = "".join(f"\\u{ord(char):04x}" for char in shown)
        yield Encoded(("json", *inner.layers), escaped.encode(), caseless=True)
        yield from _listed(inner)
    yield Encoded(
        ("reversed", "rot13"), codecs.encode(text[::-1], "rot13").encode("utf-8", "surrogatepass"), caseless=True
    )


_UNSEEN = 12
"""Bytes; what Base64 makes of so few is too short for decoding to notice."""


def _twice(text: str) -> Iterator[Encoded]:
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) <= _UNSEEN:
        for layer, inner in (("base64", base64.b64encode(raw)), ("hex", raw.hex().encode())):
            for shift in range(3):
                yield Encoded(("base64", layer), base64_at(inner.rstrip(b"="), shift))


def _inner(text: str) -> Iterator[Encoded]:
    raw = text.encode("utf-8", "surrogatepass")
    for shift in range(3):
        yield Encoded(("base64",), base64_at(raw, shift))
    yield Encoded(("hex",), raw.hex().encode(), caseless=True)
    quoted = urllib.parse.quote(text, safe="", errors="surrogatepass")
    if quoted != text:
        yield Encoded(("url",), quoted.encode(), caseless=True)


def _listed(inner: Encoded) -> Iterator[Encoded]:
    for gap in (", ", ","):
        yield Encoded(("byte-list", *inner.layers), gap.join(map(str, inner.literal)).encode(), bounded=True)
