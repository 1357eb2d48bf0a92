"""The words of a result that several of its parts share, and those about SDKs: parts, ciphertexts, versions."""

from collections.abc import Iterable
from typing import TypeAlias

from harness.model import Access, Component, Locator, Recognised, Sealed

__all__ = ["Json", "JsonObject", "component", "labels", "recognised", "sealed", "texts", "where"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


def texts(items: Iterable[str]) -> list[Json]:
    """As a list that JSON can hold."""
    return [*items]


def labels(readers: frozenset[Access]) -> list[Json]:
    """Attackers, weakest first."""
    return [access.label for access in sorted(readers)]


def where(locator: Locator) -> JsonObject:
    """`steps` repeats `locator` with positions told from names: `12` is a row, `"12"` a key."""
    return {
        "path": locator.path,
        "container": locator.container,
        "locator": locator.pointer,
        "display": str(locator),
        "steps": [*locator.steps],
    }


def sealed(found: Sealed) -> JsonObject:
    """What became of ciphertexts at one place."""
    return {
        "where": where(found.locator),
        "layer": found.layer,
        "state": found.state.value,
        "sdk": found.sdk,
        "component": found.component,
        "reason": found.reason,
        "opened_by": labels(found.opened_by),
        "by_code": found.by_code,
        "untried_by": labels(found.untried_by),
        "count": found.count,
    }


def component(each: Component) -> JsonObject:
    """What each attacker gets of one part of an SDK."""
    cells: JsonObject = {access.label: each.cells[access].value for access in sorted(each.cells)}
    return {
        "sdk": each.sdk,
        "component": each.component,
        "type": each.type or None,
        "values": each.values,
        "cells": cells,
    }


def recognised(each: Recognised) -> JsonObject:
    """What storage tells of the SDK that wrote it."""
    return {
        "sdk": each.sdk,
        "container": each.container,
        "first": each.first,
        "last": each.last,
        "era": each.era,
        "account": each.account,
        "level": each.level,
        "notes": texts(each.notes),
    }
