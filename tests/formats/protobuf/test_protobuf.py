"""Protobuf without a schema: messages are read as what they are, and what is none is not claimed."""

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError, LimitError
from harness.formats.base import as_bytes
from harness.formats.protobuf import Fixed32, Node, Protobuf
from harness.limits import Limits
from harness.model import Document, Scalar, Share, Step, Value

FORM = Protobuf()
LIMITS = Limits()
NAME = st.text("abcdefghij @.", min_size=3, max_size=20).filter(lambda text: text[0].isalpha())
LEAF: st.SearchStrategy[Node] = st.one_of(
    NAME,
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(1.0, 1000.0),
    st.floats(1.0, 1000.0, width=32).map(Fixed32),
)
MESSAGE = st.dictionaries(st.integers(2, 15), LEAF, max_size=4).map(lambda held: {1: "Jane Roe", **held})
TREE = st.dictionaries(st.integers(2, 15), st.one_of(LEAF, MESSAGE), max_size=5).map(
    lambda held: {1: "jane@example.org", **held}
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def read(message: dict[int, Node]) -> list[Value]:
    return decoded(bytes(FORM.encode(message).data))


def leaves(message: dict[int, Node], steps: tuple[Step, ...] = ()) -> list[tuple[tuple[Step, ...], Scalar]]:
    found: list[tuple[tuple[Step, ...], Scalar]] = []
    for number in sorted(message):
        node = message[number]
        if isinstance(node, dict):
            found += leaves(node, (*steps, str(number)))
        else:
            found.append(((*steps, str(number)), node))  # type: ignore[arg-type]
    return found


@given(message=TREE)
def test_any_message_survives_a_round_trip(message: dict[int, Node]) -> None:
    """Every value under the numbers that lead to it, every byte accounted for, every text where it stands."""
    document = FORM.encode(message)
    values = decoded(bytes(document.data))

    told = [(value.steps, value.value) for value in values]
    for (steps, node), (found, value) in zip(leaves(message), told, strict=True):
        if steps != found:  # an entry of a map is named
            assert found[:-1] == steps[:-1]
        assert value == (pytest.approx(node) if isinstance(node, float) else node)
    ledger = FORM.account(document, LIMITS)
    assert not ledger.fault
    assert sum(ledger.totals().values()) == len(document.data)
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for offset, place in enumerate(FORM.locate(document, range(len(document.data)), LIMITS)):
        assert not place.value or place.in_key or (place.steps, place.value) in known
        if place.value and not place.in_key and place.value in bytes(document.data):
            assert place.value[place.offset] == document.data[offset] or len(place.value) < 3


def test_typed_stores_are_read(shared_corpus: Path | None) -> None:
    """Without the schema that wrote them, every planted value is one of those that were decoded."""
    for file in json.loads((shared_corpus / "datastore" / "truth.json").read_text()) if shared_corpus else ():
        if not file["file"].startswith("typed"):
            continue
        data = (shared_corpus / "datastore" / file["file"]).read_bytes() if shared_corpus else b""
        found = {as_bytes(value.value).decode("latin-1") for value in decoded(data)}

        assert FORM.sniff(data[:4096], len(data)) > 0.9
        for planted in file["values"]:
            text = str(planted["value"]).encode().decode("latin-1")
            assert any(text == each or ("inside" in planted and text in each) for each in found)


def test_entries_of_a_map_have_their_names() -> None:
    """A name says more than a number; people's names are values."""
    values = read({4: [{1: "ssn", 2: "219-09-9999"}, {1: "cards", 2: {1: "4111 1111 1111 1111", 3: 7}}]})
    person = read({2: {1: "Jane Roe", 2: "jane@example.org"}})

    assert [value.steps for value in values] == [("4", "ssn"), ("4", "cards", "1"), ("4", "cards", "3")]
    assert [value.steps for value in person] == [("2", "1"), ("2", "2")]


def test_what_a_field_holds_is_told_by_its_likes() -> None:
    """A text that could be a message is one where the others of its field are."""
    short = {1: "x" * 40}
    texts = read({3: ["(@" * 21, "plain text, which no message begins with"]})

    assert [v.steps for v in read({3: [short, short, {1: "y" * 10, 2: 5}]})] == [
        ("3", 0, "1"), ("3", 1, "1"), ("3", 2, "1"), ("3", 2, "2"),
    ]  # fmt: skip
    assert [v.value for v in texts] == ["(@" * 21, "plain text, which no message begins with"]


def test_packed_numbers_and_hashes_stay_bytes() -> None:
    """They are no messages, and nothing is made of them."""
    assert read({1: "jane@example.org", 7: b"\x01\x02\xac\x02", 8: bytes(range(128, 160))}) == [
        Value(("1",), "jane@example.org"), Value(("7",), b"\x01\x02\xac\x02"), Value(("8",), bytes(range(128, 160))),
    ]  # fmt: skip


def test_groups_are_entered() -> None:
    """As messages of old were nested."""
    data = b"\x0b\x12\x10jane@example.org\x18\x05\x0c\x10\x01"

    assert decoded(data) == [Value(("1", "2"), "jane@example.org"), Value(("1", "3"), 5), Value(("2",), 1)]


@pytest.mark.parametrize(
    "data",
    [b"\x00\x01", b"\x0f", b"\x0a\x05ab", b"\x08", b"\x09\x01\x02", b"\x0c", b"\x0b\x14", b"\x0b\x08\x01",
     b"\x08" + b"\xff" * 10 + b"\x01"],
)  # fmt: skip
def test_what_is_no_message_is_refused(data: bytes) -> None:
    """Each is a format error, and not claimed."""
    with pytest.raises(FormatError):
        decoded(data)
    assert FORM.sniff(data, len(data)) == 0


def test_what_comes_before_the_damage_is_kept() -> None:
    """Of a message that was cut off, whole fields are read, and the rest counts as failed."""
    data = bytes(FORM.encode({1: "jane@example.org", 2: "+44 7700 900123"}).data)
    cut = Document(data[:-3])
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(cut, LIMITS))

    assert values == [Value(("1",), "jane@example.org")]
    assert FORM.account(cut, LIMITS).totals()[Share.FAILED] == 14


def test_nesting_has_a_limit() -> None:
    """A tower of messages or of groups costs an error or is bytes, not the stack."""
    tower: dict[int, Node] = {1: "jane@example.org", 2: 5, 3: 6}
    for _ in range(90):
        tower = {1: "jane@example.org", 2: tower}
    groups = b"\x0b" * 5000 + b"\x0c" * 5000

    assert len(read(tower)) == 93
    with pytest.raises(LimitError):
        list(FORM.decode(FORM.encode(tower), Limits(structure_depth=20)))
    with pytest.raises(FormatError):
        decoded(groups)


@pytest.mark.parametrize("seed", range(40))
def test_neither_noise_nor_text_is_claimed(seed: int) -> None:
    """Random bytes of any size, words, numbers, and texts that begin with a line end."""
    dice = random.Random(seed)
    words = "".join(dice.choice("\n ,.;:()\"'*+-/0123456789ABCabcdefghijklmnopqrstuvwxyzäöü") for _ in range(200))
    samples = [dice.randbytes(size) for size in (3, 9, 17, 40, 100, 4096)]
    samples += [words[:size].encode() for size in (5, 12, 30, 60, 200)]
    samples += [b"\n" + sample for sample in samples]

    assert [FORM.sniff(sample, len(sample)) for sample in samples] == [0.0] * len(samples)


def test_numbers_reach_the_raw_lane_under_telling_names() -> None:
    """They are in binary in the file."""
    document = FORM.encode({4: [{1: "phone", 2: 15555550123}, {1: "count", 2: 7}], 5: 15555550123})
    (piece,) = FORM.expand(document, re.compile(rb"phone"), LIMITS)

    assert piece.data == b"phone\x1f15555550123"


def test_what_cannot_be_written_is_refused() -> None:
    """Numbers out of range, lists of lists, half a surrogate pair."""
    for message in ({0: 1}, {1: 1 << 64}, {1: [["a"]]}, {1: "\ud800"}):
        with pytest.raises(FormatError):
            FORM.encode(message)
