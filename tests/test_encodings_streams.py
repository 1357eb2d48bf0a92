"""Brotli and Snappy: streams that little or nothing marks, and what proves that they are there."""

import random
import time

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.encodings import peel, snappy
from harness.encodings.crc32c import crc32c, masked
from harness.encodings.snappy_frames import FRAMED, framed, unframed
from harness.encodings.unmarked import begins_unmarked, unbrotli, unmarked

LIMIT = 1 << 20
WORDS = st.text('abcdefghijklmnopqrstuvwxyzABCDEFGHIJ 0123456789@.{}":,é€', min_size=40, max_size=400).map(str.encode)


def chunk(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "little") + body


def plain(data: bytes) -> bytes:
    return chunk(1, masked(crc32c(data)).to_bytes(4, "little") + data)


@given(text=WORDS, quality=st.integers(0, 11), window=st.sampled_from((10, 16, 18, 22, 24)))
def test_a_value_that_is_a_brotli_stream_is_peeled(text: bytes, quality: int, window: int) -> None:
    """Of any quality and window; not one byte less or more of it."""
    text += b" to jane@example.org" * 3
    packed = brotli.compress(text, quality=quality, lgwin=window)
    (run,) = peel(packed, limit=LIMIT)

    assert (run.layer, run.start, run.end, run.data) == ("brotli", 0, len(packed), text)
    assert [run for run in peel(packed[:-1], limit=LIMIT) if run.layer == "brotli"] == []
    assert [run for run in peel(packed + b"\x00", limit=LIMIT) if run.layer == "brotli"] == []
    assert begins_unmarked(packed, len(packed)) == "brotli"


@given(text=WORDS)
def test_a_value_that_is_a_bare_block_is_peeled(text: bytes) -> None:
    """Where it says how long it is, and that is true."""
    text = text * 2 + "Zoë: jane@example.org, +44 7700 900123".encode() + text
    packed = snappy.compress(text)
    run = unmarked(packed, LIMIT)

    assert run is not None
    assert (run.layer, run.data) == ("snappy", text)
    assert unmarked(packed[:-1], LIMIT) is None


def test_noise_is_neither() -> None:
    """Values of every size; each claim would be an invented one."""
    dice = random.Random(70)
    noise = [dice.randbytes(size) for size in (16, 20, 24, 40, 64, 200, 1000) for _ in range(2000)]

    assert [each for each in noise if unmarked(each, LIMIT)] == []
    assert [each for each in noise if begins_unmarked(each, len(each))] == []
    assert [dice for _ in range(200) if begins_unmarked(dice.randbytes(4096), 1 << 20)] == []


def test_the_head_of_a_long_stream_tells_it() -> None:
    """A scan sees four kilobytes before it chooses."""
    dice = random.Random(7)
    text = " ".join(f"user{dice.randrange(10**9)}@example.org" for _ in range(4000)).encode()

    for name, packed in (("brotli", brotli.compress(text, quality=5)), ("snappy", snappy.compress(text))):
        assert len(packed) > 8192
        assert begins_unmarked(packed[:4096], len(packed)) == name


@pytest.mark.parametrize("size", [1 << 26, 1 << 28])
def test_a_bomb_of_brotli_is_capped(size: int) -> None:
    """A few hundred bytes of it hold as much as one likes."""
    bomb = brotli.compress(b"A" * size, quality=9)
    began = time.process_time()
    data, wrong = unbrotli(bomb, 1 << 16)

    assert len(bomb) < 1000
    assert len(data) == 1 << 16
    assert "more than the limit" in wrong
    assert time.process_time() - began < 1.0


def test_a_block_that_lies_of_its_length_is_refused() -> None:
    """Before anything is unpacked."""
    assert unmarked(b"\xff\xff\xff\xff\x0f\xf0" + b"A" * 60 + b"\xfe\x01\x00" * 20, LIMIT) is None


@given(data=st.binary(max_size=3000))
def test_frames_are_read_back(data: bytes) -> None:
    """Whatever they hold, with skippable chunks, padding and another begin in between."""
    stream = framed(data) + chunk(0xFE, bytes(5)) + chunk(0x80, b"skip") + FRAMED + plain(b"and more")

    assert unframed(stream, LIMIT) == (data + b"and more", len(stream), "")


@pytest.mark.parametrize(
    ("tail", "wrong"),
    [(chunk(0, b"abc"), "checksum"), (chunk(1, bytes(4) + b"jane"), "checksum"),
     (chunk(0, bytes(4) + b"\xff"), "damaged"),
     (b"\x00\xff\xff\xff", "middle"), (b"\x01", "middle"), (plain(bytes(65537)), "larger")],
)  # fmt: skip
def test_damage_costs_what_is_behind_it(tail: bytes, wrong: str) -> None:
    """What was whole before it is given."""
    data, _, told = unframed(framed(b"jane@example.org") + tail, LIMIT)

    assert data == b"jane@example.org"
    assert wrong in told


def test_another_stream_ends_the_first() -> None:
    """Chunks that nobody may skip are not ours."""
    stream = framed(b"jane@example.org")

    assert unframed(stream + chunk(0x02, b"x"), LIMIT) == (b"jane@example.org", len(stream), "")


def test_frames_without_content_come_to_an_end() -> None:
    """Each costs four bytes; a limit on content alone would never be met."""
    assert "more than the limit" in unframed(FRAMED + chunk(0xFE, b"") * (1 << 19), LIMIT)[2]


def test_frames_are_capped() -> None:
    """Each chunk of 64 KiB is stored in three thousand bytes."""
    data, _, wrong = unframed(framed(bytes(1 << 21)), 1 << 17)

    assert len(data) == 1 << 17
    assert "more than the limit" in wrong
