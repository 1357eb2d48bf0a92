"""The port of the reporter family: a report in, one text out. All that arrives here is masked already."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from harness.model import Report

__all__ = ["Reporter", "Run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """When and how long: all that differs between two runs over the same input."""

    started: str
    """ISO 8601, UTC."""
    seconds: float
    stages: tuple[tuple[str, float], ...] = ()


class Reporter(ABC):
    """One form of report."""

    name: str = ""
    title: ClassVar[str]
    filename: ClassVar[str]
    """What it is called in the output folder: `result.json`."""
    required: ClassVar[tuple[str, ...]] = ("title", "filename")

    @abstractmethod
    def render(self, report: Report, run: Run | None = None) -> str:
        """The whole text. Without `run`, equal reports give equal text."""
