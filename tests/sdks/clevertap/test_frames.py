"""Ciphertext as text: what is written is read back, what only looks like it is named, hostile text costs little."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scan.engine import Expression, PurePython, compile_cues
from harness.sdks.clevertap.frames import (
    BRACKET_CUES,
    BRACKETS,
    FRAME,
    FRAME_CUES,
    bracket_fault,
    bracketed,
    frame_fault,
    framed,
    unbracketed,
    unbracketed_end,
    unframed,
)

LEGACY = "[-84, -2, 40, 21, -25, 92, -88, 74, 110, 64, 90, 91, -90, -35, -126, -51]"
FRAMED = "<ct<AAECAwQFBgcICQoL:LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg>ct>"

some_blocks = st.integers(1, 6).flatmap(lambda count: st.binary(min_size=16 * count, max_size=16 * count))
sealed_bytes = st.binary(min_size=28, max_size=200)


# -- brackets ------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_brackets_are_read_back(data: bytes) -> None:
    """As Java spells bytes, and nothing is lost; no bytes at all are no list."""
    text = bracketed(data)

    assert text == "[" + ", ".join(str(byte - 256 if byte > 127 else byte) for byte in data) + "]"
    assert unbracketed(text) == (data or None)
    assert unbracketed_end(text.encode(), 32) == data[-32:]


@given(st.binary(min_size=1, max_size=50), st.sampled_from(["", " ", "  ", "\t", "\n "]), st.booleans())
def test_spaces_and_plus_signs_do_not_matter(data: bytes, space: str, plus: bool) -> None:
    """The SDK trims, splits at commas with any space round them, and reads each number as Java does."""
    numbers = [f"{'+' if plus and number >= 0 else ''}{number}" for number in memoryview(data).cast("b").tolist()]

    assert unbracketed(f"[{space}{f'{space},{space}'.join(numbers)}{space}]") == data


@pytest.mark.parametrize(
    "text",
    ["", "[", "]", "[]", "[a]", "[1,]", "[,1]", "[1 2]", "1, 2", "[128]", "[-129]", "[1.5]", "[99999999999]", "[é]"],
)
def test_what_is_no_list_of_bytes_is_not_read(text: str) -> None:
    """Nothing raises, whatever stands there."""
    assert unbracketed(text) is None


@given(some_blocks)
def test_whole_blocks_can_be_ciphertext(data: bytes) -> None:
    """But for lists that would come of ciphertext less often than once in 2 ** 32 times."""
    values = memoryview(data).cast("b").tolist()
    if min(values) >= 0 and (len(data) > 16 or max(values) < 64):
        return
    text = bracketed(data).encode()

    assert bracket_fault(text) == ""
    assert BRACKETS.fullmatch(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (bracketed(bytes(range(200, 217))), "its length is no multiple of a block"),
        ("[" + ", ".join(["-200"] * 16) + "]", "a number that is no signed byte"),
        ("[" + ", ".join(["300", *["-1"] * 15]) + "]", "a number that is no signed byte"),
        (json.dumps(list(range(16))), "a list of plain numbers"),
        (json.dumps(list(range(70, 102))), "a list of plain numbers"),
        (json.dumps([100] * 16, separators=(",", ":")), "a list of plain numbers"),
        ("[hello]", "no list of numbers"),
    ],
)
def test_what_only_looks_like_ciphertext_is_named(text: str, fault: str) -> None:
    """The SDK takes any text in brackets for ciphertext; we do not."""
    assert bracket_fault(text.encode()) == fault


@pytest.mark.parametrize(
    "text",
    [
        '["a","b"]',
        json.dumps(list(range(100)), separators=(",", ":")),
        json.dumps([1000, -2000] * 20),
        json.dumps([1.5, -2.5] * 20),
        "[-1, 2, 3]",
        "[2024-01-02, 2024-01-03, 2024-01-04]",
    ],
)
def test_plain_json_is_no_ciphertext(text: str) -> None:
    """As JSON writers of Android spell it."""
    assert not BRACKETS.search(text.encode())


# -- marks ---------------------------------------------------------------------------------------


@given(sealed_bytes)
def test_frames_are_read_back(sealed: bytes) -> None:
    """Escaped slashes, as JSON has them, and padding that is missing do not matter."""
    text = framed(sealed)

    assert re.fullmatch(r"<ct<[A-Za-z0-9+/]{16}:[A-Za-z0-9+/]+={0,2}>ct>", text)
    for spelling in (text, text.encode(), text.replace("/", "\\/"), text.replace("=", "")):
        assert unframed(spelling) == sealed
    assert frame_fault(text.encode()) == ""
    assert FRAME.fullmatch(text.encode())


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("", "no nonce before its text"),
        ("jane@example.org", "no nonce before its text"),
        ("AAECAwQFBgcICQ==:LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg", "a nonce of 10 bytes, not of 12"),
        (":LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg", "a nonce of 0 bytes, not of 12"),
        ("AAECAwQFBgcICQoL:LWO1cIWC", "shorter than a tag"),
        ("AAECAwQFBgcICQoL:", "shorter than a tag"),
        ("AAECAwQFBgcICQoL:jane@example.org and others", "a text that is not in Base64"),
        ("AAECAwQFBgcICQoL:LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg:", "a text that is not in Base64"),
        ("AAECAwQFBgcICQoL:A", "a text that is not in Base64"),
        ("{nonce}:LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg", "a nonce that is not in Base64"),
    ],
)
def test_marks_round_something_else_are_named(inside: str, fault: str) -> None:
    """The pattern takes what is marked, whatever it is, so that it can be said what is wrong with it."""
    text = f"<ct<{inside}>ct>"

    assert FRAME.fullmatch(text.encode())
    assert frame_fault(text.encode()) == fault
    assert unframed(text) is None


@pytest.mark.parametrize("text", ["", "<ct<", ">ct>", "<ct>", "<ct<ct>", "ct", "<ct<é>ct>"])
def test_half_a_frame_is_none(text: str) -> None:
    """Nothing raises, whatever stands there."""
    assert unframed(text) is None
    assert frame_fault(text.encode())


@given(st.binary(max_size=120))
def test_no_bytes_raise(data: bytes) -> None:
    """What comes from a device may be anything."""
    for each in (data, b"<ct<" + data + b">ct>", b"[" + data + b"]"):
        assert (unframed(each) is None) == bool(frame_fault(each))
        unbracketed(each)
        unbracketed_end(each, 32)
        bracket_fault(each)


# -- cues, and what hostile text costs -----------------------------------------------------------

JSON_FRAME = json.dumps(FRAMED).replace("/", "\\/")
WRITTEN = {
    "a column": FRAMED,
    "JSON of Android": JSON_FRAME,
    "JSON of Gson": JSON_FRAME.replace("<", "\\u003c").replace(">", "\\u003e"),
    "preferences": FRAMED.replace("<", "&lt;").replace(">", "&gt;"),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_cues_find_frames_as_files_have_them(text: str) -> None:
    """Exactly one kind of cue sees each, at its begin, in both engines."""
    data = b"...." + text.encode() + b"...."
    expressions = [Expression(cue) for cue in FRAME_CUES]

    ends = {end for end, _ in PurePython(expressions).scan(data, len(data))}
    assert len(ends) == 1
    assert ends == {end for end, _ in compile_cues(expressions, keep=False).scan(data, len(data))}


@given(some_blocks, st.sampled_from([", ", ","]))
def test_cues_find_brackets(data: bytes, comma: str) -> None:
    """Within the first eight numbers."""
    text = bracketed(data).replace(", ", comma).encode()

    (end, _), *_ = PurePython([Expression(cue) for cue in BRACKET_CUES]).scan(text, len(text))
    assert end <= len(b",".join(text.split(b",")[:8]))


@pytest.mark.parametrize(
    "data",
    [
        b"[1," * 300_000,
        b"[1" + b", -1" * 300_000,
        b"[" + b"1" * 1_000_000,
        b"[1" + b" " * 1_000_000,
        b"<ct<" * 300_000,
        b"<ct<" + b"A" * 1_000_000 + b":",
        b"[" * 1_000_000,
    ],
    ids=range(7),
)
def test_hostile_text_costs_one_pass(data: bytes) -> None:
    """Neither the patterns nor the readers go back over what they have read."""
    begun = time.perf_counter()
    for pattern in (BRACKETS, FRAME):
        assert pattern.search(data) is None
    assert unbracketed(data) is None
    assert unframed(data) is None

    assert time.perf_counter() - begun < _FOREVER


_FOREVER = 60
"""Seconds: what goes back and forth takes hours, what does not takes less than one, however busy the machine is."""
