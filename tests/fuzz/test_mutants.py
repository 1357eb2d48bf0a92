"""Damaged files, many of them: a bad file costs a line, never the run, and every byte stays accounted for."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import registry
from harness.detectors.base import Detector
from harness.formats.base import Format
from harness.model import Artifact, Bytes, Facts
from harness.persona import demo_persona
from harness.scan.scanner import Scanned, Scanner

FAMILIES = ("android-prefs", "keyed-archives", "sqlite-residue")
SEEDS = range(8)
MUTANTS = 40
"""Of each file, for each seed."""
SECONDS = 15.0
"""A mutant of a small file that takes longer has found a quadratic path. Behind the damage of a dense JSON text each
suspicion is tried in a stretch of its own, at 20 KB a second: docs/performance.md says so."""


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(registry.load("formats", Format), registry.load("detectors", Detector), persona=demo_persona())


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_no_mutant_stops_a_scan(family: str, seed: int, own_corpus: Path, scanner: Scanner) -> None:
    """Bits flipped, bytes cut out, pieces repeated, ends torn off."""
    chance = random.Random(f"{family} {seed}")
    files = [
        path for path in sorted((own_corpus / family).rglob("*")) if path.is_file() and path.stat().st_size < 200_000
    ]
    for path in files:
        for mutant in _mutants(path.read_bytes(), chance):
            artifact = Artifact(facts=Facts(path=path.name, size=len(mutant)), content=Bytes(mutant))
            began = time.process_time()
            (item,) = scanner.scan([artifact], deep=lambda _facts: True)

            assert isinstance(item, Scanned)
            assert sum(item.coverage.shares.values()) == len(mutant)
            assert time.process_time() - began < SECONDS, path.name


def _mutants(data: bytes, chance: random.Random) -> Iterator[bytes]:
    for _ in range(MUTANTS // 8):
        mutant = bytearray(data)
        for _ in range(chance.choice((1, 3, 10))):
            _damage(mutant, chance)
        yield bytes(mutant)


def _damage(mutant: bytearray, chance: random.Random) -> None:
    if not mutant:
        return
    at = chance.randrange(len(mutant))
    span = chance.choice((1, 2, 4, 64, 512))
    match chance.randrange(6):
        case 0:
            mutant[at] ^= 1 << chance.randrange(8)
        case 1:
            mutant[at : at + span] = chance.randbytes(span)
        case 2:
            del mutant[at : at + span]
        case 3:
            mutant[at:at] = mutant[at : at + span]
        case 4:
            mutant[at : at + span] = b"\xff" * span
        case _:
            del mutant[max(at, len(mutant) // 2) :]
