"""Core Data's dates: given as days, in both lanes, and only where Core Data keeps them."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.formats.base import as_bytes
from harness.formats.sqlite import Sqlite
from harness.formats.sqlite.core_data import date_columns, moment
from harness.limits import Limits
from harness.model import Document

LIMITS = Limits()
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
ENTITY = "(Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZBIRTHDATE TIMESTAMP, ZAGE FLOAT, ZNAME VARCHAR)"


@given(seconds=st.integers(-(10**9), 10**10) | st.floats(-1e9, 1e10))
def test_seconds_are_days_since_2001(seconds: float) -> None:
    """Whole or not, to the microsecond."""
    assert moment(seconds) == EPOCH + timedelta(seconds=seconds)


def test_what_is_no_day_stays_a_number() -> None:
    """A number beyond every calendar, and what is none."""
    for value in (1e300, -1e300, float("inf"), float("nan"), True, None, "text", b"data"):
        assert moment(value) is value


def test_only_entities_have_dates() -> None:
    """The same type in a table of somebody else's is a number: it counts from another day."""
    types = {"z_pk": "INTEGER", "z_ent": "INTEGER", "z_opt": "INTEGER", "zborn": "TIMESTAMP", "zage": "FLOAT"}

    assert date_columns(list(types), types) == {"zborn"}
    assert date_columns(["id", *types], types) == frozenset()


def database(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE ZPERSON {ENTITY}")
        connection.execute("CREATE INDEX ZBORN ON ZPERSON (ZBIRTHDATE)")
        connection.execute("CREATE TABLE other (id INTEGER PRIMARY KEY, born TIMESTAMP)")
        connection.execute("INSERT INTO ZPERSON VALUES (1, 1, 1, -311040000, 34.5, 'Jane')")
        connection.execute("INSERT INTO ZPERSON VALUES (2, 1, 1, 703259921.5, NULL, 'Joe')")
        connection.execute("INSERT INTO ZPERSON VALUES (3, 1, 1, NULL, NULL, NULL)")
        connection.execute("INSERT INTO other VALUES (1, -311040000)")
        connection.commit()
    return path.read_bytes()


def test_dates_of_a_store_are_given_as_days(tmp_path: Path) -> None:
    """A date of birth is searched with its key, and leads back to the number that it is kept as."""
    document = Document(database(tmp_path / "Model.sqlite"))
    told = {value.steps: value.value for value in Sqlite().decode(document, LIMITS)}
    born = datetime(1991, 2, 23, tzinfo=UTC)

    assert told["ZPERSON", 1, "ZBIRTHDATE"] == born
    assert told["ZPERSON", 2, "ZBIRTHDATE"] == datetime(2023, 4, 15, 13, 58, 41, 500000, tzinfo=UTC)
    assert told["ZPERSON", 3, "ZBIRTHDATE"] is None
    assert told["ZPERSON", 1, "ZAGE"] == 34.5
    assert told["other", 1, "born"] == -311040000

    pairs = {}
    for piece in Sqlite().expand(document, re.compile(rb"birth"), LIMITS):
        ends = [start - 1 for start, _ in piece.anchors[1:]] + [len(piece.data)]
        for (start, offset), end in zip(piece.anchors, ends, strict=True):
            pairs[piece.data[start:end]] = offset
    at = pairs[b"ZBIRTHDATE\x1f" + as_bytes(born)]
    (place,) = Sqlite().locate(document, [at], LIMITS)
    assert (place.steps, place.value) == (("ZPERSON", 1, "ZBIRTHDATE"), as_bytes(born))
