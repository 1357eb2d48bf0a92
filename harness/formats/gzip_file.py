"""A whole file that is one gzip, zlib, Zstandard, Brotli or Snappy stream: its content is decoded as if it stood
there."""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, ClassVar

from harness.encodings.packed import ZSTD, unpacked
from harness.encodings.snappy_frames import FRAMED, framed, unframed
from harness.encodings.unmarked import bare_snappy, begins_unmarked, unbrotli
from harness.errors import FormatError, LimitError
from harness.formats.base import Format, Piece, Sample, fill
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, Span, State, Value

__all__ = ["GzipFile", "Snappy", "Zlib"]

_STEPS = ("content",)
_GZIP = b"\x1f\x8b\x08"
_CHUNK = 1 << 16
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Zlib:
    """What to write as a zlib stream instead of a gzip file."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Snappy:
    """What to write as Snappy in frames."""

    data: bytes = field(repr=False)


class GzipFile(Format):
    """One value, `content`: what the stream holds.

    Brotli and bare Snappy have no mark: they are believed by what they hold, and only where nothing else claims the
    file.
    """

    title = "gzip, zlib, Zstandard, Brotli or Snappy stream"
    source = "RFC 1952, RFC 1950, RFC 8878, RFC 7932; Snappy's framing_format.txt"
    container_only = True  # within a value a stream is an encoding, and `layers` says so
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(b'{"Email":"jane@example.org"}' * 9, (Value(_STEPS, b'{"Email":"jane@example.org"}' * 9),)),
        Sample(Zlib(b"+44 7700 900123 " * 9), (Value(_STEPS, b"+44 7700 900123 " * 9),)),
        Sample(Snappy(b"jane@example.org, +44 7700 900123"), (Value(_STEPS, b"jane@example.org, +44 7700 900123"),)),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if head.startswith(_GZIP) and len(head) > 18 and not head[3] & 0xE0:
            return 0.95
        if head.startswith(ZSTD) and len(head) > 8 and not head[4] & 8:
            return 0.95
        if head.startswith(FRAMED) and len(head) > len(FRAMED):
            return 0.95
        is_like_zlib = len(head) >= 12 and head[0] & 0x8F == 0x08 and not int.from_bytes(head[:2]) % 31
        if is_like_zlib and not head[1] & 0x20 and _is_zlib(head, whole=size <= len(head)):
            return 0.92
        return 0.6 if not head.isascii() and begins_unmarked(head, size) else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        stream = _inflated(bytes(document.data), limits)
        spans = [Span(0, stream.used, Share.DECODED)]
        rest = Share.FAILED if stream.fault else Share.UNKNOWN
        return Ledger({"": fill(spans, len(document.data), rest)}, str(stream.fault or ""))

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        stream = _inflated(bytes(document.data), limits)
        inside, outside = Place(_STEPS, State.LIVE, stream.data), Place((), State.RAW)
        return [inside if 0 <= offset < max(1, stream.used) else outside for offset in offsets]

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        stream = _inflated(bytes(document.data), limits)
        if stream.data or not stream.fault:
            yield Value(_STEPS, stream.data)
        fault = stream.fault
        del stream  # a fault knows where it was raised, and would keep all that was unpacked alive
        if fault:
            try:
                raise fault
            finally:
                del fault

    def encode(self, content: Any) -> Document:
        """`content` is bytes, written as gzip without name or time; or `Zlib`, or `Snappy`."""
        if isinstance(content, Zlib | Snappy):
            return Document(zlib.compress(content.data) if isinstance(content, Zlib) else framed(content.data))
        packer = zlib.compressobj(wbits=31)
        try:
            return Document(packer.compress(content) + packer.flush())
        except TypeError as error:
            raise FormatError("only bytes can be packed") from error

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """All that the stream holds."""
        stream = _inflated(bytes(document.data), limits)
        if stream.data:
            yield Piece(stream.data)


@dataclass(frozen=True, slots=True)
class _Stream:
    data: bytes = field(repr=False)
    used: int
    """How many bytes of the file went into it."""
    fault: FormatError | None = None


def _inflated(data: bytes, limits: Limits) -> _Stream:
    """What one file's members hold together, as far as they can be read."""
    most = limits.unpacked(len(data))
    if data.startswith(ZSTD):
        return _unpacked(data, most, *unpacked(data, most))
    if data.startswith(FRAMED):
        return _unpacked(data, most, *unframed(data, most))
    kind = _unmarked(data)
    if kind:
        out, wrong = unbrotli(data, most) if kind == "brotli" else bare_snappy(data, most)
        return _unpacked(data, most, out, 0 if wrong else len(data), wrong)
    return _deflated(data, most)


def _unmarked(data: bytes) -> str:
    """`brotli` or `snappy`, where it is that rather than gzip or zlib."""
    head = data[:_HEAD]
    if head.startswith(_GZIP) or head.isascii() or _is_zlib(head, whole=len(data) <= _HEAD):
        return ""
    return begins_unmarked(head, len(data))


def _deflated(data: bytes, most: int) -> _Stream:
    out = BytesIO()  # gives what it holds without a copy
    wbits = 31 if data.startswith(_GZIP) else 15
    at = 0
    while at == 0 or data.startswith(_GZIP, at):
        stream = zlib.decompressobj(wbits)
        fed = at
        while not stream.eof:
            chunk = stream.unconsumed_tail or data[fed : fed + _CHUNK]
            fed += 0 if stream.unconsumed_tail else len(chunk)
            if not chunk:
                return _Stream(out.getvalue(), at, FormatError("the stream ends in the middle"))
            try:
                out.write(stream.decompress(chunk, _CHUNK * 16))
            except zlib.error as error:
                fault = FormatError("the stream is damaged")
                fault.__cause__ = error.with_traceback(None)  # which would keep alive what was unpacked
                return _Stream(out.getvalue(), at, fault)
            if out.tell() > most:
                out.truncate(most)
                return _Stream(out.getvalue(), fed, LimitError("the stream unpacks to more than the limit allows"))
        at = fed - len(stream.unused_data)
        if wbits == 15:
            break
    if data[at:].strip(b"\x00"):
        return _Stream(out.getvalue(), at, FormatError(f"goes on after its end at byte {at}"))
    return _Stream(out.getvalue(), at)


def _unpacked(data: bytes, most: int, out: bytes, used: int, wrong: str) -> _Stream:
    if len(out) == most and wrong:
        return _Stream(out, used, LimitError(wrong))
    if not wrong and data[used:].strip(b"\x00"):
        wrong = f"goes on after its end at byte {used}"
    return _Stream(out, used, FormatError(wrong) if wrong else None)


def _is_zlib(head: bytes, *, whole: bool) -> bool:
    """Whether the beginning inflates: the two bytes of a zlib header are too few to believe them alone."""
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(head, _CHUNK)
    except zlib.error:
        return False
    return bool(data) and (stream.eof or not whole or bool(stream.unconsumed_tail))
