"""Android's compiled resources: the manifest of an app, its rules of backup, other XML, and the table of them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._tokens import Reading
from harness.formats.axml.document import CompiledXml
from harness.formats.axml.writer import Compiled, Reference, Resources, Tag, write_compiled, write_resources
from harness.formats.base import Format, Piece, Sample
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Value

__all__ = ["Axml", "Compiled", "Reference", "Resources", "Tag"]

_HEADERS = (b"\x03\x00\x08\x00", b"\x00\x00\x08\x00")
"""The second by those who want to be read by the platform and by no tool."""
_POOL = b"\x01\x00\x1c\x00"
_TABLE = b"\x02\x00\x0c\x00"
_MANIFEST = Tag(
    "manifest",
    {"android:versionCode": 7, "android:versionName": "1.0", "package": "com.example.app"},
    (
        Tag("uses-permission", {"android:name": "android.permission.READ_CONTACTS"}),
        Tag("uses-permission", {"android:name": "android.permission.READ_PHONE_STATE"}),
        Tag(
            "application",
            {"android:allowBackup": True, "android:debuggable": False, "android:label": Reference(0x7F030000)},
            (
                Tag("provider", {"android:authorities": "com.example.app.people", "android:exported": True}),
                Tag("meta-data", {"android:name": "support", "android:value": "jane@example.org"}),
            ),
        ),
    ),
)
_RULES = Tag(
    "full-backup-content",
    {},
    (
        Tag("exclude", {"domain": "sharedpref", "path": "Zoë.xml"}),
        Tag("include", {"domain": "database", "path": "."}),
        Tag("note", {}, ("all of it 😀",)),
    ),
)


class Axml(Format):
    """A locator is the path of elements, with an index where one repeats, and the attribute: its name without prefix,
    as the platform knows it.

    In a table it is the number of the resource as manifests write it (`@0x7f020000`), its type, its language or
    variant where it has one, and its name.
    """

    title = "Android compiled XML or table of resources"
    source = "AOSP, libs/androidfw/include/androidfw/ResourceTypes.h"
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            Compiled(_MANIFEST),
            (
                Value(("manifest", "@versionCode"), 7),
                Value(("manifest", "@versionName"), "1.0"),
                Value(("manifest", "@package"), "com.example.app"),
                Value(("manifest", "uses-permission", 0, "@name"), "android.permission.READ_CONTACTS"),
                Value(("manifest", "uses-permission", 1, "@name"), "android.permission.READ_PHONE_STATE"),
                Value(("manifest", "application", "@label"), "@0x7f030000"),
                Value(("manifest", "application", "@debuggable"), False),
                Value(("manifest", "application", "@allowBackup"), True),
                Value(("manifest", "application", "provider", "@exported"), True),
                Value(("manifest", "application", "provider", "@authorities"), "com.example.app.people"),
                Value(("manifest", "application", "meta-data", "support"), "jane@example.org"),
            ),
        ),
        Sample(
            Compiled(_RULES, is_utf8=True),
            (
                Value(("full-backup-content", "exclude", "@domain"), "sharedpref"),
                Value(("full-backup-content", "exclude", "@path"), "Zoë.xml"),
                Value(("full-backup-content", "include", "@domain"), "database"),
                Value(("full-backup-content", "include", "@path"), "."),
                Value(("full-backup-content", "note"), "all of it 😀"),
            ),
        ),
        Sample(
            Resources({"xml": {"rules": "res/xml/a.xml"}, "string": {"support": "jane@example.org", "tel": "Zoë"}}),
            (
                Value(("@0x7f010000", "xml", "rules"), "res/xml/a.xml"),
                Value(("@0x7f020000", "string", "support"), "jane@example.org"),
                Value(("@0x7f020001", "string", "tel"), "Zoë"),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        is_table = head[:4] == _TABLE and head[12:16] == _POOL
        return 0.98 if is_table or (head[:4] in _HEADERS and head[8:12] == _POOL) else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        return CompiledXml(bytes(document.data), limits).account()

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        try:
            return CompiledXml(bytes(document.data), limits).locate(offsets)
        except FormatError:
            return Reading.lost(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from CompiledXml(bytes(document.data), limits).values()

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """Every value with its name: strings are shared and far away, some in UTF-16."""
        yield from CompiledXml(bytes(document.data), limits).pieces()

    def encode(self, content: Any) -> Document:
        """`content` is a `Compiled`, or `Resources`."""
        is_table = isinstance(content, Resources)
        return Document(write_resources(content) if is_table else write_compiled(content))
