"""Records of sensors are believed for their headers and counts, other values for their key."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Match, Window
from harness.detectors.biometric import Biometric

_MINUTIAE = st.lists(st.binary(min_size=6, max_size=6), max_size=40)


def found(data: bytes, key: bytes = b"") -> list[Match]:
    """What it finds in a whole text, or in the value of a key."""
    whole = key + b"\x1f" + data if key else data
    floor = len(key) + 1 if key else 0
    return list(Biometric().confirm(Window(whole, floor, len(whole), 0, len(whole), key)))


def views(fingers: list[list[bytes]]) -> bytes:
    """Finger views as both standards have them."""
    return b"".join(
        bytes((n + 1, n << 4, 80, len(each))) + b"".join(each) + b"\0\0" for n, each in enumerate(fingers)
    )


def iso(fingers: list[list[bytes]]) -> bytes:
    """A record of ISO/IEC 19794-2:2005."""
    body = views(fingers)
    return b"FMR\0 20\0" + struct.pack(">IHHHHHBB", 24 + len(body), 0, 300, 400, 197, 197, len(fingers), 0) + body


def ansi(fingers: list[list[bytes]]) -> bytes:
    """A record of ANSI INCITS 378-2004."""
    body = views(fingers)
    header = struct.pack(">HIHHHHHBB", 26 + len(body), 0x00330001, 0, 300, 400, 197, 197, len(fingers), 0)
    return b"FMR\0 20\0" + header + body


@given(st.lists(_MINUTIAE, min_size=1, max_size=4), st.sampled_from([iso, ansi]), st.binary(max_size=40))
def test_whole_records_are_found_with_their_bounds(fingers, write, behind) -> None:  # type: ignore[no-untyped-def]
    """Whatever stands behind."""
    record = write(fingers)

    (match, *_) = found(b"\x00\x07" + record + behind)

    assert (match.start, match.end, match.confidence) == (2, 2 + len(record), 0.99)


@given(st.lists(_MINUTIAE, min_size=1, max_size=1), st.sampled_from([iso, ansi]))
def test_a_count_that_is_off_is_seen(fingers, write) -> None:  # type: ignore[no-untyped-def]
    """The length of the view is no longer that of the record."""
    record = bytearray(write(fingers))
    record[(24 if write is iso else 26) + 3] ^= 1

    assert all(match.confidence < 0.99 for match in found(bytes(record)))


@pytest.mark.parametrize("encode", [base64.b64encode, bytes.hex, lambda data: data.hex().upper()])
def test_a_record_in_characters_is_found_without_a_key(encode) -> None:  # type: ignore[no-untyped-def]
    """Preferences hold text."""
    text = encode(iso([[b"abcdef"] * 12]))
    data = text if isinstance(text, bytes) else text.encode()

    (match,) = found(b'{"t":"' + data + b'"}')

    assert (match.start, match.end) == (6, 6 + len(data))
    assert match.confidence == 0.99


def test_the_beginning_of_a_record_is_one_with_less_confidence() -> None:
    """A free page keeps a part."""
    (match,) = found(iso([[b"abcdef"] * 40])[:60])

    assert match.confidence == 0.8


@pytest.mark.parametrize(
    "record",
    [
        b"FIR\x00010\x00"
        + (5000).to_bytes(6)
        + struct.pack(">HHBBHHHHBBH", 0, 31, 1, 2, 197, 197, 197, 197, 8, 0, 0),
        b"FAC\x00010\x00" + struct.pack(">IHIH", 5000, 1, 4000, 4) + bytes(12),
        b"IIR\x00010\x00" + struct.pack(">IHBH", 5000, 1, 2, 45) + bytes(28),
        b"FMR\x00030\x00" + struct.pack(">IHBI", 300, 1, 0, 285) + bytes(20),
        b"\x7f\x61\x20\x02\x01\x01\x7f\x60\x1b\xa1\x04\x80\x02\x01\x01" + bytes(24),
        b"MUSS21\x00\x00\x04\x76" + bytes(30),
    ],
)
def test_other_records_are_told_by_their_headers(record: bytes) -> None:
    """Finger, face and iris images, the chip of a passport, a vendor's template."""
    (match,) = found(record)

    assert match.confidence >= 0.75
    assert match.start == 0


def test_a_wsq_image_is_followed_to_its_frame() -> None:
    """Comment, tables, frame; a JPEG begins otherwise."""
    comment = b"NIST_COM 9\nPIX_WIDTH 300\n"
    image = b"\xff\xa0\xff\xa8" + struct.pack(">H", 2 + len(comment)) + comment
    image += b"\xff\xa2" + struct.pack(">HBBHH", 17, 0, 255, 400, 300) + bytes(9) + b"data\xff\xa1"

    (match,) = found(b"\x00" + image + b"rest")

    assert (match.start, match.end, match.confidence) == (1, 1 + len(image), 0.97)
    assert found(b"\xff\xd8\xff\xe0" + image[4:20]) == []


def test_a_blob_counts_under_a_name_that_says_so() -> None:
    """Four bytes a number is how apps keep embeddings."""
    blob = struct.pack("<128f", *(n / 97 for n in range(128)))

    (match,) = found(blob, b"face_embedding")

    assert match.end - match.start == len(blob)
    assert found(blob, b"thumbnail") == []
    assert found(b"a text of words " * 8, b"face_embedding") == []


@given(st.binary(min_size=8, max_size=120))
def test_no_header_is_believed_for_its_mark_alone(rest: bytes) -> None:
    """Marks are short; what follows must be a header."""
    for match in found(b"FMR\0 20\0" + rest):
        assert match.confidence >= 0.8
        assert len(rest) >= 16
