"""How often chance gives a literal, against counting."""

import math
import random
from dataclasses import dataclass

import pytest

from harness.persona.chance import bits_of, chance_hits, is_thin


@dataclass
class Literal:
    """What is asked about."""

    literal: bytes
    caseless: bool = False
    bounded: bool = False


@pytest.mark.parametrize(
    ("literal", "kind", "bits"),
    [
        (b"1234", "digits", 4 * math.log2(10)),
        (b"12ab", "hex", 16),
        (b"12ab", "digits", math.inf),
        (b"a b", "base64", math.inf),
        (b"abcd", "noise", 32),
        (b"\x00\xff", "noise", 16),
    ],
)
def test_bits_are_those_of_the_alphabet(literal: bytes, kind: str, bits: float) -> None:
    """A character that a kind of data never has makes the literal impossible there."""
    assert bits_of(Literal(literal), kind) == bits


def test_either_case_is_twice_as_likely_a_letter() -> None:
    """But not in hex, which is written in one."""
    assert bits_of(Literal(b"ab1", caseless=True), "noise") == 22
    assert bits_of(Literal(b"ab1", caseless=True), "hex") == 12


@pytest.mark.parametrize("caseless", [False, True])
def test_the_model_counts_what_noise_gives(caseless: bool) -> None:
    """Two bytes in ten million of noise, counted."""
    noise = random.Random(7).randbytes(10_000_000)
    found = noise.lower().count(b"qk") if caseless else noise.count(b"qk")
    expected = len(noise) * 2.0 ** -bits_of(Literal(b"qk", caseless), "noise")

    assert abs(found - expected) < 6 * math.sqrt(expected)


def test_longer_is_rarer() -> None:
    """Each digit more is a tenth."""
    assert chance_hits(Literal(b"1" * 20)) < chance_hits(Literal(b"1" * 19)) / 5


@pytest.mark.parametrize(
    ("name", "called", "text", "thin"),
    [
        ("date_of_birth", "plain", "1990-04-17", True),
        ("phone", "digits", "14155550132", True),
        ("phone", "plain", "+1 415 555 0132", False),
        ("card", "digits", "4111111111111111", False),
        ("location", "lat", "37.422131", True),
        ("location", "plain", "37.422131,-122.084801", False),
        ("name", "last name", "Quillfeather", True),
        ("name", "plain", "Jane Roe", False),
        ("passport", "plain", "X00001234", True),
        ("member", "plain", "M-99881", False),
        ("member", "plain", "M-998", True),
    ],
)
def test_what_others_have_too_is_thin(name: str, called: str, text: str, thin: bool) -> None:
    """It counts where a key or another value of the person is near."""
    assert is_thin(name, called, text) is thin
