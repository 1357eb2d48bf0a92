"""The b-trees of a database, and what the fields of their records mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from harness.errors import FormatError
from harness.formats.sqlite.declaration import Column, Declaration, read_index, read_table
from harness.formats.sqlite.faults import Faults
from harness.model import Scalar

__all__ = ["MASTER", "Kind", "Tree", "catalog"]


class Kind(Enum):
    """How a b-tree is keyed."""

    ROWID = "table"
    KEYED = "table without row id"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Tree:
    """One b-tree and the columns of its records."""

    table: str
    """The table that its values belong to."""
    root: int
    kind: Kind
    columns: tuple[Column | None, ...] = ()
    """In the order that records store them; `None` for what is no column."""
    alias: int = -1
    """Position of the column that is another name of the row id; -1 for none."""
    name: str = ""
    """Of the index."""
    has_rowid: bool = True
    """Each record or cell tells its row id; False for tables without row id and their indices."""

    @property
    def is_index(self) -> bool:
        """Its values are those of a table, once more."""
        return self.kind is Kind.INDEX

    def column(self, position: int) -> Column | None:
        """The column of a record's field; numbered where the declaration could not be read."""
        if not self.columns and self.kind is not Kind.INDEX:
            return Column(str(position + 1))
        return self.columns[position] if position < len(self.columns) else None


MASTER = Tree(
    "sqlite_master",
    1,
    Kind.ROWID,
    tuple(
        Column(name, "INTEGER" if name == "rootpage" else "TEXT")
        for name in ("type", "name", "tbl_name", "rootpage", "sql")
    ),
)


def catalog(rows: Iterable[list[Scalar]], faults: Faults) -> tuple[Tree, ...]:
    """The b-trees that the rows of the schema table declare; what cannot be read is added to `faults`."""
    declared: dict[str, Declaration] = {}
    trees: list[Tree] = [MASTER]
    indices: list[tuple[str, str, int, str]] = []
    for kind, name, table, root, sql in _entries(rows, faults):
        if kind == "index":
            indices.append((name, table, root, sql))
            continue
        declaration = _declaration(sql, faults)
        declared[name.lower()] = declaration
        trees.append(_table(name, root, declaration))
    for name, table, root, sql in indices:
        trees.append(_index(name, table, root, _key(name, sql, declared.get(table.lower()), faults)))
    return tuple(trees)


def _entries(rows: Iterable[list[Scalar]], faults: Faults) -> Iterable[tuple[str, str, str, int, str]]:
    """Kind, name, table, root page and statement of each table and index that has pages."""
    for row in rows:
        kind, name, table, root, sql = (row + [None] * 5)[:5]
        if kind not in ("table", "index"):
            continue
        if not isinstance(name, str) or not isinstance(root, int):
            faults.add("an entry of the schema table is damaged")
        elif root > 0:
            yield (
                str(kind),
                name,
                table if isinstance(table, str) else name,
                root,
                sql if isinstance(sql, str) else "",
            )


def _declaration(sql: str, faults: Faults) -> Declaration:
    try:
        return read_table(sql)
    except FormatError as error:
        faults.add(str(error))
        return Declaration(())


def _table(name: str, root: int, declaration: Declaration) -> Tree:
    stored = [column for column in declaration.columns if column.stored]
    if not declaration.without_rowid:
        alias = next((i for i, column in enumerate(stored) if column.name.lower() == declaration.alias), -1)
        return Tree(name, root, Kind.ROWID, tuple(stored), alias if declaration.alias else -1)
    key = [_find(declaration, part) for part in declaration.primary]
    rest = [column for column in stored if column not in key]
    return Tree(name, root, Kind.KEYED, (*key, *rest), has_rowid=False)


def _key(name: str, sql: str, declaration: Declaration | None, faults: Faults) -> tuple[Declaration, tuple[str, ...]]:
    """The declaration of an index's table, and the columns of its key."""
    declaration = declaration or Declaration(())
    if sql:
        try:
            return declaration, read_index(sql)
        except FormatError as error:
            faults.add(str(error))
            return declaration, ()
    position = name.rpartition("_")[2]
    order = int(position) - 1 if position.isascii() and position.isdecimal() and len(position) < 6 else -1
    return declaration, declaration.keys[order] if 0 <= order < len(declaration.keys) else ()


def _index(name: str, table: str, root: int, keyed: tuple[Declaration, tuple[str, ...]]) -> Tree:
    declaration, key = keyed
    columns = [_find(declaration, part) for part in key]
    if declaration.without_rowid:
        columns += [_find(declaration, part) for part in declaration.primary if part not in key]
    else:
        columns.append(_find(declaration, declaration.alias) if declaration.alias else None)
    return Tree(table, root, Kind.INDEX, tuple(columns), name=name, has_rowid=not declaration.without_rowid)


def _find(declaration: Declaration, name: str) -> Column | None:
    return next((column for column in declaration.columns if name and column.name.lower() == name), None)
