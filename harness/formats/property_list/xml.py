"""XML property lists as tokens."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.errors import FormatError
from harness.formats._markup import Event, Kind, character_data, escapes, events, open_markup
from harness.formats._tokens import Reading, Role, Token
from harness.limits import Limits
from harness.model import Buffer, Scalar, Step

__all__ = ["read_xml"]

_LEAVES = {"string", "integer", "real", "true", "false", "date", "data"}
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?)?Z")
_MOST_DIGITS = 4000  # Python refuses to convert numbers of more than 4,300 digits


def read_xml(data: Buffer, limits: Limits) -> Reading:
    """An XML property list.

    Raises:
        FormatError: it is in an encoding that is not read.
    """
    text = open_markup(data)
    return Reading(text, lambda: _Reader(text.data).tokens(limits), escapes)


@dataclass(slots=True)
class _Frame:
    """An open element."""

    tag: str
    steps: tuple[Step, ...]
    """Of the value itself; of a key, those of its dictionary."""
    count: int = 0
    """Values so far."""
    key: str | None = None
    """Of a dictionary, the key whose value is next."""
    text: tuple[int, int] | None = None


class _Reader:
    """Makes tokens of the elements of one list."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.frames: list[_Frame] = [_Frame("", ())]

    def tokens(self, limits: Limits) -> Iterator[Token]:
        for event in events(self.data, limits):
            if event.kind is Kind.LEAF:
                token = self._leaf(event)
                if token is not None:
                    yield token
            elif event.kind is Kind.OPEN:
                self._open(event)
            elif event.kind is Kind.TEXT:
                self._text(event)
            else:
                token = self._close(event)
                if token is not None:
                    yield token

    def _leaf(self, event: Event) -> Token | None:
        if event.name in _LEAVES or event.name == "key":
            start, end = event.text or (event.end, event.end)
            if event.name == "key":
                return self._key(self._key_frame(event), start, end)
            return self._value(event.name, self._next_steps(self.frames[-1], event), start, end)
        self._open(event)
        if event.text:
            self._text(event._replace(start=event.text[0], end=event.text[1]))
        return self._close(event)

    def _key_frame(self, event: Event) -> _Frame:
        parent = self.frames[-1]
        if parent.tag != "dict" or parent.key is not None:
            raise FormatError(f"a key where none can be at byte {event.start}")
        return parent

    def _key(self, parent: _Frame, start: int, end: int) -> Token:
        key = parent.key = character_data(self.data, start, end)
        return Token(start, end, (*parent.steps, key), Role.KEY, key)

    def _value(self, kind: str, steps: tuple[Step, ...], start: int, end: int) -> Token:
        return Token(start, end, steps, Role.VALUE, _typed(kind, character_data(self.data, start, end), start))

    def _open(self, event: Event) -> None:
        if event.name == "plist" and len(self.frames) == 1:
            return
        if event.name == "key":
            self.frames.append(_Frame("key", self._key_frame(event).steps))
            return
        if event.name not in _LEAVES and event.name not in {"dict", "array"}:
            raise FormatError(f"an element that no property list has at byte {event.start}")
        self.frames.append(_Frame(event.name, self._next_steps(self.frames[-1], event)))

    def _next_steps(self, parent: _Frame, event: Event) -> tuple[Step, ...]:
        """Where the value that begins here stands."""
        parent.count += 1
        if parent.tag == "array":
            return (*parent.steps, parent.count - 1)
        if parent.tag == "dict" and parent.key is not None:
            steps = (*parent.steps, parent.key)
            parent.key = None
            return steps
        if parent.tag or parent.count > 1:
            raise FormatError(f"a value where none can be at byte {event.start}")
        return ()

    def _text(self, event: Event) -> None:
        frame = self.frames[-1]
        if frame.tag in _LEAVES or frame.tag == "key":
            frame.text = (event.start, event.end)
        elif character_data(self.data, event.start, event.end).strip():
            raise FormatError(f"text between values at byte {event.start}")

    def _close(self, event: Event) -> Token | None:
        if event.name == "plist":
            return None
        frame = self.frames.pop()
        start, end = frame.text or (event.start, event.start)
        if frame.tag == "key":
            return self._key(self.frames[-1], start, end)
        if frame.tag in _LEAVES:
            return self._value(frame.tag, frame.steps, start, end)
        if frame.key is not None:
            raise FormatError(f"a key without a value at byte {event.start}")
        return Token(event.start, event.end, frame.steps, Role.SYNTAX)


def _typed(kind: str, text: str, at: int) -> Scalar:
    try:
        match kind:
            case "string":
                return text
            case "integer":
                return _integer(text.strip())
            case "real":
                return float(text)
            case "data":
                return binascii.a2b_base64(text.encode("ascii"))
            case "date":
                return _date(text)
    except ValueError as error:  # what binascii and the codecs raise is one too
        raise FormatError(f"no {kind} at byte {at}") from error
    return kind == "true"


def _integer(text: str) -> Scalar:
    if text.lower().startswith(("0x", "-0x")):
        return int(text, 16)
    return int(text) if len(text) < _MOST_DIGITS else text


def _date(text: str) -> Scalar:
    """A date, or its text where no calendar has it (the year 0 of uninitialised fields)."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a date")
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
    try:
        return datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return text
