"""Texts in which single characters are escaped, by a percent sign or as entities of HTML."""

import binascii
import html
import re
from collections.abc import Callable

from harness.encodings.runs import Run, is_text
from harness.model import Buffer

__all__ = ["ENTITY", "PERCENT", "entities_at", "percent_at"]

PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
ENTITY = re.compile(rb"&(?:#0{0,5}[1-9][0-9]{1,5}|#[xX]0{0,5}[1-9A-Fa-f][0-9A-Fa-f]{1,4}|[A-Za-z][A-Za-z0-9]{1,30});")
_URL_TEXT = re.compile(rb"[^\x00-\x20\"'<>\\\x7f]+")
_ENDS_URL = bytes(0 if byte in b"\x7f\"'<>\\" or byte <= 0x20 else 1 for byte in range(256))
_REACH = 2048
"""How far before a cue its text may begin, in bytes."""
_PROBE = 1200
"""Bytes that tell whether the rest is worth decoding."""
_AROUND = 256
"""Bytes of text to either side of an entity that are read with it: a name or a number may hold blanks."""

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f]")


def percent_at(buffer: Buffer, at: int, floor: int, ceiling: int, limit: int) -> Run | None:
    """The text without blanks round a percent sign."""
    low = max(floor, at - _REACH)
    start = low + bytes(buffer[low:at]).translate(_ENDS_URL).rfind(0) + 1
    stop = min(ceiling, start + limit)
    for end in (min(stop, start + _PROBE), stop):
        found = _URL_TEXT.match(buffer, start, end)
        if found is None:
            return None
        data, jumps = _unescaped(found[0], PERCENT, lambda raw: binascii.unhexlify(raw[1:]))
        if not is_text(data):
            return None
        run = Run("url", start, found.end(), data, jumps)
    return run


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
    data, jumps = _unescaped(raw, ENTITY, _entity)
    return Run("html", start, end, data, jumps) if data != raw else None


def _entity(raw: bytes) -> bytes:
    return html.unescape(raw.decode()).encode("utf-8", "replace")


def _unescaped(
    raw: bytes, escape: re.Pattern[bytes], decode: Callable[[bytes], bytes]
) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """The text without its escapes, and where it goes on behind each."""
    parts, jumps = [], []
    at = size = 0
    for found in escape.finditer(raw):
        parts += [raw[at : found.start()], decode(found[0])]
        size += len(parts[-1]) + len(parts[-2])
        at = found.end()
        jumps.append((size, at))
    parts.append(raw[at:])
    return b"".join(parts), tuple(jumps)
