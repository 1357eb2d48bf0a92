"""No rule may halve the speed of all others unseen. What each costs is measured by `python -m benchmarks cues`; here
is what can be told without a clock."""

import pytest

from benchmarks.cue_shape import least_literal
from harness import registry
from harness.detectors.base import Cue, Detector

CUES = [
    pytest.param(cue, id=f"{name}-{number}")
    for name, each in registry.load("detectors", Detector).items()
    for number, cue in enumerate(each.cues)
]


@pytest.mark.parametrize("cue", CUES)
def test_a_cue_has_a_literal_or_a_reason(cue: Cue) -> None:
    """What begins with classes of characters becomes an automaton of its own, at twenty times the cost."""
    assert least_literal(cue.expression) >= 2 or cue.reason


@pytest.mark.parametrize(
    ("expression", "least"),
    [
        (rb"abc", 3), (rb"ab|cde", 2), (rb"(?:^|[^a])(?i:pan|cc)x", 3), (rb"a[0-9]bcd", 3), (rb"(?:abc)?x", 1),
        (rb"[a-z]{3,9}@", 1), (rb"(?:xy){3}[0-9]", 6), (rb"\bgaid\b", 4), (rb"[0-9]+", 0), (rb"a(?:bx|cy)d+ef", 4),
        (rb"a[bc]d[efg]", 3),
    ],
)  # fmt: skip
def test_the_least_literal_is_that_of_the_barest_way_to_match(expression: bytes, least: int) -> None:
    """An engine holds on to one literal of each way."""
    assert least_literal(expression) == least
