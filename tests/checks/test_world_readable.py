"""Who reads a file that every user may read."""

from dataclasses import replace

import pytest

from harness.checks.base import Scene, stored
from harness.checks.world_readable import WorldReadable
from harness.model import Access, Facts, Outcome, Platform, Severity
from harness.profiles import load_profiles

ROOT = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})
OPEN = replace(stored("files/a", mode=0o644), denied_to=frozenset())


@pytest.mark.parametrize(
    ("facts", "severity", "words"),
    [
        (replace(OPEN, readable_by=ROOT | {Access.OTHER_APP}), Severity.CRITICAL, "other apps reach it"),
        (replace(OPEN, readable_by=ROOT), Severity.HIGH, "was not observed"),
        (replace(OPEN, denied_to=frozenset({Access.OTHER_APP})), Severity.MEDIUM, "keep other apps out"),
    ],
)
def test_it_is_as_bad_as_what_is_known_of_others(facts: Facts, severity: Severity, words: str) -> None:
    """What was not observed is neither the worst nor fine, and says so: the matrix has `unknown` there."""
    (finding,) = WorldReadable().judge(Scene(facts=(facts,))).findings

    assert finding.severity is severity
    assert words in finding.message


def test_modes_separate_nothing_on_ios() -> None:
    """Whether a profile says that it is one, or the layout of the source."""
    check, profiles = WorldReadable(), load_profiles()
    told = replace(OPEN, platform=Platform.IOS)

    assert check.judge(Scene(facts=(told,))).outcome is Outcome.NOT_APPLICABLE
    assert check.judge(Scene(facts=(OPEN,), profile=profiles["ios-17-stock"])).outcome is Outcome.NOT_APPLICABLE
    assert check.judge(Scene(facts=(told,), profile=profiles["android-14-stock"])).outcome is Outcome.FAIL
    (finding,) = check.judge(Scene(facts=(told, replace(OPEN, path="files/b")))).findings
    assert finding.locator.path == "files/b"
