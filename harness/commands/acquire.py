"""`storage-harness acquire`: take a snapshot and stop."""

from pathlib import Path

import click

from harness.commands._options import Chosen, files, open_source, raise_what_ended_it, source_options

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
    An interrupted acquisition is resumed by the same command.
    """
    from harness.commands._terminal import progress_on_stderr
    from harness.devices.snapshot import write_snapshot
    from harness.limits import Limits

    chosen = Chosen(**shared)  # type: ignore[arg-type]
    with progress_on_stderr() as progress, open_source(source, chosen, progress) as opened:
        digest = write_snapshot(
            opened, out, limits=Limits(), progress=lambda done, total: progress("acquire", done, total)
        )
    click.echo(f"{out}  sha256:{digest}")
    raise_what_ended_it(opened)
