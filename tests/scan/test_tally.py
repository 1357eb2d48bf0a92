"""The ledger in bytes: parts add up, zeros are zeros, and noise is said to look like noise and nothing more."""

import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.detectors.base import Detector
from harness.devices.base import Options
from harness.devices.folder import Folder
from harness.errors import FormatError
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import UNEXPLAINED, Artifact, Document, Ledger, Share, Span, Unread
from harness.pipeline import pair_sidecars
from harness.registry import load
from harness.scan.scanner import Scanner
from harness.scan.tally import tally, totals

FORMATS = load("formats", Format)
LIMITS = Limits(values=200_000, seconds_per_file=10.0, expanded_bytes=1 << 24, piece_bytes=1 << 22)
SUFFIXES = sorted({suffix for form in FORMATS.values() for suffix in form.sidecars})
LARGEST = 1 << 20


def unknown(data: bytes) -> dict[Share, int]:
    """The shares of bytes that no format explains."""
    return totals(tally(Ledger({"": (Span(0, len(data), Share.UNKNOWN),)}), Document(data)))


def assert_adds_up(form: Format, document: Document) -> None:
    """Each part has a share for every byte of it, and no share is empty."""
    try:
        parts = tally(form.account(document, LIMITS), document)
    except FormatError:
        return
    assert set(parts) == {"", *document.sidecars}
    for name, shares in parts.items():
        assert sum(shares.values()) == len(document.part(name)), name
        assert all(size > 0 for size in shares.values())


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), data=st.data())
def test_parts_add_up_in_every_format(name: str, seed: int, data: st.DataObject) -> None:
    """Of samples, whole and damaged, sidecars included."""
    form, dice = FORMATS[name], random.Random(seed)
    document = form.encode(data.draw(st.sampled_from(form.samples)).content)
    parts = {part: bytearray(document.part(part)) for part in ("", *document.sidecars)}
    for stored in parts.values():
        for _ in range(dice.choice((0, 1, 5))):
            at = dice.randrange(len(stored) + 1)
            match dice.randrange(4):
                case 0:
                    stored[at : at + 4] = dice.randbytes(4)
                case 1:
                    del stored[at : at + 40]
                case 2:
                    stored[at:at] = bytes(2000)
                case _:
                    stored[at:at] = dice.randbytes(2000)

    assert_adds_up(form, Document(bytes(parts.pop("")), {part: bytes(stored) for part, stored in parts.items()}))


def corpus_files(root: Path) -> list[Artifact]:
    """Every small file below a folder, with what belongs to it."""
    found = Folder().open(str(root), Options()).collect()
    return [
        artifact
        for artifact in pair_sidecars([each for each in found if not isinstance(each, Unread)], SUFFIXES)
        if artifact.facts.size <= LARGEST
    ]


def assert_all_add_up(artifacts: list[Artifact]) -> None:
    scanner = Scanner(FORMATS, load("detectors", Detector))
    for artifact in artifacts:
        opened = scanner.open(artifact)
        assert not isinstance(opened, Unread)
        assert_adds_up(opened.format, opened.document)


def test_parts_add_up_in_the_corpora(own_corpus: Path) -> None:
    """Of files as real writers left them: one in ten here, all of them in the slow part."""
    assert_all_add_up(corpus_files(own_corpus)[::10])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_parts_add_up_in_all_corpora(own_corpus: Path, shared_corpus: Path | None) -> None:
    """Those that are too large for this repository as well, where they are there."""
    for root in {own_corpus, shared_corpus or own_corpus}:
        assert_all_add_up(corpus_files(root))


@given(
    st.lists(st.tuples(st.sampled_from(("zeros", "ones", "noise", "text", "few")), st.integers(0, 3000)), max_size=8)
)
def test_unknown_bytes_add_up(pieces: list[tuple[str, int]]) -> None:
    """However what is blank, what is noise and what is neither follow each other."""
    dice = random.Random(len(pieces))
    kinds = {
        "zeros": bytes,
        "ones": lambda size: b"\xff" * size,
        "noise": dice.randbytes,
        "text": lambda size: (b"jane@example.org " * size)[:size],
        "few": lambda size: bytes(dice.choice(b"\x01\x02\x80") for _ in range(size)),
    }
    data = b"".join(kinds[kind](size) for kind, size in pieces)

    assert sum(unknown(data).values()) == len(data)


@given(st.integers(16, 5000), st.sampled_from((b"\x00", b"\xff")))
def test_a_run_of_zeros_or_ones_is_padding(size: int, value: bytes) -> None:
    """From the first byte to the last."""
    assert unknown(b"AB" + value * size + b"CD") == {Share.PADDING: size, Share.UNKNOWN: 4}


@pytest.mark.parametrize("size", [256, 1000, 1024, 4096, 100_000])
@pytest.mark.parametrize("seed", range(5))
def test_noise_looks_scrambled(size: int, seed: int) -> None:
    """Ciphertext of any length from 256 bytes on: nearly all of it."""
    assert unknown(random.Random(seed).randbytes(size))[Share.SCRAMBLED] > size * 0.9


def test_what_is_compressed_looks_scrambled() -> None:
    """Its entropy is that of ciphertext; which of the two it is, nobody claims."""
    dice = random.Random(1)
    packed = zlib.compress(b" ".join(dice.choice((b"one", b"two", b"three", b"%d" % n)) for n in range(60_000)), 9)

    assert unknown(packed)[Share.SCRAMBLED] > len(packed) * 0.9


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bytes(range(256)) * 64, id="a table of all bytes"),
        pytest.param(b"the quick brown fox jumps over the lazy dog " * 400, id="text"),
        pytest.param(b"".join((n * n).to_bytes(4, "little") for n in range(4096)), id="numbers"),
        pytest.param(random.Random(2).randbytes(200), id="too short to tell"),
    ],
)
def test_order_is_not_scrambled(data: bytes) -> None:
    """Tables, texts, numbers, and what is too short to tell."""
    assert not unknown(data).get(Share.SCRAMBLED)


def test_text_by_chance_does_not_hide_noise() -> None:
    """Runs of letters within ciphertext part it in pieces, none of which says much alone."""
    noise = bytearray(random.Random(3).randbytes(20_000))
    for at in range(0, 20_000, 200):
        noise[at : at + 8] = b"abcdefgh"
    document = Document(bytes(noise))

    shares = totals(tally(FORMATS["printable"].account(document, LIMITS), document))

    assert shares[Share.DECODED] >= 800
    assert shares[Share.SCRAMBLED] > 18_000


def test_free_space_is_zero_or_free() -> None:
    """What is left in it is free space still, whatever it looks like."""
    data = bytes(1000) + random.Random(4).randbytes(1000)
    shares = totals(tally(Ledger({"": (Span(0, 2000, Share.FREE),)}), Document(data)))

    assert shares[Share.PADDING] == pytest.approx(1000, abs=2)
    assert shares[Share.FREE] == 2000 - shares[Share.PADDING]


def test_a_fault_without_a_place_is_held_against_all_parts() -> None:
    """Sidecars too."""
    ledger = Ledger({"": (Span(0, 3, Share.DECODED),), "-wal": (Span(0, 2, Share.FREE),), "-shm": ()}, "cut off")
    document = Document(b"abc", {"-wal": b"de", "-shm": b""})

    assert tally(ledger, document) == {"": {Share.FAILED: 3}, "-wal": {Share.FAILED: 2}, "-shm": {}}


def test_looks_explain_nothing() -> None:
    """A guess by entropy takes no pass away less than not knowing at all does."""
    assert set(UNEXPLAINED) == {Share.UNKNOWN, Share.SCRAMBLED}
