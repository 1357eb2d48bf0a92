"""Each parser on hostile files and on mutants of what it reads, in a process of its own: it reads or it refuses.

`make fuzz` does the same for longer. What breaks a parser here is kept there, with how to meet it again.
"""

from pathlib import Path

import pytest

from benchmarks.fuzz.hostile import hostile_by_format
from benchmarks.fuzz.hunt import hunt
from benchmarks.fuzz.seeds import seeds_by_format
from harness.formats.base import Format
from harness.model import Document
from harness.registry import load

FORMATS = load("formats", Format)
SECONDS = 6.0
"""For each parser."""


@pytest.fixture(scope="module")
def seeds(own_corpus: Path, shared_corpus: Path | None) -> dict[str, list[Document]]:
    """Samples and files of the corpora, behind what is hostile from the start."""
    hostile = hostile_by_format(FORMATS)
    found = seeds_by_format(FORMATS, [own_corpus, *([shared_corpus] if shared_corpus else [])])
    return {name: hostile[name] + each for name, each in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_no_document_breaks_a_parser(name: str, seeds: dict[str, list[Document]]) -> None:
    """No crash, no question that takes longer than the cap, no memory beyond ten times the input and 200 MiB."""
    found = hunt(FORMATS[name], seeds[name], SECONDS, seed=0)

    assert [(bug.where, bug.case, bug.trace) for bug in found.bugs] == []
    assert found.cases
