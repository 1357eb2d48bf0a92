"""The raw lane is given what no search of the file's bytes would find."""

import re

import pytest

from harness.formats.base import Piece
from harness.formats.sqlite import Database, Sqlite, Table
from harness.limits import Limits
from harness.model import Document

NOTHING = re.compile(rb"(?!)")
SECRET = "jane.roe@example.org"


def offset_of(piece: Piece, at: int) -> int:
    """The offset in the part of byte `at` of a piece."""
    here, there = [anchor for anchor in piece.anchors if anchor[0] <= at][-1]
    return there + (at - here if piece.exact else 0)


def cut_values(encoding: str = "UTF-8", *, log: bool = False) -> Database:
    """Texts of all lengths with an address at their end: some are cut by an overflow page, some within it."""
    columns = (("id", "INTEGER PRIMARY KEY"), ("Body", "TEXT"))
    rows = tuple((n, "." * (n * 7) + SECRET) for n in range(1, 300))
    touched = ("UPDATE t SET Body = 'short' WHERE id % 50 = 0",) if log else ()
    return Database(
        tables=(Table(name="t", columns=columns, rows=rows),), page_size=512, encoding=encoding, wal_script=touched
    )


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
@pytest.mark.parametrize("log", [False, True])
def test_values_that_a_page_ends_within_are_whole(encoding: str, *, log: bool, sqlite: Sqlite) -> None:
    """Each such value comes once, under its column's name, and leads back to itself."""
    document = sqlite.encode(cut_values(encoding, log=log))
    pieces = list(sqlite.expand(document, NOTHING, Limits()))
    decoded = {v.steps: v.value for v in sqlite.decode(document, Limits())}

    assert len(pieces) > 100
    for piece in pieces:
        key, _, text = piece.data.partition(b"\x1f")
        at = piece.data.index(SECRET.encode())
        (place,) = sqlite.locate(document, [offset_of(piece, at)], Limits(), part=piece.part)
        assert key == b"Body"
        assert place.value == text == str(decoded[place.steps]).encode()
        if piece.exact:
            assert place.value[place.offset :].startswith(SECRET.encode())


def test_every_address_is_found_raw_or_in_a_piece(sqlite: Sqlite) -> None:
    """Between them, the file and its pieces hide no value."""
    document = sqlite.encode(cut_values())
    found = {
        place.steps
        for piece in (Piece(bytes(document.data), exact=True), *sqlite.expand(document, NOTHING, Limits()))
        for match in re.finditer(SECRET.encode(), piece.data)
        for place in sqlite.locate(document, [offset_of(piece, match.start())], Limits(), part=piece.part)
    }

    assert found == {("t", n, "Body") for n in range(1, 300)}


def numbers() -> Database:
    columns = (
        ("Phone", "INTEGER PRIMARY KEY"),
        ("Latitude", "REAL"),
        ("phone_2", ""),
        ("other", "INT"),
        ("phone3", ""),
    )
    rows = ((4155550132, 37.4219, -1, 5, "text"), (447700900123, 2.0, 1, 6, 0), (7, None, None, 7, 9.5))
    return Database(
        tables=(
            Table(name="t", columns=columns, rows=rows),
            Table(name="k", columns=columns, rows=rows, without_rowid=True),
        )
    )


def test_telling_numbers_are_rendered(sqlite: Sqlite) -> None:
    """Numbers and short texts of columns with a telling name come as text, and lead back to row and column."""
    document = sqlite.encode(numbers())
    found = set()
    for piece in sqlite.expand(document, re.compile(rb"phone|latitude"), Limits()):
        at = 0
        for item in piece.data.split(b"\x1e"):
            key, _, text = item.partition(b"\x1f")
            (place,) = sqlite.locate(document, [offset_of(piece, at + len(key) + 1)], Limits(), part=piece.part)
            assert (place.key.encode(), place.value) == (key, text)
            found.add((place.steps, text.decode()))
            at += len(item) + 1

    expected = {
        (v.steps, str(v.value))
        for v in sqlite.decode(document, Limits())
        if isinstance(v.value, int | float | str) and v.key in ("Phone", "Latitude", "phone_2", "phone3")
    }
    assert found == expected


def test_the_cap_on_expansion_holds(sqlite: Sqlite) -> None:
    """No more is given than the limits allow, and a document that is none gives nothing."""
    document = sqlite.encode(cut_values())
    pieces = list(sqlite.expand(document, NOTHING, Limits(expanded_bytes=3000)))

    assert 0 < sum(len(piece.data) for piece in pieces) <= 3000
    assert not list(sqlite.expand(Document(b"nothing"), NOTHING, Limits()))
