"""What is said of a person counts under its key, where the value says something."""

import pytest

from harness.detectors.base import Match, Window
from harness.detectors.special_category import SpecialCategory


def found(text: str) -> list[Match]:
    """What it finds in a whole text."""
    data = text.encode()
    return list(SpecialCategory().confirm(Window(data, 0, len(data), 0, len(data))))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("gender", "male"),
        ("gender", "Non-binary"),
        ("sexo", "masculino"),
        ("geschlecht", "weiblich"),
        ("\u6027\u522b", "\u5973"),
        ("religion", "Roman Catholic"),
        ("ethnicity", "Hispanic"),
        ("race", "White"),
        ("sexual_orientation", "gay"),
        ("political_party", "Example Party of Utopia"),
        ("blood_type", "O+"),
        ("medical_condition", "asthma"),
        ("hiv_status", "positive"),
        ("userAge", "31"),
    ],
)
def test_a_category_and_its_value_are_told(key: str, value: str) -> None:
    """The span is the value's."""
    text = f'{{"{key}":"{value}"}}'

    (match,) = found(text)

    assert text.encode()[match.start : match.end] == value.encode()


@pytest.mark.parametrize(
    "value", ["null", "unknown", "none", "N/A", "true", "other", "not specified", "prefer not to say", ""]
)
@pytest.mark.parametrize("key", ["gender", "religion", "ethnicity", "diagnosis"])
def test_words_of_forms_say_nothing(key: str, value: str) -> None:
    """An app has a field for it, and nobody filled it in."""
    assert found(f"{key}={value}") == []


def test_an_age_is_a_number_under_that_name_alone() -> None:
    """Pages, images and caches have other names that end so."""
    assert [
        found(f"{key}=42") for key in ("page", "image", "max-age", "usage", "storage", "cache_age", "average")
    ] == [[]] * 7
