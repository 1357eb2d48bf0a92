"""`storage-harness acquire`: take a snapshot and stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.commands._options import Chosen, files, open_source, raise_what_ended_it, source_options

if TYPE_CHECKING:
    from harness.model import Unread
    from harness.pipeline import Job, Progress

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  storage-harness acquire app-data.tar --out snapshot/
  storage-harness acquire adb:SERIAL --app com.example.shop --out snapshot/
  storage-harness scan snapshot/"""
)
@click.argument("source", shell_complete=files)
@source_options
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the snapshot."
)
def command(source: str, out: Path, **shared: str) -> None:
    """Take a snapshot of SOURCE: every file with owner, mode, times, label and SHA-256.

    A snapshot is itself a source. It holds the stored data in clear: keep it where the data may be kept.
    An interrupted acquisition is resumed by the same command. Exits 2 where something could not be read; what that is
    is told, and kept in the snapshot.
    """
    from harness.commands._terminal import progress_on_stderr, tell_unread
    from harness.devices.snapshot import write_snapshot
    from harness.limits import Limits

    chosen = Chosen(**shared)  # type: ignore[arg-type]
    told = chosen.narration()
    with progress_on_stderr(told=told) as progress, open_source(source, chosen, progress) as opened:
        told.source(opened)
        written = write_snapshot(
            opened,
            out,
            limits=Limits(),
            app=chosen.app,
            progress=_counted(progress),
        )
        missed = [item for item in written.unread if not item.expected]
        # What scans is loaded only where something is to be veiled, or a word of the user's is to be looked up.
        veiled = _veiled(chosen.job(opened, progress), missed) if missed or chosen.sdk else []
    click.echo(f"{out}  sha256:{written.digest}")
    told_of = tell_unread(veiled)
    raise_what_ended_it(opened)
    if written.fault is not None:
        raise written.fault
    raise click.exceptions.Exit(2 if told_of else 0)


def _counted(progress: Progress) -> Callable[[int, int], None]:
    """Files and bytes that are kept, each in a line of its own."""

    def told(files: int, size: int) -> None:
        progress("kept", files, 0)
        progress("kept MiB", size >> 20, 0)

    return told


def _veiled(job: Job, missed: Sequence[Unread]) -> list[Unread]:
    """With names that hold nothing personal."""
    from harness.pipeline import Plugins, scanner_for
    from harness.scan.mask import Veil

    if not missed:
        return []
    texts = {text for item in missed for text in (item.path, item.container)}
    veil = Veil(scanner_for(job, Plugins.load()).confirm, job.redactor, texts)
    return [veil.unread(item) for item in missed]
