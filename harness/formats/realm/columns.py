"""The columns of one table: trees of leaves, collections in them, and values of any type."""

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress

from harness.errors import FormatError, LimitError
from harness.formats._tokens import Role, Token
from harness.formats.realm.arrays import Arrays, Node, Scheme, is_ref
from harness.formats.realm.leaves import Cell, Kind, cells, moment, number_of_decimal
from harness.limits import Budget
from harness.model import Scalar, State, Step

__all__ = ["DICTIONARY", "LIST", "NULLABLE", "Columns", "Steps"]

Steps = tuple[Step, ...]

NULLABLE, LIST, DICTIONARY, SET = 16, 32, 64, 128
_DEEPEST = 40
_LIST, _SET, _DICTIONARY = 19, 20, 21
"""Types of what a mixed value may hold beside simple ones, as it numbers them."""


class Columns:
    """Walks columns, and keeps what it read as tokens.

    What is wrong with one array costs the column that it is of: of a live one that is a fault, of an older state it
    means that its bytes were used again.
    """

    def __init__(self, arrays: Arrays, state: State, budget: Budget) -> None:
        self.arrays = arrays
        self.state = state
        self.tokens: list[Token] = []
        self.fault = ""
        self._budget = budget
        self._trail: set[int] = set()
        """Arrays that were entered in this state: none is part of two trees."""

    # -- what every walk needs ---------------------------------------------------------------------

    def enter(self, ref: int) -> bool:
        """Whether an array is still to be read; a newer state may have had it.

        Raises:
            FormatError: this state has it twice.
        """
        if ref in self._trail or (self.state is State.LIVE and not self.arrays.is_new(ref)):
            raise FormatError(f"an array that is in two places at byte {ref}")
        self._trail.add(ref)
        return self.arrays.is_new(ref)

    def attempt(self, parent: int, read: Callable[[], None]) -> None:
        """Read something below an array, which is blamed where that fails."""
        try:
            read()
        except LimitError:
            raise
        except FormatError as error:
            if self.state is State.LIVE:
                self.fault = self.fault or str(error)
                self.tokens.append(Token(parent, self.arrays.claimed.get(parent, parent), (), Role.FAILED))

    def say(self, cell: Cell, steps: Steps, role: Role = Role.VALUE) -> None:
        """Keep an element that is not null."""
        if cell.value is not None:
            self._budget.spend()
            self.tokens.append(Token(cell.start, cell.end, steps, role, cell.value, self.state))

    def leaves(self, ref: int, depth: int = 0) -> Iterator[int]:
        """The leaves of a B+ tree, from left to right."""
        node = self.arrays.node(ref)
        if not node.is_inner:
            yield ref
            return
        if depth > _DEEPEST:
            raise FormatError(f"a tree that is too deep at byte {ref}")
        is_known = not self.enter(ref)
        children = self.arrays.refs(ref, 2)
        if is_ref(children[0]):
            self.arrays.claim(children[0])
        for child in children[1:-1]:
            if is_ref(child) and not (is_known and child in self.arrays.claimed):
                yield from self.leaves(child, depth + 1)

    # -- columns -----------------------------------------------------------------------------------

    def column(self, ref: int, kind: int, attributes: int, names: list[Steps], depth: int = 0) -> None:
        """One leaf of a column, of whose elements each has its own place.

        Raises:
            FormatError: it is damaged, or has not as many elements as there are places.
        """
        if not self.enter(ref) or attributes & (LIST | SET | DICTIONARY):
            self._below(ref, kind, attributes, names, depth)
        elif kind == Kind.MIXED:
            self.mixed(ref, names, depth)
        elif kind in {Kind.BACKLINK, Kind.TYPED_LINK}:
            self.structure(ref)
        else:
            found = cells(self.arrays, ref, kind, nullable=bool(attributes & NULLABLE))
            self._equal(len(found), names, ref)
            for cell, steps in zip(found, names, strict=True):
                self.say(cell, steps)

    @staticmethod
    def _equal(count: int, names: list[Steps], ref: int) -> None:
        if count != len(names):
            raise FormatError(f"a column of another length than its table at byte {ref}")

    def _below(self, ref: int, kind: int, attributes: int, names: list[Steps], depth: int) -> None:
        """Collections, one for each object."""
        if not attributes & (LIST | SET | DICTIONARY):
            return  # a newer state has this leaf, and told it
        tops = self.arrays.refs(ref)
        self._equal(len(tops), names, ref)
        for top, steps in zip(tops, names, strict=True):
            if is_ref(top):
                self.attempt(ref, self._collection(top, kind, attributes, steps, depth))

    def _collection(self, top: int, kind: int, attributes: int, steps: Steps, depth: int) -> Callable[[], None]:
        if attributes & DICTIONARY:
            return lambda: self.dictionary(top, kind, attributes, steps, depth + 1)
        return lambda: self.sequence(top, kind, attributes, steps, depth + 1)

    def sequence(self, top: int, kind: int, attributes: int, steps: Steps, depth: int) -> None:
        """The elements of a list or a set, by number."""
        if depth > _DEEPEST:
            raise FormatError(f"collections that are too deep at byte {top}")
        number = 0
        for leaf in self.leaves(top):
            count = self._count(leaf, kind, attributes)
            names = [(*steps, number + each) for each in range(count)]
            self.column(leaf, kind, attributes & NULLABLE, names, depth)
            number += count

    def _count(self, leaf: int, kind: int, attributes: int) -> int:
        """How many elements a leaf has, told without meeting what is below it."""
        spare = Arrays(self.arrays.data)
        if kind == Kind.MIXED:
            return spare.node(spare.refs(leaf, 1)[0]).size
        return len(cells(spare, leaf, kind, nullable=bool(attributes & NULLABLE)))

    def dictionary(self, top: int, kind: int, attributes: int, steps: Steps, depth: int) -> None:
        """The values of a dictionary, by key.

        Raises:
            FormatError: it is damaged, or of a layout before that of two trees.
        """
        if depth > _DEEPEST:
            raise FormatError(f"dictionaries that are too deep at byte {top}")
        self.enter(top)
        parts = self.arrays.refs(top, 2)
        names: list[Steps] = []
        for leaf in self.leaves(parts[0]):
            is_new = self.enter(leaf)
            found = cells(self.arrays if is_new else Arrays(self.arrays.data), leaf, Kind.STRING, nullable=False)
            for cell in found:
                names.append((*steps, cell.value if isinstance(cell.value, str) else len(names)))
                if is_new:
                    self.say(cell, names[-1], Role.KEY)
        for leaf in self.leaves(parts[1]):
            count = self._count(leaf, kind, attributes)
            self.column(leaf, kind, attributes & NULLABLE, names[:count], depth)
            del names[:count]

    def structure(self, ref: int, depth: int = 0) -> None:
        """Claim an array and all below it, of which nothing is a value."""
        if depth > _DEEPEST or not self.arrays.is_new(ref):
            return
        node = self.arrays.claim(ref)
        if node.has_refs:
            for child in self.arrays.numbers(node):
                if is_ref(child):
                    self.structure(child, depth + 1)

    def blobs(self, ref: int, steps: Steps, depth: int = 0) -> None:
        """All blobs below an array, as bytes: what apps did, as the history tells it."""
        if depth > _DEEPEST or not self.arrays.is_new(ref):
            return
        node = self.arrays.claim(ref)
        if node.has_refs:
            for number, child in enumerate(self.arrays.numbers(node)):
                if is_ref(child):
                    self.blobs(child, (*steps, number), depth + 1)
        elif node.scheme == Scheme.BLOB and node.length:
            self.say(Cell(node.start, node.end, self.arrays.data[node.start : node.end]), steps)

    # -- values of any type ------------------------------------------------------------------------

    def mixed(self, ref: int, names: list[Steps], depth: int) -> None:
        """A leaf of values that each say their type."""
        parts = (*self.arrays.refs(ref, 1), 0, 0, 0, 0, 0)
        if not is_ref(parts[0]):
            raise FormatError(f"no types of values at byte {ref}")
        node = self.arrays.claim(parts[0])
        types = self.arrays.numbers(node)
        self._equal(len(types), names, ref)
        payload = _Payload(self.arrays, parts)
        for number, (told, steps) in enumerate(zip(types, names, strict=True)):
            kind = (told & 31) - 1
            if told >> 5 & 7 == 4:
                self._nested(payload, told, steps, depth)
            elif told:
                self.say(payload.cell(node, number, told >> 8, kind, is_inline=not told >> 5 & 7), steps)

    def _nested(self, payload: "_Payload", told: int, steps: Steps, depth: int) -> None:
        number = told >> 8
        ref = payload.refs[number] if number < len(payload.refs) else 0
        if is_ref(ref):
            attributes = DICTIONARY if (told & 31) - 1 == _DICTIONARY else LIST
            self._collection(ref, Kind.MIXED, attributes, steps, depth)()


class _Payload:
    """What does not fit into the types of mixed values."""

    def __init__(self, arrays: Arrays, parts: tuple[int, ...]) -> None:
        self._ints = self._pairs = None
        self._strings: list[Cell] = []
        self.refs: tuple[int, ...] = ()
        self._arrays = arrays
        if is_ref(parts[1]):
            self._ints = arrays.claim(parts[1])
        if is_ref(parts[2]):
            self._pairs = arrays.claim(parts[2])
        if is_ref(parts[3]):
            self._strings = cells(arrays, parts[3], Kind.STRING, nullable=True)
        if is_ref(parts[4]):
            self.refs = arrays.refs(parts[4])
        if is_ref(parts[5]):
            with suppress(FormatError):
                arrays.claim(parts[5])
        self._numbers = arrays.numbers(self._ints) if self._ints else ()
        self._two = arrays.numbers(self._pairs) if self._pairs else ()

    def cell(self, node: Node, number: int, payload: int, kind: int, *, is_inline: bool) -> Cell:
        """One value, wherever it stands.

        Raises:
            FormatError: it points to nothing.
        """
        try:
            if is_inline:
                value = bool(payload) if kind == Kind.BOOL else payload
                return Cell(*self._arrays.span(node, number), value)
            if kind in {Kind.STRING, Kind.BINARY, Kind.OBJECT_ID, Kind.UUID}:
                return _renamed(self._strings[payload], kind)
            if kind in {Kind.TIMESTAMP, Kind.DECIMAL} and self._pairs:
                first, second = self._two[2 * payload : 2 * payload + 2]
                start = self._arrays.span(self._pairs, 2 * payload)[0]
                end = self._arrays.span(self._pairs, 2 * payload + 1)[1]
                raw = struct.pack("<qq", first, second)
                return Cell(start, end, moment(first, second) if kind == Kind.TIMESTAMP else number_of_decimal(raw))
            if kind in {Kind.INT, Kind.FLOAT, Kind.DOUBLE} and self._ints:
                return Cell(*self._arrays.span(self._ints, payload), _punned(self._numbers[payload], kind))
        except (IndexError, ValueError, struct.error) as error:
            raise FormatError(f"a value that is nowhere at byte {node.ref}") from error
        return Cell(node.ref, node.ref, None)


def _renamed(cell: Cell, kind: int) -> Cell:
    """Bytes that a mixed value keeps among its texts, with a zero behind them."""
    raw = cell.value.encode() if isinstance(cell.value, str) else cell.value
    if kind == Kind.STRING or not isinstance(raw, bytes):
        return cell
    return cell._replace(value=raw if kind == Kind.BINARY else raw.hex())


def _punned(bits: int, kind: int) -> Scalar:
    if kind == Kind.INT:
        return bits
    if kind == Kind.FLOAT:
        return float(struct.unpack("<f", struct.pack("<I", bits & 0xFFFFFFFF))[0])
    return float(struct.unpack("<d", struct.pack("<q", bits))[0])
