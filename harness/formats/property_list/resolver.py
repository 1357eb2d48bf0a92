"""Single objects of a keyed archive: what a reference leads to, of which class it is, and what it stands for."""

from collections.abc import Mapping
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats.property_list.classes import SHAPES, Shape, Simple, decimal, simple_of
from harness.formats.property_list.shelf import LEAF, Entry, Shelf, by_name
from harness.model import Scalar, Step

__all__ = ["Class", "Meaning", "Resolver"]

_HOPS = 8
"""References and wrappers that one value may hide behind."""


class Class(NamedTuple):
    """The names of a class and of those that it inherits from, and the node of its own."""

    names: tuple[str, ...] = ()
    node: int = -1


class Meaning(NamedTuple):
    """The value that an object stands for, the node that holds it, and the fields that it was read from."""

    value: Scalar
    node: int
    fields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Meaning({self.node})"


class Resolver:
    """The objects of one archive, by number.

    Raises:
        FormatError: the table of objects cannot be read.
    """

    def __init__(self, shelf: Shelf, table: int) -> None:
        self.shelf = shelf
        self.objects: dict[Step, Entry] = {entry.step: entry for entry in shelf.entries(table)}
        self.reached: set[Step] = {0}
        """The numbers that somebody refers to."""
        self._classes: dict[int, Class] = {}
        self._meanings: dict[int, Meaning | None] = {}

    def followed(self, node: int) -> int | None:
        """The node behind references; None for the object that stands for nothing.

        Raises:
            FormatError: they lead nowhere.
        """
        for _ in range(_HOPS):
            uid = self.shelf.form(node).uid
            if uid is None:
                return node
            self.reached.add(uid)
            if uid == 0:
                return None
            if uid not in self.objects:
                raise FormatError("a reference to an object that the archive does not hold")
            node = self.objects[uid].node
        raise FormatError("references that lead to nothing but references")

    def is_null(self, entry: Entry) -> bool:
        """Whether a field surely holds nothing."""
        try:
            return self.followed(entry.node) is None
        except FormatError:
            return False

    def class_of(self, fields: Mapping[str, Entry]) -> Class:
        """The class of an object with these fields; one without names where it says none.

        Raises:
            FormatError: what should be its class is none.
        """
        entry = fields.get("$class")
        node = self.followed(entry.node) if entry is not None else None
        if node is None:
            return Class()
        if node not in self._classes:
            self._classes[node] = self._read(node)
        return self._classes[node]

    def _read(self, node: int) -> Class:
        if not self.shelf.form(node).is_map:
            raise FormatError("a class that is none")
        fields = by_name(self.shelf, node)
        nodes = [fields["$classname"].node] if "$classname" in fields else []
        if "$classes" in fields and self.shelf.form(fields["$classes"].node).is_row:
            nodes += [each.node for each in self.shelf.entries(fields["$classes"].node)]
        told = [(self.shelf.scalar(each), each) for each in nodes if self.shelf.form(each) == LEAF]
        names = [(name, at) for name, at in told if isinstance(name, str)]
        if not names:
            raise FormatError("a class without a name")
        return Class(tuple(dict.fromkeys(name for name, _ in names)), names[0][1])

    def meaning(self, node: int, hops: int = 0) -> Meaning | None:
        """The value that a node stands for; None where it is no single value.

        Raises:
            FormatError: it cannot be read.
        """
        form = self.shelf.form(node)
        if form == LEAF:
            return Meaning(self.shelf.scalar(node), node)
        if not form.is_map or hops > _HOPS:
            return None
        if node not in self._meanings:
            self._meanings[node] = None  # for the time being: an object may wrap itself
            self._meanings[node] = self._of_object(by_name(self.shelf, node), hops)
        return self._meanings[node]

    def _of_object(self, fields: Mapping[str, Entry], hops: int) -> Meaning | None:
        for name in self.class_of(fields).names:
            shape, simple = SHAPES.get(name), simple_of(name)
            if shape is Shape.NOTHING:
                return Meaning(None, -1)
            if shape is Shape.NUMBER:
                return self._decimal(fields)
            if simple is not None:
                return self._wrapped(simple, fields, hops)
        return None

    def _wrapped(self, simple: Simple, fields: Mapping[str, Entry], hops: int) -> Meaning | None:
        name = next((name for name in simple.fields if name in fields), None)
        node = self.followed(fields[name].node) if name is not None else None
        found = self.meaning(node, hops + 1) if node is not None else None
        return Meaning(simple.read(found.value), found.node, simple.fields) if found else None

    def _decimal(self, fields: Mapping[str, Entry]) -> Meaning | None:
        parts: dict[str, Meaning] = {}
        for name, entry in fields.items():
            node = self.followed(entry.node) if name.startswith("NS.") else None
            found = self.meaning(node, _HOPS) if node is not None else None
            if found is not None:
                parts[name] = found
        value = decimal({name: found.value for name, found in parts.items()})
        return None if value is None else Meaning(value, parts["NS.mantissa"].node, tuple(parts))
