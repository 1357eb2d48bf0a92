"""What a SQLite database costs: its ledger, its live rows, and what is left of deleted ones, beside SQLite itself.

usage: python -m benchmarks.databases [MEGABYTES]
"""

import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from harness.formats.sqlite import Sqlite
from harness.limits import Limits
from harness.model import Document, State

__all__ = ["main"]

_ROW_BYTES = 300
_TELLING = re.compile(rb"phone|lat", re.IGNORECASE)
Work = Callable[[], int]


def main() -> None:
    """Print CPU time of each kind of work for two databases: one that was only filled, and one that lived."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    for name, script in (("filled", ()), ("lived", _LIFE)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.db"
            _build(path, size * 1_000_000 // _ROW_BYTES, script)
            print(f"\n{name}: {path.stat().st_size / 1e6:.0f} MB")
            _measure(path)


_LIFE = (
    "DELETE FROM events WHERE id % 17 = 3",
    "UPDATE events SET data = data || 'more' WHERE id % 31 = 1",
    "DELETE FROM events WHERE id BETWEEN 10000 AND 12000",
)


def _build(path: Path, count: int, script: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for setting in ("secure_delete=0", "synchronous=0", "journal_mode=OFF"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        connection.execute("CREATE TABLE events(id INTEGER PRIMARY KEY, email TEXT, data TEXT, ts INT, lat REAL)")
        connection.execute("CREATE INDEX by_email ON events(email)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO events(email, data, ts, lat) VALUES (?, ?, ?, ?)", _rows(count))
        for statement in script:
            connection.execute(statement)
        connection.execute("COMMIT")


def _rows(count: int) -> Iterator[tuple[str, str, int, float]]:
    dice = random.Random(5)
    for _ in range(count):
        note = "x" * dice.randrange(20, 300)
        data = f'{{"event":"charged","amount":{dice.randrange(10**6)},"note":"{note}"}}'
        yield f"u{dice.randrange(10**9)}@example.org", data, 1_600_000_000_000 + dice.randrange(10**9), dice.random()


def _measure(path: Path) -> None:
    document, form, limits = Document(path.read_bytes()), Sqlite(), Limits()

    def by_sqlite() -> int:
        with closing(sqlite3.connect(path)) as connection:
            return sum(1 for _ in connection.execute("SELECT * FROM events"))

    def decode(*, live: bool) -> int:
        found = 0
        for value in form.decode(document, limits):
            if live and value.state is not State.LIVE:
                break
            found += live or value.state is not State.LIVE
        return found

    works: dict[str, Work] = {
        "rows by SQLite": by_sqlite,
        "live values": lambda: decode(live=True),
        "all values, dead ones counted": lambda: decode(live=False),
        "ledger": lambda: len(form.account(document, limits).parts),
        "pieces for the sweep": lambda: sum(len(piece.data) for piece in form.expand(document, _TELLING, limits)),
        "one place": lambda: len(form.locate(document, [len(document.data) // 2], limits)),
    }
    for name, work in works.items():
        began = time.process_time()
        result = work()
        spent = time.process_time() - began
        size = len(document.data)
        print(
            f"{name:32} {spent:7.3f} s {size / spent / 1e6:8.1f} MB/s {spent / size * 1e9:8.2f} ns/byte {result:>9}"
        )


if __name__ == "__main__":
    main()
