"""Logs of iOS in text: what `idevicesyslog` and `log show` print, NSLog's own lines, and logs of a sysdiagnose."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._log_lines import LogFormat
from harness.formats.base import Sample
from harness.model import Document, Value

__all__ = ["AppleLog", "AppleLogLine", "AppleLogText"]

_CLOCK = rb"[0-2]\d:[0-5]\d:[0-6]\d"
_DATE = rb"\d{4}-[01]\d-[0-3]\d " + _CLOCK
_WORD = rb"(?P<priority>[A-Za-z]{2,12})"
_PROCESS = rb"(?P<process>\d{1,10})"
_NAME = rb"(?P<tag>[^\[\]()<>:\n][^\[\]()<>\n]{0,100}?)"
_LIBRARY = rb"(?:\((?P<library>[^()\n]{1,100})\))?"
_FROM = rb"(?:\((?P<library>[^()\n]{1,100})\) )?(?:\[(?P<subsystem>[\w.-]{1,100}:[^\[\]\n]{0,100})\] )?"
_TEXT = rb"(?: (?P<text>[^\n]*+)|\Z)"


def _line(*parts: bytes) -> re.Pattern[bytes]:
    return re.compile(b"".join(parts))


_SYSLOG = _line(
    rb"(?P<time>[A-Z][a-z]{2} [ 0-3]\d ", _CLOCK, rb"(?:\.\d{1,6})?) (?:(?P<host>[^\s\[\]()<>]{1,100}) )?", _NAME,
    _LIBRARY, rb"\[", _PROCESS, rb"\](?: \([^()\n]{1,100}\))?(?: <", _WORD, rb">)?:", _TEXT,
)  # fmt: skip
_SHOWN = _line(
    rb"(?P<time>", _DATE, rb"\.\d{3,6}[+-]\d{4}) (?P<thread>0x[0-9a-f]{1,16}) {1,16}", _WORD,
    rb" {1,16}(?P<activity>0x[0-9a-f]{1,16}) {1,24}", _PROCESS, rb" {1,16}\d{1,6} {1,8}", _NAME, rb": ", _FROM,
    rb"(?P<text>[^\n]*+)",
)  # fmt: skip
_SHOWN_AS_SYSLOG = _line(
    rb"(?P<time>", _DATE, rb"\.\d{3,6}[+-]\d{4}) {1,4}(?P<host>[^\s\[\]()<>]{1,100}) ", _NAME, rb"\[", _PROCESS,
    rb"\]: (?:<", _WORD, rb">:? )?", _FROM, rb"(?P<text>[^\n]*+)",
)  # fmt: skip
_COMPACT = _line(
    rb"(?P<time>", _DATE, rb"\.\d{3}) (?P<priority>Df|[DIEFA] |Nt|Er|Ft) {0,2}", _NAME, rb"\[", _PROCESS,
    rb":(?P<thread>[0-9a-f]{1,16})\] ", _FROM, rb"(?P<text>[^\n]*+)",
)  # fmt: skip
_NSLOG = _line(
    rb"(?P<time>", _DATE, rb"\.\d{3,6}(?:[+-]\d{4})?) ", _NAME, rb"\[", _PROCESS,
    rb":(?P<thread>[0-9a-f]{1,16})\] ", _FROM, rb"(?P<text>[^\n]*+)",
)  # fmt: skip
_LOCKDOWN = _line(
    rb"(?P<time>\d\d/\d\d/\d\d ", _CLOCK, rb"\.\d{1,6}) pid=", _PROCESS, rb" (?P<tag>[^:\n]{1,100}):", _TEXT
)
_DAEMON = _line(
    rb"(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-3]\d ", _CLOCK, rb" \d{4}) \[", _PROCESS, rb"\] <", _WORD,
    rb"> \((?P<thread>0x[0-9a-f]{1,16})\) (?P<tag>[^\n]{1,200}?):", _TEXT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AppleLogLine:
    """One record to print; its text may be of several lines."""

    tag: str
    """Name of the process."""
    text: str = field(repr=False)
    priority: str = "Notice"
    process: int = 321
    host: str = field(default="iPhone", repr=False)
    library: str = "CFNetwork"


@dataclass(frozen=True, slots=True)
class AppleLog:
    """A log to print: as `syslog` (idevicesyslog) or as `show` (log show)."""

    lines: tuple[AppleLogLine, ...]
    style: str = "syslog"


_STYLES: dict[str, tuple[str, Callable[[AppleLogLine], str]]] = {
    "syslog": ("", lambda x: f"Feb 29 12:30:00 {x.host} {x.tag}({x.library})[{x.process}] <{x.priority}>: "),
    "show": (
        f"{'Timestamp':31} {'Thread':10} {'Type':11} {'Activity':20} {'PID':6} {'TTL':4}\n",
        lambda x: (
            f"2024-02-29 12:30:00.123456+0100 {'0x1f2a':10} {x.priority:11} {'0x0':20} {x.process:<6} {0:<4} "
            f"{x.tag}: ({x.library}) [com.example.net:default] "
        ),
    ),
}


class AppleLogText(LogFormat):
    """A locator is the number of the line, from 1, and the name of the process; `time`, `host`, `process`, `thread`,
    `priority`, `library`, `subsystem` and `activity` follow where they are printed."""

    title = "iOS log, as text"
    source = "libimobiledevice's idevicesyslog.c; log(1) of macOS; RFC 3164; what a sysdiagnose holds"
    beginnings = (_SYSLOG, _SHOWN, _SHOWN_AS_SYSLOG, _COMPACT, _NSLOG, _LOCKDOWN, _DAEMON)
    separators = re.compile(
        rb"Timestamp {2,40}\S|=== |\[(?:dis)?connected(?::[\w-]{1,60})?\]\Z|Filtering the log data "
    )
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            AppleLog(
                (
                    AppleLogLine("MyApp", "user jane@example.org logged in", host="Janes-iPhone"),
                    AppleLogLine("My App", "Zoë\n  at +44 7700 900123, since May", "Error", host="Janes-iPhone"),
                )
            ),
            (
                Value((1, "MyApp", "time"), "Feb 29 12:30:00"),
                Value((1, "MyApp", "host"), "Janes-iPhone"),
                Value((1, "MyApp", "library"), "CFNetwork"),
                Value((1, "MyApp", "process"), 321),
                Value((1, "MyApp", "priority"), "Notice"),
                Value((1, "MyApp"), "user jane@example.org logged in"),
                Value((2, "My App", "time"), "Feb 29 12:30:00"),
                Value((2, "My App", "host"), "Janes-iPhone"),
                Value((2, "My App", "library"), "CFNetwork"),
                Value((2, "My App", "process"), 321),
                Value((2, "My App", "priority"), "Error"),
                Value((2, "My App"), "Zoë"),
                Value((3, "My App"), "  at +44 7700 900123, since May"),
            ),
        ),
        Sample(
            AppleLog((AppleLogLine("MyApp", "sent for jane@example.org", "Default"),), "show"),
            (
                Value((2, "MyApp", "time"), "2024-02-29 12:30:00.123456+0100"),
                Value((2, "MyApp", "thread"), "0x1f2a"),
                Value((2, "MyApp", "priority"), "Default"),
                Value((2, "MyApp", "activity"), "0x0"),
                Value((2, "MyApp", "process"), 321),
                Value((2, "MyApp", "library"), "CFNetwork"),
                Value((2, "MyApp", "subsystem"), "com.example.net:default"),
                Value((2, "MyApp"), "sent for jane@example.org"),
            ),
        ),
    )

    def encode(self, content: Any) -> Document:
        """`content` is an `AppleLog`."""
        if not isinstance(content, AppleLog) or content.style not in _STYLES:
            raise FormatError("only an AppleLog of a known style can be written")
        head, begin = _STYLES[content.style]
        try:
            return Document("".join([head, *(f"{begin(each)}{each.text}\n" for each in content.lines)]).encode())
        except UnicodeEncodeError as error:
            raise FormatError("half a surrogate pair cannot be written") from error
