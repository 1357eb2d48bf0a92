"""Binary XML as AOSP's BinaryXmlSerializer writes it, and preferences as XmlUtils does."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.errors import FormatError
from harness.formats.abx.stream import MAGIC, modified_utf8, token
from harness.model import Long

__all__ = ["Interned", "Preference", "Tag", "write_document", "write_preferences"]


class Interned(str):
    """A text that is written once, however often it comes."""

    __slots__ = ()


Attribute: TypeAlias = "str | bool | int | float | bytes | None"
Preference: TypeAlias = "str | bool | int | float | bytes | Sequence[str] | None"
_LONGEST = 0xFFFF


@dataclass(frozen=True, slots=True)
class Tag:
    """An element to write."""

    name: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict, repr=False)
    children: Sequence["Tag | str"] = field(default=(), repr=False)


def write_document(root: Tag) -> bytes:
    """A document with one root."""
    return _Writer().document(root)


def write_preferences(content: Mapping[str, Preference]) -> bytes:
    """A map of typed values."""
    return write_document(Tag("map", {}, tuple(_preference(name, value) for name, value in content.items())))


def _preference(name: str, value: Preference) -> Tag:
    match value:
        case None:
            return Tag("null", {"name": name})
        case str():
            return Tag("string", {"name": name}, (value,))
        case bool():
            return Tag("boolean", {"name": name, "value": value})
        case int():
            is_long = isinstance(value, Long) or not -(1 << 31) <= value < 1 << 31
            return Tag("long" if is_long else "int", {"name": name, "value": Long(value) if is_long else value})
        case float():
            return Tag("double", {"name": name, "value": value})
        case bytes():
            return Tag("byte-array", {"name": name, "num": len(value)}, (value.hex(),))
    return Tag("set", {"name": name}, tuple(Tag("string", {}, (item,)) for item in value))


class _Writer:
    """Writes one document, once."""

    def __init__(self) -> None:
        self._out = bytearray(MAGIC)
        self._pool: dict[str, int] = {}

    def document(self, root: Tag) -> bytes:
        self._out.append(token("begin", "null"))
        self._tag(root)
        self._out.append(token("end", "null"))
        return bytes(self._out)

    def _tag(self, tag: Tag) -> None:
        self._out.append(token("open", "interned"))
        self._interned(tag.name)
        for name, value in tag.attributes.items():
            self._attribute(name, value)
        for child in tag.children:
            if isinstance(child, Tag):
                self._tag(child)
            else:
                self._out.append(token("text", "string"))
                self._string(child)
        self._out.append(token("close", "interned"))
        self._interned(tag.name)

    def _attribute(self, name: str, value: Attribute) -> None:
        kind, payload = _typed(value)
        self._out.append(token("attribute", kind))
        self._interned(name)
        if kind == "interned":
            self._interned(str(value))
        elif isinstance(value, str):
            self._string(value)
        else:
            self._out += payload

    def _interned(self, text: str) -> None:
        known = self._pool.get(text)
        self._out += struct.pack(">H", _LONGEST if known is None else known)
        if known is None:
            self._string(text)
            if len(self._pool) < _LONGEST:
                self._pool[text] = len(self._pool)

    def _string(self, text: str) -> None:
        raw = modified_utf8(text)
        self._out += _sized(raw)


def _typed(value: Attribute) -> tuple[str, bytes]:
    """The type of a value, and its bytes where it is no text."""
    try:
        match value:
            case None:
                return "null", b""
            case str():
                return ("interned" if isinstance(value, Interned) else "string"), b""
            case bool():
                return ("true" if value else "false"), b""
            case Long():
                return "long", struct.pack(">q", value)
            case int():
                return "int", struct.pack(">i", value)
            case float():
                return "double", struct.pack(">d", value)
    except struct.error as error:
        raise FormatError("a number that is too large for its type") from error
    return "base64", _sized(value)


def _sized(raw: bytes) -> bytes:
    if len(raw) > _LONGEST:
        raise FormatError("more than 65,535 bytes cannot be one text")
    return struct.pack(">H", len(raw)) + raw
