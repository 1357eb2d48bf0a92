"""Pictures, sound, film, fonts and PDF: recognised, so that they count as media; what they say of a person is read.

Read are the texts of PNG, JPEG, GIF and WebP, their EXIF with the place where a picture was taken, the tags of MP3
and the place of a film. The rest of the file is media; so are the snapshots that iOS takes of an app's screen.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.errors import FormatError
from harness.formats._text import Text
from harness.formats._tokens import Reading, Token
from harness.formats.base import Format, Piece, Sample
from harness.formats.media.containers import PNG, kind_of, metadata
from harness.formats.media.exif import written_exif
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Share, Value

__all__ = ["Media", "Picture"]


@dataclass(frozen=True, slots=True)
class Picture:
    """What to write: a PNG of one pixel with texts, EXIF texts and the place where it was taken."""

    texts: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Keyword and text, in Latin-1."""
    exif: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Name of an EXIF field, and its text."""
    place: tuple[float, float] | None = field(default=None, repr=False)
    """Latitude and longitude in degrees, of six decimals."""


class Media(Format):
    """Media by their first bytes; a locator is `text`, `exif`, `comment`, `tag` or `location`, and a name."""

    title = "Picture, sound, film, font or PDF"
    source = "PNG 1.2; EXIF 2.32; JPEG, ITU-T T.81; GIF89a; RIFF; ID3v2.4; ISO/IEC 14496-12"
    container_only = True
    framed = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            Picture(
                (("Author", "Zoë Müller"), ("Comment", "for jane@example.org")),
                (("Artist", "Jane Roe"),),
                (40.712776, -74.005974),
            ),
            (
                Value(("text", "Author"), "Zoë Müller"),
                Value(("text", "Comment"), "for jane@example.org"),
                Value(("exif", "Artist"), "Jane Roe"),
                Value(("exif", "GPSLatitude"), 40.712776),
                Value(("exif", "GPSLongitude"), -74.005974),
            ),
        ),
        Sample(Picture(), ()),
    )

    def sniff(self, head: bytes, size: int) -> float:
        return 0.95 if kind_of(head) else 0.0

    def account(self, document: Document, limits: Limits) -> Ledger:
        return _read(document).account(Share.MEDIA)

    def locate(self, document: Document, offsets: Sequence[int], limits: Limits, *, part: str = "") -> list[Place]:
        return _read(document).locate(offsets)

    def decode(self, document: Document, limits: Limits) -> Iterator[Value]:
        yield from _read(document).values(limits)

    def expand(self, document: Document, telling: re.Pattern[bytes], limits: Limits) -> Iterator[Piece]:
        """All that is read: coordinates are numbers in binary, and names are not beside their texts."""
        yield from _read(document).pieces(limits, lambda raw, token: True)

    def encode(self, content: Any) -> Document:
        """`content` is a `Picture`."""
        header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
        chunks = [(b"IHDR", header)]
        try:
            chunks += [
                (b"tEXt", name.encode("latin-1") + b"\x00" + text.encode("latin-1")) for name, text in content.texts
            ]
        except UnicodeEncodeError as error:
            raise FormatError("a text of a PNG is Latin-1") from error
        if content.exif or content.place:
            chunks.append((b"eXIf", written_exif(content.exif, content.place)))
        chunks += [(b"IDAT", zlib.compress(b"\x00\x80")), (b"IEND", b"")]
        return Document(PNG + b"".join(_chunk(kind, data) for kind, data in chunks))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _read(document: Document) -> Reading:
    data = bytes(document.data)
    return Reading(Text(data, data), lambda: _tokens(data), _latin)


def _tokens(data: bytes) -> Iterator[Token]:
    """What was found, in the order of its bytes and without overlaps; then the fault, where there was one."""
    found: list[Token] = []
    fault: FormatError | None = None
    try:
        found.extend(metadata(data))
    except FormatError as error:
        fault = error
    at = 0
    for token in sorted(found, key=lambda token: (token.start, -token.end)):
        if token.start >= at:
            yield token
            at = token.end
    if fault is not None:
        raise fault


def _latin(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Texts that are not UTF-8 are Latin-1, each byte above ASCII two in UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        for index, byte in enumerate(raw):
            if byte >= 0x80:
                yield index, index + 1, chr(byte).encode("utf-8")
