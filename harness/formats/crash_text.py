"""What systems write down when an app dies or hangs: tombstones and traces of Android, crash reports of iOS, in text.

They hold more than anybody means to send: the last lines of the log, texts of exceptions, and the memory that
registers point to.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from harness.errors import FormatError
from harness.formats._latin import latin, plain_text
from harness.formats._log_lines import said, trimmed
from harness.formats._text import BOM, open_text
from harness.formats._token_format import TokenFormat, Worth
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Step, Value

__all__ = ["CrashText", "TextTombstone"]

_SIGNS = re.compile(
    rb"(?:\*\*\* ){8,15}\*\*\*\r?\n"
    rb"|----- pid \d{1,10} at \d{4}-\d\d-\d\d |Subject: [^\n]{1,500}\n(?:[^\n]{0,500}\n){0,40}?----- pid \d{1,10} at "
    rb"|(?:\{[^\n]{1,2000}\}\r?\n)?Incident Identifier: "
    rb"|Process: [\w.:]{1,200}\r?\n(?:PID: \d{1,10}\r?\n)?(?:UID: \d{1,10}\r?\n)?(?:Frozen: [^\n]{1,9}\n)?Flags: 0x",
)


class _Heading(NamedTuple):
    """A line that says where the next ones belong."""

    pattern: re.Pattern[bytes]
    section: str
    """Name of the section; `{}` stands for the group of the pattern."""
    thread: str = ""
    """Name of the thread that it begins; what stands in `section` follows within it."""
    is_common: bool = False
    """What follows belongs to no thread."""


def _heading(pattern: bytes, section: str, thread: str = "", *, common: bool = False) -> _Heading:
    return _Heading(re.compile(pattern), section, thread, common)


_HEADINGS = (
    _heading(rb"(?:\*\*\* ){8,15}\*\*\*|(?:--- ){8,15}---", "header", common=True),
    _heading(rb"pid: \d{1,10}, tid: (\d{1,10}), name: ", "header", "thread {}"),
    _heading(rb"(backtrace|stack):", "{}"),
    _heading(rb"    (?:[a-z]\w{1,2}|r\d) {1,3}[0-9a-f]{8,16}(?:  |\Z)", "registers"),
    _heading(rb"(memory near \w{1,12})(?: \([^\n]{0,400}\))?:", "{}"),
    _heading(rb"(?:code|memory) around (\w{1,12})(?: \([^\n]{0,400}\))?:", "memory near {}"),
    _heading(rb"(memory map|open files)(?: \([^\n]{0,100}\))?:", "{}", common=True),
    _heading(rb"--------- (?:tail end of )?(log \w{1,20})", "{}", common=True),
    _heading(rb"----- pid (\d{1,10}) at ", "header", "pid {}"),
    _heading(rb"----- Waiting Channels: pid (\d{1,10}) at ", "waiting channels", "pid {}"),
    _heading(rb"----- end \d", "header", common=True),
    _heading(rb'"([^"\n]{1,200})" (?:daemon )?(?:prio|tid|sysTid|\()', "backtrace", "thread {}"),
    _heading(rb"Thread (\d{1,5}) crashed with ", "registers", "thread {}"),
    _heading(rb"Thread (\d{1,5})(?: name:| Crashed:|:)", "backtrace", "thread {}"),
    _heading(rb"([A-Z][A-Za-z]{1,20}(?: [A-Za-z0-9]{1,20}){1,4}):[ \t]*\Z", "{}", common=True),
)
_NAMED = re.compile(rb"[ \t]{0,4}([A-Za-z][\w/().-]{0,40}(?: [\w/().-]{1,40}){0,3}):[ \t]{1,40}(?=\S)")
_ROW = re.compile(
    rb"    [0-9a-f]{8,16}((?: (?:[0-9a-f]{16}|-{16})){1,2}|(?: (?:[0-9a-f]{8}|-{8})){1,4})  [ -~]{0,16}\Z"
)


@dataclass(frozen=True, slots=True)
class TextTombstone:
    """A tombstone to write, of one thread."""

    message: str = field(repr=False)
    """Of the abort."""
    memory: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What stands near each register; whole rows of 16 bytes."""
    log: tuple[str, ...] = field(default=(), repr=False)
    thread: int = 4330


_NEAR = b"\x00\x01\xf0\x7fto: jane.roe@example.org \x00\xff\xff"


class CrashText(TokenFormat):
    """A locator is the thread, where there is one, the section, and the number of the line; in a header, the name of
    what the line says. A dump of memory is one value, the bytes themselves: `/thread 4330/memory near x0`."""

    title = "Tombstone, trace or crash report, as text"
    source = "AOSP, debuggerd's tombstone_proto_to_text.cpp; ART's SignalCatcher; Apple, TN2151"
    container_only = True
    endless = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            TextTombstone("no such user: jane@example.org", {"x0": _NEAR}, ("02-29 12:30:00.005 I App: 555-0123",)),
            (
                Value(("header", 2, "Build fingerprint"), "'example/phone/phone:14/UP1A/1:user/release-keys'"),
                Value(("header", 3, "Cmdline"), "com.example.app"),
                Value(("thread 4330", "header", 4, "pid"), "4321, tid: 4330, name: Render  >>> com.example.app <<<"),
                Value(("thread 4330", "header", 5, "Abort message"), "'no such user: jane@example.org'"),
                Value(("thread 4330", "registers", 6), "    x0  0000007b12345678"),
                Value(("thread 4330", "memory near x0"), _NEAR),
                Value(("log main", 12), "02-29 12:30:00.005 I App: 555-0123"),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return 0.75 if _SIGNS.match(head.removeprefix(BOM).lstrip(b"\r\n")) else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        text = open_text(document.data, guess=False)
        return Reading(text, lambda: _Report(text.data).tokens(), latin)

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """Memory, which stands there in digits, and backwards."""
        return lambda raw, token: isinstance(token.value, bytes) or bool(reading.text.codec)

    def encode(self, content: Any) -> Document:
        """`content` is a `TextTombstone`."""
        if not isinstance(content, TextTombstone):
            raise FormatError("only a tombstone can be written")
        lines = [
            " ".join(["***"] * 16),
            "Build fingerprint: 'example/phone/phone:14/UP1A/1:user/release-keys'",
            "Cmdline: com.example.app",
            f"pid: 4321, tid: {content.thread}, name: Render  >>> com.example.app <<<",
            f"Abort message: '{content.message}'",
            "    x0  0000007b12345678",
        ]
        for register, memory in content.memory.items():
            lines += ["", f"memory near {register}:", *_rows(memory)]
        lines += ["--------- log main", *content.log]
        try:
            return Document(("\n".join(lines) + "\n").encode())
        except UnicodeEncodeError as error:
            raise FormatError("half a surrogate pair cannot be written") from error


def _rows(memory: bytes) -> Iterator[str]:
    """As debuggerd prints them for a device of 64 bits."""
    if len(memory) % 16:
        raise FormatError("memory is dumped in rows of 16 bytes")
    for at in range(0, len(memory), 16):
        words = " ".join(memory[low : low + 8][::-1].hex() for low in (at, at + 8))
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in memory[at : at + 16])
        yield f"    {0x7B00000000 + at:016x} {words}  {shown}"


class _Report:
    """Reads one report line by line, and keeps in mind where it is."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._above: tuple[Step, ...] = ()
        self._section = "header"

    def tokens(self) -> Iterator[Token]:
        data = self._data
        at, number = len(BOM) if data.startswith(BOM) else 0, 0
        while at < len(data):
            stop = data.find(b"\n", at)
            stop = len(data) if stop < 0 else stop
            number += 1
            end = trimmed(data, at, stop)
            if self._section.startswith("memory near ") and _ROW.match(data, at, end):
                dump, at, rows = self._dump(at)
                yield dump
                number += rows - 1
                continue
            self._turn(at, end)
            yield from self._line(at, end, number)
            at = stop + 1

    def _turn(self, at: int, end: int) -> None:
        """Where the line, and those after it, belong."""
        for heading in _HEADINGS:
            found = heading.pattern.match(self._data, at, end)
            if found is None:
                continue
            name = plain_text(found[1]) if found.re.groups else ""
            self._section = heading.section.replace("{}", name)
            if heading.is_common:
                self._above = ()
            elif heading.thread.startswith("pid"):
                self._above = (heading.thread.replace("{}", name),)
            elif heading.thread:
                process = tuple(step for step in self._above if str(step).startswith("pid "))
                self._above = (*process, heading.thread.replace("{}", name))
            return

    def _line(self, at: int, end: int, number: int) -> Iterator[Token]:
        steps: tuple[Step, ...] = (*self._above, self._section, number)
        named = _NAMED.match(self._data, at, end) if self._section == "header" else None
        if named is not None:
            name = plain_text(named[1])
            yield Token(*named.span(1), (*steps, name), Role.KEY, name)
            yield from said(self._data, named.end(), end, (*steps, name))
        elif not _is_rule(self._data, at, end):
            yield from said(self._data, at, end, steps)

    def _dump(self, at: int) -> tuple[Token, int, int]:
        """The rows of one dump as the bytes that they show; what follows them, and how many they are."""
        start, end, rows = at, at, 0
        memory = bytearray()
        while True:
            stop = self._data.find(b"\n", at)
            stop = len(self._data) if stop < 0 else stop
            row = _ROW.match(self._data, at, trimmed(self._data, at, stop))
            if row is None:
                break
            for word in row[1].split():
                memory += bytes(len(word) // 2) if word.startswith(b"-") else bytes.fromhex(word.decode())[::-1]
            end, at, rows = row.end(), min(stop + 1, len(self._data)), rows + 1
        return Token(start, end, (*self._above, self._section), Role.VALUE, bytes(memory)), at, rows


def _is_rule(data: bytes, at: int, end: int) -> bool:
    """Lines that divide, or name the section that follows."""
    line = data[at : min(end, at + 500)].strip()
    return (
        not line.strip(b"*- ")
        or line.startswith((b"--------- ", b"----- end "))
        or (line.endswith(b":") and len(line) < 450 and line.startswith((b"memory near ", b"backtrace", b"stack")))
    )
