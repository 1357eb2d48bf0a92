"""Property lists in the old form: what `description` prints, and never what only looks like it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError, LimitError
from harness.formats.base import as_bytes
from harness.formats.property_list import Plist, PropertyList
from harness.limits import Limits
from harness.model import Document, Share, Step, Value

FORM = PropertyList()
LIMITS = Limits()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
TREE = st.recursive(
    TEXT | st.binary(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def told(text: str) -> dict[tuple[Step, ...], object]:
    return {value.steps: value.value for value in decoded(text.encode())}


def likeness(data: bytes) -> float:
    return FORM.sniff(data[:4096], len(data))


def leaves(node: Any, steps: tuple[Step, ...] = ()) -> dict[tuple[Step, ...], object]:
    match node:
        case dict():
            inner = [leaves(value, (*steps, key)) for key, value in node.items()]
        case list():
            inner = [leaves(value, (*steps, index)) for index, value in enumerate(node)]
        case _:
            return {steps: node}
    return {place: value for each in inner for place, value in each.items()}


@given(tree=st.dictionaries(TEXT, TREE, min_size=1, max_size=4))
def test_a_list_is_read_as_it_was_written(tree: dict[str, Any]) -> None:
    """Any texts and data; and whatever a byte is located in was decoded."""
    document = FORM.encode(Plist(tree, is_openstep=True))
    data = bytes(document.data)
    values = decoded(data)

    assert {value.steps: value.value for value in values} == leaves(tree)
    assert likeness(data) > 0.9 or not values
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known
    assert Share.FAILED not in FORM.account(document, LIMITS).totals()


def test_the_list_of_libplist_is_read(shared_corpus: Path | None) -> None:
    """By whom old lists are read today; in UTF-16 as well."""
    if shared_corpus is None:
        return
    folder = shared_corpus / "apple-plist" / "libplist"
    data = (folder / "o2.ostep").read_bytes()
    wanted = {
        ("Some ASCII string",): "Test ASCII String",
        ('Keys & "entities"',): "hello world & others <nodes> are fun!?'",
        ("Some Int",): "32434543632",
        ("Some String with Unicode entity",): "Yeah check this: \u1234 !!!",
        ("Some UTF8 strings", 0): "àéèçù",
        ("Some UTF8 strings", 8): "हिन्दी",
    }

    assert wanted.items() <= {value.steps: value.value for value in decoded(data)}.items()
    wide = b"\xff\xfe" + data.decode().encode("utf-16-le")
    assert likeness(wide) > 0.9
    assert decoded(wide) == decoded(data)


def test_all_that_the_old_form_knows_is_read() -> None:
    """Comments, quotes of both kinds, escapes, data, trailing marks, and what GNUstep adds."""
    assert told(
        """// a list
        { a = 'it''s'; }""".replace("''", "\\'")
    ) == {("a",): "it's"}
    assert told(
        r"""/* of old */ {
        path = /var/mobile-1; "x\"y" = "\U00e9\Ud83d\Ude00\351\n"; d = <0fbd 77>; l = ( one, "two", );
        n = <*I-42>; r = <*R1.5>; b = <*BY>; t = <*D2024-02-29 12:30:00 +0100>; p = <[amFuZQ==]>; e = {}; z = ();
        }"""
    ) == {
        ("path",): "/var/mobile-1",
        ('x"y',): "é😀é\n",
        ("d",): b"\x0f\xbd\x77",
        ("l", 0): "one",
        ("l", 1): "two",
        ("n",): -42,
        ("r",): 1.5,
        ("b",): True,
        ("t",): datetime(2024, 2, 29, 11, 30, tzinfo=UTC),
        ("p",): b"jane",
    }


def test_strings_of_an_app_are_read() -> None:
    """A `.strings` file is the inside of a dictionary."""
    text = '/* greeting */\n"hello" = "Hello, %@";\n"mail" = "jane@example.org";\n'

    assert likeness(text.encode()) > 0.9
    assert told(text) == {("hello",): "Hello, %@", ("mail",): "jane@example.org"}


def test_a_printed_array_is_read() -> None:
    """As a log has it."""
    text = '(\n    "jane@example.org",\n        {\n        a = 1;\n    }\n)'

    assert likeness(text.encode()) > 0.9
    assert told(text) == {(0,): "jane@example.org", (1, "a"): "1"}


@pytest.mark.parametrize(
    "text",
    ['{"a": 1}', "{}", "{ a }", "(555) 010-0100", "(hello)", "{name = Jane}", '"a" = b', "// only a comment",
     "{ a = 1; } and more", "{ a = 1; b() }", '"quoted"', "{ font-size: 12px; }", "/", "(\n)", "{a=1;;}",
     "{a=<zz>;}"],
)  # fmt: skip
def test_what_only_looks_like_a_list_is_none(text: str) -> None:
    """JSON, styles, code and prose stay what they are."""
    assert likeness(text.encode()) < 0.5


def test_json_is_none(shared_corpus: Path | None) -> None:
    """Whatever it holds."""
    for node in ({"a = b;": "c = d;"}, {"a": {"b": ["c"]}}, {"=": ";"}, ["(", ")"]):
        assert likeness(json.dumps(node).encode()) < 0.5
        assert likeness(json.dumps(node, indent=4).encode()) < 0.5


def test_a_long_list_is_known_by_its_beginning() -> None:
    """Four KiB end anywhere: in a text, a comment, a mark."""
    body = "".join(
        f'    "key {n}" = "value \\U00e9 {n}"; /* {n} */ // x\n    d{n} = <0{n % 10}>;\n' for n in range(200)
    )
    data = ("{\n" + body + "}\n").encode()

    assert all(FORM.sniff(data[:size], len(data)) > 0.85 for size in range(2000, 2200))
    assert FORM.sniff(data[:2000] + b" ?? " + data[2000:4000], len(data)) == 0


@pytest.mark.parametrize(
    "text", ["{ a = 1; ", "{ a = ; }", "{ a 1; }", '{ a = "b; }', "{ a = (1; }", "{ a = <*Ix>; }"]
)
def test_damage_is_told(text: str) -> None:
    """Each is a format error, and in the ledger."""
    with pytest.raises(FormatError):
        told(text)
    assert FORM.account(Document(text.encode()), LIMITS).fault


def test_nesting_has_a_limit() -> None:
    """A tower of arrays costs an error, not the stack."""
    with pytest.raises(LimitError):
        told("{ a = " + "(" * 5000)


def test_what_the_old_form_does_not_know_is_refused() -> None:
    """It has neither numbers nor dates."""
    with pytest.raises(FormatError):
        FORM.encode(Plist({"a": 1}, is_openstep=True))
