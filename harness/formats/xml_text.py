"""XML of any kind, as text: configuration, feeds, tracks, and the settings that Android kept before version 12."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._elements import Element, Item, element_tokens
from harness.formats._markup import Event, Kind, character_data, escapes, events, first_tag, open_markup
from harness.formats._token_format import TokenFormat, Worth, escaped_values
from harness.formats._tokens import Reading
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Value

__all__ = ["Tag", "XmlText"]

_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s|\xff\xfe<\x00\?\x00x\x00|\xfe\xff\x00<\x00\?\x00x")
_NEAR = 1024
"""Bytes; a head that is well-formed up to so near its end is believed."""
_ESCAPED = {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z_:][\w:.\-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tag:
    """An element to write."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    children: Sequence["Tag | str"] = field(default=(), repr=False)


class XmlText(TokenFormat):
    """A locator is the path of elements, with an index where one repeats or the name that an element gives to what it
    holds, and the attribute."""

    title = "XML"
    source = "XML 1.0, https://www.w3.org/TR/xml/"
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            Tag(
                "settings",
                {"version": "-1"},
                (
                    Tag("setting", {"id": "1", "name": "owner_email", "value": "jane@example.org"}),
                    Tag("setting", {"id": "2", "name": "owner_phone", "value": "+44 7700 900123"}),
                    Tag("user", {"note": 'a "b" <&>\n'}, (Tag("name", {}, ("Zoë & Müller 😀",)), Tag("empty"))),
                    Tag("string", {"name": "city"}, ("Springfield",)),
                ),
            ),
            (
                Value(("settings", "@version"), "-1"),
                Value(("settings", "setting", "owner_email", "@id"), "1"),
                Value(("settings", "setting", "owner_email"), "jane@example.org"),
                Value(("settings", "setting", "owner_phone", "@id"), "2"),
                Value(("settings", "setting", "owner_phone"), "+44 7700 900123"),
                Value(("settings", "user", "@note"), 'a "b" <&>\n'),
                Value(("settings", "user", "name"), "Zoë & Müller 😀"),
                Value(("settings", "string", "city"), "Springfield"),
            ),
        ),
        Sample(
            Tag("gpx", {}, tuple(Tag("wpt", {"lat": "40.712776", "lon": f"-74.00597{n}"}) for n in range(2))),
            (
                Value(("gpx", "wpt", 0, "@lat"), "40.712776"),
                Value(("gpx", "wpt", 0, "@lon"), "-74.005970"),
                Value(("gpx", "wpt", 1, "@lat"), "40.712776"),
                Value(("gpx", "wpt", 1, "@lon"), "-74.005971"),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        doctype, tag = first_tag(head)
        if not tag or b"html" in {tag.lower(), doctype.lower()}:
            return 0.0
        if _DECLARED.match(head):
            return 0.9
        return 0.85 if _is_well_formed(head, whole=size <= len(head)) else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        text = open_markup(document.data)
        return Reading(text, lambda: element_tokens(lambda: _elements(text.data, limits)), escapes)

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """Values that hold characters written as numbers, and all where the file is not UTF-8."""
        return escaped_values(reading)

    def encode(self, content: Any) -> Document:
        """`content` is the `Tag` that is the root."""
        return Document(f'<?xml version="1.0" encoding="utf-8"?>\n{_written(content)}\n'.encode())


# -- reading -------------------------------------------------------------------------------------


def _elements(data: bytes, limits: Limits) -> Iterator[Element]:
    for event in events(data, limits):
        if event.kind is Kind.CLOSE:
            yield Element(Kind.CLOSE, event.name, event.start, event.end)
        elif event.kind is Kind.TEXT:
            text = _item(data, "", event.start, event.end)
            if str(text.value).strip():
                yield Element(Kind.TEXT, "", event.start, event.end, (), text)
        else:
            yield _element(data, event)


def _element(data: bytes, event: Event) -> Element:
    items = tuple(
        _item(data, name.rpartition(":")[2], start, end)
        for name, start, end in event.attributes
        if name != "xmlns" and not name.startswith("xmlns:")
    )
    text = _item(data, "", *event.text) if event.text and event.text[0] < event.text[1] else None
    if text is not None and not str(text.value).strip():
        text = None
    return Element(event.kind, event.name.rpartition(":")[2], event.start, event.end, items, text)


def _item(data: bytes, name: str, start: int, end: int) -> Item:
    return Item(name, start, end, character_data(data, start, end))


def _is_well_formed(head: bytes, *, whole: bool) -> bool:
    """Whether a document that does not say that it is XML reads as such, and has more in it than one text."""
    read = count = 0
    try:
        data = open_markup(head).data
        for event in events(data, Limits()):
            read = event.end
            count += 1 + len(event.attributes) if event.kind is not Kind.CLOSE else 0
    except FormatError:
        return not whole and count > 2 and read > len(head) - _NEAR
    return count > 1


# -- writing -------------------------------------------------------------------------------------


def _written(tag: Tag) -> str:
    if not all(_NAME.fullmatch(name) for name in (tag.name, *tag.attributes)):
        raise FormatError("a name that XML does not allow")
    attributes = "".join(f' {name}="{_escaped(value)}"' for name, value in tag.attributes.items())
    inner = "".join(_written(child) if isinstance(child, Tag) else _escaped(child) for child in tag.children)
    return f"<{tag.name}{attributes}>{inner}</{tag.name}>" if inner else f"<{tag.name}{attributes}/>"


def _escaped(text: str) -> str:
    if _FORBIDDEN.search(text):
        raise FormatError("a character that XML does not allow")
    return "".join(_ESCAPED.get(character, character) for character in text)
