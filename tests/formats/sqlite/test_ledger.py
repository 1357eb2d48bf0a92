"""Every byte of every part is accounted for, once."""

from itertools import pairwise
from typing import Any

from harness.errors import FormatError
from harness.formats.sqlite import Database, Sqlite, Table
from harness.limits import Limits
from harness.model import Document, Ledger, Share


def shares(sqlite: Sqlite, document: Document) -> dict[Share, int]:
    return sqlite.account(document, Limits()).totals()


def test_the_ledger_covers_every_byte(databases: tuple[Any, ...], sqlite: Sqlite) -> None:
    """Spans are sorted, disjoint and leave nothing out, of damaged databases too."""
    for each in databases:
        ledger = sqlite.account(each.document, Limits())
        assert set(ledger.parts) == {"", *each.document.sidecars}
        for part, spans in ledger.parts.items():
            assert spans[0].start == 0
            assert spans[-1].end == len(each.document.part(part))
            assert all(left.end == right.start for left, right in pairwise(spans)), each.path


def test_a_sound_database_holds_nothing_unknown(databases: tuple[Any, ...], sqlite: Sqlite) -> None:
    """Where nothing is damaged, every page belongs to something."""
    sound = 0
    for each in databases:
        try:
            list(sqlite.decode(each.document, Limits()))
        except FormatError:
            continue
        found = shares(sqlite, each.document)
        assert not found.get(Share.FAILED), each.path
        sound += not found.get(Share.UNKNOWN)
    assert sound >= 0.8 * len(databases)


def test_free_pages_and_sidecars_have_their_shares(sqlite: Sqlite) -> None:
    """What was deleted is free, a log's heads are structure, its pages that count are decoded."""
    table = Table(name="t", columns=(("a", "TEXT"),), rows=tuple((f"row {n} " * 50,) for n in range(100)))
    content = Database(
        tables=(table,), script=("DELETE FROM t WHERE rowid > 20",), wal_script=("UPDATE t SET a = 'x'",)
    )
    document = sqlite.encode(content)
    document = Document(document.data, {**document.sidecars, "-shm": bytes(32768)})

    ledger = sqlite.account(document, Limits())

    assert {span.share for span in ledger.parts[""]} == {Share.STRUCTURE, Share.DECODED, Share.FREE}
    assert {span.share for span in ledger.parts["-wal"]} == {Share.STRUCTURE, Share.DECODED, Share.FREE}
    assert {span.share for span in ledger.parts["-shm"]} == {Share.STRUCTURE}


def test_a_damaged_page_has_failed(sqlite: Sqlite) -> None:
    """A page of a table that cannot be read as one is not passed off as free."""
    table = Table(name="t", columns=(("a", "TEXT"),), rows=(("x" * 100,),))
    data = bytearray(sqlite.encode(Database(tables=(table,))).data)
    data[4096:4106] = b"\xff" * 10
    ledger = sqlite.account(Document(bytes(data)), Limits())

    assert ledger.totals()[Share.FAILED] == 4096
    assert ledger.fault == "page 2 is no page of its tree"


def test_what_stops_decoding_has_failed(databases: tuple[Any, ...], sqlite: Sqlite) -> None:
    """Of databases that somebody damaged on purpose too, and of no others."""
    for each in databases:
        try:
            list(sqlite.decode(each.document, Limits()))
            is_sound = True
        except FormatError:
            is_sound = False

        ledger = sqlite.account(each.document, Limits())

        assert (Share.FAILED not in ledger.totals()) == is_sound == (not ledger.fault), each.path


def damaged(sqlite: Sqlite, content: Database, *changes: tuple[int, bytes]) -> Ledger:
    """The ledger of a database with some bytes changed."""
    data = bytearray(sqlite.encode(content).data)
    for at, changed in changes:
        data[at : at + len(changed)] = changed
    return sqlite.account(Document(bytes(data)), Limits())


NOTES = Database(
    tables=(
        Table(
            name="notes",
            columns=(("id", "INTEGER PRIMARY KEY"), ("body", "TEXT")),
            rows=((1, "first"), (2, "long " * 800)),
        ),
    ),
    page_size=1024,
)


def test_a_cell_that_leads_out_of_its_page_fails_the_page(sqlite: Sqlite) -> None:
    """SQLite refuses such a page as a whole."""
    ledger = damaged(sqlite, NOTES, (1024 + 8, b"\x03\xff"))

    assert ledger.totals()[Share.FAILED] == 1024
    assert "cell" in ledger.fault or "overlap" in ledger.fault


def test_a_record_that_is_longer_than_its_cell_fails_the_page(sqlite: Sqlite) -> None:
    """The text of the first row claims one byte more than there is."""
    data = bytes(sqlite.encode(NOTES).data)
    at = data.index(b"first")
    ledger = damaged(sqlite, NOTES, (at - 1, bytes([data[at - 1] + 2])))

    assert ledger.totals()[Share.FAILED] == 1024
    assert ledger.fault == "a record is not as long as its header says"


def test_a_broken_chain_fails_the_page_of_its_cell(sqlite: Sqlite) -> None:
    """The first overflow page says that it is the last."""
    data = bytes(sqlite.encode(NOTES).data)
    third = data[2 * 1024 : 2 * 1024 + 4]
    ledger = damaged(sqlite, NOTES, (2 * 1024, bytes(4)))

    assert third != bytes(4)
    assert ledger.totals()[Share.FAILED] == 1024
    assert ledger.fault == "a chain of overflow pages is broken"


def test_a_file_that_was_cut_between_pages_has_failed(sqlite: Sqlite) -> None:
    """What is missing has no bytes to count: those that are there are counted instead."""
    data = bytes(sqlite.encode(NOTES).data)
    ledger = sqlite.account(Document(data[:-1024]), Limits())

    assert ledger.totals()[Share.FAILED] > 0
    assert ledger.fault


def test_a_schema_that_cannot_be_read_fails_its_page(sqlite: Sqlite) -> None:
    """Without its declaration, a table's columns have no names."""
    data = bytes(sqlite.encode(NOTES).data)
    ledger = damaged(sqlite, NOTES, (data.index(b"("), b" "))

    assert ledger.totals()[Share.FAILED] == 1024
    assert ledger.fault
