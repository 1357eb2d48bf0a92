"""From a byte of a record to the field that it belongs to, and that field's whole value."""

from bisect import bisect_right
from dataclasses import dataclass, field
from operator import itemgetter

from harness.formats.base import as_bytes
from harness.formats.sqlite.catalog import Tree
from harness.formats.sqlite.core_data import moment
from harness.formats.sqlite.record import Field, scalar
from harness.model import Place, Scalar, State, Step

__all__ = ["Row", "as_stored", "field_place", "steps_of", "value_of"]

_FIXED = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8}


@dataclass(frozen=True, slots=True)
class Row:
    """One record, taken apart."""

    tree: Tree | None
    steps: tuple[Step, ...]
    """Of the row."""
    rowid: int | None
    """`None` where it is not known."""
    record: bytes = field(repr=False)
    """What is there of it: all, or what is in its page."""
    fields: tuple[Field, ...]
    codec: str


def as_stored(value: Scalar, tree: Tree | None, position: int, rowid: int | None) -> Scalar:
    """A field's value as its column gives it: the row id under its other name, numbers of REAL columns, dates."""
    if tree is None:
        return value
    if position == tree.alias and value is None:
        return rowid
    if isinstance(value, int | float):
        column = tree.column(position)
        if column and column.is_moment:
            return moment(value)
        return float(value) if column and column.affinity == "REAL" else value
    return value


def value_of(row: Row, position: int) -> Scalar:
    """The value of a field; `None` where it is cut off."""
    kind, _, start, end = row.fields[position]
    raw = row.record[start:end]
    cut = len(raw) < _FIXED.get(kind, 0)
    if kind >= 12 and len(raw) < end - start:
        raw = _whole_characters(raw, row.codec) if kind & 1 else raw
    return as_stored(None if cut else scalar(kind, raw, row.codec), row.tree, position, row.rowid)


def field_place(row: Row, offset: int, state: State) -> Place:
    """The place of byte `offset` of a record. The byte of a serial type counts as its field's first."""
    fields = row.fields
    if not fields or offset < fields[0][1]:
        return Place(row.steps, state)
    if offset < fields[0][2]:
        position = bisect_right(fields, offset, key=itemgetter(1)) - 1
        return _place(row, position, 0, state)
    position = bisect_right(fields, offset, key=itemgetter(2)) - 1
    _, _, start, end = fields[position]
    if offset >= end:
        return Place(row.steps, state)
    return _place(row, position, offset - start, state)


def _place(row: Row, position: int, inner: int, state: State) -> Place:
    """The place of byte `inner` of the body of a field."""
    kind, _, start, end = row.fields[position]
    steps = steps_of(row, position)
    if start + inner > len(row.record) or kind < 0:
        return Place(steps, state)
    if kind < 12 or kind & 1 == 0:
        return Place(steps, state, as_bytes(value_of(row, position)), inner if kind >= 12 else 0)
    raw = row.record[start:end]
    if row.codec == "utf-8" and (raw.isascii() or _is_utf8(raw)):
        return Place(steps, state, raw, inner)
    before = raw[:inner] if row.codec == "utf-8" else raw[: inner & ~1]
    return Place(steps, state, as_bytes(value_of(row, position)), _encoded_size(before, row.codec))


def steps_of(row: Row, position: int) -> tuple[Step, ...]:
    """Where a field is: table, row id and column."""
    tree = row.tree
    column = tree.column(position) if tree else None
    if column is not None:
        return (*row.steps, column.name)
    return (tree.name, *row.steps[1:]) if tree and tree.name else row.steps


def _whole_characters(raw: bytes, codec: str) -> bytes:
    """A text whose end is lost, without the part of a character that is left at its end."""
    if codec != "utf-8":
        return raw[: len(raw) & ~1].decode(codec, "ignore").encode(codec)
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return raw[: error.start] if error.start > len(raw) - 4 else raw
    return raw


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _encoded_size(before: bytes, codec: str) -> int:
    """How many bytes of UTF-8 stand before a byte, given the stored bytes before it."""
    # A character that the cut goes through has not been written yet.
    text = before.decode(codec, "replace")
    if text.endswith("�"):
        text = before.decode(codec, "ignore") if codec == "utf-8" else before[:-2].decode(codec, "replace")
    return len(text.encode("utf-8", "surrogatepass"))
