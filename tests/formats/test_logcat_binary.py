"""Binary logs: each entry of each version of the header, texts and events, and nothing of what only looks alike."""

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.logcat_binary import Event, LogcatBinary, LogEntry
from harness.limits import Limits
from harness.model import Document, Value

FORM = LogcatBinary()
LIMITS = Limits()
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60)
TAG = st.text("abcXYZ.:-_ ", max_size=20)


def read(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


@settings(max_examples=80, deadline=None)
@given(
    lines=st.lists(st.tuples(TAG, TEXT), min_size=1, max_size=20),
    version=st.sampled_from((1, 2, 3, 4)),
)
def test_lines_of_any_version_are_read(lines: list[tuple[str, str]], version: int) -> None:
    """Tag and text, and when each was written."""
    when = datetime(2023, 5, 6, 7, 8, 9, tzinfo=UTC)
    document = FORM.encode([LogEntry(tag, text, version=version, when=when) for tag, text in lines])
    values = {value.steps: value.value for value in read(bytes(document.data))}

    assert FORM.sniff(bytes(document.data)[:4096], len(document.data)) > 0.9
    for number, (tag, text) in enumerate(lines, 1):
        assert values[number, tag] == text
        assert values[number, tag, "time"] == when


def test_lists_in_events_are_read_by_number() -> None:
    """A list in a list, as the manager of activities writes them."""
    inner = struct.pack("<BB", 3, 1) + struct.pack("<BI", 2, 16) + b"jane@example.org"
    body = struct.pack("<IBB", 30001, 3, 2) + inner + struct.pack("<Bq", 1, -5)
    data = struct.pack("<HHiIiIII", len(body), 28, 1, 1, 5, 0, 2, 1000) + body
    values = {value.steps: value.value for value in read(data)}

    assert values[1, "30001", 0, 0] == "jane@example.org"
    assert values[1, "30001", 1] == -5


def test_a_text_leads_to_its_tag() -> None:
    """Every byte of a line is located under tag and number."""
    data = bytes(FORM.encode([LogEntry("Net", "one"), LogEntry("Login", "jane@example.org")]).data)
    (place,) = FORM.locate(Document(data), [data.find(b"example")], LIMITS)

    assert (place.steps, place.value[place.offset :]) == ((2, "Login"), b"example.org")


def test_what_is_cut_off_is_read_to_there() -> None:
    """The entries before it are told, then the fault."""
    data = bytes(FORM.encode([LogEntry("A", "first"), Event(7, ("second",))]).data)
    values: list[Value] = []
    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(data[:-3]), LIMITS))

    assert values[-1].value == "first"


@pytest.mark.parametrize(
    "data", [b"", bytes(64), b"\x10\x00\x1c\x00" + b"\xff" * 60, b"--------- beginning of main\n" * 4]
)
def test_other_bytes_are_no_log(data: bytes) -> None:
    """Zeros, noise and the log as text."""
    assert FORM.sniff(data, len(data)) == 0.0
