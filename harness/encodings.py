"""Encodings that hide a value without protecting it, and how to peel them off.

Both lanes use this: the raw lane where a cue says that an encoded run begins (`Encoding.at`), the decoded lane on
every value (`peel`). A layer's name is what `layers` in outputs says: `base64`, `url`, `hex`, `gzip`, `utf-16le` …
"""

import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.model import Buffer

__all__ = ["ENCODINGS", "Encoding", "Run", "inflate", "is_text", "peel"]


@dataclass(frozen=True, slots=True)
class Run:
    """One encoded run, by its bounds, and what it decodes to."""

    layer: str
    start: int
    end: int
    data: bytes

    def source(self, at: int) -> int:
        """Where in the encoded text byte `at` of the data comes from, as near as can be told."""
        match self.layer:
            case "utf-16le" | "utf-16be":
                return self.start + len(self.data[:at].decode("utf-8", "ignore").encode("utf-16-le"))
            case "base64":
                return self.start + at * 4 // 3
            case "hex":
                return self.start + at * 2
            case "url":
                return self.start + at
            case _:
                return self.start  # a stream has no such place

    def __repr__(self) -> str:
        return f"Run({self.layer!r}, {self.start}, {self.end})"


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoding: how to see it, and how to undo it."""

    name: str
    cue: re.Pattern[bytes]
    """Matches where a run begins."""
    at: Callable[[Buffer, int, int, int, int], Run | None]
    """`(buffer, at, floor, ceiling, limit)`: the run at or round `at` that decodes to something readable."""


_CONTROL = bytes(range(9)) + bytes(range(14, 32)) + b"\x7f"
_CARRIERS = (b"\x1f\x8b\x08", b"bplist00", b"SQLite format 3\x00", b"\x78\x9c", b"\x78\x01", b"\x78\xda")


def is_text(data: bytes) -> bool:
    """Whether a decoded piece reads as text: nine of ten bytes of its first 400 are no control characters, and what
    is above ASCII is UTF-8."""
    sample = data[:400]
    if not sample or len(sample.translate(None, _CONTROL)) < 0.9 * len(sample):
        return False
    if sample.isascii():
        return True
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3 and error.start > 0
    return True


def _is_worth(data: bytes) -> bool:
    return data.startswith(_CARRIERS) or is_text(data)


_BASE64 = re.compile(rb"(?:[A-Za-z0-9+_\-]|\\?/)+={0,2}")
_BASE64_START = re.compile(rb"(?<![A-Za-z0-9+/_\-])(?:[A-Za-z0-9+_\-]|\\?/){12,}={0,2}")
_URLSAFE = bytes.maketrans(b"-_", b"+/")
_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_\\")


def _base64_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    while at > floor and buffer[at - 1] in _ALPHABET and at - floor < limit:
        at -= 1
    found = _BASE64.match(buffer, at, min(ceiling, at + limit * 4 // 3 + 4))
    if found is None:
        return None
    body = found[0].replace(b"\\", b"").rstrip(b"=").translate(_URLSAFE)
    if len(body) < 10 or len(body) % 4 == 1:
        return None
    data = binascii.a2b_base64(body + b"=" * (-len(body) % 4))
    return Run("base64", at, found.end(), data) if _is_worth(data) else None


_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
_HEX_START = re.compile(rb"(?<![0-9A-Fa-f])(?:[2-7][0-9A-Fa-f]|[cCdDeE][0-9A-Fa-f]){8,}")


def _hex_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    found = _HEX.match(buffer, at, min(ceiling, at + 2 * limit))
    if found is None or len(found[0]) < 16:
        return None
    data = binascii.unhexlify(found[0])
    return Run("hex", at, found.end(), data) if _is_worth(data) else None


_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_URL_TEXT = re.compile(rb"[^\x00-\x20\"'<>\\\x7f]+")
_NOT_URL_TEXT = re.compile(rb"[\x00-\x20\"'<>\\\x7f]")


def _percent_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    low = max(floor, at - 2048)
    cuts = [m.end() for m in _NOT_URL_TEXT.finditer(buffer, low, at)]
    start = cuts[-1] if cuts else low
    found = _URL_TEXT.match(buffer, start, min(ceiling, start + limit))
    if found is None:
        return None
    data = _PERCENT.sub(lambda m: binascii.unhexlify(m[0][1:]), found[0])
    return Run("url", start, found.end(), data) if is_text(data) else None


def inflate(data: Buffer, *, wbits: int, limit: int) -> bytes:
    """What a deflate stream holds, as far as it is whole, at most `limit` bytes; empty where it is none."""
    stream = zlib.decompressobj(wbits)
    out = bytearray()
    view = memoryview(data)
    for start in range(0, len(view), 1 << 16):
        try:
            out += stream.decompress(view[start : start + (1 << 16)], limit - len(out) + 1)
        except zlib.error:
            break
        if len(out) > limit or stream.eof:
            break
    return bytes(out[:limit])


def _gzip_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    with memoryview(buffer) as view, view[at:ceiling] as part:
        data = inflate(part, wbits=31, limit=limit)
    return Run("gzip", at, ceiling, data) if data else None


def _zlib_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    with memoryview(buffer) as view, view[at:ceiling] as part:
        data = inflate(part, wbits=15, limit=limit)
    return Run("zlib", at, ceiling, data) if len(data) >= 8 else None


_WIDE_LE = re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e\xa0-\xff]\x00|[\x00-\xff][\x01-\x2f])+", re.DOTALL)
_WIDE_BE = re.compile(rb"(?:\x00[\x09\x0a\x0d\x20-\x7e\xa0-\xff]|[\x01-\x2f][\x00-\xff])+", re.DOTALL)
_WIDE_START = re.compile(rb"(?:[\x20-\x7e]\x00){5,}|(?:\x00[\x20-\x7e]){5,}", re.DOTALL)


def _wide_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    stop = min(ceiling, at + 2 * limit)
    little = _WIDE_LE.match(buffer, at, stop)
    start = at - 1 if at > floor and buffer[at - 1] == 0 and buffer[at] != 0 else at
    big = _WIDE_BE.match(buffer, start, stop)
    best, name = (big, "utf-16be") if len(big[0] if big else b"") > len(little[0] if little else b"") else (
        little, "utf-16le",
    )  # fmt: skip
    if best is None or len(best[0]) < 8:
        return None
    data = best[0].decode(name, "ignore").encode("utf-8", "ignore")
    return Run(name, best.start(), best.end(), data) if is_text(data) else None


ENCODINGS: tuple[Encoding, ...] = (
    Encoding("gzip", re.compile(rb"\x1f\x8b\x08"), _gzip_at),
    Encoding("zlib", re.compile(rb"\A\x78[\x01\x9c\xda]", re.DOTALL), _zlib_at),
    Encoding("utf-16", _WIDE_START, _wide_at),
    Encoding("url", _PERCENT, _percent_at),
    Encoding("hex", _HEX_START, _hex_at),
    Encoding("base64", _BASE64_START, _base64_at),
)
"""All of them; where two read one run, the earlier wins."""


def peel(value: bytes, *, limit: int) -> Iterator[Run]:
    """Every encoded run in a value, outermost only: what a run holds is for the caller to peel in turn.

    Args:
        value: the decoded value, text in UTF-8.
        limit: bytes that one run may decode to.
    """
    taken: list[tuple[int, int]] = []
    for encoding in ENCODINGS:
        for found in encoding.cue.finditer(value):
            at = found.start()
            if any(start <= at < end for start, end in taken):
                continue
            run = encoding.at(value, at, 0, len(value), limit)
            if run is not None and run.data != value[run.start : run.end]:
                taken.append((run.start, run.end))
                yield run
