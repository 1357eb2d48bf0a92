"""Tables and columns that the schema no longer has: the rows that declared them may still be there, and so may the
pages that led to theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.errors import FormatError
from harness.formats.sqlite.btree import INTERIOR, read_page
from harness.formats.sqlite.catalog import MASTER, Tree, catalog
from harness.formats.sqlite.fields import value_of
from harness.model import Scalar, State

if TYPE_CHECKING:
    from harness.formats.sqlite.copies import Copy
    from harness.formats.sqlite.survey import Survey

__all__ = ["Gone", "recover"]

_MOST = 200
"""Declarations that are kept."""
_SIGN = "CREATE TABLE"
"""SQLite writes it so, however the statement was written."""


@dataclass(frozen=True)
class Gone:
    """What the schema once was."""

    trees: tuple[Tree, ...] = ()
    pages: dict[int, Tree] = field(default_factory=dict)
    """Pages that a tree led to before they were freed."""


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
    live = {_told(tree) for tree in survey.current.trees}
    gone = {_told(tree): tree for tree in catalog(rows, survey.current.faults())[1:] if tree.columns}
    trees = tuple(tree for told, tree in gone.items() if told not in live)
    return Gone(trees, _led_to(survey, trees))


def _told(tree: Tree) -> tuple[object, ...]:
    names = tuple(column.name.lower() if column else "" for column in tree.columns)
    return tree.table.lower(), tree.kind, tree.name.lower(), names


def _copies(survey: "Survey") -> Iterator["Copy"]:
    """Copies of pages that the schema table has or may have had."""
    sign = _SIGN.encode(survey.rules.codec)
    for copy in survey.worthwhile():
        owner = copy.view.owner(copy.number)
        is_schema = owner is not None and owner.tree.root == MASTER.root
        if is_schema or (copy.state is not State.LIVE and sign in survey.bytes_of(copy)):
            yield copy


# -- pages that were a tree's ----------------------------------------------------------------------


def _led_to(survey: "Survey", gone: tuple[Tree, ...]) -> dict[int, Tree]:
    """Pages that nothing owns now, by the tree whose root still leads to them."""
    found: dict[int, Tree] = {}
    for tree in (*gone, *survey.current.trees):
        stack, seen = [tree.root], set[int]()
        while stack:
            number = stack.pop()
            if number in found or number in seen or not 1 < number <= survey.current.count:
                continue
            seen.add(number)
            is_root = number == tree.root
            owned = survey.current.owner(number)
            if owned is not None and not (is_root and owned.tree == tree):
                continue
            if owned is None:
                found[number] = tree
            stack += _children(survey, number, is_root=is_root)
    return found


def _children(survey: "Survey", number: int, *, is_root: bool) -> list[int]:
    """The pages that an interior page leads to; or led to, where it is a root that was emptied: SQLite writes only
    eight bytes of it over."""
    try:
        data = survey.current.pages.read(number)
        if data[0] in INTERIOR:
            return read_page(number, data, survey.usable).children()
    except FormatError:
        return []
    if not is_root:
        return []
    children = [int.from_bytes(data[8:12], "big")]
    for pointer in range(12, survey.usable - 2, 2):
        at = int.from_bytes(data[pointer : pointer + 2], "big")
        child = int.from_bytes(data[at : at + 4], "big")
        if not pointer + 2 <= at <= survey.usable - 5 or not 1 < child <= survey.current.count:
            break
        children.append(child)
    return children if 1 < children[0] <= survey.current.count else []
