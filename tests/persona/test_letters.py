"""Names cross scripts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.persona.letters import letter_spellings, transliterated


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Иван Щукин", "Ivan Shchukin"),
        ("Юлия Жукова", "Yuliya Zhukova"),
        ("Γιώργος Παππάς", "Giorgos Pappas"),
        ("Łukasz Østergaard", "Lukasz Ostergaard"),
        ("Zoë Strauß", "Zoe Strauss"),
        ("Jane Roe", "Jane Roe"),
    ],
)
def test_other_scripts_are_carried_into_latin(name: str, latin: str) -> None:
    """As passports do it, letter by letter."""
    assert transliterated(name) == latin


def test_a_latin_name_is_known_in_cyrillic_and_with_umlauts_written_out() -> None:
    """The way back, too."""
    assert ("in Cyrillic", "Зукаринов") in list(letter_spellings("Zukarinov", is_name=True))
    assert ("umlauts written out", "Juergen Mueller") in list(letter_spellings("Jürgen Müller", is_name=True))


@given(st.text(st.characters(codec="utf-8"), max_size=30), st.booleans())
def test_any_text_has_spellings_that_differ_from_it(text: str, is_name: bool) -> None:
    """None twice, none that is the text itself."""
    texts = [other for _, other in letter_spellings(text, is_name=is_name)]

    assert text not in texts
    assert len(set(texts)) == len(texts)
    if text.isascii() and not is_name:
        assert texts == []


@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=1, max_size=20))
def test_marks_are_told_from_letters_either_way(text: str) -> None:
    """Composed and decomposed, one of which a system keeps."""
    known = {text, *(other for _, other in letter_spellings(text))}

    assert {unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)} <= known
