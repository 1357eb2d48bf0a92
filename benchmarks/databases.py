"""What a SQLite database costs: live rows, ledger, places and what is left of deleted rows, beside SQLite itself.

All in one process and in turns, each on a document that nothing is known of yet.
"""

import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import Table
from benchmarks.setting import Setting
from harness.formats.sqlite import Sqlite
from harness.formats.sqlite.remains import remains
from harness.formats.sqlite.rows import live_rows
from harness.formats.sqlite.survey import Survey
from harness.limits import Limits
from harness.model import Document

__all__ = ["bench"]

_TELLING = re.compile(rb"phone|lat", re.IGNORECASE)
_PLACES = 1000
_PEER = "rows by SQLite"
_LIFE = (
    "DELETE FROM events WHERE id % 17 = 3",
    "UPDATE events SET data = data || 'more' WHERE id % 31 = 1",
    "DELETE FROM events WHERE id BETWEEN 10000 AND 12000",
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A database of rows of one width."""

    columns: str
    size: int
    """Bytes of a row, about."""
    row: Callable[[random.Random], Sequence[object]]
    script: tuple[str, ...] = ()


def _event(dice: random.Random) -> Sequence[object]:
    note = "x" * dice.randrange(20, 300)
    data = f'{{"event":"charged","amount":{dice.randrange(10**6)},"note":"{note}"}}'
    return f"u{dice.randrange(10**9)}@example.org", data, 1_600_000_000_000 + dice.randrange(10**9), dice.random()


def _measured(dice: random.Random) -> Sequence[object]:
    return dice.randrange(10**6), dice.random(), f"sensor {dice.randrange(99)}", None


def _profile(dice: random.Random) -> Sequence[object]:
    return [f"value {dice.randrange(10**6)} of {n}" if n % 3 else dice.randrange(10**6) for n in range(24)]


def _page(dice: random.Random) -> Sequence[object]:
    return f"https://example.org/{dice.randrange(10**9)}", "lorem ipsum " * dice.randrange(100, 220), dice.random(), 1


_EVENTS = "email TEXT, data TEXT, ts INT, lat REAL"
_KINDS: Mapping[str, _Kind] = {
    "events, an index": _Kind(_EVENTS, 300, _event, ("CREATE INDEX by_email ON events(email)",)),
    "events, an index, a tenth deleted": _Kind(
        _EVENTS, 300, _event, ("CREATE INDEX by_email ON events(email)", *_LIFE)
    ),
    "short rows": _Kind("a INT, b REAL, c TEXT, d TEXT", 32, _measured),
    "24 columns": _Kind(", ".join(f"c{n}" for n in range(24)), 420, _profile),
    "long texts": _Kind("url TEXT, body TEXT, lat REAL, n INT", 1950, _page),
}


def bench(setting: Setting) -> None:
    """Each kind of work on each kind of database."""
    for name, kind in _KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "database"
            _build(path, kind, setting.mb * 1_000_000 // kind.size, setting.seed)
            _measure(name, path, setting.runs)


def _build(path: Path, kind: _Kind, count: int, seed: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for setting in ("secure_delete=0", "synchronous=0", "journal_mode=OFF"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        connection.execute(f"CREATE TABLE events(id INTEGER PRIMARY KEY, {kind.columns})")
        connection.execute("BEGIN")
        marks = ", ".join("?" * (kind.columns.count(",") + 1))
        connection.executemany(f"INSERT INTO events VALUES (NULL, {marks})", _rows(kind, count, seed))
        for statement in kind.script:
            connection.execute(statement)
        connection.execute("COMMIT")


def _rows(kind: _Kind, count: int, seed: int) -> Iterator[Sequence[object]]:
    dice = random.Random(seed)
    return (kind.row(dice) for _ in range(count))


def _measure(name: str, path: Path, runs: int) -> None:
    data = path.read_bytes()
    works = _works(path)
    spent: dict[str, list[float]] = {name: [] for name in works}
    counts: dict[str, int] = {}
    for _ in range(runs):
        for work, run in works.items():
            document = Document(data)
            began = time.process_time()
            counts[work] = run(document)
            spent[work].append(time.process_time() - began)
    table = Table(
        f"{name}: {len(data) / 1e6:.0f} MB of SQLite", "", "MB/s", "ns a byte", "speed against SQLite's", "found"
    )
    for work, seconds in spent.items():
        ratio = median(peer / mine for peer, mine in zip(spent[_PEER], seconds, strict=True))
        cost = median(seconds)
        table.row(work, len(data) / cost / 1e6, cost / len(data) * 1e9, ratio, counts[work])
    table.show()
    _places(data)


def _works(path: Path) -> Mapping[str, Callable[[Document], int]]:
    form, limits = Sqlite(), Limits()

    def by_sqlite(_document: Document) -> int:
        with closing(sqlite3.connect(path)) as connection:
            return sum(1 for _ in connection.execute("SELECT rowid, * FROM events"))

    def gone(document: Document) -> int:
        return sum(len(each.told) for each in remains(Survey.of(document, limits), []))

    return {
        _PEER: by_sqlite,
        "live rows": lambda document: sum(len(rows.rows) for rows in live_rows(document, limits)),
        "live values, an object each": lambda document: sum(
            1 for rows in live_rows(document, limits) for _ in rows.values()
        ),
        "what is left of deleted rows": gone,
        "the file from disk": lambda _document: len(path.read_bytes()),
        "ledger": lambda document: len(form.account(document, limits).parts[""]),
        "pieces for the sweep": lambda document: sum(
            len(each.data) for each in form.expand(document, _TELLING, limits)
        ),
    }


def _places(data: bytes) -> None:
    """The first place of a document, and those that come after."""
    form, limits, dice = Sqlite(), Limits(), random.Random(1)
    document = Document(data)
    offsets = [dice.randrange(len(data)) for _ in range(_PLACES)]
    began = time.process_time()
    form.locate(document, offsets[:1], limits)
    first = time.process_time()
    form.locate(document, offsets, limits)  # what is asked about the dead for the first time takes its time, too
    walked = time.process_time()
    for offset in offsets:
        form.locate(document, [offset], limits)
    each = time.process_time()
    form.locate(document, offsets, limits)
    together = time.process_time()
    alone, at_once = (spent / _PLACES * 1e6 for spent in (each - walked, together - each))
    print(
        f"a place: {(first - began) * 1e3:.1f} ms the first time; after {_PLACES} of them were asked for,"
        f" {alone:.0f} µs a call, and {at_once:.0f} µs where {_PLACES} are asked for at once",
        flush=True,
    )
