"""Rows that are no longer live and still on disk, each once: what `decode` gives behind the live ones."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from harness.formats.sqlite.carving import Found
from harness.formats.sqlite.catalog import Kind
from harness.formats.sqlite.fields import Row, steps_of, value_of
from harness.formats.sqlite.lookup import Lookup
from harness.formats.sqlite.survey import Copy, Survey
from harness.model import Scalar, State, Step

__all__ = ["Remain", "Told", "remains"]


_LONG = 32
"""Bytes that must be left of a text or blob whose end is lost; of a shorter one, what is left says too little."""
_DEPTH = 3
"""Steps of a value: table, row and column."""


class Told(NamedTuple):
    """One field of what is left of a row."""

    position: int
    steps: tuple[Step, ...]
    value: Scalar


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


def _told(row: Row) -> Iterator[Told]:
    """Each field of a row that is there from its first byte to its last, and as much as is left of a long text."""
    size = len(row.record)
    for position, (kind, _, start, end) in enumerate(row.fields):
        if kind < 0 or (end > size and (kind < 12 or size - start < _LONG)):
            continue
        if kind == 0 and row.tree is not None and position == row.tree.alias and row.rowid is None:
            continue  # it is the row id, which is lost
        yield Told(position, steps_of(row, position), value_of(row, position))


def remains(survey: Survey) -> Iterator[Remain]:
    """Every row that is not live, each version of it once.

    Copies that moves and splits leave behind are not deleted rows: what is live at the same place with the same
    values is left out. Rows that know which row they are come first, then those that do not and are no copy of one,
    then entries of indices that tell a value of which nothing else is left.
    """
    sieve = _Sieve(Lookup(survey.current))
    headless: list[Remain] = []
    entries: list[Remain] = []
    for copy in survey.copies():
        map_ = survey.map_of(copy)
        for found, state in map_.remains() if map_ else ():
            remain = Remain(found, state, copy, tuple(_told(found.row)))
            tree = found.row.tree
            if tree is not None and tree.is_index:
                entries.append(remain)
            elif found.row.rowid is None:
                headless.append(remain)
            elif sieve.is_new(remain):
                yield remain
    sieve.read_live({remain.row.tree.table for remain in headless if remain.row.tree})
    yield from filter(sieve.is_new, headless)
    for remain in entries:
        if news := sieve.news(remain):
            yield replace(remain, told=news)


@dataclass(slots=True)
class _Sieve:
    """Which rows were there before."""

    live: Lookup
    _rows: set[int] = field(default_factory=set)
    _bodies: set[int] = field(default_factory=set)
    _values: set[int] = field(default_factory=set)

    def is_new(self, remain: Remain) -> bool:
        """Whether a row says something that neither the live one nor an earlier one says."""
        row, told = remain.row, remain.told
        if all(each.value is None for each in told):
            return False
        told_then = tuple(_exact(each.value) for each in told if not _is_id(row, each.position))
        body = hash((row.steps[0], told_then))
        mark = hash((row.steps, body))
        if mark in self._rows or (row.rowid is None and body in self._bodies):
            return False
        if row.rowid is not None and all(self._is_live(row.rowid, each) for each in told):
            return False
        self._rows.add(mark)
        self._bodies.add(body)
        self._values.update(hash((each.steps, _exact(each.value))) for each in told)
        return True

    def _is_live(self, rowid: int, told: Told) -> bool:
        row = self.live.row(str(told.steps[0]), rowid)
        name = told.steps[-1]
        return row is not None and name in row and _exact(row[name]) == _exact(told.value)

    def read_live(self, tables: set[str]) -> None:
        """Take the live rows of tables as seen: rows that do not know which they are may be copies of these."""
        for table in sorted(tables):
            for values in self.live.rows(table):
                self._bodies.add(hash((table, tuple(_exact(value) for value in values))))

    def news(self, remain: Remain) -> tuple[Told, ...]:
        """What an entry of an index tells that no row told."""
        found = []
        for told in remain.told:
            mark = hash((told.steps, _exact(told.value)))
            if len(told.steps) < _DEPTH or told.value is None or mark in self._values:
                continue
            self._values.add(mark)
            if not isinstance(told.steps[1], int) or not self._is_live(told.steps[1], told):
                found.append(told)
        return tuple(found)


def _is_id(row: Row, position: int) -> bool:
    return row.tree is not None and row.tree.kind is Kind.ROWID and position == row.tree.alias


def _exact(value: Scalar) -> tuple[str, object]:
    """1 is not 1.0."""
    return type(value).__name__, value
