"""MMKV, Tencent's key-value store of many Android and iOS apps: what counts, what was replaced or removed, and what
longer rows of earlier times left behind.

Encrypted stores are recognised, by their `.crc` or by their entropy; `decrypted` opens one for whoever has its key.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from harness.encodings.varint import varint
from harness.errors import FormatError
from harness.formats._tokens import Pair, join_pairs
from harness.formats.base import Format, Piece, Sample, as_bytes
from harness.formats.mmkv.cipher import decrypted, is_ciphertext
from harness.formats.mmkv.entries import PROOF, plausible
from harness.formats.mmkv.layout import CRC, HEADER, PAGE, parse_meta
from harness.formats.mmkv.reading import open_store
from harness.formats.mmkv.writer import Storable, Store, write
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, Span, State, Value

__all__ = ["Mmkv", "Storable", "Store", "decrypted"]

_META = 112
"""Bytes of a `.crc` that say something; the rest of its page is zero."""
_SHORT = 128
_CARD = range(13, 20)

_LIFE = Store(
    entries=(
        ("email", "jane.roe@example.org"),
        ("phone", "+44 7700 900123"),
        ("visits", 7),
        ("opted.in", True),
        ("lat", 51.507351),
        ("photo", b"\x00\xff\x10jane"),
        ("recent", ("jane@example.com", "+1 415 555 0132")),
        ("phone", "+44 7700 900456"),
        ("session", "to be removed"),
        ("session", None),
    )
)
_OLD = Store(
    entries=(("name", "Zoë Müller"), ("debt", -5)),
    before=(
        ("name", "Zoë M."),
        ("city", "Springfield"),
        ("account.email", "zoe@example.org"),
        ("ssn", "078-05-1120"),
    ),
    old_layout=True,
)
_EXPIRING = Store(entries=(("token", "jane.roe@example.org"), ("count", 300)), expires=1795000000)


class Mmkv(Format):
    """One store; a locator is its key. Of a list, its number follows."""

    title = "MMKV store"
    source = "Core/MMKV_IO.cpp, MMKVMetaInfo.hpp and MiniPBCoder.cpp of github.com/Tencent/MMKV"
    sidecars = (CRC,)
    framed = True
    container_only = True  # its marks are weak without the size of a whole file
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            _LIFE,
            (
                Value(("email",), "jane.roe@example.org"),
                Value(("visits",), 7),
                Value(("opted.in",), 1),
                Value(("lat",), 51.507351),
                Value(("photo",), b"\x00\xff\x10jane"),
                Value(("recent", 0), "jane@example.com"),
                Value(("recent", 1), "+1 415 555 0132"),
                Value(("phone",), "+44 7700 900456"),
                Value(("phone",), "+44 7700 900123", State.SUPERSEDED),
                Value(("session",), "to be removed", State.SUPERSEDED),
            ),
        ),
        Sample(
            _OLD,
            (
                Value(("name",), "Zoë Müller"),
                Value(("debt",), -5),
                Value(("…count.email",), "zoe@example.org", State.SUPERSEDED),
                Value(("ssn",), "078-05-1120", State.SUPERSEDED),
            ),
        ),
        Sample(_EXPIRING, (Value(("token",), "jane.roe@example.org"), Value(("count",), 300))),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if len(head) < 64:
            return 0.0
        if _is_meta(head, size):
            return 0.9
        told = int.from_bytes(head[:HEADER], "little")
        if told > size - HEADER and size % PAGE == 0:
            return 0.0
        _, begin = varint(head, HEADER, HEADER + 5)
        proof = plausible(head, begin, len(head), whole=size)[2]
        if proof >= PROOF:
            return 0.97 if size % PAGE == 0 else 0.6
        return _sealed_likeness(head, told, size)

    def account(self, document: Document, limits: Limits) -> Ledger:
        if _is_lone_meta(document):
            return Ledger({"": (Span(0, len(document.data), Share.STRUCTURE),)})
        return open_store(document, limits).account()

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        if part or _is_lone_meta(document):
            return [Place(())] * len(offsets)
        return open_store(document, limits).locate(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        if not _is_lone_meta(document):
            yield from open_store(document, limits).values(limits)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """Numbers and short texts under a telling key, and numbers that are as long as a card's."""
        if not _is_lone_meta(document):
            yield from join_pairs(_pairs(document, telling, limits), limits)

    def encode(self, content: Any) -> Document:
        """`content` is a `Store`."""
        if not isinstance(content, Store):
            raise FormatError("only a Store can be written")
        return write(content)


def _pairs(document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Pair]:
    reading = open_store(document, limits)
    for entry in reading.entries:
        is_told = telling.search(entry.key) is not None
        if not is_told and entry.end - entry.start > 14:
            continue
        for leaf in reading.stored(entry, State.LIVE).leaves:
            value = as_bytes(leaf.value)
            is_number = isinstance(leaf.value, int | float)
            if (is_told and len(value) <= _SHORT) or (is_number and len(value) in _CARD):
                yield Pair(entry.key.decode("utf-8", "backslashreplace"), value, leaf.start)


_CLEAN, _DOUBTFUL = 0.9, 0.7


def _sealed_likeness(head: bytes, told: int, size: int) -> float:
    """How much a file looks like an encrypted store: whole pages, its size, bytes that look random, then zeros."""
    used = len(head.rstrip(b"\x00"))
    if size % PAGE or used < HEADER + 64 or not is_ciphertext(head[HEADER:used]):
        return 0.0
    if used == len(head) and (size == len(head) or not told):
        return 0.0
    return _CLEAN if told and HEADER + told in (used, used + 1) else _DOUBTFUL


def _is_meta(head: bytes, size: int) -> bool:
    """Whether a file is the `.crc` of a store."""
    if size != PAGE or len(head) < PAGE or head[_META:].strip(b"\x00"):
        return False
    meta = parse_meta(head)
    return meta is not None and meta.version > 0 and meta.crc > 0 and meta.sequence < 1 << 24


def _is_lone_meta(document: Document) -> bool:
    data = document.data
    return len(data) == PAGE and not document.sidecars and _is_meta(bytes(data), PAGE)
