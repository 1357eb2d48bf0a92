"""Apple property lists, XML, binary and OpenStep: UserDefaults, settings, and keyed archives as
the graph that was archived.

Not a format of its own for archives: that a list is one stands at its end as often as at its beginning, and all else
about it is a property list.
"""

import plistlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from harness.errors import FormatError
from harness.formats._markup import first_tag
from harness.formats._tokens import Reading, join_pairs
from harness.formats.base import Format, Piece, Sample
from harness.formats.property_list.archiver import Archived, Instance, archived
from harness.formats.property_list.objects import MAGIC
from harness.formats.property_list.openstep import openstep_likeness, openstep_text
from harness.formats.property_list.views import all_pairs, open_list
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Value

__all__ = ["Archive", "Archived", "Instance", "Node", "Plist", "PropertyList"]

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
_OLD: dict[str, Node] = {
    "Email": "jane@example.org",
    "name <&>": 'Zoë "M" 😀',
    "phones": ["+44 7700 900123", {"n": "1"}],
    "token": b"\x00\x01jane@example.com\xff",
}
_OLD_VALUES = (
    Value(("Email",), "jane@example.org"),
    Value(("name <&>",), 'Zoë "M" 😀'),
    Value(("phones", 0), "+44 7700 900123"),
    Value(("phones", 1, "n"), "1"),
    Value(("token",), b"\x00\x01jane@example.com\xff"),
)
_CARD = Instance("PaymentCard", {"pan": "4111 1111 1111 1111", "year": 2030})
_PROFILE: dict[str, Archived] = {
    "Email": "jane@example.org",
    "card": _CARD,
    "since": datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
    "device": UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
    "names": ("Zoë", "Müller"),
    "picture": b"\x00\x01jane@example.com\xff",
    "none": None,
}
_GRAPH = (
    Value(("root", "Email"), "jane@example.org"),
    Value(("root", "card", "$class"), "PaymentCard"),
    Value(("root", "card", "pan"), "4111 1111 1111 1111"),
    Value(("root", "card", "year"), 2030),
    Value(("root", "since"), _WHEN),
    Value(("root", "device"), "3F2504E0-4F89-41D3-9A0C-0305E82C3301"),
    Value(("root", "names", 0), "Zoë"),
    Value(("root", "names", 1), "Müller"),
    Value(("root", "picture"), b"\x00\x01jane@example.com\xff"),
    Value(("root", "none"), None),
)


@dataclass(frozen=True, slots=True)
class Plist:
    """What to write: the root of a list, and in which form."""

    root: Node = field(repr=False)
    is_binary: bool = True
    is_openstep: bool = False
    """The old form, which holds texts and data alone."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What to archive, and in which of the two forms."""

    root: Archived = field(repr=False)
    is_binary: bool = True


class PropertyList(Format):
    """All forms of a property list; a locator is the path of keys and indices, of an archive as it was archived."""

    title = "Apple property list"
    source = "CFBinaryPList.c, CFPropertyList.c and CFOldStylePList.c of CoreFoundation; PropertyList-1.0.dtd"
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(Plist(_ROOT), _VALUES),
        Sample(Plist(_ROOT, is_binary=False), _VALUES),
        Sample(Plist(_OLD, is_openstep=True), _OLD_VALUES),
        Sample(Archive(_PROFILE), _GRAPH),
        Sample(Archive(_PROFILE, is_binary=False), _GRAPH),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if head.startswith(MAGIC):
            return 0.99
        doctype, tag = first_tag(head)
        if tag == b"plist" or doctype == b"plist":
            return 0.98
        return openstep_likeness(head, whole=size <= len(head))

    def account(self, document: Document, limits: Limits) -> Ledger:
        return open_list(document.data, limits).account()

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        try:
            return open_list(document.data, limits).locate(offsets)
        except FormatError:
            return Reading.lost(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from open_list(document.data, limits).values()

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """Texts and numbers with their keys, of a list and of the lists in its data; what is escaped or Base64."""
        yield from join_pairs(all_pairs(open_list(document.data, limits), limits), limits)

    def encode(self, content: Any) -> Document:
        """`content` is a `Plist`, whose keys are written in its order, or an `Archive`."""
        form = plistlib.FMT_BINARY if content.is_binary else plistlib.FMT_XML
        try:
            if isinstance(content, Plist) and content.is_openstep:
                return Document(openstep_text(content.root).encode() + b"\n")
            root = archived(content.root) if isinstance(content, Archive) else content.root
            root = _writable(root, is_binary=content.is_binary)
            return Document(plistlib.dumps(root, fmt=form, sort_keys=False))
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise FormatError("cannot be written as a property list") from error


def _writable(node: Any, *, is_binary: bool) -> Any:
    """As the standard library takes it: times without a zone, and no references where it writes XML."""
    match node:
        case datetime():
            return node.astimezone(UTC).replace(tzinfo=None) if node.tzinfo else node
        case plistlib.UID():
            return node if is_binary else {"CF$UID": node.data}
        case Mapping():
            return {key: _writable(value, is_binary=is_binary) for key, value in node.items()}
        case str() | bytes():
            return node
        case Sequence():
            return [_writable(value, is_binary=is_binary) for value in node]
    return node
