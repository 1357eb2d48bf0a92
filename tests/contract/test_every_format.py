"""What every storage format promises, asked of each that exists; a new one is asked without an edit here."""

import contextlib
import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import FormatError, LimitError
from harness.formats.base import Format, Sample, as_bytes
from harness.limits import Limits
from harness.model import Document, Ledger, Place, Scalar, Share, Step, Value
from harness.registry import load

FORMATS = load("formats", Format)
STRUCTURED = {name: form for name, form in FORMATS.items() if not form.endless}
SAMPLES = [
    pytest.param(form, sample, id=f"{name}-{number}")
    for name, form in FORMATS.items()
    for number, sample in enumerate(form.samples)
]
LIMITS = Limits(values=200_000, seconds_per_file=10.0, expanded_bytes=1 << 24, piece_bytes=1 << 22)
HEAD = 4096
TELLING = re.compile(rb"phone|l(?:at|on)|ssn|card", re.IGNORECASE)


def likeness(form: Format, data: bytes) -> float:
    return form.sniff(data[:HEAD], len(data))


def document_of(form: Format, sample: Sample) -> Document:
    document = form.encode(sample.content)
    return Document(bytes(document.data), {name: bytes(data) for name, data in document.sidecars.items()})


def parts_of(document: Document) -> dict[str, bytes]:
    return {"": bytes(document.data), **{name: bytes(data) for name, data in document.sidecars.items()}}


def told(steps: tuple[Step, ...], value: Scalar) -> tuple[tuple[Step, ...], str, bytes]:
    """A value to compare: 1 is not True, and not "1"."""
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    return steps, kind, as_bytes(value)


def everywhere(data: bytes) -> range:
    """Every offset of a small part, some two thousand of a larger one."""
    return range(0, len(data), len(data) // 2000 + 1)


def values_before_a_fault(form: Format, document: Document) -> list[Value]:
    """`list.extend` keeps what a generator gave before it raised."""
    values: list[Value] = []
    with contextlib.suppress(FormatError):
        values.extend(form.decode(document, LIMITS))
    return values


def assert_covers(ledger: Ledger, document: Document) -> None:
    """Spans are sorted and disjoint, and cover every part from end to end."""
    assert set(ledger.parts) == set(parts_of(document))
    for name, data in parts_of(document).items():
        at = 0
        for span in ledger.parts[name]:
            assert span.start == at
            assert span.end > span.start
            at = span.end
        assert at == len(data)


@st.composite
def mutations(draw: st.DrawFn) -> random.Random:
    return random.Random(draw(st.integers(0, 2**32)))


def mutated(document: Document, dice: random.Random) -> Document:
    """One part of the document with up to six bytes, slices or lengths changed."""
    parts = parts_of(document)
    name = dice.choice([name for name, data in parts.items() if data] or [""])
    data = bytearray(parts[name])
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(data) + 1)
        length = dice.choice((1, 1, 1, 2, 4, 8, 40))
        match dice.randrange(6):
            case 0:
                data[at : at + length] = dice.randbytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = dice.randbytes(length)
            case 3:
                data[at:at] = data[max(0, at - length) : at]
            case 4:
                data[at : at + length] = bytes([dice.choice((0x00, 0xFF, 0x80, 0x3C, 0x22))]) * length
            case _:
                data[at : at + 1] = bytes([data[at] ^ 1 << dice.randrange(8)]) if at < len(data) else b""
    parts[name] = bytes(data)
    main = parts.pop("")
    return Document(main, parts)


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_what_is_written_is_read_back(form: Format, sample: Sample) -> None:
    """Every sample decodes to its values, no more and no fewer."""
    values = list(form.decode(document_of(form, sample), LIMITS))

    assert Counter(told(v.steps, v.value) for v in values) == Counter(told(v.steps, v.value) for v in sample.values)
    assert Counter(v.state for v in values) == Counter(v.state for v in sample.values)


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_format_knows_its_own(form: Format, sample: Sample) -> None:
    """No format with a structure is surer of a sample than the one that wrote it."""
    data = parts_of(document_of(form, sample))[""]
    others = {name: likeness(other, data) for name, other in STRUCTURED.items() if other is not form}

    if form.endless:
        assert all(score < 0.5 for score in others.values()), others
    else:
        assert likeness(form, data) >= 0.9
        assert all(score < likeness(form, data) for score in others.values()), others


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.sampled_from((64, 100, 512, 4100, 10_000)))
def test_noise_belongs_to_no_format(seed: int, size: int) -> None:
    """Random bytes go to the last resort: no structured format is even half sure. Whole pages of them are what an
    encrypted database is."""
    data = random.Random(seed).randbytes(size)
    scores = {name: likeness(form, data) for name, form in FORMATS.items()}

    assert all(scores[name] < 0.5 for name in STRUCTURED), scores
    assert max(sorted(scores), key=lambda name: scores[name]) == "printable"


@settings(max_examples=300, deadline=None)
@given(head=st.binary(max_size=80), size=st.integers(0, 1 << 31))
def test_sniffing_never_raises(head: bytes, size: int) -> None:
    """Whatever the head is, the answer is a number from 0 to 1."""
    for name, form in FORMATS.items():
        assert 0.0 <= form.sniff(head, max(size, len(head))) <= 1.0, name


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_the_ledger_covers_every_byte_once(form: Format, sample: Sample) -> None:
    """Spans are sorted, disjoint and leave no gap."""
    document = document_of(form, sample)

    assert_covers(form.account(document, LIMITS), document)


@pytest.mark.parametrize("eighth", range(1, 8))
@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_document_that_was_cut_off_says_so(form: Format, sample: Sample, eighth: int) -> None:
    """A format with an end mark misses it; one without gives nothing that was not there: a line that the end cut
    within what it begins with may be given as it stands."""
    whole = document_of(form, sample)
    data = bytes(whole.data)
    cut = Document(data[: len(data) * eighth // 8], whole.sidecars)

    if not form.endless:
        with pytest.raises(FormatError):
            list(form.decode(cut, LIMITS))
        return
    full = {value.steps: as_bytes(value.value) for value in form.decode(whole, LIMITS)}
    for value in form.decode(cut, LIMITS):
        stored = as_bytes(value.value)
        assert full.get(value.steps, b"").startswith(stored) or bytes(cut.data).endswith(stored)


def occurrences(data: bytes, text: bytes) -> Iterator[int]:
    at = data.find(text)
    while at >= 0:
        yield at
        at = data.find(text, at + 1)


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_value_is_found_where_it_stands(form: Format, sample: Sample) -> None:
    """A text that is in the file as it is has its own place at one of the offsets where it stands."""
    document = document_of(form, sample)
    for value in form.decode(document, LIMITS):
        if not isinstance(value.value, str) or len(value.value) < 4:
            continue
        text = as_bytes(value.value)
        places: list[Place] = []
        for name, data in parts_of(document).items():
            places += form.locate(document, list(occurrences(data, text)), LIMITS, part=name)
        if places:
            assert (value.steps, text, 0) in {(place.steps, place.value, place.offset) for place in places}


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_place_is_one_that_is_decoded(form: Format, sample: Sample) -> None:
    """Both lanes speak of the same values: what any byte is located in is decoded under the same steps."""
    document = document_of(form, sample)
    values = list(form.decode(document, LIMITS))
    decoded = {(value.steps, as_bytes(value.value)) for value in values}
    states = {value.state for value in values}
    for name, data in parts_of(document).items():
        for place in form.locate(document, everywhere(data), LIMITS, part=name):
            if place.value and not place.in_key and place.state in states:
                assert (place.steps, place.value) in decoded
                assert 0 <= place.offset < len(place.value)


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_places_come_in_the_order_asked(form: Format, sample: Sample) -> None:
    """Offsets may come in any order, twice, and beyond the end."""
    document = document_of(form, sample)
    size = len(document.data)
    offsets = [size - 1, 0, size // 2, size // 2, size + 10, size // 3]

    together = form.locate(document, offsets, LIMITS)

    assert together == [form.locate(document, [offset], LIMITS)[0] for offset in offsets]


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_pieces_lead_back(form: Format, sample: Sample) -> None:
    """Anchors ascend from 0, and each leads to a byte of its part."""
    document = document_of(form, sample)
    for piece in form.expand(document, TELLING, LIMITS):
        firsts = [first for first, _ in piece.anchors]
        assert firsts[0] == 0
        assert firsts == sorted(set(firsts))
        assert all(first <= len(piece.data) for first in firsts)
        assert all(0 <= offset < len(parts_of(document)[piece.part]) for _, offset in piece.anchors)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(data=st.data(), dice=mutations())
def test_damage_is_an_error_of_its_own(name: str, data: st.DataObject, dice: random.Random) -> None:
    """Whatever was done to a document, it is read, accounted and located within limits, or refused as damaged."""
    form = FORMATS[name]
    document = mutated(document_of(form, data.draw(st.sampled_from(form.samples))), dice)

    values = values_before_a_fault(form, document)
    assert all(isinstance(value, Value) for value in values)
    with contextlib.suppress(FormatError):
        assert_covers(form.account(document, LIMITS), document)
    with contextlib.suppress(FormatError):
        assert all(piece.anchors for piece in form.expand(document, TELLING, LIMITS))
    for part, stored in parts_of(document).items():
        offsets = [dice.randrange(len(stored) + 1) for _ in range(40)]
        places = form.locate(document, offsets, LIMITS, part=part)
        assert len(places) == len(offsets)
        assert all(0 <= place.offset <= len(place.value) for place in places)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=200, deadline=None)
@given(data=st.data(), dice=mutations())
def test_damage_that_stops_decoding_is_in_the_ledger(name: str, data: st.DataObject, dice: random.Random) -> None:
    """A plain scan only accounts: a document that cannot be decoded to its end must not pass there either.

    A cap on what decoding may cost is no damage: every byte of such a document was explained, and was swept.
    """
    form = FORMATS[name]
    document = mutated(document_of(form, data.draw(st.sampled_from(form.samples))), dice)
    try:
        for _ in form.decode(document, LIMITS):
            pass
    except LimitError:
        return
    except FormatError:
        is_damaged = True
    else:
        is_damaged = False

    with contextlib.suppress(FormatError):
        ledger = form.account(document, LIMITS)
        assert ledger.fault or not is_damaged
        assert bool(ledger.fault) == bool(ledger.totals().get(Share.FAILED)) or not any(parts_of(document).values())


@pytest.mark.parametrize(("form", "sample"), SAMPLES)
def test_a_sound_document_has_no_fault(form: Format, sample: Sample) -> None:
    """What is written is not suspected."""
    ledger = form.account(document_of(form, sample), LIMITS)

    assert not ledger.fault
    assert Share.FAILED not in ledger.totals()


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=20, deadline=None)
@given(dice=mutations(), data=st.data())
def test_both_lanes_agree_on_changed_documents(name: str, dice: random.Random, data: st.DataObject) -> None:
    """Where a changed document can still be read to its end, what its live bytes are located in was decoded."""
    form = FORMATS[name]
    document = mutated(document_of(form, data.draw(st.sampled_from(form.samples))), dice)
    try:
        values = list(form.decode(document, LIMITS))
    except FormatError:
        return  # behind the fault, places may be told that decoding did not reach
    decoded = {(value.steps, as_bytes(value.value)) for value in values}
    states = {value.state for value in values} - form.loose

    for place in form.locate(document, everywhere(bytes(document.data)), LIMITS):
        if place.value and place.steps and not place.in_key and place.state in states:
            assert (place.steps, place.value) in decoded


@pytest.mark.parametrize("name", FORMATS)
def test_no_stored_value_is_shown(name: str) -> None:
    """The repr of a document, a value, a place and a piece repeats nothing that is stored."""
    form = FORMATS[name]
    for sample in form.samples:
        document = document_of(form, sample)
        shown = [repr(value) for value in form.decode(document, LIMITS)]
        shown += [repr(place) for place in form.locate(document, range(0, len(document.data), 7), LIMITS)]
        shown += [repr(piece) for piece in form.expand(document, TELLING, LIMITS)]
        assert not any("example.org" in text or "example.com" in text for text in shown)
