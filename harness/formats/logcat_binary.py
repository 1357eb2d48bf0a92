"""Android's log as logd hands it out, `logcat -B`: entries of a header, a tag and a text, or of an event's values."""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from harness.errors import FormatError
from harness.formats._latin import latin, plain_text
from harness.formats._single import shortest_single
from harness.formats._text import Text
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Format, Piece, Sample
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Scalar, Step, Value

__all__ = ["Event", "LogEntry", "LogcatBinary"]

_FIXED = struct.Struct("<HHiIiI")
"""Length of the text, of the header, process, thread, seconds, nanoseconds."""
_LENGTHS = {0: 20, 20: 20, 24: 24, 28: 28}
"""What the second field says, and how long the header is: the first version left it empty."""
_EVENTS = {2, 5, 6}
_MOST = 5 << 10
"""Bytes of one entry; the real limit is 4068 and a header."""
_TAG = re.compile(rb"[\x20-\x7e\x80-\xff]{0,128}\x00", re.DOTALL)
_PRIORITIES = range(9)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT, _LONG, _TEXT, _LIST, _FLOAT = range(5)
_DEEPEST = 8
_WHEN = datetime(2024, 2, 29, 12, 30, 0, 5000, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line to write."""

    tag: str
    text: str = field(repr=False)
    priority: int = 4
    log: int = 0
    """0 main, 1 radio, 3 system, 4 crash."""
    uid: int = 10123
    version: int = 4
    when: datetime = _WHEN


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log of events to write."""

    number: int
    values: tuple[int | float | str, ...] = field(repr=False)


class _Header(NamedTuple):
    start: int
    body: int
    end: int
    is_event: bool
    when: Scalar
    uid: int
    """Where it is written, as an offset; 0 where it is not."""


def _entry(number: int, tag: str, text: str) -> tuple[Value, ...]:
    return (
        Value((number, tag), text),
        Value((number, tag, "priority"), 4),
        Value((number, tag, "time"), _WHEN),
        Value((number, tag, "process"), 4321),
        Value((number, tag, "user"), 10123),
    )


class LogcatBinary(Format):
    """A locator is the number of the entry, from 1, and its tag; of an event, the number of the value follows."""

    title = "Android log, binary"
    source = "liblog's log_read.h: logger_entry, versions 1 to 4; event values: liblog/logprint.cpp"
    framed = True
    container_only = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            (
                LogEntry("Login", "user jane@example.org logged in, since she was asked to"),
                LogEntry("Net", "Zoë +44 7700 900123"),
                Event(30101, ("jane.roe@example.org", 7, 0.5)),
            ),
            (
                *_entry(1, "Login", "user jane@example.org logged in, since she was asked to"),
                *_entry(2, "Net", "Zoë +44 7700 900123"),
                Value((3, "30101", 0), "jane.roe@example.org"),
                Value((3, "30101", 1), 7),
                Value((3, "30101", 2), 0.5),
                Value((3, "30101", "time"), _WHEN),
                Value((3, "30101", "process"), 4321),
                Value((3, "30101", "user"), 10123),
            ),
        ),
        Sample(
            (LogEntry("App", "jane@example.org", version=1), LogEntry("App", "555-0123, by telephone", version=1)),
            tuple(
                value
                for number, text in ((1, "jane@example.org"), (2, "555-0123, by telephone"))
                for value in _entry(number, "App", text)
                if value.key != "user"
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        at = count = 0
        while at + _FIXED.size < len(head) and count < 16:
            header = _header(head, at, size)
            if header is None or not _is_body(head, header):
                return 0.0
            at, count = header.end, count + 1
        return 0.95 if count and (at <= size) else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        return _read(document).account()

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        return _read(document).locate(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from _read(document).values(limits)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """What stands under a telling tag; other texts are found where they stand."""

        def is_told(raw: bytes, token: Token) -> bool:
            return telling.search(Value(token.steps, None).key.encode("utf-8", "surrogatepass")) is not None

        yield from _read(document).pieces(limits, is_told)

    def encode(self, content: Any) -> Document:
        """`content` is a sequence of `LogEntry` and `Event`."""
        try:
            return Document(b"".join(_written(each) for each in content))
        except (struct.error, UnicodeEncodeError, AttributeError, TypeError) as error:
            raise FormatError("cannot be written as an entry of a log") from error


def _written(each: LogEntry | Event) -> bytes:
    if isinstance(each, Event):
        body = struct.pack("<IBB", each.number, _LIST, len(each.values)) + b"".join(map(_packed, each.values))
        each = LogEntry("", "", log=2)
    else:
        body = bytes([each.priority]) + each.tag.encode() + b"\x00" + each.text.encode() + b"\x00"
    since = each.when - _EPOCH
    told, more = 28, struct.pack("<II", each.log, each.uid)
    if each.version < 4:
        told, more = (0, b"") if each.version == 1 else (24, struct.pack("<I", each.log))
    seconds = since // timedelta(seconds=1)
    return _FIXED.pack(len(body), told, 4321, 4321, seconds, since.microseconds * 1000) + more + body


def _packed(value: int | float | str) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return struct.pack("<BI", _TEXT, len(raw)) + raw
    if isinstance(value, float):
        return struct.pack("<Bf", _FLOAT, value)
    return struct.pack("<Bi", _INT, value) if -(1 << 31) <= value < 1 << 31 else struct.pack("<Bq", _LONG, value)


# -- reading -------------------------------------------------------------------------------------


def _read(document: Document) -> Reading:
    data = bytes(document.data)
    return Reading(Text(data, data), lambda: _tokens(data), latin)


def _header(data: bytes, at: int, size: int) -> _Header | None:
    """The header of an entry; None where none can be."""
    if at + _FIXED.size > len(data):
        return None
    length, told, process, _, seconds, nanoseconds = _FIXED.unpack_from(data, at)
    body = at + _LENGTHS.get(told, 0)
    if told not in _LENGTHS or not 1 < length <= _MOST or body + length > size or body > len(data):
        return None
    if nanoseconds >= 10**9 or seconds < 0 or process < 0:
        return None
    log = int.from_bytes(data[at + 20 : at + 24], "little") if told == 28 else 0
    is_event = log in _EVENTS if told == 28 else not _is_text(data, body)
    when = _EPOCH + timedelta(seconds=seconds, microseconds=nanoseconds // 1000)
    return _Header(at, body, body + length, is_event, when, at + 24 if told == 28 else 0)


def _is_text(data: bytes, body: int) -> bool:
    return bool(data[body : body + 1]) and data[body] in _PRIORITIES and bool(_TAG.match(data, body + 1))


def _is_body(head: bytes, header: _Header) -> bool:
    """Whether an entry begins as one does, as far as the head goes."""
    if header.is_event:
        return head[header.body + 4 : header.body + 5] in {b"", b"\x00", b"\x01", b"\x02", b"\x03", b"\x04"}
    if len(head) < header.body + 140:
        return len(head) <= header.body or head[header.body] in _PRIORITIES
    return _is_text(head, header.body)


def _tokens(data: bytes) -> Iterator[Token]:
    at, number = 0, 1
    while at < len(data):
        header = _header(data, at, len(data))
        if header is None:
            raise FormatError(f"no entry of a log at byte {at}")
        yield from _event(data, header, number) if header.is_event else _line(data, header, number)
        at, number = header.end, number + 1
    if not data:
        raise FormatError("a log without an entry")


def _about(data: bytes, header: _Header, steps: tuple[Step, ...]) -> Iterator[Token]:
    """What the header says."""
    at = header.start
    process = int.from_bytes(data[at + 4 : at + 8], "little")
    yield Token(at + 4, at + 8, (*steps, "process"), Role.VALUE, process)
    yield Token(at + 12, at + 20, (*steps, "time"), Role.VALUE, header.when)
    if header.uid:
        user = int.from_bytes(data[header.uid : header.uid + 4], "little")
        yield Token(header.uid, header.uid + 4, (*steps, "user"), Role.VALUE, user)


def _line(data: bytes, header: _Header, number: int) -> Iterator[Token]:
    stop = data.find(b"\x00", header.body + 1, header.end)
    stop = header.end if stop < 0 else stop
    tag = plain_text(data[header.body + 1 : stop])
    steps = (number, tag)
    yield from _about(data, header, steps)
    yield Token(header.body, header.body + 1, (*steps, "priority"), Role.VALUE, data[header.body])
    if stop > header.body + 1:
        yield Token(header.body + 1, stop, steps, Role.KEY, tag)
    text = data[stop + 1 : header.end].rstrip(b"\x00")
    if text:
        yield Token(stop + 1, stop + 1 + len(text), steps, Role.VALUE, plain_text(text))


def _event(data: bytes, header: _Header, number: int) -> Iterator[Token]:
    if header.end - header.body < 4:
        raise FormatError(f"an event without a number at byte {header.body}")
    steps = (number, str(int.from_bytes(data[header.body : header.body + 4], "little")))
    yield from _about(data, header, steps)
    at = header.body + 4
    if at < header.end:
        yield from _Values(data, header.end).read(at, steps)


class _Values:
    """The values of one event: lists may hold lists."""

    def __init__(self, data: bytes, end: int) -> None:
        self._data = data
        self._end = end
        self._at = 0

    def read(self, at: int, steps: tuple[Step, ...]) -> Iterator[Token]:
        self._at = at
        yield from self._value(steps, 0)

    def _value(self, steps: tuple[Step, ...], depth: int) -> Iterator[Token]:
        kind = self._take(1, "B")
        match kind:
            case 0 | 1 | 4:
                code, size = {_INT: ("<i", 4), _LONG: ("<q", 8), _FLOAT: ("<f", 4)}[kind]
                value = self._take(size, code)
                shown = shortest_single(value) if kind == _FLOAT else value
                yield Token(self._at - size, self._at, steps, Role.VALUE, shown)
            case 2:
                size = self._take(4, "<I")
                start = self._at
                self._skip(size)
                if size:
                    yield Token(start, self._at, steps, Role.VALUE, plain_text(self._data[start : self._at]))
            case 3 if depth < _DEEPEST:
                for number in range(self._take(1, "B")):
                    yield from self._value((*steps, number), depth + 1)
            case _:
                raise FormatError(f"an event's value of no known type at byte {self._at - 1}")

    def _take(self, size: int, code: str) -> Any:
        self._skip(size)
        return struct.unpack_from(code, self._data, self._at - size)[0]

    def _skip(self, size: int) -> None:
        if size > self._end - self._at:
            raise FormatError(f"an event's value that is cut off at byte {self._at}")
        self._at += size
