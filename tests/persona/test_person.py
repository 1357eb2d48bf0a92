"""The seeded person: read, written, made up, and never shown."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.persona import (
    FIELD_MASKS,
    FIELD_TYPES,
    Persona,
    demo_persona,
    doubts,
    load_persona,
    new_persona,
    type_of,
)

TEXT = st.text(st.characters(codec="utf-8"), min_size=5, max_size=40)
TEXT_FIELDS = sorted(set(FIELD_TYPES) - {"location"})
PERSONAS = st.builds(
    lambda texts, location, custom: Persona(**texts, location=location, custom=custom),
    st.dictionaries(st.sampled_from(TEXT_FIELDS), TEXT),
    st.none() | st.tuples(st.floats(10, 90), st.floats(-180, -10)),
    st.dictionaries(TEXT.filter(lambda key: key not in FIELD_TYPES), TEXT, max_size=3),
).filter(lambda persona: any(persona.items()))


def write(folder: Path, text: str) -> Path:
    file = folder / "who.toml"
    file.write_text(text, encoding="utf-8")
    return file


@given(persona=PERSONAS)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, persona: Persona) -> None:
    """Any text: quotes, line ends, control characters, every script."""
    file = write(tmp_path_factory.mktemp("persona"), persona.to_toml())

    assert load_persona(file) == persona


def test_fields_come_in_one_order() -> None:
    """Forms, and with them reports, are the same for the same person."""
    names = [name for name, _ in demo_persona().items()]

    assert names == list(FIELD_TYPES)
    assert dict(demo_persona().items())["location"] == "37.422131,-122.084801"


def test_custom_fields_follow_under_their_own_names(tmp_path: Path) -> None:
    """What a business calls personal is up to it."""
    persona = load_persona(write(tmp_path, '[person]\nname = "Jane Roe"\n[custom]\nmember = "M-99881"\n'))

    assert list(persona.items()) == [("name", "Jane Roe"), ("member", "M-99881")]
    assert (type_of("member"), type_of("email")) == ("MEMBER", "EMAIL")
    assert type_of("loyalty number") == "LOYALTY_NUMBER"
    assert type_of("--") == "CUSTOM"


def test_toml_dates_and_arrays_are_understood(tmp_path: Path) -> None:
    """Both are how people write these by hand."""
    persona = load_persona(write(tmp_path, "[person]\ndate_of_birth = 1990-04-17\nlocation = [37.5, -122]\n"))

    assert (persona.date_of_birth, persona.location) == ("1990-04-17", (37.5, -122.0))


CANARY = "jane.roe@example.org"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f'[person]\ne_mail = "{CANARY}"', "no field called `e_mail`"),
        (f'[human]\nemail = "{CANARY}"', r"unknown section \[human\]"),
        (f'email = "{CANARY}"', r"unknown section \[email\]"),
        ('[person]\nlocation = "37.42, -122.08"', "`location` must be"),
        ("[person]\nlocation = { lat = 37.42 }", "`location` must be"),
        ("[person]\nlocation = [91, 0]", "not on Earth"),
        ("[person]\nlocation = [0, -180.5]", "not on Earth"),
        ("[person]\nlocation = [nan, 0]", "not on Earth"),
        ('[person]\nemail = ""', "`email` is empty"),
        ("", "nobody is in it"),
        ("[person]\n[custom]", "nobody is in it"),
        ("[person]\nemail = 5", "`email` must be a text"),
        ("[person]\nphone = 14155550132", "`phone` must be a text"),
        ("[person]\nname = 1990-04-17", "`name` must be a text"),
        ("[person]\ndate_of_birth = 1990-04-17T10:00:00", "`date_of_birth` must be a text"),
        (f'[person]\nemail = ["{CANARY}"]', "`email` must be a text"),
        (f'[custom]\nmember = {{ id = "{CANARY}" }}', "`member` must be a text"),
        ("[custom]\nmember = true", "`member` must be a text"),
        ('[custom]\nmember = ""', "`member` is empty"),
        ('[person]\nemail = "x"', "`email` is too short"),
        ('[person]\ncard = "1234"', "`card` is too short"),
        (f'[person]\nemail = "{CANARY}"\n[custom]\npin = "9876"', "`pin` is too short"),
        (f'person = "{CANARY}"', "must be tables"),
        (f'[person]\nemail = "{CANARY}', "is not TOML"),
        ('[custom]\nlocation = "Berlin"', "`location` belongs into"),
        ('[custom]\nemail = "x"', "`email` belongs into"),
    ],
)
def test_a_wrong_file_names_the_field_and_never_the_value(tmp_path: Path, text: str, fault: str) -> None:
    """The person is invented, but the habit of printing values would not be."""
    with pytest.raises(UsageError, match=fault) as caught:
        load_persona(write(tmp_path, text))
    shown = str(caught.value) + caught.value.hint
    assert CANARY not in shown
    assert "37.42" not in shown
    assert not re.search("1234|9876|14155550132", shown)


@pytest.mark.parametrize("content", [None, b"\xff\xfe[person]"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    """Missing, or no text."""
    file = tmp_path / "who.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(UsageError, match=re.escape(str(file))):
        load_persona(file)


@pytest.mark.parametrize("persona", [demo_persona(), new_persona(b"x"), Persona(custom={"nick": "Roe-Jane"})])
def test_a_person_is_never_shown(persona: Persona) -> None:
    """Not by `repr`, which is what a failed assertion prints."""
    shown = repr(persona) + str(persona)

    assert not [name for name, value in persona.items() if value in shown]


def test_every_field_has_a_class_and_a_known_mask() -> None:
    """A new field is of some class, or it would show up as `CUSTOM`."""
    from dataclasses import fields

    assert {field.name for field in fields(Persona)} - {"custom"} == set(FIELD_TYPES)
    assert set(FIELD_MASKS) <= set(FIELD_TYPES)


def test_what_cannot_be_traced_safely_is_told() -> None:
    """By the name of the field, never by its value."""
    person = Persona(name="Al", username="bob77", email="jane.roe@example.org", custom={"member": "M-998"})
    told = list(doubts(person))

    assert [sentence.split("`")[1] for sentence in told] == ["name", "username", "member"]
    assert not any(value in sentence for sentence in told for _, value in person.items())


@pytest.mark.parametrize("persona", [demo_persona(), new_persona(b"a"), new_persona(b"b")])
def test_people_of_our_own_raise_no_doubt(persona: Persona) -> None:
    """Days and passports are known to be others' too, and documented."""
    assert list(doubts(persona)) == []
