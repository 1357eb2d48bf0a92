"""Tombstones, traces and crash reports: what a line says, and in which section of which thread it stands."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.crash_text import CrashText, TextTombstone
from harness.formats.text_log import TextLog
from harness.limits import Limits
from harness.model import Document, Step

FORM = CrashText()
LIMITS = Limits()
TEXT = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=30)
MEMORY = st.binary(max_size=6).map(lambda raw: (raw + b"jane@example.org and more" + bytes(16))[:32])
TRACE = """\
Subject: Input dispatching timed out (com.example.app/.Main, Waited 5003ms)

----- pid 4321 at 2024-02-29 12:30:00.123456789+0100 -----
Cmd line: com.example.app
Build fingerprint: 'example/phone/phone:14/UP1A/1:user/release-keys'
DALVIK THREADS (2):
"main" prio=5 tid=1 Blocked
  | group="main" sCount=1 ucsCount=0
  at com.example.app.Login.send(Login.java:12)
  - waiting to lock <0x0a1b2c3d> (a com.example.Session) held by thread 7

"jane@example.org sync" daemon prio=5 tid=7 Native
  native: #00 pc 00000000000d3b38  /apex/libc.so

----- end 4321 -----

----- Waiting Channels: pid 4321 at 2024-02-29 12:30:01 -----
Cmd line: com.example.app
sysTid=4321     futex_wait_queue_me
----- end 4321 -----
"""
CRASH = """\
Incident Identifier: 6156848E-344E-4D9E-84E0-87AFD0D0AE7B
CrashReporter Key:   76f2fb60060d6a7f814973377cbdc866fffd521f
Hardware Model:      iPhone14,2
Process:             MyApp [321]
Identifier:          com.example.app

Exception Type:  EXC_CRASH (SIGABRT)

Application Specific Information:
*** Terminating app due to uncaught exception: no account of jane@example.org

Last Exception Backtrace:
0   CoreFoundation                	0x18c6b8 0x18c000 + 1720

Thread 0 name:  Dispatch queue: com.apple.main-thread
Thread 0 Crashed:
0   libsystem_kernel.dylib        	0x1d2a 0x1d00 + 42

Thread 1:
0   libsystem_kernel.dylib        	0x1d2b 0x1d00 + 43

Thread 0 crashed with ARM Thread State (64-bit):
    x0: 0x0000000000000000   x1: 0x0000000000000001

Binary Images:
0x102a4c000 - 0x102a57fff MyApp arm64  <6156848e344e4d9e84e087afd0d0ae7b> /private/var/containers/MyApp

EOF
"""


def decoded(text: str) -> dict[tuple[Step, ...], object]:
    return {value.steps: value.value for value in FORM.decode(Document(text.encode()), LIMITS)}


@given(
    message=TEXT, memory=st.dictionaries(st.sampled_from(("x0", "x19", "sp")), MEMORY), log=st.lists(TEXT, max_size=3)
)
def test_a_tombstone_is_read_back(message: str, memory: dict[str, bytes], log: list[str]) -> None:
    """Memory as the bytes that it was, across its rows; places are those of decoded values."""
    log = [f"I {line}" for line in log]
    document = FORM.encode(TextTombstone(message, memory, tuple(log)))
    values = list(FORM.decode(document, LIMITS))

    assert {str(v.steps[-1]): v.value for v in values if isinstance(v.value, bytes)} == {
        f"memory near {register}": held for register, held in memory.items()
    }
    assert [value.value for value in values if value.steps[0] == "log main"] == log
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or place.in_key or (place.steps, place.value) in known


def test_memory_is_given_to_the_raw_lane() -> None:
    """What a row cuts in two is whole in the piece, which leads back to the dump."""
    document = FORM.encode(TextTombstone("", {"x0": b"0123456789jane@example.org______"}))
    (piece,) = FORM.expand(document, re.compile(b"x"), LIMITS)

    assert b"jane@example.org" in piece.data
    (place,) = FORM.locate(document, [piece.anchors[0][1]], LIMITS)
    assert place.steps == ("thread 4330", "memory near x0")


def test_rows_of_32_bits_are_read() -> None:
    """Four words of four bytes, each backwards."""
    rows = "memory near r0:\n    b6f3a6d0 656e616a 61786540 656c706d 67726f2e  jane@example.org\n"

    assert decoded("*** " * 15 + "***\n" + rows)[("memory near r0",)] == b"jane@example.org"


def test_a_trace_is_read_by_thread() -> None:
    """Of which process, too; the names of threads are part of where a line stands."""
    found = decoded(TRACE)

    assert found[("header", 1, "Subject")] == "Input dispatching timed out (com.example.app/.Main, Waited 5003ms)"
    assert found[("pid 4321", "header", 4, "Cmd line")] == "com.example.app"
    assert ("pid 4321", "thread main", "backtrace", 9) in found
    assert ("pid 4321", "thread jane@example.org sync", "backtrace", 13) in found
    assert ("pid 4321", "waiting channels", 19) in found


def test_a_report_of_ios_is_read_by_section() -> None:
    """Threads, their registers, and what the app itself said."""
    found = decoded(CRASH)

    assert found[("header", 2, "CrashReporter Key")] == "76f2fb60060d6a7f814973377cbdc866fffd521f"
    assert ("Application Specific Information", 10) in found
    assert ("Last Exception Backtrace", 13) in found
    assert ("thread 0", "backtrace", 17) in found
    assert ("thread 1", "backtrace", 20) in found
    assert ("thread 0", "registers", 23) in found
    assert ("Binary Images", 26) in found


@pytest.mark.parametrize(
    "text",
    [TRACE, TRACE[TRACE.index("-----") :], CRASH, '{"bug_type":"109","name":"MyApp"}\n' + CRASH,
     "Process: com.example.app\nPID: 4321\nFlags: 0x38a8be44\n\njava.lang.Error\n", "\n" + "*** " * 15 + "***\nABI"],
)  # fmt: skip
def test_reports_are_known(text: str) -> None:
    """By their first line, and not for plain text."""
    head = text.encode()

    assert FORM.sniff(head, len(head)) > TextLog().sniff(head, len(head)) > 0


@pytest.mark.parametrize("text", ["", "*** note ***", "Subject: hello\n\nDear Jane", "Process: it goes\n", "{}"])
def test_other_text_is_none(text: str) -> None:
    """A letter has a subject, too."""
    assert FORM.sniff(text.encode(), len(text)) == 0.0


def test_hostile_lines_take_time_in_proportion() -> None:
    """Neither rows nor headings nor names without an end make it worse."""
    row = b"memory near x0:\n    0000000000000000 0000000000000000 0000000000000000  ................\n"
    for piece in (row, b'"a', b"memory near x0 (", b"A A ", b"Subject: x\n", b"(A B):"):
        spent = []
        for size in (1 << 16, 1 << 18):
            data = b"*** " * 15 + b"***\n" + piece * (size // len(piece))
            began = time.process_time()
            FORM.sniff(data[:4096], len(data))
            list(FORM.decode(Document(data), LIMITS))
            spent.append(time.process_time() - began)
        assert spent[1] < 20 * spent[0] + 0.2


def test_only_tombstones_are_written() -> None:
    """Of whole rows, in text that can be written."""
    for content in ("text", TextTombstone("", {"x0": b"odd"}), TextTombstone("\ud800")):
        with pytest.raises(FormatError):
            FORM.encode(content)


@pytest.mark.parametrize("text", [TRACE, CRASH])
def test_every_line_is_given_once(text: str) -> None:
    """However a report is divided, all that it says is in its values, or names where they stand."""
    found = decoded(text)
    stored = "\n".join(map(str, [*found.values(), *(step for steps in found for step in steps)])).lower()

    missing = {word for word in re.findall(r"[\w.@]{6,}", text) if word.lower() not in stored}
    assert missing == set()
