"""`storage-harness scan`: from a source to a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.commands._options import (
    MODES,
    Chosen,
    files,
    jobs_option,
    open_source,
    plugin_names,
    raise_what_ended_it,
    source_options,
)

if TYPE_CHECKING:
    from harness.model import Report

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  storage-harness scan ./pulled-from-phone
  storage-harness scan app-data.tar.gz --app com.example.shop --persona jane.toml
  storage-harness scan snapshot/ --json | jq .exposure"""
)
@click.argument("source", shell_complete=files)
@source_options
@jobs_option
@click.option("--mode", type=click.Choice(MODES), help="The storage mode that was promised.")
@click.option("--deep", is_flag=True, help="Decode every value of every file, beside the sweep of all bytes.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the reports.")
@click.option("--force", is_flag=True, help="Replace what is in the folder, where that is reports only.")
@click.option(
    "--format",
    "formats",
    default="html,json",
    show_default=True,
    help="Which reports to write.",
    shell_complete=plugin_names("reporters"),
)
@click.option("--json", "as_json", is_flag=True, help="Print result.json on stdout; write files only with --out.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no tables; the exit code says it.")
def command(
    source: str,
    mode: str | None,
    deep: bool,
    out: Path | None,
    force: bool,
    formats: str,
    as_json: bool,
    quiet: bool,
    **shared: str,
) -> None:
    """Find personal data in SOURCE, say who can read it, and judge.

    SOURCE is a folder or file, a .tar[.gz|.bz2|.xz|.zst] or .zip archive, an Android backup (.ab), the folder of an
    iTunes or Finder backup, a snapshot, or a device: emulated:PROFILE, adb:SERIAL, adb:HOST:PORT. The exit code is
    the verdict: 0 pass, 1 fail, 2 inconclusive.
    """
    import time
    from contextlib import nullcontext
    from datetime import UTC, datetime

    from harness.commands._reports import destination, exit_code, formats_from
    from harness.commands._terminal import progress_on_stderr, verdict_survives
    from harness.pipeline import Plugins, report_on
    from harness.reporters.base import Run

    reporters = formats_from(formats)
    chosen = Chosen(**shared)  # type: ignore[arg-type]
    started, clock = datetime.now(UTC), time.monotonic()
    wants_files = out is not None or not as_json
    with destination(out, chosen.app, force=force) if wants_files else nullcontext() as place:
        told = chosen.narration()
        with progress_on_stderr(quiet=quiet, told=told) as progress, open_source(source, chosen, progress) as opened:
            told.source(opened)
            report = report_on(chosen.job(opened, progress, deep=deep, promise=mode), Plugins.load())
            told.report(report)
        run = Run(started=started.isoformat(timespec="seconds"), seconds=round(time.monotonic() - clock, 3))
        unwritten = place.attempt({"": report}, list(reporters.values()), run) if place is not None else None
    folder = place.folder if place is not None and unwritten is None else None
    if as_json:
        with verdict_survives():
            click.echo(formats_from("json")["json"].render(report, run), nl=False)
    elif not quiet:
        _show(report, folder)
    if unwritten is not None:
        raise unwritten
    raise_what_ended_it(opened)
    raise click.exceptions.Exit(exit_code(report))


def _show(report: Report, folder: Path | None) -> None:
    """For a person, with where the reports went."""
    from harness.commands._terminal import verdict_survives, wide_console
    from harness.reporters.terminal import print_report

    with verdict_survives():
        print_report(wide_console(), report)
        if folder is not None:
            click.echo(f"Reports: {folder}")
