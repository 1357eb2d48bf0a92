"""Records are packed as the specification says, and damaged ones are refused."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.sqlite.record import fields, values, varint


def packed(number: int) -> bytes:
    """A number as a varint, by the specification."""
    if number >> 56:
        groups = [number >> (8 + 7 * n) & 0x7F | 0x80 for n in range(7, -1, -1)]
        return bytes([*groups, number & 0xFF])
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


@given(st.integers(0, 2**64 - 1), st.binary(max_size=4))
def test_varints_of_all_lengths(number: int, behind: bytes) -> None:
    """One to nine bytes, the ninth of eight bits."""
    assert varint(b"\xff" + packed(number) + behind, 1) == (number, 1 + len(packed(number)))


def test_each_serial_type() -> None:
    """Integers of every width, both constants, floats, NaN as NULL, the two reserved types, blobs and text."""
    bodies = [
        (0, b"", None),
        (1, b"\xff", -1),
        (2, b"\x01\x00", 256),
        (3, b"\xff\xff\x00", -256),
        (4, b"\x7f\xff\xff\xff", 2**31 - 1),
        (5, b"\x80" + bytes(5), -(2**47)),
        (6, b"\x80" + bytes(7), -(2**63)),
        (7, struct.pack(">d", -0.5), -0.5),
        (7, struct.pack(">d", float("nan")), None),
        (8, b"", 0),
        (9, b"", 1),
        (10, b"", None),
        (11, b"", None),
        (12, b"", b""),
        (13, b"", ""),
        (16, b"\x00\xff", b"\x00\xff"),
        (2 * 70 + 13, b"x" * 70, "x" * 70),
    ]
    head = b"".join(packed(kind) for kind, _, _ in bodies)
    record = bytes([len(head) + 1]) + head + b"".join(body for _, body, _ in bodies)

    assert repr(values(record, "utf-8")) == repr([value for _, _, value in bodies])
    assert [record[start:end] for _, _, start, end in fields(record)] == [body for _, body, _ in bodies]
    assert [varint(record, at)[0] for _, at, _, _ in fields(record)] == [kind for kind, _, _ in bodies]


@pytest.mark.parametrize(
    "record", [b"\x05\x01", b"\x02\x07\x00", b"\x02\x01", b"\x02\x01\x00\x00", b"\x02\x81", b"\x81"]
)
def test_a_record_of_another_length_than_its_header_says_is_refused(record: bytes) -> None:
    """Neither cut off nor followed by rubbish."""
    with pytest.raises(FormatError):
        values(record, "utf-8")


@given(st.binary(max_size=40), st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]))
def test_any_bytes_are_read_or_refused(record: bytes, codec: str) -> None:
    """Hostile records raise nothing else."""
    with suppress(FormatError):
        values(record, codec)


def test_text_that_is_none_is_shown_as_such() -> None:
    """SQLite keeps what it is given; what is not text in the database's encoding does not end the reading."""
    assert values(b"\x02\x13a\xffb", "utf-8") == ["a\ufffdb"]
    assert values(b"\x02\x13a\x00b", "utf-16-le") == ["a"]
