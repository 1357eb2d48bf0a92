"""Compiled XML as `aapt` writes it."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.errors import FormatError
from harness.formats.axml.attributes import ATTRIBUTE_IDS, BOOLEAN, INTEGER, REFERENCE, STRING

__all__ = ["ANDROID", "Compiled", "Reference", "Resources", "Tag", "write_compiled", "write_resources"]

ANDROID = "http://schemas.android.com/apk/res/android"
_PREFIX = "android:"
_NONE = 0xFFFFFFFF
_UTF8 = 1 << 8


class Reference(int):
    """The number of a resource."""

    __slots__ = ()


Attribute: TypeAlias = "str | bool | int"


@dataclass(frozen=True, slots=True)
class Tag:
    """An element to write; names of attributes that begin with `android:` are the platform's."""

    name: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict, repr=False)
    children: Sequence["Tag | str"] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A document to write."""

    root: Tag
    is_utf8: bool = False


@dataclass(frozen=True, slots=True)
class Resources:
    """A table of resources to write: of each type, names and texts."""

    types: Mapping[str, Mapping[str, str]] = field(repr=False)
    package: str = "com.example.app"
    locale: str = ""
    """Two letters, where the texts are for one language only."""


def write_resources(content: Resources) -> bytes:
    """The bytes of a table, with strings in UTF-8.

    Raises:
        FormatError: a text that is too long or half a surrogate pair, or a name of a package that is too long.
    """
    texts = list(dict.fromkeys(text for named in content.types.values() for text in named.values()))
    keys = list(dict.fromkeys(name for named in content.types.values() for name in named))
    types, names = _pool(list(content.types)), _pool(keys)
    title = content.package.encode("utf-16-le", "replace")
    if len(title) > 254 or len(content.locale) not in {0, 2}:
        raise FormatError("a name of a package of more than 127 characters, or no language")
    config = struct.pack("<I4x2s", 64, content.locale.encode("latin-1", "replace")).ljust(64, b"\x00")
    body = types + names
    for number, named in enumerate(content.types.values(), 1):
        offsets = struct.pack(f"<{len(named)}I", *range(0, 16 * len(named), 16))
        entries = b"".join(
            struct.pack("<HHIHBBI", 8, 0, keys.index(name), 8, 0, STRING, texts.index(text))
            for name, text in named.items()
        )
        head = struct.pack("<BBHII", number, 0, 0, len(named), 84 + len(offsets)) + config
        body += _chunk(0x0201, 84, head + offsets + entries)
    package = struct.pack("<I256sIIIII", 0x7F, title, 288, len(content.types), 288 + len(types), len(keys), 0)
    table = struct.pack("<I", 1) + _pool(texts) + _chunk(0x0200, 288, package + body)
    return _chunk(0x0002, 12, table)


def _pool(texts: Sequence[str]) -> bytes:
    """A pool of strings in UTF-8."""
    stored = [_stored(text, is_utf8=True) for text in texts]
    offsets = [sum(map(len, stored[:index])) for index in range(len(stored))]
    body = b"".join(stored)
    body += bytes(-len(body) % 4)
    head = struct.pack("<IIIII", len(texts), 0, _UTF8, 28 + 4 * len(texts), 0)
    return _chunk(0x0001, 28, head + struct.pack(f"<{len(offsets)}I", *offsets) + body)


def write_compiled(content: Compiled) -> bytes:
    """The bytes of a document.

    Raises:
        FormatError: a number of more than 32 bits, or a text that is too long or half a surrogate pair.
    """
    return _Writer(content).document()


def _tags(tag: Tag) -> Iterator[Tag]:
    yield tag
    for child in tag.children:
        if isinstance(child, Tag):
            yield from _tags(child)


class _Writer:
    """Writes one document, once."""

    def __init__(self, content: Compiled) -> None:
        self._root, self._is_utf8 = content.root, content.is_utf8
        names = {name for tag in _tags(content.root) for name in tag.attributes if name.startswith(_PREFIX)}
        # What has a number comes first in the pool, in the order of the numbers, which the map then lists.
        self._ids = sorted((ATTRIBUTE_IDS.get(name.removeprefix(_PREFIX), 0), name) for name in names)
        self._pool = {name: index for index, (_, name) in enumerate(self._ids)}
        if any(not number for number, _ in self._ids):
            raise FormatError("an attribute of the platform whose number is not known")

    def document(self) -> bytes:
        body = b"".join(self._element(self._root))
        if self._ids:
            prefix, address = self._string("android"), self._string(ANDROID)
            space = struct.pack("<IIII", 1, _NONE, prefix, address)
            body = _chunk(0x0100, 16, space) + body + _chunk(0x0101, 16, space)
        numbers = b"".join(struct.pack("<I", number) for number, _ in self._ids)
        table = _chunk(0x0180, 8, numbers) if numbers else b""
        return _chunk(0x0003, 8, self._strings() + table + body)

    def _string(self, text: str) -> int:
        return self._pool.setdefault(text, len(self._pool))

    def _element(self, tag: Tag) -> Iterator[bytes]:
        name = self._string(tag.name)
        attributes = sorted(tag.attributes.items(), key=lambda pair: self._pool.get(pair[0], _NONE))
        packed = b"".join(self._attribute(*pair) for pair in attributes)
        extent = struct.pack("<IIHHHHHH", _NONE, name, 20, 20, len(attributes), 0, 0, 0)
        yield _chunk(0x0102, 16, struct.pack("<II", 1, _NONE) + extent + packed)
        for child in tag.children:
            if isinstance(child, Tag):
                yield from self._element(child)
            else:
                text = struct.pack("<IIIHBBI", 1, _NONE, self._string(child), 8, 0, 0, 0)
                yield _chunk(0x0104, 16, text)
        yield _chunk(0x0103, 16, struct.pack("<IIII", 1, _NONE, _NONE, name))

    def _attribute(self, name: str, value: Attribute) -> bytes:
        space = self._string(ANDROID) if name.startswith(_PREFIX) else _NONE
        raw, kind, data = _NONE, INTEGER, 0
        match value:
            case str():
                raw = data = self._string(value)
                kind = STRING
            case bool():
                kind, data = BOOLEAN, _NONE if value else 0
            case Reference():
                kind, data = REFERENCE, value
            case _:
                data = value & _NONE
        if not isinstance(value, str) and not -(1 << 31) <= value < 1 << 32:
            raise FormatError("a number of more than 32 bits cannot be compiled")
        return struct.pack("<IIIHBBI", space, self._string(name), raw, 8, 0, kind, data)

    def _strings(self) -> bytes:
        offsets, body = [], b""
        for text in self._pool:
            offsets.append(len(body))
            shown = text.removeprefix(_PREFIX) if self._pool[text] < len(self._ids) else text
            body += _stored(shown, is_utf8=self._is_utf8)
        body += bytes(-len(body) % 4)
        table = struct.pack(f"<{len(offsets)}I", *offsets)
        flags = _UTF8 if self._is_utf8 else 0
        return _chunk(0x0001, 28, struct.pack("<IIIII", len(offsets), 0, flags, 28 + len(table), 0) + table + body)


def _stored(text: str, *, is_utf8: bool) -> bytes:
    try:
        wide, narrow = text.encode("utf-16-le"), text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError("half a surrogate pair cannot be written") from error
    if len(narrow) > 0x7FFF:
        raise FormatError("a text of more than 32,767 bytes cannot be compiled")
    if is_utf8:
        return _small(len(wide) // 2) + _small(len(narrow)) + narrow + b"\x00"
    return struct.pack("<H", len(wide) // 2) + wide + b"\x00\x00"


def _small(size: int) -> bytes:
    return bytes((size,)) if size < 0x80 else bytes((size >> 8 | 0x80, size & 0xFF))


def _chunk(kind: int, header: int, body: bytes) -> bytes:
    return struct.pack("<HHI", kind, header, 8 + len(body)) + body
