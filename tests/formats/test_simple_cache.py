"""Chromium's simple cache: key, headers and body of each entry, as Chromium wrote it and as we write it."""

import re
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.simple_cache import CacheEntry, SimpleCache, _hash
from harness.limits import Limits
from harness.model import Document, Share, Value

FORM = SimpleCache()
LIMITS = Limits()
INITIAL, FINAL, RANGE, INDEX = 0xFCFB6D1BA7725C30, 0xF4FA6F45970D41D8, 0xEB97BF016553676B, 0x656E74657220796F
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
NAME = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
HEADERS = st.dictionaries(NAME, TEXT.map(str.strip), max_size=4).map(lambda named: tuple(named.items()))
WHEN = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def told(data: bytes) -> dict[tuple[object, ...], object]:
    return {value.steps: value.value for value in decoded(data)}


@given(key=TEXT, body=st.binary(max_size=40), headers=HEADERS, times=st.tuples(WHEN, WHEN))
def test_an_entry_is_read_as_it_was_written(
    key: str, body: bytes, headers: tuple[tuple[str, str], ...], times: tuple[datetime, datetime]
) -> None:
    """Whatever was fetched; and whatever a byte is located in was decoded."""
    document = FORM.encode(CacheEntry(key, body, headers, requested=times[0], received=times[1]))
    values = list(FORM.decode(document, LIMITS))
    given_ = {value.steps: as_bytes(value.value) for value in values}

    assert given_["key",] == key.encode()
    assert given_.get(("body",), b"") == body
    assert (given_["requested",], given_["received",]) == tuple(as_bytes(when) for when in times)
    for name, text in headers:
        assert given_["headers", name] == text.encode()
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


def test_the_hash_is_that_of_chromium() -> None:
    """The values that Chromium's own tests hold it to."""
    plain = [0, 1213478405, 2371107848, 2412215855, 2296013106, 2963130491, 342812795, 1345887711, 2394271580]
    high = [0, 2524495555, 901867827, 52332316, 1053305007, 4170027104, 1891345481, 2246421829, 1241531838]

    assert [_hash(b"hello world"[:n]) for n in range(9)] == plain
    assert [_hash(bytes(range(0xF0, 0xFB))[:n]) for n in range(9)] == high


def test_entries_of_chromium_are_read_whole(own_corpus: Path) -> None:
    """Headers, times and bodies as its engine left them; the hash in each is that of its key."""
    folder = own_corpus / "simple-cache" / "Cache_Data"
    for file in sorted(folder.glob("*_0")):
        data = file.read_bytes()
        _, _, length, number = struct.unpack_from("<QIII", data)
        values = told(data)
        assert FORM.sniff(data[:4096], len(data)) > 0.9
        assert number == _hash(data[24 : 24 + length])
        assert str(values["key",]).startswith("1/0/_dk_http://127.0.0.1")
        assert values["status",] == "HTTP/1.0 200 OK"
        assert values["requested",] < values["received",] <= values["first received",]  # type: ignore[operator]
        assert not FORM.account(Document(data), LIMITS).fault
    body = told((folder / "c6508657b4a04971_0").read_bytes())["body",]
    assert body == '{"email": "jane.roe@example.org", "phone": "+44 7700 900123"}'
    for file in (folder / "index", folder / "index-dir" / "the-real-index"):
        data = file.read_bytes()
        assert FORM.sniff(data[:4096], len(data)) > 0.9
        assert decoded(data) == []
        assert FORM.account(Document(data), LIMITS).totals() == {Share.STRUCTURE: len(data)}


def test_a_body_in_brotli_is_unknown() -> None:
    """What cannot be unpacked is not counted as read."""
    entry = CacheEntry("1/0/https://example.org/", b"\x8b\x03\x80jane\x03\xff", (("Content-Encoding", "br"),))
    ledger = FORM.account(FORM.encode(entry), LIMITS)

    assert ledger.totals()[Share.UNKNOWN] == len(entry.body)


def test_a_body_in_brotli_is_read() -> None:
    """Its header says so; both lanes see what it holds, and the ledger counts it as read."""
    text = b"jane@example.org and +44 7700 900123"
    entry = CacheEntry("1/0/https://example.org/", brotli.compress(text), (("Content-Encoding", "br"),))
    document = FORM.encode(entry)
    (piece,) = [each for each in FORM.expand(document, re.compile(b"x"), LIMITS) if text in each.data]

    assert Share.UNKNOWN not in FORM.account(document, LIMITS).totals()
    assert FORM.locate(document, [piece.anchors[0][1]], LIMITS)[0].steps == ("body",)


def parted(key: bytes, parts: list[tuple[int, bytes]]) -> bytes:
    data = struct.pack("<QIII4x", INITIAL, 5, len(key), 0) + key
    for offset, body in parts:
        data += struct.pack("<QqqI4x", RANGE, offset, len(body), zlib.crc32(body)) + body
    return data


def test_a_body_in_parts_is_given_by_its_places() -> None:
    """As media are fetched."""
    data = parted(b"k", [(0, b"jane@"), (65536, b"example.org")])

    assert told(data) == {("key",): "k", ("body", 0): b"jane@", ("body", 65536): b"example.org"}
    with pytest.raises(FormatError):
        decoded(data[:-1])
    with pytest.raises(FormatError):
        decoded(data[:-1] + b"x")


def test_a_second_file_holds_one_body() -> None:
    """Compiled scripts stand in a file of their own, without headers."""
    body = b"\x01\x02code"
    data = struct.pack("<QIII4x", INITIAL, 5, 1, 0) + b"k" + body
    data += struct.pack("<QIII4x", FINAL, 1, zlib.crc32(body), 0)

    assert told(data) == {("key",): "k", ("body",): body}


@pytest.mark.parametrize("at", [30, -60, -1])
def test_changed_content_is_told(at: int) -> None:
    """Body and headers each have a checksum, and the end has a mark."""
    data = bytearray(FORM.encode(CacheEntry("1/0/k", b"body" * 9, (("a", "b"),))).data)
    if at == -1:
        data = data[:-1]
    else:
        data[at] ^= 1

    with pytest.raises(FormatError):
        decoded(bytes(data))


def test_an_index_of_other_content_is_told() -> None:
    """It has a checksum, too."""
    payload = struct.pack("<QIQ", INDEX, 9, 0)
    good = struct.pack("<II", len(payload), zlib.crc32(payload)) + payload

    assert decoded(good) == []
    with pytest.raises(FormatError):
        decoded(good[:-1] + b"\x01")


def test_what_no_entry_can_hold_is_refused() -> None:
    """A zero ends a header, and a response begins with its status."""
    for entry in (CacheEntry("k", b"", (("a", "b\x00c"),)), CacheEntry("k", status="hello")):
        with pytest.raises(FormatError):
            FORM.encode(entry)
