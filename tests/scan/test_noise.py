"""Chance gives no findings, and what is stored is found where it looks least like it."""

import math
import random

import pytest

from harness import registry
from harness.detectors.base import Detector, Window
from harness.formats.base import Format
from harness.model import Artifact, Bytes, Facts
from harness.persona import Persona
from harness.scan.noise import is_noise, text_around
from harness.scan.scanner import Scanner

FORMATS, DETECTORS = registry.load("formats", Format), registry.load("detectors", Detector)
SCANNER = Scanner(FORMATS, DETECTORS)
NOISY = tuple(name for name, each in DETECTORS.items() if each.least_in_noise)
MIB = 1 << 20
TEXTS = (
    b'{"name":"Jane Roe","mail":"jane@example.org","n":[1,2,3]}' * 9,
    "Жанна Ро живёт в городе, которого нет на карте. ".encode() * 9,
    "她住在一个地图上没有的城市里，每天写信给朋友们，讲述那里发生的一切。".encode() * 9,
    bytes(range(100)) * 6,
    b"\x00\x01\x02abc" * 100,
)


def found(data: bytes, scanner: Scanner = SCANNER, *, deep: bool = False) -> list[bytes]:
    (item,) = scanner.scan(
        [Artifact(facts=Facts(path="cache.bin", size=len(data)), content=Bytes(data))], deep=lambda _facts: deep
    )
    return [hit.value for hit in getattr(item, "hits", ())]


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("size", [64, 256, 512, 4096])
def test_random_bytes_look_random(seed: int, size: int) -> None:
    """As do their beginnings and ends."""
    data = noise(seed, size)

    assert all(is_noise(data, at) for at in (0, size // 2, size - 1))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_stored_does_not(text: bytes) -> None:
    """Neither text in any script, nor numbers, nor a few bytes of which nothing can be told."""
    assert not any(is_noise(text, at) for at in range(0, len(text), 7))
    assert not is_noise(noise(1, 600), 300, 290, 310)


def test_text_around_a_match_is_counted_up_to_its_reach() -> None:
    """A match that is no ASCII stands in no such row."""
    data = b"\xff1234567\x00"

    assert text_around(data, 3, 5, 0, len(data), reach=9) == 7
    assert text_around(data, 3, 5, 0, len(data), reach=2) == 6
    assert text_around(data, 3, 5, 2, 6, reach=9) == 4
    assert text_around(data, 0, 5, 0, len(data), reach=9) == 0


@pytest.mark.parametrize("name", NOISY)
def test_ten_gigabytes_of_noise_give_less_than_one(name: str) -> None:
    """By computation: how many rows of printable characters there are, times how many of them hold a value."""
    dice, detector = random.Random(7), DETECTORS[name]
    least, count = detector.least_in_noise, 60_000
    held = 0
    for _ in range(count):
        row = bytearray(dice.choices(range(0x20, 0x7F), k=least))
        row[dice.randrange(least)] = ord("@")  # without one there is no address; one row in 95 / least has one
        held += any(True for _ in detector.confirm(Window(bytes(row), 0, least, 0, least)))

    assert held
    assert 1e10 * (95 / 256) ** least * (least / 95) * held / count < 1


@pytest.mark.parametrize("deep", [False, True])
def test_chance_is_not_reported(deep: bool) -> None:
    """A file, a blob in a database and what base64 hides are one to it: each of these bytes looks like an address."""
    chance = [b"\x01z@m.mu\x02", "\xde".encode() + b"J@w.rh\x00", b"\xff668sy@g.iv\x80"]
    data = b"".join(noise(number, 3000) + each for number, each in enumerate(chance)) + noise(9, 3000)

    assert found(data, deep=deep) == []


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("stored", [b"jo@example.de", b"user=z@m.mu;name=Zoe", b"jane.roe@example.org"])
def test_what_is_stored_is_reported(stored: bytes, deep: bool) -> None:
    """The short address among bytes that do not look random, the long row of text wherever it is."""
    plain = b"\x00\x07\x00\x01" * 500
    surrounding = noise(3, 3000) if len(stored) >= 16 else plain

    assert len(found(surrounding + b"\x00" + stored + b"\x00" + surrounding, deep=deep)) == 1


def test_the_seeded_person_is_found_in_noise() -> None:
    """That is no guess, however short."""
    scanner = Scanner(FORMATS, DETECTORS, persona=Persona(email="z@m.mu"))

    assert found(noise(1, 5000) + b"\x00z@m.mu\x00" + noise(2, 5000), scanner) == [b"z@m.mu"]


def test_a_megabyte_of_noise_gives_nothing() -> None:
    """In that of seed 6, an address came about by chance."""
    assert [value for seed in (0, 6) for value in found(noise(seed, MIB))] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_sixty_four_megabytes_of_noise_give_nothing() -> None:
    """Five addresses came about by chance in these."""
    assert [value for seed in range(8) for value in found(noise(seed, 8 * MIB))] == []


def test_the_expectation_is_that_of_random_draws() -> None:
    """221 different ones of 512, as the limit assumes."""
    seen = [len(set(noise(seed, 512))) for seed in range(200)]

    assert math.isclose(sum(seen) / len(seen), 256 * (1 - math.exp(-2)), rel_tol=0.01)
