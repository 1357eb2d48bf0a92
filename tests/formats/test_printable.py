"""Unknown bytes: every run of text is found, at its own offset, however the bytes around it look."""

import random
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.formats.base import Format, as_bytes
from harness.formats.printable import Printable
from harness.limits import Limits
from harness.model import Document, Share
from harness.registry import load

FORM = Printable()
LIMITS = Limits()
MULTIBYTE = (
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
NARROW = re.compile(rb"(?:[\t\n\r\x20-\x7e]|" + MULTIBYTE + rb")+")
WIDE = re.compile(rb"(?:[\t\n\r\x20-\x7e\xa0-\xff]\x00){6,}")
PART = st.one_of(
    st.binary(max_size=12),
    st.text(max_size=12).map(lambda text: text.encode("utf-8", "replace")),
    st.text(st.characters(max_codepoint=0xFF), max_size=12).map(lambda text: text.encode("utf-16-le")),
    st.sampled_from((b"\x00", b"\x00\x00", b"jane@example.org", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80")),
)


def oracle(data: bytes) -> list[tuple[int, str]]:
    """The runs by regular expressions: slow, and plain to see. No wide run takes a byte of a character of UTF-8."""
    masked = re.sub(MULTIBYTE, lambda found: b"\x01" * len(found[0]), data)
    wide = [(run.start(), run[0].decode("utf-16-le")) for run in WIDE.finditer(masked)]
    narrow = bytearray(data)
    for start, text in wide:
        narrow[start : start + 2 * len(text)] = bytes(2 * len(text))
    runs = [(run.start(), run[0]) for run in NARROW.finditer(bytes(narrow))]
    return sorted(wide + [(start, run.decode("utf-8")) for start, run in runs if len(run) >= 6])


@given(parts=st.lists(PART, max_size=10))
def test_runs_are_those_of_the_plain_rule(parts: list[bytes]) -> None:
    """Fast and slow agree on any mix of text, wide text and noise."""
    data = b"".join(parts)

    assert [(v.steps[0], v.value) for v in FORM.decode(Document(data), LIMITS)] == oracle(data)


@given(seed=st.integers(0, 1000), size=st.integers(0, 3000))
def test_a_byte_is_located_as_it_is_decoded(seed: int, size: int) -> None:
    """The runs round one byte are the same as the runs of the whole document."""
    dice = random.Random(seed)
    data = b"".join(
        dice.choice((dice.randbytes(9), b"text & more", "wide ï".encode("utf-16-le"))) for _ in range(size // 9)
    )
    decoded = {(v.steps, as_bytes(v.value)) for v in FORM.decode(Document(data), LIMITS)}
    offsets = [dice.randrange(len(data)) for _ in range(20)] if data else []

    together = FORM.locate(Document(data), offsets, LIMITS)

    for offset, place in zip(offsets, together, strict=True):
        assert FORM.locate(Document(data), [offset], LIMITS) == [place]
        assert not place.value or (place.steps, place.value) in decoded


def test_runs_cross_chunks_and_long_ones_come_in_parts() -> None:
    """Documents are read in pieces of some MiB; no run is cut by that, only by its own length."""
    text = "é" * 700_000
    data = b"\x01" * 4_194_000 + b"x" * 400 + b"\x00\x01" + text.encode() + b"\x00" + "wide text".encode("utf-16-le")
    values = list(FORM.decode(Document(data), LIMITS))

    assert [len(str(value.value)) for value in values] == [400, 524288, 175712, 9]
    (place,) = FORM.locate(Document(data), [len(data) - 2], LIMITS)
    assert (place.steps, place.value, place.offset) == (values[-1].steps, b"wide text", 8)


def test_wide_runs_are_given_to_the_raw_lane() -> None:
    """With their offset, at which they are located."""
    data = b"\x00\x01\x02" + "jane@example.org".encode("utf-16-le") + b"\x00\x01narrow text"
    (piece,) = FORM.expand(Document(data), re.compile(b"x"), LIMITS)

    assert (piece.data, piece.anchors) == (b"jane@example.org", ((0, 3),))


def test_unknown_files_of_others_are_read(shared_corpus: Path | None, own_corpus: Path) -> None:
    """Whatever no format knows gives runs and a ledger; nothing that is decoded is missing from the file."""
    formats = load("formats", Format)
    root = shared_corpus or own_corpus
    folders = [
        root / name
        for name in ("mmkv", "realm", "kv-fixtures", "datastore", "sqlite-residue")
        if (root / name).is_dir()
    ]
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()][:120]
    assert files
    for file in files:
        data = file.read_bytes()[:60_000]
        assert max(form.sniff(data[:4096], len(data)) for form in formats.values()) >= 0.01
        values = list(FORM.decode(Document(data), LIMITS))
        narrow = sum(len(as_bytes(value.value)) for value in values)
        assert FORM.account(Document(data), LIMITS).totals().get(Share.DECODED, 0) >= narrow - len(data) // 2
        assert [(v.steps[0], v.value) for v in values] == oracle(data)
