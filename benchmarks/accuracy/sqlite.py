"""SQLite: what is left of deleted and superseded rows, and all live ones, against the truth beside the databases."""

import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.accuracy.score import Score
from harness.errors import FormatError
from harness.formats.sqlite import Sqlite
from harness.limits import Limits
from harness.model import Document, Scalar, State, Value

__all__ = ["measure"]

_SIDECARS = ("-wal", "-journal")
_LITERAL = re.compile(rb"[xX]'([0-9a-fA-F]*)'|'((?:[^']|'')*)'|(?<![\w'])(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w'])")
_NUMERAL = re.compile(rb"-?\d+(?:\.\d+)?")
_SHORT_BLOB = 64
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
_LONG = 48
"""Characters from which on the beginning of a value that was written over counts as what it is."""


def measure(corpus: Path) -> list[Score]:
    """One line for what is found of deleted values, one for those told by table and column, one for each other."""
    residue = [_Residue.read(path) for path in sorted((corpus / "sqlite-residue").iterdir()) if path.is_dir()]
    planted = sum(each.planted for each in residue)
    invented = sum(len(each.invented) for each in residue)
    notes = ("values that are whole on disk", "of these, under the right table and column")
    return [
        Score(family="sqlite-residue", planted=planted, found=sum(n), invented=invented, note=note)
        for note, n in zip(notes, zip(*((each.found, each.placed) for each in residue), strict=True), strict=True)
    ] + [_forensic(corpus / "sqlite-forensic-corpus"), _live(corpus)]


def read(path: Path) -> Document:
    """A database with its sidecars."""
    beside = {suffix: path.with_name(path.name + suffix) for suffix in _SIDECARS}
    return Document(
        path.read_bytes(), {suffix: each.read_bytes() for suffix, each in beside.items() if each.exists()}
    )


def values_of(document: Document) -> list[Value]:
    """What is decoded, up to damage."""
    found: list[Value] = []
    with suppress(FormatError):
        found.extend(Sqlite().decode(document, Limits()))
    return found


# -- deleted values --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Residue:
    """What was found in one database of those that were made for this."""

    name: str
    planted: int = 0
    found: int = 0
    placed: int = 0
    invented: list[Value] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> "_Residue":
        """Measure one."""
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        dead = [value for value in values_of(read(folder / "app.db")) if value.state is not State.LIVE]
        by_column: dict[tuple[object, object], list[Scalar]] = defaultdict(list)
        for value in dead:
            by_column[value.steps[0], value.steps[-1]] += list(_held(value.value))
        everywhere = [each for held in by_column.values() for each in held]
        out = cls(folder.name)
        for value in truth["values"]:
            if value["live"] or value.get("residue") is not True:
                continue
            out.planted += 1
            is_placed = _is_in(value["value"], by_column[value["table"], value["column"]])
            out.placed += is_placed
            is_found = is_placed or _is_in(value["value"], everywhere)
            out.found += is_found
            if not is_placed:
                out.missed.append(value)
        written = _written((folder / "made-by.sql").read_bytes())
        out.invented = [value for value in dead if not _is_written(value, written)]
        return out


def _held(value: Scalar) -> Iterator[Scalar]:
    """A value, and what it holds where it is compressed or JSON."""
    if isinstance(value, bytes):
        with suppress(OSError, EOFError):
            value = gzip.decompress(value) if value[:2] == b"\x1f\x8b" else value
        value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    yield value
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):
            yield from _leaves(json.loads(value))


def _leaves(node: Any) -> Iterator[Scalar]:
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _leaves(child)
    else:
        yield node


def _is_in(wanted: object, held: list[Scalar]) -> bool:
    if isinstance(wanted, int | float):
        return any(isinstance(each, int | float) and each == wanted for each in held)
    escaped = json.dumps(wanted)[1:-1]
    return any(isinstance(each, str) and (str(wanted) in each or escaped in each) for each in held)


# -- values that nobody wrote ----------------------------------------------------------------------


def _written(sql: bytes) -> set[Scalar]:
    """Every literal of a script."""
    found: set[Scalar] = {None}
    for blob, text, number in _LITERAL.findall(sql):
        if number:
            found |= {float(number), number.decode()}
        elif _NUMERAL.fullmatch(text):
            found |= {float(text), text.decode()}
        elif blob:
            found.add(bytes.fromhex(blob.decode()))
        else:
            found.add(text.replace(b"''", b"'").decode("utf-8", "replace"))
    return found


def _is_written(value: Value, written: set[Scalar]) -> bool:
    """Whether a value stands in the script. Row ids and what SQLite keeps for itself are not looked at."""
    content = value.value
    if str(value.steps[0]).startswith("sqlite_") or content == value.steps[min(1, len(value.steps) - 1)]:
        return True
    if isinstance(content, int | float):
        return float(content) in written
    if content in written:
        return True
    if not isinstance(content, str | bytes) or len(content) < _LONG:
        return False
    kind = type(content)
    return any(isinstance(each, kind) and content in each for each in written)  # type: ignore[operator]


# -- the corpus of others --------------------------------------------------------------------------


def _forensic(folder: Path) -> Score:
    """Deleted rows whose bodies are intact, whichever table they are told of: nothing on disk may say which of two of
    one shape it was."""
    planted = found = invented = 0
    for path in sorted((folder / "truth").glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        database = folder / truth["file"]
        values = values_of(read(database))
        dead = [value for value in values if value.state is not State.LIVE]
        told = {value.value for value in dead}
        for row in truth["deleted"]:
            if row["record_body_intact"]:
                planted += 1
                found += all(each is None or each in told for each in _telling(row["values"]))
        script = database.with_suffix(".sql")
        if script.exists() and "antifor" not in database.name:
            written = _written(script.read_bytes())
            invented += sum(not _is_written(value, written) for value in dead)
    note = "deleted rows with an intact body, whole"
    return Score(family="sqlite-forensic-corpus", planted=planted, found=found, invented=invented, note=note)


def _telling(values: dict[str, Any]) -> Iterator[Any]:
    """All values but the number of the row, which a freeblock may overwrite."""
    return (value for name, value in values.items() if name not in ("id", "mid"))


def _live(corpus: Path) -> Score:
    """Databases of real apps as SQLite reads them: the first 400 rows of each table, value by value."""
    planted = found = 0
    folder = corpus / "sqlite-apps"
    for path in sorted((folder / "truth").glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if "tables" not in truth:
            continue
        held: dict[object, dict[object, dict[object, str]]] = defaultdict(lambda: defaultdict(dict))
        for value in values_of(read(folder / truth["file"])):
            if value.state is State.LIVE:
                held[value.steps[0]][value.steps[1]][value.steps[-1]] = _told(value.value)
        for name, table in truth["tables"].items():
            rows = Counter(tuple(row.get(column) for column in table["columns"]) for row in held[name].values())
            for row in table.get("rows", ()):
                key = tuple(map(_told, row))
                planted += 1
                found += rows[key] > 0
                rows[key] -= 1
    return Score(family="sqlite-apps", planted=planted, found=found, invented=0, note="live rows")


def _told(value: Any) -> str:
    """A value as the truth has it: longer blobs by their digest."""
    if isinstance(value, dict):
        return str(value.get("sha256", value.get("hex")))
    if isinstance(value, bytes):
        return value.hex() if len(value) <= _SHORT_BLOB else hashlib.sha256(value).hexdigest()
    if isinstance(value, datetime):
        value = (value - _EPOCH).total_seconds()
    return repr(float(value)) if isinstance(value, int | float) else repr(value)
