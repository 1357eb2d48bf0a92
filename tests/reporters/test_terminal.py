"""The report at a terminal: whole locators, no steering characters, and a word on what is not shown."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest
from rich.console import Console

from harness.model import Locator, Report
from harness.reporters.base import CELL_WORDS
from harness.reporters.terminal import Terminal, print_report


def shown(report: Report, width: int, *, terminal: bool = False) -> str:
    """What a console of this width would show."""
    out = io.StringIO()
    colours: Literal["standard", "auto"] = "standard" if terminal else "auto"
    console = Console(file=out, width=width, force_terminal=terminal, color_system=colours, legacy_windows=False)
    print_report(console, report, written=["reports/now/report.html"])
    return out.getvalue()


def with_place(report: Report, locator: Locator) -> Report:
    """A report whose only finding is there."""
    finding = replace(report.verdicts[0].findings[0], locator=locator)
    return replace(report, verdicts=(replace(report.verdicts[0], findings=(finding,)),))


def test_a_file_gets_no_colour(android: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    """Escape sequences are for terminals; the text of the reporter heeds no environment at all."""
    plain = Terminal().render(android)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")

    assert Terminal().render(android) == plain
    monkeypatch.delenv("FORCE_COLOR")
    assert "\x1b" not in shown(android, 100)
    assert "\x1b" not in Terminal().render(android)
    assert "\x1b[" in shown(android, 100, terminal=True)


@pytest.mark.parametrize("width", [40, 72, 120])
def test_locators_are_whole_at_any_width(android: Report, width: int) -> None:
    """They fold onto more lines; what is folded is the same text."""
    long = Locator(path="p", steps=("table", 7, "k" * 300, "end"))
    report = with_place(android, long)

    text = re.sub(r"\s+", "", shown(report, width))

    assert long.pointer in text
    assert "…" not in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_console(android: Report, encrypted: Report, width: int) -> None:
    """A broken table says nothing."""
    for report in (android, encrypted):
        assert max(len(line) for line in shown(report, width).splitlines()) <= width


def test_a_column_of_addresses_is_one_line_and_does_not_bury_what_is_rare(android: Report) -> None:
    """Findings that differ in row number and value only are told together, the rarest class first."""
    sample = android.verdicts[0].findings[0]
    many = [
        replace(sample, locator=replace(sample.locator, steps=("orders", row, "who")), id=f"{row:016x}", layers=())
        for row in range(1, 1501)
    ]
    rare = replace(many[0], type="SSN", locator=replace(sample.locator, steps=("staff", 7, "ssn")), id="f" * 16)
    report = replace(android, verdicts=(replace(android.verdicts[0], findings=(*many, rare)),))

    text = shown(report, 120)

    assert "1,501 findings in 1 file\n" in text
    assert "j***@example.org and 1,499 more  /orders/*/who" in text
    assert text.index("/staff/7/ssn") < text.index("/orders/*/who")
    assert "more in this file" not in text


@pytest.mark.parametrize("width", [60, 72, 80, 88, 120])
def test_no_word_of_the_matrix_is_torn_apart(android: Report, width: int) -> None:
    """Where words find no room, there are abbreviations."""
    head, *rows = shown(android, width).partition("Who can read what")[2].partition("Checks")[0].strip().splitlines()
    words = {word.heading.lower() for word in CELL_WORDS.values()} | {word.short for word in CELL_WORDS.values()}

    assert "root" in head.lower()
    cells = [found for row in rows[1:] if (found := re.split(r" {2,}", row.strip())[1:])]
    assert len(cells) == 12
    assert all(len(row) == 5 and set(row) <= words for row in cells)


def test_what_is_not_shown_is_counted(crowded: Callable[[int, int], Report]) -> None:
    """In a file, and over files."""
    text = shown(crowded(500, 20), 100)

    assert "… and 17 more in this file" in text
    assert "… and 200 more findings in 8 more files" in text


def test_the_files_to_open_are_the_last_thing(android: Report) -> None:
    """After the report, the next step."""
    assert shown(android, 100).rstrip().endswith("→ reports/now/report.html")


def test_unread_and_undecoded_files_are_named(android: Report) -> None:
    """What could not be looked at costs the pass, so it has to be seen."""
    text = Terminal().render(android)

    assert "NOT READ: com.example.shop:databases/big.db: larger than the limit (3.0 GiB)" in text
    assert "passed over: com.example.shop:files/.lock" in text
    assert "not decoded: com.example.shop:files/kv.realm: bad array header at offset 4096" in text


def test_rich_markup_in_a_name_is_text(android: Report) -> None:
    """A path may hold brackets."""
    odd = Locator(path="[bold]x[/bold]", steps=("[link=a]k[/link]", ":boom:"))
    report = with_place(android, odd)

    text = Terminal().render(report)

    assert "[bold]x[/bold]" in text
    assert "/[link=a]k[~1link]/:boom:" in text
