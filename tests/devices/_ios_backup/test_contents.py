"""Stored bytes become those of the file again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.devices._contents import IN_MEMORY
from harness.devices._ios_backup.contents import Sealed, decrypted, encrypted, extent
from harness.model import Bytes

KEY = bytes(range(32))


@given(st.binary(max_size=100), st.booleans())
def test_a_file_comes_back(plain: bytes, known: bool) -> None:
    """Whether the manifest tells its size, or its padding does."""
    stored = Bytes(encrypted(KEY, plain))

    size = extent(stored, KEY, len(plain) if known else None)

    assert size == len(plain)
    assert Sealed(stored, KEY, size).read() == plain
    assert decrypted(KEY, bytes(stored.data))[:size] == plain


@pytest.mark.parametrize("more", [-1, 0, 1, 15, 16, 17])
def test_a_large_file_comes_back(more: int) -> None:
    """Through a file without a name."""
    plain = random.Random(3).randbytes(IN_MEMORY + 1000 + more)

    assert bytes(Sealed(Bytes(encrypted(KEY, plain)), KEY, len(plain)).read()) == plain


@given(st.binary(min_size=40, max_size=100), st.integers(0, 1 << 40))
def test_a_size_that_cannot_be_is_not_believed(plain: bytes, told: int) -> None:
    """What is stored decides."""
    stored = Bytes(encrypted(KEY, plain))

    assert extent(stored, KEY, told) <= stored.size
    assert told in range(stored.size - 16, stored.size + 1) or extent(stored, KEY, told) == len(plain)


@given(st.binary(max_size=100), st.integers(0, 200))
def test_what_is_cut_off_gives_what_is_left(plain: bytes, end: int) -> None:
    """Whole blocks of it."""
    stored = Bytes(encrypted(KEY, plain)[:end])
    size = extent(stored, KEY, len(plain))

    assert (bytes(Sealed(stored, KEY, size).read()) + bytes(16)).startswith(plain[: end // 16 * 16][:size])
