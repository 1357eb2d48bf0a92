"""LevelDB, the store under Chromium, WebView and many apps: its logs, tables and manifests, one file at a time.

Opening a LevelDB folder rewrites it, and shows neither what was deleted nor what was replaced. Here each file is read
as it is.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from harness.formats._tokens import join_pairs
from harness.formats.base import Format, Piece, Sample
from harness.formats.leveldb.likeness import likeness
from harness.formats.leveldb.reading import open_file
from harness.formats.leveldb.writer import Change, Changes, Current, Sorted, Version, write
from harness.limits import Limits
from harness.model import Document, Ledger, Place, State, Value

__all__ = ["Change", "Changes", "Current", "LevelDb", "Sorted", "Version"]

_ORIGIN = b"_https://app.example.net\x00"
_LOG = Changes(
    batches=(
        ((b"VERSION", b"1"), (b"META:https://app.example.net", b"\x08\x96\xb1\x8d\x97")),
        ((_ORIGIN + b"\x01email", b"\x01jane.roe@example.org"), (_ORIGIN + b"\x01city", b"\x01Z\xfcrich")),
        ((_ORIGIN + b"\x00" + "名".encode("utf-16-le"), b"\x00" + "Zoë Müller".encode("utf-16-le")),),
        ((_ORIGIN + b"\x01email", b"\x01jane.roe@example.com"), (b"plain:phone", b"+44 7700 900123")),
        ((b"plain:phone", None), (b"plain:gone", None)),
    )
)
_TABLE = Sorted(
    entries=(
        *((b"user:%03d:email" % n, 10 + n, b"jane.roe.%03d@example.org" % n) for n in range(3)),
        (b"user:001:email", 40, b"jane.roe.new@example.org"),
        (b"user:002:email", 41, None),
        (b"profile", 42, b'{"Email":"jane.roe@example.org","Email2":"jane.roe@example.org"}'),
        (b"binary", 43, b"\x00\xff\x10"),
    )
)
_MANIFEST = Version(tables=((5, b"user:000:email", b"user:002:email"), (6, b"a", b"b")), removed=(6,))


class LevelDb(Format):
    """One file of a folder; a locator is the key, of a web page's storage its origin or database and the key."""

    title = "LevelDB log, table or manifest"
    source = (
        "doc/log_format.md, doc/table_format.md and db/write_batch.cc of github.com/google/leveldb; Chromium's "
        "docs on localStorage and IndexedDB"
    )
    framed = True
    container_only = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            _LOG,
            (
                Value(("VERSION",), "1"),
                Value(("META:https://app.example.net",), b"\x08\x96\xb1\x8d\x97"),
                Value(("https://app.example.net", "city"), "Zürich"),
                Value(("https://app.example.net", "名"), "Zoë Müller"),
                Value(("https://app.example.net", "email"), "jane.roe@example.com"),
                Value(("https://app.example.net", "email"), "jane.roe@example.org", State.SUPERSEDED),
                Value(("plain:phone",), "+44 7700 900123", State.SUPERSEDED),
                Value(("plain:gone",), None, State.SUPERSEDED),
            ),
        ),
        *(
            Sample(
                Sorted(entries=_TABLE.entries, is_compressed=is_compressed),
                (
                    Value(("binary",), b"\x00\xff\x10"),
                    Value(("profile",), '{"Email":"jane.roe@example.org","Email2":"jane.roe@example.org"}'),
                    Value(("user:000:email",), "jane.roe.000@example.org"),
                    Value(("user:001:email",), "jane.roe.new@example.org"),
                    Value(("user:001:email",), "jane.roe.001@example.org", State.SUPERSEDED),
                    Value(("user:002:email",), "jane.roe.002@example.org", State.SUPERSEDED),
                ),
            )
            for is_compressed in (True, False)
        ),
        Sample(
            _MANIFEST,
            (
                Value(("comparator",), "leveldb.BytewiseComparator"),
                Value(("log",), 3),
                Value(("previous log",), 0),
                Value(("next file",), 4),
                Value(("last sequence",), 42),
                Value(("table 000005", "first key"), "user:000:email"),
                Value(("table 000005", "last key"), "user:002:email"),
                Value(("table 000006", "first key"), "a", State.SUPERSEDED),
                Value(("table 000006", "last key"), "b", State.SUPERSEDED),
            ),
        ),
        Sample(Current(manifest=2), (Value(("manifest",), "MANIFEST-000002"),)),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return likeness(head, size)[0]

    def account(self, document: Document, limits: Limits) -> Ledger:
        return open_file(document.data, limits).account()

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        return open_file(document.data, limits).locate(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from open_file(document.data, limits).values()

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """What is compressed, cut by a block of a log, or in another encoding; and short texts under telling keys."""
        yield from join_pairs(open_file(document.data, limits).pairs(telling), limits)

    def encode(self, content: Any) -> Document:
        """`content` is one of `Changes`, `Sorted`, `Version` or `Current`."""
        return Document(write(content))
