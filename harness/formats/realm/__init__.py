"""Realm, the object database of many Android and iOS apps: what counts, the states before it, and what is left of
others in free space.

Encrypted files are recognised by their pages of vectors; `decrypted` opens one for whoever has its key.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._tokens import Token
from harness.formats.base import Format, Piece, Sample, fill
from harness.formats.realm.arrays import HEADER
from harness.formats.realm.cipher import PAGE, decrypted, fault_of, is_sealed, shares
from harness.formats.realm.reading import MAGIC, open_file
from harness.formats.realm.samples import SAMPLES
from harness.formats.realm.writer import Store, Table, write
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, State, Value

__all__ = ["Realm", "Store", "Table", "decrypted"]

_LONG = 4096


class Realm(Format):
    """A locator is class, key of the object and property; of a list or dictionary its number or key follows."""

    title = "Realm database"
    source = "src/realm of github.com/realm/realm-core, formats 9 to 24"
    framed = True
    container_only = True  # files alone; nobody keeps one in a value
    samples: ClassVar[tuple[Sample, ...]] = SAMPLES

    def sniff(self, head: bytes, size: int) -> float:
        if head[16:20] == MAGIC and size >= HEADER and any(head[:16]):
            return 0.98
        return 0.96 if is_sealed(head, size) else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        data = bytes(document.data)
        if not _is_sealed(data):
            return open_file(data, limits).account()
        fault = fault_of(data)
        return Ledger({"": fill([] if fault else shares(len(data)), len(data), Share.FAILED)}, fault)

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        data = bytes(document.data)
        if _is_sealed(data):
            return [Place((), State.RAW)] * len(offsets)
        try:
            return open_file(data, limits).locate(offsets)
        except FormatError:
            return [Place((), State.RAW)] * len(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        data = bytes(document.data)
        if not _is_sealed(data):
            yield from open_file(data, limits).values()
        elif fault := fault_of(data):
            raise FormatError(fault)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """The values with their names, which stand apart; what is long is found where it stands."""
        data = bytes(document.data)
        if not _is_sealed(data):
            yield from open_file(data, limits).reading().pieces(limits, _is_worth)

    def encode(self, content: Any) -> Document:
        """`content` is a `Store`."""
        if not isinstance(content, Store):
            raise FormatError("only a Store can be written")
        return Document(write(content))


def _is_worth(raw: bytes, token: Token) -> bool:
    return len(raw) <= _LONG


def _is_sealed(data: bytes) -> bool:
    """Whether a file is under a key, even where its end is missing."""
    return data[16:20] != MAGIC and is_sealed(data[:PAGE], max(2 * PAGE, len(data) - len(data) % PAGE))
