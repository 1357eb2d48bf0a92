"""The raw lane: places worth decoding, in every part, under every encoding, at bounded cost."""

import base64
import gzip
import json
import re
import time
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import registry
from harness.detectors.base import Detector
from harness.errors import FormatError
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Artifact, Bytes, Document, Facts
from harness.persona import Persona
from harness.scan.cues import CueSet
from harness.scan.raw import Opened, RawLane, Suspicion
from harness.scan.tracer import Tracer

FORMATS = registry.load("formats", Format)
DETECTORS = registry.load("detectors", Detector)
CUES = CueSet(DETECTORS)
JANE = Persona(name="Jane Roe", custom={"member": "M-99881"})
LANE = RawLane(DETECTORS, CUES, None, Limits())
SEEDED = RawLane(DETECTORS, CUES, Tracer(JANE), Limits())
TELLING = re.compile(rb"(?!)")
MAIL = "ada.birch@example.com"


def opened(data: bytes, format_name: str = "printable", **sidecars: bytes) -> Opened:
    document = Document(data, {suffix.replace("_", "-"): side for suffix, side in sidecars.items()})
    return Opened(
        Artifact(facts=Facts(path="f", size=len(data)), content=Bytes(data)), FORMATS[format_name], document
    )


def suspicions(*files: Opened, lane: RawLane = LANE) -> list[Suspicion]:
    return lane.sweep(files, TELLING).suspicions


def b64(text: str) -> bytes:
    return base64.b64encode(text.encode())


# -- places --------------------------------------------------------------------------------------


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_value_is_suspected_where_it_stands(before: int, after: int) -> None:
    """At an offset within it, wherever it is in the file."""
    data = b"\xff" * before + b" " + MAIL.encode() + b" " + b"\xff" * after
    found = suspicions(opened(data))

    assert found
    assert all(before < each.offset <= before + len(MAIL) for each in found)
    assert all((each.owner, each.part, each.layers) == (0, "", ()) for each in found)


def test_the_person_is_suspected_by_the_literal() -> None:
    """Without a rule, a key, or a border round it: the exact rules decide later."""
    found = suspicions(opened(b"xxJane Roerxx M-99881"), lane=SEEDED)

    assert {2, 14} <= {each.offset for each in found}
    assert {2, 14}.isdisjoint(each.offset for each in suspicions(opened(b"xxJane Roerxx M-99881")))


def test_each_part_of_a_document_is_swept() -> None:
    """The log beside a database is bytes too."""
    found = suspicions(opened(b"nothing here", _wal=b"-- " + MAIL.encode(), _shm=MAIL.encode() + b" --"))

    assert {each.part for each in found} == {"-wal", "-shm"}
    assert {each.part: each.offset >= 3 for each in found if each.part == "-wal"} == {"-wal": True}


def test_files_of_a_batch_are_told_apart() -> None:
    """Nothing spans two of them; the order is that of the batch."""
    found = suspicions(opened(MAIL[:9].encode()), opened(MAIL.encode()), opened(b""), opened(MAIL[9:].encode()),
                       opened(MAIL.encode() * 2))  # fmt: skip

    assert {each.owner for each in found} == {1, 4}
    assert [(each.owner, each.offset) for each in found] == sorted((each.owner, each.offset) for each in found)


def test_escapes_of_a_documents_own_syntax_are_suspected() -> None:
    """Only its decoder can tell what they spell."""
    assert suspicions(opened(b'{"a":"ada\\u0040example.com"}', "json_text"))
    assert suspicions(opened(b"<a>ada&#64;example.com</a>"))


def test_large_files_are_swept_where_they_are() -> None:
    """And small ones together: the offsets are those of the file in both cases."""
    big = b"\xff" * (5 << 20) + MAIL.encode()
    found = suspicions(opened(MAIL.encode()), opened(big), opened(b"  " + MAIL.encode()))

    assert {each.owner for each in found} == {0, 1, 2}
    assert all(each.offset >= 5 << 20 for each in found if each.owner == 1)


# -- under encodings -----------------------------------------------------------------------------

TEXT = f"write to {MAIL} about it"
ENCODERS: dict[str, tuple[Callable[[str], bytes], tuple[str, ...]]] = {
    "base64": (b64, ("base64",)),
    "hex": (lambda text: text.encode().hex().encode(), ("hex",)),
    "utf-16le": (lambda text: text.encode("utf-16-le"), ("utf-16le",)),
    "utf-16be": (lambda text: text.encode("utf-16-be"), ("utf-16be",)),
    "gzip": (lambda text: gzip.compress(text.encode(), mtime=0), ("gzip",)),
    "zlib": (lambda text: zlib.compress(text.encode()), ("zlib",)),
    "base64 of gzip": (lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)), ("base64", "gzip")),
    "base64 of base64": (lambda text: b64(b64(text).decode()), ("base64", "base64")),
    "hex of base64": (lambda text: b64(text).hex().encode(), ("hex", "base64")),
    "utf-16 of base64": (lambda text: b64(text).decode().encode("utf-16-le"), ("utf-16le", "base64")),
}


@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_what_is_encoded_is_suspected_with_its_layers(name: str) -> None:
    """At an offset within the encoded run, with what was seen beside it."""
    encode, layers = ENCODERS[name]
    data = b"\xff\xfe\x02\x02" * 5 + encode(TEXT) + b"\x02\xff" * 5
    found = [each for each in suspicions(opened(data)) if each.layers == layers]

    assert found
    assert all(MAIL.encode() in each.window for each in found)
    assert all(20 <= each.offset < 20 + len(encode(TEXT)) for each in found)


def test_percent_encoding_is_undone_with_its_surroundings() -> None:
    """A query is one text."""
    found = suspicions(opened(b'"https://example.org/?m=ada.birch%40example.com&x=1"'))

    assert any(each.layers == ("url",) and b"ada.birch@example.com&x=1" in each.window for each in found)


@pytest.mark.parametrize("depth", range(5))
def test_the_cap_on_depth_is_kept(depth: int) -> None:
    """Round after round, and no round more."""
    lane = RawLane(DETECTORS, CUES, None, Limits(depth=depth))
    data = TEXT
    for _ in range(6):
        data = b64(data).decode()

    assert max((len(each.layers) for each in suspicions(opened(data.encode()), lane=lane)), default=0) <= depth
    flat = b64(TEXT) if depth else TEXT.encode()
    assert suspicions(opened(flat), lane=lane)


# -- what formats add ----------------------------------------------------------------------------


def test_values_that_are_not_in_the_bytes_come_from_the_format() -> None:
    """A property list in UTF-16 inside; the offset is that of the stored string."""
    import plistlib

    data = plistlib.dumps({"k": f"Zoë: {MAIL}"}, fmt=plistlib.FMT_BINARY)
    assert MAIL.encode() not in data

    assert suspicions(opened(data, "property_list"))


def test_a_format_that_fails_to_expand_costs_nothing_else() -> None:
    """The raw bytes are swept all the same."""

    class Failing(type(FORMATS["printable"])):  # type: ignore[misc]
        def expand(self, document, telling, limits):  # type: ignore[no-untyped-def]
            raise FormatError("page 3 is cut off")

    whole = opened(MAIL.encode())
    assert suspicions(Opened(whole.artifact, Failing(), whole.document)) == suspicions(whole)


# -- hostility -----------------------------------------------------------------------------------


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_noise_gives_places_within_the_file(data: bytes) -> None:
    """Or none."""
    for each in suspicions(opened(data), lane=SEEDED):
        assert 0 <= each.offset < max(1, len(data))


@settings(max_examples=60)
@given(st.lists(st.sampled_from([b64(TEXT), TEXT.encode(), b"\x1f\x8b\x08", b"x\x9c", b"%40", b"%00", b"\\u0040", b"A\x00B\x00C\x00D\x00E\x00", gzip.compress(b"x" * 50, mtime=0), b"4a4b4c4d4e4f5051525354"]), max_size=12).map(b"".join))  # fmt: skip  # noqa: E501
def test_encodings_that_touch_break_nothing(data: bytes) -> None:
    """Runs within runs, signs without streams."""
    for each in suspicions(opened(data), lane=SEEDED):
        assert 0 <= each.offset < len(data)


def test_a_file_that_unpacks_without_end_is_named() -> None:
    """The others of the batch are not; what was seen of it counts."""
    lane = RawLane(DETECTORS, CUES, None, Limits(expanded_bytes=1 << 20))
    bomb = MAIL.encode() + b" " + b"\x78\x9c\x00\xff\xff\x00\x00" * 4000
    swept = lane.sweep([opened(MAIL.encode()), opened(bomb), opened(b64(TEXT))], TELLING)

    assert swept.capped == {1}
    assert {each.owner for each in swept.suspicions} == {0, 1, 2}


def test_a_large_file_of_encoded_text_is_no_bomb() -> None:
    """The cap grows with the file: it is for what unpacks to many times its size."""
    lane = RawLane(DETECTORS, CUES, None, Limits(expanded_bytes=1 << 10))
    data = b" ".join(b64(f"entry {n} of a long log, nothing in it") for n in range(2000))

    assert lane.sweep([opened(data)], TELLING).capped == frozenset()


HOSTILE = {
    "stored blocks": b"\x78\x9c\x00\xff\xff\x00\x00",
    "gzip names without end": b"\x1f\x8b\x08\x08",
    "zlib headers": b"x\x9c",
    "escaped zeros": b"%40%00",
    "binary under base64": b"AbAbAbAbAbAbAbAbAbAbAbAb-",
    "binary in hex": b"41414141414141414141000000",
    "escapes": b"\\u0040",
    "addresses": b"a@b.co ",
    "wide addresses": b"a\x00@\x00b\x00.\x00c\x00o\x00m\x00 \x00",
    "encoded addresses": b64("ada.birch@example.com") + b" ",
    "numbers": b"415-555-0132 ",
    "json in json": json.dumps(json.dumps({"a": MAIL})).encode(),
}


@pytest.mark.parametrize("pattern", sorted(HOSTILE))
def test_hostile_files_cost_linear_time(pattern: str) -> None:
    """An eighth of a megabyte of the worst is swept in seconds; where the cost is quadratic it takes hours."""
    data = HOSTILE[pattern] * ((1 << 17) // len(HOSTILE[pattern]))
    lane = RawLane(DETECTORS, CUES, Tracer(JANE), Limits(expanded_bytes=1 << 23))
    begun = time.process_time()

    lane.sweep([opened(data)], TELLING)
    assert time.process_time() - begun < 20
