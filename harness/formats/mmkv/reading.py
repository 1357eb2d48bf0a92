"""One store, read once: its values, the ledger and the place of a byte all follow from it."""

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.encodings.varint import varint
from harness.errors import FormatError, LimitError
from harness.formats._pace import paced
from harness.formats.base import as_bytes, fill, printable_run
from harness.formats.mmkv.cipher import is_ciphertext
from harness.formats.mmkv.entries import PROOF, ZEROS, Cut, Entry, carve, chain, plausible
from harness.formats.mmkv.layout import CRC, HEADER, PAGE, extent_of, read_meta
from harness.formats.mmkv.shapes import EXPIRY, Leaf, expiry, is_text, leaves_of
from harness.limits import Budget, Limits
from harness.model import Document, Ledger, Place, Share, Span, State, Step, Value

__all__ = ["Reading", "Stored", "open_store"]

_LOST = "?"
_NEAR = 4096
"""Bytes in which a store in the clear shows an entry."""
_GENTLE = 64
"""Entries that are looked at to tell whether values expire."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry with what it holds."""

    entry: Entry
    steps: tuple[Step, ...]
    state: State
    leaves: list[Leaf] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries of a store, by what they are worth."""

    document: Document
    data: bytes = field(repr=False)
    entries: list[Entry] = field(repr=False)
    """Those that count, in the order in which they were written."""
    begin: int
    """Where they begin."""
    end: int
    """Where they end."""
    extent: int
    """Where they are said to end."""
    left: list[Entry | Cut] = field(repr=False)
    """What was left behind by longer rows of earlier times, or behind damage."""
    is_encrypted: bool
    expires: int
    fault: str

    # -- values ------------------------------------------------------------------------------------

    def values(self, limits: Limits) -> Iterator[Value]:
        """Every value: the newest of each key, then those that were replaced or removed, then what was left behind.

        Raises:
            FormatError: the store is damaged, or a limit is reached.
        """
        yield from paced(self._values(), limits)
        if self.fault:
            raise FormatError(self.fault)

    def _values(self) -> Iterator[Value]:
        newest = self._newest()
        data, expires = self.data, self.expires
        later: list[Entry] = []
        for number, entry in enumerate(self.entries):
            key, _, start, end = entry
            if newest[key] != number:
                later.append(entry)
                continue
            end -= expires
            # Most are short texts, and there are many of them.
            size = end - start - 1
            is_short = size > 0 and data[start] == size and data[start + 1] >= 0x20
            text = is_text(data[start + 1 : end]) if is_short else None
            if text is not None:
                yield Value((_name(key),), text)
            else:
                yield from _values(self.stored(entry, State.LIVE))
        for entry in later:
            yield from _values(self.stored(entry, State.SUPERSEDED))
        for each in self.left:
            yield from _values(self._left(each))

    def _newest(self) -> dict[bytes, int]:
        return {entry.key: number for number, entry in enumerate(self.entries)}

    def stored(self, entry: Entry, state: State) -> Stored:
        """What an entry holds."""
        leaves = leaves_of(self.data, entry.start, max(entry.start, entry.end - self.expires))
        return Stored(entry, (_name(entry.key),), state, leaves)

    def _left(self, each: Entry | Cut) -> Stored:
        """What an entry that was left behind holds; whether its value expired tells its own form."""
        entry = each.entry if isinstance(each, Cut) else each
        expires = expiry(self.data, entry.start, entry.end) or self.expires
        leaves = leaves_of(self.data, entry.start, max(entry.start, entry.end - expires))
        steps: tuple[Step, ...] = (_name(entry.key),)
        if isinstance(each, Cut):
            steps = ("…" + _name(entry.key) if entry.key else _LOST,)
        is_behind = entry.start >= self.extent and bool(self.entries)
        return Stored(entry, steps, State.SUPERSEDED if is_behind else State.RAW, leaves)

    # -- ledger ------------------------------------------------------------------------------------

    def account(self) -> Ledger:
        """What each byte is; a row of entries counts as one, with the lengths between keys and values."""
        size = len(self.data)
        spans = [Span(0, HEADER, Share.STRUCTURE)]
        if self.is_encrypted:
            spans.append(Span(HEADER, len(self.data.rstrip(b"\x00")), Share.ENCRYPTED))
        else:
            spans.append(Span(HEADER, self.begin, Share.STRUCTURE))
            spans.append(Span(self.begin, self.end, Share.DECODED))
            spans += [Span(start, end, Share.DECODED) for start, end in self._stretches()]
            if self.fault and self.end < self.extent:
                spans += fill([s for s in spans if s.end <= self.extent], self.extent, Share.FAILED)
        parts = {"": fill(spans, size, Share.FREE)}
        for name, data in self.document.sidecars.items():
            share = Share.STRUCTURE if name == CRC and read_meta(self.document) else Share.UNKNOWN
            parts[name] = fill((), len(data), share)
        return Ledger(parts, self.fault)

    def _stretches(self) -> Iterator[tuple[int, int]]:
        for each in self.left:
            entry = each.entry if isinstance(each, Cut) else each
            yield (each.begin if isinstance(each, Cut) else entry.key_start - 1), entry.end

    # -- places ------------------------------------------------------------------------------------

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte of the main file is."""
        newest = self._newest()
        starts = [entry.key_start for entry in self.entries]
        left = [each.entry if isinstance(each, Cut) else each for each in self.left]
        later = [entry.key_start for entry in left]
        known: dict[tuple[bool, int], Stored] = {}

        def place(offset: int) -> Place:
            is_live = self.begin <= offset < self.end
            number = bisect_right(starts if is_live else later, offset) - 1
            if number < 0 or offset >= (self.entries if is_live else left)[number].end:
                return self._nowhere(offset, is_live=is_live)
            stored = known.get((is_live, number))
            if stored is None:
                if is_live:
                    entry = self.entries[number]
                    state = State.LIVE if newest[entry.key] == number else State.SUPERSEDED
                    stored = self.stored(entry, state)
                else:
                    stored = self._left(self.left[number])
                known[is_live, number] = stored
            return _place_in(stored, offset)

        return [place(offset) for offset in offsets]

    def _nowhere(self, offset: int, *, is_live: bool) -> Place:
        """The place of a byte that is part of no entry: a length, a header, or text that nothing explains."""
        if is_live or offset < HEADER:
            return Place(())
        if offset >= len(self.data) or self.is_encrypted:
            return Place((), State.RAW)
        start, end = printable_run(self.data, offset)
        return (
            Place((_LOST,), State.SLACK, self.data[start:end], offset - start)
            if end > start
            else Place((), State.RAW)
        )


def open_store(document: Document, limits: Limits) -> Reading:
    """Read a store."""
    data = bytes(document.data)
    extent = extent_of(document, data)
    end = min(extent.end, len(data))
    fault = extent.fault
    _, begin = varint(data, HEADER, min(end, HEADER + 5)) if end > HEADER else (0, end)
    used = len(data.rstrip(b"\x00"))
    if extent.is_told:
        entries, stop = chain(data, begin, end)
    else:
        entries, stop = _untold(data, begin, used)
        end = stop
    meta = read_meta(document)
    expires = EXPIRY if (meta.is_expiring if meta else _expire(data, entries)) else 0
    budget = Budget(what="entries", left=limits.values, deadline=time.monotonic() + limits.seconds_per_file)
    left: list[Entry | Cut] = []
    is_encrypted = not (stop == end and len(entries) > 2) and _is_sealed(data, max(end, used), budget)
    if is_encrypted:
        entries, stop, end = [], begin, begin
    else:
        fault = fault or ("" if stop == end else "entries stop before the size that is told")
        try:
            left.extend(carve(data, stop, used, budget))
        except LimitError as error:
            fault = str(error)
    if not fault and len(data) % PAGE:
        fault = "it is no whole number of pages: its end is missing"
    return Reading(document, data, entries, begin, stop, max(end, stop), left, is_encrypted, expires, fault)


def _untold(data: bytes, begin: int, used: int) -> tuple[list[Entry], int]:
    """Entries that nothing vouches for, and where they stop."""
    entries, stop, bits = plausible(data, begin, min(len(data), used + ZEROS))
    return (entries, stop) if bits >= PROOF else ([], begin)


def _is_sealed(data: bytes, end: int, budget: Budget) -> bool:
    """Whether a store is ciphertext: it looks random, and no entry proves itself near its begin."""
    return is_ciphertext(data[HEADER:end]) and not any(carve(data, HEADER, min(end, _NEAR), budget))


def _expire(data: bytes, entries: list[Entry]) -> bool:
    """Whether values expire, where no `.crc` says so: then every text is followed by a time."""
    texts = [expiry(data, each.start, each.end) for each in entries[:_GENTLE] if each.end - each.start > 8]
    whole = [each for each in entries[:_GENTLE] if sum(varint(data, each.start, each.end)) == each.end]
    return len(whole) < sum(1 for each in texts if each)


def _name(key: bytes) -> str:
    return key.decode("utf-8", "backslashreplace")


def _values(stored: Stored) -> Iterator[Value]:
    for leaf in stored.leaves:
        yield Value(stored.steps if leaf.number < 0 else (*stored.steps, leaf.number), leaf.value, stored.state)


def _place_in(stored: Stored, offset: int) -> Place:
    entry = stored.entry
    if offset < entry.key_start + len(entry.key):
        return Place(stored.steps, stored.state, entry.key, max(0, offset - entry.key_start), in_key=True)
    for leaf in stored.leaves:
        if leaf.start <= offset < leaf.end:
            steps = stored.steps if leaf.number < 0 else (*stored.steps, leaf.number)
            value = as_bytes(leaf.value)
            within = offset - leaf.start if isinstance(leaf.value, str | bytes) else 0
            return Place(steps, stored.state, value, within)
    return Place(stored.steps, stored.state)
