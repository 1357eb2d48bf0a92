"""Every live value, as SQLite itself would give it; then every value that is no longer live and still there."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, cycle, islice, repeat
from operator import itemgetter

from harness.errors import FormatError
from harness.formats.sqlite.carving import Found
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.engine import Engine, Stopped, opened
from harness.formats.sqlite.faults import Faults
from harness.formats.sqlite.fields import as_stored
from harness.formats.sqlite.ledger import Book
from harness.formats.sqlite.remains import remains
from harness.formats.sqlite.strays import Strays
from harness.formats.sqlite.survey import Survey
from harness.formats.sqlite.view import View
from harness.limits import Budget, Limits
from harness.model import Document, Scalar, State, Step, Value

__all__ = ["Rows", "decode", "live_rows"]

_FEW = 8
"""Pages of a table that are read sooner than SQLite is asked."""
_BATCH = 256


_NEW_VALUE: Callable[[tuple[tuple[Step, ...], Scalar, State]], Value] = partial(tuple.__new__, Value)


@dataclass(frozen=True, slots=True)
class Rows:
    """Live rows of one table, side by side: values of them are made where somebody wants them one by one."""

    table: str
    names: Sequence[str]
    """Of the columns."""
    rowids: Sequence[int]
    """Or positions, from 1, in a table that has none."""
    rows: Sequence[Sequence[Scalar]] = field(repr=False)
    """Of each row, the values of the columns in their order."""

    def values(self) -> Iterator[Value]:
        """Each value by itself."""
        count = len(self.names)
        rowids = chain.from_iterable(map(repeat, self.rowids, repeat(count)))
        steps: Iterator[tuple[Step, ...]] = zip(repeat(self.table), rowids, cycle(self.names))
        # As `Value` does it, and without a call of Python's for each.
        return map(_NEW_VALUE, zip(steps, chain.from_iterable(self.rows), repeat(State.LIVE)))


def decode(document: Document, limits: Limits) -> Iterator[Value]:
    """The values of all tables, the schema table first; then those of deleted, superseded and uncommitted rows.

    Raises:
        FormatError: something could not be read; what could has been yielded.
    """
    survey = Survey.of(document, limits)
    faults = survey.current.faults()
    budget = Budget(what="values", left=limits.values)
    for rows in _Live(survey.current, limits, faults, budget, is_cut=survey.storage.is_cut).rows():
        yield from rows.values()
    linked: list[tuple[Found, State]] = []
    for remain in remains(survey, linked):
        budget.spend(max(len(remain.told), 1))
        for told in remain.told:
            yield Value(told.steps, told.value, remain.state)
    for stray in Strays(survey, linked).all:
        budget.spend()
        yield Value(stray.steps, stray.text, stray.state)
    _settle(survey, faults)


def live_rows(document: Document, limits: Limits) -> Iterator[Rows]:
    """The live rows alone, many at a time.

    Raises:
        FormatError: something could not be read; what could has been yielded.
    """
    survey = Survey.of(document, limits)
    faults = survey.current.faults()
    budget = Budget(what="values", left=limits.values)
    yield from _Live(survey.current, limits, faults, budget, is_cut=survey.storage.is_cut).rows()
    _settle(survey, faults)


def _settle(survey: Survey, faults: Faults) -> None:
    if survey.storage.is_cut:
        raise FormatError("the file is shorter than the database in it")
    faults.settle()


class _Live:
    """Reads the live rows of one state of a database: large tables that are sound by SQLite itself, all others by
    going through their trees, which ends at no damage."""

    def __init__(self, view: View, limits: Limits, faults: Faults, budget: Budget, *, is_cut: bool) -> None:
        self._view = view
        self._limits = limits
        self._faults = faults
        self._budget = budget
        # SQLite turns text in UTF-16 to UTF-8 whether it is well formed or not.
        self._may_ask = not is_cut and view.pages.header.codec == "utf-8" and view.count == view.pages.count

    def rows(self) -> Iterator[Rows]:
        """All of them, table by table."""
        with ExitStack() as stack:
            engine: Engine | None = None
            for order, tree in enumerate(self._view.read_trees(self._faults)):
                if tree.kind is Kind.INDEX:
                    continue
                done = 0
                if self._is_for_engine(order, tree):
                    engine = engine or stack.enter_context(opened(self._view.pages, self._limits))
                    if engine is not None:
                        done = yield from self._asked(engine, tree)
                if done >= 0:
                    yield from self._walked(tree, done)

    def _is_for_engine(self, order: int, tree: Tree) -> bool:
        """Whether a table is large, and nothing is wrong with any page of it."""
        if not self._may_ask or order == 0 or self._book.faults.first:
            return False
        pages = self._view.owners.pages(order)
        if len(pages) < _FEW or not all(column and column.name for column in tree.columns):
            return False
        self._book.look_at(pages)
        return not self._book.faults.first

    @cached_property
    def _book(self) -> Book:
        return Book(self._view)

    def _asked(self, engine: Engine, tree: Tree) -> Generator[Rows, None, int]:
        """The rows of a table by SQLite; gives back how many there were, or -1 where these are all."""
        names = [column.name for column in tree.columns if column]
        moments = [position for position, column in enumerate(tree.columns) if column and column.is_moment]
        done = 0
        try:
            for rows in engine.rows(tree):
                self._budget.spend(len(rows) * len(names))
                rowids: Sequence[int] = range(done + 1, done + len(rows) + 1)
                held: Sequence[Sequence[Scalar]] = rows
                if tree.kind is Kind.ROWID:
                    rowids = list(map(itemgetter(tree.alias), rows))
                    held = rows if tree.alias >= 0 else [row[:-1] for row in rows]
                if moments:
                    held = [_with_dates(row, tree, moments) for row in held]
                done += len(rows)
                yield Rows(tree.table, names, rowids, held)
        except Stopped:
            return done
        return -1

    def _walked(self, tree: Tree, done: int) -> Iterator[Rows]:
        """The rows of a table but the first ones."""
        names = [column.name if column else "" for column in tree.columns]
        late = [column.default if column else None for column in tree.columns]
        # Only these are stored in another way than their column gives them.
        special = [
            n
            for n, column in enumerate(tree.columns)
            if n == tree.alias or (column and (column.affinity == "REAL" or column.is_moment))
        ]
        found = islice(self._view.rows(tree, self._faults), done, None)
        while batch := list(islice(found, _BATCH)):
            rows = []
            for rowid, stored in batch:
                row = stored + late[len(stored) :] if len(stored) < len(late) else stored
                self._budget.spend(max(len(row), 1))
                for position in special:
                    row[position] = as_stored(row[position], tree, position, rowid)
                rows.append(row[: len(names)] if names else row)
            if names:
                yield Rows(tree.table, names, [rowid for rowid, _ in batch], rows)
                continue
            for (rowid, _), row in zip(batch, rows, strict=True):
                # The declaration could not be read.
                yield Rows(tree.table, [str(n + 1) for n in range(len(row))], [rowid], [row])


def _with_dates(row: Sequence[Scalar], tree: Tree, moments: Sequence[int]) -> list[Scalar]:
    changed = list(row)
    for position in moments:
        changed[position] = as_stored(row[position], tree, position, None)
    return changed
