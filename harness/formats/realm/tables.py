"""From the group of tables down to their columns, in the layout of clusters (format 10 and later) and in that of
columns (before)."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from harness.errors import FormatError
from harness.formats._tokens import Role
from harness.formats.realm.arrays import Arrays, is_ref
from harness.formats.realm.columns import LIST, NULLABLE, Columns, Steps
from harness.formats.realm.leaves import Cell, Kind, cells, moment
from harness.model import State

__all__ = ["Group", "Top", "top_of"]

_CLUSTERS = 10
"""The first format with clusters."""
_PREFIX = "class_"
_DEEPEST = 40


class Top(NamedTuple):
    """The root of one state of a file."""

    ref: int
    size: int
    """Of the file."""
    version: int
    history: int
    """Ref of what was done; 0 where nothing is kept."""
    rest: tuple[int, ...]
    """Refs of what is free."""


class _Column(NamedTuple):
    name: str
    kind: int
    attributes: int
    slot: int
    """Its place in a cluster, or in the list of columns."""
    texts: int
    """Ref of the texts that its numbers stand for; 0 where they are themselves."""


def top_of(arrays: Arrays, ref: int) -> Top:
    """The root at `ref`; nothing counts as met by that.

    Raises:
        FormatError: there is none.
    """
    node = arrays.node(ref)
    numbers = arrays.numbers(node)
    if not node.has_refs or node.is_inner or len(numbers) < 2 or len(numbers) > 16:
        raise FormatError(f"no root at byte {ref}")
    if not all(map(is_ref, numbers[:2])) or any(number and not number & 1 for number in numbers[2:3]):
        raise FormatError(f"no root at byte {ref}")
    told = (*numbers, *[0] * (16 - len(numbers)))
    return Top(ref, told[2] >> 1, told[6] >> 1, told[8] if is_ref(told[8]) else 0, tuple(filter(is_ref, told[3:6])))


@dataclass(slots=True)
class Group:
    """One state of a file, walked."""

    columns: Columns
    version: int
    """Of the file's format."""

    def read(self, top: Top) -> None:
        """All tables of a state, then its history and its list of what is free."""
        arrays = self.columns.arrays
        names_ref, tables_ref = arrays.refs(top.ref, 2)[:2]
        names = self._names(names_ref, ())
        for name, table in zip(names, arrays.refs(tables_ref), strict=False):
            if is_ref(table):
                self.columns.attempt(tables_ref, partial(self._table, table, (name,)))
        for free in top.rest:
            self.columns.attempt(top.ref, partial(self.columns.structure, free))
        if top.history and self.columns.state is State.LIVE:
            self.columns.attempt(top.ref, partial(self.columns.blobs, top.history, ("history",)))

    def _names(self, ref: int, steps: Steps) -> list[str]:
        is_new = self.columns.arrays.is_new(ref)
        names: list[str] = []
        for cell in cells(self.columns.arrays, ref, Kind.STRING, nullable=False):
            name = cell.value if isinstance(cell.value, str) else f"@{cell.start}"
            names.append(name.removeprefix(_PREFIX) if not steps else name)
            if is_new:
                start = cell.end - len(names[-1].encode())
                self.columns.say(Cell(max(cell.start, start), cell.end, names[-1]), (*steps, names[-1]), Role.KEY)
        return names

    def _table(self, ref: int, steps: Steps) -> None:
        arrays = self.columns.arrays
        if not self.columns.enter(ref):
            return  # as a newer state has it, with all that is below
        parts = arrays.refs(ref, 2)
        described = self._spec(parts[0], steps)
        if self.version < _CLUSTERS:
            self._by_columns(parts[1], described, steps)
            return
        if len(parts) > 2 and is_ref(parts[2]):
            self._cluster(parts[2], 0, described, steps, 0)
        for part in parts[3:]:
            if is_ref(part):
                self.columns.attempt(ref, partial(self.columns.structure, part))

    def _spec(self, ref: int, steps: Steps) -> list[_Column]:
        """The columns of a table, as it describes them."""
        arrays = self.columns.arrays
        parts = (*arrays.refs(ref, 3), 0, 0, 0)
        types = arrays.numbers(arrays.claim(parts[0]))
        names = self._names(parts[1], steps)
        attributes = arrays.numbers(arrays.claim(parts[2]))
        if len(types) != len(attributes):
            raise FormatError(f"a table that is described in halves at byte {ref}")
        texts = arrays.refs(parts[4]) if is_ref(parts[4]) else ()
        keys = arrays.numbers(arrays.claim(parts[5])) if is_ref(parts[5]) else ()
        found: list[_Column] = []
        slot = 0
        for number, (kind, told) in enumerate(zip(types, attributes, strict=True)):
            name = names[number] if number < len(names) else f"backlink {number}"
            where = (keys[number] & 0xFFFF) + 1 if number < len(keys) else slot
            listed = texts[number] if number < len(texts) and is_ref(texts[number]) else 0
            found.append(_Column(name, kind & 0xFFFF, told, where, listed))
            slot += 1 + (told & 1)  # an index stands behind its column, in the layout that has no keys
        if self.version < _CLUSTERS:
            return self._with_texts(found, texts)
        return found

    @staticmethod
    def _with_texts(found: list[_Column], texts: tuple[int, ...]) -> list[_Column]:
        """The texts of enumerations are listed for those columns alone that have them."""
        left = iter(texts)
        return [each._replace(texts=next(left, 0) if each.kind == Kind.STRING_ENUM else 0) for each in found]

    # -- clusters ----------------------------------------------------------------------------------

    def _cluster(self, ref: int, offset: int, described: list[_Column], steps: Steps, depth: int) -> None:
        """Objects, by key: a leaf has the columns of up to 256 of them."""
        arrays = self.columns.arrays
        if depth > _DEEPEST:
            raise FormatError(f"a tree that is too deep at byte {ref}")
        if not self.columns.enter(ref):
            return
        parts = arrays.refs(ref, 1)
        if not arrays.node(ref).is_inner:
            self._leaf(ref, parts, offset, described, steps)
            return
        shift = 8 * (parts[1] >> 1) if len(parts) > 1 and 0 <= parts[1] >> 1 < 8 else 8
        keys = arrays.numbers(arrays.claim(parts[0]), signed=False) if is_ref(parts[0]) else ()
        for number, child in enumerate(parts[3:]):
            if is_ref(child):
                base = offset + (keys[number] if number < len(keys) else number << shift)
                self.columns.attempt(ref, partial(self._cluster, child, base, described, steps, depth + 1))

    def _leaf(self, ref: int, parts: tuple[int, ...], offset: int, described: list[_Column], steps: Steps) -> None:
        arrays = self.columns.arrays
        if is_ref(parts[0]):
            keys = arrays.numbers(arrays.claim(parts[0]), signed=False)
        else:
            keys = tuple(range(min(parts[0] >> 1, 1 << 12)))
        objects = [offset + key for key in keys]
        for column in described:
            part = parts[column.slot] if column.slot < len(parts) else 0
            if is_ref(part):
                names: list[Steps] = [(*steps, key, column.name) for key in objects]
                self.columns.attempt(ref, partial(self._one, part, column, names, steps))

    def _one(self, ref: int, column: _Column, names: list[Steps], steps: Steps) -> None:
        if column.texts:
            self._enumerated(ref, column, names, steps)
        else:
            self.columns.column(ref, column.kind, column.attributes, names)

    def _enumerated(self, ref: int, column: _Column, names: list[Steps], steps: Steps) -> None:
        """Texts that stand once for all the objects that have them."""
        arrays = self.columns.arrays
        texts: list[Cell] = []
        for leaf in self.columns.leaves(column.texts):
            is_new = arrays.is_new(leaf)
            found = cells(arrays if is_new else Arrays(arrays.data), leaf, Kind.STRING, nullable=True)
            for number, cell in enumerate(found, len(texts)):
                if is_new:
                    self.columns.say(cell, (*steps, column.name, number))
            texts += found
        if not self.columns.enter(ref):
            return
        numbers = cells(arrays, ref, Kind.INT, nullable=False)
        if len(numbers) != len(names):
            raise FormatError(f"a column of another length than its table at byte {ref}")
        for cell, name in zip(numbers, names, strict=True):
            number = cell.value if isinstance(cell.value, int) else -1
            if not 0 <= number < len(texts):
                raise FormatError(f"a text that is nowhere at byte {cell.start}")
            self.columns.say(cell._replace(value=texts[number].value), name)

    # -- columns -----------------------------------------------------------------------------------

    def _by_columns(self, ref: int, described: list[_Column], steps: Steps) -> None:
        """Whole columns, one B+ tree each; an object is known by its number."""
        parts = self.columns.arrays.refs(ref)
        for column in described:
            part = parts[column.slot] if column.slot < len(parts) else 0
            if is_ref(part):
                self.columns.attempt(ref, partial(self._tree, part, column, steps))
            if column.attributes & 1 and column.slot + 1 < len(parts) and is_ref(parts[column.slot + 1]):
                self.columns.structure(parts[column.slot + 1])

    def _tree(self, ref: int, column: _Column, steps: Steps) -> None:
        if column.kind == Kind.TIMESTAMP:
            self._times(ref, column, steps)
            return
        if column.kind in {Kind.TABLE, Kind.MIXED}:
            self.columns.blobs(ref, (*steps, column.name))
            return
        number = 0
        for leaf in self.columns.leaves(ref):
            count = self._size(leaf, column)
            names: list[Steps] = [(*steps, number + each, column.name) for each in range(count)]
            is_list = column.kind == Kind.LINK_LIST
            self._one(leaf, column._replace(attributes=LIST, kind=Kind.INT) if is_list else column, names, steps)
            number += count

    def _size(self, leaf: int, column: _Column) -> int:
        if column.kind in {Kind.BACKLINK, Kind.LINK_LIST}:
            return self.columns.arrays.node(leaf).size
        kind = Kind.INT if column.texts else column.kind
        return len(cells(Arrays(self.columns.arrays.data), leaf, kind, nullable=bool(column.attributes & NULLABLE)))

    def _times(self, ref: int, column: _Column, steps: Steps) -> None:
        """Seconds and nanoseconds are trees of their own."""
        arrays = self.columns.arrays
        parts = arrays.refs(ref, 2)
        fractions: list[int] = []
        for leaf in self.columns.leaves(parts[1]):
            fractions += arrays.numbers(arrays.claim(leaf))
        number = 0
        for leaf in self.columns.leaves(parts[0]):
            self.columns.enter(leaf)
            found = cells(arrays, leaf, Kind.INT, nullable=True)
            for row, cell in enumerate(found, number):
                if isinstance(cell.value, int):
                    when = moment(cell.value, fractions[row] if row < len(fractions) else 0)
                    self.columns.say(cell._replace(value=when), (*steps, row, column.name))
            number += len(found)
