"""Queues in a file, as Square's Tape writes them: Crashlytics keeps its log in one, Segment and others their events.

The file is a ring: elements go on at its begin where its end is reached. What was taken out of the queue stays in the
file until something is written over it.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from harness.errors import FormatError
from harness.formats._latin import latin
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat, Worth
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Share, State, Step, Value

__all__ = ["Queue", "QueueFile"]

_OLD = struct.Struct(">4I")
_NEW = struct.Struct(">IQIQQ")
_VERSION = 0x80000001
_LEAST = 4096
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue to write."""

    elements: tuple[str | bytes, ...] = field(repr=False)
    removed: tuple[str | bytes, ...] = field(default=(), repr=False)
    """What was at its front before; not overwritten."""
    is_versioned: bool = False
    """As Tape 2 writes it."""
    turned: int = 0
    """How many bytes before the end of the file the first element begins; 0 for the begin of the ring."""


class _Header(NamedTuple):
    size: int
    """Of the header."""
    length: int
    """Of the file."""
    elements: int
    first: int
    last: int


class QueueFile(TokenFormat):
    """A locator is the number of the element, from 1; of one that was removed, `removed` and its offset."""

    title = "Queue file (Tape)"
    source = "QueueFile.java of github.com/square/tape, versions 1 and 2, and of Firebase Crashlytics"
    framed = True
    container_only = True
    rest = Share.FREE
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            Queue(
                ('{"email":"jane@example.org"}', "0 $ user +44 7700 900123\n", b"\x00\xff\x01"), ("zoe@example.org",)
            ),
            (
                Value((1,), '{"email":"jane@example.org"}'),
                Value((2,), "0 $ user +44 7700 900123\n"),
                Value((3,), b"\x00\xff\x01"),
                Value(("removed", 16), "zoe@example.org", State.SUPERSEDED),
            ),
        ),
        Sample(
            Queue(('{"email":"jane.roe@example.org"}', "last"), is_versioned=True, turned=20),
            (Value((1,), '{"email":"jane.roe@example.org"}'), Value((2,), "last")),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        header = _header(head)
        if header is None or header.length != size or size < _LEAST or size & (size - 1):
            return 0.0
        if not header.elements:
            return 0.9 if header.first == header.last == 0 else 0.0
        inside = range(header.size, size)
        if header.first not in inside or header.last not in inside or header.elements > size // _LENGTH:
            return 0.0
        told = int.from_bytes(head[header.first : header.first + _LENGTH], "big")
        return 0.93 if header.first + _LENGTH > len(head) or told <= size - header.size - _LENGTH else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), lambda: _tokens(data), latin)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        values: list[Value] = []
        fault: FormatError | None = None
        try:
            values.extend(super().decode(document, limits))
        except FormatError as error:
            fault = error
        yield from sorted(values, key=lambda value: (value.state is not State.LIVE, value.steps[-1]))
        if fault is not None:
            raise fault

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """The element that stands at both ends of the file."""
        size = len(reading.text.data)
        return lambda raw, token: token.end == size and len(raw) < len(_raw(token.value))

    def encode(self, content: Any) -> Document:
        """`content` is a `Queue`."""
        if not isinstance(content, Queue):
            raise FormatError("only a Queue can be written")
        return Document(_written(content))


def _raw(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else b""


def _written(queue: Queue) -> bytes:
    removed, elements = ([_raw(each) for each in group] for group in (queue.removed, queue.elements))
    begin = _NEW.size if queue.is_versioned else _OLD.size
    needed = begin + sum(_LENGTH + len(each) for each in (*removed, *elements))
    length = max(_LEAST, 1 << (needed - 1).bit_length())
    ring = bytearray(length - begin)
    at = length - queue.turned - begin if queue.turned else 0
    starts: list[int] = []
    for each in (*removed, *elements):
        starts.append(at + begin)
        for byte in len(each).to_bytes(_LENGTH, "big") + each:
            ring[at] = byte
            at = (at + 1) % len(ring)
    live = starts[len(removed) :] or [0]
    told = (length, len(elements), live[0], live[-1])
    return (_NEW.pack(_VERSION, *told) if queue.is_versioned else _OLD.pack(*told)) + bytes(ring)


# -- reading -------------------------------------------------------------------------------------


def _header(data: bytes) -> _Header | None:
    if len(data) < _NEW.size:
        return None
    if int.from_bytes(data[:4], "big") == _VERSION:
        return _Header(_NEW.size, *_NEW.unpack_from(data)[1:])
    return _Header(_OLD.size, *_OLD.unpack_from(data))


def _tokens(data: bytes) -> Iterator[Token]:
    """In the order of their bytes: the queue's order may begin in the middle of the file."""
    header = _header(data)
    if header is None:
        raise FormatError("the header of the queue is cut off")
    found, fault = _elements(data, header)
    free = (header.size, header.first) if header.elements else (header.size, len(data))
    tokens = sorted([*found, *_removed(data, *free, found)], key=lambda token: token.start)
    yield from tokens
    if header.length != len(data):
        fault = "the queue is of another length than its file"
    if fault:
        raise FormatError(fault)


def _elements(data: bytes, header: _Header) -> tuple[list[Token], str]:
    """What is in the queue, and what is wrong with it."""
    found: list[Token] = []
    ring = len(data) - header.size
    at, used = header.first - header.size, 0
    for number in range(1, header.elements + 1):
        if not 0 <= at < ring:
            return found, "an element begins outside of the queue"
        size = int.from_bytes(_around(data, header.size, at, _LENGTH), "big")
        used += _LENGTH + size
        if used > ring:
            return found, f"an element of the queue is cut off at byte {header.size + at}"
        found += _element(data, header.size, (at + _LENGTH) % ring, size, (number,))
        at = (at + _LENGTH + size) % ring
    return found, ""


def _around(data: bytes, begin: int, at: int, size: int) -> bytes:
    """Bytes of the ring, which go on at its begin."""
    start = begin + at
    head = data[start : start + size]
    return head + data[begin : begin + size - len(head)]


def _element(data: bytes, begin: int, at: int, size: int, steps: tuple[Step, ...]) -> list[Token]:
    if not size:
        return []
    value = _plain(_around(data, begin, at, size))
    start = begin + at
    stop = min(len(data), start + size)
    first = [Token(start, stop, steps, Role.VALUE, value)]
    rest = size - (stop - start)
    return [*first, Token(begin, begin + rest, steps, Role.KEY)] if rest else first


def _removed(data: bytes, start: int, end: int, found: list[Token]) -> Iterator[Token]:
    """Elements that were before the first: a row of them ends where the first begins, or where zeros follow."""
    taken = [(token.start - _LENGTH, token.end) for token in found if token.start < end]
    low = max([start, *(stop for _, stop in taken if stop <= end)])
    row: list[Token] = []
    at = low
    while at + _LENGTH < end:
        size = int.from_bytes(data[at : at + _LENGTH], "big")
        stop = at + _LENGTH + size
        if not size or stop > end:
            break
        value = _plain(data[at + _LENGTH : stop])
        row.append(Token(at + _LENGTH, stop, ("removed", at), Role.VALUE, value, State.SUPERSEDED))
        at = stop
    yield from row


def _plain(raw: bytes) -> str | bytes:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
