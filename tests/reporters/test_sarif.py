"""A dashboard sees each finding once, at one place, under a stable rule and a stable fingerprint."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from harness.model import Locator, Report, Unread
from harness.reporters.base import Run
from harness.reporters.sarif import Sarif


def run_of(report: Report, run: Run | None = None) -> dict[str, Any]:
    """The one run of the log."""
    log = json.loads(Sarif().render(report, run))
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    found: dict[str, Any] = only
    return found


def with_path(report: Report, path: str, message: str = "found") -> dict[str, Any]:
    """The only result of a report with one finding at an odd place."""
    finding = replace(report.verdicts[0].findings[0], locator=Locator(path=path, container="c"), message=message)
    found = run_of(replace(report, verdicts=(replace(report.verdicts[0], findings=(finding,)),)))
    result: dict[str, Any] = found["results"][0]
    return result


def test_every_finding_is_a_result_of_a_rule_that_is_declared(android: Report) -> None:
    """By name and by index, and followed by its own id."""
    found = run_of(android)
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]

    assert len(found["results"]) == len(list(android.findings))
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in found["results"])
    ids = {result["partialFingerprints"]["storageHarness/v1"] for result in found["results"]}
    assert ids == {finding.id for finding in android.findings}


def test_every_result_has_one_location_and_a_level(android: Report) -> None:
    """What dashboards demand of each."""
    for result in run_of(android)["results"]:
        assert result["level"] in {"error", "warning", "note"}
        assert len(result["locations"]) == 1
        assert result["message"]["text"]


def test_tags_are_unique(android: Report) -> None:
    """The schema refuses doubles."""
    for rule in run_of(android)["tool"]["driver"]["rules"]:
        tags = rule["properties"]["tags"]
        assert len(set(tags)) == len(tags)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("databases/a b#c?d.db", "c/databases/a b#c?d.db"),
        ("../../etc/passwd", "c/etc/passwd"),
        ("/absolute//twice", "c/absolute/twice"),
        ("javascript:x", "c/javascript:x"),
        ("Zoë", "c/Zoë"),
    ],
)
def test_a_path_is_a_relative_uri_below_its_base(android: Report, path: str, expected: str) -> None:
    """Whatever is in it, it is encoded, and it does not climb."""
    uri = with_path(android, path)["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

    assert unquote(uri) == expected
    assert not set(uri) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/%")


def test_a_message_holds_no_link_and_no_placeholder(android: Report) -> None:
    """Both would act in a viewer."""
    text = with_path(android, "p", "[x](https://example.test) {0}")["message"]["text"]

    assert "](" not in text
    assert "{{0}}" in text


def test_what_was_not_read_is_a_notification(android: Report) -> None:
    """No finding, and not unseen either."""
    report = replace(android, unread=(Unread(path="db", reason="refused"),))
    notes = run_of(report)["invocations"][0]["toolExecutionNotifications"]

    assert {"level": "warning", "message": {"text": "not read: db: refused"}} in notes
    assert any("inconclusive" in note["message"]["text"] for note in notes)


def test_the_start_comes_only_with_a_run(android: Report) -> None:
    """Equal reports give equal logs."""
    assert "startTimeUtc" not in run_of(android)["invocations"][0]
    timed = run_of(android, Run(started="2026-03-01T12:00:00Z", seconds=1.0))
    assert timed["invocations"][0]["startTimeUtc"] == "2026-03-01T12:00:00Z"


def test_a_result_names_the_part_of_the_sdk_and_the_key(encrypted: Report) -> None:
    """Where the SDK is."""
    told = [result["properties"] for result in run_of(encrypted)["results"]]

    assert {(each["sdk"], each["component"], each["key"]) for each in told} == {
        ("clevertap", "event queue", ""),
        ("clevertap", "profile", "derived from the account id"),
    }
