"""`result.json` is what the contract says, matches its schema, and is the same for the same report."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import harness.reporters
from harness.model import Access, Locator, Report, Verdict
from harness.reporters.base import Run
from harness.reporters.json import JsonReporter, result_text


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    """The schema that is shipped, itself checked."""
    text = (Path(harness.reporters.__path__[0]) / "result.schema.json").read_text(encoding="utf-8")
    document = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def written(report: Report, run: Run | None = None) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(JsonReporter().render(report, run))
    return document


def test_every_result_matches_the_schema(
    schema: jsonschema.Draft202012Validator, android: Report, ios: Report, nothing: Report
) -> None:
    """What is shipped describes what is written."""
    run = Run(started="2026-03-01T12:00:00Z", seconds=1.5, stages=(("collect", 0.5), ("scan", 1.0)))

    for report in (android, ios, nothing):
        schema.validate(written(report))
        schema.validate(written(report, run))


def test_an_unknown_key_breaks_the_schema(schema: jsonschema.Draft202012Validator, android: Report) -> None:
    """Otherwise a misspelt key would pass."""
    document = written(android)
    document["findings"][0]["valeu"] = 1

    assert not schema.is_valid(document)


def test_the_keys_stand_in_the_order_of_the_contract(android: Report) -> None:
    """`run` is last, and only there where a run is given."""
    run = Run(started="2026-03-01T12:00:00Z", seconds=0.25)

    assert list(written(android)) == [
        "schema", "tool", "source", "device", "app", "sdk", "scenario", "persona", "snapshot", "coverage",
        "exposure", "checks", "findings", "detections", "sealed", "components", "recognised", "gate", "unread",
    ]  # fmt: skip
    assert list(written(android, run))[-1] == "run"


def test_the_same_report_in_another_order_gives_the_same_text(android: Report) -> None:
    """Order of arrival is no part of a result."""
    turned = replace(
        android,
        coverage=android.coverage[::-1],
        unread=android.unread[::-1],
        verdicts=tuple(replace(v, findings=v.findings[::-1]) for v in android.verdicts[::-1]),
        exposure=android.exposure[::-1],
        detections=android.detections[::-1],
        tool=dict(reversed(android.tool.items())),
    )

    assert result_text(turned) == result_text(android)


def test_only_the_run_tells_two_runs_apart(android: Report) -> None:
    """Times live in one object."""
    one = written(android, Run(started="2026-03-01T12:00:00Z", seconds=1.0))
    other = written(android, Run(started="2026-03-02T12:00:00Z", seconds=2.0))
    del one["run"], other["run"]

    assert one == other == written(android)


def test_the_text_is_ascii_lines_with_two_spaces(android: Report) -> None:
    """It prints everywhere, and diffs line by line."""
    text = result_text(android)

    assert text.isascii()
    assert text.endswith("}\n")
    assert text.startswith('{\n  "schema"')


def test_every_class_has_all_five_attackers(android: Report) -> None:
    """A cell that the report leaves out is unknown, never absent."""
    lacking = replace(android, exposure=tuple(e for e in android.exposure if e.access is not Access.BACKUP))

    rows = written(lacking)["exposure"]

    assert all(list(row) == [access.label for access in Access] for row in rows.values())
    assert {row["backup"]["cell"] for row in rows.values()} == {"unknown"}


def test_a_finding_says_where_and_who(android: Report) -> None:
    """Exact place, attackers from weakest to strongest, masked evidence."""
    document = written(android)
    email = next(f for f in document["findings"] if f["where"]["locator"] == "/events/12/data/profile/Email")

    assert email["where"]["display"].endswith("clevertap_TEST-000-0000#/events/12/data/profile/Email")
    assert email["where"]["steps"] == ["events", 12, "data", "profile", "Email"]
    assert email["readable_by"] == ["adb_shell", "root_files", "root_code"]
    assert email["evidence"]["mask"] == "j***@example.org"


def test_checks_and_cells_name_findings_that_are_there(android: Report) -> None:
    """No id leads nowhere."""
    document = written(android)
    known = {f["id"] for f in document["findings"]}

    named = {i for check in document["checks"] for i in check["findings"]}
    named |= {i for row in document["exposure"].values() for cell in row.values() for i in cell["findings"]}

    assert named == known


def test_totals_are_the_sums_of_the_files(android: Report) -> None:
    """No byte is lost on the way to the total."""
    coverage = written(android)["coverage"]
    totals = dict(coverage["totals"])

    assert totals.pop("files") == len(coverage["files"])
    assert totals.pop("bytes") == sum(line["size"] for line in coverage["files"]) == sum(totals.values())


def test_a_finding_stands_under_the_check_that_made_it(android: Report) -> None:
    """A finding that says otherwise does not go astray."""
    stray = replace(android.verdicts[0].findings[0], check="another")
    verdicts: tuple[Verdict, ...] = (replace(android.verdicts[0], findings=(stray,)),)

    assert written(replace(android, verdicts=verdicts))["findings"][0]["check"] == "plaintext"


def test_a_time_that_is_no_number_is_not_known(android: Report) -> None:
    """An archive may say that a file was changed at `nan`; JSON has no such number."""
    facts = replace(android.detections[0].facts, modified=float("nan"))
    report = replace(android, detections=(replace(android.detections[0], facts=facts),))

    assert written(report)["detections"][0]["file"]["modified"] is None


def test_the_gate_is_null_until_it_has_decided(android: Report) -> None:
    """And then says what it was given."""
    assert written(android)["gate"] is None
    assert json.loads(result_text(android, gate={"verdict": "fail"}))["gate"] == {"verdict": "fail"}


def test_hostile_names_survive_unharmed(android: Report) -> None:
    """A lone surrogate, a NUL, an escape sequence: given back as they were, never written raw."""
    path = "a\x00b\x1b[31m\u202e\ud800/<script>"
    stray = replace(android.verdicts[0].findings[0], locator=Locator(path=path, steps=("\n", 0)))
    report = replace(android, verdicts=(replace(android.verdicts[0], findings=(stray,)),))

    text = result_text(report)

    assert "\x1b" not in text
    assert json.loads(text)["findings"][0]["where"]["path"] == path
