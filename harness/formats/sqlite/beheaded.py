"""Rows whose first four bytes are a freeblock's: what these bytes can have been.

They were the record's length, the row id, the length of the record's header and perhaps the first type, as far as
each was short: of a row of less than 128 bytes with a row id below 128, the first type is lost; of one that is a byte
longer in either, it is not. How long the block is, or where the next row begins, tells how long the first field was.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from harness.formats.sqlite.catalog import Kind
from harness.formats.sqlite.ground import Edges
from harness.formats.sqlite.layout import Layout
from harness.formats.sqlite.plausible import LOST
from harness.formats.sqlite.record import types, width, written

__all__ = ["Guess", "guesses", "marks"]

_TAKEN = 4
"""Bytes that a freeblock's own header takes from the cell that was there."""
_LONGEST_ID = 7
"""Bytes of a row id that can be left behind the four."""
_SHORT = 0x80
"""A length from here on takes two bytes."""
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 6: 5, 8: 6}
"""Serial types of whole numbers by their bytes."""
_NUMERIC = frozenset({"INTEGER", "REAL", "NUMERIC"})


class Guess(NamedTuple):
    """How a row may have been laid out."""

    kinds: tuple[tuple[int, int], ...]
    """Serial types, with where each stands or stood."""
    layout: Layout
    body: int
    """Where its fields begin."""
    head: int
    """Where its record began."""
    is_measured: bool = False
    """The length of a field was told from where the row ends."""


def marks(data: bytes, low: int, high: int, edges: Edges, usable: int) -> list[tuple[int, int]]:
    """Where something stands between two offsets that may be the head of a freeblock, and where that ends: at one of
    the edges, with the next block behind it or none."""
    found: list[tuple[int, int]] = []
    known = set[int]()
    # A block may end where the next one began, which has grown since: from the last one to the first.
    for at, end in _heads(data, low, high, usable):
        if end in known or edges.has(end):
            known.add(at)
            found.append((at, end))
    return found[::-1]


def _heads(data: bytes, low: int, high: int, usable: int) -> list[tuple[int, int]]:
    """What may be heads of freeblocks, from the last one to the first: told from bytes that are small enough, which
    those of text are not."""
    most = b"\\x%02x" % (usable - 1 >> 8)
    within = rb"[\x00-" + most + rb"]"
    sizes = rb"(?:\x00[\x06-\xff]|[\x01-" + most + rb"].)"
    found = []
    for match in re.compile(within + rb"(?=." + sizes + rb")", re.DOTALL).finditer(data, low, high):
        at = match.start()
        end = at + (data[at + 2] << 8 | data[at + 3])
        if end <= usable:
            behind = data[at] << 8 | data[at + 1]
            if not behind or end + _TAKEN <= behind <= usable - _TAKEN:
                found.append((at, end))
    return found[::-1]


def guesses(data: bytes, start: int, high: int, layout: Layout, ids: Collection[int]) -> Iterator[Guess]:
    """What the row of `layout` may have been whose cell began at `start`, and that ends at `high` or before; `ids` is
    how many bytes its row id may have taken."""
    if layout.tree.kind is not Kind.ROWID:
        yield from _keyed(data, start, high, layout)
        return
    for guess in _with_rowid(data, start, high, layout):
        # What stood before the record was its length and the row id.
        total = guess.body - guess.head + sum(width(kind) for kind, _ in guess.kinds)
        if guess.head - start - len(written(total)) in ids:
            yield guess


def _with_rowid(data: bytes, start: int, high: int, layout: Layout) -> Iterator[Guess]:
    for at in range(start + _TAKEN, min(start + _TAKEN + _LONGEST_ID, high)):
        # Of a long row id, the last bytes are still there; then all of the record is.
        if layout.heads.match(data, at, high) and (at == start + _TAKEN or _is_rest_of_id(data[start + _TAKEN : at])):
            kinds, _ = types(data, at + 1, at + data[at])
            if kinds and layout.fits([kind for kind, _ in kinds]):
                yield Guess(tuple(kinds), layout, at + data[at], at)
    behind = start + _TAKEN
    if match := layout.lost[0].match(data, behind, high):
        kinds, size = types(data, behind, match.end())
        if kinds:
            room = high - match.end() - size
            if room > 0 and (whole := _second_half(kinds[0][0], room)):
                # The first type took two bytes, of which this is the second.
                yield Guess(((whole, start + 3), *kinds[1:]), layout, match.end(), start + 2, is_measured=True)
            yield Guess(tuple(kinds), layout, match.end(), start + 3)
    if match := layout.lost[1].match(data, behind, high):
        kinds, size = types(data, behind, match.end())
        if kinds or len(layout.tree.columns) == 1:
            room = high - match.end() - size
            is_measured = layout.tree.alias != 0
            for first in _first(layout, 0, room):
                kinds_then = ((first, start + 3), *kinds)
                yield Guess(kinds_then, layout, match.end(), start + 2, is_measured=is_measured)


def _is_rest_of_id(data: bytes) -> bool:
    return min(data[:-1], default=0x80) >= 0x80 > data[-1]


def _keyed(data: bytes, start: int, high: int, layout: Layout) -> Iterator[Guess]:
    """Of a record of 128 bytes and more, only the first type is lost; of a shorter one two are, which nothing tells
    apart."""
    if match := layout.lost[1].match(data, start + _TAKEN, high):
        kinds, size = types(data, start + _TAKEN, match.end())
        room = high - match.end() - size
        for first in _first(layout, 0, room):
            if match.end() - start - 2 + max(room, 0) + size >= _SHORT:
                yield Guess(((first, start + 3), *kinds), layout, match.end(), start + 2, is_measured=True)


def _second_half(low: int, room: int) -> int:
    """The two-byte type that ends in the byte `low`, where its field is as much longer as there is room; else 0."""
    size = 2 * (room + width(low))
    return next((whole for whole in (size + 13, size + 12) if whole >> 7 and whole & 0x7F == low), 0)


def _first(layout: Layout, position: int, room: int) -> Iterator[int]:
    """Types that a field of `room` bytes may have had, the likeliest first."""
    if position == layout.tree.alias:
        yield 0
        return
    if room < 0:
        return
    column = layout.tree.columns[position]
    affinity = column.affinity if column else "BLOB"
    if room == 0:
        yield LOST
        return
    if affinity in _NUMERIC:
        if room == 8 and affinity != "INTEGER":
            yield 7
        if room in _INTEGERS:
            yield _INTEGERS[room]
    if affinity == "TEXT" or (affinity not in ("INTEGER", "REAL") and room not in _INTEGERS):
        yield 2 * room + 13
    elif affinity == "BLOB":
        yield LOST
