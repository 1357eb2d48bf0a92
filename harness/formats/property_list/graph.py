"""A keyed archive as the graph that was archived: objects by their names, not by their numbers.

`NSKeyedArchiver` writes all objects into one array, and refers to them by index. Here each is given where it is
referred to: `/root/profile/Email`. An object that holds others is given once, at the shortest of its paths, so that
cycles end and shared objects cost no more than their bytes; a text, number or date is given on every path. Objects
that no path reaches are given where they stand: `/$objects/7`.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.errors import FormatError, LimitError
from harness.formats._tokens import Role, value_budget
from harness.formats.base import as_bytes
from harness.formats.property_list.classes import SHAPES, Shape, is_plain
from harness.formats.property_list.resolver import Class, Resolver
from harness.formats.property_list.shelf import FRAME, LEAF, Entry, Form, Shelf, by_name
from harness.limits import Limits
from harness.model import Scalar, Step

__all__ = ["Graph", "Sight"]


class Sight(NamedTuple):
    """A value, a name or a container of the graph, and the node of the list that holds it."""

    steps: tuple[Step, ...]
    value: Scalar
    node: int
    """-1 where no node holds it: nothing is a value, too."""
    anchor: int
    """Where in the list the reference to it stands."""
    role: Role

    def __repr__(self) -> str:
        return f"Sight({self.node}, {self.anchor}, {self.role.name})"


class _Task(NamedTuple):
    """A node that is yet to be looked at."""

    steps: tuple[Step, ...]
    node: int
    anchor: int


class Graph:
    """The objects of one archive, to be walked once.

    Raises:
        FormatError: the frame of the archive cannot be read.
    """

    def __init__(self, shelf: Shelf, limits: Limits, size: int) -> None:
        """`size` is that of the list in bytes: no sound one has more references."""
        self._shelf = shelf
        self._depth = limits.structure_depth
        self._frame = by_name(shelf, shelf.top)
        self._resolver = Resolver(shelf, self._frame["$objects"].node)
        self._fault: FormatError | None = None
        self._opened: set[int] = set()
        self._queue: deque[_Task] = deque()
        self._budget = value_budget(limits)
        self._budget.left = min(self._budget.left, 16 * size + 1000)

    def sights(self) -> Iterator[Sight]:
        """Everything, nearest to the root first.

        Raises:
            FormatError: in the end, where something could not be read; at once, where a limit is reached.
        """
        others = [entry for name, entry in self._frame.items() if name not in FRAME]
        for entry in (*self._shelf.entries(self._frame["$top"].node), *others):
            yield from self._child((), entry)
        yield from self._drained()
        for step, entry in self._resolver.objects.items():
            if step not in self._resolver.reached:
                yield from self._child(("$objects",), entry)
                yield from self._drained()
        if self._fault is not None:
            raise self._fault

    def _drained(self) -> Iterator[Sight]:
        while self._queue:
            task = self._queue.popleft()
            try:
                yield from self._seen(task)
            except LimitError:
                raise
            except FormatError as error:
                self._fault = self._fault or error

    def _child(self, steps: tuple[Step, ...], entry: Entry) -> Iterator[Sight]:
        """One that is to be looked at in its turn, and its name."""
        self._budget.spend()
        inner = (*steps, entry.step)
        if len(inner) > self._depth:
            raise LimitError(f"more than {self._depth} objects within each other")
        if entry.key >= 0 and isinstance(entry.step, str):
            yield Sight(inner, entry.step, entry.key, entry.key_anchor, Role.KEY)
        self._queue.append(_Task(inner, entry.node, entry.anchor))

    def _seen(self, task: _Task) -> Iterator[Sight]:
        node = self._resolver.followed(task.node)
        if node is None:
            yield Sight(task.steps, None, -1, task.anchor, Role.VALUE)
            return
        form = self._shelf.form(node)
        if form == LEAF:
            yield Sight(task.steps, self._shelf.scalar(node), node, task.anchor, Role.VALUE)
            return
        yield from self._container(task._replace(node=node), form)

    def _container(self, task: _Task, form: Form) -> Iterator[Sight]:
        meaning = self._resolver.meaning(task.node) if form.is_map and self._has_class(task.node) else None
        if meaning is not None:
            yield Sight(task.steps, meaning.value, meaning.node, task.anchor, Role.VALUE)
        if task.node in self._opened:
            return
        self._opened.add(task.node)
        if form.is_row:
            yield Sight(task.steps, None, task.node, task.anchor, Role.SYNTAX)
            for entry in self._shelf.entries(task.node):
                yield from self._child(task.steps, entry)
            return
        fields = by_name(self._shelf, task.node)
        if "$classname" in fields and "$class" not in fields:
            return  # a class of which there is no object
        if meaning is not None:
            fields = {
                name: entry
                for name, entry in fields.items()
                if name == "$class" or not (name in meaning.fields or self._resolver.is_null(entry))
            }
        else:
            yield Sight(task.steps, None, task.node, task.anchor, Role.SYNTAX)
        yield from self._fields(task.steps, fields)

    def _has_class(self, node: int) -> bool:
        """Whether the class of an object can be told; where it cannot, its fields are read all the same."""
        if node in self._opened:
            return True
        try:
            self._resolver.meaning(node)
        except FormatError as error:
            self._fault = self._fault or error
            return False
        return True

    def _fields(self, steps: tuple[Step, ...], fields: Mapping[str, Entry]) -> Iterator[Sight]:
        kind = self._class(fields)
        used: set[str] = {"$class", "$classhints"} if kind.names else set()
        if kind.names and not is_plain(kind.names[0]):
            yield Sight((*steps, "$class"), kind.names[0], kind.node, fields["$class"].anchor, Role.VALUE)
        shape = next((SHAPES[name] for name in kind.names if name in SHAPES), None)
        values = self._numbered(fields, "object") if shape else {}
        keys = self._numbered(fields, "key") if shape is Shape.MAP else {}
        if shape is Shape.MAP and len(keys) == len(values):
            used |= {*keys, *values, "NS.keys", "NS.objects"}
            yield from self._pairs(steps, list(keys.values()), list(values.values()))
        elif shape is Shape.ROW and values:
            used |= {*values, "NS.objects"}
            for index, entry in enumerate(values.values()):
                yield from self._child(steps, entry._replace(step=index, key=-1))
        for name, entry in fields.items():
            if name not in used:
                yield from self._child(steps, entry)

    def _class(self, fields: Mapping[str, Entry]) -> Class:
        try:
            return self._resolver.class_of(fields)
        except FormatError as error:
            self._fault = self._fault or error
            return Class()

    def _numbered(self, fields: Mapping[str, Entry], name: str) -> dict[str, Entry]:
        """What a collection holds, in order: in one array, or in numbered fields (`NS.object.0`, `NS.object0`)."""
        together = fields.get(f"NS.{name}s")
        if together is not None:
            if not self._shelf.form(together.node).is_row:
                return {}
            entries: Sequence[Entry] = self._shelf.entries(together.node)
            self._budget.spend(len(entries))
            return {f"NS.{name}s {n}": entry for n, entry in enumerate(entries)}
        found: list[tuple[int, str]] = []
        for key in fields:
            digits = key.removeprefix(f"NS.{name}").removeprefix(".")
            if key.startswith(f"NS.{name}") and len(digits) < 10 and digits.isascii() and digits.isdigit():
                found.append((int(digits), key))
        return {key: fields[key] for _, key in sorted(found)}

    def _pairs(self, steps: tuple[Step, ...], keys: Sequence[Entry], values: Sequence[Entry]) -> Iterator[Sight]:
        for index, (key, value) in enumerate(zip(keys, values, strict=True)):
            found = self._name(key)
            if found is None:  # the key is an object of its own
                yield from self._child((*steps, index), key._replace(step="NS.key", key=-1))
                yield from self._child(steps, value._replace(step=index, key=-1))
                continue
            name, node = found
            yield Sight((*steps, name), name, node, key.anchor, Role.KEY)
            yield from self._child(steps, value._replace(step=name, key=-1))

    def _name(self, key: Entry) -> tuple[str, int] | None:
        """The text of a key, and the node that holds it; None where it is no single value."""
        try:
            node = self._resolver.followed(key.node)
            found = self._resolver.meaning(node) if node is not None else None
        except FormatError:
            return None  # that what it refers to is damaged will be met there
        if found is None or found.value is None:
            return None
        text = found.value
        return text if isinstance(text, str) else as_bytes(text).decode("utf-8", "replace"), found.node
