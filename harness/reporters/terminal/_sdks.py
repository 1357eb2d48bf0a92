"""What the report at a terminal says of SDKs: which wrote, what their parts keep, what their encryption is worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.grouping import advice
from harness.model import Access, Report, Sealed, SealState
from harness.reporters._sdks import KeptPart, kept_parts, recognised_words, seal_rows
from harness.reporters.terminal._drawing import CellRow, print_cells, table_of, text_of
from harness.wording import count_of, sdk_word, visible

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["print_advice", "print_parts", "print_recognised", "print_seals"]

_FEW = 12
"""Parts that are all shown."""
_MOST = 24
_RECOGNISED = 8
_SEALS = 20
_ADVICE = 12
_KEYSTORE = (
    "hint: a copy has no keystore to ask, a device has: scan that. A simulated life is played on one by "
    "`storage-harness simulate … --device emulated:PROFILE`."
)

_SEAL_STYLE = {
    SealState.OPENED: "magenta",
    SealState.RESISTED: "green",
    SealState.NO_KEY: "yellow",
    SealState.MALFORMED: "red",
}


def print_recognised(console: Console, report: Report) -> None:
    """Which SDK wrote it, by its storage alone."""
    told = recognised_words(report)
    for words, notes in told[:_RECOGNISED]:
        console.print(text_of(f"recognised: {visible(words)}"))
        for note in notes:
            console.print(text_of(f"  note: {visible(note)}", style="yellow"))
    _print_rest(console, len(told) - _RECOGNISED, "SDK")


def print_parts(console: Console, report: Report) -> None:
    """What each part of an SDK keeps; of many, those with personal data and those of which something gets out."""
    parts = kept_parts(report)
    if not parts:
        return
    shown = parts if len(parts) <= _FEW else [part for part in parts if part.is_telling][:_MOST]
    several = len({part.sdk for part in parts}) > 1
    console.print(text_of(f"What each part of {'each' if several else 'the'} SDK keeps", style="bold"))
    print_cells(console, [row for part in shown for row in _rows(part, several=several)])
    _print_rest(console, len(parts) - len(shown), "part")


def _rows(part: KeptPart, *, several: bool) -> Iterator[CellRow]:
    name = sdk_word(part.sdk, part.component) if several else part.component
    yield f"{name}, {count_of(part.values, 'value')}", "bold" if part.classes else "", part.cells
    for each in part.classes:
        yield f"  {each.words}", "", each.cells


def print_seals(console: Console, report: Report) -> None:
    """What became of each ciphertext."""
    rows = seal_rows(report)
    if not rows:
        return
    table = table_of("Part", "Scheme", "Values", "What became of it", "Open for")
    table.columns[2].justify = "right"
    for row in rows[:_SEALS]:
        table.add_row(
            text_of(visible(row.part)),
            text_of(visible(row.layer), style="dim"),
            text_of(f"{row.count:,}"),
            text_of(visible(row.outcome), style=_SEAL_STYLE[row.state]),
            text_of(row.open_for),
        )
    console.print(text_of("Encrypted values", style="bold"))
    console.print(table)
    _print_rest(console, len(rows) - _SEALS, "row")
    if any(_needs_a_keystore(each) for each in report.sealed):
        console.print(text_of(_KEYSTORE, style="cyan"))


def _needs_a_keystore(sealed: Sealed) -> bool:
    """Nobody tried it, and who runs code as the app may open it."""
    return sealed.state is SealState.NO_KEY and sealed.untried_by == {Access.ROOT_CODE}


def print_advice(console: Console, report: Report) -> None:
    """What can be done, each once, with what it is for."""
    from rich.padding import Padding  # noqa: PLC0415 - start-up time

    told = advice(report.findings)
    if not told:
        return
    console.print(text_of("What to do", style="bold"))
    for each in told[:_ADVICE]:
        head = text_of(f"  {visible(each.where)} ", style="cyan")
        head.append(f"({count_of(len(each.findings), 'finding')})", style="dim")
        console.print(head)
        console.print(Padding(text_of(visible(each.remedy)), (0, 0, 0, 4), expand=False))
    _print_rest(console, len(told) - _ADVICE, "remedy", "remedies")
    console.print()


def _print_rest(console: Console, left: int, one: str, many: str = "") -> None:
    if left > 0:
        more = count_of(left, f"more {one}", f"more {many}" if many else "")
        console.print(text_of(f"  … and {more}", style="dim"))
