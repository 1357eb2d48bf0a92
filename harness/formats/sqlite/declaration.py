"""What a CREATE TABLE or CREATE INDEX statement says about how rows are stored.

Specified at https://sqlite.org/lang_createtable.html and https://sqlite.org/datatype3.html.
"""

import re
from dataclasses import dataclass, replace

from harness.errors import FormatError
from harness.formats.sqlite.core_data import date_columns
from harness.formats.sqlite.tokens import Tokens, identifier, items, literal, tokens
from harness.model import Scalar

__all__ = ["Column", "Declaration", "read_index", "read_table"]

_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
_AFTER_TYPE = _CONSTRAINTS | {"NOT", "NULL", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS", "ON"}
_NUMERIC = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Column:
    """One column as it is stored."""

    name: str
    affinity: str = "BLOB"
    default: Scalar = None
    """What a row has that was written before the column was added."""
    stored: bool = True
    """False for a generated column that is computed on reading."""
    filled: bool = False
    """Declared NOT NULL."""
    is_moment: bool = False
    """Numbers in it are Core Data's dates."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One table as declared."""

    columns: tuple[Column, ...]
    alias: str = ""
    """The column that is another name of the row id."""
    keys: tuple[tuple[str, ...], ...] = ()
    """Columns, in lower case, of each PRIMARY KEY and UNIQUE constraint that has an index, in order."""
    primary: tuple[str, ...] = ()
    """Columns of the primary key, in lower case."""
    without_rowid: bool = False


@dataclass(slots=True)
class _Draft:
    """A declaration while it is read."""

    columns: list[Column]
    keys: list[tuple[str, ...]]
    without_rowid: bool
    primary: tuple[str, ...] = ()
    alias: str = ""


def read_table(sql: str) -> Declaration:
    """Read a CREATE TABLE statement.

    Raises:
        FormatError: it is none.
    """
    words = tokens(sql)
    start = next((at for at, word in enumerate(words) if word == "("), len(words))
    entries, end = items(words, start)
    options = {word.upper() for word in words[end:]}
    draft = _Draft([], [], {"WITHOUT", "ROWID"} <= options)
    types: dict[str, str] = {}
    for entry in entries:
        if draft.columns and entry[0].upper() in _CONSTRAINTS:
            _table_constraints(entry, draft, types)
        else:
            _column(entry, draft, types, strict="STRICT" in options)
    if not draft.columns:
        raise FormatError("a table without columns")
    dates = date_columns([column.name.lower() for column in draft.columns], types)
    return Declaration(
        columns=tuple(
            replace(each, is_moment=each.name.lower() in dates) if dates else each for each in draft.columns
        ),
        alias=draft.alias,
        keys=tuple(dict.fromkeys(draft.keys)),
        primary=tuple(dict.fromkeys(draft.primary)),
        without_rowid=draft.without_rowid,
    )


def read_index(sql: str) -> tuple[str, ...]:
    """The columns of a CREATE INDEX statement, in lower case; empty for an expression.

    Raises:
        FormatError: it is none.
    """
    words = tokens(sql)
    start = next((at for at, word in enumerate(words) if word == "("), len(words))
    return tuple(_key_part(entry) for entry in items(words, start)[0])


def _key_part(entry: Tokens) -> str:
    """The column that a part of a key names, in lower case; empty for an expression."""
    plain = len(entry) == 1 or entry[1].upper() in ("COLLATE", "ASC", "DESC", "AUTOINCREMENT")
    return identifier(entry[0]).lower() if plain else ""


def _column(entry: Tokens, draft: _Draft, types: dict[str, str], *, strict: bool) -> None:
    name = identifier(entry[0])
    end = 1
    while end < len(entry) and entry[end].upper() not in _AFTER_TYPE:
        end += 1
    kind = " ".join(identifier(word) for word in entry[1:end])
    types[name.lower()] = kind.upper()
    default, stored, filled = _column_constraints(entry, end, name, draft, types)
    affinity = "BLOB" if strict and kind.upper() == "ANY" else _affinity(kind.upper())
    draft.columns.append(Column(name, affinity, _applied(default, affinity), stored, filled))


def _column_constraints(
    entry: Tokens, at: int, name: str, draft: _Draft, types: dict[str, str]
) -> tuple[Scalar, bool, bool]:
    """Read what follows a column's type: its default, whether it is stored, and whether it is never NULL."""
    default: Scalar = None
    stored, filled = True, False
    while at < len(entry):
        word = entry[at].upper()
        following = entry[at + 1].upper() if at + 1 < len(entry) else ""
        if word == "PRIMARY":
            descending = at + 2 < len(entry) and entry[at + 2].upper() == "DESC"
            _primary((name.lower(),), draft, types, may_alias=not descending)
        elif word == "UNIQUE":
            draft.keys.append((name.lower(),))
        elif word == "NOT" and following == "NULL":
            filled = True
        elif word == "DEFAULT":
            end = _default_end(entry, at + 1)
            default = literal(entry[at + 1 : end])
            at = end - 1
        elif word == "AS" and following == "(":
            at = _closing(entry, at + 1)
            stored = at + 1 < len(entry) and entry[at + 1].upper() == "STORED"
        elif word == "(":
            at = _closing(entry, at)
        at += 1
    return default, stored, filled


def _table_constraints(entry: Tokens, draft: _Draft, types: dict[str, str]) -> None:
    """Read one constraint, or several that no comma separates."""
    at = 0
    while at < len(entry):
        word = entry[at].upper()
        if word == "UNIQUE" or (word == "PRIMARY" and at + 1 < len(entry)):
            parts, end = items(entry, at + (2 if word == "PRIMARY" else 1))
            key = tuple(_key_part(part) for part in parts)
            if word == "PRIMARY":
                _primary(key, draft, types, may_alias=True)
            else:
                draft.keys.append(key)
            at = end
        elif word == "(":
            at = _closing(entry, at) + 1
        else:
            at += 1


def _primary(key: tuple[str, ...], draft: _Draft, types: dict[str, str], *, may_alias: bool) -> None:
    draft.primary = key
    if may_alias and len(key) == 1 and types.get(key[0]) == "INTEGER" and not draft.without_rowid:
        draft.alias = key[0]
    else:
        draft.keys.append(key)


def _default_end(entry: Tokens, at: int) -> int:
    """Where the default that begins at `at` ends."""
    while at < len(entry) and entry[at] in ("+", "-"):
        at += 1
    if at < len(entry) and entry[at] == "(":
        return _closing(entry, at) + 1
    return min(at + 1, len(entry))


def _closing(entry: Tokens, at: int) -> int:
    """Where the parenthesis at `at` is closed."""
    depth = 0
    for end in range(at, len(entry)):
        depth += (entry[end] == "(") - (entry[end] == ")")
        if depth == 0:
            return end
    return len(entry) - 1


def _affinity(kind: str) -> str:
    """The affinity of a declared type, by SQLite's five rules in their order."""
    if "INT" in kind:
        return "INTEGER"
    if any(word in kind for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if not kind or "BLOB" in kind:
        return "BLOB"
    if any(word in kind for word in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


def _applied(value: Scalar, affinity: str) -> Scalar:
    """A default as its column holds it."""
    match value:
        case int() | float() if affinity == "TEXT":
            return str(value)
        case int() if affinity == "REAL":
            return float(value)
        case str() if affinity not in ("TEXT", "BLOB") and _NUMERIC.fullmatch(value):
            number = float(value)
            whole = affinity != "REAL" and number.is_integer() and abs(number) < 2**53
            return int(number) if whole else number
    return value
