"""What every detector owes: it proves itself, its cues reach what it finds, and hostile bytes cost it little."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.detectors.base import Detector, Match, Window
from harness.registry import load
from harness.scan.confirm import Confirmer
from harness.scan.cues import CueSet
from harness.scan.engine import Expression, PurePython, compile_cues
from harness.scan.unfold import Leaf

DETECTORS = load("detectors", Detector)
CUES = {name: CueSet({name: each}) for name, each in DETECTORS.items()}
EXAMPLES = [(name, text) for name, each in DETECTORS.items() for text in each.examples]
COUNTEREXAMPLES = [(name, text) for name, each in DETECTORS.items() for text in each.counterexamples]
SURROUNDINGS = (
    (b"", b""),
    (b"\x1e\x1f", b"\x1e"),
    (b"\x00\x81\x1a\x07", b"\x01\x00\x0d"),
    (b"Some words before; ", b" ;and behind."),
    (b"x" * 200 + b"\n", b"\n" + b"y" * 200),
)
"""Nothing, the borders of records, the bytes of a database row, text, and much text."""
FLOODS = (
    b"a@",
    b"+1",
    b"1-",
    b"1 ",
    b"a.",
    b"4111 ",
    b"4111111111111111 ",
    b"phone: ",
    b"lat=1.1234,",
    b"1.12345,",
    b"a",
    b"7",
    b"%40",
    b"(415) ",
    b"+1 415 555 0132 ",
    b"ssn: 219099999 ",
    b"\xff",
    b'="',
    b"A1b2-",
    b'phone{"a":',
    b"card{",
    b"1.2.3.4 ",
    b"1.",
    b"a:",
    b"::",
    b"0a:",
    b"password=a1b2c3 ",
    b"token: ",
    b"://a:b",
    b"eyJ0",
    b"eyJhbGciOiJub25lIn0.",
    b"AKIA",
    b"-----BEGIN PRIVATE KEY-----",
    b'"kty":"oct",',
    b"imei: 490154203237518 ",
    b"APA91bA",
    b"12\xc2\xb034'56\"N ",
)


def whole(detector: Detector, text: bytes) -> list[Match]:
    """What it finds where the window is the whole text."""
    return list(detector.confirm(Window(text, 0, len(text), 0, len(text))))


def through_cues(name: str, text: bytes, floor: int, ceiling: int) -> set[Match]:
    """What it finds as the engine asks it: in the windows that its cues open."""
    found: set[Match] = set()
    for each in CUES[name].find(text, len(text)):
        start, end = max(floor, each.start), max(floor, min(ceiling, each.end))
        found.update(DETECTORS[name].confirm(Window(text, start, end, floor, ceiling)))
    return found


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_it_finds_exactly_one_in_each_example(name: str, text: str) -> None:
    """An example is a promise to the reader."""
    data = text.encode()

    found = whole(DETECTORS[name], data)

    assert len(found) == 1
    assert 0 < found[0].confidence <= 1
    assert 0 <= found[0].start < found[0].end <= len(data)


@pytest.mark.parametrize(("name", "text"), COUNTEREXAMPLES)
def test_it_finds_none_in_a_look_alike(name: str, text: str) -> None:
    """A near miss is a promise too."""
    assert whole(DETECTORS[name], text.encode()) == []


@pytest.mark.parametrize("name", DETECTORS)
def test_it_brings_enough_of_both(name: str) -> None:
    """Two of each prove nothing; a value under another class's name proves less."""
    detector = DETECTORS[name]

    assert len(set(detector.examples)) >= 8
    assert len(set(detector.counterexamples)) >= 8
    assert re.fullmatch(r"[A-Z][A-Z_]+", detector.type)
    assert detector.cues or detector.shapes


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_reasons_are_words_and_never_the_value(name: str, text: str) -> None:
    """Reasons are printed where values must not be."""
    data = text.encode()
    for match in whole(DETECTORS[name], data):
        value = data[match.start : match.end].decode("utf-8", "replace").lower()
        reasons = " ".join(match.why).lower()

        assert match.why
        assert value not in reasons
        assert all(part not in reasons for part in re.findall(r"[0-9]{4,}", value))


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_its_cues_reach_what_it_finds_wherever_it_stands(name: str, text: str) -> None:
    """What the rule accepts and no cue points at is never asked about: the same must be found either way."""
    for before, behind in SURROUNDINGS:
        data = before + text.encode() + behind
        floor, ceiling = len(before), len(data) - len(behind)

        alone = set(DETECTORS[name].confirm(Window(data, floor, ceiling, floor, ceiling)))

        assert through_cues(name, data, floor, ceiling) == alone, (before, behind)


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_its_pattern_points_into_the_value(name: str, text: str) -> None:
    """In raw bytes the pattern alone says at which byte a format is asked for the whole value."""
    data = text.encode()
    pattern = DETECTORS[name].pattern
    (match,) = whole(DETECTORS[name], data)

    starts = {
        found.start("value" if "value" in pattern.groupindex else 0)
        for each in CUES[name].find(data, len(data))
        for found in pattern.finditer(data, max(0, each.start), min(len(data), each.end))
    }

    assert any(match.start <= start < match.end for start in starts)


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, text in EXAMPLES if re.fullmatch(r"\w+=[^=]+", text)]
)
def test_a_key_of_the_decoder_tells_as_much_as_one_in_the_text(name: str, text: str) -> None:
    """A database column says what a text says with an equals sign."""
    key, _, value = text.partition("=")
    confirmer = Confirmer({name: DETECTORS[name]}, CUES[name], None)

    hits = confirmer.hits([Leaf(("table", 1, key), value), Leaf((), "nothing")])

    assert [hit.value for hit in hits] == [
        text.encode()[m.start : m.end] for m in whole(DETECTORS[name], text.encode())
    ]


@pytest.mark.parametrize("name", DETECTORS)
def test_every_cue_is_cheap_syntax(name: str) -> None:
    """Look-around and back-references are not in the engine; a cue that both engines read is worth the same."""
    cues = DETECTORS[name].cues
    for cue in cues:
        assert not re.search(rb"\(\?[=!<P]|(?<!\\)(?:\\\\)*\\[1-9]", cue.expression), cue.expression
        assert not re.match(cue.expression, b""), "an empty match is at every byte"
    expressions = [Expression(cue.expression, cue.caseless) for cue in cues]
    fast, slow = compile_cues(expressions, keep=False), PurePython(expressions)

    for _, text in (pair for pair in EXAMPLES if pair[0] == name):
        data = text.encode()
        assert {number for _, number in slow.scan(data, len(data))} == {
            number for _, number in fast.scan(data, len(data))
        }


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_bytes_upset_it(name: str, data: st.DataObject) -> None:
    """Whatever a device holds, it answers with spans within the window's segment, and the same ones twice."""
    pieces = st.one_of(st.binary(max_size=12), st.sampled_from(EXAMPLES).map(lambda pair: pair[1].encode()))
    text = b"".join(data.draw(st.lists(pieces, max_size=6)))
    floor = data.draw(st.integers(0, len(text)))
    start = data.draw(st.integers(floor, len(text)))
    end = data.draw(st.integers(start, len(text)))
    ceiling = data.draw(st.integers(end, len(text)))

    found = list(DETECTORS[name].confirm(Window(text, start, end, floor, ceiling)))

    assert all(floor <= match.start < match.end <= ceiling for match in found)
    assert found == list(DETECTORS[name].confirm(Window(memoryview(text), start, end, floor, ceiling)))
    for match in found:
        assert isinstance(DETECTORS[name].normalise(text[match.start : match.end]), bytes)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_flood_costs_no_more_than_its_length(name: str) -> None:
    """A file made to slow us down does not: the worst text takes a few microseconds a byte."""
    size = 1 << 15
    for flood in FLOODS:
        text = (flood * (size // len(flood) + 1))[:size]

        begin = time.process_time()
        whole(DETECTORS[name], text)
        spent = time.process_time() - begin

        assert spent < size * 40e-6, flood
