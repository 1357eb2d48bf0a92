"""What a keyed archive answers from its graph, whichever form the list around it is written in."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats._tokens import Role
from harness.formats.property_list.graph import Graph, Sight
from harness.formats.property_list.shelf import Shelf
from harness.limits import Limits
from harness.model import Value

__all__ = ["GraphView", "Known", "is_searched"]


class Known(NamedTuple):
    """What locating needs of a graph."""

    first: Mapping[int, Sight]
    """The first sight of each node; a value's rather than a name's."""
    referred: Mapping[int, Sight]
    """What each reference refers to, by where it stands."""


class GraphView(ABC):
    """The graph of one archive; a form adds its nodes, and what is around them."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    @property
    @abstractmethod
    def nodes(self) -> Shelf:
        """The nodes of the list."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Of the list, in bytes."""

    def sights(self) -> Iterator[Sight]:
        """Everything, nearest to the root first.

        Raises:
            FormatError: in the end, where something could not be read; at once, where a limit is reached.
        """
        yield from Graph(self.nodes, self.limits, self.size).sights()

    def readable(self) -> Iterator[Sight]:
        """The same up to what stops it: `values` tells of that, elsewhere all counts that can be read."""
        try:
            yield from self.sights()
        except FormatError:
            return

    def values(self) -> Iterator[Value]:
        """Every value, nearest to the root first."""
        for sight in self.sights():
            if sight.role is Role.VALUE:
                yield Value(sight.steps, sight.value)

    def fault(self) -> str:
        """What is wrong with the graph; empty where nothing is."""
        try:
            for _ in self.sights():
                pass
        except FormatError as error:
            return str(error)
        return ""

    def known(self) -> Known:
        """Walk it for the places of its nodes and references."""
        first: dict[int, Sight] = {}
        referred: dict[int, Sight] = {}
        for sight in self.readable():
            before = first.get(sight.node)
            if before is None or (before.role is Role.KEY and sight.role is not Role.KEY):
                first[sight.node] = sight
            if sight.role is not Role.SYNTAX:
                referred.setdefault(sight.anchor, sight)
        return Known(first, referred)


def is_searched(sight: Sight) -> bool:
    """Whether somebody could be told by what it says."""
    return sight.role is Role.VALUE and sight.value is not None and not isinstance(sight.value, bool)
