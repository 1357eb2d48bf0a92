"""What a person sees: tables as wide as there is room; progress on stderr, and only on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from harness.pipeline import Progress

__all__ = ["progress_on_stderr", "wide_console"]

_PIPED_WIDTH = 200


def wide_console() -> Console:
    """Stdout: as wide as the terminal is, or as `COLUMNS` says; where it is piped, wide enough to copy from."""
    from rich.console import Console

    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=_PIPED_WIDTH if piped else None)


def _quiet(_stage: str, _done: int, _total: int) -> None:
    return None


@contextlib.contextmanager
def progress_on_stderr(*, quiet: bool = False) -> Iterator[Progress]:
    """A bar per stage; nothing where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield _quiet
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, object] = {}
        drawn = 0.0

        def advance(stage: str, done: int, total: int) -> None:
            nonlocal drawn
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total or None)
            now = time.monotonic()
            if now - drawn > 0.05 or done == total:
                drawn = now
                bars.update(tasks[stage], completed=done, total=total or None)  # type: ignore[arg-type]

        yield advance
