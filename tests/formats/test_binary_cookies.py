"""Binary cookies: each with its domain, path and name, its dates and flags, whatever else the file holds."""

import json
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.binary_cookies import BinaryCookies, Cookie
from harness.limits import Limits
from harness.model import Document, Share, State, Value

FORM = BinaryCookies()
LIMITS = Limits()
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
WHEN = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda when: when.replace(microsecond=0, fold=0)
)
COOKIE = st.builds(
    Cookie, TEXT, TEXT, TEXT, TEXT, WHEN, WHEN, st.booleans(), st.booleans(), st.integers(0, 65535), TEXT
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


@given(cookies=st.lists(COOKIE, max_size=6, unique_by=lambda each: (each.domain, each.path, each.name)))
def test_cookies_are_read_as_they_were_written(cookies: list[Cookie]) -> None:
    """Value, dates, flags, port and comment of each; and whatever a byte is located in was decoded."""
    data = bytes(FORM.encode(cookies).data)
    values = decoded(data)
    told = {value.steps: value.value for value in values}

    for each in cookies:
        steps = (each.domain, each.path, each.name)
        flags = str(told[*steps, "flags"]).split()
        assert told[steps] == each.value
        assert (told[*steps, "expiry date"], told[*steps, "creation date"]) == (each.expires, each.created)
        assert ("Secure" in flags, "HttpOnly" in flags) == (each.is_secure, each.is_http_only)
        assert told.get((*steps, "port"), 0) == each.port
        assert told.get((*steps, "comment"), "") == each.comment
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(Document(data), range(len(data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


def files_of(shared: Path | None) -> list[Path]:
    return sorted((shared / "apple-cookies").rglob("*.binarycookies")) if shared else []


def test_cookies_of_devices_are_read_whole(shared_corpus: Path | None) -> None:
    """Every byte is told, the checksum is right, and no cookie is left out: as many as the pages say."""
    for file in files_of(shared_corpus):
        data = file.read_bytes()
        assert FORM.sniff(data[:4096], len(data)) > 0.9
        pages = struct.unpack_from(">I", data, 4)[0]
        at = 8 + 4 * pages
        count = 0
        for size in struct.unpack_from(f">{pages}I", data, 8):
            count += struct.unpack_from("<I", data, at + 4)[0]
            at += size
        values = decoded(data)
        assert sum(value.steps[-1] == "creation date" and len(value.steps) == 4 for value in values) == count
        assert set(FORM.account(Document(data), LIMITS).totals()) <= {Share.DECODED, Share.STRUCTURE}
        assert all(value.state is State.LIVE for value in values)


def test_another_reader_says_the_same(shared_corpus: Path | None) -> None:
    """The values that plaso expects of its cookies; its count has events in it that it derives from them."""
    if shared_corpus is None:
        return
    base = shared_corpus / "apple-cookies"
    (case,) = json.loads((base / "truth" / "plaso-expected.json").read_text(encoding="utf-8"))
    values = decoded((base / "plaso" / "Cookies.binarycookies").read_bytes())
    told = {value.steps: value.value for value in values}

    for each in case["expected_event_values"]:
        steps = (each["url"], each["path"], each["cookie_name"])
        assert told[steps] == each["cookie_value"]
        assert told[*steps, "creation date"] == datetime.fromisoformat(each["creation_time"])
        assert told[*steps, "expiry date"] == datetime.fromisoformat(each["expiration_time"])


def test_one_bad_cookie_costs_itself_alone() -> None:
    """Its neighbours are given, and the damage is told, by the checksum too."""
    data = bytearray(FORM.encode([Cookie("a.test", "one", "1"), Cookie("a.test", "two", "2")]).data)
    at = data.index(b"a.test")
    data[at - 40 : at - 36] = b"\xff\xff\xff\x7f"  # where its domain is
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(bytes(data)), LIMITS))

    assert [value.value for value in values if value.steps == ("a.test", "/", "two")] == ["2"]
    assert FORM.account(Document(bytes(data)), LIMITS).totals()[Share.FAILED] > 0


def test_a_changed_byte_is_told() -> None:
    """The checksum covers every fourth byte."""
    data = bytearray(FORM.encode([Cookie("a.test", "one", "1" * 8)]).data)
    at = data.index(b"1" * 8)
    data[at : at + 8] = b"2" * 8

    with pytest.raises(FormatError):
        decoded(bytes(data))


def test_bytes_between_cookies_are_given() -> None:
    """A page may have room that no cookie claims; what is in it was one's."""
    whole = bytes(FORM.encode([Cookie("a.test", "one", "1")]).data)
    (size,) = struct.unpack_from(">I", whole, 8)
    extra = b"jane@example.org\x00\x00\x00\x00"
    page = whole[12 : 12 + size] + extra
    head = whole[:8] + struct.pack(">I", len(page))
    tail = whole[12 + size + 4 :]
    data = head + page + struct.pack(">I", sum(page[::4])) + tail

    assert [value.value for value in decoded(data) if value.state is State.SLACK] == [extra]


def test_texts_that_are_not_utf8_are_located_by_the_character() -> None:
    """Latin-1 in the file, UTF-8 in the place."""
    data = bytearray(FORM.encode([Cookie("a.test", "one", "Zoe Mueller")]).data)
    at = data.index(b"Zoe Mueller")
    data[at : at + 3] = b"Zo\xeb"
    (place,) = FORM.locate(Document(bytes(data)), [at + 4], LIMITS)

    assert place.value == "Zoë Mueller".encode()
    assert place.value[place.offset :] == b"Mueller"


@pytest.mark.parametrize("content", [[Cookie("a\x00b", "c", "d")], [Cookie("a", "b", "c", port=1 << 20)], [1]])
def test_what_no_cookie_can_hold_is_refused(content: list[Cookie]) -> None:
    """A zero in a text, a port beyond its two bytes, and what is no cookie."""
    with pytest.raises(FormatError):
        FORM.encode(content)
