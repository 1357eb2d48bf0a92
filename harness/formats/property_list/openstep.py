"""Property lists as OpenStep wrote them: what `description` prints, `.strings` files, and settings of old.

Read are GNUstep's typed values (`<*I42>`) and Base64 (`<[…]>`) too; characters in octal as those of Latin-1.
Specification: CFOldStylePList.c of CoreFoundation, NSPropertyList.m of GNUstep.
"""

import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.errors import FormatError, LimitError
from harness.formats._text import BOM, open_text
from harness.formats._tokens import Reading, Role, Token
from harness.limits import Limits
from harness.model import Buffer, Scalar, Step

__all__ = ["openstep_likeness", "openstep_text", "read_openstep"]

_BLANK = re.compile(rb"(?:[\s\x0b\x0c]++|//[^\n]*+|/\*.*?\*/)*+", re.DOTALL)
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)"|' + rb"'((?:[^'\\]|\\.)*+)'", re.DOTALL)
_BARE = re.compile(rb"[A-Za-z0-9_$/:.\-+]++")
_DATA = re.compile(rb"<(?:\*([A-Z])\"?([^>\"]{0,80}+)\"?|\[([A-Za-z0-9+/=\s]*+)\]|([0-9A-Fa-f\s]*+))>")
_ESCAPE = re.compile(
    rb"\\(?:U([Dd][89ABab][0-9A-Fa-f]{2})\\U([Dd][C-Fc-f][0-9A-Fa-f]{2})|[Uu]([0-9A-Fa-f]{4})|([0-7]{1,3})|(.))",
    re.DOTALL,
)
_LETTERS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"\n": b"\n"}
_OPENING = re.compile(
    rb'(?:\{\s*+(?:"(?:[^"\\]|\\.)*+"|[\w$/:.\-+]++)\s*+=|\(\s*?\n|"(?:[^"\\]|\\.)*+"\s*+=\s*+")', re.DOTALL
)
_BEFORE = BOM + b" \t\r\n\xff\xfe\x00"
_FIRST = frozenset((b"{", b"(", b'"', b"/"))
_PLAIN = re.compile(r"[A-Za-z0-9_]+")


def openstep_likeness(head: bytes, *, whole: bool) -> float:
    """How sure it is that a document that begins so is such a list: it opens like one, and reads as one so far."""
    if head.lstrip(_BEFORE)[:1] not in _FIRST:
        return 0.0
    data = head
    if b"\x00" in head[:4]:
        try:
            data = open_text(head[: len(head) // 2 * 2]).data
        except FormatError:
            return 0.0
    if not _OPENING.match(data, _blank_end(data, len(BOM) if data.startswith(BOM) else 0)):
        return 0.0
    parser = _Parser(data, Limits())
    try:
        count = sum(token.role is Role.VALUE for token in parser.tokens())
    except FormatError:
        # What is cut off in the middle of a text reads up to there.
        return 0.9 if not whole and parser.is_at_end and parser.values else 0.0
    return 0.93 if count else 0.0


def read_openstep(data: Buffer, limits: Limits) -> Reading:
    """A list in the old form.

    Raises:
        FormatError: it is in an encoding that is not read.
    """
    text = open_text(data)
    return Reading(text, lambda: _Parser(text.data, limits).tokens(), escapes)


def escapes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Stretches that stand for other bytes."""
    for unit in _ESCAPE.finditer(raw):
        high, low, code, octal, letter = unit.groups()
        if high:
            pair = 0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF)
            yield unit.start(), unit.end(), chr(pair).encode()
        elif letter is not None:
            yield unit.start(), unit.end(), _LETTERS.get(letter, letter)
        else:
            number = int(code, 16) if code else int(octal, 8) & 0xFF
            yield unit.start(), unit.end(), chr(number).encode("utf-8", "surrogatepass")


def _decoded(raw: bytes, at: int) -> str:
    if b"\\" in raw:
        parts: list[bytes] = []
        end = 0
        for start, stop, meaning in escapes(raw):
            parts += (raw[end:start], meaning)
            end = stop
        raw = b"".join((*parts, raw[end:]))
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise FormatError(f"is not UTF-8 in the text at byte {at}") from error


def _blank_end(data: bytes, at: int) -> int:
    found = _BLANK.match(data, at)
    return found.end() if found else at


@dataclass(slots=True)
class _Frame:
    """An open dictionary or array."""

    steps: tuple[Step, ...]
    is_map: bool
    count: int = 0


class _Parser:
    """Makes tokens of one list."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.at = len(BOM) if data.startswith(BOM) else 0
        self.depth = limits.structure_depth
        self.frames: list[_Frame] = []
        self.values = 0

    @property
    def is_at_end(self) -> bool:
        """Whether what was expected may stand beyond the end: a quotation or a comment goes on there."""
        rest = self.data[self.at :]
        return not rest or rest[:1] in {b'"', b"'", b"/", b"<"} or _BARE.fullmatch(rest) is not None

    def tokens(self) -> Iterator[Token]:
        self._skip()
        if self.data[self.at : self.at + 1] in {b'"', b""} or _BARE.match(self.data, self.at):
            yield from self._pairs_until_end()
            return
        yield from self._value(())
        while self.frames:
            frame = self.frames[-1]
            yield from self._member(frame) if frame.is_map else self._item(frame)
        self._skip()
        if self.at < len(self.data):
            raise FormatError(f"goes on after its end at byte {self.at}")

    def _pairs_until_end(self) -> Iterator[Token]:
        """A `.strings` file is the inside of a dictionary; what is one text alone is that."""
        while self.at < len(self.data):
            yield from self._pair(())
            while self.frames:
                frame = self.frames[-1]
                yield from self._member(frame) if frame.is_map else self._item(frame)
            self._expect(b";")

    def _skip(self) -> None:
        self.at = _blank_end(self.data, self.at)

    def _expect(self, mark: bytes) -> None:
        self._skip()
        if self.data[self.at : self.at + 1] != mark:
            raise FormatError(f"a mark is missing at byte {self.at}")
        self.at += 1
        self._skip()

    def _member(self, frame: _Frame) -> Iterator[Token]:
        if frame.count:
            self._expect(b";")
        self._skip()
        if self._closed(frame, b"}"):
            return
        frame.count += 1
        yield from self._pair(frame.steps)

    def _pair(self, steps: tuple[Step, ...]) -> Iterator[Token]:
        start, end, key = self._text()
        yield Token(start, end, (*steps, key), Role.KEY, key)
        self._expect(b"=")
        yield from self._value((*steps, key))

    def _item(self, frame: _Frame) -> Iterator[Token]:
        self._skip()
        if frame.count and not self._closed(frame, b")"):
            self._expect(b",")
        if self.frames and self.frames[-1] is frame and not self._closed(frame, b")"):
            frame.count += 1
            yield from self._value((*frame.steps, frame.count - 1))

    def _closed(self, frame: _Frame, mark: bytes) -> bool:
        if self.frames[-1] is not frame:
            return True
        if self.data[self.at : self.at + 1] != mark:
            return False
        self.at += 1
        self.frames.pop()
        return True

    def _value(self, steps: tuple[Step, ...]) -> Iterator[Token]:
        self._skip()
        mark = self.data[self.at : self.at + 1]
        if mark in {b"{", b"("}:
            if len(self.frames) >= self.depth:
                raise LimitError(f"more than {self.depth} containers within each other")
            self.at += 1
            self.frames.append(_Frame(steps, mark == b"{"))
            return
        self.values += 1
        if mark == b"<":
            yield self._data(steps)
            return
        start, end, text = self._text()
        yield Token(start, end, steps, Role.VALUE, text)

    def _text(self) -> tuple[int, int, str]:
        quoted = _QUOTED.match(self.data, self.at)
        if quoted:
            start, end = quoted.span(1 if quoted[1] is not None else 2)
            self.at = quoted.end()
            return start, end, _decoded(self.data[start:end], start)
        bare = _BARE.match(self.data, self.at)
        if bare is None or self.data.startswith(b"/*", self.at):  # a comment has an end, else it is none
            raise FormatError(f"no text at byte {self.at}")
        self.at = bare.end()
        return bare.start(), bare.end(), bare[0].decode()

    def _data(self, steps: tuple[Step, ...]) -> Token:
        found = _DATA.match(self.data, self.at)
        if found is None:
            raise FormatError(f"no data at byte {self.at}")
        self.at = found.end()
        kind, text, packed, digits = found.groups()
        try:
            if kind:
                return Token(*found.span(2), steps, Role.VALUE, _typed(kind, text.decode()))
            if packed is not None:
                return Token(*found.span(3), steps, Role.VALUE, binascii.a2b_base64(packed))
            return Token(*found.span(4), steps, Role.VALUE, bytes.fromhex(digits.decode()))
        except ValueError as error:
            raise FormatError(f"data that cannot be read at byte {found.start()}") from error


def _typed(kind: bytes, text: str) -> Scalar:
    """GNUstep's numbers, truths and dates."""
    match kind:
        case b"I":
            return int(text)
        case b"R":
            return float(text)
        case b"B":
            return text == "Y"
        case b"D":
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    return text


# -- writing -------------------------------------------------------------------------------------


def openstep_text(node: object, depth: int = 0) -> str:
    """A list as `description` prints it: texts, data, dictionaries and arrays.

    Raises:
        FormatError: the old form has no such value.
    """
    blank = "    " * (depth + 1)
    match node:
        case str():
            return node if _PLAIN.fullmatch(node) else f'"{_escaped(node)}"'
        case bytes():
            return f"<{node.hex()}>"
        case Mapping():
            lines = [
                f"{blank}{openstep_text(key)} = {openstep_text(value, depth + 1)};\n" for key, value in node.items()
            ]
            return "{\n" + "".join(lines) + "    " * depth + "}"
        case Sequence():
            items = [f"{blank}{openstep_text(value, depth + 1)}" for value in node]
            return "(\n" + ",\n".join(items) + "\n" + "    " * depth + ")"
    raise FormatError("the old form of a property list holds text and data alone")


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    marks = {0x22: '\\"', 0x5C: "\\\\", 0x0A: "\\n", 0x09: "\\t", 0x0D: "\\r"}
    return "".join(marks.get(code) or (chr(code) if 0x20 <= code < 0x7F else f"\\U{code:04x}") for code in codes)
