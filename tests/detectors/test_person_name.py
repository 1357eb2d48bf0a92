"""A name is one by what says so, in the text, in a decoder's key, or in the names on the way to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.detectors.base import Window
from harness.detectors.person_name import PersonName

_DETECTOR = PersonName()


def _found(text: str, names: tuple[str, ...] = ()) -> list[str]:
    data = text.encode()
    window = Window(data, 0, len(data), 0, len(data), names=names)
    return [data[match.start : match.end].decode() for match in _DETECTOR.confirm(window)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Prepared by: Mary Featherstone (Clerk)\nDate: 2020-05-21", "Mary Featherstone"),
        ("Customer Jane Roe has been verified.", "Jane Roe"),
        ("the mandolin (not by Carrie Featherstone).", "Carrie Featherstone"),
        ("They named him joshua", "joshua"),
        ("Oscar, can I please speak to your boss?", "Oscar"),
        ("JANE ROE,\nPlaintiff,\nv.\nACME CORP", "JANE ROE"),
        ('<patient name="Nicole Featherstone" dob="1969-04-08">', "Nicole Featherstone"),
        ("{'customer': {'id': 7, 'name': 'Jane Roe'}}", "Jane Roe"),
        ("ich heiße Jürgen Müller und", "Jürgen Müller"),
        ("меня зовут Анна Иванова", "Анна Иванова"),
        ("mi nombre es Inés García", "Inés García"),
        ("Ja\u200bne Roe,jane.roe@example.org", "Ja\u200bne Roe"),
    ],
)
def test_words_round_it_make_a_name(text: str, name: str) -> None:
    """Each by another sign."""
    assert name in _found(text)


def test_each_of_a_row_is_one() -> None:
    """Single names count where most of a row are common ones, and only then."""
    assert _found("There were Mary, Kyle, Xaviera and Jennifer.") == ["Mary", "Kyle", "Xaviera", "Jennifer"]
    assert _found("There were Iron, Copper, Tin and Jade.") == []


@pytest.mark.parametrize(
    ("names", "is_name"),
    [
        (("users", "name"), True),
        (("customer_details", "name"), True),
        (("products", "name"), False),
        (("Event", "name"), False),
        (("countries", "name"), False),
    ],
)
def test_what_a_name_is_in_says_whose_it_is(names: tuple[str, ...], *, is_name: bool) -> None:
    """A decoder knows the table and the object, which no text shows."""
    assert bool(_found("name\x1fXaviera Quuxley", names)) is is_name


def test_a_given_name_alone_is_none() -> None:
    """The list may support, and never decides."""
    assert _found("Jane Eyre Maria Jordan Virginia Florence") == []
    assert _found("Florence") == []


@given(st.sampled_from(["product", "file", "event", "app", "device", "city"]), st.sampled_from(["_", ".", "-", " "]))
def test_the_name_of_a_thing_is_no_person(thing: str, joint: str) -> None:
    """Whatever joins the two."""
    assert _found(f'"{thing}{joint}name": "Xaviera Quuxley"') == []


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_window_finds_what_starts_in_it(start: int, size: int) -> None:
    """Wherever it begins, the same names with the same bounds."""
    text = b"Dear Jane Roe, the user John Doe (john.doe@example.org) logged in"
    whole = list(_DETECTOR.confirm(Window(text, 0, len(text), 0, len(text))))
    end = min(len(text), start + size)

    part = list(_DETECTOR.confirm(Window(text, start, end, 0, len(text))))

    assert part == [each for each in whole if start <= each.start < end]


def test_forms_of_address_are_no_part_of_who_it_is() -> None:
    """The same person has the same fingerprint."""
    assert _DETECTOR.normalise(b"Mrs. Jane  ROE") == _DETECTOR.normalise(b"jane roe")
    assert _DETECTOR.normalise(b"Herr") == b"herr"
