"""Whether masked values can be joined back: with the whole value, with other masks of it, with a digest of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.model import Detection, Meaning

__all__ = ["with_reversals"]

_NUMBERS = frozenset({"phone", "card", "ssn", "date_of_birth"})
_GUESSES = 10**12
"""That a machine tries in minutes, of a fast digest."""


def with_reversals(detections: Iterable[Detection]) -> tuple[Detection, ...]:
    """The same in the same order; each masked one says what else was found that gives the rest of it back."""
    found = tuple(detections)
    by_field: dict[str, list[Detection]] = {}
    for each in found:
        if each.persona_field is not None and not each.is_guess:
            by_field.setdefault(each.persona_field, []).append(each)
    told = {name: _by_meaning(here) for name, here in by_field.items()}
    return tuple(
        replace(each, reversible=_reversal(each, told[each.persona_field]))
        if each.meaning is Meaning.MASKED and each.persona_field in told
        else each
        for each in found
    )


def _by_meaning(here: Sequence[Detection]) -> Mapping[Meaning, Sequence[Detection]]:
    """Those that differ in what matters, once each: rows by the thousand are one."""
    kinds: dict[tuple[object, ...], Detection] = {}
    for each in here:
        kinds.setdefault((each.meaning, each.shown, each.readers), each)
    return {meaning: [each for each in kinds.values() if each.meaning is meaning] for meaning in Meaning}


def _reversal(each: Detection, others: Mapping[Meaning, Sequence[Detection]]) -> str:
    if any(_meet(each, other) for meaning in (Meaning.EXPOSED, Meaning.ENCODED) for other in others[meaning]):
        return "the whole value is stored beside it"
    masks = [other for other in others[Meaning.MASKED] if _meet(each, other)]
    shown = frozenset(each.shown).union(*(other.shown for other in masks))
    hidden = each.shown_of - len(shown)
    if hidden <= 0:
        return "masks of it that differ show all of it together"
    guesses = (10 if each.persona_field in _NUMBERS else 36) ** hidden
    if guesses <= _GUESSES and any(_meet(each, other) for other in others[Meaning.DIGEST]):
        return f"a digest of it is stored, and {guesses:,} guesses give the {hidden} characters that are hidden"
    if len(shown) > len(each.shown):
        return f"with other masks of it {len(shown)} of {each.shown_of} characters show"
    return ""


def _meet(one: Detection, other: Detection) -> bool:
    """Whether somebody reads both, or nobody knows who reads either."""
    return bool(one.readers & other.readers) or not (one.facts.readable_by and other.facts.readable_by)
