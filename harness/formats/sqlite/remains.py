"""Rows that are no longer live and still on disk, each once: what `decode` gives behind the live ones."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import NamedTuple

from harness.formats.sqlite.carving import Found
from harness.formats.sqlite.copies import Copy
from harness.formats.sqlite.fields import Row, steps_of, value_of
from harness.formats.sqlite.lookup import Lookup
from harness.formats.sqlite.record import serials, varint, width
from harness.formats.sqlite.survey import Survey
from harness.model import Scalar, State, Step

__all__ = ["Remain", "Told", "remains"]


_LONG = 64
"""Bytes that must be left of a text or blob whose end is lost; of a shorter one, what is left says too little."""
_FIRST = (256, 64, 32, 16, 8)
"""Bytes of rows that are compared first."""
_DEPTH = 3
"""Steps of a value: table, row and column."""


class Told(NamedTuple):
    """One field of what is left of a row."""

    position: int
    steps: tuple[Step, ...]
    value: Scalar
    is_cut: bool
    """Its end is lost."""


@dataclass(frozen=True, slots=True)
class Remain:
    """What is left of one row, and where."""

    found: Found
    state: State
    copy: Copy
    told: tuple[Told, ...] = ()
    """What it tells."""

    @property
    def row(self) -> Row:
        """Its fields."""
        return self.found.row

    @property
    def is_whole(self) -> bool:
        """Nothing of it was written over but its head."""
        return self.found.is_whole


def _told(row: Row) -> Iterator[Told]:
    """Each field of a row that is there from its first byte to its last, and as much as is left of a long text."""
    size = len(row.record)
    for position, (kind, _, start, end) in enumerate(row.fields):
        if kind < 0 or (end > size and (kind < 12 or size - start < _LONG)):
            continue
        if kind == 0 and row.tree is not None and position == row.tree.alias and row.rowid is None:
            continue  # it is the row id, which is lost
        yield Told(position, steps_of(row, position), value_of(row, position), end > size)


def remains(survey: Survey, linked: list[tuple[Found, State]]) -> Iterator[Remain]:
    """Every row that is not live, each version of it once.

    Copies that moves and splits leave behind are not deleted rows: what is live at the same place with the same
    values is left out. Rows that know which row they are come first, then those that do not, or of which only a part
    is left, and that are no copy of one; then entries of indices that tell a value of which nothing else is left.
    Rows that go on in overflow pages are added to `linked`, told or not.

    Raises:
        LimitError: it took too long; what was found has been yielded.
    """
    sieve = _Sieve(Lookup(survey.current))
    partial: list[Remain] = []
    entries: list[Remain] = []
    for copy in survey.worthwhile():
        survey.budget.spend()
        for found, state in survey.remains_of(copy):
            remain = Remain(found, state, copy, tuple(_told(found.row)))
            if found.links:
                linked.append((found, state))
            tree = found.row.tree
            if tree is not None and tree.is_index:
                entries.append(remain)
            elif found.row.rowid is None or not remain.is_whole:
                partial.append(remain)
            elif sieve.is_new(remain):
                yield remain
    sieve.read_live(partial)
    yield from filter(sieve.is_new, sorted(partial, key=_is_partial))
    sieve.read_entries(entries)
    for remain in entries:
        if news := sieve.news(remain):
            yield replace(remain, told=news)


def _is_partial(remain: Remain) -> bool:
    return not remain.is_whole


@dataclass(slots=True)
class _Sieve:
    """Which rows were there before."""

    live: Lookup
    _rows: set[int] = field(default_factory=set)
    _bodies: set[int] = field(default_factory=set)
    """Of rows that were told: table and fields as they are stored, whichever row they are."""
    _values: set[int] = field(default_factory=set)
    _copies: set[int] = field(default_factory=set)
    """Which remains are copies of live rows, or of live entries."""

    def is_new(self, remain: Remain) -> bool:
        """Whether a row says something that neither the live one nor an earlier one says."""
        row, told = remain.row, remain.told
        if id(remain) in self._copies or all(each.value is None for each in told):
            return False
        body = hash((row.steps[0], _body(row)))
        mark = hash((row.steps, body))
        if mark in self._rows or (row.rowid is None and body in self._bodies):
            return False
        if row.rowid is not None and self._is_live(row, told):
            return False
        self._rows.add(mark)
        self._bodies.add(body)
        self._values.update(hash((each.steps, _exact(each.value))) for each in told)
        return True

    def _is_live(self, row: Row, told: Sequence[Told]) -> bool:
        """Whether the live row says the same: mostly in the same bytes, else in another form."""
        table, rowid = str(row.steps[0]), row.rowid or 0
        record = self.live.record(table, rowid)
        if record is None:
            return False
        return record.startswith(row.record) or all(self._tells(table, rowid, each) for each in told)

    def _tells(self, table: str, rowid: int, told: Told) -> bool:
        row = self.live.row(table, rowid)
        name = told.steps[-1]
        return row is not None and name in row and _is_same(row[name], told)

    def read_live(self, partial: Sequence[Remain]) -> None:
        """Find which of the rows that do not know which they are, are copies of live ones."""
        unknown: dict[str, _Bodies] = {}
        for remain in partial:
            if remain.row.rowid is None and remain.row.tree is not None:
                unknown.setdefault(remain.row.tree.table, _Bodies()).add(remain)
        for table, bodies in sorted(unknown.items(), key=itemgetter(0)):
            for record in self.live.records(table, bodies.firsts()):
                with suppress(IndexError):  # a record that is cut off within its first number has no body
                    body = record[record[0] if record[0] < 0x80 else varint(record, 0)[0] :]
                    self._copies.update(map(id, bodies.of(body)))

    def read_entries(self, entries: Sequence[Remain]) -> None:
        """Find which entries of indices say what a live one says: its row id may have been written over."""
        unknown: dict[str, dict[tuple[bytes, bytes], list[Remain]]] = {}
        for remain in entries:
            tree = remain.row.tree
            if tree is not None:
                unknown.setdefault(tree.name, {}).setdefault(_key(remain.row.record), []).append(remain)
        for index, keys in sorted(unknown.items()):
            for record in self.live.entries(index, {fields for _, fields in keys}):
                self._copies.update(map(id, keys.get(_key(record), ())))

    def news(self, remain: Remain) -> tuple[Told, ...]:
        """What an entry of an index tells that no row told."""
        found = []
        for told in remain.told if id(remain) not in self._copies else ():
            mark = hash((told.steps, _exact(told.value)))
            if len(told.steps) < _DEPTH or told.value is None or mark in self._values:
                continue
            self._values.add(mark)
            rowid = told.steps[1]
            if not isinstance(rowid, int) or not self._tells(str(told.steps[0]), rowid, told):
                found.append(told)
        return tuple(found)


@dataclass(slots=True)
class _Bodies:
    """What is left of rows, by the bytes of their fields."""

    whole: dict[bytes, list[Remain]] = field(default_factory=dict)
    cut: dict[int, dict[bytes, list[Remain]]] = field(default_factory=dict)
    """By how many bytes are compared first, and by these."""

    def add(self, remain: Remain) -> None:
        """Take one more."""
        body = _body(remain.row)
        if remain.is_whole:
            self.whole.setdefault(body, []).append(remain)
        elif size := next((size for size in _FIRST if len(body) >= size), 0):
            self.cut.setdefault(size, {}).setdefault(body[:size], []).append(remain)

    def firsts(self) -> set[bytes]:
        """What the fields of these rows begin with."""
        return {first for firsts in self.cut.values() for first in firsts} | set(self.whole)

    def of(self, body: bytes) -> Iterator[Remain]:
        """What may be left of a row with these fields."""
        yield from self.whole.get(body, ())
        for size, firsts in self.cut.items():
            yield from (each for each in firsts.get(body[:size], ()) if body.startswith(_body(each.row)))


def _body(row: Row) -> bytes:
    """The fields of a row as they are stored."""
    return row.record[row.fields[0][2] :]


def _key(record: bytes) -> tuple[bytes, bytes]:
    """Types and fields of an entry of an index without the row id, which is its last field."""
    kinds, body = serials(record)
    return bytes(kind & 0xFF for kind in kinds[:-1]), record[body : body + sum(map(width, kinds[:-1]))]


def _is_same(value: Scalar, told: Told) -> bool:
    """Whether a value is what is left of one."""
    if told.is_cut and isinstance(value, str | bytes) and type(value) is type(told.value):
        return value[: len(told.value)] == told.value
    return _exact(value) == _exact(told.value)


def _exact(value: Scalar) -> tuple[str, object]:
    """1 is not 1.0."""
    return type(value).__name__, value
