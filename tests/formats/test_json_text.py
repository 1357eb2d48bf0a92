"""JSON: equal to the standard parser where that one can tell, exact where it cannot, and never lost in nesting."""

import itertools
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError, LimitError
from harness.formats.base import as_bytes
from harness.formats.json_text import JsonLines, JsonText
from harness.limits import Limits
from harness.model import Document, Scalar, Share, State, Step, Value

FORM = JsonText()
LIMITS = Limits()
TREE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def leaves(node: Any, steps: tuple[Step, ...] = ()) -> list[tuple[tuple[Step, ...], Scalar]]:
    """What the standard parser's result holds, by path."""
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in leaves(value, (*steps, key))]
    if isinstance(node, list):
        return [leaf for index, value in enumerate(node) for leaf in leaves(value, (*steps, index))]
    return [(steps, node)]


def told(values: list[Value]) -> list[tuple[tuple[Step, ...], Scalar]]:
    return [(value.steps, value.value) for value in values]


@given(tree=TREE, indent=st.sampled_from((None, 1, "\t")), ascii_only=st.booleans())
def test_the_standard_parser_reads_the_same(tree: Any, indent: int | str | None, ascii_only: bool) -> None:
    """Any document, compact or indented, escaped or not, decodes to the standard parser's leaves in order."""
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")

    assert repr(told(decoded(text))) == repr(leaves(json.loads(text.decode("utf-8", "surrogatepass"))))


@given(st.data())
def test_what_is_told_is_what_was_asked_for(data: st.DataObject) -> None:
    """By value or by a step, whatever the text."""
    tree = data.draw(st.lists(TREE, max_size=3))
    text = json.dumps(tree).encode()
    every = decoded(text)
    pool = [each.value for each in every] + [step for each in every for step in each.steps]
    asked = frozenset(data.draw(st.lists(st.sampled_from(pool), max_size=3))) if pool else frozenset()

    assert told([*FORM.decode_told(Document(text), asked, LIMITS)]) == told(
        [each for each in every if each.value in asked or not asked.isdisjoint(each.steps)]
    )


@given(tree=TREE, codec=st.sampled_from(("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")))
def test_any_encoding_gives_the_same_values_at_the_same_places(tree: Any, codec: str) -> None:
    """With or without a mark; and every located value is a decoded one."""
    document = Document(json.dumps({"k": [tree]}, ensure_ascii=False).encode(codec, "surrogatepass"))
    values = list(FORM.decode(document, LIMITS))

    assert repr(told(values)) == repr(leaves({"k": [tree]}))
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known
    assert FORM.account(document, LIMITS).totals().get(Share.FAILED, 0) == 0


@given(text=st.text(min_size=1, max_size=20), ascii_only=st.booleans())
def test_an_offset_in_an_escaped_string_is_that_of_the_decoded_byte(text: str, ascii_only: bool) -> None:
    """Each character, whether escaped or not, leads to its first byte in the value."""
    parts = [json.dumps(character, ensure_ascii=ascii_only)[1:-1] for character in text]
    raw = [b'{"k":"', *(part.encode("utf-8", "surrogatepass") for part in parts), b'"}']
    data = b"".join(raw)
    starts = [sum(map(len, raw[: index + 1])) for index in range(len(text))]
    if any(0xD800 <= ord(a) < 0xDC00 <= ord(b) < 0xE000 for a, b in itertools.pairwise(text)):
        return  # two halves that only together are a character

    places = FORM.locate(Document(data), starts, LIMITS)

    at = 0
    for character, place in zip(text, places, strict=True):
        assert (place.value, place.offset) == (as_bytes(text), at)
        at += len(as_bytes(character))


def test_what_the_standard_parser_loses_is_kept() -> None:
    """Equal keys, big numbers, half surrogates, infinity: each is given as it stands."""
    data = rb'{"a":1,"a":2,"n":18446744073709551616,"s":"\ud83d","w":"\ud83d\ude00","x":-Infinity,"e":NaN}'
    values = decoded(data)

    assert told(values)[:6] == [
        (("a",), 1), (("a",), 2), (("n",), 18446744073709551616), (("s",), "\ud83d"), (("w",), "😀"),
        (("x",), float("-inf")),
    ]  # fmt: skip
    assert isinstance(values[6].value, float)
    assert math.isnan(values[6].value)


def test_a_number_of_any_length_is_read() -> None:
    """Python refuses to convert more than 4,300 digits; they are kept as text."""
    digits = "7" * 100_000

    assert decoded(f"[{digits}]".encode()) == [Value((0,), digits)]


def test_lines_are_numbered_as_editors_do() -> None:
    """Blank lines count, and have no values."""
    data = b'{"a":1}\n\n[2]\r\n{"b":"jane@example.org"}\n'

    assert told(decoded(data)) == [((1, "a"), 1), ((3, 0), 2), ((4, "b"), "jane@example.org")]
    assert FORM.locate(Document(data), [data.index(b"jane")], LIMITS)[0].steps == (4, "b")


def test_a_damaged_line_costs_that_line() -> None:
    """The lines after it are read, it is accounted as failed, and the fault is told at the end."""
    document = Document(b'{"a":1}\n{"b":"torn\n{"c":3}\n')
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(document, LIMITS))

    assert told(values) == [((1, "a"), 1), ((3, "c"), 3)]
    assert FORM.account(document, LIMITS).totals()[Share.FAILED] == len(':"torn') + 1
    assert FORM.locate(document, [document.data.index(b"torn"), 21], LIMITS)[0].state is State.RAW


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_has_a_limit(opening: bytes) -> None:
    """A tower of brackets costs an error, not the stack."""
    with pytest.raises(LimitError):
        decoded(opening * 100_000)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1,]", b'{"a"}', b'{"a":}', b"{a:1}", b"[1 2]", b'["a]', b"[01]", b"[1]]", b'{"a":1,}', b"[}",
     b'["\\x"]', b'["\xff\xfe"]', b"[tru]", b"[+1]", b"[.5]", b'{"a":1]', b"[1}", b'{"a":1} x'],
)  # fmt: skip
def test_what_is_not_json_is_refused(data: bytes) -> None:
    """As the standard parser does."""
    with pytest.raises(FormatError):
        decoded(data)
    with pytest.raises(ValueError, match=r"line \d|codec"):
        json.loads(data)


@pytest.mark.parametrize(
    ("head", "is_json"),
    [(b"{}", True), (b' \n{"a": [1', True), (b"\xef\xbb\xbf[]", True), (b"[12, -33, 5]", True), (b"12345", False),
     (b'"a word"', False), (b"word", False), (b"true", False), (b"[INFO] started", False), (b"{name} is here", False),
     (b"[2024-01-01 10:00:00] hello", False), (b"", False), (b'{"a":1}\n{"b":2}\n', True),
     (b"[12]\nthen text", False)],
)  # fmt: skip
def test_only_documents_look_like_json(head: bytes, is_json: bool) -> None:
    """A bare number or word is none, and neither is a log line in brackets."""
    assert (FORM.sniff(head, len(head)) > 0.5) == is_json


def test_a_document_that_is_longer_than_its_head_looks_like_json() -> None:
    """Wherever the head happens to end."""
    data = json.dumps([{"id": n, "name": 'Zoë "Z"', "tags": ["a", None, -1.5e7]} for n in range(99)]).encode()

    assert all(FORM.sniff(data[:cut], len(data)) > 0.5 for cut in range(2, 500))


def test_keys_are_told_from_values() -> None:
    """A key of 'jane@example.org' is a stored value too, and its place ends with it."""
    data = b'{"users":{"jane@example.org":{"n":1}}}'
    (place,) = FORM.locate(Document(data), [data.index(b"example")], LIMITS)

    assert (place.steps, place.value, place.offset, place.in_key) == (
        ("users", "jane@example.org"), b"jane@example.org", 5, True,
    )  # fmt: skip


def test_escaped_characters_are_given_to_the_raw_lane() -> None:
    """An at sign written as \\u0040 is not in the file; it is in a piece, with the way back."""
    data = rb'{"mail":"jane\u0040example.org","n":"plain"}'
    (piece,) = FORM.expand(Document(data), re.compile(b"x"), LIMITS)

    assert piece.data == b"mail\x1fjane@example.org"
    assert FORM.locate(Document(data), [piece.anchors[0][1]], LIMITS)[0].value == b"jane@example.org"
    assert list(FORM.expand(Document(b'{"mail":"jane@example.org"}'), re.compile(b"x"), LIMITS)) == []


def test_what_json_cannot_hold_is_refused() -> None:
    """Sets, bytes, and half a surrogate pair are errors of the caller."""
    for content in ({1}, b"x", "\ud800", JsonLines((object(),))):
        with pytest.raises(FormatError):
            FORM.encode(content)


def test_lines_of_others_are_read_as_the_standard_parser_does(shared_corpus: Path | None, own_corpus: Path) -> None:
    """Every record of large files by others; without them, of our own truth."""
    files = sorted((shared_corpus / "pii-text").glob("*.jsonl"))[:3] if shared_corpus else []
    for file in files:
        data = file.read_bytes()[:300_000].rpartition(b"\n")[0]
        records = [json.loads(line) for line in data.splitlines()]
        want = [((n, *steps), value) for n, record in enumerate(records, 1) for steps, value in leaves(record)]
        assert told(decoded(data)) == want
    data = (own_corpus / "android-prefs" / "truth.json").read_bytes()
    assert told(decoded(data)) == leaves(json.loads(data))
