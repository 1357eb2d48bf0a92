"""Each field is known by the ways in which people, forms and SDKs write it."""

import pytest

from harness.persona.spellings import spellings_of


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        (
            "phone",
            "+49 170 1234567",
            {"+491701234567", "00491701234567", "01701234567", "+49 (0)170 1234567"},
        ),
        (
            "phone",
            "+1 415 555 0132",
            {"4155550132", "+14155550132", "(415) 555-0132", "415.555.0132"},
        ),
        ("card", "4111 1111 1111 1111", {"4111111111111111", "4111-1111-1111-1111"}),
        ("card", "378282246310005", {"3782 822463 10005"}),
        ("ssn", "219-09-9999", {"219099999", "219 09 9999"}),
        (
            "date_of_birth",
            "1987-03-09",
            {"09/03/1987", "9.3.1987", "19870309", "March 9, 1987", "542246400"},
        ),
        ("name", "Zoë van Dam", {"Dam, Zoë van", "ZoëvanDam", "ZOË VAN DAM", "Zoe van Dam", "Zoe\u0308 van Dam"}),
        ("address", "221 Example Street, Springfield", {"221 Example Street", "221 Example Street Springfield"}),
        ("location", "37.422131,-122.084801", {"37.422131", "-122.0848", "374221310", "-122084801"}),
        ("advertising_id", "38400000-8cf0-41bd-b23e-10b96e40000d", {"384000008cf041bdb23e10b96e40000d"}),
    ],
)
def test_a_value_is_known_as(name: str, value: str, written: set[str]) -> None:
    """Published ways of writing, none of them a guess at another value."""
    assert written <= {text for _, text in spellings_of(name, value)}


def test_what_is_no_date_has_no_other_spelling() -> None:
    """It is searched as it is."""
    assert list(spellings_of("date_of_birth", "spring of 1990")) == [("plain", "spring of 1990")]
