"""What checks must say follows from version, mode and level."""

import pytest

from harness import registry
from harness.checks.base import Check
from harness.errors import UsageError
from harness.model import Outcome
from harness.sdks.clevertap import CleverTap
from harness.sdks.clevertap.verdicts import verdicts
from harness.sdks.clevertap.versions import VERSIONS

MODEL = CleverTap()
PASS, FAIL, NONE = Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("version", VERSIONS)
def test_every_check_has_a_verdict(version: str) -> None:
    """In every mode, at every level."""
    checks = registry.load("checks", Check)
    for mode in MODEL.modes:
        for level in MODEL.levels_of(version, mode) or (0,):
            assert MODEL.expected_of(version, mode, level).keys() == checks.keys()


@pytest.mark.parametrize(
    ("version", "level", "worth"),
    [
        ("5.1.0", 0, NONE), ("5.2.2", 0, NONE), ("5.2.2", 1, FAIL), ("6.0.0", 0, FAIL), ("7.1.2", 1, FAIL),
        ("7.2.0", 0, PASS), ("7.6.0", 1, PASS), ("8.2.0", 2, PASS),
    ],
)  # fmt: skip
def test_what_encryption_is_worth(version: str, level: int, worth: Outcome) -> None:
    """The legacy key is everybody's; in-app messages are under it from 6.0.0 on, whatever the level."""
    assert verdicts(version, "erased", level)["derivable_key"] is worth


@pytest.mark.parametrize(("level", "plaintext"), [(0, FAIL), (1, FAIL), (2, PASS)])
def test_level_2_covers_what_is_pushed_and_level_1_does_not(level: int, plaintext: Outcome) -> None:
    """The queue is plain at level 1."""
    assert verdicts("8.2.0", "erased", level)["plaintext"] is plaintext
    assert verdicts("8.2.0", "masked", level)["plaintext"] is PASS


@pytest.mark.parametrize(
    ("version", "mode", "opaque"),
    [("2.2.0", "plain", PASS), ("3.1.10", "plain", FAIL), ("8.2.0", "encrypted", FAIL), ("8.2.0", "hybrid", PASS)],
)
def test_whom_users_are_told_apart_by(version: str, mode: str, opaque: Outcome) -> None:
    """An email address, sealed or not, wherever there is a map of identities."""
    assert verdicts(version, mode, 0)["identifier_only"] is opaque


def test_what_the_model_declares_is_of_its_newest_version() -> None:
    """At the level that each mode stands for."""
    for mode, expected in MODEL.expected.items():
        level = 2 if mode == "encrypted" else 0
        assert expected == MODEL.expected_of(VERSIONS[-1], mode) == MODEL.expected_of("7.7.1", mode, level)


def test_what_is_no_version_has_none() -> None:
    """As everywhere."""
    with pytest.raises(UsageError):
        verdicts("latest", "plain", 0)
