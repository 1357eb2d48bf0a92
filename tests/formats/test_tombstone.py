"""Tombstones in protocol buffers: every value under the name that the schema gives it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.protobuf import Protobuf
from harness.formats.tombstone import Tombstone
from harness.limits import Limits
from harness.model import Document, Value

FORM = Tombstone()
LIMITS = Limits()
HEAD = {2: "example/phone/phone:14/UP1A/1:user/release-keys", 4: "2024-02-29 12:30:00.005+0100"}
TEXTS = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=12)


@given(
    threads=st.dictionaries(st.integers(1, 1 << 20), st.tuples(TEXTS, st.binary(max_size=40)), max_size=4),
    lines=st.lists(st.tuples(TEXTS, TEXTS), max_size=4),
)
def test_threads_and_logs_are_read_back(threads: dict[int, tuple[str, bytes]], lines: list[tuple[str, str]]) -> None:
    """The memory of each thread stands near its register, the message of each line under its tag."""
    entries = [{1: tid, 2: {2: name, 5: [{1: "x0", 4: memory}]}} for tid, (name, memory) in threads.items()]
    logs = [{1: "main", 2: [{5: tag, 6: text} for tag, text in lines]}]
    document = FORM.encode({**HEAD, 16: entries, 18: logs})
    values = list(FORM.decode(document, LIMITS))

    for tid, (name, memory) in threads.items():
        assert Value(("threads", tid, "name"), name) in values
        assert Value(("threads", tid, "memory_near", 0, "x0", "memory"), memory) in values
    for number, (tag, text) in enumerate(lines):
        assert Value(("logs", 0, "main", "lines", number, tag, "message"), text) in values
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


def test_what_the_schema_does_not_know_is_given() -> None:
    """Makers of phones add fields, and so do later versions."""
    document = FORM.encode({**HEAD, 1000: "of the maker: jane@example.org", 16: [{1: 7, 2: {99: b"\x00\xff"}}]})
    values = list(FORM.decode(document, LIMITS))

    assert Value(("header", "field 1000", 0), "of the maker: jane@example.org") in values
    assert Value(("threads", 7, "field 99", 0), b"\x00\xff") in values


@pytest.mark.parametrize(
    "message", [{1: 1}, {2: HEAD[2]}, {2: "jane@example.org", 4: HEAD[4]}, {2: HEAD[2], 4: "today"}, {2: "a", 3: "b"}]
)
def test_other_messages_are_none(message: dict[int, str]) -> None:
    """It begins with the build of a system, and says when."""
    data = bytes(FORM.encode(message).data)

    assert FORM.sniff(data, len(data)) == 0.0


def test_a_real_one_is_read_whole(shared_corpus: Path | None) -> None:
    """It is known for what it is, all of it is explained, and it has the sections that the text has."""
    if shared_corpus is not None:
        data = (shared_corpus / "logs" / "mvt" / "tombstone_process.pb").read_bytes()
        values = list(FORM.decode(Document(data), LIMITS))

        assert FORM.sniff(data[:4096], len(data)) > Protobuf().sniff(data[:4096], len(data))
        assert {value.steps[0] for value in values} >= {"header", "signal", "threads", "memory_map"}
        assert not any("field" in str(step) for value in values for step in value.steps)


def test_addresses_are_numbers_without_a_sign() -> None:
    """Memory tags set their highest bits; a code may be negative."""
    document = FORM.encode({**HEAD, 10: {3: -6, 9: 0xB400007B12345678}})
    values = list(FORM.decode(document, LIMITS))

    assert values[-2:] == [Value(("signal", "code"), -6), Value(("signal", "fault_address"), 0xB400007B12345678)]


def test_only_messages_are_written() -> None:
    """By the numbers of their fields."""
    with pytest.raises(FormatError):
        FORM.encode("text")
