"""Very many stretches come to the same ledger as a few."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.formats._spans import gathered
from harness.formats.base import fill
from harness.model import Share, Span

SIZE = 60
SPANS = st.lists(
    st.builds(Span, st.integers(0, SIZE), st.integers(0, SIZE + 9), st.sampled_from(list(Share))), max_size=9
)


@given(spans=SPANS)
def test_stretches_are_filled_as_spans_are(spans: list[Span]) -> None:
    """Wherever they lie, and whichever of them overlap."""
    held = [(np.array([span.start]), np.array([span.end]), span.share) for span in spans]

    found = gathered(held, SIZE, Share.UNKNOWN)

    assert tuple(found) == fill(spans, SIZE, Share.UNKNOWN)


@given(spans=SPANS)
def test_sums_and_shares_are_those_of_the_spans(spans: list[Span]) -> None:
    """Neither needs the spans to be made."""
    found = gathered([(np.array([span.start]), np.array([span.end]), span.share) for span in spans], SIZE, Share.FREE)

    assert sum(found.sums().values()) == SIZE
    for share, size in found.sums().items():
        assert size == sum(span.end - span.start for span in found.of(share))
        assert {span.share for span in found.of(share)} == {share}
    assert found[0] == next(iter(found[:1]))
