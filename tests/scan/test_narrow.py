"""Narrowing leaves out what is not suspected, and nothing that is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Place, State
from harness.scan.narrow import suspected
from harness.scan.unfold import Unfolder

UNFOLDER = Unfolder(registry.load("formats", Format), Limits())
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.dictionaries(
    st.text(),
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (b"roe@", {"jane.roe@example.org"}),
        (b"mail", {"mail"}),
        (b".10", {37.77401}),
        (b"4155", {4155550132}),
        (b":", None),
        (b"line", {"a\nline"}),
    ],
)
def test_a_byte_tells_the_string_or_number_that_it_is_in(at: bytes, told: set[object] | None) -> None:
    """Syntax belongs to none, and only a parser reads escapes."""
    text = b'{"mail":"jane.roe@example.org","lat":37.7740100,"n":[4155550132],"two":"a\\nline"}'
    at = b"40100" if at == b".10" else at

    assert suspected(text, [text.index(at)]) == told


def test_a_quote_within_a_string_does_not_end_it() -> None:
    """As in a document that is a string of another."""
    text = b'{"a":"say \\"hi\\" to jane@example.org","b":"no"}'

    assert suspected(text, [20, text.index(b"no")]) == {'say "hi" to jane@example.org', "no"}


@given(DOCUMENTS, st.data())
def test_what_is_at_the_byte_is_among_the_leaves(document: dict[str, Any], data: st.DataObject) -> None:
    """Whichever byte of a text is suspected, the leaves that hold it are a part of all leaves, and not left out."""
    text = json.dumps(document, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    offset = data.draw(st.integers(0, len(text) - 1))
    place = Place(("row", 1, "payload"), State.LIVE, text, offset)
    every = list(UNFOLDER.held(Place(place.steps, State.LIVE, text, 0), [0]))  # syntax: all of them

    held = list(UNFOLDER.held(place, [offset]))

    assert {repr((leaf, leaf.value)) for leaf in held} <= {repr((leaf, leaf.value)) for leaf in every}
    told = suspected(text, [offset]) or frozenset()
    for leaf in every:
        assert leaf in held or leaf.value not in told
