"""Compiled XML: what aapt wrote is read as aapt reads it, and any document survives a round trip."""

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError, LimitError
from harness.formats.axml import Axml, Compiled, Reference, Tag
from harness.formats.axml.attributes import ATTRIBUTE_IDS, Typed, attribute_name, typed_value
from harness.formats.base import as_bytes
from harness.limits import Limits
from harness.model import Document, Scalar, Share, State, Value

FORM = Axml()
LIMITS = Limits()
WHATEVER = re.compile(rb"x")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
NAME = st.text("abcde", min_size=1, max_size=3)
KNOWN = sorted(set(ATTRIBUTE_IDS) - {"name", "value"})
ATTRIBUTE_NAME = st.one_of(NAME, st.sampled_from(KNOWN).map(lambda name: f"android:{name}"))
ATTRIBUTE = st.one_of(TEXT, st.booleans(), st.integers(-(1 << 31), (1 << 31) - 1))
TREE: st.SearchStrategy[Tag] = st.recursive(
    st.builds(Tag, NAME, st.dictionaries(ATTRIBUTE_NAME, ATTRIBUTE, max_size=3), st.lists(TEXT, max_size=1)),
    lambda inner: st.builds(
        Tag, NAME, st.dictionaries(ATTRIBUTE_NAME, ATTRIBUTE, max_size=2), st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def effect(values: list[Value], *steps: str) -> Any:
    return next((value.value for value in values if value.steps == steps), None)


def held(tag: Tag) -> Iterator[Any]:
    yield from tag.attributes.values()
    for child in tag.children:
        if isinstance(child, Tag):
            yield from held(child)
        else:
            yield child


def told(values: Iterator[Any] | list[Any]) -> list[str]:
    return sorted(repr(value) for value in values)


@given(tree=TREE, is_utf8=st.booleans())
def test_any_document_survives_a_round_trip(tree: Tag, is_utf8: bool) -> None:
    """Every attribute with its type and every text; every byte accounted for; each place one that is decoded."""
    document = FORM.encode(Compiled(Tag("root", {}, (tree,)), is_utf8))
    values = decoded(bytes(document.data))

    assert told([value.value for value in values]) == told(held(tree))
    assert Share.FAILED not in FORM.account(document, LIMITS).totals()
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


@given(tree=TREE, is_utf8=st.booleans())
def test_pieces_lead_to_every_value(tree: Tag, is_utf8: bool) -> None:
    """Strings are shared: each value is reached at the attribute that refers to it."""
    document = FORM.encode(Compiled(Tag("root", {}, (tree,)), is_utf8))
    wanted = {(value.steps, as_bytes(value.value)) for value in decoded(bytes(document.data))}
    found = set()
    for piece in FORM.expand(document, WHATEVER, LIMITS):
        for place in FORM.locate(document, [offset for _, offset in piece.anchors], LIMITS):
            found.add((place.steps, place.value))

    assert found == wanted


def test_the_effect_of_every_manifest_is_read(shared_corpus: Path | None) -> None:
    """Whether an app is backed up and debugged, and by which rules, as written or through a resource."""
    folder = shared_corpus / "android-xml" if shared_corpus else None
    for app in json.loads((folder / "truth" / "built.json").read_text()) if folder else ():
        values = decoded((folder / "built" / app["id"] / "AndroidManifest.xml").read_bytes()) if folder else []
        backed_up = effect(values, "manifest", "application", "@allowBackup")
        permissions = {v.value for v in values if v.steps[:2] == ("manifest", "uses-permission")}

        assert effect(values, "manifest", "@package") == app["package"]
        assert bool(effect(values, "manifest", "application", "@debuggable")) == app["debuggable_effective"]
        assert effect(values, "manifest", "uses-sdk", "@minSdkVersion") == app["minSdk"]
        assert permissions == set(app["permissions"])
        if app["allowBackup_via_resource"]:
            assert str(backed_up).startswith("@0x7f")
        else:
            assert (backed_up is not False) == app["allowBackup_effective"]
        assert (effect(values, "manifest", "application", "@fullBackupContent") is not None) == app[
            "has_backup_rules"
        ]


def test_malformed_manifests_are_read_or_refused(shared_corpus: Path | None) -> None:
    """What is malformed on purpose is read as the platform does; what lies about its size says so at its end."""
    folder = shared_corpus / "android-xml" / "androguard" if shared_corpus else None
    for path in sorted(folder.glob("*.xml")) if folder else ():
        data = path.read_bytes()
        values: list[Value] = []
        assert FORM.sniff(data[:4096], len(data)) > 0.9, path.name
        if "WrongFilesize" in path.name:
            with pytest.raises(FormatError):
                values.extend(FORM.decode(Document(data), LIMITS))
        else:
            values = decoded(data)
        assert len(values) >= 8, path.name
        assert sum(FORM.account(Document(data), LIMITS).totals().values()) == len(data)


def test_names_of_attributes_are_those_of_the_platform() -> None:
    """An obfuscated name says nothing; the number counts."""
    assert attribute_name(":", 0x01010280) == "allowBackup"
    assert attribute_name("", 0x0101063E) == "dataExtractionRules"
    assert attribute_name("", 0x01019999) == "0x01019999"
    assert attribute_name("anything", 0x01019999) == "anything"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ((0x12, 0xFFFFFFFF), True), ((0x12, 0), False), ((0x10, 0xFFFFFFFE), -2), ((0x11, 0x4A0), 0x4A0),
        ((0x01, 0x7F020000), "@0x7f020000"), ((0x02, 0x01010001), "?0x01010001"), ((0x05, 0x101), "1dp"),
        ((0x05, 0xF01), "15dp"), ((0x05, 0x4D00), "77px"), ((0x06, 0x40000030), "50%"),
        ((0x1C, 0xFFAABBCC), "#ffaabbcc"),
        ((0x04, 0x3DCCCCCD), 0.1), ((0x00, 0), None),
    ],
)  # fmt: skip
def test_typed_values_read_as_they_are_written(typed: tuple[int, int], value: Scalar) -> None:
    """Booleans, numbers, references, sizes, colours."""
    assert typed_value(Typed(*typed)) == value


def test_a_string_is_located_by_the_character() -> None:
    """UTF-16 in the file, UTF-8 in the place, whose offset is that of the character."""
    document = FORM.encode(Compiled(Tag("a", {"b": "Zoë Müller 東京", "c": "x"})))
    at = bytes(document.data).index("東".encode("utf-16-le"))

    for place in FORM.locate(document, [at, at + 1], LIMITS):
        assert place.steps == ("a", "@b")
        assert place.value[place.offset :].decode() == "東京"


def test_strings_that_nothing_refers_to_are_found() -> None:
    """Somebody wrote them; they are no values of the document."""
    data = bytearray(FORM.encode(Compiled(Tag("a", {"b": "jane@example.org", "c": "x"}), is_utf8=True)).data)
    at = data.index(struct.pack("<HBB", 8, 0, 3))  # the type of the first attribute: from text to number
    data[at + 3] = 0x10
    values = decoded(bytes(data))
    (place,) = FORM.locate(Document(bytes(data)), [data.index(b"jane")], LIMITS)

    assert Value(("strings", 1), "jane@example.org", State.UNALLOCATED) in values
    assert (place.steps, place.state, place.value) == (("strings", 1), State.UNALLOCATED, b"jane@example.org")


def test_what_comes_before_the_damage_is_kept() -> None:
    """Of a document that was cut off, whole elements are read, and the rest counts as failed."""
    children = tuple(Tag("b", {"c": f"jane{number}@example.org"}) for number in range(4))
    data = bytes(FORM.encode(Compiled(Tag("a", {}, children))).data)
    cut = Document(data[:-40])
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(cut, LIMITS))

    assert [value.value for value in values] == [f"jane{number}@example.org" for number in range(4)]
    assert FORM.account(cut, LIMITS).totals()[Share.FAILED] > 0


def test_strings_over_each_other_cost_no_more_than_their_limit() -> None:
    """A pool of many offsets into one long text would unpack to the square of its size."""
    text = b"\xff\xff\xff\xff" + b"x" * 32767 + b"\x00"
    count = 4000
    offsets = struct.pack("<I", 0) * count
    spread = b"".join(struct.pack("<I", 2 * number) for number in range(count))
    body = b"\x8f\xff\x8f\xff" * 8192 + text
    for table in (offsets, spread):
        pool = struct.pack("<HHIIIIII", 1, 28, 28 + len(table) + len(body), count, 0, 256, 28 + len(table), 0)
        data = struct.pack("<HHI", 3, 8, 8 + 28 + len(table) + len(body)) + pool + table + body
        try:
            size = sum(len(as_bytes(value.value)) for value in decoded(data))
        except LimitError:
            size = 0
        assert size < 10 * len(data)
        assert len(FORM.locate(Document(data), range(0, len(data), 999), LIMITS)) == len(range(0, len(data), 999))


def test_nesting_has_a_limit() -> None:
    """A tower of elements costs an error, not the stack."""
    tower = Tag("a")
    for _ in range(200):
        tower = Tag("a", {}, (tower,))

    with pytest.raises(LimitError):
        decoded(bytes(FORM.encode(Compiled(tower)).data))


@pytest.mark.parametrize(
    "tag",
    [Tag("a", {"b": 1 << 32}), Tag("a", {"b": "\ud800"}), Tag("a", {"b": "x" * 40_000}), Tag("a", {"android:zz": 1}),
     Tag("a", {"b": Reference(1 << 33)})],
)  # fmt: skip
def test_what_cannot_be_compiled_is_refused(tag: Tag) -> None:
    """Errors of the caller."""
    with pytest.raises(FormatError):
        FORM.encode(Compiled(tag))
