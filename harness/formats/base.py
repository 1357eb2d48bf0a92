"""The port of the format family.

A format answers five questions about a document: is it mine (`sniff`), what is each byte (`account`), where is
this byte (`locate`), which values are in it (`decode`), and how is it written (`encode`). A sixth, `expand`, gives
the raw lane those values whose bytes are not in the file as they are: strings in UTF-16, values cut by an overflow
page, numbers in binary.

Formats know nothing of paths, devices or personal data, and never read anything but the document they are given.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from harness.limits import Limits
from harness.model import Buffer, Document, Ledger, Place, Scalar, Share, Span, State, Value

__all__ = ["Format", "Piece", "Sample", "as_bytes", "cover", "fill", "printable_run"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes for the raw lane that are not in the file as they are, with the way back to it."""

    data: bytes = field(repr=False)
    """What is to be searched; `key \\x1f value` where a key is known, pieces of it joined by `\\x1e`."""
    anchors: tuple[tuple[int, int], ...] = ((0, 0),)
    """Pairs (offset in `data`, offset in the part), ascending: byte n of `data` stands where the last anchor
    at or before n says. `locate` is asked for that offset."""
    exact: bool = False
    """True where bytes correspond one to one from each anchor on (a reassembled payload); False where an anchor
    stands for all up to the next (a rendered number)."""
    part: str = ""
    """Which part of the document the offsets are of: `""` or a sidecar's suffix."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A document that a format can write, and what must be read back from it."""

    content: Any
    """What `encode` takes."""
    values: tuple[Value, ...]
    """What `decode` gives, in any order."""


class Format(ABC):
    """One storage format."""

    name: str = ""
    """Set by the registry: the file's name, which users see in `values` and reports."""
    title: ClassVar[str]
    """For people: `SQLite 3 database`."""
    source: ClassVar[str]
    """Where the format is specified."""
    sidecars: ClassVar[tuple[str, ...]] = ()
    """Suffixes of files that belong to a document of this format."""
    framed: ClassVar[bool] = False
    """True where values touch each other in the file without a delimiter, so that only `locate` can tell where
    one ends. Text formats leave it False."""
    layer: ClassVar[str] = ""
    """What `layers` calls it where a document of it sits inside an encoding or another document; else its name."""
    container_only: ClassVar[bool] = False
    """True where a bare value is never a document of this format (plain text): it is not tried on nested values."""
    quoted: ClassVar[bool] = False
    """True where strings stand in double quotes, escapes begin with a backslash, and numbers are bare, as in JSON."""
    endless: ClassVar[bool] = False
    """True where a document has no structure that could tell that its end is missing (plain text): one that was cut
    off reads as a shorter one, and is recognised only where nothing surer claims it."""
    loose: ClassVar[frozenset[State]] = frozenset()
    """States in which `locate` also gives text that belongs to no value: what is left of one."""
    samples: ClassVar[tuple[Sample, ...]]
    required: ClassVar[tuple[str, ...]] = ("title", "source", "samples")

    @abstractmethod
    def sniff(self, head: bytes, size: int) -> float:
        """How sure it is, from 0 to 1, that a document of `size` bytes that begins with `head` (up to 4 KiB) is one
        of its own. The surest wins, ties go by name: order of registration never decides. Never raises."""

    @abstractmethod
    def account(self, document: Document, limits: Limits) -> Ledger:
        """What each byte is, for each part of the document.

        Raises:
            FormatError: the document is damaged beyond accounting.
        """

    @abstractmethod
    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        """Where each byte of a part is, in the order asked.

        A byte that belongs to no value gets the best place there is, with the state that it is in, and an empty
        value. Never raises for damage: what cannot be told is `State.RAW`.
        """

    @abstractmethod
    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        """Every value, live ones first.

        Raises:
            FormatError: from the point of damage on; what was read before has been yielded.
        """

    def decode_told(self, document: Document, told: Set[object], limits: Limits) -> Iterator[Value]:
        """Of `decode`, the values that are in `told` themselves, or have a step that is.

        Raises:
            FormatError: as `decode` does.
        """
        for value in self.decode(document, limits):
            if value.value in told or not told.isdisjoint(value.steps):
                yield value

    @abstractmethod
    def encode(self, content: Any) -> Document:
        """Write a document, as the real writer of the format does.

        Raises:
            FormatError: the content cannot be written in this format.
        """

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """Values whose bytes are not in the file as they are.

        Args:
            document: the file.
            telling: matches names under which a number is worth rendering as text (`phone`, `latitude`).
            limits: caps.
        """
        yield from ()


def as_bytes(value: Scalar) -> bytes:
    """A value as it is searched: text in UTF-8, numbers in their shortest exact form, bytes as they are."""
    match value:
        case None:
            return b""
        case bytes():
            return value
        case str():
            return value.encode("utf-8", "surrogatepass")
        case bool():
            return b"true" if value else b"false"
        case datetime():
            return value.isoformat().encode()
        case _:
            return repr(value).encode()


_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


def printable_run(data: Buffer, offset: int, *, reach: int = 512) -> tuple[int, int]:
    """Start and end of the run of text bytes around `offset`, at most `reach` to either side."""
    low, high = max(0, offset - reach), min(len(data), offset + reach)
    before = [m.end() for m in _NOT_TEXT.finditer(data, low, offset)]
    after = _NOT_TEXT.search(data, offset, high)
    return (before[-1] if before else low), (after.start() if after else high)


def cover(stretches: Iterable[tuple[int, int, Share]], size: int, rest: Share) -> tuple[Span, ...]:
    """Spans of `[0, size)` from stretches that come in the order of their bytes, what lies between them given to
    `rest`. Neighbours of one share are one span: nothing else is kept of the stretches, which may be many."""
    out: list[Span] = []
    begin = at = 0
    share = rest
    for start, end, kind in stretches:
        low, high = max(start, at), min(end, size)
        if low >= high:
            continue
        if low > at and share is not rest:
            out.append(Span(begin, at, share))
            begin, share = at, rest
        if kind is not share:
            if low > begin:
                out.append(Span(begin, low, share))
            begin, share = low, kind
        at = high
    if at < size and share is not rest:
        out.append(Span(begin, at, share))
        begin, share = at, rest
    if begin < size:
        out.append(Span(begin, size, share))
    return tuple(out)


def fill(spans: Sequence[Span], size: int, rest: Share) -> tuple[Span, ...]:
    """Sorted spans with the gaps given to `rest`, cut so that none overlap and all lie in `[0, size)`."""
    out: list[Span] = []
    at = 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        start, end = max(span.start, at), min(span.end, size)
        if start >= end:
            continue
        if start > at:
            out.append(Span(at, start, rest))
        out.append(Span(start, end, span.share))
        at = end
    if at < size:
        out.append(Span(at, size, rest))
    return tuple(out)
