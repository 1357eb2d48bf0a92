"""A CI server sees a verdict as a test: failed, errored, skipped or passed."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

from harness.model import Report
from harness.reporters.base import Run
from harness.reporters.junit import Junit


def suite_of(report: Report, run: Run | None = None) -> ET.Element:
    """The one suite of the file."""
    suite = ET.fromstring(Junit().render(report, run)).find("testsuite")
    assert suite is not None
    return suite


def test_each_check_is_a_case_with_its_verdict(android: Report) -> None:
    """Inconclusive is an error, never skipped: nothing unexamined may look green."""
    cases = {case.get("name"): [child.tag for child in case] for case in suite_of(android).iter("testcase")}

    assert cases == {
        "plaintext": ["failure"],
        "world_readable": ["failure"],
        "derivable_key": ["failure"],
        "backup": ["failure"],
        "masking": [],
        "erased": ["error"],
        "protection_class": ["skipped"],
    }


def test_the_counts_are_those_of_the_cases(android: Report, ios: Report, nothing: Report) -> None:
    """Servers trust them."""
    for report in (android, ios, nothing):
        suite = suite_of(report)

        assert int(suite.get("tests", "")) == len(list(suite.iter("testcase")))
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name, "")) == len(list(suite.iter(tag)))


def test_nothing_judged_is_an_error(nothing: Report) -> None:
    """A suite without cases would pass."""
    assert suite_of(nothing).get("errors") == "1"


def test_a_failure_lists_its_findings_and_the_remedy(android: Report, crowded: Callable[[int, int], Report]) -> None:
    """As far as a log can show them; the rest is counted."""
    failures = [f.text or "" for f in suite_of(android).iter("failure")]
    many = next(suite_of(crowded(400, 4)).iter("failure")).text or ""

    assert any("/events/12/data/profile/Email" in text and "j***@example.org" in text for text in failures)
    assert all("Fix: " in text for text in failures)
    assert "… and 300 more" in many


def test_times_come_only_with_a_run(android: Report) -> None:
    """Equal reports give equal files."""
    run = Run(started="2026-03-01T12:00:00Z", seconds=2.0)

    assert suite_of(android).get("time") is None
    assert suite_of(android, run).get("time") == "2.000"
    assert suite_of(android, run).get("timestamp") == "2026-03-01T12:00:00Z"


def test_a_line_names_the_part_of_the_sdk_and_the_key(encrypted: Report) -> None:
    """And a remedy that is for a part says so, once."""
    text = next(suite_of(encrypted).iter("failure")).text or ""

    assert "(CleverTap · event queue; read by: Root: files and stronger)" in text
    assert "(CleverTap · profile; key: derived from the account id; read by: Root: files and stronger)" in text
    assert text.count("Fix for CleverTap · event queue: Set level 2.") == text.count("Set level 2.") == 1
    assert "Fix for CleverTap · profile: Use opaque ids." in text
