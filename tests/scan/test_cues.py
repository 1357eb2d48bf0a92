"""The cues of all detectors as one search."""

import pytest

from harness import registry
from harness.detectors.base import Cue, Detector, Shape
from harness.scan.cues import Candidate, CueSet
from harness.scan.engine import Expression, PurePython

DETECTORS = registry.load("detectors", Detector)


class Marked(Detector):
    """Finds by a literal."""

    type = "MARKED"
    cues = (Cue(b"mark", before=10, after=6), Cue(b"MARK", before=3, after=0))


class Shaped(Detector):
    """Finds by a shape."""

    type = "SHAPED"
    shapes = (Shape.GROUPED_4, Shape.SEPARATED)


NUMBER = b"-- 219-09-9999 --"


def test_a_cue_opens_the_window_that_it_asks_for() -> None:
    """Counted from the end of the cue; what lies outside of the segment is for the caller to cut."""
    data = b"a mark and MARK"

    assert sorted(CueSet({"m": Marked()}).find(data, len(data)), key=lambda each: each.anchor) == [
        Candidate("m", 5, -4, 12), Candidate("m", 14, 12, 15),
    ]  # fmt: skip


def test_an_anchor_is_a_byte_of_the_cue() -> None:
    """Not the one behind it: that may belong to the next segment."""
    data = b"mark"

    assert [each.anchor for each in CueSet({"m": Marked()}).find(data, 4)] == [3]


def test_a_shape_opens_a_window_round_its_first_byte() -> None:
    """Far enough back for a country code or a bracket."""
    assert list(CueSet({"s": Shaped()}).find(NUMBER, len(NUMBER))) == [Candidate("s", 3, -21, 43, is_shape=True)]


def test_each_detector_that_asks_for_a_shape_gets_it() -> None:
    """One pass of the kernel serves all of them."""
    found = CueSet({"one": Shaped(), "other": Shaped()}).find(NUMBER, len(NUMBER))

    assert sorted(each.detector for each in found) == ["one", "other"]


def test_no_detector_finds_nothing() -> None:
    """An empty set is a set."""
    assert list(CueSet({}).find(NUMBER, len(NUMBER))) == []


def test_only_the_first_bytes_are_searched() -> None:
    """A buffer may be larger than what is in use."""
    assert list(CueSet({"m": Marked(), "s": Shaped()}).find(NUMBER + b"mark", 10)) == []


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_the_slow_engine_gives_every_detector_its_candidates(name: str) -> None:
    """A machine without the fast one finds the same examples: the window of a candidate covers the value."""
    detector = DETECTORS[name]
    slow = CueSet({name: detector}, PurePython([Expression(cue.expression, cue.caseless) for cue in detector.cues]))
    fast = CueSet({name: detector})

    for text in detector.examples:
        data = text.encode().replace(b"=", b"\x1f", 1) if "=" in text else text.encode()
        one, other = list(slow.find(data, len(data))), list(fast.find(data, len(data)))
        assert bool(one) == bool(other), text
        assert set(one) <= set(other)
