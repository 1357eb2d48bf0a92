"""Lists of what is known, as a table or as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

__all__ = ["json_option", "show"]

json_option = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """One row per thing; keys of the first row are the columns."""
    if as_json:
        click.echo(json.dumps(list(rows), indent=2, ensure_ascii=False))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for n, column in enumerate(rows[0] if rows else ()):
        table.add_column(column.replace("_", " "), style="bold" if n == 0 else "", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    Console().print(table)


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(str(each) for each in value)
        case None:
            return ""
        case _:
            return str(value)
