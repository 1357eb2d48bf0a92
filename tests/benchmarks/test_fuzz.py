"""The hunt finds what it is there to find, says where, and can be repeated."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzz.exercise import peak_and_present
from benchmarks.fuzz.hostile import hostile_by_format
from benchmarks.fuzz.hunt import Bug, Hunt, hunt
from benchmarks.fuzz.mutation import mutated
from benchmarks.fuzz.page import replaced, row, written
from benchmarks.fuzz.seeds import packed, seeds_by_format, unpacked
from harness.errors import FormatError
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, Span, State, Value
from harness.registry import load

SEED = Document(b"any bytes will do")


class Sound(Format):
    """Reads everything as one value."""

    name = "sound"
    title = "Test"
    source = "this file"
    samples = ()

    def sniff(self, head: bytes, size: int) -> float:
        return 0.5

    def account(self, document: Document, limits: Limits) -> Ledger:
        size = len(document.data)
        return Ledger({"": (Span(0, size, Share.DECODED),) if size else ()})

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        return [Place((), State.RAW)] * len(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield Value((), bytes(document.data))

    def encode(self, content: Any) -> Document:
        return Document(content)


class Refuses(Sound):
    """Damage is no bug."""

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from ()
        raise FormatError("damaged")


class Crashes(Sound):
    """Trusts an offset."""

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield Value((), bytes(document.data)[1 << 40])


class Hangs(Sound):
    """Takes no step on."""

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        while True:
            yield from ()


class Forgets(Sound):
    """Leaves the last byte out."""

    def account(self, document: Document, limits: Limits) -> Ledger:
        size = len(document.data)
        return Ledger({"": (Span(0, size - 1, Share.DECODED),) if size > 1 else ()})


class Hoards(Sound):
    """Believes a declared size."""

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield Value((), b"x" * (400 << 20))


@pytest.mark.parametrize("form", [Sound(), Refuses()])
def test_what_is_sound_has_no_bug(form: Format) -> None:
    """Reading and refusing are both in order."""
    found = hunt(form, [SEED], 0.3, seed=1)

    assert found.bugs == []
    assert found.cases > 10
    assert (found.whole > 0) is (type(form) is Sound)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (Crashes(), "IndexError in test_fuzz.py:decode"),
        (Hangs(), "hangs in test_fuzz.py:decode"),
        (Forgets(), "Unkept in"),
    ],
)
def test_what_breaks_is_told_once_with_its_place(form: Format, told: str) -> None:
    """Equal bugs are one; its smallest document is kept."""
    (bug,) = hunt(form, [SEED], 0.3, seed=1, cap=0.1).bugs

    assert bug.where.startswith(told)
    assert bug.trace
    assert bug.case >= 0


def test_memory_out_of_proportion_is_a_bug() -> None:
    """Where the system tells how much a process has."""
    found = hunt(Hoards(), [SEED], 0.3, seed=1)

    assert [bug.where for bug in found.bugs] == (
        ["takes more memory than ten times the input and 200 MiB"] if peak_and_present()[1] else []
    )


@given(seed=st.integers(0, 1 << 32), data=st.binary(max_size=300), side=st.binary(min_size=1, max_size=20))
def test_equal_numbers_give_equal_mutants(seed: int, data: bytes, side: bytes) -> None:
    """So that a bug can be met again."""
    document = Document(data, {"-wal": side})

    assert mutated(document, [SEED], random.Random(seed)) == mutated(document, [SEED], random.Random(seed))


@given(data=st.binary(max_size=50), side=st.binary(min_size=1, max_size=50))
def test_a_document_is_one_run_of_bytes_and_back(data: bytes, side: bytes) -> None:
    """Sidecars included; any other bytes are a document as well."""
    names = ("-wal", "-journal")
    document = Document(data, {"-journal": side})

    assert unpacked(packed(document, names), names) == document
    assert isinstance(unpacked(data, names), Document)


def test_every_format_has_seeds(own_corpus: Path) -> None:
    """Its samples at least; and the hostile ones go to formats that a scan would give them to."""
    formats = load("formats", Format)
    seeds = seeds_by_format(formats, [own_corpus / "android-prefs"])

    assert all(seeds.values())
    assert len(seeds["shared_prefs"]) > len(formats["shared_prefs"].samples)
    assert {name for name, each in hostile_by_format(formats).items() if each} >= {
        "json_text",
        "gzip_file",
        "zip_file",
    }


def test_the_table_names_what_broke_and_stands_between_its_markers(tmp_path: Path) -> None:
    """What stands around it stays; a second run replaces the first."""
    page = tmp_path / "page.md"
    page.write_text("# A\n<!-- fuzz: begin -->\nold\n<!-- fuzz: end -->\nB\n", encoding="utf-8")
    found = Hunt(format="sound", cases=1200, whole=600, seconds=20.0)
    found.note(Bug(where="KeyError in harness/x.py:y", case=3, document=SEED))
    table = written([row(found, 7)], [found])

    replaced(page, table)
    replaced(page, table)

    text = page.read_text(encoding="utf-8")
    assert "| sound | 20 | 7 | 1,200 | 50% | 0 | 0 | 1; KeyError in harness/x.py:y |" in text
    assert text.endswith("1 parsers, 1,200 inputs in 20 seconds, 1 findings.\n\n<!-- fuzz: end -->\nB\n")
    assert "old" not in text
    assert text.count("fuzz: begin") == 1
