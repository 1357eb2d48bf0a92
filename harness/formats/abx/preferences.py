"""Maps of typed values in binary XML, at the places that SharedPreferences in text have."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import FormatError
from harness.formats._elements import Element, Item
from harness.formats._markup import Kind
from harness.formats._tokens import Role, Token
from harness.model import Long, Scalar, Step

__all__ = ["preference_tokens"]

_CONTAINERS = {"map", "set", "list", "int-array", "long-array", "double-array", "string-array", "boolean-array"}
_OWN = {"name", "value", "num"}
"""Attributes that say what the element is; others are values of their own."""


@dataclass(slots=True)
class _Frame:
    """An element that is open."""

    name: str
    steps: tuple[Step, ...]
    count: int = 0


def preference_tokens(elements: Iterator[Element]) -> Iterator[Token]:
    """A value's name within a map, else its index.

    Raises:
        FormatError: from the first fault on.
    """
    frames: list[_Frame] = []
    for element in elements:
        if element.kind is Kind.CLOSE:
            yield Token(element.start, element.end, frames.pop().steps, Role.SYNTAX)
        elif element.kind is Kind.TEXT:
            if element.text is not None:
                yield Token(element.text.start, element.text.end, _steps(frames), Role.VALUE, element.text.value)
        else:
            steps = _named(frames[-1], element) if frames else ()
            yield from _held(element, steps)
            if element.kind is Kind.OPEN:
                frames.append(_Frame(element.name, steps))


def _steps(frames: list[_Frame]) -> tuple[Step, ...]:
    return frames[-1].steps if frames else ()


def _named(parent: _Frame, element: Element) -> tuple[Step, ...]:
    name = element.item("name") if parent.name == "map" else None
    parent.count += 1
    return (*parent.steps, name.value if name and isinstance(name.value, str) else parent.count - 1)


def _held(element: Element, steps: tuple[Step, ...]) -> Iterator[Token]:
    for item in element.items:
        if item.name == "name" and item.value == (steps[-1] if steps else None):
            yield Token(item.start, item.end, steps, Role.KEY, item.value)
        elif item.name == "value":
            yield Token(item.start, item.end, steps, Role.VALUE, _typed(element, item))
        elif item.name not in _OWN:
            yield Token(item.start, item.end, (*steps, f"@{item.name}"), Role.VALUE, item.value)
    if element.kind is not Kind.LEAF or element.name in _CONTAINERS:
        return
    if element.text is not None:
        yield Token(element.text.start, element.text.end, steps, Role.VALUE, _typed(element, element.text))
    elif element.name in {"string", "byte-array"} and element.item("value") is None:
        yield Token(element.end, element.end, steps, Role.VALUE, "" if element.name == "string" else b"")
    elif element.name == "null":
        yield Token(element.end, element.end, steps, Role.VALUE)


def _typed(element: Element, item: Item) -> Scalar:
    """A value as its element says; most are stored with their type."""
    if not isinstance(item.value, str):
        return item.value
    try:
        match element.name:
            case "int":
                return int(item.value)
            case "long":
                return Long(item.value)
            case "float" | "double":
                return float(item.value)
            case "boolean":
                return item.value == "true"
            case "byte-array":
                return bytes.fromhex(item.value)
    except ValueError as error:
        raise FormatError(f"no {element.name} at byte {item.start}") from error
    return item.value
