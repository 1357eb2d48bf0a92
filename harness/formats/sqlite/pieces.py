"""Values whose bytes are not in the file as they are: cut by overflow pages, or numbers in binary."""

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from harness.errors import FormatError, LimitError
from harness.formats.base import Piece, as_bytes
from harness.formats.sqlite.btree import Cell, Page, chain, read_cell
from harness.formats.sqlite.carving import Found
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.fields import Row, value_of
from harness.formats.sqlite.record import fields
from harness.formats.sqlite.remains import Remain, remains
from harness.formats.sqlite.strays import Stray, Strays
from harness.formats.sqlite.survey import Survey
from harness.formats.sqlite.view import View
from harness.limits import Limits
from harness.model import Document, State

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
        survey = Survey.of(document, limits)
    except FormatError:
        return
    left = limits.expanded_bytes
    for source in (_live(survey.current, telling), _dead(survey, telling)):
        with suppress(LimitError):
            for piece in source:
                left -= len(piece.data)
                if left < 0:
                    return
                yield piece


def _live(view: View, telling: re.Pattern[bytes]) -> Iterator[Piece]:
    for tree in view.trees:
        if tree.kind is not Kind.INDEX:  # an index repeats what its table holds
            yield from _numbers(view, tree, telling)
            yield from _cut(view, tree)


def _dead(survey: Survey, telling: re.Pattern[bytes]) -> Iterator[Piece]:
    """The same of rows that are no longer live, and text of lost rows that goes on in another page."""
    batches: dict[str, _Batch] = {}
    linked: list[tuple[Found, State]] = []
    for remain in remains(survey, linked):
        row = remain.row
        told = _telling(row.tree, telling)
        stretches = _stretches_of(remain)
        for position, _, value, _ in remain.told:
            kind, told_at, start, end = row.fields[position]
            across = [each for each in _slice(stretches, start, min(end, len(row.record))) if each[2]]
            if kind >= 12 and len(across) > 1:
                yield _piece(row, position, across)
            elif _is_wanted(row, position, told):
                part, at, _ = across[0] if across else stretches[0]
                batch = batches.setdefault(part, _Batch(part))
                batch.add(_prefix(row.tree, position) + as_bytes(value), at if across else at + told_at)
                if batch.size >= _BATCH:
                    yield batches.pop(part).piece()
    yield from (batch.piece() for batch in batches.values())
    for stray in Strays(survey, linked).all:
        if len(stray.stretches) > 1:
            yield _stray_piece(stray)


def _stretches_of(remain: Remain) -> list[Stretch]:
    """Where the record of a row that is gone stands, piece by piece."""
    found, copy = remain.found, remain.copy
    held = len(found.row.record) - sum(size for _, _, size in found.links)
    return [(copy.part, copy.start + found.body, held), *found.links]


def _stray_piece(stray: Stray) -> Piece:
    prefix = as_bytes(stray.steps[-1]) + b"\x1f" if len(stray.steps) > 1 else b""
    if stray.codec != "utf-8":
        return Piece(prefix + as_bytes(stray.text), ((0, stray.stretches[0][0]),))
    anchors = [(0, stray.stretches[0][0]), *((len(prefix) + at, start) for start, _, at in stray.stretches)]
    return Piece(prefix + stray.raw, tuple(dict(anchors).items()), exact=True)


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


def _telling(tree: Tree | None, telling: re.Pattern[bytes]) -> frozenset[int]:
    """Positions of the columns whose name tells that they may be personal."""
    columns = tree.columns if tree else ()
    return frozenset(
        position
        for position, column in enumerate(columns)
        if column and telling.search(as_bytes(column.name.lower()))
    )


def _numbers(view: View, tree: Tree, telling: re.Pattern[bytes]) -> Iterator[Piece]:
    """Values of columns whose name tells that they may be personal, and numbers that are as long as a card's."""
    told = _telling(tree, telling)
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


def _numbers_in(
    view: View, tree: Tree, page: Page, at: int, told: frozenset[int]
) -> Iterator[tuple[int, int, bytes]]:
    """Position, offset in the page and text of each number, or short text, of a row that is asked for."""
    codec = view.pages.header.codec
    try:
        cell = read_cell(page, at)
        record = page.data[cell.body : cell.body + cell.local]
        if not told and not _may_hold_cards(record, _unit(codec)):
            return
        row = Row(tree, (), cell.rowid, record, fields(record), codec)
    except _FAULTS:
        return
    for position, (_, told_at, start, end) in enumerate(row.fields):
        if end <= cell.local and _is_wanted(row, position, told):
            yield position, cell.body + (start if end > start else told_at), as_bytes(value_of(row, position))


def _is_wanted(row: Row, position: int, told: frozenset[int]) -> bool:
    """Whether a value is a number, or a short text, that may be personal by its name or its length."""
    kind, _, start, end = row.fields[position]
    if position in told:
        alias = kind == 0 and row.tree is not None and position == row.tree.alias
        return 1 <= kind <= 9 or alias or bool(kind & 1 and 13 <= kind <= _LONGEST_TEXT)
    unit = _unit(row.codec)
    return kind == _EIGHT_BYTES or (kind in _CARD_TEXTS[unit] and _is_number(row.record[start:end], unit))


def _unit(codec: str) -> int:
    """Bytes of a digit."""
    return 1 if codec == "utf-8" else 2


def _is_number(raw: bytes, unit: int) -> bool:
    return (raw.replace(b"\x00", b"") if unit > 1 else raw).isdigit()
