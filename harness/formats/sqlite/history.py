"""Tables and columns that the schema no longer has: the rows that declared them may still be there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.formats.sqlite.catalog import MASTER, Tree, catalog
from harness.formats.sqlite.fields import value_of
from harness.model import Scalar, State

if TYPE_CHECKING:
    from harness.formats.sqlite.survey import Copy, Survey

__all__ = ["Gone", "recover"]

_MOST = 200
"""Declarations that are kept."""
_SIGN = "CREATE TABLE"
"""SQLite writes it so, however the statement was written."""


@dataclass(frozen=True)
class Gone:
    """What the schema once was."""

    trees: tuple[Tree, ...] = ()


def recover(survey: "Survey") -> Gone:
    """Trees that earlier rows of the schema table declare, and that are not as the schema now has them."""
    rows: list[list[Scalar]] = []
    for copy in _copies(survey):
        map_ = survey.schema_map(copy)
        for found, _ in map_.remains() if map_ else ():
            row = found.row
            values = [
                value_of(row, n) if end <= len(row.record) else None for n, (_, _, _, end) in enumerate(row.fields)
            ]
            if len(values) == len(MASTER.columns) and values not in rows and len(rows) < _MOST:
                rows.append(values)
    faults = survey.current.faults()
    live = {_told(tree) for tree in survey.current.trees}
    gone = {_told(tree): tree for tree in catalog(rows, faults)[1:] if tree.columns}
    return Gone(tuple(tree for told, tree in gone.items() if told not in live))


def _told(tree: Tree) -> tuple[object, ...]:
    names = tuple(column.name.lower() if column else "" for column in tree.columns)
    return tree.table.lower(), tree.kind, tree.name.lower(), names


def _copies(survey: "Survey") -> Iterator["Copy"]:
    """Copies of pages that the schema table has or may have had."""
    sign = _SIGN.encode(survey.rules.codec)
    for copy in survey.copies():
        owner = copy.view.owner(copy.number)
        is_schema = owner is not None and owner.tree.root == MASTER.root
        if is_schema or (copy.state is not State.LIVE and survey.holds(copy, sign)):
            yield copy
