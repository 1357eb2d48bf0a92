"""EXIF: a small TIFF of named fields, with the place where a picture was taken. Specified by EXIF 2.32, TIFF 6.0."""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats._tokens import Role, Token

__all__ = ["exif_tokens", "plain_text", "written_exif"]

_TEXTS = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x0132: "DateTime",
    0x013B: "Artist",
    0x013C: "HostComputer",
    0x8298: "Copyright",
    0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized",
    0x9286: "UserComment",
    0xA420: "ImageUniqueID",
    0xA430: "CameraOwnerName",
    0xA431: "BodySerialNumber",
    0xA435: "LensSerialNumber",
}
_NUMBERS = {name: number for number, name in _TEXTS.items()}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
_EXIF, _GPS = 0x8769, 0x8825
_MOST_FIELDS = 1000


class _Field(NamedTuple):
    """One field of a directory, and the bounds of what it holds within the file."""

    tag: int
    kind: int
    length: int
    """Of what it holds, in units of its kind."""
    start: int
    end: int


def exif_tokens(data: bytes, start: int, end: int) -> Iterator[Token]:
    """Texts and coordinates of the TIFF between two offsets of a file.

    Raises:
        FormatError: it is damaged.
    """
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[start : start + 4])
    if order is None or end - start < 8:
        raise FormatError(f"no EXIF at byte {start}")
    tiff = _Tiff(data, start, end, order)
    yield from tiff.directory(tiff.number(start + 4, 4))


def plain_text(raw: bytes) -> str:
    """UTF-8 where it is, else Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


class _Tiff:
    """One TIFF within a file."""

    def __init__(self, data: bytes, start: int, end: int, order: str) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.order = order

    def number(self, at: int, size: int) -> int:
        if not self.start <= at <= self.end - size:
            raise FormatError(f"EXIF leads outside of itself at byte {at}")
        return int.from_bytes(self.data[at : at + size], "little" if self.order == "<" else "big")

    def directory(self, offset: int) -> Iterator[Token]:
        for item in self._fields(offset):
            if item.tag == _GPS:
                yield from self._gps(self.number(item.start, 4))
            elif item.tag == _EXIF:
                yield from self._texts(self._fields(self.number(item.start, 4)))
            else:
                yield from self._texts((item,))

    def _fields(self, offset: int) -> Iterator[_Field]:
        at = self.start + offset
        count = self.number(at, 2)
        if count > _MOST_FIELDS:
            raise FormatError(f"too many EXIF fields at byte {at}")
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, length = self.number(entry, 2), self.number(entry + 2, 2), self.number(entry + 4, 4)
            size = _SIZES.get(kind, 0) * length
            begin = entry + 8 if size <= 4 else self.start + self.number(entry + 8, 4)
            if begin + size > self.end:
                raise FormatError(f"an EXIF field leads outside of it at byte {entry}")
            yield _Field(tag, kind, length, begin, begin + size)

    def _texts(self, fields: Iterator[_Field] | tuple[_Field, ...]) -> Iterator[Token]:
        for item in fields:
            if item.tag not in _TEXTS or item.kind not in {2, 7}:
                continue
            begin, stop = item.start, item.end
            if item.tag == 0x9286 and self.data[begin : begin + 8] in {b"ASCII\x00\x00\x00", bytes(8)}:
                begin += 8  # a user comment says first in which code it is
            text = self.data[begin:stop].rstrip(b"\x00 ")
            if text and b"\x00" not in text:
                yield Token(begin, begin + len(text), ("exif", _TEXTS[item.tag]), Role.VALUE, plain_text(text))

    def _gps(self, offset: int) -> Iterator[Token]:
        fields = {item.tag: item for item in self._fields(offset)}
        for tag, name, negative in ((2, "GPSLatitude", b"S"), (4, "GPSLongitude", b"W")):
            place, side = fields.get(tag), fields.get(tag - 1)
            if place is None or place.kind != 5 or place.length != 3:
                continue
            degrees = self._degrees(place.start)
            if side is not None and self.data[side.start : side.start + 1].upper() == negative:
                degrees = -degrees
            yield Token(place.start, place.end, ("exif", name), Role.VALUE, degrees)

    def _degrees(self, at: int) -> float:
        parts = [(self.number(at + 8 * index, 4), self.number(at + 8 * index + 4, 4)) for index in range(3)]
        return float(sum(top / (bottom or 1) / 60.0**power for power, (top, bottom) in enumerate(parts)))


# -- writing -------------------------------------------------------------------------------------


def written_exif(texts: Sequence[tuple[str, str]], place: tuple[float, float] | None) -> bytes:
    """A TIFF with these fields, as cameras write it.

    Raises:
        FormatError: a name is no EXIF field.
    """
    unknown = [name for name, _ in texts if name not in _NUMBERS]
    if unknown:
        raise FormatError("no such EXIF field")
    entries = sorted((_NUMBERS[name], 2, text.encode("utf-8") + b"\x00") for name, text in texts)
    if place is None:
        return b"MM\x00*" + struct.pack(">I", 8) + _written_directory(entries, 8)
    pointer = (_GPS, 4, struct.pack(">I", 0))
    size = len(_written_directory([*entries, pointer], 8))
    entries.append((_GPS, 4, struct.pack(">I", 8 + size)))
    north, east = place
    gps = [
        (1, 2, b"N\x00" if north >= 0 else b"S\x00"),
        (2, 5, _rationals(north)),
        (3, 2, b"E\x00" if east >= 0 else b"W\x00"),
        (4, 5, _rationals(east)),
    ]
    first = _written_directory(entries, 8)
    return b"MM\x00*" + struct.pack(">I", 8) + first + _written_directory(gps, 8 + len(first))


def _rationals(degrees: float) -> bytes:
    return struct.pack(">6I", round(abs(degrees) * 1_000_000), 1_000_000, 0, 1, 0, 1)


def _written_directory(entries: Sequence[tuple[int, int, bytes]], offset: int) -> bytes:
    head, tail = bytearray(struct.pack(">H", len(entries))), bytearray()
    after = offset + 2 + 12 * len(entries) + 4
    for tag, kind, data in entries:
        head += struct.pack(">HHI", tag, kind, len(data) // _SIZES[kind])
        if len(data) <= 4:
            head += data.ljust(4, b"\x00")
        else:
            head += struct.pack(">I", after + len(tail))
            tail += data + b"\x00" * (len(data) % 2)
    return bytes(head + struct.pack(">I", 0) + tail)
