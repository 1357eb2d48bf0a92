"""The array operations against an expression, over any bytes."""

import random
import re

import pytest

from harness.scan.hex_blocks import BLOCK, find, sieves

ROW = b"00112233445566778899aabbccddeeff"


@pytest.mark.parametrize("lead", range(40))
@pytest.mark.parametrize("tail", [b"", b"z", b"zz" * 20, b"0"])
def test_a_row_is_found_at_any_place(lead: int, tail: bytes) -> None:
    """Its first eighth byte, whether or not anything follows."""
    data = b"-" * lead + ROW[:16] + tail

    assert [at for at in find(data, len(data), sieves([ROW[:16]])) if lead <= at < lead + BLOCK]


@pytest.mark.parametrize("seed", range(30))
def test_every_row_passes_and_little_else(seed: int) -> None:
    """Hex digits of either case, noise and text, over the border of a chunk too."""
    chance = random.Random(seed)
    hexadecimal = b"0123456789abcdefABCDEF"
    parts = [chance.choice((
        chance.randbytes(chance.randrange(50)), bytes(chance.choices(hexadecimal, k=chance.randrange(60))),
        b"text of words " * chance.randrange(5), ROW.upper(), ROW,
    )) for _ in range(60)]  # fmt: skip
    data = chance.randbytes((1 << 18) - 300) + b"".join(parts)
    seen = list(find(data, len(data), sieves([ROW[:16]])))

    for each in re.finditer(ROW, data, re.IGNORECASE):
        assert any(each.start() <= at < each.start() + BLOCK for at in seen)
    assert seen == sorted(seen)
    assert len(seen) <= data.lower().count(ROW) * 2 + 20


def test_a_sieve_shows_no_digits() -> None:
    """It is made of a person's digests."""
    assert ROW.decode()[:8] not in repr(sieves([ROW[:16]]))
