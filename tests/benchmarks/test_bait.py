"""The bait is nobody's, the same for the same seed, and next to nothing of it is believed."""

import pytest

from benchmarks import bait
from harness import registry
from harness.detectors.base import Detector
from harness.scan.scanner import Scanner

SCANNER = Scanner({}, registry.load("detectors", Detector))
SIZE = 400_000


@pytest.mark.parametrize("kind", bait.KINDS)
def test_look_alikes_are_not_believed(kind: str) -> None:
    """Guesses are listed, as bare numbers that pass the checksum of cards; that is all."""
    believed, guessed = bait.counted(SCANNER, kind, SIZE, 7)

    assert believed.total() == 0
    assert not guessed or kind in {"counts and row ids", "digests"}


@pytest.mark.parametrize("kind", bait.KINDS)
def test_the_same_seed_gives_the_same_bait(kind: str) -> None:
    """Of the size that was asked for, and a line more at most."""
    text = "".join(bait.lines(kind, 10_000, 3))

    assert text == "".join(bait.lines(kind, 10_000, 3))
    assert text != "".join(bait.lines(kind, 10_000, 4))
    assert 10_000 <= len(text) < 12_000
