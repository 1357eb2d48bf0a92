"""Encodings, peeled: every round trip, embedded in other text, damaged, capped and hostile."""

import base64
import gzip
import json
import mmap
import os
import re
import struct
import time
import urllib.parse
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.encodings import ENCODINGS, Run, inflate, is_text, peel
from harness.encodings.snappy_frames import framed

LIMIT = 1 << 20
WORDS = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 @.:/+{}\",'", min_size=24, max_size=200
)
BY_NAME = {each.name: each for each in ENCODINGS}


def _percent(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()


WRITERS: dict[str, Callable[[str], bytes]] = {
    "base64": lambda text: base64.b64encode(text.encode()),
    "hex": lambda text: text.encode().hex().encode(),
    "url": _percent,
    "utf-16le": lambda text: text.encode("utf-16-le"),
    "utf-16be": lambda text: text.encode("utf-16-be"),
    "gzip": lambda text: gzip.compress(text.encode(), mtime=0),
    "zlib": lambda text: zlib.compress(text.encode()),
    "zstd": lambda text: zstandard.compress(text.encode()),
    "snappy": lambda text: framed(text.encode()),
    "html": lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
}
"""By layer: how to write it."""


def first(value: bytes, layer: str) -> Run:
    """The first run of that layer."""
    runs = [run for run in peel(value, limit=LIMIT) if run.layer == layer]
    assert runs, [run.layer for run in peel(value, limit=LIMIT)]
    return runs[0]


# -- round trips ---------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", sorted(WRITERS))
@given(text=WORDS)
def test_what_was_encoded_is_peeled(layer: str, text: str) -> None:
    """The value alone: all of it is one run, and its data is what was encoded."""
    encoded = WRITERS[layer](text)
    run = first(encoded, layer)

    assert (run.start, run.end) == (0, len(encoded))
    assert run.data == text.encode()


@pytest.mark.parametrize("layer", ["base64", "hex", "utf-16le"])
@given(
    text=WORDS,
    before=st.sampled_from([b'{"d":"', b"data=", b"<v>", b"\n", b"log: "]),
    after=st.sampled_from([b'"}', b"\n", b"<", b" end"]),
)
def test_bounds_are_those_of_the_run(layer: str, text: str, before: bytes, after: bytes) -> None:
    """Embedded in other text, it is neither longer nor shorter than what was written."""
    if layer == "utf-16le":
        before, after = before + b"\xff\xfe", b"\x00\x00" + after
    encoded = WRITERS[layer](text)
    run = first(before + encoded + after, layer)

    assert (run.start, run.end) == (len(before), len(before) + len(encoded))
    assert run.data == text.encode()


@given(st.binary(min_size=30, max_size=90).map(lambda data: base64.b85encode(data).decode()))
def test_slashes_that_json_escapes_are_part_of_base64(text: str) -> None:
    r"""PHP and Android's org.json write `\/`."""
    encoded = base64.b64encode(text.encode()).replace(b"/", b"\\/")
    run = first(b'{"d":"' + encoded + b'"}', "base64")

    assert run.data == text.encode()
    assert (run.start, run.end) == (6, 6 + len(encoded))


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=30, max_size=60))
def test_the_urlsafe_alphabet_is_base64_too(text: str) -> None:
    """Tokens use it, with or without padding."""
    encoded = base64.urlsafe_b64encode(text.encode())

    assert first(encoded, "base64").data == text.encode()
    assert first(encoded.rstrip(b"="), "base64").data == text.encode()


@pytest.mark.parametrize("before", [b"line one\\n", b"\\t", b"C:\\Users\\jane\\", b"\\\\", b"\\"])
def test_a_backslash_before_base64_does_not_shift_it(before: bytes) -> None:
    r"""In undecoded text `\n` touches what follows; in a path the backslash is a border."""
    value = before + base64.b64encode(b"jane.roe@example.org was here")

    assert first(value, "base64").data == b"jane.roe@example.org was here"


def test_a_query_is_one_run_with_its_plain_parts() -> None:
    """What stands round a percent sign belongs to the same text."""
    value = b'"https://api.example.org/u?mail=jane%40example.org&n=Jane%20Roe"'
    run = first(value, "url")

    assert run.data == b"https://api.example.org/u?mail=jane@example.org&n=Jane Roe"
    assert value[run.start : run.end] == value[1:-1]


@pytest.mark.parametrize("size", [60, 64, 72, 76])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\\n", b"\\r\\n", b"&#10;"])
@given(text=st.text("abcdefgh ABC@.{}:", min_size=60, max_size=300))
def test_wrapped_base64_is_one_run(size: int, end: bytes, text: str) -> None:
    """Android and mail break its lines; what documents make of a line break breaks it too. Each byte is traced."""
    encoded = base64.b64encode(text.encode())
    lines = end.join(encoded[at : at + size] for at in range(0, len(encoded), size))
    run = first(b'{"d":"' + lines + b'"}', "base64")

    assert run.data == text.encode()
    for at in range(0, len(text), 3):
        there = run.source(at) - 6
        assert lines[there : there + 1] in {encoded[at // 3 * 4 :][:1], end[:1]}


@pytest.mark.parametrize("data", [gzip.compress(b'{"mail":"jane@example.org"}', mtime=0), zlib.compress(b"jane" * 9)])
def test_digits_of_a_stream_are_peeled(data: bytes) -> None:
    """In either case: no byte of it is text."""
    assert first(b'"' + data.hex().encode() + b'"', "hex").data == data
    assert first(b'"' + data.hex().upper().encode() + b'"', "hex").data == data


@pytest.mark.parametrize("at", ["&#64;", "&#x40;", "&#X0040;", "&commat;", "&#00064;"])
def test_entities_are_peeled(at: str) -> None:
    """Of any kind, in the middle of a text; what stands round them is read with them."""
    run = first(f"write to jane{at}example.org &amp; to her mother".encode(), "html")

    assert run.data == b"write to jane@example.org & to her mother"
    assert run.source(run.data.index(b"example")) == 13 + len(at)


@pytest.mark.parametrize("text", ["a & b; c", "&;", "&#;", "&#x;", "&#0;", "&nosuchentity;", "?a=1&b=2;"])
def test_an_ampersand_is_no_entity(text: str) -> None:
    """Queries and prose hold them."""
    assert [run for run in peel(text.encode(), limit=LIMIT) if run.layer == "html"] == []


def test_two_runs_side_by_side_are_two() -> None:
    """A value may hold any number of them."""
    one, other = base64.b64encode(b"jane.roe@example.org"), base64.b64encode(b"+1 415 555 0132 is hers")

    assert [run.data for run in peel(one + b"." + other, limit=LIMIT)] == [
        b"jane.roe@example.org", b"+1 415 555 0132 is hers",
    ]  # fmt: skip


def test_only_the_outermost_is_peeled() -> None:
    """What a run holds is for the caller to peel in turn."""
    inner = base64.b64encode(b"jane.roe@example.org is hers")
    runs = list(peel(inner.hex().encode(), limit=LIMIT))

    assert [(run.layer, run.data) for run in runs] == [("hex", inner)]


def test_documents_in_an_encoding_are_worth_peeling() -> None:
    """Binary or not: a property list, a database, a deflate stream."""
    for carrier in (b"bplist00", b"SQLite format 3\x00", b"\x1f\x8b\x08", b"\x78\x9c"):
        data = carrier + bytes(range(40))

        assert first(base64.b64encode(data), "base64").data == data


# -- damage and caps -----------------------------------------------------------------------------


@given(st.integers(20, 400))
def test_a_stream_that_is_cut_off_gives_what_is_whole(cut: int) -> None:
    """A torn page loses the end, not the beginning."""
    text = json.dumps([{"n": n, "mail": f"user{n * 7919 % 1000}@example.org"} for n in range(60)]).encode()
    packed = gzip.compress(text, mtime=0)[:cut]
    runs = [run for run in peel(packed, limit=LIMIT) if run.layer == "gzip"]

    assert all(text.startswith(run.data) for run in runs)
    assert runs or cut < 100


def test_a_bomb_is_capped() -> None:
    """A kilobyte must not become a gigabyte."""
    bomb = gzip.compress(b"A" * (64 << 20), mtime=0)
    runs = list(peel(bomb, limit=5000))

    assert len(bomb) < 100_000
    assert [len(run.data) for run in runs] == [5000]


@pytest.mark.parametrize("layer", sorted(WRITERS))
@given(limit=st.integers(64, 600))
def test_the_limit_is_honoured(layer: str, limit: int) -> None:
    """What is longer is cut, never dropped: its beginning may be all that there is to find."""
    text = "jane.roe@example.org " * 100
    run = BY_NAME[layer[:6] if layer.startswith("utf") else layer].at(
        WRITERS[layer](text), 0, 0, len(WRITERS[layer](text)), limit
    )

    assert run is not None
    assert len(run.data) <= limit
    assert text.encode().startswith(re.split(rb"[%&]", run.data)[0])  # an escape may be cut in two
    assert run.data


@given(st.binary(max_size=400))
def test_noise_never_breaks_it(noise: bytes) -> None:
    """Every value of every file comes through here; each run lies within it."""
    for run in peel(noise, limit=LIMIT):
        assert 0 <= run.start < run.end <= len(noise)
        assert run.data


@given(st.binary(max_size=120), st.integers(0, 119), st.integers(1, 200))
def test_any_place_may_be_asked(noise: bytes, at: int, limit: int) -> None:
    """The raw lane asks at every place that looks like one."""
    if at >= len(noise):
        return
    for encoding in ENCODINGS:
        run = encoding.at(noise, at, 0, len(noise), limit)
        assert run is None or 0 <= run.start <= run.end <= len(noise)


@given(st.binary(max_size=200), st.binary(max_size=40), st.binary(max_size=40))
def test_nothing_outside_of_floor_and_ceiling_is_read(inside: bytes, before: bytes, after: bytes) -> None:
    """In the joined buffer the neighbours are other files."""
    for encoding in ENCODINGS:
        for found in encoding.cue.finditer(inside):
            alone = encoding.at(inside, found.start(), 0, len(inside), LIMIT)
            low = len(before)
            joined = encoding.at(before + inside + after, low + found.start(), low, low + len(inside), LIMIT)

            assert (joined is None) == (alone is None)
            if alone and joined:
                assert (alone.data, alone.start, alone.end) == (joined.data, joined.start - low, joined.end - low)


def test_any_kind_of_buffer_is_read(tmp_path: Path) -> None:
    """Files are mapped, not loaded; they are read-only, and free to be closed afterwards."""
    file = tmp_path / "data"
    text = "jane.roe@example.org, and more"
    for layer, write in WRITERS.items():
        encoded = write(text)
        file.write_bytes(encoded)
        with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            for buffer in (mapped, memoryview(encoded), bytearray(encoded)):
                run = BY_NAME[layer[:6] if layer.startswith("utf") else layer].at(buffer, 0, 0, len(encoded), LIMIT)

                assert run is not None
                assert run.data == text.encode()


HOSTILE = {
    "percent signs": b"%",
    "escaped zeros": b"%00",
    "escaped letters": b"%41",
    "escaped zeros in words": b"%00%01 ",
    "one letter": b"A",
    "letters and hyphens": b"AbAbAbAbAbAbAbAbAbAbAbAb-",
    "small runs": b"SGVsbG8gd29ybGQgaGVsbG8g ",
    "binary in hex": b"41414141414141414141000000",
    "hex of text": b"41",
    "zlib headers": b"x\x9c",
    "stored blocks": b"\x78\x9c\x00\xff\xff\x00\x00",
    "gzip names without end": b"\x1f\x8b\x08\x08",
    "gzip extra fields": b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\x00\xff\xff",
    "backslashes": b"\\",
    "escaped slashes": b"\\/",
    "wide letters": b"A\x00",
    "wide words": b"AAAAA\x00A\x00A\x00A\x00A\x00\x00\x00",
}


@pytest.mark.parametrize("pattern", sorted(HOSTILE))
def test_hostile_values_cost_linear_time(pattern: str) -> None:
    """Half a megabyte of the worst is done in seconds; where the cost is quadratic it takes hours."""
    value = HOSTILE[pattern] * ((1 << 19) // len(HOSTILE[pattern]))
    begun = time.process_time()

    for _run in peel(value, limit=1 << 16):
        pass
    assert time.process_time() - begun < 20


# -- parts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", False),
        (b"plain text\twith\nlines\r\n", True),
        ("Jörg Müller, 東京".encode(), True),
        (b"\x00\x01\x02\x03text", False),
        (b"\xff\xfe\xfd\xfc", False),
        (b"\x80text", False),
        (("x" * 399 + "é").encode(), True),
        (b"text" * 90 + b"\x00" * 4, True),
    ],
)
def test_text_is_told_from_bytes(data: bytes, expected: bool) -> None:
    """Nine of ten bytes are no control characters; a character may be cut by the end of the sample."""
    assert is_text(data) is expected


@given(st.binary(max_size=300), st.integers(0, 400))
def test_inflate_undoes_deflate_up_to_its_limit(data: bytes, limit: int) -> None:
    """Any container: gzip, zlib, or the bare stream."""
    for wbits in (31, 15, -15):
        packer = zlib.compressobj(wbits=wbits)
        packed = packer.compress(data) + packer.flush()

        assert inflate(packed, wbits=wbits, limit=limit) == data[:limit]


@given(st.binary(max_size=300))
def test_inflate_takes_anything(noise: bytes) -> None:
    """What is no stream holds nothing, or little."""
    assert len(inflate(noise, wbits=31, limit=1000)) <= 1000


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=24, max_size=60), st.data())
def test_a_byte_is_traced_back_to_its_source(text: str, data: st.DataObject) -> None:
    """Near enough that a format finds the value that it belongs to: within the run, and never decreasing."""
    for layer, write in WRITERS.items():
        run = Run(layer, 10, 10 + len(write(text)), text.encode())
        at = data.draw(st.integers(0, len(run.data) - 1))

        assert run.start <= run.source(at) < run.end or layer == "html"
        assert run.source(at) <= run.source(len(run.data) - 1)


def test_bytes_of_utf16_are_traced_exactly() -> None:
    """Characters beyond ASCII take other numbers of bytes in both."""
    text = "Zoë Müller 😀 jane"
    run = Run("utf-16le", 100, 100 + len(text.encode("utf-16-le")), text.encode())

    assert run.source(text.encode().index(b"jane")) == 100 + text.encode("utf-16-le").index(
        "jane".encode("utf-16-le")
    )


def test_a_random_megabyte_is_quiet() -> None:
    """Ciphertext holds no runs worth the name: each would become a value to search."""
    noise = os.urandom(1 << 20)

    assert sum(len(run.data) for run in peel(noise, limit=LIMIT)) < 1 << 14


def _layers() -> Iterator[str]:
    for encoding in ENCODINGS:
        yield from ("utf-16le", "utf-16be") if encoding.name == "utf-16" else (encoding.name,)


def test_every_encoding_has_its_writer_here() -> None:
    """A new one is tested by adding a line; others hold no text, or two, or not all of it."""
    assert sorted(_layers()) == sorted({*WRITERS, "double-bits", "jwt", "quoted-printable"})


def _token(*parts: object, signature: str = ".c2lnbmF0dXJl") -> str:
    texts = (json.dumps(part, separators=(",", ":")).encode() for part in parts)
    return ".".join(base64.urlsafe_b64encode(text).decode().rstrip("=") for text in texts) + signature


@given(
    claims=st.dictionaries(st.text("abcdef_", min_size=1, max_size=8), WORDS, min_size=1, max_size=3),
    before=st.sampled_from(["", "Bearer ", "https://example.org/?t=", '{"token":"']),
    signature=st.sampled_from(["", ".", ".c2lnbmF0dXJl"]),
)
def test_a_token_is_read_as_its_header_and_its_claims(claims: dict[str, str], before: str, signature: str) -> None:
    """As one document, wherever it stands; each byte of the claims leads into their part."""
    header = {"alg": "RS256", "kid": "k1"}
    token = _token(header, claims, signature=signature)
    run = first((before + token + '"').encode(), "jwt")

    assert json.loads(run.data) == {"header": header, "claims": claims}
    assert (run.start, run.end) == (len(before), len(before) + len(token))
    second = len(before) + token.index(".") + 1
    assert run.source(run.data.index(b'"claims":') + 9) == second


@pytest.mark.parametrize(
    "text",
    [
        _token({"alg": "none"}, ["no", "object"]),
        "eyJhbGciOiJub25lIn0.eyJ",
        "keyJhbGciOiJub25lIn0.example.org",
        "eyJhbGciOiJub25lIn0" + 5000 * "A" + ".eyJhIjoxfQ",
    ],
)
def test_what_only_begins_like_a_token_is_none(text: str) -> None:
    """Both parts are objects of JSON, of a size that somebody would send."""
    assert "jwt" not in [run.layer for run in peel(text.encode(), limit=LIMIT)]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("layer", ["base64", "hex", "url"])
@given(text=st.text("abcdefghijklmnopqrstuvwxyz0123456789@.+ üß", min_size=8, max_size=60))
def test_utf16_under_an_encoding_is_peeled_twice(layer: str, codec: str, text: str) -> None:
    """What .NET and Windows call Unicode, in Base64 or in digits."""
    text = f"jane@{text}"
    encoded = {
        "base64": base64.b64encode(text.encode(codec)),
        "hex": text.encode(codec).hex().encode(),
        "url": urllib.parse.quote_from_bytes(text.encode(codec), safe="").encode(),
    }[layer]
    outer = first(encoded, layer)
    inner = [run.data for run in peel(outer.data, limit=LIMIT) if run.layer.startswith("utf-16")]

    assert any(text.encode().startswith(b"jane@") and b"jane@" in data for data in inner)


def _bits(value: float) -> bytes:
    return str(struct.unpack(">q", struct.pack(">d", value))[0]).encode()


@given(st.floats(0.002, 180), st.booleans())
def test_degrees_are_read_from_their_bits(value: float, negative: bool) -> None:
    """As a whole value, and at any place of a file."""
    value = -value if negative else value
    bits = _bits(value)
    run = first(bits, "double-bits")
    text = b'<long name="latitude" value="%b" />' % bits
    at = text.index(bits)

    assert (run.start, run.end, float(run.data)) == (0, len(bits), value)
    assert first(bits, "double-bits") == BY_NAME["double-bits"].at(bits, len(bits) - 19, 0, len(bits), LIMIT)
    within = BY_NAME["double-bits"].at(text, at, 0, len(text), LIMIT)
    assert within is not None
    assert (within.start, within.end, within.data) == (at, at + len(bits), run.data)


@pytest.mark.parametrize(
    "text", [_bits(180.5), _bits(0.0005), b"46260626343378613701", b"x4626062634337861370", b"4626062634337861370.5"]
)
def test_other_numbers_are_no_degrees(text: bytes) -> None:
    """Out of range, longer, or a part of something else."""
    at = text.index(b"4")

    assert "double-bits" not in [run.layer for run in peel(text, limit=LIMIT)]
    assert BY_NAME["double-bits"].at(text, at, 0, len(text), LIMIT) is None


def test_a_percent_sign_in_prose_is_no_encoding() -> None:
    """`100%` and `50%ab` of text read as they are."""
    assert [run.layer for run in peel(b"100% of them, or 50% at most", limit=LIMIT)] == []
    assert urllib.parse.unquote("100% of") == "100% of"


@pytest.mark.parametrize("before", ["user_", "profile", "dir/", "A", "id0", "KeyOf"])
@pytest.mark.parametrize("after", ["", "/x", "End", "_1"])
def test_base64_behind_a_prefix_of_its_own_characters_is_peeled(before: str, after: str) -> None:
    """Keys and paths are built like that; what is readable is, whatever touches it."""
    for data in (b"jane.doe@example.org", gzip.compress(b"jane.doe@example.org", mtime=0)):
        encoded = base64.b64encode(data).decode().rstrip("=")
        runs = [run for run in peel(f"{before}{encoded}{after}".encode(), limit=LIMIT) if run.layer == "base64"]

        assert any(data[:18] in run.data for run in runs)


def test_identifiers_hold_no_base64() -> None:
    """Words, names of classes, hashes and random ids."""
    noise = [os.urandom(16).hex() for _ in range(200)]
    words = ["com.example.app.InternationalizationServiceImplementation", "sharedPreferencesFileName", "a" * 60]

    assert sum(len(list(peel(each.encode(), limit=LIMIT))) for each in (*noise, *words)) <= 4


@pytest.mark.parametrize("end", ["=\n", "=\r\n"])
@given(at=st.integers(1, 20), before=st.text("abc defg.,", min_size=45, max_size=60))
def test_lines_that_mail_broke_are_joined(end: str, at: int, before: str) -> None:
    """Wherever the break falls; each byte leads back to where it stood."""
    mail = "jane.roe@example.org"
    text = f"Dear Zoe\n{before}x{mail[:at]}{end}{mail[at:]} wrote=3D\nbye" if at < len(mail) else f"{before}x=40y"
    run = first(text.encode(), "quoted-printable")

    assert (mail.encode() in run.data) == (at < len(mail))
    if at < len(mail) - 1:
        assert run.source(run.data.index(mail.encode()) + at) == text.index(end) + len(end)


@pytest.mark.parametrize("text", ["x =\ny", "a = b=\nc", "q=40&r=2", "===\ntitle", "key=value"])
def test_an_equals_sign_is_no_mail(text: str) -> None:
    """Code, queries and headings."""
    assert [run.layer for run in peel(text.encode(), limit=LIMIT)] == []


def test_an_address_with_its_sign_in_digits_is_read() -> None:
    """As mail writes it that passed through a gateway."""
    assert first(b"From: jane.roe=40example.org", "quoted-printable").data == b"From: jane.roe@example.org"
