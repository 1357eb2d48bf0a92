"""Streams that nothing marks: Brotli (RFC 7932) and bare Snappy. They are believed where all of a value is one stream
that ends exactly where the value does, and holds something that somebody can read.

Brotli's library is an extra.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

from harness.encodings import snappy
from harness.encodings.runs import CARRIERS, Run, is_text
from harness.errors import FormatError, LimitError

if TYPE_CHECKING:
    from harness.model import Buffer

__all__ = ["bare_snappy", "begins_unmarked", "unbrotli", "unmarked"]

_SHORTEST = 16
"""Bytes; of fewer, chance makes a stream now and then."""
_LEAST = 24
"""Bytes that a stream must hold."""
_CHUNK = 1 << 16
_STEEPEST = 24
"""Times that a copy of Snappy's is longer than what says so, at most."""


@cache
def _brotli() -> Any:
    try:
        return import_module("brotli")
    except ImportError:
        return None


def unbrotli(data: Buffer, limit: int) -> tuple[bytes, str]:
    """What a stream that takes all of `data` holds, up to `limit` bytes; what is wrong."""
    library = _brotli()
    if library is None:
        return b"", "brotli is not installed"
    out, fed, stream = BytesIO(), 0, library.Decompressor()
    with memoryview(data) as view:
        while not stream.is_finished():
            chunk = b""
            if stream.can_accept_more_data():
                chunk = bytes(view[fed : fed + _CHUNK])
                fed += len(chunk)
            try:
                given = stream.process(chunk, output_buffer_limit=_CHUNK)
            except library.error:
                return out.getvalue(), "the stream is damaged, or goes on after its end"
            if not chunk and not given and not stream.is_finished():
                return out.getvalue(), "the stream ends in the middle"
            out.write(given)
            if out.tell() > limit:
                out.truncate(limit)
                return out.getvalue(), "the stream unpacks to more than the limit allows"
        return out.getvalue(), "" if fed == len(view) else "goes on after its end"


def bare_snappy(data: Buffer, limit: int) -> tuple[bytes, str]:
    """What a block that takes all of `data` holds; what is wrong."""
    raw = bytes(data)
    try:
        return snappy.decompress(raw, 0, len(raw), limit), ""
    except LimitError as error:
        return b"", str(error)
    except FormatError:
        return b"", "the block is damaged"


def unmarked(value: bytes, limit: int) -> Run | None:
    """The stream that a whole value is."""
    if len(value) < _SHORTEST or is_text(value):
        return None
    if _may_be_snappy(value, len(value)):
        data, wrong = bare_snappy(value, limit)
        if not wrong and _is_readable(data):
            return Run("snappy", 0, len(value), data)
    data, wrong = unbrotli(value, limit)
    is_whole = not wrong or len(data) == limit
    return Run("brotli", 0, len(value), data) if is_whole and _is_readable(data) else None


def begins_unmarked(head: bytes, size: int) -> str:
    """Which stream a file of this size seems to be by its head: `brotli`, `snappy`, or none."""
    if size < _SHORTEST or is_text(head):
        return ""
    if size <= len(head):
        run = unmarked(head, _CHUNK)
        return run.layer if run else ""
    if _may_be_snappy(head, size):
        data = _begun(head)
        # What it holds is no shorter than what it took, so all but the last literal was sound.
        if len(data) > 0.9 * len(head) and _is_readable(data):
            return "snappy"
    data, _ = unbrotli(head, _CHUNK)
    return "brotli" if len(data) > 4 * _LEAST and _is_readable(data) else ""


def _may_be_snappy(head: bytes, size: int) -> bool:
    """Whether the length that it begins with is one that so many bytes can hold, and a literal follows."""
    try:
        length, at = snappy.read_length(head, 0, len(head))
    except FormatError:
        return False
    return size / 2 < length <= size * _STEEPEST and at < len(head) and not head[at] & 3


def _begun(head: bytes) -> bytes:
    """What the head of a block holds; empty where it is damaged before its end."""
    try:
        return snappy.decompress(head, 0, len(head), 1 << 40, partial=True)
    except FormatError:
        return b""


def _is_readable(data: bytes) -> bool:
    return len(data) >= _LEAST and (is_text(data) or data.startswith(CARRIERS))
