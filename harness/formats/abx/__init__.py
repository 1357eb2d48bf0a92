"""Android's binary XML, since version 12: the settings of the system, and what it keeps of each app."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from harness.formats._elements import element_tokens
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat, Worth, all_values
from harness.formats._tokens import Reading, Token
from harness.formats.abx.preferences import preference_tokens
from harness.formats.abx.stream import MAGIC, ElementReader, escapes
from harness.formats.abx.writer import Interned, Tag, write_document, write_preferences
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Long, Value

__all__ = ["Abx", "Interned", "Tag"]

_SETTINGS = Tag(
    "settings",
    {"version": -1},
    (
        Tag("setting", {"id": "1", "name": "owner_email", "value": "jane@example.org", "package": Interned("app")}),
        Tag("setting", {"id": "2", "name": "owner_phone", "value": "+44 7700 900123", "package": Interned("app")}),
        Tag(
            "user",
            {"serial": Long(7), "ratio": 0.25, "admin": True, "icon": b"\x00\xff\x01"},
            (Tag("name", {}, ("Zoë 😀\x00",)),),
        ),
    ),
)


class Abx(TokenFormat):
    """A map of preferences has the places of the same map in text; of others a locator is the path of elements."""

    title = "Android binary XML"
    source = "AOSP, core/java/com/android/internal/util/BinaryXmlSerializer.java"
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            {
                "Email": "jane@example.org",
                "recent": ("jane@example.com", "Zoë <zoe@example.com>"),
                "launches": 12,
                "first_seen": Long(7),
                "msisdn": 15555550123,
                "lat": 20.5,
                "opt_in": False,
                "gone": None,
                "blob": b"\x00\x01\xff",
                "empty": "",
            },
            (
                Value(("Email",), "jane@example.org"),
                Value(("recent", 0), "jane@example.com"),
                Value(("recent", 1), "Zoë <zoe@example.com>"),
                Value(("launches",), 12),
                Value(("first_seen",), 7),
                Value(("msisdn",), 15555550123),
                Value(("lat",), 20.5),
                Value(("opt_in",), False),
                Value(("gone",), None),
                Value(("blob",), b"\x00\x01\xff"),
                Value(("empty",), ""),
            ),
        ),
        Sample(
            _SETTINGS,
            (
                Value(("settings", "@version"), -1),
                Value(("settings", "setting", "owner_email", "@id"), "1"),
                Value(("settings", "setting", "owner_email"), "jane@example.org"),
                Value(("settings", "setting", "owner_email", "@package"), "app"),
                Value(("settings", "setting", "owner_phone", "@id"), "2"),
                Value(("settings", "setting", "owner_phone"), "+44 7700 900123"),
                Value(("settings", "setting", "owner_phone", "@package"), "app"),
                Value(("settings", "user", "@serial"), 7),
                Value(("settings", "user", "@ratio"), 0.25),
                Value(("settings", "user", "@admin"), True),
                Value(("settings", "user", "@icon"), b"\x00\xff\x01"),
                Value(("settings", "user", "name"), "Zoë 😀\x00"),
            ),
        ),
        Sample({}, ()),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return 0.99 if head.startswith(MAGIC) else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), lambda: _tokens(data, limits), escapes)

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """Every value, with its name: numbers are in binary, interned texts stand elsewhere, names far away."""
        return all_values

    def encode(self, content: Any) -> Document:
        """`content` is a mapping of names to preferences, or the `Tag` that is the root of a document."""
        return Document(write_preferences(content) if isinstance(content, Mapping) else write_document(content))


def _tokens(data: bytes, limits: Limits) -> Iterator[Token]:
    first = next(ElementReader(data, limits).elements(), None)
    if first is not None and first.name == "map":
        return preference_tokens(ElementReader(data, limits).elements())
    return element_tokens(lambda: ElementReader(data, limits).elements())
