"""Elements with attributes, as tokens with a path: what the formats share that are XML, as text or in binary.

A path is the names of the elements. An index follows where elements of one name repeat, and where an element names
what it holds (`<setting name="phone" value="…"/>`), that name stands in its place.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats._markup import Kind
from harness.formats._tokens import Role, Token
from harness.model import Scalar, Step

__all__ = ["Element", "Item", "element_tokens"]

_NAMES = ("name", "key")
_VALUE = "value"


class Item(NamedTuple):
    """An attribute or a text, and where it stands."""

    name: str
    start: int
    end: int
    value: Scalar

    def __repr__(self) -> str:
        return f"Item({self.start}, {self.end})"


class Element(NamedTuple):
    """A tag, a text between two, or an element that holds no other."""

    kind: Kind
    name: str
    start: int
    end: int
    items: tuple[Item, ...] = ()
    """Attributes, in the order of their bytes."""
    text: Item | None = None
    """Of a text, and of an element that holds nothing else."""

    def item(self, name: str) -> Item | None:
        return next((item for item in self.items if item.name == name), None)


@dataclass(slots=True)
class _Path:
    """What is known of all elements with one path of names."""

    inner: dict[str, "_Path"] = field(default_factory=dict)
    repeats: set[str] = field(default_factory=set)
    """Names that come more than once within one of them."""


@dataclass(slots=True)
class _Frame:
    """An element that is open."""

    path: _Path
    steps: tuple[Step, ...]
    counts: dict[str, int] = field(default_factory=dict)


def element_tokens(walk: Callable[[], Iterator[Element]]) -> Iterator[Token]:
    """The attributes and texts of a document.

    Args:
        walk: the document from its begin; gone through twice, first for which names repeat.

    Raises:
        FormatError: from the first fault on.
    """
    frames = [_Frame(_survey(walk()), ())]
    for element in walk():
        if element.kind is Kind.CLOSE:
            yield Token(element.start, element.end, frames.pop().steps, Role.SYNTAX)
        elif element.kind is Kind.TEXT:
            if element.text is not None:
                yield _text(element.text, frames[-1].steps)
        else:
            naming = _naming(element)
            steps = _steps(frames[-1], element.name, naming)
            yield from _held(element, steps, naming)
            if element.kind is Kind.OPEN:
                frames.append(_Frame(frames[-1].path.inner[element.name], steps))


def _survey(elements: Iterator[Element]) -> _Path:
    """Which names repeat, up to the first fault."""
    root = _Path()
    stack: list[tuple[_Path, set[str]]] = [(root, set())]
    try:
        for element in elements:
            if element.kind is Kind.CLOSE:
                stack.pop()
            elif element.kind is not Kind.TEXT:
                path, seen = stack[-1]
                if element.name in seen:
                    path.repeats.add(element.name)
                seen.add(element.name)
                inner = path.inner.setdefault(element.name, _Path())
                if element.kind is Kind.OPEN:
                    stack.append((inner, set()))
    except FormatError:
        pass  # met again, and told, by who goes through the elements
    return root


def _naming(element: Element) -> Item | None:
    """The attribute that names what the element holds."""
    has_value = element.item(_VALUE) is not None or (
        element.text is not None and element.text.value not in {"", None}
    )
    if not has_value:
        return None
    items = (element.item(name) for name in _NAMES)
    return next((item for item in items if item and isinstance(item.value, str) and item.value), None)


def _steps(frame: _Frame, name: str, naming: Item | None) -> tuple[Step, ...]:
    if naming is not None:
        return (*frame.steps, name, str(naming.value))
    if name not in frame.path.repeats:
        return (*frame.steps, name)
    index = frame.counts.get(name, 0)
    frame.counts[name] = index + 1
    return (*frame.steps, name, index)


def _held(element: Element, steps: tuple[Step, ...], naming: Item | None) -> Iterator[Token]:
    """What stands in the element's own tags, and its text where it holds nothing else."""
    for item in element.items:
        if item is naming:
            yield Token(item.start, item.end, steps, Role.KEY, item.value)
        elif naming is not None and item.name == _VALUE:
            yield Token(item.start, item.end, steps, Role.VALUE, item.value)
        else:
            yield Token(item.start, item.end, (*steps, f"@{item.name}"), Role.VALUE, item.value)
    if element.text is not None:
        yield _text(element.text, steps)


def _text(text: Item, steps: tuple[Step, ...]) -> Token:
    inner = (*steps, text.name) if text.name else steps
    return Token(text.start, text.end, inner, Role.VALUE if text.value else Role.SYNTAX, text.value)
