"""The checksum and the compression of LevelDB, by their published examples and by round trips."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.encodings.crc32c import crc32c, masked, mismatches
from harness.encodings.snappy import compress, decompress, elements
from harness.errors import FormatError, LimitError


@pytest.mark.parametrize(
    ("data", "crc"),
    [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E)],
)
def test_the_checksum_is_that_of_rfc_3720(data: bytes, crc: int) -> None:
    """Of its appendix B.4."""
    assert crc32c(data) == crc


@given(st.lists(st.integers(0, 700), max_size=12), st.integers(0, 2**32))
def test_checksums_side_by_side_equal_those_one_by_one(sizes: list[int], seed: int) -> None:
    """Of stretches of any length; one that is wrong is named."""
    data = random.Random(seed).randbytes(sum(sizes))
    stretches, at = [], 0
    for size in sizes:
        stretches.append((at, at + size, masked(crc32c(data[at : at + size]))))
        at += size
    wrong = [(start, end, crc ^ (number % 3 == 0)) for number, (start, end, crc) in enumerate(stretches)]

    assert mismatches(data, stretches) == set()
    assert mismatches(data, wrong) == set(range(0, len(sizes), 3))


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text("abc", max_size=3000).map(str.encode),
        st.binary(max_size=9).map(lambda b: b * 90),
    )
)
def test_what_is_compressed_is_unpacked(data: bytes) -> None:
    """And its elements stand for all of it, one after the other."""
    packed = compress(data)
    starts, outs, literals = elements(packed, 0, len(packed))

    assert decompress(packed, 0, len(packed), 1 << 20) == data
    assert (starts[-1], outs[-1]) == (len(packed), len(data))
    for out, end, literal in zip(outs, outs[1:], literals, strict=False):
        if literal:
            assert packed[literal : literal + end - out] == data[out:end]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_unpacking(data: bytes) -> None:
    """They are unpacked, or refused."""
    try:
        content = decompress(data, 0, len(data), 1 << 16)
    except FormatError:
        return
    assert len(content) <= 1 << 16


def test_a_length_is_not_believed() -> None:
    """Nothing is allocated for it."""
    with pytest.raises(LimitError):
        decompress(b"\xff\xff\xff\xff\x0f\x00a", 0, 7, 1 << 20)
