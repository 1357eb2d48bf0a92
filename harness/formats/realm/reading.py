"""One Realm file: the state that counts, the states before it that can still be walked, and texts of which nothing
else is left."""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from harness.errors import FormatError, LimitError
from harness.formats._text import Text
from harness.formats._tokens import Reading, Role, Token, value_budget
from harness.formats.base import as_bytes, fill
from harness.formats.realm.arrays import ALIGNMENT, HEADER, MARK, Arrays
from harness.formats.realm.columns import Columns
from harness.formats.realm.leaves import plain
from harness.formats.realm.tables import Group, Top, top_of
from harness.limits import Limits
from harness.model import Ledger, Place, Share, Span, State, Step, Value

__all__ = ["MAGIC", "RealmFile", "open_file"]

MAGIC = b"T-DB"
_STREAMED = (1 << 64) - 1
_FOOTER = struct.pack("<Q", 0x3034125237E526C8)
_FREE = ("free",)
_STATES = 64
"""States that are walked beside the newest; every one of them costs a walk over what it shares with others."""
_LEFT = re.compile(
    rb"(?:[\x20-\x7e\n\r\t]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){4,}"
)


class _Header(NamedTuple):
    top: int
    version: int
    other: int
    """Ref of the root before; 0 where there is none."""


@dataclass(frozen=True, slots=True)
class RealmFile:
    """What was read of one file."""

    data: bytes = field(repr=False)
    tokens: list[Token] = field(repr=False)
    """In the order of their bytes."""
    copies: frozenset[int]
    """Numbers of the tokens that repeat what another one says of the same place."""
    claimed: dict[int, int] = field(repr=False)
    fault: str = ""

    def values(self) -> Iterator[Value]:
        """Every value once, live ones first.

        Raises:
            FormatError: when all is told, where something was damaged.
        """
        told = [
            token
            for number, token in enumerate(self.tokens)
            if token.role is Role.VALUE and number not in self.copies
        ]
        for token in sorted(told, key=_is_past):
            yield Value(token.steps, token.value, token.state)
        if self.fault:
            raise FormatError(self.fault)

    def reading(self) -> Reading:
        """The tokens, for what is the same in all formats of tokens."""
        return Reading(Text(self.data, self.data), lambda: iter(self.tokens))

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte is."""
        starts = sorted(self.claimed)
        places = self.reading().locate(offsets)
        for index, offset in enumerate(offsets):
            number = bisect_right(starts, offset) - 1
            is_claimed = offset < HEADER or (number >= 0 and offset < self.claimed[starts[number]])
            if not places[index].value and not is_claimed:
                places[index] = Place((), State.RAW)
        return places

    def account(self) -> Ledger:
        """What each byte is; what no array of a known state has is free."""
        size = len(self.data)
        spans = [Span(0, min(HEADER, size), Share.FAILED if self.fault else Share.STRUCTURE)] if size else []
        claims = sorted(self.claimed.items())
        shares = {Role.FAILED: Share.FAILED}
        told = [
            Span(token.start, token.end, shares.get(token.role, Share.DECODED))
            for token in self.tokens
            if token.end > token.start >= HEADER
        ]
        for start, end in claims:
            low = bisect_right(told, start, key=lambda span: span.end - 1)
            at = start
            while low < len(told) and told[low].start < end:
                if told[low].start > at:
                    spans.append(Span(at, told[low].start, Share.STRUCTURE))
                at = max(at, told[low].end)
                low += 1
            if at < end:
                spans.append(Span(at, end, Share.STRUCTURE))
        return Ledger({"": fill([*spans, *told], size, Share.FREE)}, self.fault)


def open_file(data: bytes, limits: Limits) -> RealmFile:
    """Read a file, as far as it can be read.

    Raises:
        LimitError: it holds more than the limit allows.
    """
    arrays = Arrays(data)
    budget = value_budget(limits)
    tokens: list[Token] = []
    try:
        header = _header(data)
        top = top_of(arrays, header.top)
        fault = "the file is cut off" if top.size > len(data) else ""
        live = Columns(arrays, State.LIVE, budget)
        Group(live, header.version).read(top)
        tokens += live.tokens
        fault = fault or live.fault
        for older in _older(arrays, header, top):
            before = Columns(arrays, State.SUPERSEDED, budget)
            before.attempt(older.ref, partial(Group(before, header.version).read, older))
            tokens += before.tokens
    except LimitError:
        raise
    except FormatError as error:
        fault = str(error)
    tokens = _disjoint([*tokens, *_left(data, arrays.claimed)])
    tokens, copies = _told_once(tokens)
    return RealmFile(data, tokens, copies, arrays.claimed, fault)


def _header(data: bytes) -> _Header:
    """Where the root of the newest state is.

    Raises:
        FormatError: it is nowhere.
    """
    if len(data) < HEADER or data[16:20] != MAGIC:
        raise FormatError("the header is no Realm file's")
    tops = struct.unpack_from("<QQ", data)
    slot = data[23] & 1
    if tops[slot] == _STREAMED:
        if data[-8:] != _FOOTER:
            raise FormatError("the end is missing")
        return _Header(struct.unpack_from("<Q", data, len(data) - 16)[0], data[20 + slot], 0)
    other = tops[1 - slot]
    return _Header(tops[slot], data[20 + slot], 0 if other == _STREAMED else other)


def _older(arrays: Arrays, header: _Header, newest: Top) -> Iterator[Top]:
    """Roots of earlier states, the newest first: the one that the header still knows, and those in free space."""
    found: dict[int, Top] = {}
    for ref in (header.other, *_loose(arrays)):
        try:
            top = top_of(arrays, ref)
        except FormatError:
            continue
        if top.ref != newest.ref and top.size <= len(arrays.data):
            found[ref] = top
    yield from sorted(found.values(), key=lambda top: -top.version)[:_STATES]


def _loose(arrays: Arrays) -> Iterator[int]:
    """Arrays of refs that no state has which was walked so far."""
    for start, end in _gaps(arrays.claimed, len(arrays.data)):
        at = arrays.data.find(MARK, start, end)
        while at >= 0:
            if at % ALIGNMENT == 0 and arrays.data[at + 4 : at + 5] >= b"\x40":
                yield at
            at = arrays.data.find(MARK, at + 4, end)


def _gaps(claimed: dict[int, int], size: int) -> list[tuple[int, int]]:
    """What no array has."""
    gaps: list[tuple[int, int]] = []
    at = HEADER
    for start, end in sorted(claimed.items()):
        if start > at:
            gaps.append((at, start))
        at = max(at, end)
    if at < size:
        gaps.append((at, size))
    return gaps


def _left(data: bytes, claimed: dict[int, int]) -> Iterator[Token]:
    """Runs of text in free space, each known by its offset."""
    for start, end in _gaps(claimed, len(data)):
        for found in _LEFT.finditer(data, start, end):
            low, high = found.span()
            low += 4 if data.startswith(MARK, low) else 0
            if high - low >= 4:
                yield Token(low, high, (*_FREE, low), Role.VALUE, plain(data[low:high]), State.SUPERSEDED)


def _is_past(token: Token) -> bool:
    return token.state is not State.LIVE


def _disjoint(tokens: list[Token]) -> list[Token]:
    """In the order of their bytes; where two have one byte, which damage alone can do, the earlier stays."""
    ordered = sorted(tokens, key=lambda token: (token.start, token.end))
    kept: list[Token] = []
    at = 0
    for token in ordered:
        if token.start >= at:
            kept.append(token)
            at = token.end
    return kept


def _told_once(tokens: list[Token]) -> tuple[list[Token], frozenset[int]]:
    """Older states repeat most of the newest: what says the same of the same place is the same value, and texts in
    free space that equal exactly one known value are copies of it."""
    later = [token for token in tokens if token.role is Role.VALUE and token.state is not State.LIVE]
    if not later:
        return tokens, frozenset()
    asked = {token.steps for token in later}
    loose = {token.value for token in later if token.steps[:1] == _FREE}
    live: set[tuple[tuple[Step, ...], bytes]] = set()
    named: dict[bytes, tuple[Step, ...]] = {}
    for token in sorted(tokens, key=_is_past):
        if token.role is not Role.VALUE or token.steps[:1] == _FREE:
            continue
        is_loose = isinstance(token.value, str) and token.value in loose
        if is_loose:
            named.setdefault(as_bytes(token.value), token.steps)
        if token.state is State.LIVE and (is_loose or token.steps in asked):
            live.add((token.steps, as_bytes(token.value)))
    seen: set[tuple[tuple[Step, ...], bytes]] = set()
    copies: set[int] = set()
    out: list[Token] = []
    for number, token in enumerate(tokens):
        if token.role is Role.VALUE and token.state is not State.LIVE:
            value = as_bytes(token.value)
            steps = named.get(value, token.steps) if token.steps[:1] == _FREE else token.steps
            mark = steps, value
            is_live = mark in live
            if is_live or mark in seen:
                copies.add(number)
            seen.add(mark)
            token = token._replace(steps=steps, state=State.LIVE if is_live else token.state)  # noqa: PLW2901
        out.append(token)
    return out, frozenset(copies)
