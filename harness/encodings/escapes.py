"""Texts in which single characters are escaped: by a percent sign, as entities of HTML, as mail does."""

import binascii
import html
import re

from harness.encodings.runs import Run, has_wide, is_text
from harness.model import Buffer

__all__ = ["ENTITY", "PERCENT", "QUOTED", "entities_at", "percent_at", "quoted_at"]

PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
ENTITY = re.compile(rb"&(?:#0{0,5}[1-9][0-9]{1,5}|#[xX]0{0,5}[1-9A-Fa-f][0-9A-Fa-f]{1,4}|[A-Za-z][A-Za-z0-9]{1,30});")
_NO_URL = b"\"'<>\\\x7f" + bytes(range(0x21))
_URL_TEXTS = (
    (bytes(byte not in _NO_URL for byte in range(256)), re.compile(rb"[^\x00-\x20\"'<>\\\x7f]+")),
    (
        bytes(byte not in _NO_URL and byte < 0x80 for byte in range(256)),
        re.compile(rb"[^\x00-\x20\"'<>\\\x7f-\xff]+"),
    ),
)
"""What ends a text, as zeros, and what is in it."""
_REACH = 2048
"""How far before a cue its text may begin, in bytes."""
_PROBE = 1200
"""Bytes that tell whether the rest is worth decoding."""
_AROUND = 256
"""Bytes of text to either side of an entity that are read with it: a name or a number may hold blanks."""

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f]")


def percent_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The text without blanks round a percent sign; that of ASCII alone where what stands round it is no text."""
    low = max(floor, at - _REACH)
    before = bytes(buffer[low:at])
    for ends, text in _URL_TEXTS:
        start = low + before.translate(ends).rfind(0) + 1
        stop = min(ceiling, start + limit)
        end = min(stop, start + _PROBE)
        if _percent_decoded(text, buffer, start, end) is None:
            if bytes(buffer[start:end]).isascii():
                return None
            continue
        found = _percent_decoded(text, buffer, start, stop)
        if found is not None:
            raw, data = found
            closed = (escape.end() for escape in PERCENT.finditer(raw))
            jumps = tuple((end - 2 * count, end) for count, end in enumerate(closed, 1))
            return Run("url", start, start + len(raw), data, jumps)
    return None


def _percent_decoded(text: re.Pattern[bytes], buffer: Buffer, start: int, end: int) -> tuple[bytes, bytes] | None:
    found = text.match(buffer, start, end)
    if found is None:
        return None
    data = PERCENT.sub(lambda escape: binascii.unhexlify(escape[0][1:]), found[0])
    return (found[0], data) if is_text(data) or has_wide(data) else None


def entities_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The text round an entity, up to a control character."""
    before = _CONTROL.split(bytes(buffer[max(floor, at - _AROUND) : at]))[-1]
    start = end = at - len(before)
    stop = min(ceiling, start + limit)
    for found in ENTITY.finditer(buffer, at, stop):
        if found.start() > max(end, at) + _AROUND:
            break
        end = found.end()
    border = _CONTROL.search(buffer, at, min(stop, end + _AROUND))
    end = border.start() if border else min(stop, end + _AROUND)
    raw = bytes(buffer[start:end])
    data, jumps = _unescaped(raw)
    return Run("html", start, end, data, jumps) if data != raw else None


def _unescaped(raw: bytes) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """The text without its entities, and where it goes on behind each."""
    parts, jumps = [], []
    at = size = 0
    for found in ENTITY.finditer(raw):
        parts += [raw[at : found.start()], html.unescape(found[0].decode()).encode("utf-8", "replace")]
        size += len(parts[-1]) + len(parts[-2])
        at = found.end()
        jumps.append((size, at))
    parts.append(raw[at:])
    return b"".join(parts), tuple(jumps)


# -- quoted-printable (RFC 2045) -----------------------------------------------------------------

QUOTED = re.compile(rb"[A-Za-z0-9._+\-]=40(?=[A-Za-z0-9])|[^=\s]=\r?\n(?=(?:[A-Za-z0-9@._+(]|-[^-]))")
"""An address with its sign written as digits, or a line that goes on in the next."""
_LINES = re.compile(rb"[^\r\n]*+(?:(?<==)\r?\n[^\r\n]*+)*+")
_QUOTE = re.compile(rb"=(?:[0-9A-F]{2}|\r?\n)")
_SHORTEST_LINE = 40
"""Bytes; mail breaks its lines at 76, code ends a short one with an equals sign."""
_LONGEST_RUN = 1 << 16


def quoted_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The lines round `at` that are one, without the breaks and digits of mail."""
    before = bytes(buffer[max(floor, at - _REACH) : at])
    start = at - len(before) + max(before.rfind(b"\n"), before.rfind(b"\r")) + 1
    found = _LINES.match(buffer, start, min(ceiling, start + min(limit, _LONGEST_RUN)))
    raw = found[0] if found else b""
    if raw.find(b"=40") < 0 and raw.find(b"=\n") < _SHORTEST_LINE and raw.find(b"=\r\n") < _SHORTEST_LINE:
        return None
    data, jumps = bytearray(), []
    last = 0
    for escape in _QUOTE.finditer(raw):
        data += raw[last : escape.start()]
        if not escape[0].endswith(b"\n"):
            data.append(int(escape[0][1:], 16))
        last = escape.end()
        jumps.append((len(data), last))
    text = bytes(data + raw[last:])
    return Run("quoted-printable", start, start + len(raw), text, tuple(jumps)) if is_text(text) else None
