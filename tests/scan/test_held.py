"""What suspicions lead to, and when it is doubted."""

import random

from harness import registry
from harness.formats.base import Format
from harness.model import Artifact, Bytes, Document, Facts, Place, State
from harness.scan.held import Held, doubted, is_doubtful, spare_leaf
from harness.scan.raw import Opened, Suspicion
from harness.scan.unfold import Leaf

FORMATS = registry.load("formats", Format)
NOISE = random.Random(4).randbytes(2000)
RAW = Place((7,), State.RAW, b"z@m.mu")


def opened(data: bytes) -> Opened:
    artifact = Artifact(facts=Facts(path="a.bin", size=len(data)), content=Bytes(data))
    return Opened(artifact, FORMATS["printable"], Document(data))


def test_only_what_has_no_form_is_doubted_and_only_in_noise() -> None:
    """A value of a database is one, whatever stands around it; a long row of text is none of chance."""
    noisy, plain = opened(NOISE), opened(b"\x00\x01" * 1000)

    assert is_doubtful(noisy, "", 1000, RAW)
    assert not is_doubtful(plain, "", 1000, RAW)
    assert not is_doubtful(noisy, "", 1000, Place((7,), State.LIVE, b"z@m.mu"))
    assert not is_doubtful(noisy, "", 1000, Place((7,), State.RAW, b"z@m.mu and more " * 9))


def test_what_no_format_explains_is_kept_as_it_was_seen() -> None:
    """The row of text around the byte, with the doubt; under an encoding, what was under it; else nothing."""
    data = NOISE[:1000] + b"\x00z@m.mu\x00" + NOISE[1000:]
    file, at = opened(data), Suspicion(0, "", 1002)

    assert spare_leaf(file, "", at, Place((), State.LIVE)) == Leaf((), "z@m.mu", State.RAW, doubtful=True)
    assert spare_leaf(file, "", at, RAW) is None
    layered = Suspicion(0, "", 1002, ("base64",), b"a@b.example")
    assert spare_leaf(file, "", layered, RAW) == Leaf((7,), "a@b.example", State.RAW, ("base64",))


def test_what_was_decoded_is_as_doubtful_as_what_was_located() -> None:
    """At the same place, in the same state."""
    located = [Leaf((7,), "z@m.mu", State.RAW, doubtful=True), Leaf((9,), "y@m.mu", State.RAW)]
    decoded = [Leaf((7,), "z@m.mu", State.RAW), Leaf((9,), "y@m.mu", State.RAW), Leaf((7,), "x")]

    assert [leaf.doubtful for leaf in doubted(decoded, located)] == [True, False, False]
    assert doubted(decoded, located[1:]) is decoded


def test_what_a_stream_holds_is_told_by_its_own_offsets() -> None:
    """A format gives all of a stream one offset."""
    held = Held(Place(("content",), State.LIVE, b"unpacked"))
    held.add(Suspicion(0, "", 5), 3)
    assert held.offsets == [3]

    held.add(Suspicion(0, "", 5, within=6, stream=b"unpacked"), 0)
    assert held.offsets == [6]


def test_bytes_that_are_no_text_are_seen_with_what_is_round_them() -> None:
    """A sensor's record is none of a run of text, and its header says the most."""
    record = b"FMR\x00 20\x00\x00\x00\x01\x08" + bytes(200)
    file = opened(b"\xff" * 100 + record)

    leaf = spare_leaf(file, "", Suspicion(0, "", 107), Place((), State.LIVE))

    assert leaf is not None
    assert isinstance(leaf.value, bytes)
    assert record in leaf.value
