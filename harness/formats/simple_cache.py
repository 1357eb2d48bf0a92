"""Entries of Chromium's simple cache: what a WebView fetched, one file for each address, with headers and body."""

import contextlib
import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, ClassVar

from harness.encodings import is_text
from harness.encodings.unmarked import unbrotli
from harness.errors import FormatError
from harness.formats._latin import latin, plain_text
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat, Worth
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Piece, Sample
from harness.limits import Limits
from harness.model import Document, Ledger, Share, Value

__all__ = ["CacheEntry", "SimpleCache"]

_INITIAL, _FINAL = 0xFCFB6D1BA7725C30, 0xF4FA6F45970D41D8
_RANGE, _INDEX = 0xEB97BF016553676B, 0x656E74657220796F
_HEADER, _END, _SPARSE = struct.Struct("<QIII4x"), struct.Struct("<QIII4x"), struct.Struct("<QqqI4x")
_LONG = struct.Struct("<q")
_HAS_CRC, _HAS_SHA = 1, 2
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_PLAUSIBLE = range(12_000_000_000_000_000, 17_000_000_000_000_000)
"""Microseconds since 1601, from 1981 to 2139."""
_STATUS = re.compile(rb"HTTP/[0-9.]{1,4} \d{3}")
_LINE = re.compile(rb"[^\x00]+")
_MOST_LINES = 10_000
"""Of a header; Chromium takes no more than 256 KiB of one."""
_WHEN = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
_ON_DISK = 5


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A response to keep."""

    key: str
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    status: str = "HTTP/1.1 200"
    requested: datetime = _WHEN
    received: datetime = _WHEN


_URL = "1/0/https://api.example.net/me?mail=jane@example.org"
_BODY = '{"phone": "+44 7700 900123"}'
_PACKED = zlib.compress(b"jane@example.com " * 9, wbits=31)
_TIMES = (Value(("requested",), _WHEN), Value(("received",), _WHEN), Value(("status",), "HTTP/1.1 200"))


class SimpleCache(TokenFormat):
    """A locator is `key`, `body`, `status`, `requested`, `received`, or `headers` and a name.

    A body in Brotli, which only its header tells of, is unknown in the ledger where it cannot be unpacked.
    """

    title = "Chromium simple cache entry"
    source = "Chromium, net/disk_cache/simple/simple_entry_format.h; net/http/http_response_info.cc"
    framed = True
    container_only = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            CacheEntry(_URL, _BODY.encode(), (("content-type", "application/json"), ("x-user", "jane@example.com"))),
            (
                Value(("key",), _URL),
                Value(("body",), _BODY),
                Value(("headers", "content-type"), "application/json"),
                Value(("headers", "x-user"), "jane@example.com"),
                *_TIMES,
            ),
        ),
        Sample(
            CacheEntry(_URL, _PACKED, (("content-encoding", "gzip"),)),
            (
                Value(("key",), _URL),
                Value(("body",), _PACKED),
                Value(("headers", "content-encoding"), "gzip"),
                *_TIMES,
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        if len(head) < 20:
            return 0.0
        magic, version, length, _ = _HEADER.unpack(head[:24].ljust(24, b"\x00"))
        if magic == _INITIAL:
            return 0.97 if version <= 99 and _HEADER.size + length <= size else 0.0
        return 0.97 if int.from_bytes(head[8:16], "little") == _INDEX else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        reading, entry = _read(bytes(document.data))

        def share(token: Token) -> Share:
            is_packed = token.start < token.end and (token.start, token.end) == entry.packed
            is_lost = is_packed and unbrotli(entry.data[token.start : token.end], limits.expanded_bytes)[1]
            return Share.UNKNOWN if is_lost else Share.DECODED

        return reading.account(share=share)

    def read(self, document: Document, limits: Limits) -> Reading:
        return _read(bytes(document.data))[0]

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """The headers with their names, and what is not ASCII; a body is swept as it is."""
        return lambda raw, token: token.steps != ("body",)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """Headers with their names, and a body that was in Brotli."""
        yield from super().expand(document, telling, limits)
        reading, entry = _read(bytes(document.data))
        reading.account()  # reads it, and with it which body is packed
        body, _ = unbrotli(entry.data[slice(*entry.packed)], limits.expanded_bytes)
        if body:
            yield Piece(body, ((0, entry.packed[0]),))

    def encode(self, content: Any) -> Document:
        """`content` is a `CacheEntry`, written as version 5, which is that of entries on disk."""
        try:
            key = content.key.encode()
            info = _info(content)
        except (UnicodeEncodeError, struct.error, AttributeError, OverflowError) as error:
            raise FormatError("cannot be written as a cache entry") from error
        head = _HEADER.pack(_INITIAL, _ON_DISK, len(key), _hash(key)) + key
        body = content.body + _END.pack(_FINAL, _HAS_CRC, zlib.crc32(content.body), 0)
        digest = hashlib.sha256(key).digest()
        return Document(
            head + body + info + digest + _END.pack(_FINAL, _HAS_CRC | _HAS_SHA, zlib.crc32(info), len(info))
        )


def _info(entry: CacheEntry) -> bytes:
    """What Chromium keeps of a response beside its body: times and headers, in a pickle of its own."""
    lines = [entry.status, *(f"{name}: {value}" for name, value in entry.headers)]
    if any("\x00" in line for line in lines) or not _STATUS.match(lines[0].encode()):
        raise FormatError("a header that cannot be written")
    headers = b"".join(line.encode() + b"\x00" for line in lines) + b"\x00"
    times = [_LONG.pack((when - _EPOCH) // timedelta(microseconds=1)) for when in (entry.requested, entry.received)]
    payload = struct.pack("<I", 3) + b"".join(times) + struct.pack("<I", len(headers)) + headers
    payload += bytes(-len(payload) % 4)
    return struct.pack("<I", len(payload)) + payload


def _hash(key: bytes) -> int:
    """Paul Hsieh's SuperFastHash, by which Chromium knows a key."""
    low, mask = len(key), 0xFFFFFFFF
    whole = len(key) // 4 * 4
    for at in range(0, whole, 4):
        low = (low + int.from_bytes(key[at : at + 2], "little")) & mask
        high = (int.from_bytes(key[at + 2 : at + 4], "little") << 11) ^ low
        low = ((low << 16) ^ high) & mask
        low = (low + (low >> 11)) & mask
    rest = key[whole:]
    signed = int.from_bytes(rest[-1:], "little", signed=True)
    if len(rest) == 3:
        low = (low + int.from_bytes(rest[:2], "little")) & mask
        low ^= (low << 16) & mask
        low = (low ^ (signed << 18)) & mask
        low = (low + (low >> 11)) & mask
    elif len(rest) == 2:
        low = (low + int.from_bytes(rest, "little")) & mask
        low ^= (low << 11) & mask
        low = (low + (low >> 17)) & mask
    elif rest:
        low = (low + signed) & mask
        low ^= (low << 10) & mask
        low = (low + (low >> 1)) & mask
    for left, right in ((3, 5), (4, 17), (25, 6)):
        low = (low ^ (low << left)) & mask
        low = (low + (low >> right)) & mask
    return low


# -- reading -------------------------------------------------------------------------------------


def _read(data: bytes) -> tuple[Reading, "_Entry"]:
    entry = _Entry(data)
    return Reading(Text(data, data), entry.tokens, latin), entry


class _Entry:
    """One file of a cache: an entry's first (headers and body), second or sparse one, or an index."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.packed = (0, 0)
        """Bounds of a body in Brotli; known once `tokens` come to it."""

    def tokens(self) -> Iterator[Token]:
        data = self.data
        if data[:8] != _INITIAL.to_bytes(8, "little"):
            self._index()
            return
        if len(data) == _HEADER.size and not any(data[12:]):
            return  # beside the entries lies a file `index` that says their version, and nothing else
        if len(data) < _HEADER.size + _END.size:
            raise FormatError("a cache entry that ends in its header")
        _, _, length, _ = _HEADER.unpack_from(data)
        start = _HEADER.size + length
        if start > len(data):
            raise FormatError("a cache entry that ends in its key")
        yield Token(_HEADER.size, start, ("key",), Role.VALUE, plain_text(data[_HEADER.size : start]))
        if data[start : start + 8] == _RANGE.to_bytes(8, "little"):
            yield from self._ranges(start)
            return
        magic, flags, crc, size = _END.unpack_from(data, len(data) - _END.size)
        if magic != _FINAL or len(data) - _END.size < start:
            raise FormatError("a cache entry without an end")
        stop = len(data) - _END.size - (32 if flags & _HAS_SHA else 0)
        info = stop - size
        if info - _END.size >= start and data[info - _END.size :][:8] == _FINAL.to_bytes(8, "little"):
            yield from self._both(start, info, stop, crc if flags & _HAS_CRC else None)
        elif start < stop:
            yield self._body(start, stop)
            self._check(start, stop, crc if flags & _HAS_CRC else None)

    def _both(self, start: int, info: int, stop: int, crc: int | None) -> Iterator[Token]:
        end = info - _END.size
        headers = list(self._headers(info, stop))
        coding = {str(token.value).lower() for token in headers if token.steps == ("headers", "content-encoding")}
        if "br" in coding:
            self.packed = (start, end)
        if start < end:
            yield self._body(start, end)
        yield from headers
        _, flags, body_crc, _ = _END.unpack_from(self.data, end)
        self._check(start, end, body_crc if flags & _HAS_CRC else None)
        self._check(info, stop, crc)

    def _body(self, start: int, end: int) -> Token:
        raw = self.data[start:end]
        value: str | bytes = raw
        if is_text(raw):
            with contextlib.suppress(UnicodeDecodeError):
                value = raw.decode("utf-8")
        return Token(start, end, ("body",), Role.VALUE, value)

    def _check(self, start: int, end: int, crc: int | None) -> None:
        if crc is not None and zlib.crc32(self.data[start:end]) != crc:
            raise FormatError(f"a checksum of other content at byte {start}")

    def _headers(self, start: int, end: int) -> Iterator[Token]:
        """The times and headers of a response, and all that is kept behind them: certificates, the server's address.

        The flags before them say more or less with each version of Chromium, so what is sought is what cannot be
        mistaken: times of our day, and a status line after its length.
        """
        status = _STATUS.search(self.data, start, min(end, start + 64))
        if status is None:
            if start < end:
                yield Token(start, end, ("info",), Role.VALUE, self.data[start:end])
            return
        first = status.start()
        at, names = start + 8, ["requested", "received", "first received"]
        while at + 12 <= first and names:
            (micros,) = _LONG.unpack_from(self.data, at)
            if micros in _PLAUSIBLE:
                when = _EPOCH + timedelta(microseconds=micros)
                yield Token(at, at + 8, (names.pop(0),), Role.VALUE, when)
                at += 4
            at += 4
        length = int.from_bytes(self.data[first - 4 : first], "little")
        stop = first + length if 0 < length <= end - first else end
        rest = min(end, stop + -length % 4)
        for line in islice(_LINE.finditer(self.data, first, stop), _MOST_LINES):
            yield from self._header(*line.span(), is_status=line.start() == first)
        if self.data[rest:end].strip(b"\x00"):
            yield Token(rest, end, ("info",), Role.VALUE, self.data[rest:end])

    def _header(self, start: int, end: int, *, is_status: bool) -> Iterator[Token]:
        colon = self.data.find(b":", start, end)
        if is_status or colon < 0:
            steps = ("status",) if is_status else ("headers",)
            yield Token(start, end, steps, Role.VALUE, plain_text(self.data[start:end]))
            return
        name = plain_text(self.data[start:colon])
        value = colon + 1
        while value < end and self.data[value] == 0x20:
            value += 1
        yield Token(start, colon, ("headers", name.lower()), Role.KEY, name)
        yield Token(value, end, ("headers", name.lower()), Role.VALUE, plain_text(self.data[value:end]))

    def _ranges(self, at: int) -> Iterator[Token]:
        """Parts of a body that was fetched piece by piece, each with its place in it."""
        while at < len(self.data):
            if at + _SPARSE.size > len(self.data):
                raise FormatError("a part of a body that is cut off")
            magic, offset, length, crc = _SPARSE.unpack_from(self.data, at)
            start = at + _SPARSE.size
            at = start + length
            if magic != _RANGE or length < 0 or at > len(self.data):
                raise FormatError(f"a part of a body that is none before byte {start}")
            yield Token(start, at, ("body", offset), Role.VALUE, self.data[start:at])
            self._check(start, at, crc or None)

    def _index(self) -> None:
        """Hashes, sizes and times of all entries: nothing that a person wrote."""
        data = self.data
        if data[8:16] != _INDEX.to_bytes(8, "little") or int.from_bytes(data[:4], "little") != len(data) - 8:
            raise FormatError("neither an entry of a cache nor its index")
        if zlib.crc32(data[8:]) != int.from_bytes(data[4:8], "little"):
            raise FormatError("a checksum of another index")
