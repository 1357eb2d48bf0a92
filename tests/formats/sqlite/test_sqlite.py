"""The plug-in as a whole: it proves its samples, says where it is cut off, and no damage breaks it."""

import random
import re
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import Format, Sample
from harness.formats.sqlite import Database, Sqlite, Table
from harness.formats.sqlite.samples import SAMPLES
from harness.limits import Limits
from harness.model import Document
from harness.registry import load

LIMITS = Limits(seconds_per_file=5)


def test_it_registers_under_its_name() -> None:
    """The package is the registration."""
    assert isinstance(load("formats", Format)["sqlite"], Sqlite)  # type: ignore[type-abstract]


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples_read_back(sample: Sample, sqlite: Sqlite) -> None:
    """What is written is read, value by value."""
    found = list(sqlite.decode(sqlite.encode(sample.content), LIMITS))

    assert len(found) == len(sample.values)
    assert {(v.steps, repr(v.value)) for v in found} == {(v.steps, repr(v.value)) for v in sample.values}


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("eighths", range(1, 8))
def test_a_file_that_is_cut_off_says_so(sample: Sample, eighths: int, sqlite: Sqlite) -> None:
    """At any of seven places: less is never read as all."""
    document = sqlite.encode(sample.content)
    cut = Document(bytes(document.data)[: len(document.data) * eighths // 8], document.sidecars)

    with pytest.raises(FormatError):
        list(sqlite.decode(cut, LIMITS))


def test_only_databases_are_claimed(sqlite: Sqlite) -> None:
    """By the file header; noise, text and encrypted databases are not."""
    document = sqlite.encode(Database(tables=(Table(name="t", columns=(("a", ""),)),)))
    noise = random.Random(3).randbytes(4096)

    assert sqlite.sniff(bytes(document.data[:4096]), len(document.data)) == 1.0
    for head in (b"", b"SQLite format 3\x00", b"SQLite format 3\x00\x03\x00" + bytes(100), noise, b"text" * 100):
        assert sqlite.sniff(head, len(head)) == 0.0


def test_content_that_sqlite_refuses_is_an_error(sqlite: Sqlite) -> None:
    """Its errors do not leave the plug-in, and no value is in the message."""
    twice = Table(name="t", columns=(("a", "PRIMARY KEY"),), rows=(("jane.roe@example.org",),) * 2)
    for content in (Database(tables=(twice,)), Database(encoding="latin-1"), "no content"):
        with pytest.raises(FormatError) as caught:
            sqlite.encode(content)
        assert "jane" not in str(caught.value)


def whole(sqlite: Sqlite, document: Document) -> None:
    """Ask everything of a document; only format errors may come out, and only where the port allows them."""
    with suppress(FormatError):
        list(sqlite.decode(document, LIMITS))
    for part in ("", *document.sidecars):
        size = len(document.part(part))
        assert len(sqlite.locate(document, range(0, size, max(1, size // 60)), LIMITS, part=part)) >= min(size, 60)
    list(sqlite.expand(document, re.compile(rb"lat|id|n"), LIMITS))
    try:
        ledger = sqlite.account(document, LIMITS)
    except FormatError:
        return
    for part, spans in ledger.parts.items():
        assert sum(span.end - span.start for span in spans) == len(document.part(part))


def subjects() -> list[Document]:
    busy = Database(
        tables=(
            Table(
                name="t",
                columns=(("id", "INTEGER PRIMARY KEY"), ("body", "TEXT"), ("lat", "REAL")),
                rows=tuple((n, "x" * (n * 37 % 900), n / 3) for n in range(60)),
            ),
            Table(
                name="k", columns=(("a", "TEXT PRIMARY KEY"), ("n", "")), rows=(("q" * 700, 1),), without_rowid=True
            ),
        ),
        script=("CREATE INDEX i ON t(body)", "DELETE FROM t WHERE id % 4 = 1"),
        wal_script=("UPDATE t SET body = 'new' WHERE id < 9",),
        page_size=512,
        auto_vacuum=2,
    )
    return [Sqlite().encode(content) for content in (busy, *(sample.content for sample in SAMPLES[:3]))]


SUBJECTS = subjects()
places = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12)


@settings(max_examples=80, deadline=4000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.integers(0, len(SUBJECTS) - 1),
    flips=places,
    near=places,
    log=places,
    keep=st.floats(0.05, 1),
)
def test_no_damage_breaks_it(
    which: int, flips: list[tuple[float, int]], near: list[tuple[float, int]], log: list[tuple[float, int]],
    keep: float, sqlite: Sqlite,
) -> None:  # fmt: skip
    """Bytes changed anywhere, more of them in the headers of pages, and the end cut off: an answer or an error."""
    data = bytearray(SUBJECTS[which].data)
    for place, byte in flips:
        data[int(place * len(data))] = byte
    for place, byte in near:
        at = int(place * len(data) / 512) * 512 + int(place * 1e6) % 40
        data[min(at, len(data) - 1)] = byte
    sidecars = {}
    if SUBJECTS[which].sidecars:
        wal = bytearray(SUBJECTS[which].sidecars["-wal"])
        for place, byte in log:
            wal[int(place * len(wal))] = byte
        sidecars = {"-wal": bytes(wal), "-journal": bytes(wal[:700]), "-shm": bytes(100)}

    whole(sqlite, Document(bytes(data[: int(len(data) * keep)]), sidecars))


def page(kind: int, cells: list[int], body: bytes, *, right: int = 0, size: int = 512) -> bytes:
    """A page of a b-tree by hand."""
    head = bytes([kind, 0, 0, *len(cells).to_bytes(2, "big"), 0, 0, 0])
    head += right.to_bytes(4, "big") if kind in (2, 5) else b""
    head += b"".join(at.to_bytes(2, "big") for at in cells)
    return head + bytes(size - len(head) - len(body)) + body


def crafted(*pages: bytes) -> Document:
    """A database of one table `t` with root page 2, and pages by hand from there."""
    first = bytes(
        Sqlite().encode(Database(tables=(Table(name="t", columns=(("a", ""),)),), page_size=512)).data[:512]
    )
    data = bytearray(first + b"".join(pages))
    data[28:32] = (len(data) // 512).to_bytes(4, "big")
    return Document(bytes(data))


LOOPS = {
    "a page that is its own child": crafted(page(5, [], b"", right=2)),
    "two pages that are each other's": crafted(page(5, [], b"", right=3), page(5, [], b"", right=2)),
    "all cells the same child": crafted(page(5, [507] * 200, b"\0\0\0\2\1", right=2)),
    "a chain that bites its tail": crafted(
        page(13, [450], bytes([0x9F, 0x00, 1]) + b"x" * 55 + (3).to_bytes(4, "big")),
        (3).to_bytes(4, "big") + bytes(508),
    ),
    "cells that are one cell": crafted(page(13, [300] * 140, bytes([0x81, 0x00, 1, 3, 0x81, 0x77]) + b"x" * 206)),
    "an endless payload": crafted(page(13, [450], b"\xff" * 62)),
}


@pytest.mark.parametrize("loop", LOOPS)
def test_loops_end(loop: str, sqlite: Sqlite) -> None:
    """Cycles in trees and chains are seen, and said."""
    began = time.process_time()
    whole(sqlite, LOOPS[loop])

    with pytest.raises(FormatError):
        list(sqlite.decode(LOOPS[loop], LIMITS))
    assert time.process_time() - began < 3


def test_a_freelist_that_loops_ends(sqlite: Sqlite) -> None:
    """The trunk that names itself as the next is read once."""
    trunk = (3).to_bytes(4, "big") + (1).to_bytes(4, "big") + (3).to_bytes(4, "big") + bytes(500)
    data = bytearray(crafted(page(13, [], b""), trunk).data)
    data[32:36] = (3).to_bytes(4, "big")

    whole(sqlite, Document(bytes(data)))
