"""Preferences DataStore: what protoc wrote is read, and any preferences survive a round trip."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.encodings.varint import varint_bytes
from harness.errors import FormatError
from harness.formats._wire import LEN, tag
from harness.formats.base import as_bytes
from harness.formats.datastore import DataStore, Preference, Single
from harness.limits import Limits
from harness.model import Document, Long, Share, State, Value

FORM = DataStore()
LIMITS = Limits()
WHATEVER = re.compile(rb"x")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PREFERENCE: st.SearchStrategy[Preference] = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(1 << 31), (1 << 31) - 1),
    st.integers(-(1 << 63), (1 << 63) - 1).map(Long),
    st.floats(allow_nan=False),
    st.floats(width=32, allow_nan=False).map(Single),
    st.binary(max_size=20),
    st.lists(TEXT, min_size=1, max_size=3).map(tuple),
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def length(number: int, payload: bytes) -> bytes:
    return tag(number, LEN) + varint_bytes(len(payload)) + payload


def test_what_protoc_wrote_is_read(shared_corpus: Path | None) -> None:
    """Every planted value under its name, and none besides."""
    for file in json.loads((shared_corpus / "datastore" / "truth.json").read_text()) if shared_corpus else ():
        if not file["file"].startswith("prefs"):
            continue
        wanted = []
        for planted in file["values"]:
            many = planted["value"] if isinstance(planted["value"], list) else [planted["value"]]
            wanted += [(planted["key"], str(value)) for value in many]
        data = (shared_corpus / "datastore" / file["file"]).read_bytes() if shared_corpus else b""
        values = decoded(data)

        assert FORM.sniff(data[:4096], len(data)) > 0.9
        assert sorted((str(v.steps[0]), as_bytes(v.value).decode()) for v in values) == sorted(wanted)
        if all(value.state is State.LIVE for value in values):
            assert FORM.encode(content_of(values)).data == data


def content_of(values: list[Value]) -> dict[str, Preference]:
    content: dict[str, Preference] = {}
    sets: dict[str, list[str]] = {}
    for value in values:
        name = str(value.steps[0])
        if len(value.steps) == 2:
            content[name] = sets.setdefault(name, [])
            sets[name].append(str(value.value))
        else:
            content[name] = value.value  # type: ignore[assignment]
    return content


@given(content=st.dictionaries(TEXT, PREFERENCE, max_size=6))
def test_any_preferences_survive_a_round_trip(content: dict[str, Preference]) -> None:
    """What is written is read back, every byte is accounted for, and every byte of a text leads to it."""
    document = FORM.encode(content)
    values = decoded(bytes(document.data))
    wanted = [
        (name, item) for name, value in content.items() for item in (value if isinstance(value, tuple) else (value,))
    ]

    assert [(value.steps[0], value.value) for value in values] == wanted
    assert Share.FAILED not in FORM.account(document, LIMITS).totals()
    known = {(value.steps, as_bytes(value.value)) for value in values}
    texts = {as_bytes(v.value) for v in values if isinstance(v.value, str | bytes)}
    for offset, place in enumerate(FORM.locate(document, range(len(document.data)), LIMITS)):
        assert not place.value or place.in_key or (place.steps, place.value) in known
        if place.value and (place.in_key or place.value in texts):
            assert place.value[place.offset] == document.data[offset]


def test_a_value_that_was_written_twice_is_live_once() -> None:
    """The later entry of a map counts; the earlier is still in the file, and so is the earlier value of an entry."""
    data = bytes(FORM.encode({"mail": "old@example.org"}).data) + bytes(FORM.encode({"mail": "new@example.org"}).data)
    twice = length(1, length(1, b"tel") + length(2, length(5, b"555-0100") + length(5, b"555-0101")))

    assert decoded(data) == [
        Value(("mail",), "old@example.org", State.SUPERSEDED),
        Value(("mail",), "new@example.org"),
    ]
    assert [(v.value, v.state) for v in decoded(twice)] == [
        ("555-0100", State.SUPERSEDED), ("555-0101", State.LIVE),
    ]  # fmt: skip
    (place,) = FORM.locate(Document(data), [data.index(b"old")], LIMITS)
    assert place.state is State.SUPERSEDED


@pytest.mark.parametrize(
    "data",
    [
        b"\x08\x01",
        length(2, b""),
        length(1, length(3, b"x")),
        length(1, length(1, b"a") + length(2, length(9, b"x"))),
        length(1, length(1, b"a") + length(2, b"\x28\x01")),
        length(1, length(1, b"\xff")),
        length(1, length(1, b"a") + length(2, length(6, b"\x08\x01"))),
        b"\x0a\x05\x0a\x01",
    ],
)
def test_what_is_no_store_is_refused(data: bytes) -> None:
    """Each is a format error, and not claimed."""
    with pytest.raises(FormatError):
        decoded(data)
    assert FORM.sniff(data, len(data)) == 0


def test_a_first_value_larger_than_the_head_is_recognised() -> None:
    """The name and the lengths tell; the rest is read when the file is."""
    data = bytes(FORM.encode({"cache": '{"email": "jane@example.org"}' * 1000}).data)

    assert FORM.sniff(data[:4096], len(data)) > 0.9
    assert FORM.sniff(data[:4096], len(data) - 1) == 0


def test_names_reach_the_raw_lane() -> None:
    """Lengths stand between a name and its value in the file; the piece has them side by side."""
    document = FORM.encode({"ssn": "219-09-9999", "phone": 15555550123})
    (piece,) = FORM.expand(document, WHATEVER, LIMITS)

    assert piece.data == b"ssn\x1f219-09-9999\x1ephone\x1f15555550123"
    places = FORM.locate(document, [offset for _, offset in piece.anchors], LIMITS)
    assert [place.value for place in places] == [b"219-09-9999", b"15555550123"]


@pytest.mark.parametrize("value", ["\ud800", 1 << 63])
def test_what_no_store_can_hold_is_refused(value: Preference) -> None:
    """Half a surrogate pair and a number of more than 64 bits are errors of the caller."""
    with pytest.raises(FormatError):
        FORM.encode({"a": value})
