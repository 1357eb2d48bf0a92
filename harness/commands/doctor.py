"""`storage-harness doctor`: what this machine can do."""

import sys

import click

from harness.commands._tables import json_option, show

__all__ = ["command"]


@click.command()
@json_option
def command(as_json: bool) -> None:
    """Say what this machine can do, and what to install for the rest."""
    import importlib.util
    import shutil

    def module(name: str) -> bool:
        return importlib.util.find_spec(name) is not None

    python = ".".join(str(part) for part in sys.version_info[:3])
    rows = [
        _row(f"Python {python}", True, "runs", ""),
        _row("hyperscan", module("hyperscan"), "fast scanning", "scans all the same, slower: pip install hyperscan"),
        _row("zstandard", module("zstandard"), "reads .tar.zst", "pip install 'storage-harness[zstd]'"),
        _row("folders, .tar, .tar.gz, .tar.xz, .zip, snapshots", True, "scanned", ""),
        _row("simulated devices in memory", True, "simulate, demo", ""),
        _row("adb", shutil.which("adb") is not None, "pull app data by hand", "apt install adb"),
        _row(
            "emulated and real devices",
            False,
            "adb:, ssh://, ios:",
            "not in this version: pull the files, then scan them",
        ),
    ]
    show(rows, as_json=as_json)


def _row(what: str, works: bool, gives: str, otherwise: str) -> dict[str, object]:
    return {"what": what, "here": works, "gives": gives, "otherwise": "" if works else otherwise}
