"""`Cookies.binarycookies`: the cookies of NSHTTPCookieStorage and WKWebView, one page for each domain."""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._apple_time import moment, seconds_of
from harness.formats._latin import latin, plain_text
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat, Worth, all_values
from harness.formats._tokens import Reading, Role, Token
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, State, Step, Value

__all__ = ["BinaryCookies", "Cookie"]

_MAGIC, _PAGE, _FOOTER = b"cook", b"\x00\x00\x01\x00", b"\x07\x17\x20\x05"
_RECORD = struct.Struct("<10I2d")
_TEXTS = ("domain", "name", "path", "value", "comment", "comment URL")
_SECURE, _HTTP_ONLY = 1, 4
_WHEN = datetime(2030, 2, 28, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie to write."""

    domain: str
    name: str
    value: str = field(repr=False)
    path: str = "/"
    expires: datetime = _WHEN
    created: datetime = _WHEN
    is_secure: bool = False
    is_http_only: bool = False
    port: int = 0
    comment: str = field(default="", repr=False)


def _sample() -> Sample:
    cookies = (
        Cookie(".shop.test", "session", "jane@example.org", is_secure=True, is_http_only=True),
        Cookie(".shop.test", "phone", "+44 7700 900123", "/account", port=8443, comment="Zoë"),
        Cookie("pay.test", "cart", ""),
    )
    dates = [
        Value((cookie.domain, cookie.path, cookie.name, name), _WHEN)
        for cookie in cookies
        for name in ("creation date", "expiry date")
    ]
    values = (
        Value((".shop.test", "/", "session"), "jane@example.org"),
        Value((".shop.test", "/", "session", "flags"), "Secure HttpOnly"),
        Value((".shop.test", "/account", "phone"), "+44 7700 900123"),
        Value((".shop.test", "/account", "phone", "flags"), ""),
        Value((".shop.test", "/account", "phone", "port"), 8443),
        Value((".shop.test", "/account", "phone", "comment"), "Zoë"),
        Value(("pay.test", "/", "cart"), ""),
        Value(("pay.test", "/", "cart", "flags"), ""),
        Value(("metadata",), _METADATA),
    )
    return Sample(cookies, (*values, *dates))


_METADATA = (
    b"bplist00\xd1\x01\x02_\x10\x18NSHTTPCookieAcceptPolicy\x10\x02\x08\x0b&"
    + bytes(6)
    + b"\x01\x01"
    + b"".join(number.to_bytes(8, "big") for number in (3, 0, 40))
)
"""What Foundation writes behind the pages: that cookies of the visited domain alone are taken."""


class BinaryCookies(TokenFormat):
    """A locator is domain, path and name, where the value is, and behind them one of `creation date`, `expiry date`,
    `flags`, `port`, `comment`."""

    title = "Apple binary cookies"
    source = "CFNetwork, as read by Satishb3's BinaryCookieReader and interstateone's BinaryCookies"
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (_sample(), Sample((), (Value(("metadata",), _METADATA),)))

    def sniff(self, head: bytes, size: int) -> float:
        if not head.startswith(_MAGIC) or len(head) < 16:
            return 0.0
        count = int.from_bytes(head[4:8], "big")
        at = 8 + 4 * count
        if at + 8 > size:
            return 0.0
        if not count:
            return 0.97 if head[12:16] == _FOOTER else 0.0
        return 0.97 if at + 4 > len(head) or head[at : at + 4] == _PAGE else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), _Jar(data).tokens, latin)

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """The values with their names, which stand in any order, and what is binary."""
        return all_values

    def encode(self, content: Any) -> Document:
        """`content` is a sequence of `Cookie`, each domain on a page of its own."""
        pages: dict[str, list[bytes]] = {}
        try:
            for cookie in content:
                pages.setdefault(cookie.domain, []).append(_record(cookie))
        except (struct.error, UnicodeEncodeError, AttributeError) as error:
            raise FormatError("cannot be written as a cookie") from error
        written = [_page(records) for records in pages.values()]
        checksum = sum(sum(page[::4]) for page in written) & 0xFFFFFFFF
        head = _MAGIC + struct.pack(f">{len(written) + 1}I", len(written), *map(len, written))
        tail = struct.pack(">I", checksum) + _FOOTER + struct.pack(">I", len(_METADATA)) + _METADATA
        return Document(head + b"".join(written) + tail)


def _record(cookie: Cookie) -> bytes:
    texts = [cookie.domain, cookie.name, cookie.path, cookie.value]
    if any("\x00" in text for text in (*texts, cookie.comment)):
        raise FormatError("a text of a cookie holds no zero")
    port = struct.pack("<H", cookie.port) if cookie.port else b""
    at = _RECORD.size + len(port)
    offsets: list[int] = []
    body = port
    for text in (*texts, cookie.comment):
        offsets.append(at if text or len(offsets) < len(texts) else 0)
        body += text.encode() + b"\x00" if offsets[-1] else b""
        at = _RECORD.size + len(body)
    flags = _SECURE * cookie.is_secure | _HTTP_ONLY * cookie.is_http_only
    times = [seconds_of(when) for when in (cookie.expires, cookie.created)]
    return _RECORD.pack(at, 0, flags, int(bool(port)), *offsets, 0, *times) + body


def _page(records: Sequence[bytes]) -> bytes:
    at = 12 + 4 * len(records)
    offsets = []
    for record in records:
        offsets.append(at)
        at += len(record)
    return _PAGE + struct.pack(f"<{len(records) + 2}I", len(records), *offsets, 0) + b"".join(records)


# -- reading -------------------------------------------------------------------------------------


class _Jar:
    """One file, read from front to back; what is wrong with one cookie costs that one, and is told at the end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.fault: FormatError | None = None

    def tokens(self) -> Iterator[Token]:
        self.fault = None
        count = self._number(4, ">I") if self.data.startswith(_MAGIC) else 0
        at = 8 + 4 * count
        if at > len(self.data):
            raise FormatError("more pages than the file has room for")
        checksum = 0
        for number in range(count):
            end = at + self._number(8 + 4 * number, ">I")
            if end > len(self.data):
                raise FormatError(f"a page that is cut off at byte {at}")
            yield from self._page(at, end, number)
            checksum += sum(self.data[at:end:4])
            at = end
        yield from self._tail(at, checksum & 0xFFFFFFFF)
        if self.fault:
            raise self.fault

    def _number(self, at: int, kind: str) -> int:
        try:
            return int(struct.unpack_from(kind, self.data, at)[0])
        except struct.error as error:
            raise FormatError("the file of cookies ends in the middle") from error

    def _page(self, start: int, end: int, number: int) -> Iterator[Token]:
        """The cookies of a page in the order of their bytes, and what stands between them."""
        count = self._number(start + 4, "<I")
        at = start + 12 + 4 * count
        if self.data[start : start + 4] != _PAGE or at > end:
            yield self._failed(start, end, "a page that is none")
            return
        starts = sorted(start + self._number(start + 8 + 4 * index, "<I") for index in range(count))
        for begin, following in pairwise((*starts, end)):
            if begin < at or begin + _RECORD.size > end:
                yield self._failed(at, max(at, following), "a cookie outside of its page")
                at = max(at, following)
                continue
            yield from self._between(at, begin, number)
            at = begin + self._number(begin, "<I")
            if not begin + _RECORD.size <= at <= following:
                yield self._failed(begin, following, "a cookie of another length than it has")
                at = following
                continue
            yield from self._cookie(begin, at)
        yield from self._between(at, end, number)

    def _between(self, start: int, end: int, number: int) -> Iterator[Token]:
        """Bytes that no cookie claims, which may have been one's."""
        if self.data[start:end].strip(b"\x00"):
            yield Token(start, end, ("page", number), Role.VALUE, self.data[start:end], State.SLACK)

    def _failed(self, start: int, end: int, why: str) -> Token:
        self.fault = self.fault or FormatError(f"{why} at byte {start}")
        return Token(start, end, (), Role.FAILED)

    def _cookie(self, start: int, end: int) -> Iterator[Token]:
        _, _, flags, has_port, *offsets, expires, created = _RECORD.unpack_from(self.data, start)
        body = start + _RECORD.size + 2 * bool(has_port)
        texts: dict[str, tuple[int, int]] = {}
        for name, offset in zip(_TEXTS, offsets, strict=True):
            if offset:
                begin = start + offset
                stop = self.data.find(b"\x00", begin, end)
                texts[name] = (begin, stop)
        bounds = sorted(texts.values())
        is_sound = all(begin >= body and stop >= 0 for begin, stop in bounds)
        if not (is_sound and set(_TEXTS[:4]) <= set(texts) and all(a[1] < b[0] for a, b in pairwise(bounds))):
            yield self._failed(start, end, "a cookie whose texts are not its own")
            return
        domain, cookie, path = (plain_text(self.data[slice(*texts[name])]) for name in ("domain", "name", "path"))
        steps: tuple[Step, ...] = (domain, path, cookie)
        yield Token(start + 8, start + 12, (*steps, "flags"), Role.VALUE, _flags(flags))
        yield Token(start + 40, start + 48, (*steps, "expiry date"), Role.VALUE, moment(expires))
        yield Token(start + 48, start + 56, (*steps, "creation date"), Role.VALUE, moment(created))
        if has_port:
            yield Token(body - 2, body, (*steps, "port"), Role.VALUE, self._number(body - 2, "<H"))
        for name, (begin, stop) in sorted(texts.items(), key=lambda item: item[1]):
            text = plain_text(self.data[begin:stop])
            if name in {"domain", "name", "path"}:
                yield Token(begin, stop, steps, Role.KEY, text)
            else:
                yield Token(begin, stop, steps if name == "value" else (*steps, name), Role.VALUE, text)

    def _tail(self, at: int, checksum: int) -> Iterator[Token]:
        """The checksum over the first of every four bytes of the pages, a mark, and since iOS 11 a property list."""
        told = self._number(at, ">I")
        if self.data[at + 4 : at + 8] != _FOOTER:
            raise FormatError(f"no end of the cookies at byte {at + 4}")
        if told != checksum:
            self.fault = self.fault or FormatError("a checksum of other cookies")
        if at + 8 == len(self.data):
            return
        start = at + 12
        end = start + self._number(at + 8, ">I")
        if end != len(self.data):
            raise FormatError(f"other than one property list at the end, at byte {start}")
        yield Token(start, end, ("metadata",), Role.VALUE, self.data[start:end])


def _flags(bits: int) -> str:
    names = [name for bit, name in ((_SECURE, "Secure"), (_HTTP_ONLY, "HttpOnly")) if bits & bit]
    rest = bits & ~(_SECURE | _HTTP_ONLY)
    return " ".join([*names, *([hex(rest)] if rest else [])])
