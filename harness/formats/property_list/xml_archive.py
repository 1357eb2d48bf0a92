"""Keyed archives in XML property lists: the graph, with the offset of every value in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.errors import FormatError
from harness.formats._tokens import Pair, Reading, Role, Token
from harness.formats.base import as_bytes
from harness.formats.property_list.archive import GraphView, is_searched
from harness.formats.property_list.shelf import LEAF, MAP, ROW, Entry, Form, Shelf, is_archive
from harness.limits import Limits
from harness.model import Ledger, Place, Scalar, Step, Value

__all__ = ["XmlArchive", "xml_archive"]

_UID = "CF$UID"


@dataclass(slots=True)
class _Container:
    start: int
    is_row: bool = False
    entries: list[Entry] = field(default_factory=list)


class XmlShelf:
    """The tokens of an XML list as nodes: a leaf by the number of its token, a container by a number below -1."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.top = -2
        self._containers: list[_Container] = [_Container(0)]
        self._by_steps: dict[tuple[Step, ...], int] = {(): self.top}
        self._keys: dict[tuple[Step, ...], int] = {}
        for number, token in enumerate(tokens):
            if token.role is Role.KEY:
                self._keys[token.steps] = number
            elif token.role is Role.VALUE and token.steps:
                self._put(token.steps, number, token.start)
            elif token.steps and token.steps not in self._by_steps:
                self._opened(token.steps, token.start)  # it is empty

    def _opened(self, steps: tuple[Step, ...], start: int) -> _Container:
        """The container at some steps, with those round it where they are new."""
        node = self._by_steps.get(steps, 0)
        if node < -1:
            return self._containers[-2 - node]
        container = _Container(start)
        self._containers.append(container)
        self._put(steps, -1 - len(self._containers), start)
        return container

    def _put(self, steps: tuple[Step, ...], node: int, start: int) -> None:
        self._by_steps[steps] = node
        parent = self._opened(steps[:-1], start)
        key = -1
        if isinstance(steps[-1], int):
            parent.is_row = True
        else:
            key = self._keys.get(steps, -1)
        parent.entries.append(Entry(steps[-1], node, start, key, self.tokens[key].start if key >= 0 else -1))

    def form(self, node: int) -> Form:
        if node >= 0:
            return LEAF
        container = self._containers[-2 - node]
        if len(container.entries) == 1 and container.entries[0].step == _UID:
            inner = container.entries[0].node
            uid = self.tokens[inner].value if inner >= 0 else None
            if isinstance(uid, int) and not isinstance(uid, bool):
                return Form(uid=uid)
        return ROW if container.is_row else MAP

    def entries(self, node: int) -> Sequence[Entry]:
        return self._containers[-2 - node].entries if node < -1 else ()

    def scalar(self, node: int) -> Scalar:
        return self.tokens[node].value


def xml_archive(reading: Reading, limits: Limits) -> "XmlArchive | None":
    """An XML list as the graph that it holds; None where it is not the wrapping of one, or is damaged."""
    if b"KeyedArchiver" not in reading.text.data:
        return None
    try:
        shelf = XmlShelf(list(reading.tokens()))
    except FormatError:
        return None
    return XmlArchive(reading, shelf, limits) if is_archive(shelf) else None


class XmlArchive(GraphView):
    """One archive in an XML property list."""

    def __init__(self, reading: Reading, shelf: XmlShelf, limits: Limits) -> None:
        super().__init__(limits)
        self.reading = reading
        self.shelf = shelf

    @property
    def nodes(self) -> Shelf:
        return self.shelf

    @property
    def size(self) -> int:
        return len(self.reading.text.data)

    def pairs(self) -> Iterator[Pair]:
        """All values with their keys, each anchored at the reference to it."""
        told = list(filter(is_searched, self.readable()))
        anchors = sorted({sight.anchor for sight in told})
        outward = dict(zip(anchors, self.reading.text.outward(anchors), strict=True))
        for sight in told:
            yield Pair(Value(sight.steps, None).key, as_bytes(sight.value), outward[sight.anchor])

    def account(self) -> Ledger:
        """That of the text, and what is wrong with the graph."""
        ledger = self.reading.account()
        return Ledger(ledger.parts, ledger.fault or self.fault())

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte is: of an object on its first path, of a reference on the one it is on."""
        tokens = list(self._resolved())
        return Reading(self.reading.text, lambda: iter(tokens), self.reading.escapes).locate(offsets)

    def _resolved(self) -> Iterator[Token]:
        """The tokens with the places that they have in the graph."""
        first, referred = self.known()
        for number, token in enumerate(self.shelf.tokens):
            found = first.get(number) or (referred.get(token.start) if token.role is Role.VALUE else None)
            if found is None:
                yield token._replace(role=Role.SYNTAX, steps=())
            else:
                yield token._replace(role=found.role, steps=found.steps, value=found.value)
