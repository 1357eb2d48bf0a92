"""Snappy without its framing, as LevelDB compresses blocks: a length, then literals and copies of what was before."""

from typing import NamedTuple

from harness.encodings.varint import varint, varint_bytes
from harness.errors import FormatError, LimitError

__all__ = ["Elements", "compress", "decompress", "elements", "end_of", "read_length"]

_DAMAGED = "a compressed block is damaged"
_MOST_BYTES = 5
"""Of the length of a block."""


class Elements(NamedTuple):
    """The elements of a block, one list for each thing to know: they are many."""

    starts: list[int]
    """Where each is stored; and where the last one ends."""
    outs: list[int]
    """Where what each stands for begins; and where the last one ends."""
    literals: list[int]
    """Where its bytes stand as they are; 0 for a copy."""


def read_length(data: bytes, at: int, end: int) -> tuple[int, int]:
    """How long the content is that begins at `at`, and where its first element is.

    Raises:
        FormatError: no such length.
    """
    size, first = varint(data, at, min(end, at + _MOST_BYTES))
    if size < 0:
        raise FormatError(_DAMAGED)
    return size, first


def decompress(data: bytes, start: int, end: int, cap: int, *, partial: bool = False) -> bytes:
    """The content of a block.

    Args:
        data: what it is in.
        start: of the block.
        end: of the block.
        cap: how much it may unpack to.
        partial: give what there is, where the end is missing.

    Raises:
        FormatError: it is damaged.
        LimitError: it unpacks to more than `cap`.
    """
    size, at = read_length(data, start, end)
    if size > cap:
        raise LimitError("a block unpacks to more than the limit allows")
    out = bytearray()
    try:
        at = _unpack(data, at, end, out, size)
    except IndexError as error:
        if not partial:
            raise FormatError(_DAMAGED) from error
    if not partial and (len(out) != size or at != end):
        raise FormatError(_DAMAGED)
    return bytes(out)


def _unpack(data: bytes, at: int, end: int, out: bytearray, size: int) -> int:
    """Append the content to `out`; returns where it ended. An `IndexError` says that the end is missing."""
    length = 0  # of `out`, kept beside it: asking is slow here
    while at < end and length < size:
        tag = data[at]
        kind = tag & 3
        if kind == 0:
            count = (tag >> 2) + 1
            at += 1
            if count > 60:
                wide = count - 60
                count = int.from_bytes(data[at : at + wide], "little") + 1
                at += wide
            if at + count > end or length + count > size:
                raise IndexError
            out += data[at : at + count]
            at += count
            length += count
            continue
        if kind == 1:
            count = (tag >> 2 & 7) + 4
            back = (tag >> 5) << 8 | data[at + 1]
            at += 2
        elif kind == 2:
            count = (tag >> 2) + 1
            back = data[at + 1] | data[at + 2] << 8
            at += 3
        else:
            count = (tag >> 2) + 1
            back = int.from_bytes(data[at + 1 : at + 5], "little")
            at += 5
        if not 0 < back <= length or at > end:
            raise IndexError
        source = length - back
        if back >= count:
            out += out[source : source + count]
        else:
            out += (out[source:] * (count // back + 1))[:count]
        length += count
    return at


def end_of(data: bytes, at: int, size: int) -> int:
    """Where content of a known size ends that begins with the element at `at`.

    Raises:
        FormatError: it does not.
    """
    out = bytearray()
    try:
        end = _unpack(data, at, len(data), out, size)
    except IndexError as error:
        raise FormatError(_DAMAGED) from error
    if len(out) != size:
        raise FormatError(_DAMAGED)
    return end


def elements(data: bytes, start: int, end: int) -> Elements:
    """The elements of a sound block, each with what it stands for."""
    _, at = read_length(data, start, end)
    starts, outs, literals = [at], [0], []
    out = 0
    while at < end:
        tag = data[at]
        kind = tag & 3
        if kind == 0:
            count, at = (tag >> 2) + 1, at + 1
            if count > 60:
                wide = count - 60
                count, at = int.from_bytes(data[at : at + wide], "little") + 1, at + wide
            literals.append(at)
            at += count
        else:
            literals.append(0)
            if kind == 1:
                count, at = (tag >> 2 & 7) + 4, at + 2
            else:
                count, at = (tag >> 2) + 1, at + (3 if kind == 2 else 5)
        out += count
        starts.append(at)
        outs.append(out)
    return Elements(starts, outs, literals)


def compress(data: bytes) -> bytes:
    """A block that unpacks to `data`; copies are found by their first four bytes, as Snappy's own writer does."""
    packed = bytearray(varint_bytes(len(data)))
    seen: dict[bytes, int] = {}
    at = pending = 0
    while at + 4 <= len(data):
        word = data[at : at + 4]
        before = seen.get(word, -1)
        seen[word] = at
        if before < 0 or at - before > 0xFFFF:
            at += 1
            continue
        count = 4
        while count < 64 and at + count < len(data) and data[before + count] == data[at + count]:
            count += 1
        packed += _literal(data[pending:at])
        packed += bytes((count - 1 << 2 | 2,)) + (at - before).to_bytes(2, "little")
        at += count
        pending = at
    return bytes(packed + _literal(data[pending:]))


def _literal(data: bytes) -> bytes:
    if not data:
        return b""
    size = len(data) - 1
    if size < 60:
        return bytes((size << 2,)) + data
    wide = (size.bit_length() + 7) // 8
    return bytes((59 + wide << 2,)) + size.to_bytes(wide, "little") + data
