"""XML of any kind: what others write is read as the standard library does, and any document survives a round trip."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError, LimitError
from harness.formats.base import as_bytes
from harness.formats.xml_text import Tag, XmlText
from harness.limits import Limits
from harness.model import Document, Share, State, Value

FORM = XmlText()
LIMITS = Limits()
HEADER = b'<?xml version="1.0" encoding="utf-8"?>\n'
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=20
).filter(lambda text: text.strip())
NAME = st.text("abcde", min_size=1, max_size=3)
ATTRIBUTES = st.dictionaries(NAME, TEXT, max_size=3)
TREE: st.SearchStrategy[Tag] = st.recursive(
    st.builds(Tag, NAME, ATTRIBUTES, st.lists(TEXT, max_size=1)),
    lambda inner: st.builds(Tag, NAME, ATTRIBUTES, st.lists(inner, max_size=4)),
    max_leaves=12,
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def held(tag: Tag) -> Iterator[str]:
    yield from tag.attributes.values()
    for child in tag.children:
        if isinstance(child, Tag):
            yield from held(child)
        else:
            yield child


@given(tree=TREE)
def test_any_document_survives_a_round_trip(tree: Tag) -> None:
    """Every attribute and text, in order; the standard library agrees; each place is one that is decoded."""
    document = FORM.encode(Tag("root", {}, (tree,)))
    values = decoded(bytes(document.data))

    assert [value.value for value in values] == list(held(tree))
    elements = list(ElementTree.parse(io.BytesIO(bytes(document.data))).iter())
    seen = [text for element in elements for text in (*element.attrib.values(), element.text) if text]
    assert [value.value for value in values] == seen
    assert Share.FAILED not in FORM.account(document, LIMITS).totals()
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"<a><b>x</b><b>y</b></a>", [Value(("a", "b", 0), "x"), Value(("a", "b", 1), "y")]),
        (b"<a><c><b>x</b></c><c><b>y</b><b>z</b></c></a>",
         [Value(("a", "c", 0, "b", 0), "x"), Value(("a", "c", 1, "b", 0), "y"), Value(("a", "c", 1, "b", 1), "z")]),
        (b"<a>one <b>two</b> three</a>", [Value(("a",), "one "), Value(("a", "b"), "two"), Value(("a",), " three")]),
        (b'<p:a xmlns:p="u" p:q="v"><p:b>x</p:b></p:a>', [Value(("a", "@q"), "v"), Value(("a", "b"), "x")]),
        (b'<a><entry key="mail">j@example.org</entry></a>', [Value(("a", "entry", "mail"), "j@example.org")]),
        (b'<a><i name="n" /></a>', [Value(("a", "i", "@name"), "n")]),
        (b"<a><![CDATA[<x>]]> &amp; <!-- c --> y</a>", [Value(("a",), "<x> &  y")]),
        (b"<a><b> </b>\n<b/></a>", []),
    ],
)  # fmt: skip
def test_a_path_says_where_a_value_is(body: bytes, values: list[Value]) -> None:
    """An index where elements repeat, a name where one is given, prefixes left out."""
    assert decoded(HEADER + body) == values


@pytest.mark.parametrize(
    "body",
    [b"<a>", b"<a></b>", b"<a>&nope;</a>", b"<a/><b/>", b"<a>\xff</a>", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
     b"<a b=c/>", b"text"],
)  # fmt: skip
def test_what_is_not_well_formed_is_refused(body: bytes) -> None:
    """Each is a format error; entities are never expanded."""
    with pytest.raises(FormatError):
        decoded(HEADER + body)


@pytest.mark.parametrize(
    ("data", "is_claimed"),
    [
        (HEADER + b"<a/>", True),
        (b"<a><b>x</b></a>", True),
        (b'<a b="c"/>', True),
        (b"\xff\xfe" + '<?xml version="1.0"?><a/>'.encode("utf-16-le"), True),
        (b"<rows>" + b"<row>x</row>" * 2000 + b"</rows>", True),
        (b"<b>bold</b>", False),
        (b"<a><b>x</a>", False),
        (b"<!DOCTYPE html><html><p>x</p></html>", False),
        (b"<html><body/></html>", False),
        (b"<6>[    0.000000] Booting", False),
        (b"<jane@example.org> wrote:", False),
        (b"<a><b/></a> and more", False),
        (b"<rows><row>x</rows>" + b"text " * 2000, False),
    ],
)
def test_what_looks_like_xml_is_not_always(data: bytes, is_claimed: bool) -> None:
    """A document that does not say that it is XML must read as such; pages of the web and logs are text."""
    assert (FORM.sniff(data[:4096], len(data)) > 0.5) == is_claimed


def test_what_comes_before_the_damage_is_kept() -> None:
    """Of a file that was cut off, whole values are read, and the rest counts as failed."""
    data = bytes(FORM.encode(Tag("a", {"b": "jane@example.org"}, (Tag("c", {}, ("555-0100",)),))).data)
    cut = Document(data[: data.index(b"0100")])
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(cut, LIMITS))

    assert values == [Value(("a", "@b"), "jane@example.org")]
    assert FORM.account(cut, LIMITS).totals()[Share.FAILED] > 0
    assert FORM.locate(cut, [len(cut.data) - 1], LIMITS)[0].state is State.RAW


def test_nesting_has_a_limit() -> None:
    """A tower of elements costs an error, not the stack."""
    with pytest.raises(LimitError):
        decoded(HEADER + b"<a>" * 5000)


def test_characters_written_as_numbers_reach_the_raw_lane() -> None:
    """An at sign written as a number is not in the file; it is in a piece, with the way back."""
    document = Document(HEADER + b"<a><mail>jane&#64;example.org</mail></a>")
    (piece,) = FORM.expand(document, re.compile(b"x"), LIMITS)

    assert piece.data == b"mail\x1fjane@example.org"
    assert FORM.locate(document, [piece.anchors[0][1]], LIMITS)[0].value == b"jane@example.org"


def test_the_settings_of_the_system_are_read(shared_corpus: Path | None) -> None:
    """As Android kept them before version 12: each under its name."""
    path = shared_corpus / "android-xml" / "appmanager" / "settings_ssaid.xml" if shared_corpus else None
    if path:
        values = decoded(path.read_bytes())
        rows = [element.attrib for element in ElementTree.parse(path).iter("setting")]

        assert [v.value for v in values if v.steps[-1] == rows[0]["name"]] == [rows[0]["value"]]
        assert len(values) == 1 + sum(len(row) - 1 for row in rows)


@pytest.mark.parametrize(
    "tag", [Tag("a", {"b": "\x00"}), Tag("a b"), Tag("a", {"<": "x"}), Tag("a", {}, ("\ud800",))]
)
def test_what_xml_does_not_allow_is_refused(tag: Tag) -> None:
    """Errors of the caller."""
    with pytest.raises(FormatError):
        FORM.encode(tag)
