"""Every byte of every part is accounted for, once."""

from itertools import pairwise
from typing import Any

from harness.errors import FormatError
from harness.formats.sqlite import Database, Sqlite, Table
from harness.limits import Limits
from harness.model import Document, Share


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
    found = shares(sqlite, Document(bytes(data)))

    assert found.get(Share.UNKNOWN, 0) + found.get(Share.FAILED, 0) >= 4096
