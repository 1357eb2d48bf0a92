"""Rows that are no longer live and still on disk, each once: what `decode` gives behind the live ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from harness.formats.sqlite.carving import Found
from harness.formats.sqlite.catalog import Kind
from harness.formats.sqlite.copies import Copy
from harness.formats.sqlite.fields import Row, steps_of, value_of
from harness.formats.sqlite.lookup import Lookup
from harness.formats.sqlite.survey import Survey
from harness.model import Scalar, State, Step

__all__ = ["Remain", "Told", "remains"]


_LONG = 64
"""Bytes that must be left of a text or blob whose end is lost; of a shorter one, what is left says too little."""
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
    """
    sieve = _Sieve(Lookup(survey.current))
    partial: list[Remain] = []
    entries: list[Remain] = []
    for copy in survey.copies():
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
    _values: set[int] = field(default_factory=set)
    _copies: set[int] = field(default_factory=set)

    def is_new(self, remain: Remain) -> bool:
        """Whether a row says something that neither the live one nor an earlier one says."""
        row, told = remain.row, remain.told
        if all(each.value is None for each in told) or id(remain) in self._copies:
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
        return row is not None and name in row and _is_same(row[name], told)

    def read_live(self, partial: Sequence[Remain]) -> None:
        """Take the live rows that rows that do not know which they are may be copies of as seen."""
        unknown: dict[str, list[Remain]] = {}
        for remain in partial:
            if remain.row.rowid is None and remain.row.tree is not None:
                unknown.setdefault(remain.row.tree.table, []).append(remain)
        for table, remains_then in sorted(unknown.items()):
            cut = [remain for remain in remains_then if not remain.is_whole]
            firsts: dict[Scalar, list[Remain]] = {}
            for remain in cut:
                firsts.setdefault(_first(remain), []).append(remain)
            for names, values in self.live.rows(table):
                self._bodies.add(hash((table, tuple(_exact(value) for value in values))))
                for remain in firsts.get(values[0] if values else None, ()):
                    row = dict(zip(names, values, strict=True))
                    if all(told.steps[-1] in row and _is_same(row[told.steps[-1]], told) for told in remain.told):
                        self._copies.add(id(remain))

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


def _first(remain: Remain) -> Scalar:
    """The first value that is not the row id."""
    return next((told.value for told in remain.told if not _is_id(remain.row, told.position)), None)


def _is_same(value: Scalar, told: Told) -> bool:
    """Whether a value is what is left of one."""
    if told.is_cut and isinstance(value, str | bytes) and type(value) is type(told.value):
        return value[: len(told.value)] == told.value
    return _exact(value) == _exact(told.value)


def _is_id(row: Row, position: int) -> bool:
    return row.tree is not None and row.tree.kind is Kind.ROWID and position == row.tree.alias


def _exact(value: Scalar) -> tuple[str, object]:
    """1 is not 1.0."""
    return type(value).__name__, value
