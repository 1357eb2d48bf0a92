"""The bit-parallel kernel, against a slow and obvious reference."""

import base64
import mmap
import random
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.detectors.base import Shape
from harness.scan import shapes
from harness.scan.shapes import BASE64, HEX, TOUCHING, WIDE, find

_HEXADECIMAL = rb"[2-7][0-9A-Fa-f]"
_GROUP64 = rb"[I-Za-f][C-HS-Xi-nyz0-3](?:[BFJNRVZdhlptx159][A-Za-z0-9+/]|[AEIMQUYcgkosw048][g-z0-9+/])"
_GROUP = rb"[ \-][0-9]{4}"
_TAIL = rb"[ .\-][0-9]{4}"
_NO_TIME = rb"(?![ T](?!00:0)[0-2][0-9]:)"
_HYPHENS = rb"[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5}"
_COLONS = rb"[0-9a-fA-F](?=:(?:[0-9a-fA-F]{1,4}:){2}[0-9a-fA-F:]|:[0-9a-fA-F]{1,4}::)"
_DOUBLE = rb"(?<=[0-9a-fA-F]{4})(?=::)"
REFERENCE = {
    Shape.DIGITS_14: rb"(?<![0-9])(?=[0-9]{14})",
    Shape.GROUPED_4: rb"(?=[0-9]{4}%b[\s\S](?<=[ \-])[0-9]{4}|[0-9]{4}%b[0-9]{2}%b)" % (_GROUP, _GROUP, _GROUP),
    Shape.SEPARATED: (
        rb"(?=[0-9]{3}[ .\-][0-9]{2}%b|[0-9]{3}[ .\-][0-9]{3}%b|[0-9]{3}\)[0-9]{3}%b|[0-9]{3}\) [0-9]{3}%b)"
        % (_TAIL, _TAIL, _TAIL, _TAIL)
    ),
    Shape.IPV4: rb"(?<![0-9])(?=(?:[0-9]{1,3}\.){3}[0-9])",
    Shape.COLONS: rb"(?=[0-9a-fA-F]:)|(?=%b)" % _HYPHENS,
    Shape.DATE: (
        rb"(?=(?:19|20)[0-9]{2}([-/.])[0-9]{2}\1[0-9]{2}%b)|[0-9](?=([-/.])[0-9]{1,2}\2(?:19|20)[0-9]{2}%b)"
        % (_NO_TIME, _NO_TIME)
    ),
    Shape.IBAN: rb"(?=[A-Z]{2}[0-9]{2}(?:[A-Z0-9]{11}| [A-Z0-9]{4} [A-Z0-9]{4}))",
    Shape.TITLE_PAIR: rb"(?= [A-Z\x80-\xff][a-z\x80-\xff])",
    BASE64: rb"(?<![A-Za-z0-9+/])(?=[A-Za-z0-9+/]{24})",
    TOUCHING: rb"(?<!(?=%b)[\s\S]{4})(?=(?:%b){3})" % (_GROUP64, _GROUP64),
    HEX: rb"(?<!(?=%b)[\s\S]{2})(?=(?:%b){8})" % (_HEXADECIMAL, _HEXADECIMAL),
    WIDE: rb"(?<!(?=[ -~]\x00)[\s\S]{2})(?=(?:[ -~]\x00){5})",
}
PATTERNS = {shape: re.compile(pattern) for shape, pattern in REFERENCE.items()}


def slowly(data: bytes) -> dict[str, list[int]]:
    """What `find` must give, one position after the other."""
    out: dict[str, list[int]] = {}
    for shape, pattern in PATTERNS.items():
        at = [found.start() for found in pattern.finditer(data) if _passes(shape, data, found.start())]
        if at:
            out[shape] = at
    return out


def _passes(shape: str, data: bytes, at: int) -> bool:
    """The second look at a candidate."""
    if shape == BASE64:
        return any(65 <= byte <= 90 for byte in data[at : at + 24]) and any(
            97 <= byte <= 122 for byte in data[at : at + 24]
        )
    if shape == Shape.COLONS:
        begun = re.match(_COLONS, data[at:]) or re.search(_DOUBLE, data[max(0, at - 3) : at + 3])
        inner = re.search(rb":[0-9a-fA-F]{1,4}\Z", data[max(0, at - 4) : at + 1])
        return re.match(_HYPHENS, data[at:]) is not None or (begun is not None and inner is None)
    if shape == Shape.TITLE_PAIR:
        return re.search(rb"[A-Z\x80-\xff][a-z\x80-\xff]{1,15}\Z", data[max(0, at - 16) : at]) is not None
    if shape == Shape.DIGITS_14:
        found = re.compile(rb"[0-9]+").match(data, at)
        return found is not None and 14 <= len(found[0]) <= 19 and _luhn(found[0])
    return True


def _luhn(number: bytes) -> bool:
    digits = [byte - 48 for byte in number]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def quickly(data: bytes) -> dict[str, list[int]]:
    """What it gives, without shapes that are nowhere."""
    return {shape: at for shape, at in find(data, len(data)).items() if at}


PIECES = st.sampled_from(
    [
        b"4111111111111111", b"378282246310005", b"12345678901234", b"4111 1111 1111 1111", b"3782-822463-10005",
        b"219-09-9999", b"415-555-0132", b"(415) 555-0132", b"(415)555-0132", b"415.555.0132", b"219 09 9999",
        b"SGVsbG8gd29ybGQgaGVsbG8gd29y", b"abcdefghijklmnopqrstuvwxyzab", b"6a616e65406578616d706c652e6f7267",
        b"3333333333333333333333",
        "jane@x".encode("utf-16-le"), "jane@x".encode("utf-16-be"), b" ", b"-", b".", b"\x00", b"a", b"7",
        base64.b64encode(b"+14155550132"), base64.b64encode(b"jo@example.org"), b"internationally",
        b"+", b"/", b"\xff", b"192.0.2.17", b"10.20.30.4", b"1.2", b"2001:db8::7", b"2001:db8:0:1:2:3:4:5", b"fe80::",
        b"02:00:5e:00:53:01", b"02-00-5e-00-53-01", b":", b"::", b"std::x", b"12:34:56", b"1990-05-17", b"17/05/1990",
        b"1.2.1990", b"2024-01-02T03:04:05", b"T00:00:00", b" 10:20", b"DE89370400440532013000",
        b"GB82 WEST 1234 5698",
        b"Jane Roe", "Zo\u00eb \u0141uk".encode(), b"Aa", b"abcdefgh",
    ]
)  # fmt: skip
BUFFERS = st.lists(PIECES | st.binary(max_size=4), max_size=30).map(b"".join)


@given(BUFFERS)
def test_it_gives_what_the_reference_gives(data: bytes) -> None:
    """Every shape, at every place, and nowhere else."""
    assert quickly(data) == slowly(data)


@given(st.binary(max_size=500))
def test_it_agrees_on_noise(data: bytes) -> None:
    """Bytes of any kind, above ASCII too."""
    assert quickly(data) == slowly(data)


@given(st.text("0123456789-. ()", max_size=300).map(str.encode))
def test_it_agrees_on_numbers(data: bytes) -> None:
    """Where shapes of digits are dense and overlap."""
    assert quickly(data) == slowly(data)


@given(st.text("0123456789abcdefF:.-/T ", max_size=120).map(str.encode))
def test_it_agrees_on_addresses_and_dates(data: bytes) -> None:
    """Groups of every length, and what nearly is one."""
    assert quickly(data) == slowly(data)


@given(
    st.lists(st.sampled_from([b"19", b"20", b"1", b"05", b"-", b"/", b".", b"T", b" ", b"00", b":", b"13"])).map(
        b"".join
    )
)
def test_it_agrees_on_dates(data: bytes) -> None:
    """And on the times behind them, whole or cut."""
    assert quickly(data) == slowly(data)


@given(st.text("AZaz09 \xe9", max_size=120).map(lambda text: text.encode("latin-1")))
def test_it_agrees_on_words(data: bytes) -> None:
    """Of every length, with and without capitals."""
    assert quickly(data) == slowly(data)


def test_entries_of_a_log_are_no_dates() -> None:
    """A date of birth has no time of day, or is midnight; a time is no address."""
    line = b"2024-03-01 12:34:56.789 I/app: 2024-03-01T12:34:56Z [01/03/2024 12:34:56] 12:34:56,01\n"

    assert quickly(line) == {}
    assert quickly(b'"1990-05-17T00:00:00.000Z"')[Shape.DATE] == [1]


def test_only_what_is_asked_for_is_looked_for() -> None:
    """A shape costs nothing until a detector names it."""
    data = b"192.0.2.17 1990-05-17"

    assert find(data, len(data), {Shape.DATE}) == {Shape.DATE: [11]}
    assert find(data, len(data), ()) == {}


@pytest.mark.parametrize("size", [*range(70), 127, 128, 129, 511, 513])
def test_every_length_is_whole(size: int) -> None:
    """Words of 64 bits are padded; nothing is seen in the padding."""
    for filler in (b"7", b"A1b", b"4a", b"x\x00", b"4111 "):
        data = (filler * (size // len(filler) + 1))[:size]

        assert quickly(data) == slowly(data)


@pytest.mark.parametrize("piece", [
    b"4111111111111111", b"4111 1111 1111 1111", b"3782 822463 10005", b"219-09-9999", b"(415) 555-0132",
    b"SGVsbG8gd29ybGQgaGVsbG8g", b"6a616e65406578616d706c65", "jane@e".encode("utf-16-le"),
])  # fmt: skip
def test_the_last_byte_of_the_buffer_counts(piece: bytes) -> None:
    """A value at the very end of a file is a value."""
    for before in (b"", b" ", b"\xff" * 63, b"\xff" * 64):
        data = before + piece

        assert quickly(data) == slowly(data)
        assert [at for found in quickly(data).values() for at in found] != []


CHUNK = shapes._CHUNK


@settings(max_examples=25, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=12).map(b"".join), st.integers(0, 300), st.sampled_from([b"\xff", b" ", b"7", b"Ab", b"4a"]))  # fmt: skip  # noqa: E501
def test_a_border_between_chunks_is_not_seen(data: bytes, before: int, filler: bytes) -> None:
    """Large buffers are worked through in chunks; a shape across a border is found once, where it begins."""
    head = (filler * CHUNK)[: CHUNK - before]
    buffer = head + data + b"\xff" * 200
    near = CHUNK - before - 600

    expected = {shape: [at for at in found if at >= near] for shape, found in slowly_from(buffer, near).items()}
    assert {shape: kept for shape, at in quickly(buffer).items() if (kept := [n for n in at if n >= near])} == {
        shape: at for shape, at in expected.items() if at
    }


def slowly_from(buffer: bytes, start: int) -> dict[str, list[int]]:
    """The reference over the end of a buffer, with what is before it in sight."""
    out: dict[str, list[int]] = {}
    for shape, pattern in PATTERNS.items():
        out[shape] = [
            found.start() for found in pattern.finditer(buffer, start) if _passes(shape, buffer, found.start())
        ]
    return out


def test_three_chunks_of_everything() -> None:
    """Half a million bytes of pieces in random order, against the reference."""
    chosen = random.Random(7)
    pool = [
        b"4111111111111111", b"(415) 555-0132", b"219-09-9999", b"SGVsbG8gd29ybGQgaGVsbG8gd29y",
        b"\x00\x01", b"words ",
        b"6a616e65406578616d706c652e6f7267", "jane@x".encode("utf-16-le"), b"4111 1111 1111 1111", b"\xff" * 50,
        base64.b64encode(b"+14155550132"), base64.b64encode(b"jo@example.org"), b"internationally",
        b"4a4b4c4d4e4f5051",
    ]  # fmt: skip
    data = b"".join(chosen.choice(pool) for _ in range(30_000))

    assert len(data) > 2 * CHUNK
    assert quickly(data) == slowly(data)


def test_positions_ascend() -> None:
    """Callers walk along them."""
    data = b"4111 1111 1111 1111 219-09-9999 " * 20_000

    for at in find(data, len(data)).values():
        assert all(one < other for one, other in pairwise(at))


# -- where values touch --------------------------------------------------------------------------


def touching(data: bytes) -> list[int]:
    return find(data, len(data)).get(TOUCHING, [])


def _is_text_at(data: bytes, at: int) -> bool:
    """Whether four characters stand for three bytes of ASCII text."""
    four = data[at : at + 4] if at >= 0 else b""
    return re.fullmatch(rb"[A-Za-z0-9+/]{4}", four) is not None and all(
        0x20 <= byte < 0x80 for byte in base64.b64decode(four)
    )


def _touching_slowly(data: bytes) -> list[int]:
    return [
        at
        for at in range(len(data))
        if all(_is_text_at(data, at + ahead) for ahead in (0, 4, 8)) and not _is_text_at(data, at - 4)
    ]


@given(BUFFERS | st.text("ABCDIJSXYZabcfghijnyz0123458+/{|}~", max_size=200).map(str.encode))
def test_base64_is_seen_whatever_touches_it(data: bytes) -> None:
    """At each place where a group of four may begin."""
    assert touching(data) == _touching_slowly(data)


@given(st.binary(max_size=200), st.text("ab1 .@{", min_size=12).map(lambda text: base64.b64encode(text.encode())))
def test_text_in_base64_is_never_overlooked(before: bytes, encoded: bytes) -> None:
    """It begins there or was seen to begin before, at the same one of four places."""
    assert any((at - len(before)) % 4 == 0 and at <= len(before) for at in touching(before + encoded))


# -- buffers -------------------------------------------------------------------------------------

TEXT = b"card 4111 1111 1111 1111, ssn 219-09-9999"


def test_any_kind_of_buffer_is_searched(tmp_path: Path) -> None:
    """Read-only and mapped files too; a mapping can be closed afterwards."""
    file = tmp_path / "data"
    file.write_bytes(TEXT)
    expected = find(TEXT, len(TEXT))

    for buffer in (bytearray(TEXT), memoryview(TEXT), memoryview(bytearray(TEXT))):
        assert find(buffer, len(TEXT)) == expected
    with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert find(mapped, len(TEXT)) == expected


@given(st.integers(0, len(TEXT)))
def test_only_the_first_bytes_are_searched(length: int) -> None:
    """A buffer may be larger than what is in use."""
    assert find(TEXT, length) == find(TEXT[:length], length)


def test_an_empty_buffer_has_no_shapes() -> None:
    """Empty files are common."""
    assert find(b"", 0) == {}


def test_the_buffer_is_left_as_it_is() -> None:
    """The kernel computes on copies of bits, never in place."""
    data = bytearray(TEXT * 100)

    find(data, len(data))
    assert data == TEXT * 100
    assert np.frombuffer(data, np.uint8).sum() == sum(TEXT) * 100
