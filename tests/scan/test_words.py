"""Sets of places as bits, against sets of places."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scan.words import Chunk, Words, ahead, behind, followed, pack, positions

PLACES = st.sets(st.integers(0, 191))


def _words(places: set[int]) -> Words:
    return pack(np.isin(np.arange(192), [*places]))


@given(PLACES)
def test_positions_are_those_that_were_packed(places: set[int]) -> None:
    """Ascending, whatever the word."""
    assert positions(_words(places)).tolist() == sorted(places)


@given(PLACES, st.integers(1, 63))
def test_ahead_and_behind_move_across_words(places: set[int], by: int) -> None:
    """A shape may begin in one word and end in the next."""
    assert {*positions(ahead(_words(places), by)).tolist()} == {at - by for at in places if at >= by}
    assert {*positions(behind(_words(places), by)).tolist()} == {at + by for at in places if at + by < 192}


@given(PLACES)
def test_runs_double(places: set[int]) -> None:
    """Steps of 1, 2 and 4 make eight in a row."""
    rows = {at for at in places if all(at + n in places for n in range(8))}

    assert {*positions(followed(_words(places), 1, 2, 4)).tolist()} == rows


CLASSES = {
    "digits": b"0123456789",
    "letters": b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "capitals": b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "hexadecimal": b"0123456789abcdefABCDEF",
    "foreign": bytes(range(128, 256)),
    "odd": bytes(range(1, 256, 2)),
    "high": bytes(byte for byte in range(256) if byte & 2),
    "blanks": b" ", "hyphens": b"-", "dots": b".", "colons": b":", "slashes": b"/", "signs": b"+/",
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_holds_its_characters(name: str) -> None:
    """All of them, and none of the other bytes."""
    chunk = Chunk(np.arange(256, dtype=np.uint8))

    assert positions(getattr(chunk, name)).tolist() == sorted(CLASSES[name])
