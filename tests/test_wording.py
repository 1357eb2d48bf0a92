"""What people read: numbers with their noun, sizes, and names that do nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wording import count_of, key_word, sdk_word, type_word, visible, weight


@given(st.text(st.characters()))
def test_visible_text_is_one_harmless_line(text: str) -> None:
    """Whatever goes in, what comes out prints, and twice is as good as once."""
    shown = visible(text)

    assert shown.isprintable()
    assert visible(shown) == shown
    shown.encode("utf-8")


def test_visible_text_leaves_ordinary_text_alone() -> None:
    """Letters of any script are no danger."""
    assert visible("Zoë Müller 王小明 → ok") == "Zoë Müller 王小明 → ok"
    assert visible("a\x1b[0m\n\u202e") == r"a\x1b[0m\n\u202e"


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 30, "5.0 GiB"), (3 << 40, "3.0 TiB")]
)
def test_bytes_are_written_for_people(size: int, words: str) -> None:
    """In the unit that gives the shortest number."""
    assert weight(size) == words


def test_one_is_not_many() -> None:
    """Nor is none one."""
    assert count_of(1, "file") == "1 file"
    assert count_of(0, "file") == "0 files"
    assert count_of(1200, "file") == "1,200 files"
    assert count_of(2, "class", "classes") == "2 classes"


def test_classes_are_called_what_people_call_them() -> None:
    """Also those that nobody has thought of yet."""
    assert type_word("DATE_OF_BIRTH") == "Date of birth"
    assert type_word("SSN") == "SSN"
    assert type_word("SHOE_SIZE") == "Shoe size"


def test_sdks_are_called_what_their_users_call_them() -> None:
    """Also those that nobody has thought of yet."""
    assert sdk_word("clevertap") == "CleverTap"
    assert sdk_word("clevertap", "event queue") == "CleverTap · event queue"
    assert sdk_word("some_sdk") == "Some sdk"


def test_a_key_is_told_by_where_it_is_from() -> None:
    """Made of something, or kept somewhere."""
    assert key_word("derived from the account id") == "a key derived from the account id"
    assert key_word("keystore alias EncryptionKey") == "a key from keystore alias EncryptionKey"
