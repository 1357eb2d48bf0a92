"""XML as a row of events with offsets, for formats that are small subsets of it.

Not expat: it gives no offset of a character behind an entity, and it expands entities that a document declares.
Here a document that declares entities is refused. Specification: XML 1.0, https://www.w3.org/TR/xml/.
"""

import re
from collections.abc import Generator, Iterator
from enum import Enum, auto
from typing import NamedTuple

from harness.errors import FormatError, LimitError
from harness.formats._text import BOM, Text, open_text
from harness.limits import Limits
from harness.model import Buffer

__all__ = ["Attribute", "Event", "Kind", "character_data", "escapes", "events", "first_tag", "open_markup"]

_NAME = rb"[A-Za-z_:][\w:.\-]*+"
_ATTRIBUTE = re.compile(rb"\s++(" + _NAME + rb")\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)')")
_ATTRIBUTES = rb"((?:\s++" + _NAME + rb"\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+)\s*+"
_TAG = re.compile(rb"<(/?)(" + _NAME + rb")" + _ATTRIBUTES + rb"(/?)>")
_LEAF = re.compile(rb"\s*+<(" + _NAME + rb")" + _ATTRIBUTES + rb"(?:/>|>([^<]*+)</\1\s*+>)")
_PROLOG = re.compile(rb"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*+(\[[^\]]*+\]\s*+)?>")
_ASIDE = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.\-]{1,40})[\"']")
_MOST_ATTRIBUTES = 100_000
"""Of one element, all of which are held at once."""
_PLAIN = re.compile(rb"[<&\r]")
_UNIT = re.compile(
    rb"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{1,5}));|(&)|(\r\n?)|(<!\[CDATA\[)(.*?)(\]\]>)|<!--.*?-->|<\?.*?\?>",
    re.DOTALL,
)
_ENTITIES = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_SIMPLE = tuple((b"&" + name + b";", text) for name, text in reversed(_ENTITIES.items()))


class Kind(Enum):
    OPEN = auto()
    CLOSE = auto()
    TEXT = auto()
    LEAF = auto()
    """An element that holds a text, or nothing: both of its tags at once."""


class Attribute(NamedTuple):
    """The bounds of an attribute's value."""

    name: str
    start: int
    end: int


class Event(NamedTuple):
    """A tag, the text between two, or an element without others in it."""

    kind: Kind
    name: str
    start: int
    end: int
    attributes: tuple[Attribute, ...] = ()
    text: tuple[int, int] | None = None
    """Of a leaf that is not written as one tag, the bounds of its text."""

    def attribute(self, name: str) -> Attribute | None:
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


def open_markup(data: Buffer) -> Text:
    """A document as text, in the encoding that it declares.

    Raises:
        FormatError: it is not in that encoding, or that encoding is not supported.
    """
    declared = _ENCODING.match(bytes(data[:200]))
    name = declared[1].lower() if declared else b"utf-8"
    if name in {b"iso-8859-1", b"latin1", b"windows-1252"}:
        return open_text(data, codec="latin-1")
    return open_text(data)


def first_tag(head: bytes) -> tuple[bytes, bytes]:
    """The document type and the name of the first element, as far as the head shows them; else empty."""
    try:
        data = open_markup(head).data
    except FormatError:
        return b"", b""
    at = _prolog_end(data, len(BOM) if data.startswith(BOM) else 0)
    doctype = re.compile(rb"<!DOCTYPE\s+([\w.:\-]+)[^>\[]*+>?").match(data, at)
    if doctype is not None:
        at = _prolog_end(data, doctype.end())
    tag = re.compile(rb"<(" + _NAME + rb")[\s/>]").match(data, at)
    return doctype[1] if doctype else b"", tag[1] if tag else b""


def _prolog_end(data: bytes, at: int) -> int:
    found = _PROLOG.match(data, at)
    return found.end() if found else at


def events(data: bytes, limits: Limits) -> Iterator[Event]:
    """Every tag and text of a well-formed document, in order.

    Raises:
        FormatError: from the first fault on.
    """
    at = _prolog_end(data, len(BOM) if data.startswith(BOM) else 0)
    doctype = _DOCTYPE.match(data, at)
    if doctype is not None:
        if doctype[1] and b"ENTITY" in doctype[1]:
            raise FormatError("declares entities of its own, which are not expanded")
        at = _prolog_end(data, doctype.end())
    at = yield from _element(data, at, limits)
    if data[_prolog_end(data, at) :].strip(b"\x00"):
        raise FormatError(f"goes on after its last tag at byte {at}")


def _element(data: bytes, at: int, limits: Limits) -> Generator[Event, None, int]:
    """The events of one element; returns where it ends."""
    stack: list[str] = []
    while True:
        leaf = _LEAF.match(data, at)
        if leaf is not None:
            yield _leaf(leaf)
            at = leaf.end()
        else:
            start = at
            at = _text_end(data, at)
            if data[start:at].strip():
                yield Event(Kind.TEXT, stack[-1] if stack else "", start, at)
            tag = _TAG.match(data, at)
            if tag is None:
                raise FormatError(f"no XML tag at byte {at}")
            yield _tag(tag, stack, limits)
            at = tag.end()
        if not stack:
            return at


def _leaf(leaf: re.Match[bytes]) -> Event:
    attributes = tuple(_attributes(leaf, 2)) if leaf[2] else ()
    text = leaf.span(3) if leaf[3] is not None else None
    return Event(Kind.LEAF, leaf[1].decode("latin-1"), leaf.start(1) - 1, leaf.end(), attributes, text)


def _tag(tag: re.Match[bytes], stack: list[str], limits: Limits) -> Event:
    name = tag[2].decode("latin-1")
    if not tag[1]:
        if len(stack) >= limits.structure_depth:
            raise LimitError(f"more than {limits.structure_depth} elements within each other")
        stack.append(name)
        return Event(Kind.OPEN, name, tag.start(), tag.end(), tuple(_attributes(tag, 3)))
    if not stack or stack[-1] != name or tag[3] or tag[4]:
        raise FormatError(f"a closing tag without its opening one at byte {tag.start()}")
    stack.pop()
    return Event(Kind.CLOSE, name, tag.start(), tag.end())


def _attributes(tag: re.Match[bytes], group: int) -> Iterator[Attribute]:
    for number, found in enumerate(_ATTRIBUTE.finditer(tag.string, *tag.span(group))):
        if number >= _MOST_ATTRIBUTES:
            raise LimitError(f"more than {_MOST_ATTRIBUTES:,} attributes in one tag")
        which = 2 if found[2] is not None else 3
        yield Attribute(found[1].decode("latin-1"), found.start(which), found.end(which))


def _text_end(data: bytes, at: int) -> int:
    """Where the text that begins here ends: at the next tag."""
    while True:
        at = data.find(b"<", at)
        if at < 0:
            raise FormatError("ends in the middle of a text")
        if data[at + 1 : at + 2] not in {b"!", b"?"}:
            return at
        aside = _ASIDE.match(data, at)
        if aside is None:
            raise FormatError(f"a comment or section without end at byte {at}")
        at = aside.end()


def escapes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Stretches that stand for other bytes: entities, line ends, comments, the brackets of a CDATA section.

    Raises:
        FormatError: an entity that XML does not define.
    """
    for unit in _UNIT.finditer(raw):
        if unit[6]:
            yield unit.start(6), unit.end(6), b""
            yield unit.start(8), unit.end(8), b""
        else:
            yield unit.start(), unit.end(), _meaning(unit)


def _meaning(unit: re.Match[bytes]) -> bytes:
    if unit[5]:
        return b"\n"
    if unit[4]:
        raise FormatError("an ampersand that begins no entity")
    if unit[3]:
        if unit[3] not in _ENTITIES:
            raise FormatError("an entity that XML does not define")
        return _ENTITIES[unit[3]]
    if unit[1] is None and unit[2] is None:
        return b""
    code = int(unit[1]) if unit[1] else int(unit[2], 16)
    if code > 0x10FFFF:
        raise FormatError("a character beyond Unicode")
    return chr(code).encode("utf-8", "surrogatepass")


def character_data(data: bytes, start: int, end: int) -> str:
    """The text between two offsets, decoded.

    Raises:
        FormatError: it is not well-formed, or not UTF-8.
    """
    raw = data[start:end]
    if _PLAIN.search(raw):
        raw = _decoded(raw)
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise FormatError(f"is not UTF-8 in the text at byte {start}") from error


def _decoded(raw: bytes) -> bytes:
    if b"<" not in raw and b"\r" not in raw and raw.count(b"&") == sum(raw.count(name) for name, _ in _SIMPLE):
        for name, text in _SIMPLE:  # `&amp;` last, so that nothing is decoded twice
            raw = raw.replace(name, text)
        return raw
    plain, at = bytearray(), 0
    for start, end, meaning in escapes(raw):
        plain += raw[at:start]
        plain += meaning
        at = end
    return bytes(plain + raw[at:])
