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
                if 2 * len(self.data) == self.end - self.start:
                    return self.start + 2 * at  # ASCII: a character is one byte here and two there
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
    stride: int = 1
    """Where nothing readable is at a cue, nothing is at one that is nearer than this."""
    sign: bytes = b""
    """A byte without which no run is there: most values hold none, and that is told faster than by the cue."""


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
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_\\"
_REACH = 1024
"""How far before a cue its run may begin, in bytes."""
_PROBE = 600
"""Encoded bytes that tell whether the rest is worth decoding: enough for what `is_text` looks at."""


def _base64_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    before = bytes(buffer[max(floor, at - _REACH) : at])
    start = at - len(before) + len(before.rstrip(_ALPHABET))
    run = _base64_from(buffer, start, ceiling, limit)
    if run is None and before.endswith(b"\\"):
        # Either a path ends here, or the first character is the rest of an escape: `\nSGVsbG8…`
        return _base64_from(buffer, at, ceiling, limit) or _base64_from(buffer, at + 1, ceiling, limit)
    return run


def _base64_from(buffer: Buffer, start: int, ceiling: int, limit: int) -> Run | None:
    if _is_no_text(bytes(buffer[start : min(start + _LOOK, ceiling)])):
        return None
    stop = min(ceiling, start + limit * 4 // 3 + 4)
    for end in (min(stop, start + _PROBE), stop):  # what is not worth it must cost little, however long it is
        found = _BASE64.match(buffer, start, end)
        if found is None:
            return None
        body = found[0].replace(b"\\", b"").rstrip(b"=").translate(_URLSAFE)
        if found.end() == end < ceiling:
            body = body[: len(body) // 4 * 4]
        if len(body) < 10 or len(body) % 4 == 1:
            return None
        data = binascii.a2b_base64(body + b"=" * (-len(body) % 4))[:limit]
        if not _is_worth(data):
            return None
        run = Run("base64", start, found.end(), data)
    return run


_LOOK = 24
"""Characters; what eighteen bytes of other things than text hardly ever pass for."""


def _is_no_text(head: bytes) -> bool:
    """Whether that much of a run tells that it decodes to nothing readable: identifiers and hashes, mostly."""
    if len(head) < _LOOK or head.translate(None, _ALPHABET[:-1]):
        return False
    data = binascii.a2b_base64(head.translate(_URLSAFE))
    if data.isascii() or data.startswith(_CARRIERS):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start < len(data) - 3
    return False


_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
_HEX_START = re.compile(rb"(?<![0-9A-Fa-f])(?:[2-7][0-9A-Fa-f]|[cCdDeE][0-9A-Fa-f]){8,}")


def _hex_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    stop = min(ceiling, at + 2 * limit)
    for end in (min(stop, at + 2 * _PROBE), stop):
        found = _HEX.match(buffer, at, end)
        if found is None or len(found[0]) < 16:
            return None
        data = binascii.unhexlify(found[0])
        if not _is_worth(data):
            return None
        run = Run("hex", at, found.end(), data)
    return run


_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_URL_TEXT = re.compile(rb"[^\x00-\x20\"'<>\\\x7f]+")
_ENDS_URL = bytes(0 if byte in b"\x7f\"'<>\\" or byte <= 0x20 else 1 for byte in range(256))


def _percent_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    low = max(floor, at - 2 * _REACH)
    start = low + bytes(buffer[low:at]).translate(_ENDS_URL).rfind(0) + 1
    stop = min(ceiling, start + limit)
    for end in (min(stop, start + 2 * _PROBE), stop):
        found = _URL_TEXT.match(buffer, start, end)
        if found is None:
            return None
        data = _PERCENT.sub(lambda m: binascii.unhexlify(m[0][1:]), found[0])
        if not is_text(data):
            return None
        run = Run("url", start, found.end(), data)
    return run


_HEADER = 4096
"""Bytes; a stream that gives nothing by then has a longer name or comment than any writer gives it."""


def inflate(data: Buffer, *, wbits: int, limit: int) -> bytes:
    """What a deflate stream holds, as far as it is whole, at most `limit` bytes; empty where it is none."""
    stream = zlib.decompressobj(wbits)
    out = bytearray()
    view = memoryview(data)
    end = 0
    while end < len(view):
        start, end = end, end + (_HEADER if end == 0 else 1 << 16)
        try:
            out += stream.decompress(view[start:end], limit - len(out) + 1)
        except zlib.error:
            break
        # A header that goes on and on is none: a file of them must not be read to its end by each.
        if not out or len(out) > limit or stream.eof:
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
    Encoding("gzip", re.compile(rb"\x1f\x8b\x08"), _gzip_at, sign=b"\x1f"),
    Encoding("zlib", re.compile(rb"\A\x78[\x01\x9c\xda]", re.DOTALL), _zlib_at, sign=b"x"),
    Encoding("utf-16", _WIDE_START, _wide_at, sign=b"\x00"),
    Encoding("url", _PERCENT, _percent_at, stride=64, sign=b"%"),
    Encoding("hex", _HEX_START, _hex_at),
    Encoding("base64", _BASE64_START, _base64_at),
)
"""All of them; where two read one run, the earlier wins."""


_LONG = re.compile(rb"[A-Za-z0-9+/_\-\\]{12}")
"""No value without such a word holds Base64 or hex."""
_SHORT_RUNS = tuple(each for each in ENCODINGS if each.sign)


def peel(value: bytes, *, limit: int) -> Iterator[Run]:
    """Every encoded run in a value, outermost only: what a run holds is for the caller to peel in turn.

    Args:
        value: the decoded value, text in UTF-8.
        limit: bytes that one run may decode to.
    """
    taken = bytearray()
    for encoding in ENCODINGS if _LONG.search(value) else _SHORT_RUNS:
        if encoding.sign not in value:
            continue
        following = 0
        for found in encoding.cue.finditer(value):
            at = found.start()
            if at < following or (taken and taken[at]):
                continue
            run = encoding.at(value, at, 0, len(value), limit)
            if run is None or run.data == value[run.start : run.end]:
                following = at + encoding.stride
                continue
            taken = taken or bytearray(len(value))
            taken[run.start : run.end] = b"\x01" * (run.end - run.start)
            yield run
