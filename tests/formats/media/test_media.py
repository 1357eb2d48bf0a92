"""Media: recognised by their first bytes, and what they say of a person is read and located."""

import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.media import Media, Picture
from harness.formats.media.exif import written_exif
from harness.limits import Limits
from harness.model import Document, Scalar, Share, Step, Value

FORM = Media()
LIMITS = Limits()
LATIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)
DEGREES = st.integers(-89_999_999, 89_999_999).map(lambda micro: micro / 1_000_000)
EXIF = written_exif([("Artist", "Jane Roe")], (-33.856784, 151.215297))
GPS: list[tuple[tuple[Step, ...], Scalar]] = [
    (("exif", "Artist"), "Jane Roe"),
    (("exif", "GPSLatitude"), -33.856784),
    (("exif", "GPSLongitude"), 151.215297),
]


def told(data: bytes) -> list[tuple[tuple[Step, ...], Scalar]]:
    return [(value.steps, value.value) for value in FORM.decode(Document(data), LIMITS)]


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments) + segment(0xDA, bytes(10)) + b"picture\xff\xd9"


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(kind + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def id3(*frames: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack(">IH", len(data), 0) + data for name, data in frames) + bytes(20)
    size = bytes((len(body) >> 7 * n) & 0x7F for n in (3, 2, 1, 0))
    return b"ID3\x04\x00\x00" + size + body + b"sound"


@given(texts=st.dictionaries(LATIN, LATIN, max_size=3), latitude=DEGREES, longitude=DEGREES)
def test_any_picture_survives_a_round_trip(texts: dict[str, str], latitude: float, longitude: float) -> None:
    """Texts, and a place to six decimals on every side of the world."""
    data = bytes(FORM.encode(Picture(tuple(texts.items()), place=(latitude, longitude))).data)

    wanted: list[tuple[tuple[Step, ...], Scalar]] = [(("text", name), text) for name, text in texts.items()]
    wanted += [(("exif", "GPSLatitude"), latitude), (("exif", "GPSLongitude"), longitude)]
    assert told(data) == wanted


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (jpeg(segment(0xFE, b"for jane@example.org"), segment(0xE1, b"Exif\x00\x00" + EXIF)),
         [(("comment",), "for jane@example.org"), *GPS]),
        (jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>")), [(("xmp",), "<x:xmpmeta/>")]),
        (webp((b"VP8 ", b"abc"), (b"EXIF", EXIF), (b"XMP ", b"<x/>")), [*GPS, (("xmp",), "<x/>")]),
        (id3((b"TPE1", b"\x03Zo\xc3\xab"), (b"APIC", b"\x00\x01\x02"), (b"TIT2", b"\x00Song\x00")),
         [(("tag", "TPE1"), "Zoë"), (("tag", "TIT2"), "Song")]),
        (b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(6) + b"!\xfe\x05hello\x00"
         b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00;", [(("comment", "0"), "hello")]),
        (b"\x00\x00\x00\x14ftypmp42" + bytes(8) + b"\x00\x00\x00\x20\xa9xyz\x00\x12\x15\xc7"
         b"-33.8567+151.2152/" + bytes(9),
         [(("location",), "-33.8567+151.2152/")]),
        (b"\x00\x00\x00\x14ftypheic" + bytes(8) + b"Exif\x00\x00" + EXIF, GPS),
        (b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHIIHI", 1, 0x13B, 2, 3, 0x6F4A, 0, 0),
         [(("exif", "Artist"), "Jo")]),
        (EXIF, GPS),
        (b"%PDF-1.7\n%whatever", []),
        (b"\xabKTX 11\xbb\r\n\x1a\n\x01\x02\x03\x04" + bytes(48), []),
        (b"AAPL\r\n\x1a\n\x28\x00\x00\x00HEAD" + bytes(40), []),
        (b"\x13\xab\xa1\x5c\x04\x04\x01" + bytes(25), []),
    ],
    ids=["jpeg", "xmp", "webp", "id3", "gif", "film", "heic", "tiff", "tiff, MM", "pdf", "ktx", "snapshot", "astc"],
)  # fmt: skip
def test_every_kind_says_what_it_holds(data: bytes, values: list[tuple[tuple[Step, ...], Scalar]]) -> None:
    """Each is media by its first bytes; its metadata is decoded, and the rest of it is media."""
    document = Document(data)

    assert FORM.sniff(data[:4096], len(data)) > 0.9
    assert sorted(map(repr, told(data))) == sorted(map(repr, values))
    totals = FORM.account(document, LIMITS).totals()
    assert set(totals) <= {Share.MEDIA, Share.DECODED}
    assert (Share.DECODED in totals) == bool(values)


def test_a_place_leads_the_raw_lane_to_its_number() -> None:
    """Coordinates are binary: the piece has them as text beside their names, and each leads back to its bytes."""
    document = FORM.encode(Picture(place=(40.712776, -74.005974)))
    (piece,) = FORM.expand(document, re.compile(b"x"), LIMITS)

    assert piece.data == b"GPSLatitude\x1f40.712776\x1eGPSLongitude\x1f-74.005974"
    places = FORM.locate(document, [offset for _, offset in piece.anchors], LIMITS)
    assert [place.value for place in places] == [b"40.712776", b"-74.005974"]


@pytest.mark.parametrize("head", [b"", b"RIFF", b"BM", b"ID3", b"\xff\xd8", b"%PDF", b"GIF", b"\x00\x00\x00\x14ftyq"])
def test_half_a_magic_is_none(head: bytes) -> None:
    """Two or three bytes happen anywhere."""
    assert FORM.sniff(head + b"\x00" * 40, 40) == 0.0


def test_a_picture_whose_exif_is_damaged_says_so() -> None:
    """The fault is told after what could be read: where a picture was taken may stand in what could not."""
    data = jpeg(segment(0xFE, b"hello"), segment(0xE1, b"Exif\x00\x00MM\x00*\xff\xff\xff\xff"))
    values: list[Value] = []

    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(data), LIMITS))

    assert [value.value for value in values] == ["hello"]
    ledger = FORM.account(Document(data), LIMITS)
    assert ledger.totals().keys() == {Share.MEDIA, Share.DECODED, Share.FAILED}
    assert ledger.fault


@given(seed=st.binary(max_size=200), flips=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=5))
def test_damaged_exif_never_crashes(seed: bytes, flips: list[tuple[int, int]]) -> None:
    """Offsets that lead anywhere, counts of anything: a format error, or values."""
    exif = bytearray(EXIF)
    for at, byte in flips:
        exif[at % len(exif)] = byte
    for tail in (bytes(exif), b"MM\x00*" + seed):
        try:
            assert all(step for step, _ in told(jpeg(segment(0xE1, b"Exif\x00\x00" + tail))))
        except FormatError:
            continue


def test_what_a_png_cannot_hold_is_refused() -> None:
    """Texts beyond Latin-1, and names that are no EXIF field, are errors of the caller."""
    for picture in (Picture((("Author", "東京"),)), Picture(exif=(("Shoe size", "42"),))):
        with pytest.raises(FormatError):
            FORM.encode(picture)
