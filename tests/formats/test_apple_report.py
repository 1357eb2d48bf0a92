"""Reports of iOS: header and body are two documents, and both are read to their end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.apple_report import AppleReport, Report
from harness.formats.base import as_bytes
from harness.formats.json_text import JsonText
from harness.limits import Limits
from harness.model import Document, Value

FORM = AppleReport()
LIMITS = Limits()
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LEAVES = st.one_of(TEXTS, st.integers(-(10**12), 10**12), st.booleans(), st.none())
BODIES = st.dictionaries(
    TEXTS, st.one_of(LEAVES, st.lists(LEAVES, min_size=1), st.dictionaries(TEXTS, LEAVES, min_size=1))
)


def leaves(steps: tuple[str | int, ...], node: object) -> list[Value]:
    if isinstance(node, dict):
        return [value for name, each in node.items() for value in leaves((*steps, name), each)]
    if isinstance(node, list):
        return [value for index, each in enumerate(node) for value in leaves((*steps, index), each)]
    assert node is None or isinstance(node, str | int)
    return [Value(steps, node)]


@given(header=st.dictionaries(TEXTS, LEAVES), body=BODIES)
def test_what_is_written_is_read(header: dict[str, object], body: dict[str, object]) -> None:
    """All of both; places are those of decoded values."""
    document = FORM.encode(Report(header, body))
    values = list(FORM.decode(document, LIMITS))

    assert values == leaves(("header",), header) + leaves(("report",), body)
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


def test_a_report_is_told_from_lines_of_json() -> None:
    """Read as lines, each line of the body would be damaged."""
    report = bytes(FORM.encode(Report({"bug_type": "309", "name": "MyApp"}, {"a": 1})).data)
    lines = b'{"bug_type":"309"}\n{"bug_type":"309"}\n'

    assert FORM.sniff(report, len(report)) > JsonText().sniff(report, len(report))
    assert FORM.sniff(lines, len(lines)) == 0.0


@pytest.mark.parametrize("tail", [b"", b"{", b"{}x", b"nothing"])
def test_a_body_that_is_missing_is_damage(tail: bytes) -> None:
    """The ledger says so, too."""
    document = Document(b'{"bug_type":"309"}\n' + tail)

    with pytest.raises(FormatError):
        list(FORM.decode(document, LIMITS))
    assert FORM.account(document, LIMITS).fault


def test_only_reports_are_written() -> None:
    """Of what JSON can hold."""
    contents: tuple[object, ...] = ({}, Report({"a": object()}, {}))
    for content in contents:
        with pytest.raises(FormatError):
            FORM.encode(content)
