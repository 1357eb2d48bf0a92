"""Realm files: every value at its class, object and property; older states; keys; hostile trees."""

import contextlib
import json
import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.accuracy.realm import measure
from harness.errors import FormatError, LimitError
from harness.formats.base import as_bytes
from harness.formats.realm import Realm, Store, Table, decrypted
from harness.formats.realm.arrays import Arrays
from harness.formats.realm.leaves import Kind, cells, number_of_decimal
from harness.limits import Limits
from harness.model import Document, Share, State, Value

LIMITS = Limits()
KEY = bytes(range(64))
TEXTS = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=90)
)
NUMBERS = st.integers(-(2**62), 2**62)


def read(data: bytes) -> list[Value]:
    return list(Realm().decode(Document(data), LIMITS))


def test_the_corpus_is_read_whole(shared_corpus: Path | None) -> None:
    """All that Realm reads back at its class, object and property, all residues on disk, nothing else."""
    if shared_corpus is not None:
        live, past = measure(shared_corpus)
        assert (live.planted, live.invented) == (live.found, 0)
        assert past.found >= 0.98 * past.planted > 0


def test_a_key_opens_what_realm_encrypted(shared_corpus: Path | None) -> None:
    """The right one; another one is refused."""
    if shared_corpus is None:
        data, key = bytes(Realm().encode(Store((Table("A", ("x",), (("y",),)),), key=KEY)).data), KEY
    else:
        folder = shared_corpus / "realm" / "e6-encrypted"
        data = (folder / "default.realm").read_bytes()
        key = bytes.fromhex(json.loads((folder / "truth.json").read_text())["key_hex"])

    assert read(data) == []
    assert Realm().account(Document(data), LIMITS).totals()[Share.ENCRYPTED] == len(data) - 4096
    assert read(decrypted(data, key))
    with pytest.raises(FormatError):
        decrypted(data, bytes(64))


@pytest.mark.parametrize("old_layout", [False, True])
@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(TEXTS, st.one_of(st.none(), NUMBERS), st.floats(allow_nan=False)), min_size=1, max_size=12
    )
)
def test_what_is_written_is_read_back(old_layout: bool, rows: list[tuple[str | None, int | None, float]]) -> None:
    """Texts of any length, numbers of any width, in both layouts."""
    rows = [("x", 1, 0.5), *rows]
    store = Store((Table("T", ("a", "b", "c"), tuple(rows)),), old_layout=old_layout)

    wanted = {
        ("T", key, name): value
        for key, row in enumerate(rows)
        for name, value in zip("abc", row, strict=True)
        if value is not None and value != 2**31 - 1
    }
    assert {value.steps: value.value for value in read(bytes(Realm().encode(store).data))} == wanted


@settings(max_examples=60, deadline=None)
@given(
    now=st.lists(st.text("abc@.", max_size=20), min_size=1, max_size=8),
    gone=st.text("xyz", min_size=5, max_size=80),
)
def test_what_was_replaced_is_told_once(now: list[str], gone: str) -> None:
    """A value that the state before had is superseded, unless the newest has it at the same place."""
    tables = [Table("T", ("a",), tuple((text,) for text in texts)) for texts in (now, [*now, gone])]
    data = bytes(Realm().encode(Store((tables[0],), (tables[1],))).data)
    states = {value.steps: (value.value, value.state) for value in read(data)}

    assert states[("T", len(now), "a")] == (gone, State.SUPERSEDED)
    assert [states[("T", key, "a")] for key in range(len(now))] == [(text, State.LIVE) for text in now]
    at = data.find(gone.encode())
    place = Realm().locate(Document(data), [at], LIMITS)[0]
    assert (place.steps, place.state, place.value) == (("T", len(now), "a"), State.SUPERSEDED, gone.encode())


def test_a_state_that_nothing_points_to_is_walked() -> None:
    """Commits leave their root behind; the header knows the last two only."""
    old = Table("T", ("mail",), (("jane.roe@example.org",),))
    data = bytearray(Realm().encode(Store((Table("T", ("mail",), (("zoe@example.org",),)),), (old,))).data)
    data[8:16] = bytes(8)

    assert (("T", 0, "mail"), "jane.roe@example.org", State.SUPERSEDED) in {
        (value.steps, value.value, value.state) for value in read(bytes(data))
    }


def test_text_that_no_state_has_is_told_by_its_offset() -> None:
    """Free space is free to hold anything."""
    data = (
        bytes(Realm().encode(Store((Table("T", ("a",), (("x",),)),))).data) + bytes(5) + b"jane.roe@example.org\x00"
    )

    (value,) = [value for value in read(data) if value.state is State.SUPERSEDED]
    assert value.steps == ("free", data.find(b"jane"))
    assert value.value == "jane.roe@example.org"


def array(payload: bytes, size: int, flags: int) -> bytes:
    return b"AAAA" + bytes([flags]) + size.to_bytes(3, "big") + payload + bytes(-len(payload) % 8)


def test_texts_of_an_enumeration_are_told_for_each_object() -> None:
    """In the old layout a column of few texts keeps each once."""
    data = bytearray(24)

    def put(raw: bytes) -> int:
        data.extend(raw)
        return len(data) - len(raw)

    def refs(*numbers: int) -> int:
        return put(array(struct.pack(f"<{len(numbers)}i", *numbers), len(numbers), 0x46))

    texts = put(array(b"Rome\0\0\0\3Oslo\0\0\0\3", 2, 0x0C))
    names = put(array(b"city\0\0\0\3", 1, 0x0C))
    spec = refs(put(array(b"\3", 1, 4)), names, put(array(b"\0", 1, 4)), 0, refs(texts))
    rows = put(array(b"\1\0\1", 3, 4))
    tables = refs(refs(spec, refs(rows)))
    top = refs(put(array(b"place\0\0\2", 1, 0x0C)), tables)
    data[:24] = struct.pack("<QQ4s4B", top, 0, b"T-DB", 9, 9, 0, 0)
    places = {value.steps: value.value for value in read(bytes(data))}

    assert [places["place", row, "city"] for row in range(3)] == ["Oslo", "Rome", "Oslo"]


def test_trees_that_bite_their_tail_are_refused() -> None:
    """An array below itself ends the walk over it, and is told as damage."""
    data = bytearray(Realm().encode(Store((Table("T", ("a",), (("x",),)),))).data)
    top = int.from_bytes(data[:8], "little")
    width = (1 << (data[top + 4] & 7)) >> 1
    tables = int.from_bytes(data[top + 8 + width // 8 : top + 8 + width // 4], "little")
    inner = (1 << (data[tables + 4] & 7)) >> 1
    data[tables + 8 : tables + 8 + inner // 8] = tables.to_bytes(inner // 8, "little")

    with pytest.raises(FormatError):
        read(bytes(data))


def test_a_small_file_cannot_claim_millions_of_values() -> None:
    """An array of zero bits an element says how many there are, and nobody need believe it."""
    data = bytes(24) + array(b"", 0xFFFFFF, 0x00)
    with pytest.raises(FormatError):
        cells(Arrays(data), 24, Kind.INT, nullable=False)
    store = Store((Table("T", ("a",), tuple((0,) for _ in range(200))),))
    with pytest.raises(LimitError):
        list(Realm().decode(Realm().encode(store), Limits(values=100)))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (struct.pack("<QQ", 12345, (6176 - 2) << 49), "123.45"),
        (struct.pack("<Q", (398 << 53) | 7), "7"),
        (struct.pack("<I", (1 << 31) | (100 << 23) | 15), "-1.5"),
        (struct.pack("<QQ", 0, 0x7C << 56), None),
    ],
)
def test_decimals_are_read_exactly(raw: bytes, text: str | None) -> None:
    """By IEEE 754's binary encoding; what is no number is null."""
    assert number_of_decimal(raw) == text


def test_every_byte_of_a_value_leads_to_it(shared_corpus: Path | None) -> None:
    """Texts as they stand have the place that decoding gives them."""
    if shared_corpus is None:
        data = bytes(Realm().encode(Realm.samples[0].content).data)
    else:
        data = (shared_corpus / "realm" / "e3-deleted" / "default.realm").read_bytes()
    known = {(value.steps, as_bytes(value.value)) for value in read(data)}
    places = Realm().locate(Document(data), range(len(data)), LIMITS)

    assert {(place.steps, place.value) for place in places if place.value and not place.in_key} <= known


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), old_layout=st.booleans())
def test_words_that_moved_are_damage_and_no_crash(seed: int, old_layout: bool) -> None:
    """Eight bytes for eight others: refs lead anywhere, arrays are of other types and sizes."""
    dice = random.Random(seed)
    data = bytearray(Realm().encode(Realm.samples[int(old_layout)].content).data)
    for _ in range(dice.choice((1, 3, 10, 60))):
        at, other = (dice.randrange(len(data) // 8) * 8 for _ in range(2))
        data[at : at + 8] = dice.choice((data[other : other + 8], dice.randbytes(8), b"\xff" * 8, bytes(8)))
    document = Document(bytes(data))
    with contextlib.suppress(FormatError):
        list(Realm().decode(document, LIMITS))

    assert sum(Realm().account(document, LIMITS).totals().values()) == len(data)
    assert len(Realm().locate(document, range(0, len(data), 7), LIMITS)) == len(range(0, len(data), 7))
