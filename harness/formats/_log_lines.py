"""Logs in text, line by line: what a record's line begins with is taken apart, lines that begin with nothing known go
on with the record before them."""

import re
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar

from harness.formats._latin import latin, plain_text
from harness.formats._text import BOM, Text, open_text
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Format, Piece
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Scalar, Share, Span, State, Step, Value

__all__ = ["LogFormat", "said", "trimmed"]

_LONGEST = 1 << 20
_ANSI_END = re.compile(rb"\x1b\[[\d;]{0,8}m\Z")
_LINES = 60
_NUMBERS = frozenset({"process", "thread", "user"})
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class LogFormat(Format):
    """A plug-in brings the beginnings that it knows.

    Each is a pattern with groups: `tag` is the name that the record goes by, `text` what it says (empty where that
    follows on the next lines), all others are fields. A locator is the number of the line, from 1, and the tag; the
    name of a field follows. A text of more than 1 MiB is given in parts, with their numbers.
    """

    container_only = True
    endless = True
    beginnings: ClassVar[tuple[re.Pattern[bytes], ...]]
    weak: ClassVar[tuple[re.Pattern[bytes], ...]] = ()
    """Those of `beginnings` that other text may look like: one line of them is not enough."""
    separators: ClassVar[re.Pattern[bytes]]
    """Lines that say where a buffer or a table begins."""

    def sniff(self, head: bytes, size: int) -> float:
        if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            head = open_text(head[: len(head) // 2 * 2], guess=False).data
        head = head.removeprefix(BOM)
        if _NOT_TEXT.search(head):
            return 0.0
        lines = [line.rstrip(b"\r") for line in head.split(b"\n", _LINES)[:_LINES]]
        if len(lines) > 1 and size > len(head):
            lines.pop()  # it may be cut
        lines = [line for line in lines if line and not self.separators.match(line)]
        found = [self._begin(line, 0, len(line)) for line in lines]
        begun = [each for each in found if each is not None]
        if not begun or found[0] is None or 3 * len(begun) < len(lines):
            return 0.0
        is_sure = len(begun) > 1 or begun[0].re not in self.weak
        return 0.7 if is_sure else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        whole = Span(0, len(document.data), Share.DECODED)
        return Ledger({"": (whole,) if document.data else ()})

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        text = open_text(document.data, guess=False)
        order = sorted(range(len(offsets)), key=offsets.__getitem__)
        places: list[Place] = [Place((), State.RAW)] * len(offsets)
        inward = text.inward([offsets[index] for index in order])
        for index, place in zip(order, self._places(text.data, inward), strict=True):
            places[index] = place
        return places

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from self._read(document).values(limits)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """All that a text in UTF-16 says; else what stands under a telling tag."""
        text = open_text(document.data, guess=False)
        told: dict[str, bool] = {}

        def is_telling(name: str) -> bool:
            if name not in told:
                told[name] = telling.search(name.encode("utf-8", "surrogatepass")) is not None
            return told[name]

        def is_told(_raw: bytes, token: Token) -> bool:
            return bool(text.codec) or is_telling(Value(token.steps, None).key)

        fields = {name for each in self.beginnings for name in each.groupindex}
        is_any = bool(text.codec) or any(is_telling(name) for name in fields)
        yield from Reading(text, lambda: self._tokens(text, None if is_any else is_telling), latin).pieces(
            limits, is_told
        )

    @abstractmethod
    def encode(self, content: object) -> Document: ...

    def _read(self, document: Document) -> Reading:
        text = open_text(document.data, guess=False)
        return Reading(text, lambda: self._tokens(text), latin)

    # -- lines -----------------------------------------------------------------------------------

    def _begin(self, data: bytes, start: int, end: int) -> re.Match[bytes] | None:
        """What a line begins with, where it begins a record."""
        for pattern in self.beginnings:
            found = pattern.match(data, start, end)
            if found is not None:
                return found
        return None

    def _tokens(self, text: Text, is_wanted: Callable[[str], bool] | None = None) -> Iterator[Token]:
        """Of all lines, or of those that stand under a tag that is wanted."""
        data, number, before = text.data, 0, ""
        at = len(BOM) if text.data.startswith(BOM) else 0
        while at < len(data):
            stop = data.find(b"\n", at)
            stop = len(data) if stop < 0 else stop
            number += 1
            found, before = self._next(data, at, stop, before)
            if is_wanted is None or is_wanted(before):
                yield from self._line(data, at, stop, (number, before) if before else (number,), found)
            at = stop + 1

    def _next(self, data: bytes, at: int, stop: int, before: str) -> tuple[re.Match[bytes] | None, str]:
        """What a line begins with, and the tag that it stands under."""
        found = self._begin(data, at, trimmed(data, at, stop))
        return found, before if found is None else plain_text(found.groupdict().get("tag") or b"")

    def _line(
        self, data: bytes, at: int, stop: int, steps: tuple[Step, ...], found: re.Match[bytes] | None
    ) -> Iterator[Token]:
        end = trimmed(data, at, stop)
        if found is None:
            if self.separators.match(data, at, end) is None:
                yield from said(data, at, end, steps)
            return
        for name, number in sorted(found.re.groupindex.items(), key=lambda item: found.start(item[1])):
            start, close = found.span(number)
            if name == "text":
                yield from said(data, start, _uncoloured(data, start, close), steps)
            elif start < close and name == "tag":
                yield Token(start, close, steps, Role.KEY, steps[-1])
            elif start < close:
                yield Token(start, close, (*steps, name), Role.VALUE, _field(name, data[start:close]))

    # -- places ----------------------------------------------------------------------------------

    def _places(self, data: bytes, offsets: Sequence[int]) -> Iterator[Place]:
        """Of ascending offsets; only their lines are read, and the lines back to the begin of their record."""
        first = len(BOM) if data.startswith(BOM) else 0
        number, counted, before, low = 1, 0, "", first
        index = 0
        while index < len(offsets):
            offset = offsets[index]
            if not first <= offset < len(data):
                yield Place(()) if 0 <= offset < first else Place((), State.RAW)
                index += 1
                continue
            at = max(first, data.rfind(b"\n", 0, offset) + 1)
            stop = data.find(b"\n", offset)
            stop = len(data) if stop < 0 else stop
            number, counted = number + data.count(b"\n", counted, at), at
            found, tag = self._next(data, at, stop, "")
            before, low = (self._back(data, low, at, before) if found is None else tag), stop + 1
            tokens = list(self._line(data, at, stop, (number, before) if before else (number,), found))
            following = bisect_right(offsets, stop, index)
            yield from Reading(Text(data, data), partial(iter, tokens), latin).locate(offsets[index:following])
            index = following

    def _back(self, data: bytes, low: int, at: int, before: str) -> str:
        """The tag of the record that a line goes on with, looked for from `low` on."""
        while at > low:
            begin = max(low, data.rfind(b"\n", 0, at - 1) + 1)
            found, tag = self._next(data, begin, at - 1, "")
            if found is not None:
                return tag
            at = begin
        return before


def trimmed(data: bytes, at: int, stop: int) -> int:
    return stop - 1 if stop > at and data[stop - 1] == 0x0D else stop


def _uncoloured(data: bytes, start: int, end: int) -> int:
    """Where a text ends without the code that ends its colour."""
    found = _ANSI_END.search(data, max(start, end - 12), end)
    return found.start() if found else end


def said(data: bytes, start: int, end: int, steps: tuple[Step, ...]) -> Iterator[Token]:
    """A text, in parts where it is very long."""
    if end - start <= _LONGEST:
        if start < end:
            yield Token(start, end, steps, Role.VALUE, plain_text(data[start:end]))
        return
    part = 0
    while start < end:
        stop = min(end, start + _LONGEST)
        while stop < end and stop > start + _LONGEST - 4 and 0x80 <= data[stop] < 0xC0:
            stop -= 1  # not within a character
        yield Token(start, stop, (*steps, part), Role.VALUE, plain_text(data[start:stop]))
        start, part = stop, part + 1


def _field(name: str, raw: bytes) -> Scalar:
    return int(raw) if name in _NUMBERS and raw.isdigit() else plain_text(raw)
