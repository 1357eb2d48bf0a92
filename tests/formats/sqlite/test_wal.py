"""The write-ahead log counts as far as SQLite counts it."""

import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.sqlite import Database, Sqlite, Table
from harness.formats.sqlite.checksum import Checksum
from harness.formats.sqlite.wal import read_wal, seal
from harness.limits import Limits
from harness.model import Document, State

TABLE = Table(name="t", columns=(("id", "INTEGER PRIMARY KEY"), ("body", "TEXT")))
LOGGED = Database(
    tables=(Table(name="t", columns=TABLE.columns, rows=((1, "before the log"), (2, "stays as it was"))),),
    wal=(Table(name="t", columns=TABLE.columns, rows=tuple((n, f"row {n} " * 40) for n in range(3, 60))),),
    wal_script=("UPDATE t SET body = 'in the log' WHERE id = 1", "DELETE FROM t WHERE id = 5"),
    page_size=1024,
)


@pytest.fixture
def logged(sqlite: Sqlite) -> Document:
    return sqlite.encode(LOGGED)


def bodies(sqlite: Sqlite, document: Document) -> dict[int, Any]:
    values = sqlite.decode(document, Limits())
    live = [v for v in values if v.state is State.LIVE]
    return {int(v.steps[1]): v.value for v in live if v.steps[0] == "t" and v.steps[2] == "body"}


@given(st.binary(min_size=8, max_size=800), st.booleans(), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_the_checksum_is_that_of_sqlite(data: bytes, big_endian: bool, one: int, two: int) -> None:
    """One product gives what the loop of the specification gives."""
    data = data[: len(data) & ~7]
    expected = (one, two)
    for pair in struct.iter_unpack((">" if big_endian else "<") + "2I", data):
        one = (one + pair[0] + two) & 0xFFFFFFFF
        two = (two + pair[1] + one) & 0xFFFFFFFF

    assert Checksum.over(len(data), big_endian=big_endian).after(expected, data) == (one, two)


def test_equal_content_gives_equal_logs(sqlite: Sqlite, logged: Document) -> None:
    """A simulator writes the same bytes twice."""
    again = sqlite.encode(LOGGED)

    assert (again.data, again.sidecars) == (logged.data, logged.sidecars)


def cut_log(document: Document, change: Callable[[bytearray], Any]) -> Document:
    log = bytearray(document.sidecars["-wal"])
    change(log)
    return Document(document.data, {"-wal": bytes(log)})


def swap_byte_order(log: bytearray) -> None:
    """The log as a big-endian machine writes it: only the checksums differ."""
    log[3] ^= 1
    log[:] = seal(bytes(log), struct.unpack_from(">2I", log, 16))


def second_frame(log: bytearray) -> int:
    return 32 + 24 + int.from_bytes(log[8:12], "big")


DAMAGE: dict[str, Callable[[bytearray], Any]] = {
    "none": lambda log: None,
    "empty": lambda log: log.clear(),
    "no header": lambda log: log.__delitem__(slice(20, None)),
    "magic": lambda log: log.__setitem__(0, 0),
    "version": lambda log: log.__setitem__(7, 9),
    "header checksum": lambda log: log.__setitem__(25, log[25] ^ 1),
    "big-endian": swap_byte_order,
    "first frame": lambda log: log.__setitem__(100, log[100] ^ 1),
    "second frame": lambda log: log.__setitem__(second_frame(log) + 40, log[second_frame(log) + 40] ^ 1),
    "salt of the second frame": lambda log: log.__setitem__(second_frame(log) + 8, log[second_frame(log) + 8] ^ 1),
    "last frame": lambda log: log.__setitem__(-1, log[-1] ^ 1),
    "cut in a frame": lambda log: log.__delitem__(slice(-500, None)),
    "cut at a frame": lambda log: log.__delitem__(slice(-1048, None)),
    "rubbish behind": lambda log: log.extend(b"\x01" * 3000),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_log_counts_up_to_the_last_valid_commit(
    damage: str, logged: Document, sqlite: Sqlite, oracle: Callable[[Document], dict[str, Any]]
) -> None:
    """Header, checksums of both byte orders, salts and commit marks are obeyed as SQLite obeys them."""
    document = cut_log(logged, DAMAGE[damage])

    assert bodies(sqlite, document) == {rowid: row["body"] for rowid, row in oracle(document)["t"].items()}


def test_pages_know_whether_they_still_count(logged: Document, sqlite: Sqlite) -> None:
    """A value in the log is live; the one that it replaced is superseded, at the same place."""
    new = logged.sidecars["-wal"].rindex(b"in the log")
    old = bytes(logged.data).index(b"before the log")

    (live,) = sqlite.locate(logged, [new], Limits(), part="-wal")
    (superseded,) = sqlite.locate(logged, [old], Limits())

    assert (live.steps, live.state, live.value) == (("t", 1, "body"), State.LIVE, b"in the log")
    assert (superseded.steps, superseded.state, superseded.value) == (
        ("t", 1, "body"),
        State.SUPERSEDED,
        b"before the log",
    )


def test_a_frame_that_a_later_one_replaced_is_of_the_log(logged: Document, sqlite: Sqlite) -> None:
    """Old copies of a page in the log are read as rows, and not called live."""
    frames = read_wal(logged.sidecars["-wal"], 1024)
    stale = [frame for frame in frames.frames if frames.current.get(frame.page) != frame.start]
    old = logged.sidecars["-wal"].index(b"before the log")

    (place,) = sqlite.locate(logged, [old + 3], Limits(), part="-wal")

    assert stale
    assert (place.steps, place.state) == (("t", 1, "body"), State.WAL)
    assert (place.value, place.offset) == (b"before the log", 3)
