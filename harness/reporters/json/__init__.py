"""`result.json`: the whole report for machines, and the way back from it."""

from typing import ClassVar

from harness.model import Report
from harness.reporters.base import Reporter, Run
from harness.reporters.json.reading import load_result
from harness.reporters.json.writing import SCHEMA, result_text

__all__ = ["SCHEMA", "JsonReporter", "load_result", "result_text"]


class JsonReporter(Reporter):
    """For scripts, pipelines, `report` and `diff`; described by `result.schema.json`."""

    title: ClassVar[str] = "JSON, complete and machine-readable"
    filename: ClassVar[str] = "result.json"

    def render(self, report: Report, run: Run | None = None) -> str:
        return result_text(report, run=run)
