"""`storage-harness values`: decode only."""

import json
import math
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from harness.commands._options import Chosen, files, jobs_option, open_source, raise_what_ended_it, source_options

if TYPE_CHECKING:
    from harness.listing import Broken
    from harness.model import Record

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  storage-harness values ./pulled-from-phone | jq -r .locator
  storage-harness values app.tar --reveal clear-values.jsonl
  storage-harness values ./pulled-from-phone --why databases/app.db
  storage-harness values --why app.db"""
)
@click.argument("source", shell_complete=files, required=False)
@source_options
@jobs_option
@click.option(
    "--reveal", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE",
    help="Write the values as they are stored, personal data in clear, to FILE (`-`: stdout).",
)  # fmt: skip
@click.option(
    "--why", metavar="PATH", shell_complete=files,
    help="Instead of values: which formats claim this file of SOURCE, and what each byte of it is.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="With --why: JSON instead of tables.")
def command(source: str | None, reveal: Path | None, why: str | None, as_json: bool, **shared: str) -> None:
    """Decode SOURCE and print one JSON object per value.

    Personal data is masked. A file that could not be decoded is a line with `error` and its size in bytes; then the
    exit code is 2. With --why the path may be the end of one, and `*` in it stands for anything; without SOURCE it is
    one of this machine.
    """
    chosen = Chosen(**shared)  # type: ignore[arg-type]
    if why is not None:
        _explain(source, why, chosen, as_json=as_json)
        return
    if source is None:
        raise click.exceptions.MissingParameter(param_hint="'SOURCE'", param_type="argument")
    if as_json:
        raise click.exceptions.UsageError("--json goes with --why: values are JSON as they are")
    _list(source, reveal, chosen)


def _explain(source: str | None, why: str, chosen: Chosen, *, as_json: bool) -> None:
    from harness.commands._terminal import progress_on_stderr
    from harness.commands._why import print_why
    from harness.explanation import explain
    from harness.pipeline import Plugins

    told = chosen.narration()
    with (
        progress_on_stderr(told=told) as progress,
        open_source(why if source is None else source, chosen, progress) as opened,
    ):
        told.source(opened)
        found = list(explain(chosen.job(opened, progress), Plugins.load(), "" if source is None else why))
    is_broken = print_why(found, as_json=as_json)
    raise_what_ended_it(opened)
    if is_broken:
        raise click.exceptions.Exit(2)


def _list(source: str, reveal: Path | None, chosen: Chosen) -> None:
    from harness.commands._terminal import progress_on_stderr
    from harness.listing import Broken, list_values
    from harness.pipeline import Plugins

    broken, told = False, chosen.narration()
    with (
        progress_on_stderr(told=told) as progress,
        open_source(source, chosen, progress) as opened,
        _output(reveal) as out,
    ):
        told.source(opened)
        job = chosen.job(opened, progress)
        for item in list_values(job, Plugins.load(), reveal=reveal is not None):
            broken = broken or isinstance(item, Broken)
            line = _broken(item) if isinstance(item, Broken) else _value(item)
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    raise_what_ended_it(opened)
    if broken:
        raise click.exceptions.Exit(2)


class _output:  # noqa: N801 - reads as a function
    """Stdout, or a new file that only the user can read."""

    def __init__(self, path: Path | None) -> None:
        self._path = None if path is None or str(path) == "-" else path

    def __enter__(self) -> IO[str]:
        if self._path is None:
            self._file: IO[str] = sys.stdout
            sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
            return self._file
        import os

        from harness.errors import UsageError

        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise UsageError(f"cannot write {self._path}: {error.strerror}", hint="name a new file") from error
        self._file = os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace")
        return self._file

    def __exit__(self, *_exception: object) -> None:
        if self._path is not None:
            self._file.close()


_TYPES = {bool: "boolean", int: "integer", float: "real", str: "text", bytes: "bytes", type(None): "null"}


def _value(record: "Record") -> dict[str, Any]:
    value = record.value
    kind = _TYPES.get(type(value), "date")
    shown: Any = value.hex() if isinstance(value, bytes) else value if kind != "date" else str(value)
    if isinstance(value, float) and not math.isfinite(value):
        shown = repr(value)  # JSON has no NaN and no infinity
    line = {
        "path": record.locator.path,
        "format": record.format,
        "locator": record.locator.pointer,
        "key": record.key,
        "type": kind,
        "value": shown,
        "state": record.state.value,
        "layers": list(record.layers),
    }
    return line | ({"container": record.locator.container} if record.locator.container else {})


def _broken(item: "Broken") -> dict[str, Any]:
    line = {"path": item.locator.path, "format": item.format, "error": item.error, "bytes": item.size}
    return line | ({"container": item.locator.container} if item.locator.container else {})
