"""`storage-harness sdks`: the simulated SDKs."""

import click

from harness.commands._tables import json_option, show

__all__ = ["command"]


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the SDKs that can be simulated, with their storage modes."""
    from harness import registry
    from harness.sdks.base import SdkModel

    rows = [
        {
            "name": name,
            "title": model.title,
            "versions": list(model.versions),
            "modes": list(model.modes),
            "claims": len(model.claims),
        }
        for name, model in registry.load("sdks", SdkModel).items()
    ]
    show(rows, as_json=as_json)
