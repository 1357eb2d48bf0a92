"""Android's log as `logcat` prints it, in every format that it has, and as Android Studio exports it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._log_lines import LogFormat
from harness.formats.base import Sample
from harness.model import Document, Value

__all__ = ["Logcat", "LogcatLine", "LogcatText"]

_COLOUR = rb"(?:\x1b\[[\d;]{1,8}m)?"
_TIME = (
    rb" {0,8}(?P<time>(?:\d{4}-)?[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-6]\d\.\d{3,9}(?: [+-]\d{4})?|\d{1,12}\.\d{3,9})"
)
_PRIORITY = rb"(?P<priority>[VDIWEFAS])"
_TAG = rb"(?P<tag>[^\n]{0,128}?) {0,24}"
_USER = rb"(?:(?P<user>[a-z_]\w{0,31}|\d{1,10}): {0,8})?"
_PROCESS, _THREAD = rb"(?P<process>\d{1,10})", rb"(?P<thread>\d{1,10})"
_TEXT = rb"(?: (?P<text>[^\n]*+)|\Z)"


def _line(*parts: bytes) -> re.Pattern[bytes]:
    return re.compile(_COLOUR + b"".join(parts))


_THREADTIME = _line(
    _TIME, rb" {1,8}(?:(?P<user>[a-z_]\w{0,31}|\d{1,10}) {1,8})?", _PROCESS, rb" {1,8}", _THREAD, rb" ", _PRIORITY,
    rb" ", _TAG, rb":", _TEXT,
)  # fmt: skip
_TIMED = _line(_TIME, rb" ", _PRIORITY, rb"/", _TAG, rb"\( {0,8}", _USER, _PROCESS, rb"\):", _TEXT)
_LONG = _line(
    rb"\[ ", _TIME, rb" {1,8}", _USER, _PROCESS, rb": {0,8}", _THREAD, rb" ", _PRIORITY, rb"/", _TAG, rb" \]\Z"
)
_STUDIO = _line(
    _TIME, rb" {1,4}", _PROCESS, rb"-", _THREAD, rb" {1,4}(?P<tag>\S[^\n]{0,128}?) {2,80}",
    rb"(?P<package>[\w.:-]{1,200}) {2,200}", _PRIORITY, rb" ", _TEXT,
)  # fmt: skip
_OLD_STUDIO = _line(
    _TIME,
    rb" {1,4}",
    _PROCESS,
    rb"-",
    _THREAD,
    rb"/(?P<package>[\w.:?-]{1,200}) ",
    _PRIORITY,
    rb"/",
    _TAG,
    rb":",
    _TEXT,
)
_BRIEF = _line(_PRIORITY, rb"/", _TAG, rb"\( {0,8}", _USER, _PROCESS, rb"\):", _TEXT)
_OF_PROCESS = _line(
    _PRIORITY, rb"\( {0,8}", _USER, _PROCESS, rb"\) (?P<text>[^\n]*)  \((?P<tag>[^\n()]{1,128})\)(?:\x1b\[0m)?\Z"
)
_OF_THREAD = _line(_PRIORITY, rb"\( {0,8}", _USER, _PROCESS, rb": {0,8}", _THREAD, rb"\)", _TEXT)
_TAGGED = _line(_PRIORITY, rb"/", _TAG, rb":", _TEXT)


@dataclass(frozen=True, slots=True)
class LogcatLine:
    """One record to print; its text may be of several lines."""

    tag: str
    text: str = field(repr=False)
    priority: str = "I"
    time: str = "02-29 12:30:00.005"
    process: int = 4321
    thread: int = 4330
    user: int | str = ""
    """Number or name; empty where it is not printed."""


@dataclass(frozen=True, slots=True)
class Logcat:
    """A log to print, as `logcat -v STYLE` does."""

    lines: tuple[LogcatLine, ...]
    style: str = "threadtime"
    buffer: str = "main"


def _owner(line: LogcatLine, end: str = ":") -> str:
    return f"{line.user:>5}{end}" if line.user != "" else ""


_STYLES: dict[str, Callable[[LogcatLine], str]] = {
    "threadtime": lambda x: f"{x.time} {_owner(x, ' ')}{x.process:5} {x.thread:5} {x.priority} {x.tag:8}: ",
    "time": lambda x: f"{x.time} {x.priority}/{x.tag:8}({_owner(x)}{x.process:5}): ",
    "brief": lambda x: f"{x.priority}/{x.tag:8}({_owner(x)}{x.process:5}): ",
    "process": lambda x: f"{x.priority}({_owner(x)}{x.process:5}) ",
    "thread": lambda x: f"{x.priority}({_owner(x)}{x.process:5}:{x.thread:5}) ",
    "tag": lambda x: f"{x.priority}/{x.tag:8}: ",
    "long": lambda x: f"[ {x.time} {_owner(x)}{x.process:5}:{x.thread:5} {x.priority}/{x.tag:8} ]",
}


class LogcatText(LogFormat):
    """A locator is the number of the line, from 1, and the tag; `time`, `priority`, `process`, `thread`, `user` and
    `package` follow where they are printed."""

    title = "Android log, as logcat prints it"
    source = "AOSP, liblog/logprint.cpp: android_log_formatLogLine; Android Studio's export"
    beginnings = (
        _THREADTIME, _TIMED, _LONG, _STUDIO, _OLD_STUDIO, _BRIEF, _OF_PROCESS, _OF_THREAD, _TAGGED
    )  # fmt: skip
    weak = (_OF_PROCESS, _OF_THREAD, _TAGGED)
    separators = re.compile(rb"-{9} (?:beginning of|switch to|log|tail end of log) \w{1,20}")
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            Logcat(
                (
                    LogcatLine("Login", "user jane@example.org logged in"),
                    LogcatLine("Net:Http", "Zoë\n  at +44 7700 900123", "W", user="u0_a123"),
                )
            ),
            (
                Value((2, "Login", "time"), "02-29 12:30:00.005"),
                Value((2, "Login", "process"), 4321),
                Value((2, "Login", "thread"), 4330),
                Value((2, "Login", "priority"), "I"),
                Value((2, "Login"), "user jane@example.org logged in"),
                Value((3, "Net:Http", "time"), "02-29 12:30:00.005"),
                Value((3, "Net:Http", "user"), "u0_a123"),
                Value((3, "Net:Http", "process"), 4321),
                Value((3, "Net:Http", "thread"), 4330),
                Value((3, "Net:Http", "priority"), "W"),
                Value((3, "Net:Http"), "Zoë"),
                Value((4, "Net:Http", "time"), "02-29 12:30:00.005"),
                Value((4, "Net:Http", "user"), "u0_a123"),
                Value((4, "Net:Http", "process"), 4321),
                Value((4, "Net:Http", "thread"), 4330),
                Value((4, "Net:Http", "priority"), "W"),
                Value((4, "Net:Http"), "  at +44 7700 900123"),
            ),
        ),
        Sample(
            Logcat((LogcatLine("Login", "for jane@example.org,\nwho was asked"), LogcatLine("Net", "sent")), "long"),
            (
                Value((2, "Login", "time"), "02-29 12:30:00.005"),
                Value((2, "Login", "process"), 4321),
                Value((2, "Login", "thread"), 4330),
                Value((2, "Login", "priority"), "I"),
                Value((3, "Login"), "for jane@example.org,"),
                Value((4, "Login"), "who was asked"),
                Value((6, "Net", "time"), "02-29 12:30:00.005"),
                Value((6, "Net", "process"), 4321),
                Value((6, "Net", "thread"), 4330),
                Value((6, "Net", "priority"), "I"),
                Value((7, "Net"), "sent"),
            ),
        ),
    )

    def encode(self, content: Any) -> Document:
        """`content` is a `Logcat`."""
        if not isinstance(content, Logcat) or content.style not in _STYLES:
            raise FormatError("only a Logcat of a known style can be written")
        out = [f"--------- beginning of {content.buffer}\n"]
        for each in content.lines:
            out += _printed(each, content.style)
        try:
            return Document("".join(out).encode())
        except UnicodeEncodeError as error:
            raise FormatError("half a surrogate pair cannot be written") from error


def _printed(each: LogcatLine, style: str) -> Sequence[str]:
    begin = _STYLES[style](each)
    if style == "long":
        return [f"{begin}\n{each.text}\n\n"]
    end = f"  ({each.tag})" if style == "process" else ""
    return [f"{begin}{line}{end}\n" for line in each.text.split("\n")]
