"""Logs of iOS in text: what each tool prints, taken apart, and what goes on with a record."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.apple_log import AppleLog, AppleLogLine, AppleLogText
from harness.formats.base import as_bytes
from harness.formats.text_log import TextLog
from harness.limits import Limits
from harness.model import Document, Scalar, Value

FORM = AppleLogText()
LIMITS = Limits()
WORD = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
LINES = st.lists(
    st.builds(
        AppleLogLine,
        st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,20}", fullmatch=True),
        st.lists(st.from_regex(r"\w{1,9}", fullmatch=True), min_size=1, max_size=4).map(" ".join),
        st.sampled_from(("Default", "Error", "Notice")),
        st.integers(1, 99999),
    ),
    min_size=1,
    max_size=5,
)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


def fields(line: str) -> dict[str, Scalar]:
    """Of one line, by the name of each; the text by the tag."""
    return {value.key: value.value for value in decoded(line.encode())}


@pytest.mark.parametrize("style", ["syslog", "show"])
@given(lines=LINES)
def test_what_is_printed_is_read(style: str, lines: list[AppleLogLine]) -> None:
    """Text, process and library of each; places lead to what was decoded."""
    document = FORM.encode(AppleLog(tuple(lines), style))
    data = bytes(document.data)
    values = decoded(data)
    first = 1 if style == "syslog" else 2

    assert FORM.sniff(data[:4096], len(data)) > TextLog().sniff(data[:4096], len(data))
    for number, line in enumerate(lines, first):
        assert Value((number, line.tag), line.text) in values
        assert Value((number, line.tag, "process"), line.process) in values
        assert Value((number, line.tag, "library"), line.library) in values
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Feb 29 12:30:00.123456 MyApp(libnet.dylib)[321] <Debug>: for Jane",
            {"time": "Feb 29 12:30:00.123456", "library": "libnet.dylib", "process": 321, "MyApp": "for Jane"},
        ),
        (
            "Feb  9 12:30:00 Janes-iPhone SpringBoard[52] <Warning>: for Jane",
            {"host": "Janes-iPhone", "process": 52, "priority": "Warning", "SpringBoard": "for Jane"},
        ),
        ("Feb  9 12:30:00 host com.apple.launchd[1]: ", {"com.apple.launchd": None}),
        (
            "2024-02-29 12:30:00.123456+0100  localhost MyApp[321]: (CFNetwork) [com.example:Default] for Jane",
            {"host": "localhost", "library": "CFNetwork", "subsystem": "com.example:Default", "MyApp": "for Jane"},
        ),
        (
            "2024-02-29 12:30:00.123 Df MyApp[321:1f2a] [com.example:net] for Jane",
            {"priority": "Df", "thread": "1f2a", "subsystem": "com.example:net", "MyApp": "for Jane"},
        ),
        (
            "2024-02-29 12:30:00.123456+0100 My App[321:45678] [Net] for Jane",
            {"process": 321, "thread": 45678, "My App": "[Net] for Jane"},
        ),
        (
            "10/13/21 07:57:42.865446 pid=69 mglog: for Jane",
            {"time": "10/13/21 07:57:42.865446", "process": 69, "mglog": "for Jane"},
        ),
        (
            "Wed Oct 13 07:57:42 2021 [71] <debug> (0x16dfb3000) -[MIInstaller perform:]: for Jane",
            {"process": 71, "thread": "0x16dfb3000"},
        ),
    ],
)  # fmt: skip
def test_every_tool_is_read(line: str, expected: dict[str, Scalar]) -> None:
    """Of one line alone, which is enough to know a log by."""
    found = fields(line)

    assert {name: found.get(name) for name in expected} == expected
    assert FORM.sniff(line.encode(), len(line)) > 0.5


@pytest.mark.parametrize(
    "text", ["May 29 was a good day", "2024-02-29 12:30:00 done\n2024-02-29 12:31:00 done", "", "{}"]
)
def test_other_text_is_none(text: str) -> None:
    """A date alone begins no record."""
    assert FORM.sniff(text.encode(), len(text)) == 0.0


def test_logs_of_others_are_read(shared_corpus: Path | None) -> None:
    """Every line of theirs that has a date begins a record, and every byte of its text is given."""
    for name in ("ios_lockdownd.log", "appfirewall.log") if shared_corpus else ():
        data = (shared_corpus / "logs" / "plaso" / name).read_bytes()  # type: ignore[operator]
        lines = [line for line in data.decode("utf-8", "replace").splitlines() if line]
        times = [value for value in decoded(data) if value.key == "time"]

        assert FORM.sniff(data[:4096], len(data)) > 0.5
        assert len(times) > 0.9 * len(lines)


def test_an_endless_line_takes_time_in_proportion() -> None:
    """Neither brackets nor blanks make it worse."""
    for piece in (b"Feb 29 12:30:00 ", b"a[", b"2024-02-29 12:30:00.123 ", b" : (", b"\t "):
        spent = []
        for size in (1 << 17, 1 << 19):
            data = b"Feb 29 12:30:00 " + piece * (size // len(piece))
            began = time.process_time()
            decoded(data)
            FORM.locate(Document(data), range(0, len(data), len(data) // 500), LIMITS)
            spent.append(time.process_time() - began)
        assert spent[1] < 20 * spent[0] + 0.2


def test_only_logs_are_written() -> None:
    """Of a style that there is."""
    for content in (["a line"], AppleLog((), "pretty"), AppleLog((AppleLogLine("a", "\ud800"),))):
        with pytest.raises(FormatError):
            FORM.encode(content)
