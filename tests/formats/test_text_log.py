"""Plain text: every line once, under the number that an editor shows."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.text_log import TextLog
from harness.limits import Limits
from harness.model import Document, Value

FORM = TextLog()
LIMITS = Limits()
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


def decoded(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


@given(
    lines=st.lists(LINE, max_size=8),
    codec=st.sampled_from(("utf-8", "utf-8-sig", "utf-16")),
    end=st.sampled_from(("\n", "\r\n")),
)
def test_lines_are_read_in_any_encoding(lines: list[str], codec: str, end: str) -> None:
    """Empty ones count and have no value; places are those of decoded lines."""
    document = Document("".join(line + end for line in lines).encode(codec))
    values = list(FORM.decode(document, LIMITS))

    assert values == [Value((number,), line) for number, line in enumerate(lines, 1) if line]
    known = {(value.steps, as_bytes(value.value)) for value in values}
    for place in FORM.locate(document, range(len(document.data)), LIMITS):
        assert not place.value or (place.steps, place.value) in known


def test_latin_lines_are_read_as_such() -> None:
    """A line that is not UTF-8 is Latin-1, and offsets within it are those of the UTF-8 that is searched."""
    data = "Jürgen Müller\nZoë".encode("latin-1") + "\nZoë".encode()

    assert decoded(data) == [Value((1,), "Jürgen Müller"), Value((2,), "Zoë"), Value((3,), "Zoë")]
    (place,) = FORM.locate(Document(data), [data.index(b"ller")], LIMITS)
    assert place.value[place.offset :] == b"ller"


def test_endless_lines_come_in_parts() -> None:
    """Of at most 1 MiB, none of which ends within a character."""
    text = "aé" * 600_000
    values = decoded(b"first\n" + text.encode())

    assert [value.steps for value in values] == [(1,), (2, 0), (2, 1)]
    assert "".join(str(value.value) for value in values[1:]) == text


@pytest.mark.parametrize(
    ("head", "is_text"),
    [(b"one line", True), ("Zoë\n".encode(), True), ("J\xfcrgen und Zo\xeb\n" * 3, True), (b"a\x00b", False),
     (b"", False),
     (b"\x1b[31mred\x1b[0m text", True), (bytes(range(256)), False), ("text".encode("utf-16"), True)],
)  # fmt: skip
def test_only_text_looks_like_text(head: bytes | str, is_text: bool) -> None:
    """Colour codes are part of logs; zeros and control characters are not."""
    data = head if isinstance(head, bytes) else head.encode("latin-1")

    assert (FORM.sniff(data, len(data)) >= 0.3) == is_text


def test_a_character_that_the_head_cuts_is_no_reason() -> None:
    """The head of a longer text may end anywhere."""
    data = "é€😀".encode() * 100

    assert all(FORM.sniff(data[:cut], len(data)) == 0.5 for cut in range(20, 60))


def test_a_line_end_within_a_line_cannot_be_written() -> None:
    """It would be read back as two."""
    with pytest.raises(FormatError):
        FORM.encode(["a\nb"])


def test_wide_text_is_given_to_the_raw_lane() -> None:
    """In UTF-16 nothing can be found; in the piece it can, and leads back to its line."""
    document = Document("one\njane@example.org\n".encode("utf-16"))
    (piece,) = FORM.expand(document, re.compile(b"x"), LIMITS)

    assert piece.data == b"one\x1ejane@example.org"
    assert FORM.locate(document, [piece.anchors[1][1]], LIMITS)[0].steps == (2,)


def test_logs_of_others_are_text(shared_corpus: Path | None, own_corpus: Path) -> None:
    """Every line of real logs is given once, whole."""
    folder = shared_corpus / "logs" if shared_corpus else own_corpus
    for file in sorted(folder.rglob("*")):
        data = file.read_bytes() if file.is_file() else b""
        if FORM.sniff(data[:4096], len(data)) >= 0.4 and not data.startswith((b"\xff", b"\xfe")):
            lines = [line.rstrip(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
            assert [(v.steps[0], as_bytes(v.value)) for v in decoded(data)] == [
                (number, line.decode("utf-8", "replace").encode()) for number, line in enumerate(lines, 1) if line
            ]
