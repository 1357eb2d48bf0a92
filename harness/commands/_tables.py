"""Lists of what is known, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from harness.commands._terminal import wide_console

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["json_option", "show"]

_UNBOUNDED = 10_000
_READABLE = 24
"""Columns that the title keeps, before columns further right are left out."""

json_option = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """One row per thing; keys of the first row are the columns, in the order of what one looks for."""
    if as_json:
        click.echo(json.dumps(list(rows), indent=2, ensure_ascii=False))
        return
    from rich.measure import Measurement
    from rich.text import Text

    console = wide_console()
    columns = list(rows[0] if rows else ())
    shown = len(columns)
    unbounded = console.options.update_width(_UNBOUNDED)

    def widths(title_width: int | None = None) -> Measurement:
        return Measurement.get(console, unbounded, _table(rows, columns[:shown], title_width))

    while shown > 2 and widths(_READABLE).minimum > console.width:
        shown -= 1
    fits = widths().maximum <= console.width
    console.print(_table(rows, columns[:shown], None if fits else _READABLE))
    if shown < len(columns):
        left = ", ".join(column.replace("_", " ") for column in columns[shown:])
        console.print(Text(f"Not shown, for want of room: {left}. --json has all.", style="dim"))


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title_width: int | None = None) -> Table:
    """The name, which one copies, is never torn apart; nor is any other word, as long as there is room. The column
    beside it is at most so wide, and gives nothing of that to those further right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for n, column in enumerate(columns):
        widest = max((len(_cell(row[column])) for row in rows), default=0)
        table.add_column(
            column.replace("_", " "),
            style="" if n else "bold",
            overflow="fold",
            no_wrap=n == 0,
            width=min(widest, title_width) if n == 1 and title_width else None,
        )
    for row in rows:
        table.add_row(*(Text(_cell(row[column])) for column in columns))
    return table


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
