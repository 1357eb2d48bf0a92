"""What formats that are read as a row of tokens share: the answers that follow from tokens with offsets.

A format brings one generator of tokens, in the order of their bytes and never overlapping. Its values, the ledger,
the place of a byte and the pieces for the raw lane all follow from it, so they cannot disagree.
"""

import time
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import tee
from typing import NamedTuple, TypeAlias

from harness.errors import FormatError
from harness.formats._pace import paced
from harness.formats._text import Text
from harness.formats.base import Piece, as_bytes, cover
from harness.limits import Budget, Limits
from harness.model import Ledger, Place, Scalar, Share, State, Step, Value

__all__ = ["Escapes", "Pair", "Reading", "Role", "Token", "join_pairs", "no_escapes", "place_in", "value_budget"]

Escapes: TypeAlias = Callable[[bytes], Iterator[tuple[int, int, bytes]]]
"""The stretches of a token's bytes that stand for other bytes: start, end, and what they stand for in UTF-8."""

_PIECE = 4 << 20
_ANCHORS = 1 << 17
_BLANKS = b" \t\r\n"


class Role(Enum):
    """What a token is."""

    KEY = auto()
    VALUE = auto()
    SYNTAX = auto()
    FAILED = auto()
    """Bytes that could not be read, with readable ones after them."""


class Token(NamedTuple):
    """Bytes `start` to `end` of a text, and what they say."""

    start: int
    end: int
    steps: tuple[Step, ...]
    role: Role
    value: Scalar = None
    """Decoded; the name itself where the token is a key."""
    state: State = State.LIVE

    def __repr__(self) -> str:
        return f"Token({self.start}, {self.end}, {self.role.name})"


class Pair(NamedTuple):
    """A name, a value as it is searched, and where in the part it stands."""

    key: str
    value: bytes
    offset: int

    def __repr__(self) -> str:
        return f"Pair({self.offset})"


def no_escapes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Of formats in which bytes stand for themselves."""
    yield from ()


def value_budget(limits: Limits) -> Budget:
    """How many values one file may give, and how long it may take."""
    return Budget(what="values", left=limits.values, deadline=time.monotonic() + limits.seconds_per_file)


def join_pairs(pairs: Iterable[Pair], limits: Limits) -> Iterator[Piece]:
    """Pairs as pieces for the raw lane, each of a few MiB, each pair anchored at its value.

    Raises:
        LimitError: they are more than one file may unpack to.
    """
    budget = Budget(what="expanded bytes", left=limits.expanded_bytes)
    parts: list[bytes] = []
    anchors: list[tuple[int, int]] = []
    size = 0
    for key, value, offset in pairs:
        data = key.encode("utf-8", "surrogatepass") + b"\x1f" + value if key else value
        budget.spend(len(data))
        anchors.append((size, offset))
        parts.append(data)
        size += len(data) + 1
        if size > _PIECE or len(anchors) > _ANCHORS:
            yield Piece(b"\x1e".join(parts), tuple(anchors))
            parts, anchors, size = [], [], 0
    if parts:
        yield Piece(b"\x1e".join(parts), tuple(anchors))


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as tokens, and all that follows from them."""

    text: Text
    tokens: Callable[[], Iterator[Token]] = field(repr=False)
    escapes: Escapes = no_escapes

    def values(self, limits: Limits) -> Iterator[Value]:
        """Every value, in the order of the text."""
        make, sought = tuple.__new__, Role.VALUE  # a call of the class itself takes twice the time
        values = (
            make(Value, (steps, value, state)) for _, _, steps, role, value, state in self.tokens() if role is sought
        )
        yield from paced(values, limits)

    def account(
        self, rest: Share = Share.STRUCTURE, *, share: Callable[[Token], Share] = lambda _token: Share.DECODED
    ) -> Ledger:
        """What each byte is; what stands between tokens is `rest`, what follows a fault has failed, and of names and
        values `share` tells."""
        faults: list[str] = []
        spans = cover(self._outer(self._stretches(share, faults)), len(self.text.source), rest)
        return Ledger({"": spans}, "".join(faults))

    def _stretches(self, share: Callable[[Token], Share], faults: list[str]) -> Iterator[tuple[int, int, Share]]:
        """What names and values stand in, as offsets in the text."""
        read = 0
        try:
            for token in self.tokens():
                start, read = token.start, token.end
                if token.role is Role.FAILED:
                    yield start, read, Share.FAILED
                elif token.role is not Role.SYNTAX:
                    yield start, read, share(token)
        except FormatError as error:
            faults.append(str(error))
            yield read, len(self.text.data), Share.FAILED

    def _outer(self, stretches: Iterator[tuple[int, int, Share]]) -> Iterator[tuple[int, int, Share]]:
        """The same as offsets in the document."""
        shares: deque[Share] = deque()

        def bounds() -> Iterator[int]:
            for start, end, share in stretches:
                shares.append(share)
                yield start
                yield end

        outer = self.text.each_outward(bounds())
        for start in outer:
            yield start, next(outer), shares.popleft()

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte is, in the order asked; reads no further than the last of them."""
        order = sorted(range(len(offsets)), key=offsets.__getitem__)
        found = self._walk(self.text.inward([offsets[index] for index in order]))
        places = self.lost(offsets)
        for index, place in zip(order, found, strict=False):  # what is missing at the end could not be read
            places[index] = place
        return places

    @staticmethod
    def lost(offsets: Sequence[int]) -> list[Place]:
        """The places in a document of which nothing can be told."""
        return [Place((), State.RAW)] * len(offsets)

    def _walk(self, asked: Sequence[int]) -> Iterator[Place]:
        at, count, size = 0, len(asked), len(self.text.data)
        try:
            for token in self.tokens():
                while at < count and asked[at] < token.start:
                    yield Place(token.steps if token.role is Role.SYNTAX else token.steps[:-1])
                    at += 1
                if at < count and asked[at] < token.end:
                    inside = _Inside(token, self.text.data[token.start : token.end], self.escapes)
                    while at < count and asked[at] < token.end:
                        yield inside.place(asked[at] - token.start)
                        at += 1
                if at == count:
                    return
        except FormatError:
            return
        yield from (Place(()) if offset < size else Place((), State.RAW) for offset in asked[at:])

    def pieces(self, limits: Limits, worth: Callable[[bytes, Token], bool]) -> Iterator[Piece]:
        """The values that are `worth` it (their bytes and token say so) as pieces for the raw lane."""
        chosen, again = tee(self._readable(worth))
        starts = self.text.each_outward(token.start for token in again)
        pairs = (
            Pair(Value(token.steps, None).key, as_bytes(token.value), start)
            for token, start in zip(chosen, starts, strict=True)
        )
        yield from join_pairs(pairs, limits)

    def _readable(self, worth: Callable[[bytes, Token], bool]) -> Iterator[Token]:
        """The chosen values up to the first fault: `decode` tells of it, here all counts that can be read."""
        try:
            for token in self.tokens():
                if token.role is Role.VALUE and worth(self.text.data[token.start : token.end], token):
                    yield token
        except FormatError:
            return


def place_in(token: Token, raw: bytes, escapes: Escapes, offsets: Iterable[int]) -> Iterator[Place]:
    """The places of some bytes of one token, given their offsets within it."""
    inside = _Inside(token, raw, escapes)
    return (inside.place(offset) for offset in offsets)


class _Inside:
    """The bytes of one token, and where each of them went when it was decoded."""

    def __init__(self, token: Token, raw: bytes, escapes: Escapes) -> None:
        self.token = token
        self.raw = raw
        self.value = as_bytes(token.value)
        # Of a text without one plain character there are as many as it has bytes.
        self.starts, self.ends, self.outs, self.shifts = array("q"), array("q"), array("q"), array("q")
        shift = 0
        if isinstance(token.value, str):
            for start, end, decoded in escapes(raw):
                self.starts.append(start)
                self.ends.append(end)
                self.outs.append(start + shift)
                shift += len(decoded) - (end - start)
                self.shifts.append(shift)

    def place(self, offset: int) -> Place:
        role, steps = self.token.role, self.token.steps
        if role is Role.SYNTAX:
            return Place(steps)
        if role is Role.FAILED:
            return Place(steps, State.RAW)
        within = self._packed(offset) if isinstance(self.token.value, bytes) else self._text(offset)
        state = self.token.state
        return Place(steps, state, self.value, max(0, min(within, len(self.value) - 1)), role is Role.KEY)

    def _text(self, offset: int) -> int:
        index = bisect_right(self.starts, offset) - 1
        if index < 0:
            return offset
        return self.outs[index] if offset < self.ends[index] else offset + self.shifts[index]

    def _packed(self, offset: int) -> int:
        """Within bytes that are stored as they are, or as hex or base64 with blanks anywhere."""
        if self.raw == self.value:
            return offset
        digits = len(self.raw[:offset].translate(None, _BLANKS))
        total = len(self.raw.translate(None, _BLANKS))
        return digits // 2 if total >= 2 * len(self.value) else digits * 3 // 4
