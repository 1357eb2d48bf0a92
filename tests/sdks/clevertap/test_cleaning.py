"""What is pushed is cleaned as the SDK does it, and its complaints say in full what they are about."""

from hypothesis import given
from hypothesis import strategies as st

from harness.sdks.clevertap.cleaning import clean_event_name, clean_properties, restricted


def test_characters_that_the_sdk_takes_out() -> None:
    """Fewer out of values than out of names."""
    assert clean_properties({"a:$b'\"\\c": "d:$e'\"\\f"}) == ({"abc": "d:$ef"}, None)
    assert clean_event_name(" Shop.Viewed: $'x' ") == ("ShopViewed x", None)


def test_what_is_too_long_is_cut_and_quoted() -> None:
    """The complaint holds what was cut off, too."""
    text = "jane.roe@example.org " * 30
    kept, complaint = clean_properties({"note": text})

    assert len(str(kept["note"])) <= 512
    assert complaint is not None
    assert complaint[0] == 521
    assert complaint[1].startswith(text.strip())
    assert clean_event_name("x" * 513)[1] is not None
    assert clean_properties({"k" * 121: 1})[0] == {"k" * 120: 1}


def test_what_has_no_name_or_is_no_number_is_left_out() -> None:
    """JSON has no word for it."""
    properties = {"": 1, "'": 2, "a": float("nan"), "b": float("inf"), "c": 3.0, "d": True}

    assert clean_properties(properties) == ({"c": 3.0, "d": True}, None)


def test_names_that_are_the_sdks_own() -> None:
    """In any case of letters."""
    assert restricted("App Launched")
    assert restricted("notification CLICKED")
    assert restricted("Charged") is None


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.floats()))
def test_cleaning_twice_is_cleaning_once(properties: dict[str, str | int | float]) -> None:
    """And nothing that is left breaks an encoder."""
    once, _ = clean_properties(properties)
    twice, complaint = clean_properties(once)

    assert complaint is None
    assert twice == once
    "".join(str(each) for pair in once.items() for each in pair).encode()
