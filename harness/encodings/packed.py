"""Zstandard streams (RFC 8878), where the library for them is installed: it is an extra, and few apps need it."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

from harness.encodings.runs import Run

if TYPE_CHECKING:
    from harness.model import Buffer

__all__ = ["ZSTD", "unpacked", "zstd_at"]

ZSTD = b"\x28\xb5\x2f\xfd"
_FED = 1 << 10
"""Bytes at a time: four of them may say that 128 KiB of the same byte follow."""
_WINDOW = 1 << 27
_GIVES = 4096
"""A stream that gives nothing by then is none."""


def unpacked(data: Buffer, limit: int) -> tuple[bytes, int, str]:
    """What the frames at the begin of `data` hold, up to `limit` bytes; how many bytes they take; what is wrong."""
    try:
        library: Any = import_module("zstandard")
    except ImportError:
        return b"", 0, "zstandard is not installed"
    out = BytesIO()  # gives what it holds without a copy
    view = memoryview(data)
    at = 0
    while at == 0 or bytes(view[at : at + 4]) == ZSTD:
        stream = library.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        fed = at
        while not stream.eof:
            chunk = view[fed : fed + _FED]
            if not len(chunk):
                return out.getvalue(), at, "the stream ends in the middle"
            try:
                out.write(stream.decompress(chunk))
            except library.ZstdError:
                return out.getvalue(), at, "the stream is damaged"
            fed += len(chunk)
            if out.tell() > limit:
                out.truncate(limit)
                return out.getvalue(), fed, "the stream unpacks to more than the limit allows"
            if not out.tell() and fed - at > _GIVES:
                return b"", at, "the stream gives nothing"
        at = fed - len(stream.unused_data)
    return out.getvalue(), at, ""


def zstd_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The stream that begins at `at`, as far as it is whole."""
    del floor
    with memoryview(buffer) as view, view[at:ceiling] as part:
        data, used, _ = unpacked(part, limit)
    return Run("zstd", at, at + used if used else ceiling, data) if data else None
