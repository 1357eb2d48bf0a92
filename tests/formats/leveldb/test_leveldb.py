"""LevelDB: logs, tables and manifests are read without opening the folder, with all that was replaced or deleted."""

import json
import re
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.encodings.snappy import compress
from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.leveldb import Change, Changes, LevelDb, Sorted, Version
from harness.formats.leveldb.table import Block, unpack
from harness.limits import Limits
from harness.model import Document, Share, State, Value

FORM = LevelDb()
LIMITS = Limits()
TELLING = re.compile(rb"phone|card")
KEY = st.from_regex(rb"[a-z]{1,12}:[0-9]{1,4}", fullmatch=True)
VALUE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60).map(str.encode),
    st.binary(max_size=40),
    st.text("ab", min_size=200, max_size=5000).map(str.encode),
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def written(content: Changes | Sorted | Version) -> bytes:
    return bytes(FORM.encode(content).data)


def pairs(values: list[Value], state: State) -> list[tuple[str, bytes]]:
    return sorted((value.key, as_bytes(value.value)) for value in values if value.state is state)


CHANGE: st.SearchStrategy[Change] = st.tuples(KEY, st.one_of(VALUE, st.none()))


@given(st.lists(st.lists(CHANGE, min_size=1, max_size=4).map(tuple), min_size=1, max_size=12))
def test_a_log_gives_every_change(batches: list[tuple[Change, ...]]) -> None:
    """The newest of each key counts; every other one, and every deleted one, is there and said to be so."""
    changes = [change for batch in batches for change in batch]
    newest = dict(changes)
    values = decoded(written(Changes(batches=tuple(batches))))

    assert dict(pairs(values, State.LIVE)) == {
        key.decode(): value for key, value in newest.items() if value is not None
    }
    stored = sorted((key.decode(), value) for key, value in changes if value is not None)
    assert sorted((value.key, as_bytes(value.value)) for value in values if value.value is not None) == stored
    gone = {key.decode() for key, _ in changes} - {key for key, _ in stored}
    assert {value.key for value in values if value.value is None} == gone


@given(
    st.lists(
        st.tuples(KEY, st.integers(1, 1 << 40), st.one_of(VALUE, st.none())),
        min_size=1,
        max_size=60,
        unique_by=lambda e: e[1],
    ),
    st.booleans(),
)
def test_a_table_gives_every_entry(entries: list[tuple[bytes, int, bytes | None]], is_compressed: bool) -> None:
    """Whether its blocks are compressed or not."""
    data = written(Sorted(entries=tuple(entries), is_compressed=is_compressed))
    newest = {key: value for key, _, value in sorted(entries, key=lambda entry: entry[1])}
    values = decoded(data)

    assert dict(pairs(values, State.LIVE)) == {
        key.decode(): value for key, value in newest.items() if value is not None
    }
    stored = sorted((key.decode(), value) for key, _, value in entries if value is not None)
    assert sorted((value.key, as_bytes(value.value)) for value in values if value.value is not None) == stored


@settings(max_examples=30)
@given(st.lists(st.tuples(KEY, VALUE), min_size=3, max_size=40), st.booleans())
def test_every_value_is_found_by_what_the_raw_lane_sees(
    entries: list[tuple[bytes, bytes]], is_compressed: bool
) -> None:
    """What is not in the file as it is is handed out, and leads back to its value."""
    data = written(
        Sorted(
            entries=tuple((key, n + 1, value) for n, (key, value) in enumerate(entries)), is_compressed=is_compressed
        )
    )
    reached: set[tuple[str, bytes]] = set()
    for piece in FORM.expand(Document(data), TELLING, LIMITS):
        for place in FORM.locate(Document(data), [offset for _, offset in piece.anchors], LIMITS):
            reached.add((place.key, place.value))
    for value in decoded(data):
        raw = as_bytes(value.value)
        seen = [found.start() for found in re.finditer(re.escape(raw), data)] if raw else []
        reached |= {(place.key, place.value) for place in FORM.locate(Document(data), seen, LIMITS)}

    lost = {(value.key, as_bytes(value.value)) for value in decoded(data) if value.value} - reached
    assert not {pair for pair in lost if len(pair[1]) >= 3}


def test_a_record_that_goes_on_in_the_next_block_is_one_value() -> None:
    """It is handed out whole, and each of its bytes is located in it."""
    long = b"jane.roe@example.org " * 5000
    data = written(Changes(batches=(((b"k", b"v" * 32700),), ((b"long", long),), ((b"last", b"x"),))))
    offset = data.index(b"jane", 70000)
    (place,) = FORM.locate(Document(data), [offset], LIMITS)

    assert place.value == long
    assert place.value[place.offset :].startswith(b"jane")
    assert any(long in piece.data for piece in FORM.expand(Document(data), TELLING, LIMITS))
    assert FORM.account(Document(data), LIMITS).fault == ""


@pytest.mark.parametrize("is_compressed", [True, False])
def test_a_table_without_its_end_gives_the_blocks_that_are_whole(*, is_compressed: bool) -> None:
    """There is no index any more; checksums prove the blocks one after the other."""
    entries = tuple((b"user:%04d" % n, n + 1, b"jane.%04d@example.org" % (n * 37) * 3) for n in range(400))
    data = written(Sorted(entries=entries, is_compressed=is_compressed))
    cut = data[: len(data) * 3 // 4]
    values: list[Value] = []
    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(cut), LIMITS))
    ledger = FORM.account(Document(cut), LIMITS)

    assert 200 < len(values) < 400
    assert ledger.fault
    assert 0 < ledger.totals()[Share.FAILED] < 8000


def test_a_damaged_block_costs_no_other() -> None:
    """Its checksum tells; what is in the others is read."""
    entries = tuple((b"user:%04d" % n, n + 1, b"jane.%04d@example.org" % n) for n in range(400))
    data = bytearray(written(Sorted(entries=entries, is_compressed=False)))
    data[6000] ^= 0x40
    values: list[Value] = []
    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(bytes(data)), LIMITS))

    assert 250 < len(values) < 400


def test_a_block_bomb_is_refused() -> None:
    """What a block claims to unpack to is not believed."""
    data = bytearray(written(Sorted(entries=((b"key", 1, b"a" * 4000),))))
    small = Limits(expanded_bytes=1000)
    with pytest.raises(FormatError):
        list(FORM.decode(Document(bytes(data)), small))


# -- what web pages store --------------------------------------------------------------------------


def wide(text: str, codec: str = "utf-16-be") -> bytes:
    return bytes((len(text),)) + text.encode(codec)


def test_keys_and_values_of_web_storage_are_read_as_pages_gave_them() -> None:
    """localStorage in both encodings, sessionStorage in the one that it has."""
    data = written(
        Changes(
            batches=(
                (
                    (b"_https://a.example\x00\x01mail", b"\x01jane.roe@example.org"),
                    (
                        b"_https://a.example\x00\x00" + "né".encode("utf-16-le"),
                        b"\x00" + "Zoë 名".encode("utf-16-le"),
                    ),
                    (b"map-7-token", "Zoë".encode("utf-16-le")),
                    (b"namespace-1-https://a.example/", b"7"),
                ),
            )
        )
    )

    assert {value.steps: value.value for value in decoded(data)} == {
        ("https://a.example", "mail"): "jane.roe@example.org",
        ("https://a.example", "né"): "Zoë 名",
        ("map-7", "token"): "Zoë",
        ("namespace-1-https://a.example/",): "7",
    }


def test_objects_of_indexed_db_are_unfolded() -> None:
    """Names of databases and stores, keys of every kind, and an object with its properties."""
    profile = (
        b'\xff\x14\xff\x0fo"\x05email"\x14jane.roe@example.org"\x04name'
        b"c\x08"
        + "Zoë!".encode("utf-16-le")
        + b'"\x04tagsA\x02"\x01aI\x05$\x00\x02"\x03lonN'
        + struct.pack("<d", -0.5)
        + b'"\x02okT{\x05'
    )
    data = written(
        Changes(
            batches=(
                (
                    (b"\x00\x00\x00\x00\xc9" + wide("https_a.example_0@1") + wide("mail"), b"\x01"),
                    (b"\x00\x01\x00\x00\x01", "mail".encode("utf-16-be")),
                    (b"\x00\x01\x00\x00\x32\x01\x00", "people".encode("utf-16-be")),
                    (b"\x00\x01\x01\x01\x01" + wide("jane"), b"\x03" + profile),
                    (b"\x00\x01\x01\x01\x03" + struct.pack("<d", 7.0), b"\x03" + profile[:-1]),
                    (b"\x00\x01\x01\x1e\x01" + wide("x@example.org") + b"\x00\x01" + wide("jane"), b"\x03"),
                ),
            )
        )
    )
    found = {value.steps: value.value for value in decoded(data)}

    store = ("database 1", "store 1", "jane")
    assert found[("IndexedDB", "https_a.example_0@1", "mail")] == 1
    assert found[("database 1", "name")] == "mail"
    assert found[("database 1", "store 1", "name")] == "people"
    assert found[(*store, "email")] == "jane.roe@example.org"
    assert found[(*store, "name")] == "Zoë!"
    assert found[(*store, "tags", 1)] == -3
    assert found[(*store, "lon")] == -0.5
    assert found[(*store, "ok")] is True
    assert isinstance(found[("database 1", "store 1", 7)], bytes), "what is cut off stays as it is"
    assert ("database 1", "store 1", "index 30", "x@example.org", "jane") in found
    (place,) = FORM.locate(Document(data), [data.index(b"jane.roe")], LIMITS)
    assert (place.steps, place.value, place.offset) == ((*store, "email"), b"jane.roe@example.org", 0)


@pytest.mark.parametrize("is_packed", [True, False])
def test_each_property_of_an_object_has_a_place_of_its_own(*, is_packed: bool) -> None:
    """Also where the block, or the object itself, is compressed: what is handed out leads back to it."""
    rows = []
    for number in range(200):
        mail = b"jane.%04d@example.org" % number
        tree = b'\xff\x0fo"\x05email"' + bytes((len(mail),)) + mail + b'"\x01a"\x02xy"\x01bI\x08"\x01c"\x04four{\x04'
        stored = b"\xff\x11\x02" + compress(tree) if is_packed else b"\xff\x14" + tree
        rows.append((b"\x00\x01\x01\x01\x01" + wide(f"{number:04d}"), number + 1, b"\x03" + stored))
    data = written(Sorted(entries=tuple(rows)))
    reached = set()
    for piece in FORM.expand(Document(data), TELLING, LIMITS):
        for place in FORM.locate(Document(data), [offset for _, offset in piece.anchors], LIMITS):
            reached.add((place.steps, place.value))

    assert {(value.steps, as_bytes(value.value)) for value in decoded(data)} == reached
    assert len(reached) == 800


@given(st.binary(max_size=60))
def test_no_object_breaks_the_walk(tail: bytes) -> None:
    """Whatever follows the header, there is one value or its leaves."""
    data = written(Changes(batches=(((b"\x00\x01\x01\x01\x01" + wide("k"), b"\x01\xff\x0f" + tail),),)))

    assert all(isinstance(value, Value) for value in decoded(data))


def test_blocks_in_the_other_ways_to_compress_are_read() -> None:
    """Deflate, as games have it; found by its entries."""
    plain = written(Sorted(entries=((b"player:name", 3, b"jane.roe@example.org"),), is_compressed=False))
    content = plain[: plain.index(b"\x00\x00\x00\x00\x01\x00\x00\x00") + 8]
    packed = zlib.compress(content)

    assert unpack(packed, Block(0, len(packed), 2), 1000) == content
    with pytest.raises(FormatError):
        unpack(packed, Block(0, len(packed), 2), 10)


# -- files that the engine itself wrote --------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "l1-log-only",
        "l2-log-deletes",
        "l3-compacted-then-deletes",
        "l4-no-compression",
        "l5-localstorage",
        "l6-fully-compacted",
    ],
)
def test_what_the_engine_itself_wrote_is_read(name: str, shared_corpus: Path | None) -> None:
    """All that counts, and all that was replaced or deleted and is still there; and no more."""
    if shared_corpus is None:
        return
    folder = shared_corpus / "leveldb" / name
    truth = json.loads((folder / "truth.json").read_text())
    found: set[tuple[str, str]] = set()
    for path in sorted(folder.glob("0*")):
        data = path.read_bytes()
        if data:
            assert FORM.sniff(data[:4096], len(data)) >= 0.9
            found |= {(value.key, str(value.value)) for value in decoded(data) if value.value is not None}
    planted = {(each["key"], each["value"]) for each in truth["values"]}

    assert planted <= found
    assert {pair for pair in found - planted if not pair[0].startswith(("VERSION", "META:"))} == set()
