"""Records of biometric sensors and matchers, read as far as tells that they are some."""

import binascii
import re
from collections.abc import Callable

from harness.detectors.base import Match
from harness.model import Buffer

__all__ = ["RECORDS", "record"]

RECORDS = re.compile(
    rb"(?P<bytes>(?:F(?:MR|IR|AC)|IIR)\x00[ 0][0-3]0\x00|\xff\xa0\xff[\xa2\xa4-\xa8]|\x7f\x61[\x03-\x84]"
    rb"|(?s:..)SS21\x00\x00)"
    rb"|(?<![A-Za-z0-9+/])(?P<base64>(?:Rk1S|RklS|RkFD|SUlS)A[CD]A[xyz]MAA|\\?/6D\\?/(?:qA|p[AQg]|og)"
    rb"|[A-Za-z0-9+/]{2}[BFJNRVZdhlptx159]TUzIxAAA)"
    rb"|(?<![0-9A-Fa-f])(?P<hex>(?i:(?:464d52|464952|464143|494952)00(?:2032|303[1-3])3000|ffa0ffa[24568]"
    rb"|[0-9a-f]{4}535332310000))",
    re.DOTALL,
)
"""How they begin: as they are, in Base64 and in hexadecimal digits, which no decoding of text would look into."""
_RUN = {
    "base64": re.compile(rb"(?:[A-Za-z0-9+_\-]|\\?/|\\n|\r?\n){8,262144}={0,2}"),
    "hex": re.compile(rb"(?:[0-9A-Fa-f]{2}){8,131072}"),
}
_HEAD = 512
_LONGEST = 1 << 20

_WHOLE, _BEGUN = 0.99, 0.8


def record(buffer: Buffer, found: re.Match[bytes], ceiling: int) -> Match | None:
    """What begins there, if its header and counts are those of a record."""
    kind = found.lastgroup or ""
    start = found.start()
    if kind == "bytes":
        data, bounded = bytes(buffer[start : min(ceiling, start + _LONGEST)]), None
    else:
        bounded = _RUN[kind].match(buffer, start, ceiling)
        data = _decoded(bounded[0], kind) if bounded else b""
    told = _read(data)
    if told is None:
        return None
    size, confidence, what = told
    if bounded is not None:
        return Match(
            start, bounded.end(), confidence, (what, f"in {'Base64' if kind == 'base64' else 'hexadecimal'}")
        )
    return Match(start, min(start + size, start + len(data)), confidence, (what,))


def _decoded(run: bytes, kind: str) -> bytes:
    if kind == "hex":
        return binascii.unhexlify(run)
    body = re.sub(rb"\\n|[\\\r\n=]", b"", run).replace(b"-", b"+").replace(b"_", b"/")
    return binascii.a2b_base64(body[: len(body) // 4 * 4] if len(body) % 4 == 1 else body + b"=" * (-len(body) % 4))


def _read(data: bytes) -> tuple[int, float, str] | None:
    """Its length, how sure that is, and what it is."""
    for mark, reader in _READERS.items():
        if data.startswith(mark):
            return reader(data)
    if data[2:8] == b"SS21\x00\x00":
        return _zk(data)
    return None


def _number(data: bytes, at: int, size: int = 2) -> int:
    return int.from_bytes(data[at : at + size])


def _minutiae(data: bytes) -> tuple[int, float, str] | None:
    """ISO/IEC 19794-2:2005 (24 bytes of header) or ANSI INCITS 378-2004 (26, or 30 for long ones)."""
    readings: tuple[tuple[int, int], ...]
    if _number(data, 8, 2) == 0:
        readings = ((_number(data, 8, 4), 14), (_number(data, 10, 4), 22))
    else:
        readings = ((_number(data, 8, 2), 16),)
    for length, at in readings:
        width, height, across, down = (_number(data, at + 2 * n) for n in range(4))
        views, reserved = data[at + 8 : at + 9], data[at + 9 : at + 10]
        sizes = 16 <= width <= 8192 and 16 <= height <= 8192 and 39 <= across <= 1600 and 39 <= down <= 1600
        if not sizes or reserved != b"\x00" or not 1 <= views[0] <= 176 or not at + 16 <= length <= _LONGEST:
            continue
        confidence = _views(data[:length], at + 10, views[0], length)
        if confidence:
            return length, confidence, "a record of finger minutiae (ISO 19794-2 or ANSI 378)"
    return None


def _views(data: bytes, at: int, views: int, length: int) -> float:
    """Whether the counts of its views add up to its length; 0 where they do not."""
    for _ in range(views):
        if at + 4 > len(data):
            return _BEGUN if len(data) < length else 0.0
        if data[at] > 10:
            return 0.0
        at += 4 + 6 * data[at + 3]
        if at + 2 > len(data):
            return _BEGUN if len(data) < length else 0.0
        at += 2 + _number(data, at)
    if len(data) < length:
        return _BEGUN
    return _WHOLE if at == length else 0.0


def _representations(what: str) -> Callable[[bytes], tuple[int, float, str] | None]:
    """The headers of 2011: length, number of representations, a flag for certificates, the first one's length."""

    def reader(data: bytes) -> tuple[int, float, str] | None:
        length, count = _number(data, 8, 4), _number(data, 12)
        first = _number(data, 15, 4) if len(data) >= 19 else 0
        if not 19 <= length <= _LONGEST * 16 or not 1 <= count <= 672 or data[14:15] not in {b"\x00", b"\x01"}:
            return None
        if len(data) < 19 or first > length - 15:
            return None
        return length, _WHOLE if len(data) >= length else _BEGUN, what

    return reader


def _finger_image(data: bytes) -> tuple[int, float, str] | None:
    """ISO/IEC 19794-4:2005, clause 7.1."""
    length, units, depth, packing = _number(data, 8, 6), data[19:20], data[28:29], data[29:30]
    fits = len(data) >= 32 and 46 <= length <= _LONGEST * 64 and units in {b"\x01", b"\x02"}
    if not fits or not 1 <= depth[0] <= 16 or packing[0] > 5 or _number(data, 30) or not 1 <= data[18] <= 60:
        return None
    return length, _WHOLE if len(data) >= length else _BEGUN, "a record of finger images (ISO 19794-4)"


def _face_image(data: bytes) -> tuple[int, float, str] | None:
    """ISO/IEC 19794-5:2005, clause 5.4: length, number of faces, then the first block and its landmarks."""
    length, faces, block, points = _number(data, 8, 4), _number(data, 12), _number(data, 14, 4), _number(data, 18)
    if len(data) < 20 or not 46 <= length <= _LONGEST * 64 or not 1 <= faces <= 100:
        return None
    if not 32 + 8 * points <= block <= length - 14:
        return None
    return length, _WHOLE if len(data) >= length else _BEGUN, "a record of face images (ISO 19794-5)"


def _iris_image(data: bytes) -> tuple[int, float, str] | None:
    """ISO/IEC 19794-6:2005, clause 6.5.2: one or two eyes, a header of 45 bytes."""
    length = _number(data, 8, 4)
    if len(data) < 17 or not 45 <= length <= _LONGEST * 64 or data[14] not in {1, 2} or _number(data, 15) != 45:
        return None
    return length, _WHOLE if len(data) >= length else _BEGUN, "a record of iris images (ISO 19794-6)"


def _wsq(data: bytes) -> tuple[int, float, str] | None:
    """Wavelet scalar quantisation (FBI IAFIS-IC-0110): segments with their lengths, up to the frame's size."""
    at, seen, commented = 2, 0, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], _number(data, at + 2)
        if marker not in _WSQ_SEGMENTS or size < 2:
            return None
        commented |= data[at + 4 : at + 12] == b"NIST_COM"
        if marker == 0xA2:
            rows, columns = _number(data, at + 6), _number(data, at + 8)
            fits = size == 17 and 16 <= rows <= 8192 and 16 <= columns <= 8192
            end = data.find(b"\xff\xa1", at)
            return (end + 2 if end > 0 else len(data), 0.97, _WSQ) if fits else None
        at, seen = at + 2 + size, seen + 1
    if at <= len(data) and seen < 2 and not commented:
        return None
    return (len(data), _BEGUN, _WSQ) if commented or seen >= 2 else None


_WSQ = "an image of a fingerprint (WSQ)"
_WSQ_SEGMENTS = {0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA8}


def _group(data: bytes) -> tuple[int, float, str] | None:
    """The biometric group of a passport's chip (ICAO 9303-10, CBEFF): 7F61, a count, 7F60, a header A1."""
    length, at = _tlv(data, 2)
    if data[at : at + 2] != b"\x02\x01" or data[at + 3 : at + 5] != b"\x7f\x60" or not 1 <= data[at + 2] <= 10:
        return None
    inner, start = _tlv(data, at + 5)
    if data[start : start + 1] != b"\xa1" or not 4 <= inner <= length:
        return None
    return at + length, _WHOLE if len(data) >= at + length else _BEGUN, "biometric data as chips of passports hold it"


def _tlv(data: bytes, at: int) -> tuple[int, int]:
    """A length of BER, and where its value begins."""
    first = data[at] if at < len(data) else 0
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    return (_number(data, at + 1, size), at + 1 + size) if 1 <= size <= 4 else (0, at + 1)


def _zk(data: bytes) -> tuple[int, float, str] | None:
    """A fingerprint template of ZKTeco, version 10: `SS21` in its third byte, then its length."""
    length = _number(data, 6, 4)
    if not 64 <= length <= 1 << 14:
        return None
    return length, 0.9 if len(data) >= length else 0.75, "a fingerprint template (ZKTeco, version 10)"


_READERS: dict[bytes, Callable[[bytes], tuple[int, float, str] | None]] = {
    b"FMR\x00 20\x00": _minutiae,
    b"FMR\x00030\x00": _representations("a record of finger minutiae (ISO 19794-2:2011)"),
    b"FIR\x00010\x00": _finger_image,
    b"FIR\x00020\x00": _representations("a record of finger images (ISO 19794-4:2011)"),
    b"FAC\x00010\x00": _face_image,
    b"FAC\x00030\x00": _representations("a record of face images (ISO 19794-5:2011)"),
    b"IIR\x00010\x00": _iris_image,
    b"IIR\x00020\x00": _representations("a record of iris images (ISO 19794-6:2011)"),
    b"\xff\xa0\xff": _wsq,
    b"\x7f\x61": _group,
}
