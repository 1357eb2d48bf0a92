"""Masks that other things give back."""

from dataclasses import replace

import pytest

from harness.checks.base import detected, stored
from harness.model import Access, Detection, Meaning
from harness.persona.reversal import with_reversals

CARD = 16


def found(
    form: str, shown: tuple[int, ...] = (), *, reader: Access = Access.ROOT_FILES, field: str = "card"
) -> Detection:
    facts = replace(stored("a.json"), readable_by=frozenset({reader}))
    seen = replace(detected(facts, kind="CARD", form=form), persona_field=field)
    return replace(seen, shown=shown, shown_of=CARD if shown else 0)


LAST = found("masked", tuple(range(12, 16)))


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ((), ""),
        ((found("plain"),), "the whole value is stored beside it"),
        ((found("plain", reader=Access.BACKUP),), ""),
        ((found("plain", field="ssn"),), ""),
        ((found("masked", tuple(range(12))),), "masks of it that differ show all of it together"),
        ((found("masked", tuple(range(6))),), "with other masks of it 10 of 16 characters show"),
        ((found("sha256"),), "a digest of it is stored, and 1,000,000,000,000 guesses give the 12 characters"),
        ((found("sha256"), found("masked", tuple(range(6)))), "1,000,000 guesses give the 6 characters"),
        ((found("masked", (12, 13)),), ""),
    ],
)
def test_a_mask_says_what_gives_it_back(others: tuple[Detection, ...], words: str) -> None:
    """What one reader has both of."""
    first, *_ = with_reversals((LAST, *others))

    assert first.meaning is Meaning.MASKED
    assert words in first.reversible
    assert bool(first.reversible) is bool(words)


def test_order_and_all_else_stay() -> None:
    """Only masks are told more of."""
    plain = found("plain")

    assert with_reversals([plain, LAST])[0] is plain
