"""What the page shows is a part of the report whose rest is counted."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.model import Report, Severity, Share
from harness.reporters.html.sections import findings, ledger, parts, unread


def test_all_findings_are_shown_or_counted(android: Report, crowded: Callable[[int, int], Report]) -> None:
    """None is lost on the way."""
    for report in (android, crowded(6_000, 60), crowded(3_000, 3_000)):
        found = findings(report)

        shown = sum(len(group.findings) for section in found.sections for group in section.groups)
        assert shown + found.left_out == found.total == len(list(report.findings))


def test_what_is_left_out_is_no_worse_than_what_is_shown(crowded: Callable[[int, int], Report]) -> None:
    """By file: files with the worst findings come first."""
    report = crowded(3_000, 3_000)
    found = findings(report)

    assert found.left_out
    assert min(section.worst for section in found.sections) >= Severity.LOW


def test_a_rare_class_is_among_the_first_of_its_file(android: Report) -> None:
    """The page shows a few of each check at once; a column of addresses must not be all of them."""
    sample = android.verdicts[0].findings[0]
    many = [replace(sample, locator=replace(sample.locator, steps=("a", n, "mail")), id=str(n)) for n in range(100)]
    rare = replace(sample, type="SSN", locator=replace(sample.locator, steps=("z", 1, "ssn")), id="ssn")
    report = replace(android, verdicts=(replace(android.verdicts[0], findings=(*many, rare)),))

    assert findings(report).sections[0].groups[0].findings[0].type == "SSN"


def test_files_unfold_until_the_page_is_full(crowded: Callable[[int, int], Report]) -> None:
    """A browser lays out what is in view, not five thousand findings."""
    sections = findings(crowded(5_000, 50)).sections

    assert sections[0].unfolded
    assert not sections[-1].unfolded


def test_parts_are_all_of_the_bytes(android: Report) -> None:
    """A hundred percent."""
    assert sum(part.percent for part in parts(android)) == pytest.approx(100)
    assert {part.share for part in parts(android)} == set(Share)


def test_the_ledger_begins_with_what_was_not_understood(android: Report) -> None:
    """That is what a reader has to see."""
    lines, left = ledger(android)

    assert lines[0].line.error
    assert left == 0


def test_refusals_stand_before_what_was_passed_over(android: Report) -> None:
    """A socket is no news."""
    assert [item.expected for item in unread(android)] == [False, True]
