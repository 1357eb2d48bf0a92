"""What is known of SDKs is put in words, and in an order, that every report for people shares."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from harness.model import Access, Cell, Report, SealState
from harness.reporters._sdks import kept_parts, recognised_words, seal_rows
from harness.reporters.base import Reporter
from harness.reporters.html import Html
from harness.reporters.markdown import Markdown
from harness.reporters.terminal import Terminal
from tests.reporters.conftest import component, sealed

FOR_PEOPLE = (Terminal(), Markdown(), Html())
NAMES = [type(reporter).__name__ for reporter in FOR_PEOPLE]


def test_who_wrote_it_is_said_in_a_line(encrypted: Report) -> None:
    """Versions, era, level, and as much of the account as tells two apart."""
    ((words, notes),) = recognised_words(encrypted)

    assert words == "CleverTap 7.1.0 to 7.1.2 · legacy AES · level 1 · account TEST…"
    assert notes == ("the last migration failed",)


def test_apps_are_named_where_there_are_several(encrypted: Report) -> None:
    """Each may have a version of its own; what is not known is left out."""
    (one,) = encrypted.recognised
    other = replace(one, container="com.example.other", first="8.2.0", last="8.2.0", level=None, account="")

    told = recognised_words(replace(encrypted, recognised=(one, other)))

    assert told[0][0] == "com.example.other: CleverTap 8.2.0 · legacy AES"
    assert told[1][0].startswith("com.example.shop: CleverTap 7.1.0")


def test_ciphertexts_of_one_end_are_one_row(encrypted: Report) -> None:
    """Counted; what the weakest attacker opens is first, and what stayed shut is last."""
    rows = seal_rows(encrypted)

    assert [(row.part, row.count, row.outcome, row.open_for) for row in rows] == [
        ("CleverTap · profile", 1, "opened with a key derived from the account id", "Root: files and stronger"),
        ("CleverTap · event queue", 1202, "opened with a key from keystore alias EncryptionKey", "Root: code"),
        ("CleverTap · identity map", 1, "is no ciphertext: not whole blocks", "not encrypted"),
        ("CleverTap · in-app", 1, "could not be tried: keystore alias EncryptionKey: nobody asked it", "not known"),
        ("CleverTap · inbox", 1, "stayed shut against derived from the account id: does not open it", "nobody"),
    ]  # fmt: skip


@pytest.mark.parametrize("state", SealState)
def test_every_end_has_words(encrypted: Report, state: SealState) -> None:
    """Also where there is no reason."""
    (row,) = seal_rows(replace(encrypted, sealed=(sealed("profile", state, ""),)))

    assert row.outcome
    assert row.open_for
    assert not row.outcome.endswith(" ")


def test_classes_that_fare_alike_are_one_row_below_their_part(encrypted: Report) -> None:
    """Parts with personal data first; in each the worst first."""
    parts = kept_parts(encrypted)

    assert [(part.component, part.values, [row.words for row in part.classes]) for part in parts] == [
        ("event queue", 112, ["Payment card, SSN"]),
        ("profile", 15, ["Address", "Email", "Phone"]),
        ("ARP", 3, []),
    ]
    assert [part.is_telling for part in parts] == [True, True, False]


def test_an_attacker_that_is_left_out_is_unknown(encrypted: Report) -> None:
    """Never held."""
    only = replace(component("ARP", "", "HHHHH"), cells={Access.BACKUP: Cell.HELD})

    (part,) = kept_parts(replace(encrypted, components=(only,)))

    assert list(part.cells.values()).count(Cell.UNKNOWN) == len(Access) - 1
    assert part.is_telling


@pytest.mark.parametrize("reporter", FOR_PEOPLE, ids=NAMES)
def test_people_read_all_of_it(reporter: Reporter, encrypted: Report) -> None:
    """In each form: who wrote it, each part, each end of a ciphertext, and each remedy once."""
    text = reporter.render(encrypted)
    flat = " ".join(text.split()).replace("\\", "").lower()

    assert "clevertap 7.1.0 to 7.1.2 · legacy aes · level 1 · account test…" in flat
    assert "the last migration failed" in flat
    assert "what each part of the sdk keeps" in flat
    assert "payment card, ssn" in flat
    assert "1,202" in flat
    assert "clevertap · event queue" in flat
    assert "key: derived from the account id" in flat
    assert flat.count("set level 2.") == flat.count("use opaque ids.") == 1


@pytest.mark.parametrize("reporter", FOR_PEOPLE, ids=NAMES)
def test_nothing_is_said_where_nothing_is_known(reporter: Reporter, android: Report) -> None:
    """A report without SDKs has no empty tables."""
    text = reporter.render(android)

    assert "SDK keeps" not in text
    assert "Encrypted values" not in text
    assert "ecognised" not in text.replace("was recognised by its form", "")


@pytest.mark.parametrize(
    ("state", "untried_by", "hinted"),
    [
        (SealState.NO_KEY, {Access.ROOT_CODE}, True),
        (SealState.NO_KEY, Access, False),
        (SealState.NO_KEY, (), False),
        (SealState.RESISTED, {Access.ROOT_CODE}, False),
    ],
)
def test_a_terminal_says_where_a_keystore_answers(
    encrypted: Report, state: SealState, untried_by: Iterable[Access], hinted: bool
) -> None:
    """Once, where one that nobody asked may open something: not where files may do as well, or where it refused."""
    one = replace(sealed("profile", state, "a key"), untried_by=frozenset(untried_by))
    text = Terminal().render(replace(encrypted, sealed=(one, replace(one, component="inbox"))))

    assert text.count("--device emulated:") == hinted


def test_a_terminal_shows_of_many_parts_those_that_tell(encrypted: Report) -> None:
    """The others are counted; the page and the summary have all."""
    many = tuple(component(f"part {number}", "", "HHHHH") for number in range(20))
    report = replace(encrypted, components=(*encrypted.components, *many))

    assert "… and 21 more parts" in Terminal().render(report)
    assert "part 19" not in Terminal().render(report)
    for form in (Markdown(), Html()):
        assert "part 19" in form.render(report)


@pytest.mark.parametrize("reporter", FOR_PEOPLE, ids=NAMES)
def test_parts_of_several_sdks_say_whose_they_are(reporter: Reporter, encrypted: Report) -> None:
    """Each SDK has an event queue."""
    other = component("event queue", "", "HHHHE", sdk="amplitude")
    text = reporter.render(replace(encrypted, components=(*encrypted.components, other)))

    assert "What each part of each SDK keeps" in text
    assert "Amplitude · event queue" in text
