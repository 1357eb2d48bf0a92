"""Apple property lists, XML and binary: UserDefaults, settings, and the wrapping of keyed archives.

A keyed archive is given as the list that it is (`$objects`, `$top`); UIDs are numbers.
"""

import plistlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeAlias

from harness.errors import FormatError
from harness.formats._markup import first_tag
from harness.formats._tokens import Reading, join_pairs
from harness.formats.base import Format, Piece, Sample
from harness.formats.property_list.binary import BinaryList
from harness.formats.property_list.objects import MAGIC
from harness.formats.property_list.xml import read_xml
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Value

__all__ = ["Node", "Plist", "PropertyList"]

Node: TypeAlias = "str | bool | int | float | bytes | datetime | plistlib.UID | Sequence[Node] | Mapping[str, Node]"
"""What a property list is made of; a time without a zone is UTC."""

_WHEN = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
_ROOT: dict[str, Node] = {
    "Email": "jane@example.org",
    "name <&>": "Zoë & Müller",
    "phones": ["+44 7700 900123", "+44 7700 900456"],
    "last": {"lat": 40.712776, "lon": -74.005974, "when": _WHEN},
    "msisdn": 447700900123,
    "opt_in": True,
    "token": b"\x00\x01jane@example.com\xff",
    "big": 18446744073709551615,
    "empty": "",
}
_VALUES = (
    Value(("Email",), "jane@example.org"),
    Value(("name <&>",), "Zoë & Müller"),
    Value(("phones", 0), "+44 7700 900123"),
    Value(("phones", 1), "+44 7700 900456"),
    Value(("last", "lat"), 40.712776),
    Value(("last", "lon"), -74.005974),
    Value(("last", "when"), _WHEN),
    Value(("msisdn",), 447700900123),
    Value(("opt_in",), True),
    Value(("token",), b"\x00\x01jane@example.com\xff"),
    Value(("big",), 18446744073709551615),
    Value(("empty",), ""),
)
_ARCHIVE: dict[str, Node] = {
    "$version": 100000,
    "$objects": ["$null", "jane@example.org"],
    "$top": {"root": plistlib.UID(1)},
}


@dataclass(frozen=True, slots=True)
class Plist:
    """What to write: the root of a list, and in which of the two forms."""

    root: Node = field(repr=False)
    is_binary: bool = True


class PropertyList(Format):
    """Both forms of a property list; a locator is the path of keys and indices."""

    title = "Apple property list"
    source = "CFBinaryPList.c and CFPropertyList.c of CoreFoundation; PropertyList-1.0.dtd"
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(Plist(_ROOT), _VALUES),
        Sample(Plist(_ROOT, is_binary=False), _VALUES),
        Sample(
            Plist(_ARCHIVE),
            (
                Value(("$version",), 100000),
                Value(("$objects", 0), "$null"),
                Value(("$objects", 1), "jane@example.org"),
                Value(("$top", "root"), 1),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if head.startswith(MAGIC):
            return 0.99
        doctype, tag = first_tag(head)
        return 0.98 if tag == b"plist" or doctype == b"plist" else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        if _is_binary(document):
            return BinaryList(document.data, limits).account()
        return read_xml(document.data, limits).account()

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        try:
            if _is_binary(document):
                return BinaryList(document.data, limits).locate(offsets)
            return read_xml(document.data, limits).locate(offsets)
        except FormatError:
            return Reading.lost(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        if _is_binary(document):
            yield from BinaryList(document.data, limits).values()
        else:
            yield from read_xml(document.data, limits).values(limits)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """Of a binary list all texts and numbers, with their keys; of an XML one, what is base64."""
        if _is_binary(document):
            yield from join_pairs(BinaryList(document.data, limits).pairs(), limits)
            return
        reading = read_xml(document.data, limits)
        if reading.text.codec or b"<data>" in reading.text.data or b"&#" in reading.text.data:
            yield from reading.pieces(
                limits, lambda raw, token: bool(reading.text.codec) or isinstance(token.value, bytes) or b"&#" in raw
            )

    def encode(self, content: Any) -> Document:
        """`content` is a `Plist`; keys are written in its order."""
        form = plistlib.FMT_BINARY if content.is_binary else plistlib.FMT_XML
        try:
            return Document(plistlib.dumps(_naive(content.root), fmt=form, sort_keys=False))
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise FormatError("cannot be written as a property list") from error


def _is_binary(document: Document) -> bool:
    return bytes(document.data[: len(MAGIC)]) == MAGIC


def _naive(node: Any) -> Any:
    """The standard library writes times without a zone."""
    match node:
        case datetime():
            return node.astimezone(UTC).replace(tzinfo=None) if node.tzinfo else node
        case Mapping():
            return {key: _naive(value) for key, value in node.items()}
        case str() | bytes():
            return node
        case Sequence():
            return [_naive(value) for value in node]
    return node
