"""Values whose bytes are not in the file as they are: cut by overflow pages, or numbers in binary."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.errors import FormatError
from harness.formats.base import Piece, as_bytes
from harness.formats.sqlite.btree import Cell, Page, chain, read_cell
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import Row, value_of
from harness.formats.sqlite.pages import open_storage
from harness.formats.sqlite.record import fields
from harness.formats.sqlite.view import View
from harness.limits import Limits
from harness.model import Document

__all__ = ["expand"]

Stretch = tuple[str, int, int]
"""Part, offset and length of stored bytes."""

_BATCH = 1 << 20
"""Bytes of rendered numbers in one piece."""
_LONGEST_TEXT = 13 + 2 * 128
"""Serial type of the longest text that can be one number or identifier, which its column's name may tell."""
_EIGHT_BYTES = 6
"""Serial type of numbers from 15 digits on: cards are such, whatever their column is called."""
_CARD_TEXTS = {unit: frozenset(13 + 2 * unit * size for size in range(13, 20)) for unit in (1, 2)}
"""Serial types of texts as long as a card number, by the bytes of a digit: beside digits of another field, it looks
like a longer one."""
_CARD_TYPES = {unit: bytes({_EIGHT_BYTES, *kinds}) for unit, kinds in _CARD_TEXTS.items()}
_FAULTS = (FormatError, IndexError, struct.error)


def expand(document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
    """The pieces of a document; damage ends nothing but the row that it is in."""
    try:
        view = View(open_storage(document).current, limits)
    except FormatError:
        return
    left = limits.expanded_bytes
    for tree in view.trees:
        if tree.kind is Kind.INDEX:  # an index repeats what its table holds
            continue
        for source in (_numbers(view, tree, telling), _cut(view, tree)):
            for piece in source:
                left -= len(piece.data)
                if left < 0:
                    return
                yield piece


def _cut(view: View, tree: Tree) -> Iterator[Piece]:
    """Text and blobs that go on in another page."""
    seen: set[int] = set()
    for page, cell, _ in view.overflowing(tree):
        try:
            stretches = _stretches(view, page, cell, seen)
            record = b"".join(bytes(view.pages.document.part(part)[at : at + n]) for part, at, n in stretches)
            row = Row(tree, (), cell.rowid, record, fields(record), view.pages.header.codec)
        except _FAULTS:
            continue
        for position, (kind, _, start, end) in enumerate(row.fields):
            across = [each for each in _slice(stretches, start, end) if each[2]]
            if kind >= 12 and len(across) > 1:
                yield _piece(row, position, across)


def _stretches(view: View, page: Page, cell: Cell, seen: set[int]) -> list[Stretch]:
    """Where the payload of a cell stands, piece by piece.

    Raises:
        FormatError: its chain of overflow pages is broken.
    """
    part, start = view.pages.place(page.number)
    found = [(part, start + cell.body, cell.local)]
    for number, size in chain(view.pages, cell, seen):
        part, start = view.pages.place(number)
        found.append((part, start + 4, size))
    return found


def _slice(stretches: list[Stretch], start: int, end: int) -> Iterator[Stretch]:
    """The part of consecutive stretches from `start` to `end` of what they hold together."""
    at = 0
    for part, offset, size in stretches:
        low, high = max(start, at), min(end, at + size)
        if low < high:
            yield part, offset + low - at, high - low
        at += size


def _piece(row: Row, position: int, across: list[Stretch]) -> Piece:
    prefix = _prefix(row.tree, position)
    kind, _, start, end = row.fields[position]
    part, first, _ = across[0]
    if len({each[0] for each in across}) > 1 or (kind & 1 and row.codec != "utf-8"):
        # Bytes do not correspond one to one; every one of them leads to the value.
        return Piece(prefix + as_bytes(value_of(row, position)), ((0, first),), part=part)
    anchors = [(0, first)]
    at = len(prefix)
    for _, offset, size in across:
        anchors.append((at, offset))
        at += size
    return Piece(prefix + row.record[start:end], tuple(anchors), exact=True, part=part)


def _prefix(tree: Tree | None, position: int) -> bytes:
    column = tree.column(position) if tree else None
    return as_bytes(column.name) + b"\x1f" if column else b""


@dataclass(slots=True)
class _Batch:
    """Rendered numbers that stand in one part."""

    part: str
    texts: list[bytes] = field(default_factory=list)
    anchors: list[tuple[int, int]] = field(default_factory=list)
    size: int = 0

    def add(self, text: bytes, offset: int) -> None:
        """Take one more."""
        self.texts.append(text)
        self.anchors.append((self.size, offset))
        self.size += len(text) + 1

    def piece(self) -> Piece:
        """All of them."""
        return Piece(b"\x1e".join(self.texts), tuple(self.anchors), part=self.part)


def _numbers(view: View, tree: Tree, telling: re.Pattern[bytes]) -> Iterator[Piece]:
    """Values of columns whose name tells that they may be personal, and numbers that are as long as a card's."""
    told = {
        position
        for position, column in enumerate(tree.columns)
        if column and telling.search(as_bytes(column.name.lower()))
    }
    batches: dict[str, _Batch] = {}
    for page, _, at in view.cells(tree):
        part, start = view.pages.place(page.number)
        batch = batches.setdefault(part, _Batch(part))
        for position, offset, text in _numbers_in(view, tree, page, at, told):
            batch.add(_prefix(tree, position) + text, start + offset)
        if batch.size >= _BATCH:
            yield batches.pop(part).piece()
    yield from (batch.piece() for batch in batches.values() if batch.texts)


def _may_hold_cards(record: bytes, unit: int) -> bool:
    """Whether a field can be of such a type: told from the header's bytes, without reading its fields."""
    head = record[: record[0]] if record[:1] < b"\x80" else record
    return len(head.translate(None, _CARD_TYPES[unit])) < len(head)


def _numbers_in(view: View, tree: Tree, page: Page, at: int, told: set[int]) -> Iterator[tuple[int, int, bytes]]:
    """Position, offset in the page and text of each number, or short text, of a row that is asked for."""
    codec = view.pages.header.codec
    unit = 1 if codec == "utf-8" else 2
    try:
        cell = read_cell(page, at)
        record = page.data[cell.body : cell.body + cell.local]
        if not told and not _may_hold_cards(record, unit):
            return
        row = Row(tree, (), cell.rowid, record, fields(record), codec)
    except _FAULTS:
        return
    for position, (kind, told_at, start, end) in enumerate(row.fields):
        if position in told:
            alias = kind == 0 and position == tree.alias
            wanted = 1 <= kind <= 9 or alias or (kind & 1 and 13 <= kind <= _LONGEST_TEXT)
        else:
            wanted = kind == _EIGHT_BYTES or (kind in _CARD_TEXTS[unit] and _is_number(record[start:end], unit))
        if wanted and end <= cell.local:
            yield position, cell.body + (start if end > start else told_at), as_bytes(value_of(row, position))


def _is_number(raw: bytes, unit: int) -> bool:
    return (raw.replace(b"\x00", b"") if unit > 1 else raw).isdigit()
