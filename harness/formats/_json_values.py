"""JSON values without offsets, by the standard parser: for decoding, where every microsecond a value counts.

It reads what the scanner of `json_text` reads, many times faster, and gives None for whatever might differ: then the
scanner decides, and tells where the fault is.
"""

import json
from collections.abc import Iterator, Set
from typing import Any

from harness.errors import LimitError
from harness.model import Scalar, State, Step, Value

__all__ = ["is_taken", "parse", "parse_lines", "scalar", "told_of", "values_of"]


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


def parse_lines(data: bytes) -> list[tuple[int, list[Any]]] | None:
    """Documents with the number of their line, from 1; None where a line that is not empty is none."""
    documents = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip(b" \t\r"):
            document = parse(line)
            if document is None:
                return None
            documents.append((number, document))
    return documents


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
