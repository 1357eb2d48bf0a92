"""`storage-harness pii`: the classes of personal data."""

import click

from harness.commands._tables import json_option, show

__all__ = ["command"]


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the classes of personal data that are found.

    Some are found anywhere, by their form; the others where a persona says what to look for.
    """
    from harness import registry
    from harness.detectors.base import Detector
    from harness.persona import FIELD_TYPES

    detectors = {each.type: each for each in registry.load("detectors", Detector).values()}
    fields = {kind: name for name, kind in FIELD_TYPES.items()}
    rows = [
        {
            "type": kind,
            "detected": "anywhere" if kind in detectors else "seeded person only",
            "persona_field": fields.get(kind, ""),
            "title": detectors[kind].title if kind in detectors else "",
        }
        for kind in sorted({*detectors, *fields})
    ]
    show(rows, as_json=as_json)
