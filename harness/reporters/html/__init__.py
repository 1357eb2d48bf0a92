"""`report.html`: one page that opens from a file, needs no network, and prints."""

from typing import ClassVar

from harness.model import Report
from harness.reporters.base import Reporter, Run

__all__ = ["Html"]


class Html(Reporter):
    """For everybody who has to read, discuss or file a result."""

    title: ClassVar[str] = "One self-contained web page"
    filename: ClassVar[str] = "report.html"

    def render(self, report: Report, run: Run | None = None) -> str:
        from harness.reporters.html.page import page  # noqa: PLC0415 - start-up time

        return page(report, run)
