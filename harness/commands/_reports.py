"""Writing reports: to a place that was tried before the work began, and none of them half-written."""

from __future__ import annotations

import contextlib
import itertools
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from harness.devices._room import no_room
from harness.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from harness.model import Report
    from harness.reporters.base import Reporter, Run

__all__ = ["Destination", "destination", "exit_code", "formats_from"]

_EXIT = {"pass": 0, "fail": 1, "inconclusive": 2}


def exit_code(report: Report) -> int:
    """0 pass, 1 fail, 2 inconclusive."""
    return _EXIT[report.outcome.value]


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


class Destination:
    """The folder that reports will go to. It is made and tried before the work begins, so that no work is lost."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder))

    def write(self, reports: Mapping[str, Report], reporters: Sequence[Reporter], run: Run | None) -> None:
        """Render all, then put them in their place; what was there is replaced.

        Args:
            reports: by subfolder; `""` for the folder itself.
            reporters: the forms to write.
            run: times and durations.

        Raises:
            UsageError: they cannot be written.
        """
        try:
            for name, report in reports.items():
                place = self._partial / name
                place.mkdir(parents=True, exist_ok=True)
                for reporter in reporters:
                    (place / reporter.filename).write_text(reporter.render(report, run), encoding="utf-8")
            for old in self.folder.iterdir():
                if old != self._partial:
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
            for new in self._partial.iterdir():
                new.rename(self.folder / new.name)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def attempt(self, reports: Mapping[str, Report], reporters: Sequence[Reporter], run: Run) -> HarnessError | None:
        """As `write`; what went wrong is given instead of raised, for who has something to show all the same."""
        try:
            self.write(reports, reporters, run)
        except HarnessError as error:
            return error
        return None

    def release(self) -> None:
        """Leave nothing behind but what was written."""
        shutil.rmtree(self._partial, ignore_errors=True)


@contextmanager
def destination(out: Path | None, app: str | None, *, force: bool = False) -> Iterator[Destination]:
    """The folder that the user named, or a new one below `reports/`; gone again where nothing was written to it.

    Args:
        out: made new; one that has files in it is refused.
        app: part of the name of a new one.
        force: replace what is in the folder, where that is reports only.

    Raises:
        UsageError: it cannot be written, or holds something.
    """
    made: list[Path] = []
    try:
        if out is None:
            folder = _new_folder(app, made)
        else:
            folder = out
            _check(folder, force)
            _make(folder, made)
        place = Destination(folder)
    except OSError as error:
        _remove_empty(made)
        raise _unwritable(out or Path("reports"), error) from error
    try:
        yield place
    finally:
        place.release()
        _remove_empty(made)


def _new_folder(app: str | None, made: list[Path]) -> Path:
    """`reports/<time>-<app>`, with a number where another run of the same second was faster."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", app or "scan").strip("-.") or "scan"
    _make(Path("reports"), made)
    for number in itertools.count(1):
        folder = Path("reports") / (f"{stamp}-{name}" + (f"-{number}" if number > 1 else ""))
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        made.append(folder)
        break
    return folder


def _make(folder: Path, made: list[Path]) -> None:
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(exist_ok=True)
            made.append(each)


def _remove_empty(made: list[Path]) -> None:
    for folder in reversed(made):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _check(folder: Path, force: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", hint="name another with --out")
    if any(folder.iterdir()):
        if not force:
            raise UsageError(
                f"{folder} exists and is not empty", hint="name another with --out; --force replaces reports"
            )
        if not _holds_only_reports(folder):
            raise UsageError(f"{folder} holds something other than reports", hint="name another folder with --out")


def _holds_only_reports(folder: Path) -> bool:
    from harness import registry
    from harness.reporters.base import Reporter

    names = {reporter.filename for reporter in registry.load("reporters", Reporter).values()}
    return all(path.is_dir() or path.name in names for path in folder.rglob("*"))


def _unwritable(folder: Path, error: OSError) -> HarnessError:
    full = no_room(error, f"for the reports in {folder}", "name a folder on a larger disk with --out")
    return full or UsageError(
        f"cannot write reports to {folder}: {error.strerror}",
        hint="name a folder with --out that can be written and has room",
    )
