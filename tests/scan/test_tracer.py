"""The seeded person, traced through bytes of any kind."""

import mmap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.persona import Persona, demo_persona
from harness.scan.tracer import Tracer

JANE = Persona(name="Jane Roe", email="jane.roe@example.org", custom={"member": "M-99881"})
TRACER = Tracer(JANE)


def spans(data: bytes, tracer: Tracer = TRACER) -> list[tuple[int, int, str]]:
    return sorted((each.start, each.end, each.form.persona_field) for each in tracer.occurrences(data, len(data)))


def test_every_occurrence_is_told_by_its_bounds() -> None:
    """Not only the first."""
    assert spans(b"Jane Roe, M-99881, jane roe") == [(0, 8, "name"), (10, 17, "member"), (19, 27, "name")]


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_what_surrounds_it_only_decides_whether_it_stands_alone(before: bytes, after: bytes) -> None:
    """`ends` tells of the literal in any case; `occurrences` where no letter goes on."""
    data = before + b"Jane Roe" + after
    end = len(before) + 8
    touches = before[-1:].isalpha() or after[:1].isalpha()

    assert any(place == end and form.spelling == "plain" for place, form in TRACER.ends(data, len(data)))
    assert ((len(before), end, "name") in spans(data)) == (not touches)


def test_what_ends_behind_the_length_is_not_seen() -> None:
    """Nor does what is there count as a neighbour."""
    data = b"Jane Roeder"

    assert list(TRACER.occurrences(data, 7)) == []
    assert [(each.start, each.end) for each in TRACER.occurrences(data, 8)] == [(0, 8)]


def test_any_kind_of_buffer_is_traced(tmp_path: Path) -> None:
    """Mapped files too."""
    file = tmp_path / "data"
    file.write_bytes(b"-Jane Roe-")

    with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        for buffer in (mapped, memoryview(b"-Jane Roe-"), bytearray(b"-Jane Roe-")):
            assert [(each.start, each.end) for each in TRACER.occurrences(buffer, 10)] == [(1, 9)]


def test_the_seeded_value_is_at_hand() -> None:
    """For the mask and the fingerprint: what was found may be another spelling."""
    assert TRACER.value("email") == b"jane.roe@example.org"
    assert TRACER.value("member") == b"M-99881"


@pytest.mark.parametrize("persona", [Persona(), Persona(name="Al"), Persona(location=(0.0, 0.0))])
def test_a_person_without_anything_to_find_is_found_nowhere(persona: Persona) -> None:
    """An empty file of a person is no error."""
    assert spans(b"Al was here, 0.0,0.0", Tracer(persona)) == []


@given(st.text(st.characters(codec="utf-8"), min_size=5, max_size=30))
def test_any_value_can_be_traced(value: str) -> None:
    """Characters that mean something in an expression, NUL bytes, every script."""
    tracer = Tracer(Persona(custom={"secret": value}))
    data = b"\x02" + value.encode() + b"\x02"

    assert (1, len(data) - 1) in {(end - len(form.literal), end) for end, form in tracer.ends(data, len(data))}


def test_nothing_is_kept_of_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiled search would be a copy of the values."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    Tracer(demo_persona())

    assert list(tmp_path.iterdir()) == []
