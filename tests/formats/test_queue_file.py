"""Queues in a file: every element in the queue's order, wherever the ring turns, and what was taken out of it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.queue_file import Queue, QueueFile
from harness.limits import Limits
from harness.model import Document, State, Value

FORM = QueueFile()
LIMITS = Limits()
ELEMENTS = st.lists(st.binary(min_size=1, max_size=300), max_size=10)


def read(data: bytes) -> list[Value]:
    return list(FORM.decode(Document(data), LIMITS))


@settings(max_examples=80, deadline=None)
@given(elements=ELEMENTS, is_versioned=st.booleans(), turned=st.integers(0, 2000))
def test_elements_come_in_their_order(elements: list[bytes], is_versioned: bool, turned: int) -> None:
    """Of either version, and wherever the ring turns: within an element, or within its length."""
    data = bytes(FORM.encode(Queue(tuple(elements), is_versioned=is_versioned, turned=turned)).data)
    live = [value for value in read(data) if value.state is State.LIVE]

    assert FORM.sniff(data[:4096], len(data)) >= 0.9
    assert [value.steps for value in live] == [(number,) for number in range(1, len(elements) + 1)]
    assert [
        value.value if isinstance(value.value, bytes) else str(value.value).encode() for value in live
    ] == elements


@settings(max_examples=60, deadline=None)
@given(gone=st.lists(st.text("abc@.", min_size=1, max_size=40), min_size=1, max_size=5), left=ELEMENTS)
def test_what_was_taken_out_is_told_until_it_is_overwritten(gone: list[str], left: list[bytes]) -> None:
    """A queue that is worked off leaves all that it was asked to send."""
    data = bytes(FORM.encode(Queue(tuple(left), tuple(gone))).data)

    assert [value.value for value in read(data) if value.state is State.SUPERSEDED] == gone


def test_a_byte_of_an_element_leads_to_it() -> None:
    """Also in the part that stands at the begin of the file."""
    event = json.dumps({"email": "jane.roe@example.org"})
    data = bytes(FORM.encode(Queue((event, "x"), turned=24)).data)
    first, second = FORM.locate(Document(data), [len(data) - 2, 20], LIMITS)

    assert (first.steps, first.value) == ((1,), event.encode())
    assert second.steps == (1,)


@pytest.mark.parametrize("at", [8, 12])
def test_elements_outside_of_the_file_are_damage(at: int) -> None:
    """What was read before is given."""
    data = bytearray(FORM.encode(Queue(("one", "two"))).data)
    data[at : at + 4] = (1 << 20).to_bytes(4, "big") if at == 8 else data[at : at + 4]
    if at == 12:
        data[23:27] = b"\xff\xff\xff\xff"
    values: list[Value] = []
    with pytest.raises(FormatError):
        values.extend(FORM.decode(Document(bytes(data)), LIMITS))

    live = [value.value for value in values if value.state is State.LIVE]
    assert live == (["one"] if at == 12 else [])


@pytest.mark.parametrize("data", [bytes(4096), b"\x00\x00\x10\x00" + b"\xff" * 4092, b"{}" * 2048])
def test_other_files_are_no_queues(data: bytes) -> None:
    """Zeros, noise and text."""
    assert FORM.sniff(data, len(data)) == 0.0
