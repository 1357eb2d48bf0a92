"""The fast ways through JSON say what the scanner says."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.formats._json_values import parse, values_of
from harness.formats.json_text import JsonText, _read
from harness.limits import Limits
from harness.model import Document

TEXTS = st.text(max_size=8) | st.sampled_from(['a"b', "a\\b", "\\", '\\"', "[{,:}]", "Zoë 😀", "", "\n"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20
).filter(lambda value: isinstance(value, dict | list))


@given(document=DOCUMENTS, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_every_byte_of_a_name_or_value_is_where_the_scanner_says(
    document: Any, ascii_only: bool, indent: int | None
) -> None:
    """Also with escapes, and with brackets and quotes inside of strings."""
    data = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode()
    offsets = list(range(len(data)))
    slow = _read(Document(data), Limits()).locate(offsets)
    fast = JsonText().locate(Document(data), offsets, Limits())

    for offset in offsets:
        if slow[offset].value:
            assert fast[offset] == slow[offset], offset
        else:
            assert not fast[offset].value, offset


@given(documents=st.lists(DOCUMENTS, min_size=2, max_size=5))
def test_lines_are_counted_alike(documents: list[Any]) -> None:
    """Empty lines count, and hold nothing."""
    data = b"\n\n".join(json.dumps(each).encode() for each in documents)
    offsets = list(range(len(data)))
    slow = _read(Document(data), Limits()).locate(offsets)
    fast = JsonText().locate(Document(data), offsets, Limits())

    assert [place for place in fast if place.value] == [place for place in slow if place.value]


@given(document=DOCUMENTS)
def test_decoding_gives_what_the_scanner_gives(document: Any) -> None:
    """Equal names included."""
    data = json.dumps(document).encode()
    parsed = parse(data)
    assert parsed is not None

    assert list(values_of(parsed, (), 100)) == list(_read(Document(data), Limits()).values(Limits()))


def test_equal_names_are_all_kept() -> None:
    """Somebody stored both."""
    values = list(JsonText().decode(Document(b'{"a": 1, "a": {"b": 2}, "a": 3}'), Limits()))

    assert [(value.steps, value.value) for value in values] == [(("a",), 1), (("a", "b"), 2), (("a",), 3)]
