"""Entries one after the other: those that a size vouches for, and those that are found by their own form."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from harness.encodings.varint import varint
from harness.formats.mmkv.shapes import EXPIRY, expiry, is_text, leaves_of
from harness.limits import Budget

__all__ = ["PROOF", "ZEROS", "Cut", "Entry", "carve", "chain", "plausible"]

ZEROS = 8
"""Bytes that an entry may end with and that look as free as what follows: the number 0, or nothing."""
_LONGEST_KEY = 1024
_LONGEST_TAIL = 64
_CLEAN = re.compile(r"[\w.:/\-$@#|+=~\[\]]+")
"""What keys are made of, and sentences are not."""
_BEGIN = re.compile(rb"[\x01-\x1f][^\x00-\x1f\x7f]")
"""The length of a key, and its first letter."""
_UNPROVEN = 2048
"""Bytes; a value that is longer has to be behind something that proves its place."""
PROOF = 36.0
"""Bits that a row of entries must be improbable by, before it is believed where nothing vouches for it."""
_NEAR = 26.0
"""The same for an entry that ends where another begins."""
_BACK = 4096
"""Bytes; how long an entry may be that is looked for from its end."""
_CHARACTER, _FRAME, _NUMBER = 1.4, 8.0, 3.0
"""Bits that a printable character, a length that fits and a number of the right length are worth."""


class Entry(NamedTuple):
    """One key and its value, and where they are."""

    key: bytes
    key_start: int
    start: int
    """Of the value."""
    end: int

    def __repr__(self) -> str:
        return f"Entry({self.key_start}, {self.end})"


class Cut(NamedTuple):
    """An entry whose begin was overwritten: the value is whole, of its key only the end is left."""

    entry: Entry
    begin: int

    def __repr__(self) -> str:
        return f"Cut({self.begin}, {self.entry.end})"


def chain(data: bytes, at: int, end: int) -> tuple[list[Entry], int]:
    """Entries from `at` on, and where they stop: at `end`, or at the first bytes that are none."""
    found: list[Entry] = []
    add, make = found.append, Entry
    while at < end:
        size, start = data[at], at + 1
        if size >= 0x80:
            size, start = varint(data, at, end)
        stop = start + size
        if size <= 0 or stop >= end:
            break
        length, begin = data[stop], stop + 1
        if length >= 0x80:
            length, begin = varint(data, stop, end)
        last = begin + length
        if length < 0 or last > end:
            break
        add(make(data[start:stop], start, begin, last))
        at = last
    return found, at


def plausible(data: bytes, at: int, end: int, *, whole: int = 0) -> tuple[list[Entry], int, float]:
    """Entries that each prove themselves, where they stop, and how many bits the row is improbable by.

    Args:
        data: what they are in.
        at: where the first begins.
        end: of what may be read.
        whole: where `data` goes on unseen, how long it is: the last entry may then be cut.
    """
    found: list[Entry] = []
    bits = 0.0
    while at < end:
        key_size, start = varint(data, at, min(end, at + 2))
        stop = start + key_size
        if not 0 < key_size <= _LONGEST_KEY or stop >= end:
            break
        size, begin = varint(data, stop, end)
        last = begin + size
        key = data[start:stop]
        text = is_text(key)
        if size < 0 or text is None or not (_CLEAN.fullmatch(text) if _is_textual(key_size) else text.isprintable()):
            break
        if last > end:
            if last <= whole and begin < end:
                inner, body = varint(data, begin, end)
                bits += _CHARACTER * key_size + 2 * _FRAME if inner > 0 and body + inner == last else 0.0
            break
        if size > _UNPROVEN and bits + _CHARACTER * min(key_size, 31) + 2 * _FRAME < PROOF:
            break  # a length that anything could be is not worth reading as much
        worth = _worth(data, begin, last)
        if worth < 0:
            break
        bits += worth + (_CHARACTER * key_size if key_size < 32 else 0.0)
        found.append(Entry(key, start, begin, last))
        at = last
    return found, at, bits


def _is_textual(length: int) -> bool:
    """Whether the byte of a length could as well be one of a text."""
    return length in (9, 10, 13) or 0x20 <= length < 0x7F


def _worth(data: bytes, start: int, end: int) -> float:
    """Bits that the form of a value proves; -1 where it has none that MMKV writes."""
    if start == end:
        return _NUMBER
    for stop in (end, end - EXPIRY):
        leaves = leaves_of(data, start, stop, sure=True)
        if not leaves:
            continue
        if isinstance(leaves[0].value, str):
            length = sum(leaf.end - leaf.start for leaf in leaves)
            frame = _FRAME * (leaves[0].start - start)
            frame += 0.0 if _is_textual(data[start - 1]) else _FRAME
            return frame + (_CHARACTER * length if length < 32 else 0.0)
        if isinstance(leaves[0].value, bytes):
            return _FRAME
        return _NUMBER
    return -1.0


def carve(data: bytes, at: int, end: int, budget: Budget) -> Iterator[Entry | Cut]:
    """Entries of which nothing says that they are there: what was left behind by longer rows of earlier times.

    Raises:
        LimitError: it takes longer than it may.
    """
    loose, reach = at, min(len(data), end + ZEROS)
    while at < end:
        if at != loose:
            # In text every byte could be a length; one that no text holds has to vouch for the first.
            found_ = _BEGIN.search(data, at, end)
            if found_ is None:
                break
            at = found_.start()
        found, stop, bits = plausible(data, at, reach)
        is_sure = not _is_textual(data[at]) or bool(found and not _is_textual(data[found[0].start - 1]))
        if not found or bits < (PROOF if is_sure else 2 * PROOF):
            budget.spend(at & 0x3F == 0)
            at += 1
            continue
        budget.spend()
        yield from _before(data, loose, at)
        yield from found
        at = loose = stop
    yield from _before(data, loose, end)


def _before(data: bytes, at: int, end: int) -> Iterator[Entry | Cut]:
    """Entries that end where one begins that is sure: each proves the one before it."""
    found: list[Entry] = []
    while (entry := _ending(data, at, end)) is not None:
        found.append(entry)
        end = entry.key_start - 1
    cut = _cut(data, at, end)
    if cut:
        yield cut
    yield from reversed(found)


def _ending(data: bytes, at: int, end: int) -> Entry | None:
    """The whole entry that ends at `end`."""
    for start in range(end - 2, max(at + 2, end - _BACK), -1):
        size = data[start]
        if size != end - start - 1 and (size < 0x80 or varint(data, start, end)[0] < 0):
            continue
        size, begin = varint(data, start, end)
        worth = _worth(data, begin, end) if begin + size == end else -1.0
        if worth < 0:
            continue
        for length in range(2, min(32, start - at)):
            key = data[start - length : start]
            if data[start - length - 1] == length and 2 * _FRAME + worth + _CHARACTER * length >= _NEAR:
                text = is_text(key)
                if text and (_CLEAN.fullmatch(text) if _is_textual(length) else text.isprintable()):
                    return Entry(key, start - length, begin, end)
    return None


def _cut(data: bytes, at: int, end: int) -> Cut | None:
    """The entry that ends at `end` and whose begin lies before `at`, if its value is whole."""
    for start in range(max(at, end - (1 << 16)), end - 4):
        size, begin = varint(data, start, min(end, start + 5))
        if size < 0 or begin + size != end:
            continue
        stop = end - expiry(data, begin, end)
        leaves = leaves_of(data, begin, stop, sure=True)
        if len(leaves) != 1 or not isinstance(leaves[0].value, str) or leaves[0].start == begin:
            continue
        key = data[at:start] if start - at <= _LONGEST_TAIL else b""
        text = is_text(key)
        if not text or not _CLEAN.fullmatch(text):
            # In the middle of a text two letters are easily taken for lengths.
            if _is_textual(size):
                continue
            key = b""
        return Cut(Entry(key, start - len(key), begin, end), at)
    return None
