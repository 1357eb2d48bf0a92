"""`values --why`: one file, explained on the terminal or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from harness.commands._tables import show
from harness.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.explanation import Explanation, Portion

__all__ = ["print_why"]


def print_why(told: Iterable[Explanation], *, as_json: bool) -> bool:
    """All of them; whether one has a fault."""
    found = list(told)
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            _print(each)
    return any(each.fault for each in found)


def _print(each: Explanation) -> None:
    from harness.grouping import file_label
    from harness.reporters.base import SHARE_WORDS
    from harness.wording import visible

    click.echo(f"{visible(file_label(each.locator.container, each.locator.path))}: {count_of(each.size, 'byte')}")
    if each.claims:
        click.echo(f"Read as {each.chosen}, which is the surest of it:")
        show(
            [
                {"format": claim.format, "title": claim.title, "score": f"{claim.score:.2f}", "chosen": not n}
                for n, claim in enumerate(each.claims)
            ],
            as_json=False,
        )
    rows = [
        {
            "part": portion.name or "the file",
            "bytes are": SHARE_WORDS[share],
            "bytes": size,
            "share": _percent(size, portion),
        }
        for portion in each.portions
        for share, size in _in_order(portion)
    ]
    if rows:
        show(rows, as_json=False)
    if each.chosen:
        states = ", ".join(f"{count} {state.value}" for state, count in each.values.items())
        click.echo(f"Values: {states or 'none'}")
    click.echo(f"Fault: {visible(each.fault) if each.fault else 'none'}\n")


def _percent(size: int, portion: Portion) -> str:
    return f"{size / portion.size:.1%}"


def _in_order(portion: Portion) -> list[tuple[Any, int]]:
    from harness.model import Share

    return [(share, portion.shares[share]) for share in Share if portion.shares.get(share)]


def _as_json(each: Explanation) -> dict[str, Any]:
    line: dict[str, Any] = {
        "path": each.locator.path,
        "container": each.locator.container,
        "size": each.size,
        "format": each.chosen,
        "claims": [{"format": claim.format, "title": claim.title, "score": claim.score} for claim in each.claims],
        "parts": [
            {
                "part": portion.name,
                "size": portion.size,
                "shares": {
                    share.value: {"bytes": size, "percent": round(100 * size / portion.size, 2)}
                    for share, size in _in_order(portion)
                },
            }
            for portion in each.portions
        ],
        "values": {state.value: count for state, count in each.values.items()},
        "fault": each.fault,
    }
    return line
