"""JSON values without offsets, by the standard parser: for decoding, where every microsecond a value counts.

It reads what the scanner of `json_text` reads, many times faster, and gives None for whatever might differ: then the
scanner decides, and tells where the fault is.
"""

import json
from collections.abc import Generator, Iterator, Set
from typing import Any

from harness.errors import LimitError
from harness.formats._pace import paced
from harness.formats._tokens import value_budget
from harness.limits import Limits
from harness.model import Scalar, State, Step, Value

__all__ = ["is_taken", "parse", "parse_lines", "parse_whole", "scalar", "standard_values", "told_of", "values_of"]


class _Object(list[tuple[str, Any]]):
    """Members in order, equal names included: a `dict` would keep one of them."""

    __slots__ = ()


_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_Object)
_TAKER = json.JSONDecoder(strict=False)


def parse(data: bytes) -> list[Any] | None:
    """One object or array, or None where the standard parser does not take it as it is."""
    try:
        document = _DECODER.decode(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, list) else None


def is_taken(data: bytes) -> bool:
    """Whether `parse` would take it; without keeping what is in it."""
    try:
        return isinstance(_TAKER.decode(data.decode("utf-8", "surrogatepass")), dict | list)
    except (ValueError, RecursionError):
        return False


def scalar(raw: bytes) -> Scalar:
    """One string with its quotes, number or word, of a text that `parse` took."""
    if raw[:1] == b'"' and b"\\" not in raw:
        return raw[1:-1].decode("utf-8", "surrogatepass")
    value: Scalar = _DECODER.decode(raw.decode("utf-8", "surrogatepass"))
    return value


def parse_whole(data: bytes) -> list[tuple[tuple[Step, ...], list[Any]]] | None:
    """A document with the steps before its own: none; None where the standard parser does not take it as it is."""
    document = parse(data)
    return None if document is None else [((), document)]


def parse_lines(data: bytes) -> list[tuple[tuple[Step, ...], list[Any]]] | None:
    """Documents with the number of their line, from 1; None where a line that is not empty is none."""
    documents: list[tuple[tuple[Step, ...], list[Any]]] = []
    for number, document in _lines(data):
        if document is None:
            return None
        documents.append(((number,), document))
    return documents


def _lines(data: bytes) -> Iterator[tuple[int, list[Any] | None]]:
    at = number = 0
    while at < len(data):
        stop = data.find(b"\n", at)
        stop = len(data) if stop < 0 else stop
        number += 1
        line = data[at:stop]
        if line.strip(b" \t\r"):
            yield number, parse(line)
        at = stop + 1


def standard_values(data: bytes, limits: Limits, *, lines: bool) -> Generator[Value, None, int]:
    """Values as far as the standard parser takes the text as it is; returns how many they were where it does not,
    else -1. Of lines, one is held at a time.

    Raises:
        LimitError: they are too many, too deep within each other, or take too long.
    """
    if not lines:
        document = parse(data)
        if document is None:
            return 0
        yield from paced(values_of(document, (), limits.structure_depth), limits)
        return -1
    budget, given = value_budget(limits), 0
    for number, document in _lines(data):
        if document is None:
            return given
        budget.spend(0)
        for value in values_of(document, (number,), limits.structure_depth):
            if given >= limits.values:
                budget.spend(limits.values + 1)
            given += 1
            yield value
    return -1


def values_of(document: list[Any], steps: tuple[Step, ...], depth: int) -> Iterator[Value]:
    """Every scalar with its path, in the order of the text.

    Raises:
        LimitError: containers are nested deeper than `depth`.
    """
    if depth <= 0:
        raise LimitError("more objects within each other than the limit allows")
    make, live = tuple.__new__, State.LIVE  # a call of the class itself takes twice the time
    members = document if isinstance(document, _Object) else enumerate(document)
    for name, value in members:
        if isinstance(value, list):
            yield from values_of(value, (*steps, name), depth - 1)
        else:
            yield make(Value, ((*steps, name), value, live))


def told_of(
    document: list[Any], steps: tuple[Step, ...], depth: int, told: Set[object], *, is_told: bool = False
) -> Iterator[Value]:
    """Those of `values_of` that are in `told` themselves, or have a step that is; the others cost next to nothing.

    Raises:
        LimitError: containers are nested deeper than `depth`.
    """
    if depth <= 0:
        raise LimitError("more objects within each other than the limit allows")
    members = document if isinstance(document, _Object) else enumerate(document)
    for name, value in members:
        if isinstance(value, list):
            yield from told_of(value, (*steps, name), depth - 1, told, is_told=is_told or name in told)
        elif is_told or value in told or name in told:
            yield Value((*steps, name), value)
