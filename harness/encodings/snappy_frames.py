"""Snappy in its framing (framing_format.txt): chunks of at most 64 KiB, each with its checksum."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from harness.encodings.runs import Run
from harness.encodings.snappy import compress, decompress
from harness.errors import FormatError

if TYPE_CHECKING:
    from harness.model import Buffer

__all__ = ["FRAMED", "framed", "framed_at", "unframed"]

FRAMED = b"\xff\x06\x00\x00sNaPpY"
"""What a stream begins with."""
_COMPRESSED, _PLAIN, _AGAIN = 0x00, 0x01, 0xFF
_MOST = 1 << 16
_MOST_CHUNKS = 1 << 18
"""Without content: of those that have some, the limit tells."""


def unframed(data: Buffer, limit: int) -> tuple[bytes, int, str]:
    """What a stream holds, up to `limit` bytes; how many bytes it takes; what is wrong."""
    out, stretches = BytesIO(), list[tuple[int, int, int]]()
    view = memoryview(data)
    at, wrong, empty = len(FRAMED), "", 0
    while not wrong and at < len(view):
        head = bytes(view[at : at + 4])
        kind, size = head[0], int.from_bytes(head[1:], "little")
        end = at + 4 + size
        if len(head) < 4 or end > len(view):
            wrong = "the stream ends in the middle"
        elif kind in {_COMPRESSED, _PLAIN}:
            wrong = _chunk(bytes(view[at + 4 : end]), kind, out, stretches)
        elif 0x02 <= kind < 0x80 or (kind == _AGAIN and bytes(view[at:end]) != FRAMED):
            break  # another stream, or none: what follows is for the caller to judge
        empty += kind not in {_COMPRESSED, _PLAIN}
        if not wrong:
            at = end
        if out.tell() > limit or empty > _MOST_CHUNKS:
            out.truncate(limit)
            wrong = "the stream unpacks to more than the limit allows"
    return _sound(out.getvalue(), stretches, at, wrong)


def _chunk(raw: bytes, kind: int, out: BytesIO, stretches: list[tuple[int, int, int]]) -> str:
    """Append what one chunk holds; returns what is wrong with it."""
    if len(raw) < 4:
        return "a chunk without a checksum"
    try:
        content = raw[4:] if kind == _PLAIN else decompress(raw, 4, len(raw), _MOST)
    except FormatError as error:
        return str(error)
    if len(content) > _MOST:
        return "a chunk that is larger than any may be"
    start = out.tell()
    out.write(content)
    stretches.append((start, start + len(content), int.from_bytes(raw[:4], "little")))
    return ""


def _sound(out: bytes, stretches: list[tuple[int, int, int]], at: int, wrong: str) -> tuple[bytes, int, str]:
    """All of it up to the first chunk whose checksum is another's."""
    from harness.encodings.crc32c import mismatches  # noqa: PLC0415 - numpy is heavy, and few files are of this kind

    whole = [each for each in stretches if each[1] <= len(out)]
    bad = mismatches(out, whole)
    if bad:
        return out[: whole[min(bad)][0]], at, "a checksum of other content"
    return out, at, wrong


def framed_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The stream that begins at `at`, as far as it is whole."""
    del floor
    with memoryview(buffer) as view, view[at:ceiling] as part:
        if bytes(part[: len(FRAMED)]) != FRAMED:
            return None
        data, used, _ = unframed(part, limit)
    return Run("snappy", at, at + used, data) if data else None


def framed(data: bytes) -> bytes:
    """A stream that holds these bytes, as `snzip` writes it."""
    from harness.encodings.crc32c import crc32c, masked  # noqa: PLC0415 - as above

    parts = [FRAMED]
    for at in range(0, len(data), _MOST):
        chunk = data[at : at + _MOST]
        body = masked(crc32c(chunk)).to_bytes(4, "little") + compress(chunk)
        parts.append(bytes([_COMPRESSED]) + len(body).to_bytes(3, "little") + body)
    return b"".join(parts)
