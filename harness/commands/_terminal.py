"""What a person sees: tables as wide as there is room; progress on stderr, and only on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from harness.commands._narration import Narration
    from harness.model import Unread
    from harness.pipeline import Progress

__all__ = ["progress_on_stderr", "tell_unread", "verdict_survives", "wide_console"]

_PIPED_WIDTH = 300
_MOST_LINES = 10
_PAUSE = 0.05


def wide_console() -> Console:
    """Stdout: as wide as the terminal is, or as `COLUMNS` says; where it is piped, wide enough to copy from."""
    from rich.console import Console

    class Plain(Console):
        """Leaves a closed pipe to the caller; by default it ends the process, with the code of a failed gate."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Plain(width=_PIPED_WIDTH if piped else None)


@contextlib.contextmanager
def verdict_survives() -> Iterator[None]:
    """A reader that has gone (`| head`) takes the rest of the text, never the exit code."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell_unread(items: Sequence[Unread], *, of: str = "") -> bool:
    """Say on stderr what could not be read, the first few by name; gives whether there is anything. Names are veiled.

    What is never followed, as links, is nothing that was missed.
    """
    from harness.grouping import file_label
    from harness.wording import count_of, visible

    missed = [item for item in items if not item.expected]
    if missed:
        click.echo(f"{of}{count_of(len(missed), 'file or folder', 'files or folders')} could not be read:", err=True)
    for item in missed[:_MOST_LINES]:
        click.echo(f"  {visible(file_label(item.container, item.path))}: {visible(item.reason)}", err=True)
    if len(missed) > _MOST_LINES:
        click.echo(f"  and {len(missed) - _MOST_LINES:,} more", err=True)
    return bool(missed)


def _quiet(_stage: str, _done: int, _total: int) -> None:
    return None


@contextlib.contextmanager
def progress_on_stderr(*, quiet: bool = False, told: Narration | None = None) -> Iterator[Progress]:
    """A bar per stage; nothing where stderr is no terminal. What is told in words takes the place of bars."""
    if told is not None and told.wanted:
        try:
            yield told.progress
        finally:
            told.end()
        return
    if quiet or not sys.stderr.isatty():
        yield _quiet
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        TextColumn("{task.fields[told]}", justify="right"),
        TimeElapsedColumn(),
    )
    bars, stages = Progress(*columns, console=Console(stderr=True), transient=True), dict[str, _Stage]()
    with contextlib.ExitStack() as shown:

        def advance(stage: str, done: int, total: int) -> None:
            if not stages:
                shown.enter_context(bars)  # not earlier: it would draw over a question that is asked on the terminal
            if stage not in stages:
                stages[stage] = _Stage(bars.add_task(stage, total=total or None, told=""))
            at, now = stages[stage], time.monotonic()
            at.done, at.total = done, total
            # Each stage in its own time: of two that are told one after the other, the second is drawn as well.
            if now - at.drawn > _PAUSE or done == total:
                at.drawn = now
                bars.update(at.task, completed=done, total=total or None, told=at.told)

        try:
            yield advance
        finally:
            for at in stages.values():
                bars.update(at.task, completed=at.done, total=at.total or None, told=at.told)


@dataclass(slots=True)
class _Stage:
    """One bar, and when it was drawn last."""

    task: TaskID
    done: int = 0
    total: int = 0
    drawn: float = 0.0

    @property
    def told(self) -> str:
        """How far it is; of how much, where that is known."""
        return f"{self.done:,}/{self.total:,}" if self.total else f"{self.done:,}"
