"""The words and the order that all forms of report share."""

from dataclasses import replace

import pytest

from harness.model import Access, Cell, Exposure, Platform, Report, Share
from harness.reporters.base import (
    ACCESS_WORDS,
    CELL_WORDS,
    OUTCOME_WORDS,
    SHARE_WORDS,
    matrix,
    readers,
    shares,
    subject,
)


def test_every_word_of_the_model_has_one_for_people() -> None:
    """A new attacker, cell, verdict or share cannot go nameless."""
    assert set(ACCESS_WORDS) == set(Access)
    assert set(CELL_WORDS) == set(Cell)
    assert set(SHARE_WORDS) == set(Share)
    assert len(OUTCOME_WORDS) == 4


def test_the_worst_row_of_the_matrix_is_first(android: Report) -> None:
    """By how many attackers read it, then by how badly."""
    kinds = [row.type for row in matrix(android)]

    assert kinds[0] == "EMAIL"
    assert kinds.index("CARD") < kinds.index("PHONE") < kinds.index("DATE_OF_BIRTH") < kinds.index("ADDRESS")


def test_a_cell_that_is_left_out_is_unknown() -> None:
    """Never absent, never held."""
    report = Report(
        source="", profile=None, app=None, sdks=(), persona=False, snapshot="", coverage=(), unread=(), verdicts=(),
        exposure=(Exposure(type="EMAIL", access=Access.BACKUP, cell=Cell.HELD),), detections=(),
    )  # fmt: skip

    cells = matrix(report)[0].cells

    assert {access for access in Access if cells[access].cell is Cell.UNKNOWN} == set(Access) - {Access.BACKUP}


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (set(), "not known"),
        (set(Access), "everybody"),
        ({Access.ROOT_CODE}, "Root: code"),
        ({Access.ROOT_FILES, Access.ROOT_CODE}, "Root: files and stronger"),
        ({Access.ADB_SHELL, Access.ROOT_FILES}, "USB, root files"),
    ],
)
def test_attackers_are_named_from_the_weakest(who: set[Access], words: str) -> None:
    """Short where all stronger ones are among them, a list where not."""
    assert readers(frozenset(who)) == words


def test_shares_add_up(android: Report) -> None:
    """To the size of all files."""
    assert sum(shares(android).values()) == sum(line.size for line in android.coverage)


def test_the_subject_says_what_is_simulated(android: Report, ios: Report) -> None:
    """So that no simulated result passes for a real one."""
    assert subject(android).simulated
    assert subject(replace(android, source="adb:SERIAL")).simulated  # a scenario was played
    assert not subject(ios).simulated
    assert subject(replace(ios, source="emulated:ios-16-jailbroken")).simulated


def test_the_device_is_named_in_the_words_of_its_platform(android: Report, ios: Report) -> None:
    """Rooted there, jailbroken here."""
    assert android.profile is not None
    assert android.profile.platform is Platform.ANDROID
    assert "rooted" in subject(android).device
    assert "jailbroken" in subject(ios).device
    assert subject(replace(ios, profile=None)).device == "device not known"
