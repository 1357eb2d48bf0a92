"""Encodings that hide a value without protecting it, and how to peel them off.

Both lanes use this: the raw lane where a cue says that an encoded run begins (`Encoding.at`), the decoded lane on
every value (`peel`). A layer's name is what `layers` in outputs says: `base64`, `url`, `hex`, `gzip`, `utf-16le` …
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.encodings.double_bits import BITS, bits_at
from harness.encodings.escapes import ENTITY, PERCENT, QUOTED, entities_at, percent_at, quoted_at
from harness.encodings.packed import ZSTD, zstd_at
from harness.encodings.radix import BASE64_START, BASE64_TEXT, HEX_START, base64_at, hex_at, touching_base64
from harness.encodings.runs import Run, is_text
from harness.encodings.snappy_frames import FRAMED, framed_at
from harness.encodings.tokens import TOKEN, token_at
from harness.encodings.unmarked import unmarked
from harness.model import Buffer

__all__ = ["ENCODINGS", "Encoding", "Run", "inflate", "is_text", "peel"]


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


_WIDE_LE = re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e\xa0-\xff]\x00|[\x00-\xff][\x01-\x2f])++", re.DOTALL)
_WIDE_BE = re.compile(rb"(?:\x00[\x09\x0a\x0d\x20-\x7e\xa0-\xff]|[\x01-\x2f][\x00-\xff])++", re.DOTALL)
_WIDE_START = re.compile(rb"(?:[\x20-\x7e]\x00){5,}+|(?:\x00[\x20-\x7e]){5,}+", re.DOTALL)


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
    Encoding("zstd", re.compile(re.escape(ZSTD)), zstd_at, sign=ZSTD),
    Encoding("snappy", re.compile(re.escape(FRAMED)), framed_at, sign=FRAMED),
    Encoding("utf-16", _WIDE_START, _wide_at, sign=b"\x00"),
    Encoding("url", PERCENT, percent_at, stride=64, sign=b"%"),
    Encoding("double-bits", BITS, bits_at),
    Encoding("jwt", TOKEN, token_at, sign=b".ey"),
    Encoding("hex", HEX_START, hex_at),
    Encoding("base64", BASE64_START, base64_at),
    Encoding("quoted-printable", QUOTED, quoted_at, sign=b"="),
    Encoding("html", ENTITY, entities_at, sign=b"&"),
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
    stream = None if value.isascii() else unmarked(value, limit)
    if stream is not None:
        yield stream
        return
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
    yield from _touching(value, taken, limit)


def _touching(value: bytes, taken: bytearray, limit: int) -> Iterator[Run]:
    """Base64 behind a prefix of the same characters, as in `user_amFu…`, where no other run was seen."""
    following = 0
    for found in BASE64_TEXT.finditer(value):
        at = found.start()
        if at < following or (taken and taken[at]):
            continue
        floor, ceiling = (taken.rfind(1, 0, at) + 1, taken.find(1, at)) if taken else (0, -1)
        run = touching_base64(value, at, floor, ceiling if ceiling >= 0 else len(value), limit)
        if run is not None:
            following = run.end
            yield run
