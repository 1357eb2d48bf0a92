"""Where a picture was taken is a location, whatever kind of file says so; where nothing does, nothing is found."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Connector, Options
from harness.formats.base import Format
from harness.formats.media.exif import written_exif
from harness.model import Artifact, pointer
from harness.scan.scanner import Scanned, Scanner

EXIF = written_exif([("Make", "Example")], (-33.856784, 151.215297))


def _jpeg(exif: bytes) -> bytes:
    segment = struct.pack(">BBH", 0xFF, 0xE1, len(exif) + 8) + b"Exif\x00\x00" + exif
    return b"\xff\xd8" + segment + struct.pack(">BBH", 0xFF, 0xDA, 12) + bytes(10) + b"picture\xff\xd9"


def _png(exif: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    written = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"eXIf", exif), (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def _webp(exif: bytes) -> bytes:
    body = b"WEBPEXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _heic(exif: bytes) -> bytes:
    """As iOS writes it: the item in `mdat` says how far it is to the TIFF."""
    item = struct.pack(">I", 6) + b"Exif\x00\x00" + exif
    boxes = b"\x00\x00\x00\x18ftypheic" + bytes(4) + b"mif1heic" + struct.pack(">I", 8) + b"meta"
    return boxes + struct.pack(">I", len(item) + 8) + b"mdat" + item


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(registry.load("formats", Format), registry.load("detectors", Detector))


def _found(folder: Path, scanner: Scanner, *, deep: bool) -> set[tuple[str, str]]:
    with registry.load("devices", Connector)["folder"].open(str(folder), Options()) as source:
        artifacts = [item for item in source.collect() if isinstance(item, Artifact)]
        scanned = [item for item in scanner.scan(artifacts, deep=lambda _facts: deep) if isinstance(item, Scanned)]
    assert [item.coverage.format for item in scanned] == ["media"]
    return {(hit.type, pointer(hit.leaf.steps)) for item in scanned for hit in item.hits}


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("picture", [_jpeg, _png, _webp, _heic], ids=["jpeg", "png", "webp", "heic"])
def test_the_place_of_a_picture_is_a_location(
    picture: Callable[[bytes], bytes], scanner: Scanner, tmp_path: Path, deep: bool
) -> None:
    """In both lanes, at the number itself."""
    (tmp_path / "IMG_0001").write_bytes(picture(EXIF))
    found = _found(tmp_path, scanner, deep=deep)

    assert {("LOCATION", "/exif/GPSLatitude"), ("LOCATION", "/exif/GPSLongitude")} & found
    assert {kind for kind, _ in found} == {"LOCATION"}


@pytest.mark.parametrize("picture", [_jpeg, _png, _webp, _heic], ids=["jpeg", "png", "webp", "heic"])
def test_a_picture_that_says_no_place_has_none(
    picture: Callable[[bytes], bytes], scanner: Scanner, tmp_path: Path
) -> None:
    """The maker of a camera is nobody's data."""
    (tmp_path / "IMG_0001").write_bytes(picture(written_exif([("Make", "Example")], None)))

    assert _found(tmp_path, scanner, deep=True) == set()
