"""What `-v` tells on stderr: how a device was reached, what each step came to, and when. Nothing stored is in it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from harness.devices.base import Source
    from harness.model import Report

__all__ = ["Narration"]


class Narration:
    """Tells while a command runs; silent unless it was asked for. It is a `Progress` as well."""

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted
        self._begun = time.monotonic()
        self._stages: dict[str, tuple[int, int]] = {}

    def say(self, text: str) -> None:
        """One line, with the seconds since the beginning."""
        from harness.wording import visible

        if self.wanted:
            click.echo(f"{time.monotonic() - self._begun:8.2f} s  {visible(text)}", err=True)

    def progress(self, stage: str, done: int, total: int) -> None:
        """A step, told when it begins; how far it came is told in the end."""
        if stage not in self._stages:
            self.say(f"{stage}: begins")
        self._stages[stage] = done, total

    def source(self, opened: Source) -> None:
        """What was reached, and of a device every attempt with its answer."""
        profile = opened.profile
        self.say(f"source: {profile.title if profile else 'of an unknown device'}")
        for each in _attempts(opened):
            self.say(f"{each.way.value}: `{each.asked}`: {each.said or 'no word'}: {'works' if each.works else 'no'}")

    def jobs(self, wanted: int) -> None:
        """How many processes work; never more than there is work for."""
        if self.wanted and wanted > 1:
            from harness.scan.workers import can_fork  # and all that scans, which not every command does

            self.say(f"{wanted} processes" if can_fork() else "one process: this system cannot copy processes")

    def report(self, report: Report) -> None:
        """How many files of which format were looked at, and what could not be read."""
        counts: dict[str, int] = {}
        for line in report.coverage:
            counts[line.format] = counts.get(line.format, 0) + 1
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda each: -each[1]))
        self.say(f"formats: {told or 'no files'}")
        self.say(f"unread: {sum(not item.expected for item in report.unread)}")
        for verdict in report.verdicts:
            self.say(f"{verdict.check}: {verdict.outcome.value}, {verdict.examined} examined")

    def end(self) -> None:
        """What each step came to."""
        for stage, (done, total) in self._stages.items():
            self.say(f"{stage}: {done:,} of {total:,}" if total else f"{stage}: {done:,}")


def _attempts(opened: Source) -> Iterable[Any]:
    """A device's; other sources have none."""
    attempts: Iterable[Any] = getattr(opened, "attempts", ())
    return attempts
