"""Text, tables and colours for a console: what every section of the report at a terminal is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.model import Access, Cell
from harness.reporters.base import ACCESS_WORDS, CELL_WORDS
from harness.wording import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["CellRow", "print_cells", "table_of", "text_of"]

_UNBOUNDED = 10_000
_LABEL = 36
"""Columns of a label that lists many classes; it folds."""

_CELL_STYLE = {
    Cell.EXPOSED: "bold red",
    Cell.BROKEN: "bold magenta",
    Cell.UNKNOWN: "yellow",
    Cell.PSEUDONYMOUS: "cyan",
    Cell.MASKED: "blue",
    Cell.HELD: "green",
    Cell.ABSENT: "dim",
}

CellRow = tuple[str, str, Mapping[Access, Cell]]
"""A label, its style and a cell for every attacker. Spaces before a label are kept where it folds."""


def text_of(*parts: str, style: str = "") -> Text:
    """Text that folds and is never cut."""
    from rich.text import Text  # noqa: PLC0415 - start-up time

    return Text("".join(parts), style=style, overflow="fold")


def table_of(*headings: str) -> Table:
    """An empty table, in the one look that all have."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - start-up time
    from rich.table import Table  # noqa: PLC0415 - start-up time

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="bold", expand=False)
    for heading in headings:
        table.add_column(text_of(heading), overflow="fold")
    return table


def print_cells(console: Console, rows: Sequence[CellRow]) -> None:
    """Show what each attacker gets, in the most words that there is room for."""
    from rich.measure import Measurement  # noqa: PLC0415 - start-up time

    unbounded = console.options.update_width(_UNBOUNDED)
    for spacious, roomy in ((True, True), (False, True), (False, False)):
        table = _cells(rows, spacious=spacious, roomy=roomy)
        if Measurement.get(console, unbounded, table).maximum <= console.width:
            break
    console.print(table)


def _cells(rows: Sequence[CellRow], *, spacious: bool, roomy: bool) -> Table:
    """With whole headings where it is spacious, and whole words in the cells where it is roomy."""
    from rich.padding import Padding  # noqa: PLC0415 - start-up time

    table = table_of("", *(ACCESS_WORDS[a].heading if spacious else ACCESS_WORDS[a].short for a in Access))
    table.columns[0].max_width = _LABEL
    for label, style, states in rows:
        cells = [
            text_of(
                CELL_WORDS[states[access]].heading.lower() if roomy else CELL_WORDS[states[access]].short,
                style=_CELL_STYLE[states[access]],
            )
            for access in Access
        ]
        indent = len(label) - len(label.lstrip())
        table.add_row(Padding(text_of(visible(label.lstrip()), style=style), (0, 0, 0, indent)), *cells)
    return table
