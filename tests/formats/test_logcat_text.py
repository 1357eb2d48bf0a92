"""Logs as logcat prints them: every format of it, with everything that a record's line says."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.logcat_text import Logcat, LogcatLine, LogcatText
from harness.formats.text_log import TextLog
from harness.limits import Limits
from harness.model import Document, Scalar, Value

FORM = LogcatText()
LIMITS = Limits()
WORD = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
TAG = st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,20}", fullmatch=True)
TIME = st.sampled_from(
    ("02-29 12:30:00.005", "2024-02-29 12:30:00.005", "2024-02-29 12:30:00.005123 +0100", "1709206200.005",
     "02-29 12:30:00.005123456")
)  # fmt: skip
LINES = st.lists(
    st.builds(
        LogcatLine,
        TAG,
        st.lists(WORD, min_size=1, max_size=4).map(" ".join),
        st.sampled_from("VDIWEF"),
        TIME,
        st.integers(1, 99999),
        st.integers(1, 99999),
        st.sampled_from(("", 1000, "u0_a123")),
    ),
    min_size=2,
    max_size=5,
)
FIELDS = {
    "threadtime": ("time", "user", "process", "thread", "priority"),
    "time": ("time", "user", "process", "priority"),
    "brief": ("user", "process", "priority"),
    "process": ("user", "process", "priority"),
    "thread": ("user", "process", "thread", "priority"),
    "tag": ("priority",),
    "long": ("time", "user", "process", "thread", "priority"),
}


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def records(data: bytes) -> list[tuple[str, dict[str, Scalar]]]:
    """The tag and the fields of each line that has a text."""
    found: dict[int, tuple[str, dict[str, Scalar]]] = {}
    for value in decoded(data):
        number, *names = value.steps
        assert isinstance(number, int)
        name = str(names.pop()) if names and names[-1] in (*FIELDS["long"], "package") else "text"
        found.setdefault(number, (str(names[0]) if names else "", {}))[1][name] = value.value
    return [found[number] for number in sorted(found)]


@pytest.mark.parametrize("style", FIELDS)
@given(lines=LINES)
def test_every_style_is_read_back(style: str, lines: list[LogcatLine]) -> None:
    """What a style prints is given; places lead to what was decoded, whether asked for one by one or together."""
    document = FORM.encode(Logcat(tuple(lines), style))
    data = bytes(document.data)
    expected: list[tuple[str, dict[str, Scalar]]] = []
    for line in lines:
        fields: dict[str, Scalar] = {name: getattr(line, name) for name in FIELDS[style] if getattr(line, name) != ""}
        tag = "" if style == "thread" else line.tag
        if style == "long":
            expected += [(tag, fields), (tag, {"text": line.text})]
        else:
            expected.append((tag, {**fields, "text": line.text}))

    assert records(data) == expected
    assert FORM.sniff(data[:4096], len(data)) > TextLog().sniff(data[:4096], len(data))
    known = {(value.steps, as_bytes(value.value)) for value in decoded(data)}
    places = FORM.locate(document, range(len(data)), LIMITS)
    assert {(p.steps, p.value) for p in places if p.value and not p.in_key} == known
    assert [FORM.locate(document, [at], LIMITS)[0] for at in range(0, len(data), 7)] == places[::7]


@pytest.mark.parametrize(
    ("line", "tag", "text"),
    [
        (
            "2024-02-29 12:30:00.005  4321-4330  Login Manager           com.example.app             I  for Jane",
            "Login Manager",
            "for Jane",
        ),
        ("2024-02-29 12:30:00.005 4321-4330/com.example.app I/Login: for Jane", "Login", "for Jane"),
        ("\x1b[38;5;40m02-29 12:30:00.005  4321  4330 I Login   : for Jane\x1b[0m", "Login", "for Jane"),
        ("02-29 12:30:00.005  4321  4330 I CleverTap:ACCT: a: b", "CleverTap:ACCT", "a: b"),
        ("02-29 12:30:00.005  root  4321  4330 I Login   : x", "Login", "x"),
        ("I/Login   (10123: 4321): for Jane", "Login", "for Jane"),
        ("I( 4321) for (Jane)  (Login)", "Login", "for (Jane)"),
    ],
)  # fmt: skip
def test_other_writers_are_read(line: str, tag: str, text: str) -> None:
    """Android Studio's two exports, colours, tags with colons, names of users, texts with brackets."""
    values = decoded(line.encode() + b"\r\n" + line.encode())

    assert [value.value for value in values if value.steps[1:] == (tag,)] == [text, text]


def test_what_goes_on_stands_under_its_record() -> None:
    """Also where a place far behind is asked for first, or alone."""
    data = b"02-29 12:30:00.005  1  2 E App: failed\n" + b"java.io.IOException\n\n\tat jane@example.org\n" * 3
    (place,) = FORM.locate(Document(data), [data.rindex(b"jane")], LIMITS)

    assert place.steps == (10, "App")
    assert place.value[place.offset :] == b"jane@example.org"
    assert (4, "App") in {value.steps for value in decoded(data)}


def test_text_in_utf_16_is_read_and_given_to_the_raw_lane() -> None:
    """As a shell of Windows redirects it."""
    data = "--------- beginning of main\r\nI/Login( 4321): for jane@example.org\r\n".encode("utf-16")
    document = Document(data)

    assert FORM.sniff(data, len(data)) > 0.5
    assert Value((2, "Login"), "for jane@example.org") in decoded(data)
    (piece,) = FORM.expand(document, re.compile(b"x"), LIMITS)
    assert b"Login\x1ffor jane@example.org" in piece.data
    at = data.index("jane".encode("utf-16-le"))
    assert FORM.locate(document, [at], LIMITS)[0].steps == (2, "Login")


def test_only_records_that_a_name_tells_of_are_given_to_the_raw_lane() -> None:
    """By their tag, or by the name of a field; the other lines are not even taken apart."""
    data = b"I/Login( 4321): for jane\nI/Phone( 4321): 4155550132\nand 17\nI/Login( 4321): again\n"

    (piece,) = FORM.expand(Document(data), re.compile(b"phone", re.IGNORECASE), LIMITS)
    assert piece.data == b"Phone\x1f4155550132\x1ePhone\x1fand 17"
    (piece,) = FORM.expand(Document(data), re.compile(b"process"), LIMITS)
    assert piece.data == b"process\x1f4321\x1eprocess\x1f4321\x1eprocess\x1f4321"


@pytest.mark.parametrize("text", ["I/O: an error\nthat was met", "one line\n", "W/o: that\nno\nno\nno\nno", "{}", ""])
def test_other_text_is_none(text: str) -> None:
    """A line that happens to begin so is not enough."""
    assert FORM.sniff(text.encode(), len(text)) == 0.0


def test_what_others_read_is_read(shared_corpus: Path | None) -> None:
    """Plaso's expectations of its own test file."""
    if shared_corpus is None:
        return
    folder = shared_corpus / "logs"
    told = json.loads((folder / "truth" / "plaso-expected.json").read_text())["plaso/android_logcat.log"]
    data = (folder / "plaso" / "android_logcat.log").read_bytes()
    read = records(data)
    expected = [event for test in told for event in test["expected_event_values"]]
    assert expected
    names = {
        "pid": "process",
        "thread_identifier": "thread",
        "user_identifier": "user",
        "message_body": "text",
        "priority": "priority",
    }
    for event in expected:
        fields = {ours: event[theirs] for theirs, ours in names.items() if event.get(theirs) is not None}
        assert any(tag == event["component_tag"] and fields.items() <= found.items() for tag, found in read), event[
            "message_body"
        ]


def test_an_endless_line_takes_time_in_proportion() -> None:
    """Neither brackets nor blanks nor colons make it worse."""
    for piece in (b"I/a: ", b"I( 1) b  (", b"02-29 12:30:00.005 ", b" : ", b"I/" + b" " * 50):
        spent = []
        for size in (1 << 17, 1 << 19):
            data = b"I( 1) x\n" + piece * (size // len(piece))
            began = time.process_time()
            decoded(data)
            FORM.locate(Document(data), range(0, len(data), len(data) // 500), LIMITS)
            spent.append(time.process_time() - began)
        assert spent[1] < 20 * spent[0] + 0.2


def test_only_logs_are_written() -> None:
    """Of a style that there is."""
    for content in (["a line"], Logcat((), "pretty"), Logcat((LogcatLine("a", "\ud800"),))):
        with pytest.raises(FormatError):
            FORM.encode(content)
