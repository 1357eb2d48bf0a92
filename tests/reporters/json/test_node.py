"""A node gives its value as the type that is asked for, or says where it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SourceError
from harness.reporters.json.node import Node, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_any_value_as_any_type_is_given_or_refused(value: object) -> None:
    """No other error escapes, whatever stands there."""
    node = Node(value, "$.a")
    for read in (node.text, node.flag, node.whole, node.number, node.step, node.texts, node.words):
        try:
            read()
        except SourceError as error:
            assert "$.a" in str(error)  # noqa: PT017 - either outcome is right


def test_a_node_never_shows_its_value() -> None:
    """A result is masked, but what somebody passes off as one may not be."""
    assert "secret" not in repr(Node("secret"))


def test_the_path_grows_on_the_way_down() -> None:
    """As one would write it."""
    node = next(parse('{"checks": [{"id": 1}]}')["checks"].items())["id"]

    assert node.path == "$.checks[0].id"
    with pytest.raises(SourceError, match=r"\$\.checks\[0\]\.id must be text"):
        node.text()
