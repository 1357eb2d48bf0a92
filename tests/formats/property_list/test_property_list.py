"""Property lists: equal to the standard library's reading, with a place for every value."""

import plistlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

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
WHATEVER = re.compile(rb"x")
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
LEAF = st.one_of(
    NAME,
    st.booleans(),
    st.integers(-(1 << 63), (1 << 64) - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=20),
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda when: when.replace(microsecond=0)),  # noqa: DTZ001
)
TREE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAME, inner, max_size=4))


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def leaves(node: Any, steps: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    """What the standard library's result holds, by path."""
    match node:
        case dict():
            for key, value in node.items():
                yield from leaves(value, (*steps, key))
        case list():
            for index, value in enumerate(node):
                yield from leaves(value, (*steps, index))
        case plistlib.UID():
            yield steps, repr(node.data)
        case datetime():
            yield steps, repr(node.replace(tzinfo=UTC))
        case _:
            yield steps, repr(node)


def told(values: list[Value]) -> Counter[tuple[tuple[Step, ...], str]]:
    return Counter((value.steps, repr(value.value)) for value in values)


@given(tree=TREE, is_binary=st.booleans())
def test_the_standard_library_reads_the_same(tree: Any, is_binary: bool) -> None:
    """Any list of either form, and every located value is one that was decoded."""
    document = FORM.encode(Plist(tree, is_binary))
    values = list(FORM.decode(document, LIMITS))

    assert told(values) == Counter(leaves(plistlib.loads(bytes(document.data))))
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known
    assert Share.FAILED not in FORM.account(document, LIMITS).totals()


@given(tree=TREE)
def test_pieces_lead_to_every_text_number_or_date(tree: Any) -> None:
    """Shared strings have several paths: each pair leads back to its own."""
    document = FORM.encode(Plist({"root": tree, "again": tree}))
    wanted = {
        (value.steps, as_bytes(value.value))
        for value in FORM.decode(document, LIMITS)
        if not isinstance(value.value, bool | bytes)
    }

    found = set()
    for piece in FORM.expand(document, WHATEVER, LIMITS):
        places = FORM.locate(document, [offset for _, offset in piece.anchors], LIMITS)
        ends = [start - 1 for start, _ in piece.anchors[1:]] + [len(piece.data)]
        for place, (start, _), end in zip(places, piece.anchors, ends, strict=True):
            assert piece.data[start:end] == b"\x1f".join((as_bytes(place.key), place.value)) or not place.key
            found.add((place.steps, place.value))

    assert found == wanted


def files_of(shared: Path | None, own: Path) -> list[Path]:
    folders = [own / "keyed-archives"]
    if shared:
        folders += [shared / "apple-plist", shared / "ios-sandbox", shared / "keyed-archives"]
    return [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]


def test_lists_of_others_are_read_as_the_standard_library_does(shared_corpus: Path | None, own_corpus: Path) -> None:
    """Where it reads a list, so do we, to the same values; what it refuses, we read better or refuse as well."""
    compared = 0
    for file in files_of(shared_corpus, own_corpus):
        data = file.read_bytes()
        if FORM.sniff(data[:4096], len(data)) < 0.5:
            continue
        try:
            tree = plistlib.loads(data)
        except (plistlib.InvalidFileException, ExpatError, ValueError):
            continue
        if file.name == "recursion.bplist":  # the standard library gives a list that holds itself
            continue
        if isinstance(tree, dict) and str(tree.get("$archiver")).endswith("KeyedArchiver") and "$objects" in tree:
            continue  # given as the graph that was archived: test_graph.py
        wanted = Counter(leaves(tree)) if tree is not None else Counter()
        assert told(decoded(data)) == wanted, file.name
        assert (
            FORM.account(Document(data), LIMITS).totals().get(Share.UNKNOWN, 0) <= 16 + len(data) // 50
        )  # objects that nothing refers to
        compared += 1
    assert compared >= 3


def test_a_wide_string_is_located_by_the_character() -> None:
    """UTF-16 in the file, UTF-8 in the place, and the offset is that of the character."""
    document = FORM.encode(Plist({"name": "Zoë Müller 東京"}))
    at = bytes(document.data).index("東".encode("utf-16-be"))

    for place in FORM.locate(document, [at, at + 1], LIMITS):
        assert place.steps == ("name",)
        assert place.value[place.offset :].decode() == "東京"


def test_a_string_that_is_key_and_value_is_located_as_the_value() -> None:
    """Writers store equal strings once."""
    document = FORM.encode(Plist({"jane@example.org": 1, "mail": "jane@example.org"}))
    (place,) = FORM.locate(document, [bytes(document.data).index(b"jane@")], LIMITS)

    assert (place.steps, place.in_key) == (("mail",), False)


def bplist(objects: list[bytes], top: int = 0) -> bytes:
    """A binary list of raw objects, with one-byte references and two-byte offsets."""
    data, offsets = b"bplist00", []
    for item in objects:
        offsets.append(len(data))
        data += item
    table = b"".join(offset.to_bytes(2, "big") for offset in offsets)
    trailer = bytes(6) + b"\x02\x01" + b"".join(n.to_bytes(8, "big") for n in (len(objects), top, len(data)))
    return data + table + trailer


def test_rare_objects_are_read() -> None:
    """Null, sets, UTF-8 strings, and the UTF-8 that Apple put into ASCII strings."""
    objects = [b"\xc4\x01\x02\x03\x04", b"\x00", b"\x75Zo\xc3\xab!", b"\x5f\x10\x04Zo\xc3\xab", b"\x52\xe9!"]

    assert [value.value for value in decoded(bplist(objects))] == [None, "Zoë!", "Zoë", "é!"]


def test_a_container_that_holds_itself_is_an_error() -> None:
    """Whether directly or through others; what comes before it is read."""
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(bplist([b"\xa2\x01\x02", b"\x53abc", b"\xa1\x00"])), LIMITS))

    assert values == [Value((0,), "abc")]


def test_a_bomb_of_shared_containers_costs_no_more_than_its_limit() -> None:
    """Forty arrays of two references each to the next are 2^40 paths."""
    bomb = bplist([b"\xa2" + bytes((n + 1, n + 1)) for n in range(40)] + [b"\x53abc"])

    with pytest.raises(LimitError):
        decoded(bomb)
    assert FORM.locate(Document(bomb), [bomb.index(b"abc")], LIMITS)[0].value == b"abc"
    assert Share.FAILED not in FORM.account(Document(bomb), LIMITS).totals()


@pytest.mark.parametrize("is_binary", [True, False])
def test_nesting_has_a_limit(is_binary: bool) -> None:
    """A tower of arrays costs an error, not the stack."""
    tower = bplist([b"\xa1" + bytes((n + 1,)) for n in range(200)] + [b"\x09"])

    with pytest.raises(LimitError):
        decoded(tower if is_binary else b"<plist>" + b"<array>" * 5000)


@pytest.mark.parametrize(
    "body",
    [b"<dict><string>a</string></dict>", b"<dict><key>a</key></dict>", b"<dict><key>a</key><key>b</key></dict>",
     b"<key>a</key>", b"<string>a</string><string>b</string>", b"<integer>x</integer>", b"<date>soon</date>",
     b"<data>\xc3\xa9</data>", b"<thing/>", b"<array>text</array>", b"<real></real>", b"<array>"],
)  # fmt: skip
def test_what_is_no_property_list_is_refused(body: bytes) -> None:
    """Each is a format error, whatever the parser met inside."""
    with pytest.raises(FormatError):
        decoded(b'<plist version="1.0">' + body + b"</plist>")


def test_a_document_that_declares_entities_is_refused() -> None:
    """Nothing is expanded, so there is no bomb."""
    with pytest.raises(FormatError):
        decoded(b'<!DOCTYPE plist [<!ENTITY a "aaaa">]><plist><string>&a;</string></plist>')


def test_data_of_an_xml_list_is_given_to_the_raw_lane() -> None:
    """It is base64 with line ends in it; the piece holds its bytes, and an offset leads to the byte it became."""
    secret = b"\x00" * 50 + b"jane@example.org" + b"\x00" * 50
    document = FORM.encode(Plist({"blob": secret}, is_binary=False))
    (piece,) = FORM.expand(document, WHATEVER, LIMITS)
    (place,) = FORM.locate(document, [piece.anchors[0][1]], LIMITS)

    assert piece.data == b"blob\x1f" + secret
    assert place.value == secret


def test_dates_of_no_calendar_are_given_as_they_are() -> None:
    """The year 0 of an uninitialised field costs neither the file nor the value."""
    assert decoded(b"<plist><date>0000-12-30T00:00:00Z</date></plist>") == [Value((), "0000-12-30T00:00:00Z")]
    assert decoded(bplist([b"\x33" + b"\x7f\xe0" + bytes(6)]))[0].value == pytest.approx(8.98846567431158e307)


def test_what_no_list_can_hold_is_refused() -> None:
    """Sets, keys that are no text and numbers of more than 64 bits are errors of the caller."""
    for root in ({1}, {1: "a"}, 1 << 65):
        with pytest.raises(FormatError):
            FORM.encode(Plist(root))  # type: ignore[arg-type]
