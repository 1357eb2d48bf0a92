"""Plain text and logs, line by line: what apps print, and every small format that is text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._text import BOM, Text, open_text
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Format, Piece, Sample
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, Span, Step, Value

__all__ = ["TextLog"]

_LINE = re.compile(rb"[^\n]++")
_CONTROL = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32)) + b"\x7f"
_C1 = bytes(range(0x80, 0xA0))
_LONGEST = 1 << 20


class TextLog(Format):
    """UTF-8, UTF-16 with a mark, or Latin-1; a locator is the number of the line, from 1.

    A line of more than 1 MiB is given in parts, with the number of the part as a second step.
    """

    title = "Plain text or log"
    source = "none; Unicode 15, section 23.8 for the byte order mark"
    container_only = True
    endless = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            (
                "01-01 10:00:00 I/App: user jane@example.org logged in",
                "",
                "01-01 10:00:01 D/Net: Zoë +44 7700 900123",
            ),
            (
                Value((1,), "01-01 10:00:00 I/App: user jane@example.org logged in"),
                Value((3,), "01-01 10:00:01 D/Net: Zoë +44 7700 900123"),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return _likeness(open_text(head[: len(head) // 2 * 2], guess=False).data, cut=size > len(head))
        return _likeness(head, cut=size > len(head))

    def account(self, document: Document, limits: Limits) -> Ledger:
        whole = Span(0, len(document.data), Share.DECODED)
        return Ledger({"": (whole,) if document.data else ()})

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        return _read(document).locate(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from _read(document).values(limits)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """All lines of a text in UTF-16."""
        reading = _read(document)
        if reading.text.codec:
            yield from reading.pieces(limits, lambda raw, token: True)

    def encode(self, content: Any) -> Document:
        """`content` is a sequence of lines, written in UTF-8."""
        lines = tuple(content)
        if any("\n" in line for line in lines):
            raise FormatError("a line that holds a line end cannot be written")
        try:
            return Document("".join(f"{line}\n" for line in lines).encode("utf-8"))
        except UnicodeEncodeError as error:
            raise FormatError("half a surrogate pair cannot be written") from error


def _likeness(head: bytes, *, cut: bool) -> float:
    if not head or b"\x00" in head:
        return 0.0
    clean = len(head.translate(None, _CONTROL)) / len(head)
    if clean < 0.98:
        return 0.0
    try:
        head[: len(head) - 3 if cut else None].decode("utf-8")
    except UnicodeDecodeError as error:
        if not (cut and error.start >= len(head) - 6):
            # Latin-1 has letters above ASCII now and then, and next to no C1 controls.
            high = len(head) - len(head.translate(None, bytes(range(128, 256))))
            is_latin = high < 0.25 * len(head) and len(head) - len(head.translate(None, _C1)) < 0.02 * len(head)
            return 0.3 if is_latin else 0.0
    return 0.5 if clean == 1.0 else 0.4


def _read(document: Document) -> Reading:
    text = open_text(document.data, guess=False)
    return Reading(text, lambda: _tokens(text), _escapes)


def _tokens(text: Text) -> Iterator[Token]:
    data = text.data
    number, at = 1, 0
    for line in _LINE.finditer(data, len(BOM) if data.startswith(BOM) else 0):
        start, end = line.span()
        number += data.count(b"\n", at, start)
        at = start
        if data[end - 1] == 0x0D:
            end -= 1
        if end - start > _LONGEST:
            yield from _parts(data, start, end, number)
        elif start < end:
            yield _token(data, start, end, (number,))


def _parts(data: bytes, start: int, end: int, number: int) -> Iterator[Token]:
    part = 0
    while start < end:
        stop = min(end, start + _LONGEST)
        while stop < end and stop > start + _LONGEST - 4 and 0x80 <= data[stop] < 0xC0:
            stop -= 1  # not within a character
        yield _token(data, start, stop, (number, part))
        start, part = stop, part + 1


def _token(data: bytes, start: int, end: int, steps: tuple[Step, ...]) -> Token:
    raw = data[start:end]
    return Token(start, end, steps, Role.VALUE, raw.decode("utf-8" if _is_utf8(raw) else "latin-1"))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _escapes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """In a line of Latin-1, what is above ASCII takes two bytes in UTF-8."""
    if not _is_utf8(raw):
        for index, byte in enumerate(raw):
            if byte >= 0x80:
                yield index, index + 1, chr(byte).encode("utf-8")
