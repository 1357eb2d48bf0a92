"""Which kind of media a file is, and the metadata that each kind carries, with offsets."""

import re
from collections.abc import Callable, Iterator

from harness.errors import FormatError
from harness.formats._tokens import Role, Token
from harness.formats.media.exif import exif_tokens, plain_text

__all__ = ["PNG", "kind_of", "metadata"]

PNG = b"\x89PNG\r\n\x1a\n"
_MAGIC = re.compile(
    rb"(?P<png>\x89PNG\r\n\x1a\n)|(?P<jpeg>\xff\xd8\xff[\xc0-\xfe])|(?P<gif>GIF8[79]a)"
    rb"|(?P<webp>RIFF.{4}WEBP)|(?P<riff>RIFF.{4}(?:WAVE|AVI ))|(?P<film>\x00\x00..ftyp)|(?P<id3>ID3[\x02-\x04]\x00)"
    rb"|(?P<ogg>OggS\x00)|(?P<flac>fLaC\x00)|(?P<pdf>%PDF-[12]\.)|(?P<matroska>\x1aE\xdf\xa3)"
    rb"|(?P<tiff>II\*\x00\x08\x00|MM\x00\*\x00\x00)"
    rb"|(?P<font>\x00\x01\x00\x00\x00[\x04-\x40][\x00-\x04][\x00-\xf0]|OTTO\x00[\x04-\x40]|ttcf\x00[\x01\x02]"
    rb"|wOFF(?:\x00\x01\x00\x00|OTTO|true)|wOF2(?:\x00\x01\x00\x00|OTTO|true))"
    # What iOS keeps of an app's last screen: KTX, or Apple's own container of the same texture.
    rb"|(?P<texture>\xabKTX (?:11|20)\xbb\r\n\x1a\n|AAPL\r\n\x1a\n|\x13\xab\xa1\x5c[\x03-\x0c]{2}[\x01-\x06])",
    re.DOTALL,
)
_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_EXIF = b"Exif\x00\x00"
_PLACE = re.compile(rb"\xa9xyz\x00(.)..([+\-][\d.]{1,12}[+\-][\d.]{1,12}[^\x00]{0,20}?/)", re.DOTALL)
_FILM_EXIF = re.compile(rb"Exif\x00\x00(?=MM\x00\*|II\*\x00)")
_TAIL = 1 << 22
_BARE_MARKERS = {0x01, *range(0xD0, 0xD9)}


def kind_of(head: bytes) -> str:
    """The kind of media that begins so; empty where it is none."""
    found = _MAGIC.match(head)
    return str(found.lastgroup) if found else ""


def metadata(data: bytes) -> Iterator[Token]:
    """What the file says beside its media, in no order.

    Raises:
        FormatError: it is damaged, or cut off.
    """
    reader = _READERS.get(kind_of(data))
    if reader is not None:
        yield from reader(data)


def _text(data: bytes, start: int, end: int, *steps: str) -> Iterator[Token]:
    raw = data[start:end]
    stripped = raw.rstrip(b"\x00 ")
    if stripped:
        yield Token(start, start + len(stripped), steps, Role.VALUE, plain_text(stripped))


def _png(data: bytes) -> Iterator[Token]:
    at = len(PNG)
    while True:
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        start, end = at + 8, at + 8 + size
        if end + 4 > len(data):
            raise FormatError("the PNG ends in the middle")
        if kind == b"IEND":
            return
        if kind in {b"tEXt", b"iTXt"}:
            yield from _png_text(data, kind, start, end)
        elif kind == b"eXIf":
            yield from exif_tokens(data, start, end)
        at = end + 4


def _png_text(data: bytes, kind: bytes, start: int, end: int) -> Iterator[Token]:
    name, separator, _ = data[start:end].partition(b"\x00")
    if not separator:
        raise FormatError(f"a text of the PNG has no keyword at byte {start}")
    keyword, at = plain_text(name), start + len(name)
    yield Token(start, at, ("text", keyword), Role.KEY, keyword)
    at += 1
    if kind == b"iTXt":
        if data[at : at + 1] != b"\x00":
            return  # compressed
        at = _after(data, _after(data, at + 2, end), end)  # language, and the keyword translated
    yield from _text(data, at, end, "text", keyword)


def _after(data: bytes, at: int, end: int) -> int:
    """What follows the next zero."""
    stop = data.find(b"\x00", at, end)
    if stop < 0:
        raise FormatError(f"a text of the PNG has no end at byte {at}")
    return stop + 1


def _jpeg(data: bytes) -> Iterator[Token]:
    at = 2
    while True:
        marker = data[at : at + 2]
        if len(marker) < 2 or marker[0] != 0xFF:
            raise FormatError("the JPEG ends in the middle" if len(marker) < 2 else f"no JPEG marker at byte {at}")
        code = marker[1]
        if code in {0xDA, 0xD9}:  # the picture itself begins, and nothing after it is read
            return
        if code == 0xFF or code in _BARE_MARKERS:
            at += 1 if code == 0xFF else 2
            continue
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        start, end = at + 4, at + 2 + size
        if size < 2 or end > len(data):
            raise FormatError(f"a JPEG segment is cut off at byte {at}")
        yield from _segment(data, code, start, end)
        at = end


def _segment(data: bytes, code: int, start: int, end: int) -> Iterator[Token]:
    if code == 0xFE:
        yield from _text(data, start, end, "comment")
    elif code == 0xE1 and data.startswith(_EXIF, start):
        yield from exif_tokens(data, start + len(_EXIF), end)
    elif code == 0xE1 and data.startswith(_XMP, start):
        yield from _text(data, start + len(_XMP), end, "xmp")


def _gif(data: bytes) -> Iterator[Token]:
    flags = data[10] if len(data) > 12 else 0
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    number = 0
    while data[at : at + 1] != b";":
        introducer = data[at : at + 2]
        if len(introducer) < 2 or introducer[:1] not in {b"!", b","}:
            raise FormatError("the GIF ends in the middle")
        at += 2
        if introducer[:1] == b",":
            flags = data[at + 8] if len(data) > at + 8 else 0
            at += 10 - 1 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
        while at < len(data) and data[at]:
            if introducer == b"!\xfe":
                yield from _text(data, at + 1, min(len(data), at + 1 + data[at]), "comment", str(number))
                number += 1
            at += data[at] + 1
        at += 1


def _webp(data: bytes) -> Iterator[Token]:
    at, stop = 12, 8 + int.from_bytes(data[4:8], "little")
    while at < stop:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        start, end = at + 8, at + 8 + size
        if end > len(data):
            raise FormatError("the WebP ends in the middle")
        if kind == b"EXIF":
            yield from exif_tokens(data, start + (len(_EXIF) if data.startswith(_EXIF, start) else 0), end)
        elif kind == b"XMP ":
            yield from _text(data, start, end, "xmp")
        at = end + size % 2


def _id3(data: bytes) -> Iterator[Token]:
    size = _syncsafe(data[6:10])
    at, stop, version = 10, 10 + size, data[3]
    if stop > len(data):
        raise FormatError("the ID3 tag is cut off")
    while version >= 3 and at + 10 < stop and data[at]:
        name = data[at : at + 4]
        length = _syncsafe(data[at + 4 : at + 8]) if version == 4 else int.from_bytes(data[at + 4 : at + 8], "big")
        if at + 10 + length > stop or not name.isalnum():
            raise FormatError(f"an ID3 frame is cut off at byte {at}")
        if name.startswith(b"T") and length and data[at + 10] in {0, 3}:
            yield from _text(data, at + 11, at + 10 + length, "tag", name.decode("latin-1"))
        at += 10 + length


def _syncsafe(raw: bytes) -> int:
    return sum((byte & 0x7F) << 7 * index for index, byte in enumerate(reversed(raw)))


def _film(data: bytes) -> Iterator[Token]:
    """Where a film was taken stands in its `moov` box, at either end of the file; EXIF of a HEIC near its front."""
    for low in {0, max(0, len(data) - _TAIL)}:
        high = min(len(data), low + _TAIL)
        for found in _PLACE.finditer(data, low, high):
            yield Token(found.start(2), found.end(2), ("location",), Role.VALUE, found[2].decode("latin-1"))
        for found in _FILM_EXIF.finditer(data, low, high):
            yield from exif_tokens(data, found.end(), high)


_READERS: dict[str, Callable[[bytes], Iterator[Token]]] = {
    "png": _png,
    "jpeg": _jpeg,
    "gif": _gif,
    "webp": _webp,
    "id3": _id3,
    "film": _film,
    "tiff": lambda data: exif_tokens(data, 0, len(data)),
}
