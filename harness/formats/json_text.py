"""JSON and JSON lines: caches, queues, settings, and most documents that are stored inside other values.

Whole documents are decoded by the standard parser and located by a structural index; a scanner of our own reads what
those refuse, and tells where the fault is.
"""

import json
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._json_index import JsonIndex
from harness.formats._json_scanner import Scanner, unescaped
from harness.formats._json_values import is_taken, parse_lines, parse_whole, standard_values, told_of
from harness.formats._text import BOM, Text, open_text
from harness.formats._tokens import Pair, Reading, Role, Token, join_pairs, place_in
from harness.formats.base import Format, Piece, Sample, as_bytes, fill
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, Span, Step, Value

__all__ = ["JsonLines", "JsonText"]

_INK = re.compile(rb"[^ \t\r\n]")
_UNFINISHED = re.compile(
    rb'[ \t\r\n,:]*+(?:"[^"\\\x00-\x08\x0e-\x1f]*+(?:\\.[^"\\\x00-\x08\x0e-\x1f]*+)*+\\?"?[ \t\r\n]*+'
    rb"|[\w+.\-]{0,40})\Z",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^u])")
_ARRAY = re.compile(rb'"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*["+\-0-9]')


@dataclass(frozen=True, slots=True)
class JsonLines:
    """What to write as JSON lines: one document a line."""

    records: tuple[Any, ...]


class JsonText(Format):
    """One JSON document, or one a line; a locator is the path of names and indices.

    Where there is one a line, the first step is the number of the line, from 1, as editors count.
    """

    title = "JSON and JSON lines"
    source = "RFC 8259; https://jsonlines.org"
    layer = "json"
    quoted = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            {
                "profile": {"Email": "jane@example.org", "Name": 'Zoë "Z" O\'Neil 😀', "dob": None},
                "events": [{"id": 18446744073709551616, "ok": True}, [1.5, -0.25e-7], {}, []],
                "a/b~c": "line\nbreak",
            },
            (
                Value(("profile", "Email"), "jane@example.org"),
                Value(("profile", "Name"), 'Zoë "Z" O\'Neil 😀'),
                Value(("profile", "dob"), None),
                Value(("events", 0, "id"), 18446744073709551616),
                Value(("events", 0, "ok"), True),
                Value(("events", 1, 0), 1.5),
                Value(("events", 1, 1), -2.5e-08),
                Value(("a/b~c",), "line\nbreak"),
            ),
        ),
        Sample(
            JsonLines(({"to": "+44 7700 900123", "n": 1}, ["jane@example.com", {"lat": 40.712776}])),
            (
                Value((1, "to"), "+44 7700 900123"),
                Value((1, "n"), 1),
                Value((2, 0), "jane@example.com"),
                Value((2, 1, "lat"), 40.712776),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        try:
            data = open_text(head).data
        except FormatError:
            return 0.0
        begin = _INK.search(data, len(BOM) if data.startswith(BOM) else 0)
        if begin is None or begin[0] not in b"{[":
            return 0.0
        return 0.93 if _is_lines(data) else _likeness(data, whole=size <= len(head))

    def account(self, document: Document, limits: Limits) -> Ledger:
        if _is_taken(document):
            # All of it is values and the syntax between them; telling those apart costs more than it says.
            return Ledger(
                {"": fill((Span(0, len(document.data), Share.DECODED),), len(document.data), Share.UNKNOWN)}
            )
        return _read(document, limits).account()

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        data = bytes(document.data)
        if data.startswith(BOM) or not offsets or not _is_taken(document):
            return _read(document, limits).locate(offsets)
        return _places(JsonIndex(data, lines=_is_lines(data)), data, offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        data = bytes(document.data).removeprefix(BOM)
        given = yield from standard_values(data, limits, lines=_is_lines(data))
        if given >= 0:
            yield from islice(_read(document, limits).values(limits), given, None)

    def decode_told(self, document: Document, told: Set[object], limits: Limits) -> Iterator[Value]:
        data = bytes(document.data).removeprefix(BOM)
        parsed = parse_lines(data) if _is_lines(data) else parse_whole(data)
        if parsed is None:
            yield from super().decode_told(document, told, limits)
            return
        for steps, content in parsed:
            is_told = not told.isdisjoint(steps)
            yield from told_of(content, steps, limits.structure_depth, told, is_told=is_told)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """Strings that hold characters written as `\\u0040`, all where the file is not UTF-8, and the elements of
        arrays with a telling name: their name is too far away to be seen beside them."""
        reading = _read(document, limits)
        data = reading.text.data
        in_arrays = any(
            telling.search(data, data.rfind(b'"', 0, array.start()) + 1, array.start())
            for array in _ARRAY.finditer(data)
        )

        is_plain = not (reading.text.codec or in_arrays or data.startswith(BOM))
        if is_plain and b"\\u" in data and _is_taken(document):
            yield from join_pairs(_escaped(JsonIndex(data, lines=_is_lines(data)), data), limits)
            return

        def worth(raw: bytes, token: Token) -> bool:
            if reading.text.codec or b"\\u" in raw:
                return True
            return (
                in_arrays and token.steps[-1:] != () and isinstance(token.steps[-1], int) and _tells(telling, token)
            )

        if reading.text.codec or in_arrays or b"\\u" in data:
            yield from reading.pieces(limits, worth)

    def encode(self, content: Any) -> Document:
        """`content` is what `json` takes, written without blanks as most apps do; or `JsonLines`."""
        records = content.records if isinstance(content, JsonLines) else (content,)
        try:
            lines = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records]
            return Document("\n".join(lines).encode("utf-8"))
        except (TypeError, ValueError, RecursionError) as error:  # an encoding error is a value error
            raise FormatError("cannot be written as JSON") from error


def _is_taken(document: Document) -> bool:
    """Whether the standard parser takes all of it as it is."""
    data = bytes(document.data).removeprefix(BOM)
    if _is_lines(data):
        return all(is_taken(line) for line in data.split(b"\n") if line.strip(b" \t\r"))
    return is_taken(data)


def _tells(telling: re.Pattern[bytes], token: Token) -> bool:
    name = Value(token.steps, None).key
    return telling.search(name.encode("utf-8", "surrogatepass")) is not None


def _places(index: JsonIndex, data: bytes, offsets: Sequence[int]) -> list[Place]:
    """In the order asked; a string that holds many of the bytes is unescaped once."""
    inside: list[tuple[Token, list[int]]] = []
    order = sorted(range(len(offsets)), key=offsets.__getitem__)
    for asked in order:
        if not inside or not inside[-1][0].start <= offsets[asked] < inside[-1][0].end:
            inside.append((index.token(offsets[asked]), []))
        inside[-1][1].append(offsets[asked])
    found = (
        place
        for token, held in inside
        for place in place_in(token, data[token.start : token.end], _escapes, [at - token.start for at in held])
    )
    places = dict(zip(order, found, strict=True))
    return [places[asked] for asked in range(len(offsets))]


def _escaped(index: JsonIndex, data: bytes) -> Iterator[Pair]:
    """String values that hold `\\u0040` and the like."""
    end = 0
    for found in re.finditer(rb"\\u", data):
        if found.start() >= end:
            token = index.token(found.start())
            end = token.end
            if token.role is Role.VALUE:
                yield Pair(Value(token.steps, None).key, as_bytes(token.value), token.start)


def _read(document: Document, limits: Limits) -> Reading:
    text = open_text(document.data)
    return Reading(text, lambda: _tokens(text, limits), _escapes)


def _likeness(data: bytes, *, whole: bool) -> float:
    """How much like JSON a document is whose first character says so."""
    if whole and is_taken(data.removeprefix(BOM)):
        return 0.95
    count, read, fault = 0, 0, False
    try:
        for token in _tokens(Text(data, data), Limits()):
            is_string = isinstance(token.value, str)
            count, read = count + 1, token.end + (is_string and data[token.end : token.end + 1] == b'"')
    except FormatError:
        fault = True
    if not fault:
        return 0.95
    if _UNFINISHED.match(data, read):
        return 0.6 if count < 2 else 0.9 if whole else 0.95
    return 0.55 if count >= 8 else 0.0


def _escapes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    for escape in _ESCAPE.finditer(raw):
        yield escape.start(), escape.end(), unescaped(escape[0], 0).encode("utf-8", "surrogatepass")


# -- the scanner ---------------------------------------------------------------------------------


def _tokens(text: Text, limits: Limits) -> Iterator[Token]:
    data = text.data
    start = len(BOM) if data.startswith(BOM) else 0
    if _is_lines(data):
        yield from _line_tokens(data, start, limits)
        return
    end = yield from Scanner(data, start, len(data), limits.structure_depth).scan(())
    _refuse_rest(data, end, len(data))


def _is_lines(data: bytes) -> bool:
    """Whether the first line is a document of its own, and another begins on the next one with content."""
    begin = _INK.search(data, len(BOM) if data.startswith(BOM) else 0)
    if begin is None or begin[0] not in b"{[":
        return False
    stop = data.find(b"\n", begin.start())
    after = _INK.search(data, stop) if stop >= 0 else None
    if after is None or after[0] not in b"{[":
        return False
    try:
        for _ in _line(data, begin.start(), stop, (), Limits()):
            pass
    except FormatError:
        return False
    return True


def _line_tokens(data: bytes, at: int, limits: Limits) -> Iterator[Token]:
    """A document a line. A damaged line costs that line: the next are read, and the fault is told at the end."""
    number, fault = 0, None
    while at < len(data):
        stop = data.find(b"\n", at)
        stop = len(data) if stop < 0 else stop
        number += 1
        read = at
        if _INK.search(data, at, stop):
            try:
                for token in _line(data, at, stop, (number,), limits):
                    yield token
                    read = token.end
            except FormatError as error:
                fault = fault or error
                yield Token(read, stop, (number,), Role.FAILED)
        at = stop + 1
    if fault is not None:
        yield Token(len(data), len(data), (), Role.SYNTAX)  # all after the damaged line was read
        raise FormatError("a line that is not JSON") from fault


def _line(data: bytes, at: int, stop: int, steps: tuple[Step, ...], limits: Limits) -> Iterator[Token]:
    end = yield from Scanner(data, at, stop, limits.structure_depth).scan(steps)
    _refuse_rest(data, end, stop)


def _refuse_rest(data: bytes, at: int, stop: int) -> None:
    if data[at:stop].strip(b" \t\r\n\x00"):
        raise FormatError(f"goes on after its end at byte {at}")
