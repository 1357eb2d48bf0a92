"""Android's binary XML: what AOSP's serializer wrote is read, and any document survives a round trip."""

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError, LimitError
from harness.formats.abx import Abx, Interned, Tag
from harness.formats.abx.writer import Preference
from harness.formats.base import as_bytes
from harness.formats.shared_prefs import SharedPrefs
from harness.limits import Limits
from harness.model import Document, Long, Share, State, Step, Value

FORM = Abx()
LIMITS = Limits()
WHATEVER = re.compile(rb"x")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(lambda text: text.strip())
NAME = st.text("abcde", min_size=1, max_size=3)
PREFERENCE: st.SearchStrategy[Preference] = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(1 << 31), (1 << 31) - 1),
    st.integers(-(1 << 63), (1 << 63) - 1).map(Long),
    st.floats(allow_nan=False),
    st.binary(max_size=20),
    st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    st.none(),
)
ATTRIBUTE = st.one_of(
    TEXT, TEXT.map(Interned), st.booleans(), st.integers(-(1 << 31), (1 << 31) - 1), st.integers().map(
        lambda number: Long(number % (1 << 62))
    ), st.floats(allow_nan=False), st.binary(max_size=9), st.none(),
)  # fmt: skip
TREE: st.SearchStrategy[Tag] = st.recursive(
    st.builds(Tag, NAME, st.dictionaries(NAME, ATTRIBUTE, max_size=3), st.lists(TEXT, max_size=1)),
    lambda inner: st.builds(Tag, NAME, st.dictionaries(NAME, ATTRIBUTE, max_size=2), st.lists(inner, max_size=4)),
    max_leaves=12,
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def held(tag: Tag) -> Iterator[Any]:
    """What a document holds, in order."""
    yield from tag.attributes.values()
    for child in tag.children:
        if isinstance(child, Tag):
            yield from held(child)
        else:
            yield child


@given(tree=TREE)
def test_any_document_survives_a_round_trip(tree: Tag) -> None:
    """Every attribute with its type and every text, in order; every byte accounted for; all of it located."""
    document = FORM.encode(Tag("root", {}, (tree,)))
    values = decoded(bytes(document.data))

    assert [(type(v.value) is bool, v.value) for v in values] == [(type(v) is bool, v) for v in held(tree)]
    assert Share.FAILED not in FORM.account(document, LIMITS).totals()
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


@given(tree=TREE)
def test_every_path_is_one_values_own(tree: Tag) -> None:
    """Where elements repeat they are counted, so no two attributes share a place."""
    values = decoded(bytes(FORM.encode(Tag("root", {}, (tree,))).data))

    attributes = [value.steps for value in values if str(value.steps[-1]).startswith("@")]
    assert len(attributes) == len(set(attributes))


@given(content=st.dictionaries(TEXT, PREFERENCE, max_size=6))
def test_a_map_has_the_places_that_it_has_in_text(content: dict[str, Preference]) -> None:
    """The same preferences, written in either form, are at the same places with the same values."""
    plain = {name: value for name, value in content.items() if not isinstance(value, bytes | float)}
    binary = decoded(bytes(FORM.encode(plain).data))
    text = list(SharedPrefs().decode(SharedPrefs().encode(plain), LIMITS))

    assert binary == text
    everything = decoded(bytes(FORM.encode(content).data))
    single = {value.steps: value.value for value in everything if len(value.steps) == 1}
    assert all(single[name,] == value for name, value in content.items() if not isinstance(value, tuple))


def test_what_aosp_wrote_is_read(shared_corpus: Path | None) -> None:
    """Every planted value is decoded, under its key."""
    folder = shared_corpus / "android-abx" if shared_corpus else None
    for file in json.loads((folder / "truth" / "built.json").read_text()) if folder else ():
        values = decoded((folder / file["file"]).read_bytes()) if folder else []
        for planted in file["values"]:
            for wanted in planted["value"] if isinstance(planted["value"], list) else [planted["value"]]:
                found = [value for value in values if value.key == planted["key"]]
                inside = "JSON" in planted["stored"]
                assert any(
                    str(wanted).encode() in as_bytes(v.value) if inside else v.value == wanted for v in found
                ), planted["key"]


def test_an_independent_reader_reads_the_same(shared_corpus: Path | None) -> None:
    """Each attribute and text of its rendering is one of our values, and we have no more."""
    folder = shared_corpus / "android-abx" if shared_corpus else None
    pairs = []
    if folder:
        pairs = [(path, folder / "truth" / path.name.replace(".abx", "")) for path in (folder / "built").iterdir()]
        pairs += [
            (path, folder / "truth" / f"ccl__{path.name.removesuffix('.abx')}") for path in (folder / "ccl").iterdir()
        ]
    for binary, plain in pairs:
        wanted = []
        for element in ElementTree.parse(plain).iter():
            named = element.get("name") if element.get("value") or (element.text or "").strip() else None
            wanted += [value for name, value in element.attrib.items() if not (named and name == "name")]
            wanted += [element.text] if (element.text or "").strip() else []
        told = sorted(as_bytes(v.value).decode() for v in decoded(binary.read_bytes()))
        if "map" in binary.name:  # names of containers are places
            wanted = [text for text in wanted if text != "recent" and not text.startswith("eyJ")]
            told = [text for text in told if not text.startswith(("{", "eyJ"))]
        assert told == sorted(wanted), binary.name


def token(kind: int, payload: bytes = b"") -> bytes:
    return bytes((kind,)) + payload


def utf(text: bytes) -> bytes:
    return struct.pack(">H", len(text)) + text


OPEN_A = b"\x32\xff\xff" + utf(b"a")
CLOSE_A = b"\x33\x00\x00"


def document(body: bytes) -> bytes:
    return b"ABX\x00\x10" + OPEN_A + body + CLOSE_A + b"\x11"


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"\x4f\xff\xff" + utf(b"h") + utf(b"\x00\xff"), [Value(("a", "@h"), b"\x00\xff")]),
        (b"\x7f\xff\xff" + utf(b"h") + b"\x00\x00\x00\xff", [Value(("a", "@h"), 255)]),
        (b"\x9f\xff\xff" + utf(b"h") + bytes(7) + b"\xff", [Value(("a", "@h"), 255)]),
        (b"\xaf\xff\xff" + utf(b"f") + struct.pack(">f", 0.1), [Value(("a", "@f"), 0.1)]),
        (b"\x24" + utf(b"one ") + b"\x26" + utf(b"amp") + b"\x25" + utf(b"two"),
         [Value(("a",), "one "), Value(("a",), "&"), Value(("a",), "two")]),
        (b"\x29" + utf(b"note") + b"\x27" + utf(b"  ") + b"\x28" + utf(b"pi"), [Value(("a", "#comment"), "note")]),
        (b"\x24" + utf(b"\xed\xa0\xbd\xed\xb8\x80 \xc0\x80 \xf0\x9f\x98\x80"), [Value(("a",), "😀 \x00 😀")]),
        (b"\x14", []),
    ],
)  # fmt: skip
def test_rare_tokens_are_read(body: bytes, values: list[Value]) -> None:
    """Hex, floats, sections and entities, comments, and both ways to write what is beyond 16 bits."""
    assert decoded(document(body)) == values


@pytest.mark.parametrize(
    "data",
    [
        b"ABX\x00", b"ABX\x01\x10\x11", document(b"")[:-1], document(b"")[:-4] + b"\x11", document(b"") + b"more",
        document(b"\x2f\x00\x07" + utf(b"x")), document(b"\x24\xff\xffabc"), document(b"\x24" + utf(b"\xff")),
        document(b"\x0f"), document(b"\xef\x00\x00"), document(b"\x33\x00\x00"), b"ABX\x00\x10\x2f\xff\xff\x00\x01a",
        document(b"\x5f\x00\x00\xff\xff"), document(b"\x24" + utf(b"t") + b"\x2f\x00\x00" + utf(b"x")),
    ],
)  # fmt: skip
def test_what_is_no_binary_xml_is_refused(data: bytes) -> None:
    """Each is a format error, whatever the reader met inside."""
    with pytest.raises(FormatError):
        decoded(data)


def test_an_interned_text_is_found_at_each_of_its_places() -> None:
    """It is in the file once; pieces lead to every reference to it."""
    tag = Tag("r", {}, tuple(Tag("p", {"mail": Interned("jane@example.org")}) for _ in range(3)))
    file = FORM.encode(tag)
    (piece,) = FORM.expand(file, WHATEVER, LIMITS)
    places = FORM.locate(file, [offset for _, offset in piece.anchors], LIMITS)

    assert bytes(file.data).count(b"jane@example.org") == 1
    expected: list[tuple[Step, ...]] = [("r", "p", index, "@mail") for index in range(3)]
    assert [place.steps for place in places] == expected
    assert {place.value for place in places} == {b"jane@example.org"}


def test_an_offset_is_that_of_the_decoded_byte() -> None:
    """What takes six bytes in Java's UTF-8 takes four in everybody's."""
    file = FORM.encode({"mail": "😀 jane@example.org"})
    (place,) = FORM.locate(file, [bytes(file.data).index(b"jane")], LIMITS)

    assert place.value[place.offset :] == b"jane@example.org"


def test_what_comes_before_the_damage_is_kept() -> None:
    """Of a file that was cut off, whole values are read, and the rest counts as failed."""
    data = bytes(FORM.encode({"a": "jane@example.org", "b": "+44 7700 900123"}).data)
    cut = Document(data[: data.index(b"900123")])
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(cut, LIMITS))

    assert values == [Value(("a",), "jane@example.org")]
    assert FORM.account(cut, LIMITS).totals()[Share.FAILED] > 0
    assert FORM.locate(cut, [len(cut.data) - 1], LIMITS)[0].state is State.RAW


def test_nesting_has_a_limit() -> None:
    """A tower of elements costs an error, not the stack."""
    with pytest.raises(LimitError):
        decoded(b"ABX\x00\x10" + OPEN_A + b"\x32\x00\x00" * 5000)


@pytest.mark.parametrize("value", ["x" * 70_000, 1 << 63, "\ud800" * 30_000])
def test_what_cannot_be_written_is_refused(value: Preference) -> None:
    """Texts of more than 65,535 bytes and numbers of more than 64 bits are errors of the caller."""
    with pytest.raises(FormatError):
        FORM.encode({"a": value})
