"""gzip and zlib: what is packed is one value, and a bomb costs no more than its limit."""

import gc
import gzip
import re
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from harness.encodings import snappy
from harness.errors import FormatError, LimitError
from harness.formats.gzip_file import GzipFile, Snappy, Zlib
from harness.limits import Limits
from harness.model import Document, Share, State, Value

FORM = GzipFile()
LIMITS = Limits(expanded_bytes=1 << 20)


def decoded(data: bytes) -> list[Value]:
    values: list[Value] = []
    values.extend(FORM.decode(Document(data), LIMITS))
    return values


@given(data=st.binary(max_size=5000), more=st.binary(max_size=100))
def test_any_bytes_survive_a_round_trip(data: bytes, more: bytes) -> None:
    """In either wrapping, and in several members, as `cat a.gz b.gz` makes them."""
    assert decoded(bytes(FORM.encode(data).data)) == [Value(("content",), data)]
    assert decoded(bytes(FORM.encode(Zlib(data)).data)) == [Value(("content",), data)]
    assert decoded(gzip.compress(data) + gzip.compress(more)) == [Value(("content",), data + more)]


@given(size=st.integers(12, 400))
def test_what_comes_before_the_damage_is_kept(size: int) -> None:
    """A stream that was cut off gives its beginning, and says that it was."""
    whole = b"".join(b"%d jane@example.org " % n for n in range(400))
    cut = gzip.compress(whole)[:size]
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(cut), LIMITS))

    assert all(isinstance(value.value, bytes) and whole.startswith(value.value) for value in values)
    assert FORM.account(Document(cut), LIMITS).totals()[Share.FAILED] == size


def test_a_bomb_costs_no_more_than_its_limit() -> None:
    """What was unpacked up to the limit is given, then the limit is told."""
    bomb = gzip.compress(bytes(1 << 26))
    values: list[Value] = []

    with pytest.raises(LimitError):
        values.extend(FORM.decode(Document(bomb), LIMITS))

    assert [len(value.value) for value in values if isinstance(value.value, bytes)] == [LIMITS.expanded_bytes]


def test_bytes_after_the_end_are_told() -> None:
    """They belong to no stream."""
    data = gzip.compress(b"jane@example.org") + b"trailer"

    with pytest.raises(FormatError):
        decoded(data)
    assert FORM.account(Document(data), LIMITS).totals()[Share.FAILED] == len(b"trailer")
    assert FORM.locate(Document(data), [len(data) - 1], LIMITS)[0].state is State.RAW


@pytest.mark.parametrize("level", range(10))
def test_streams_of_every_level_are_known(level: int) -> None:
    """By more than the two bytes of a zlib header, which text and noise have too."""
    data = b"+44 7700 900123 " * 40

    assert FORM.sniff(zlib.compress(data, level)[:4096], 100) > 0.9
    assert FORM.sniff(gzip.compress(data, level)[:4096], 100) > 0.9
    assert FORM.sniff(b"x\x9cjust a line of text", 20) == 0.0


def test_the_content_is_given_to_the_raw_lane() -> None:
    """All of it, and every byte of the file leads to it."""
    document = Document(gzip.compress(b"jane@example.org " * 20))
    (piece,) = FORM.expand(document, re.compile(b"x"), LIMITS)
    (place,) = FORM.locate(document, [10], LIMITS)

    assert piece.data == place.value == b"jane@example.org " * 20
    assert place.steps == ("content",)


def test_only_bytes_can_be_packed() -> None:
    """Anything else is an error of the caller."""
    with pytest.raises(FormatError):
        FORM.encode("text")


@given(data=st.binary(min_size=9, max_size=5000), cut=st.integers(1, 12))
def test_zstandard_is_unpacked_and_its_damage_told(data: bytes, cut: int) -> None:
    """Frames one after the other, as `cat` makes them; what is cut off says so."""
    packed = zstandard.compress(data)
    ledger = FORM.account(Document(packed), LIMITS)

    assert FORM.sniff(packed, len(packed)) > 0.9
    assert decoded(packed + packed) == [Value(("content",), data + data)]
    assert (ledger.fault, ledger.totals()) == ("", {Share.DECODED: len(packed)})
    with pytest.raises(FormatError):
        decoded(packed[: len(packed) - min(cut, len(packed) - 9)])


def test_a_bomb_of_zstandard_costs_no_more_than_its_limit() -> None:
    """Four bytes may say 128 KiB."""
    values: list[Value] = []
    with pytest.raises(LimitError):
        values.extend(FORM.decode(Document(zstandard.compress(bytes(1 << 26))), LIMITS))

    assert [len(value.value) for value in values if isinstance(value.value, bytes)] == [1 << 20]


def _users(count: int) -> bytes:
    """Text that packs badly enough to be long."""
    return b"".join(b"%d: user%d@example.org\n" % (n, n * 7919 % 100003) for n in range(count))


@pytest.mark.parametrize("count", [20, 4000])
@pytest.mark.parametrize("pack", [brotli.compress, snappy.compress])
def test_streams_without_a_mark_are_read(count: int, pack: Callable[[bytes], bytes]) -> None:
    """Believed by what they hold, and by nothing that another format claims."""
    text = _users(count)
    packed = pack(text)

    assert 0.5 < FORM.sniff(packed[:4096], len(packed)) < 0.9
    assert decoded(packed) == [Value(("content",), text)]
    assert FORM.account(Document(packed), LIMITS).totals() == {Share.DECODED: len(packed)}
    (piece,) = FORM.expand(Document(packed), re.compile(b"x"), LIMITS)
    assert piece.data == text


@pytest.mark.parametrize("pack", [brotli.compress, snappy.compress])
def test_a_stream_without_a_mark_that_is_cut_off_says_so(pack: Callable[[bytes], bytes]) -> None:
    """Its head still tells what it is."""
    packed = pack(_users(4000))[:-9]

    with pytest.raises(FormatError):
        decoded(packed)
    assert FORM.account(Document(packed), LIMITS).totals() == {Share.FAILED: len(packed)}


@pytest.mark.parametrize(
    "bomb", [brotli.compress(_users(40) + b"A" * (1 << 26)), bytes(FORM.encode(Snappy(bytes(1 << 22))).data)]
)
def test_bombs_of_other_streams_cost_no_more(bomb: bytes) -> None:
    """Of Brotli's, a kilobyte holds a gigabyte."""
    values: list[Value] = []

    with pytest.raises(LimitError):
        values.extend(FORM.decode(Document(bomb), LIMITS))

    assert [len(value.value) for value in values if isinstance(value.value, bytes)] == [LIMITS.expanded_bytes]


def test_a_damaged_stream_leaves_nothing_behind() -> None:
    """Its fault was raised where all that was unpacked stood; held in a circle, that would wait for the collector."""
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(_users(4000)) + packer.flush(zlib.Z_FULL_FLUSH)
    document = Document(packed + b"\x07")  # a block of no known type
    gc.collect()
    gc.disable()
    try:
        assert FORM.account(document, LIMITS).fault == "the stream is damaged"
        assert gc.collect() == 0
    finally:
        gc.enable()
