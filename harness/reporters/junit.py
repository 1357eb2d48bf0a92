"""`junit.xml`: one test case per check, so that a CI server shows verdicts where it shows tests.

Inconclusive is an error there, never a skipped test: nothing that could not be examined may look green.
"""

from typing import ClassVar
from xml.etree import ElementTree as ET

from harness.grouping import advice, clusters
from harness.model import Outcome, Report, Verdict
from harness.reporters.base import Reporter, Run, in_one_line, subject
from harness.wording import visible

__all__ = ["Junit"]

_LINES = 100
"""Lines in one test case."""


class Junit(Reporter):
    """For CI servers that read JUnit's XML."""

    title: ClassVar[str] = "JUnit XML, one test case per check"
    filename: ClassVar[str] = "junit.xml"

    def render(self, report: Report, run: Run | None = None) -> str:
        verdicts = sorted(report.verdicts, key=lambda verdict: verdict.check)
        root = ET.Element("testsuites", {"name": "storage-harness", **_counts(report, run)})
        suite = ET.SubElement(root, "testsuite", {"name": visible(subject(report).app), **_counts(report, run)})
        if run is not None:
            suite.set("timestamp", visible(run.started))
        _properties(suite, report)
        for verdict in verdicts:
            _case(suite, verdict)
        if not verdicts:
            case = ET.SubElement(suite, "testcase", classname="storage-harness", name="any check")
            ET.SubElement(case, "error", type="inconclusive", message="no check was made, so nothing is proved")
        ET.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(report: Report, run: Run | None) -> dict[str, str]:
    outcomes = [verdict.outcome for verdict in report.verdicts] or [Outcome.INCONCLUSIVE]
    counts = {
        "tests": len(outcomes),
        "failures": outcomes.count(Outcome.FAIL),
        "errors": outcomes.count(Outcome.INCONCLUSIVE),
        "skipped": outcomes.count(Outcome.NOT_APPLICABLE),
    }
    seconds = {"time": f"{run.seconds:.3f}"} if run is not None else {}
    return {name: str(count) for name, count in counts.items()} | seconds


def _properties(suite: ET.Element, report: Report) -> None:
    about = subject(report)
    properties = ET.SubElement(suite, "properties")
    words = {"device": about.device, "source": about.source, "simulated": str(about.simulated).lower()}
    for name, value in {**words, "snapshot": report.snapshot}.items():
        ET.SubElement(properties, "property", name=name, value=visible(value))


def _case(suite: ET.Element, verdict: Verdict) -> None:
    case = ET.SubElement(suite, "testcase", classname="storage-harness", name=visible(verdict.check))
    message = visible(f"{verdict.title}: {verdict.reason}")
    match verdict.outcome:
        case Outcome.FAIL:
            failure = ET.SubElement(case, "failure", type=verdict.severity.label, message=message)
            failure.text = "\n".join(_lines(verdict))
        case Outcome.INCONCLUSIVE:
            ET.SubElement(case, "error", type="inconclusive", message=message)
        case Outcome.NOT_APPLICABLE:
            ET.SubElement(case, "skipped", message=message)
        case Outcome.PASS:
            pass


def _lines(verdict: Verdict) -> list[str]:
    told = clusters(verdict.findings)
    lines = [in_one_line(cluster) for cluster in told[:_LINES]]
    if len(told) > _LINES:
        lines.append(f"… and {sum(len(cluster.findings) for cluster in told[_LINES:]):,} more")
    told_apart = [each for each in advice(verdict.findings) if each.remedy != verdict.remedy]
    lines += [visible(f"Fix for {each.where}: {each.remedy}") for each in told_apart]
    return [*lines, f"Fix: {visible(verdict.remedy)}"]
