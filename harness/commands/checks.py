"""`storage-harness checks`: what can be held against an app."""

import click

from harness.commands._tables import json_option, show

__all__ = ["command"]


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the checks with their OWASP and CWE ids."""
    from harness import registry
    from harness.checks.base import Check

    rows = [
        {
            "name": name,
            "title": check.title,
            "severity": check.severity.label,
            "masvs": list(check.masvs),
            "maswe": list(check.maswe),
            "mastg": list(check.mastg),
            "cwe": list(check.cwe),
        }
        for name, check in registry.load("checks", Check).items()
    ]
    show(rows, as_json=as_json)
