"""`storage-harness formats`: what can be decoded."""

import click

from harness.commands._tables import json_option, show

__all__ = ["command"]


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the storage formats that are decoded, with the source of each."""
    from harness import registry
    from harness.formats.base import Format

    rows = [
        {"name": name, "title": each.title, "sidecars": list(each.sidecars), "specified_in": each.source}
        for name, each in registry.load("formats", Format).items()
    ]
    show(rows, as_json=as_json)
