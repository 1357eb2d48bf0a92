"""Keyed archives: the graph that was archived, at every path the same in either form, whatever refers to what."""

import json
import plistlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import FormatError, LimitError
from harness.formats.base import as_bytes
from harness.formats.property_list import Archive, Archived, Instance, Plist, PropertyList
from harness.limits import Limits
from harness.model import Document, Share, Step, Value

FORM = PropertyList()
LIMITS = Limits()
WHATEVER = re.compile(rb"x")
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
WHEN = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda when: when.replace(microsecond=0, fold=0)
)
LEAF = st.one_of(
    st.none(), NAME, st.booleans(), st.integers(-(1 << 63), (1 << 63) - 1), st.binary(max_size=20), st.uuids(), WHEN
)
TREE = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAME, inner, max_size=4)
        | st.dictionaries(NAME.filter(lambda name: not name.startswith(("$", "NS."))), inner, max_size=4).map(
            lambda fields: Instance("Profile", fields)
        )
    ),
    max_leaves=12,
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def written(root: Archived, *, is_binary: bool = True) -> bytes:
    return bytes(FORM.encode(Archive(root, is_binary)).data)


def listed(root: object, **more: object) -> bytes:
    """An archive of raw objects."""
    frame = {"$archiver": "NSKeyedArchiver", "$objects": root, "$top": {"root": plistlib.UID(1)}, **more}
    return plistlib.dumps(frame, fmt=plistlib.FMT_BINARY)


def told(values: list[Value]) -> dict[tuple[Step, ...], object]:
    return {value.steps: value.value for value in values}


def leaves(node: Any, steps: tuple[Step, ...] = ("root",)) -> Iterator[tuple[tuple[Step, ...], str]]:
    """What was archived, by path."""
    match node:
        case Instance():
            yield (*steps, "$class"), repr(node.name)
            yield from (leaf for key, value in node.fields.items() for leaf in leaves(value, (*steps, key)))
        case dict():
            yield from (leaf for key, value in node.items() for leaf in leaves(value, (*steps, key)))
        case list():
            yield from (leaf for index, value in enumerate(node) for leaf in leaves(value, (*steps, index)))
        case UUID():
            yield steps, repr(str(node).upper())
        case _:
            yield steps, repr(node)


@settings(deadline=None)
@given(tree=TREE, is_binary=st.booleans())
def test_what_was_archived_is_given(tree: Any, is_binary: bool) -> None:
    """Any graph in either form; every byte located in a value is in one that was decoded, and none is damaged."""
    data = written(tree, is_binary=is_binary)
    values = decoded(data)

    assert Counter((value.steps, repr(value.value)) for value in values) == Counter(leaves(tree))
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(Document(data), range(len(data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known
    assert not FORM.account(Document(data), LIMITS).fault


@settings(deadline=None)
@given(tree=TREE, is_binary=st.booleans())
def test_pieces_lead_to_every_text_number_or_date(tree: Any, is_binary: bool) -> None:
    """A text that several objects share has several paths: each pair leads back to its own."""
    data = written({"root": tree, "again": tree}, is_binary=is_binary)
    wanted = {
        (value.steps, as_bytes(value.value))
        for value in decoded(data)
        if not (value.value is None or isinstance(value.value, bool | bytes) or value.value == "")
    }

    found = set()
    for piece in FORM.expand(Document(data), WHATEVER, LIMITS):
        for place in FORM.locate(Document(data), [offset for _, offset in piece.anchors], LIMITS):
            found.add((place.steps, place.value))

    assert wanted <= found


def test_a_cycle_ends_where_it_closes() -> None:
    """Parent and child hold each other; each is given once, at its shortest path."""
    fields: dict[str, Archived] = {"name": "Jane"}
    parent = Instance("Parent", fields)
    fields["child"] = Instance("Child", {"parent": parent, "mail": "jane@example.org", "self": parent})

    assert told(decoded(written({"far": {"away": parent}, "near": parent}))) == {
        ("root", "near", "$class"): "Parent",
        ("root", "near", "name"): "Jane",
        ("root", "near", "child", "$class"): "Child",
        ("root", "near", "child", "mail"): "jane@example.org",
    }


def test_objects_that_share_cost_no_more_than_their_bytes() -> None:
    """Forty objects of two references each to the next are 2^40 paths."""
    last: Archived = "abc"
    for _ in range(40):
        last = Instance("Node", {"left": last, "right": last})
    values = decoded(written(last))

    assert len(values) == 42
    assert sum(value.value == "abc" for value in values) == 2


def test_a_tower_of_objects_has_a_limit() -> None:
    """It costs an error, not the stack."""
    objects: list[object] = ["$null"]
    objects += [{"next": plistlib.UID(n + 2)} for n in range(300)]

    with pytest.raises(LimitError):
        decoded(listed([*objects, "end"]))


def test_classes_of_foundation_are_what_they_stand_for() -> None:
    """Strings, data, dates, locators, numbers: mutable or not, the value stands at the object's own path."""
    names = [
        ("NSMutableString", "NSString"), ("NSMutableData", "NSData"), ("NSURL",), ("NSLocale",), ("NSDecimalNumber",),
        ("NSMutableAttributedString", "NSAttributedString"), ("MyURL", "NSURL"), ("NSNull",),
    ]  # fmt: skip
    classes = [{"$classname": each[0], "$classes": [*each, "NSObject"]} for each in names]
    uid = plistlib.UID
    decimal = {"NS.mantissa": (1999).to_bytes(16, "little"), "NS.exponent": -2, "NS.length": 1, "NS.negative": True}
    objects = [
        "$null",
        {"s": uid(2), "d": uid(3), "u": uid(4), "l": uid(5), "n": uid(6), "a": uid(7), "m": uid(8), "z": uid(9)},
        {"NS.string": "Zoë", "$class": uid(20)},
        {"NS.data": b"\x00\x01", "$class": uid(21)},
        {"NS.base": uid(0), "NS.relative": uid(10), "$class": uid(22)},
        {"NS.identifier": uid(11), "$class": uid(23)},
        {**decimal, "$class": uid(24)},
        {"NSString": uid(2), "NSAttributes": uid(12), "$class": uid(25)},
        {"NS.base": uid(4), "NS.relative": uid(11), "$class": uid(26)},
        {"$class": uid(27)},
        "https://example.org/",
        "de_DE",
        {"font": "Menlo"},
        *["unused"] * 7,
        *classes,
    ]

    assert {steps: value for steps, value in told(decoded(listed(objects))).items() if steps[0] == "root"} == {
        ("root", "s"): "Zoë",
        ("root", "d"): b"\x00\x01",
        ("root", "u"): "https://example.org/",
        ("root", "l"): "de_DE",
        ("root", "n"): "-19.99",
        ("root", "a"): "Zoë",
        ("root", "a", "NSAttributes", "font"): "Menlo",
        ("root", "m"): "de_DE",
        ("root", "m", "$class"): "MyURL",
        ("root", "m", "NS.base"): "https://example.org/",
        ("root", "z"): None,
    }


def test_keys_that_are_no_text_keep_their_values() -> None:
    """A number or a UUID is its text; an object is a value beside its own."""
    uid = plistlib.UID
    classes = [{"$classname": name, "$classes": [name, "NSObject"]} for name in ("NSDictionary", "NSUUID", "Key")]
    objects = [
        "$null",
        {"NS.keys": [uid(2), uid(3), uid(4)], "NS.objects": [uid(5), uid(5), uid(5)], "$class": uid(6)},
        7,
        {"NS.uuidbytes": bytes(16), "$class": uid(7)},
        {"name": "Jane", "$class": uid(8)},
        "x",
        *classes,
    ]

    assert told(decoded(listed(objects))) == {
        ("root", "7"): "x",
        ("root", "00000000-0000-0000-0000-000000000000"): "x",
        ("root", 2): "x",
        ("root", 2, "NS.key", "$class"): "Key",
        ("root", 2, "NS.key", "name"): "Jane",
    }


def test_what_nothing_refers_to_is_given_where_it_stands() -> None:
    """It is in the file, so whoever reads the file has it."""
    data = listed(["$null", "root", {"mail": plistlib.UID(3)}, "jane@example.org"], extra="more")

    assert told(decoded(data)) == {
        ("root",): "root",
        ("extra",): "more",
        ("$objects", 2, "mail"): "jane@example.org",
    }


def test_a_reference_to_nothing_costs_its_value_alone() -> None:
    """What can be read is given first; then the damage is told, and the ledger tells it too."""
    data = listed(["$null", {"a": plistlib.UID(9), "b": "x", "$class": plistlib.UID(8)}, "y"])
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(data), LIMITS))

    assert told(values) == {("root", "b"): "x", ("$objects", 2): "y"}
    assert FORM.account(Document(data), LIMITS).totals() == {Share.FAILED: len(data)}


def test_an_archive_in_data_is_searched_with_its_keys() -> None:
    """UserDefaults hold archives as data: their pairs are given to the raw lane, anchored at the data."""
    inner = written({"msisdn": 447700900123})
    for is_binary in (True, False):
        document = FORM.encode(Plist({"profile": inner}, is_binary))
        pieces = list(FORM.expand(document, WHATEVER, LIMITS))
        assert any(b"msisdn\x1f447700900123" in piece.data for piece in pieces)
        ((start, offset),) = [
            anchor for piece in pieces for anchor in piece.anchors if piece.data.startswith(b"msisdn", anchor[0])
        ]
        assert start > 0
        (place,) = FORM.locate(document, [offset], LIMITS)
        assert (place.steps, place.value) == (("profile",), inner)


def archives(shared: Path | None, own: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    folders = [own / "keyed-archives"]
    if shared:
        folders += [shared / "apple-plist", shared / "keyed-archives"]
    for file in (file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()):
        data = file.read_bytes()
        if b"NSKeyedArchiver" in data and FORM.sniff(data[:4096], len(data)) > 0.5:
            yield file, plistlib.loads(data)


def resolved(tree: dict[str, Any]) -> list[object]:
    """All that the archive refers to, by a resolver of a few lines: the values alone, of graphs without cycles."""
    found: list[object] = []

    def visit(node: Any) -> None:
        number = node.data if isinstance(node, plistlib.UID) else None
        if isinstance(node, dict) and set(node) == {"CF$UID"}:
            number = node["CF$UID"]
        if number is not None:
            node = tree["$objects"][number]
        if isinstance(node, dict):
            keys = [key for key in node if key not in ("$class", "NS.keys")]
            for key in keys:
                visit(node[key])
        elif isinstance(node, list):
            for each in node:
                visit(each)
        else:
            found.append(node)

    visit(tree["$top"])
    return found


def alike(value: object) -> set[str]:
    """The forms that a stored value may be given in."""
    forms = {repr(value)}
    if isinstance(value, bytes) and len(value) == 16:
        forms.add(repr(str(UUID(bytes=value)).upper()))
    if isinstance(value, float):
        forms.add(repr(datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=value)))
    if isinstance(value, datetime):
        forms.add(repr(value.replace(tzinfo=UTC)))
    return forms


def test_archives_of_others_give_all_that_is_in_them(shared_corpus: Path | None, own_corpus: Path) -> None:
    """Those of Foundation, GNUstep and Go: every value that the few lines above find, and none beside them."""
    compared = 0
    for file, tree in archives(shared_corpus, own_corpus):
        if "$objects" not in tree or tree["$archiver"] != "NSKeyedArchiver":
            continue
        given = {repr(value.value) for value in decoded(file.read_bytes()) if value.steps[0] != "$objects"}
        wanted = [alike(value) for value in resolved(tree) if value != "$null"]
        assert all(forms & given for forms in wanted), file.name
        known = {form for forms in wanted for form in forms} | {"None"}
        known |= {repr(each.get("$classname")) for each in tree["$objects"] if isinstance(each, dict)}
        assert given <= known, file.name
        compared += 1
    assert compared >= 4


def test_planted_values_are_given(shared_corpus: Path | None, own_corpus: Path) -> None:
    """All of the truth of the archives that GNUstep wrote, at readable places."""
    for folder in filter(None, (own_corpus, shared_corpus)):
        base = folder / "keyed-archives"
        for entry in json.loads((base / "truth" / "truth.json").read_text(encoding="utf-8")):
            if not (base / entry["file"]).exists() or "defaults" in entry["mode"]:
                continue
            values = decoded((base / entry["file"]).read_bytes())
            texts = {as_bytes(value.value).decode("utf-8", "replace").lower() for value in values}
            whole = "\n".join(texts)
            for planted in entry["values"]:
                text = str(planted["value"]).lower()
                assert text in texts or text in whole or f"{text}.0" in texts, (entry["file"], planted["type"])
            assert not any("CF$UID" in value.steps or "NS.objects" in value.steps for value in values)
