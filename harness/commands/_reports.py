"""Writing reports: all of them or none, so that an interrupt leaves no half-written one behind."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.model import Report
    from harness.reporters.base import Reporter, Run

__all__ = ["default_folder", "exit_code", "formats_from", "write_reports"]

_EXIT = {"pass": 0, "fail": 1, "inconclusive": 2}


def exit_code(report: Report) -> int:
    """0 pass, 1 fail, 2 inconclusive."""
    return _EXIT[report.outcome.value]


def default_folder(app: str | None) -> Path:
    """`reports/<time>-<app>/`, below the current folder."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", app or "scan").strip("-.") or "scan"
    return Path("reports") / f"{stamp}-{name}"


def formats_from(text: str) -> dict[str, Reporter]:
    """The reporters that `--format html,json` names.

    Raises:
        UsageError: there is no such form of report; the hint lists those that there are.
    """
    from harness import registry
    from harness.reporters.base import Reporter

    known = registry.load("reporters", Reporter)
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"no report format is called {unknown[0]}", hint=f"known: {', '.join(known)}")
    return {name: known[name] for name in names}


def write_reports(
    folder: Path, reports: Mapping[str, Report], reporters: Sequence[Reporter], run: Run | None
) -> None:
    """Render into a folder beside the target, then move it there in one step.

    Args:
        folder: made new; one that has files in it is refused.
        reports: by subfolder; `""` for the folder itself.
        reporters: the forms to write.
        run: times and durations.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists and is not empty", hint="name another folder with --out")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise UsageError(f"cannot write to {folder.parent}: {error.strerror}") from error
    try:
        for name, report in reports.items():
            place = partial / name
            place.mkdir(parents=True, exist_ok=True)
            for reporter in reporters:
                (place / reporter.filename).write_text(reporter.render(report, run), encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        partial.chmod(0o755 & ~_umask())
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
