"""What all formats that are a row of tokens rest on: spans without gaps, numbers of seven bits, an end in time."""

from collections.abc import Sequence
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from harness.encodings.varint import framed, varint, varint_bytes
from harness.formats.base import cover, fill
from harness.formats.protobuf import Protobuf
from harness.formats.xml_text import XmlText
from harness.limits import Limits
from harness.model import Document, Share, Span, State

NO_TIME = Limits(seconds_per_file=-1.0)
SHARES = st.sampled_from([Share.DECODED, Share.STRUCTURE, Share.FAILED])


def _by_byte(spans: Sequence[Span]) -> list[Share]:
    return [span.share for span in spans for _ in range(span.start, span.end)]


@given(
    cuts=st.lists(st.integers(0, 40), max_size=12).map(sorted),
    shares=st.lists(SHARES, min_size=6, max_size=6),
    size=st.integers(0, 40),
)
def test_spans_cover_every_byte_once(cuts: list[int], shares: list[Share], size: int) -> None:
    """As `fill` does for stretches in any order, with neighbours of one share as one."""
    stretches = list(zip(cuts[::2], cuts[1::2], shares, strict=False))
    spans = cover(stretches, size, Share.STRUCTURE)

    assert _by_byte(spans) == _by_byte(fill([Span(*each) for each in stretches], size, Share.STRUCTURE))
    assert len(spans) == len(list(groupby(_by_byte(spans))))


@given(value=st.integers(-(1 << 63), (1 << 64) - 1), behind=st.binary(max_size=3))
def test_numbers_are_read_as_they_are_written(value: int, behind: bytes) -> None:
    """Negative ones as their two's complement; none of more than ten bytes, or without an end."""
    raw = varint_bytes(value)

    assert varint(raw + behind, 0, len(raw) + 3) == (value % (1 << 64), len(raw))
    assert varint(raw, 0, len(raw) - 1)[0] == -1
    assert varint(raw[:-1], 0, 20)[0] == -1
    assert framed(behind) == bytes((len(behind),)) + behind


def test_a_ledger_ends_in_time() -> None:
    """What is not reached is failed, and said to be, as it is where values are read."""
    for form in (Protobuf(), XmlText()):
        document = form.encode(form.samples[0].content)
        ledger = form.account(document, NO_TIME)

        assert "longer than the limit" in ledger.fault
        assert ledger.totals().get(Share.FAILED)


def test_places_end_in_time() -> None:
    """What is not reached is nowhere."""
    document = Protobuf().encode(Protobuf.samples[0].content)

    assert [place.state for place in Protobuf().locate(document, [3, 40], NO_TIME)] == [State.RAW, State.RAW]


def test_a_tag_of_very_many_attributes_is_refused() -> None:
    """They would all be held at once."""
    data = b"<?xml version='1.0'?><r" + b" a=''" * 200_000 + b"/>"
    ledger = XmlText().account(Document(data), Limits())

    assert "attributes in one tag" in ledger.fault
