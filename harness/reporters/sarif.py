"""`result.sarif`: findings for code-scanning dashboards, as OASIS SARIF 2.1.0.

A rule is a check, a result is a finding, one location each. `partialFingerprints` carries the finding's own id, so
that a dashboard follows it over runs. Files that could not be read are notifications of the invocation: they are no
findings, and they must not go unseen.
"""

import json
import re
from typing import ClassVar, TypeAlias
from urllib.parse import quote

from harness.grouping import place
from harness.model import Finding, Outcome, Report, Severity, Unread, Verdict
from harness.reporters.base import Reporter, Run, readers
from harness.wording import type_word, visible

__all__ = ["Sarif"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.0",
}
"""What dashboards sort by; the middle of the band that CVSS gives to the word."""


_PLACEHOLDER = re.compile(r"\{\d+\}")


class Sarif(Reporter):
    """For dashboards that read SARIF."""

    title: ClassVar[str] = "SARIF 2.1.0 for code-scanning dashboards"
    filename: ClassVar[str] = "result.sarif"

    def render(self, report: Report, run: Run | None = None) -> str:
        verdicts = sorted(report.verdicts, key=lambda verdict: verdict.check)
        invocation: dict[str, Json] = {
            "executionSuccessful": True,
            "toolExecutionNotifications": [*_notifications(report)],
        }
        if run is not None:
            invocation["startTimeUtc"] = run.started
        log: dict[str, Json] = {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": _driver(report, verdicts)},
                    "invocations": [invocation],
                    "columnKind": "unicodeCodePoints",
                    "originalUriBaseIds": {
                        "CONTAINERS": {"description": {"text": "The folder that holds the app's containers."}}
                    },
                    "results": [
                        _result(finding, verdict, index)
                        for index, verdict in enumerate(verdicts)
                        for finding in sorted(verdict.findings, key=_order)
                    ],
                    "properties": {"verdict": report.outcome.value, "snapshot": report.snapshot},
                }
            ],
        }
        return json.dumps(log, indent=2) + "\n"


def _driver(report: Report, verdicts: list[Verdict]) -> Json:
    driver: dict[str, Json] = {"name": "storage-harness", "rules": [_rule(verdict) for verdict in verdicts]}
    if version := report.tool.get("version"):
        driver["version"] = visible(version)
    return driver


def _rule(verdict: Verdict) -> Json:
    tags: list[Json] = ["security", "privacy"]
    tags += dict.fromkeys(visible(tag) for name in sorted(verdict.ids) for tag in verdict.ids[name])
    return {
        "id": visible(verdict.check),
        "shortDescription": {"text": visible(verdict.title) or visible(verdict.check)},
        "help": {"text": visible(verdict.remedy) or "See the report."},
        "defaultConfiguration": {"level": _LEVELS[verdict.severity]},
        "properties": {"tags": tags, "security-severity": _SCORES[verdict.severity]},
    }


def _order(finding: Finding) -> tuple[str, str, str]:
    return (str(finding.locator), finding.id, finding.message)


def _result(finding: Finding, verdict: Verdict, index: int) -> Json:
    mask = f" {finding.evidence.mask}" if finding.evidence else ""
    kind = f"{type_word(finding.type)}{mask}: " if finding.type else ""
    who = readers(finding.readable_by)
    text = f"{kind}{finding.message}, at {finding.locator.path} {place(finding.locator)}. Read by: {who}."
    return {
        "ruleId": visible(verdict.check),
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _sentence(text)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": _artifact(finding.locator.container, finding.locator.path)},
                "logicalLocations": [{"fullyQualifiedName": visible(str(finding.locator)), "kind": "member"}],
            }
        ],
        "partialFingerprints": {"storageHarness/v1": visible(finding.id)},
        "properties": {
            "type": None if finding.type is None else visible(finding.type),
            "state": finding.state.value,
            "layers": [visible(layer) for layer in finding.layers],
            "readableBy": [access.label for access in sorted(finding.readable_by)],
            "occurrences": finding.occurrences,
            "sdk": None if finding.sdk is None else visible(finding.sdk),
            "component": visible(finding.component),
            "sdkVersions": visible(finding.versions),
            "key": visible(finding.key),
        },
    }


def _artifact(container: str, path: str) -> Json:
    """A relative URI; every odd byte percent-encoded, and never one that climbs out of its base."""
    parts = [part for part in (*container.split("/"), *path.split("/")) if part not in {"", ".", ".."}]
    uri = "/".join(quote(part, safe="", errors="surrogatepass") for part in parts)
    return {"uri": uri or "unknown", "uriBaseId": "CONTAINERS"}


def _sentence(text: str) -> str:
    """Message text in which nothing stored acts as a link or a placeholder (SARIF 3.11.5 and 3.11.6)."""
    return _PLACEHOLDER.sub(r"{\g<0>}", visible(text).replace("](", "] ("))


def _notifications(report: Report) -> list[Json]:
    notes: list[Json] = [
        _notification(f"{verdict.check}: inconclusive: {verdict.reason}", "warning")
        for verdict in sorted(report.verdicts, key=lambda verdict: verdict.check)
        if verdict.outcome is Outcome.INCONCLUSIVE
    ]
    for unread in sorted(report.unread, key=_place_of):
        level = "note" if unread.expected else "warning"
        notes.append(_notification(f"not read: {unread.path}: {unread.reason}", level))
    return notes


def _place_of(unread: Unread) -> tuple[str, str, str]:
    return (unread.container, unread.path, unread.reason)


def _notification(text: str, level: str) -> Json:
    return {"level": level, "message": {"text": _sentence(text)}}
