"""Every live value, as SQLite itself would give it; then every value that is no longer live and still there."""

from collections.abc import Iterator

from harness.errors import FormatError
from harness.formats.sqlite.carving import Found
from harness.formats.sqlite.catalog import Kind, Tree
from harness.formats.sqlite.faults import Faults
from harness.formats.sqlite.fields import as_stored
from harness.formats.sqlite.remains import remains
from harness.formats.sqlite.strays import Strays
from harness.formats.sqlite.survey import Survey
from harness.formats.sqlite.view import View
from harness.limits import Budget, Limits
from harness.model import Document, Scalar, State, Value

__all__ = ["decode"]


def decode(document: Document, limits: Limits) -> Iterator[Value]:
    """The values of all tables, the schema table first; then those of deleted, superseded and uncommitted rows.

    Raises:
        FormatError: something could not be read; what could has been yielded.
    """
    survey = Survey(document, limits)
    view = survey.current
    faults = view.faults()
    budget = Budget(what="values", left=limits.values)
    for tree in view.read_trees(faults):
        if tree.kind is not Kind.INDEX:
            yield from _table(view, tree, faults, budget)
    linked: list[tuple[Found, State]] = []
    for remain in remains(survey, linked):
        budget.spend(max(len(remain.told), 1))
        for told in remain.told:
            yield Value(told.steps, told.value, remain.state)
    for stray in Strays(survey, linked).all:
        budget.spend()
        yield Value(stray.steps, stray.text, stray.state)
    if survey.storage.is_cut:
        raise FormatError("the file is shorter than the database in it")
    faults.settle()


def _table(view: View, tree: Tree, faults: Faults, budget: Budget) -> Iterator[Value]:
    """The values of one table."""
    names = [column.name if column else "" for column in tree.columns]
    late = [column.default if column else None for column in tree.columns]
    table = tree.table
    # Only these are stored in another way than their column gives them.
    special = [
        n
        for n, column in enumerate(tree.columns)
        if n == tree.alias or (column and (column.affinity == "REAL" or column.is_moment))
    ]
    for rowid, stored in view.rows(tree, faults):
        row = stored + late[len(stored) :] if len(stored) < len(late) else stored
        budget.spend(max(len(row), 1))
        for position in special:
            row[position] = as_stored(row[position], tree, position, rowid)
        for name, value in zip(names or _numbered(row), row, strict=False):
            yield Value((table, rowid, name), value)


def _numbered(row: list[Scalar]) -> list[str]:
    """Names for the columns of a table whose declaration could not be read."""
    return [str(position + 1) for position in range(len(row))]
