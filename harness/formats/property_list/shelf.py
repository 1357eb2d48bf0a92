"""The nodes of a property list, whichever form it is written in: what a graph of archived objects is read from."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from harness.errors import FormatError
from harness.model import Scalar, Step

__all__ = ["FRAME", "LEAF", "MAP", "ROW", "Entry", "Form", "Shelf", "by_name", "is_archive"]

FRAME = ("$archiver", "$objects", "$top", "$version")
"""What an archive is wrapped in; all but the version are in every one."""


class Form(NamedTuple):
    """What kind of node a node is; of a reference, the number that it refers to."""

    is_map: bool = False
    is_row: bool = False
    uid: int | None = None


LEAF, MAP, ROW = Form(), Form(is_map=True), Form(is_row=True)


class Entry(NamedTuple):
    """What a container holds at one step."""

    step: Step
    node: int
    anchor: int
    """Where the reference to it stands, or it itself."""
    key: int = -1
    """Of a dictionary, the node of the name."""
    key_anchor: int = -1

    def __repr__(self) -> str:
        return f"Entry({self.node}, {self.anchor})"


class Shelf(Protocol):
    """The nodes of one list, by number; what is damaged raises `FormatError`."""

    @property
    def top(self) -> int:
        """The root."""
        ...

    def form(self, node: int) -> Form: ...

    def entries(self, node: int) -> Sequence[Entry]:
        """What a container holds."""
        ...

    def scalar(self, node: int) -> Scalar:
        """The value of a leaf."""
        ...


def by_name(shelf: Shelf, node: int) -> dict[str, Entry]:
    """The fields of a dictionary."""
    return {entry.step: entry for entry in shelf.entries(node) if isinstance(entry.step, str)}


def is_archive(shelf: Shelf) -> bool:
    """Whether a list is the wrapping of a graph of objects."""
    try:
        if not shelf.form(shelf.top).is_map:
            return False
        frame = by_name(shelf, shelf.top)
        if not all(name in frame for name in FRAME[:3]):
            return False
        archiver, objects, top = (frame[name].node for name in FRAME[:3])
        if shelf.form(archiver) != LEAF or not shelf.form(objects).is_row or not shelf.form(top).is_map:
            return False
        name = shelf.scalar(archiver)
    except FormatError:
        return False
    return isinstance(name, str) and name.endswith("KeyedArchiver")
