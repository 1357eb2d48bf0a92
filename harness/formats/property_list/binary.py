"""Binary property lists, with the offset of every value.

Not plistlib: it gives no offsets, and builds the whole graph first, with its cycles.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple, TypeAlias

from harness.errors import FormatError, LimitError
from harness.formats._tokens import Pair, value_budget
from harness.formats.base import as_bytes, fill
from harness.formats.property_list.objects import CONTAINERS, DICT, MAGIC, WIDE, Item, ObjectTable, has_bytes
from harness.limits import Budget, Limits
from harness.model import Buffer, Ledger, Place, Scalar, Share, Span, State, Step, Value

__all__ = ["BinaryList", "frame_spans", "within"]

_Member: TypeAlias = tuple[Step, int]
"""Its last step and its number."""


class _Visit(NamedTuple):
    """One object on one path from the root."""

    steps: tuple[Step, ...]
    number: int
    item: Item
    anchor: int
    """Where the reference to it stands; the object itself for the root."""
    is_key: bool = False

    def __repr__(self) -> str:
        return f"_Visit({self.number}, {self.anchor})"


def within(data: Buffer, item: Item, offset: int, value: Scalar) -> int:
    """Where a byte of an object's payload is in the value as it is searched."""
    inside = offset - item.body
    if item.kind == WIDE:
        before = bytes(data[item.body : item.body + inside // 2 * 2])
        return len(before.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass"))
    if not has_bytes(item.kind):
        return 0  # a number in binary has no digits to point at
    if len(as_bytes(value)) > item.length:
        return len(bytes(data[item.body : offset]).decode("latin-1").encode())
    return inside


def frame_spans(objects: ObjectTable) -> list[Span]:
    """What every binary list has round its objects: the magic, the table and the trailer."""
    table = objects.table
    return [
        Span(0, len(MAGIC), Share.STRUCTURE),
        Span(table, table + objects.count * objects.offset_size, Share.STRUCTURE),
        Span(objects.end, len(objects.data), Share.STRUCTURE),
    ]


class BinaryList:
    """One binary property list, as it is."""

    def __init__(self, objects: ObjectTable, limits: Limits) -> None:
        self.objects = objects
        self.limits = limits

    def values(self) -> Iterator[Value]:
        """Every value, in the order of the list.

        Raises:
            FormatError: a reference leads nowhere, a container holds itself, or a limit is reached.
        """
        objects, leaf, budget = self.objects, self.objects.leaf, self._budget()
        make, live = tuple.__new__, State.LIVE  # a call of the class itself takes twice the time
        stack: list[tuple[int, tuple[Step, ...], Iterator[_Member]]] = []
        top = leaf(objects.top)
        if not isinstance(top, Item):
            yield Value((), top)
            return
        budget.spend(top.length + 1)
        stack.append((objects.top, (), self._members(top)))
        path = {objects.top}
        while stack:
            _, steps, members = stack[-1]
            for step, number in members:
                found = leaf(number)
                if not isinstance(found, Item):
                    yield make(Value, ((*steps, step), found, live))
                    continue
                self._check(number, path, len(stack) + 1)
                budget.spend(found.length + 1)
                stack.append((number, (*steps, step), self._members(found)))
                path.add(number)
                break
            else:
                path.discard(stack.pop()[0])

    def _members(self, item: Item) -> Iterator[_Member]:
        """What a container holds, by its names or by index."""
        references = self.objects.references(item)
        if item.kind == DICT:
            return zip(map(self.objects.key, references[: item.length]), references[item.length :], strict=False)
        return enumerate(references)

    def _check(self, number: int, path: Set[int], depth: int) -> None:
        """Whether a container may be opened within those round it."""
        if number in path:
            raise FormatError("a container that holds itself")
        if depth > self.limits.structure_depth:
            raise LimitError(f"more than {self.limits.structure_depth} containers within each other")

    def _budget(self) -> Budget:
        """Paths are as many as references where no container is shared, and exponential where a bomb shares them."""
        budget = value_budget(self.limits)
        budget.left = min(budget.left, 16 * len(self.objects.data) + 1000)
        return budget

    def pairs(self) -> Iterator[Pair]:
        """Texts, numbers and the lists within data with their keys, each anchored at the reference to it.

        A reference is on one path only. Strings are shared: at the string itself only the first path could be told.
        """
        try:
            for visit in self._visits():
                if visit.is_key or visit.item.kind in CONTAINERS:
                    continue
                value = self.objects.scalar(visit.item)
                if value is None or isinstance(value, bool):
                    continue
                if not isinstance(value, bytes) or value.startswith(MAGIC):
                    yield Pair(Value(visit.steps, None).key, as_bytes(value), visit.anchor)
        except FormatError:
            return  # `values` says so; here all counts that can be read

    def account(self) -> Ledger:
        """What every byte is: payloads are decoded, the rest explains them; what no path reaches is unknown."""
        spans, fault = frame_spans(self.objects), ""
        try:
            for item in self._reached():
                spans += self._spans(item)
        except FormatError as error:
            fault = str(error)
        return Ledger({"": fill(spans, len(self.objects.data), Share.FAILED if fault else Share.UNKNOWN)}, fault)

    def _reached(self) -> Iterator[Item]:
        """Every object that some path reaches, once; what stops `values` stops this."""
        objects = self.objects
        stack: list[tuple[int, Iterator[int]]] = [(-1, iter((objects.top,)))]
        path, seen = {-1}, set[int]()
        while stack:
            for number in stack[-1][1]:
                item = objects.item(number)
                if number in seen:
                    if number in path:
                        raise FormatError("a container that holds itself")
                    continue
                seen.add(number)
                yield item
                if item.kind not in CONTAINERS:
                    continue
                self._check(number, path, len(stack))
                references = objects.references(item)
                if item.kind == DICT:
                    for key in references[: item.length]:
                        objects.key(key)
                stack.append((number, iter(references)))
                path.add(number)
                break
            else:
                path.discard(stack.pop()[0])

    def _spans(self, item: Item) -> tuple[Span, Span]:
        marker = Span(item.start, item.body, Share.STRUCTURE)
        if item.kind in CONTAINERS:
            return marker, Span(item.body, item.end, Share.STRUCTURE)
        self.objects.scalar(item)  # raises where it cannot be read
        return marker, Span(item.body, item.end, Share.DECODED)

    # -- places ----------------------------------------------------------------------------------

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte is: the first path in the order of the list; of a reference, the very one it is on."""
        reached = sorted(self._first_visits(), key=lambda visit: visit.item.start)
        starts = [visit.item.start for visit in reached]
        places: list[Place] = []
        for offset in offsets:
            at = bisect_right(starts, offset) - 1
            if at >= 0 and offset < reached[at].item.end:
                places.append(self._place(reached[at], offset))
            else:
                is_told = 0 <= offset < len(MAGIC) or self.objects.table <= offset < len(self.objects.data)
                places.append(Place((), State.LIVE if is_told else State.RAW))
        return places

    def _place(self, visit: _Visit, offset: int) -> Place:
        item = visit.item
        if offset < item.body:
            return Place(visit.steps)
        try:
            if item.kind in CONTAINERS:
                return self._referred(visit, (offset - item.body) // self.objects.ref_size)
            stored = self.objects.scalar(item)
        except FormatError:
            return Place(visit.steps, State.RAW)
        value, at = as_bytes(stored), within(self.objects.data, item, offset, stored)
        return Place(visit.steps, State.LIVE, value, max(0, min(at, len(value) - 1)), visit.is_key)

    def _referred(self, visit: _Visit, number: int) -> Place:
        """The place of what a reference refers to, on this path and no other."""
        item = visit.item
        references = self.objects.references(item)
        is_key = item.kind == DICT and number < item.length
        step: Step = number
        if item.kind == DICT:
            step = self.objects.key(references[number % item.length])
        target = self.objects.item(references[number])
        if target.kind in CONTAINERS:
            return Place((*visit.steps, step))
        return Place((*visit.steps, step), State.LIVE, as_bytes(self.objects.scalar(target)), 0, is_key)

    def _first_visits(self) -> list[_Visit]:
        """The first path to each object; a value's rather than a key's, where it is both."""
        first: dict[int, _Visit] = {}
        try:
            for visit in self._visits(once=True):
                known = first.get(visit.number)
                if known is None:
                    self._spans(visit.item)  # raises where `values` stops
                if known is None or (known.is_key and not visit.is_key):
                    first[visit.number] = visit
        except FormatError:
            pass  # what was reached can be told
        return list(first.values())

    # -- the walk --------------------------------------------------------------------------------

    def _visits(self, *, once: bool = False) -> Iterator[_Visit]:
        """Every object on every path, in the order of the list; with `once`, no container a second time.

        Raises:
            FormatError: a reference leads nowhere, a container holds itself, or a limit is reached.
        """
        budget = self._budget()
        top = self.objects.item(self.objects.top)
        root = _Visit((), self.objects.top, top, top.start)
        stack: list[tuple[int, Iterator[_Visit]]] = [(-1, iter((root,)))]
        path = {-1}
        opened: set[int] = set()
        while stack:
            visit = next(stack[-1][1], None)
            if visit is None:
                path.discard(stack.pop()[0])
                continue
            budget.spend()
            yield visit
            if visit.is_key or visit.item.kind not in CONTAINERS:
                continue
            if once and visit.number in opened and visit.number not in path:
                continue
            self._check(visit.number, path, len(stack))
            stack.append((visit.number, self._elements(visit)))
            path.add(visit.number)
            opened.add(visit.number)

    def _elements(self, visit: _Visit) -> Iterator[_Visit]:
        """What a container holds; of a dictionary each key before its value, although all keys are stored first."""
        objects, item, steps = self.objects, visit.item, visit.steps
        references, size = objects.references(item), self.objects.ref_size
        at = item.body
        if item.kind != DICT:
            for index, number in enumerate(references):
                yield _Visit((*steps, index), number, objects.item(number), at)
                at += size
            return
        for key, number in zip(references, references[item.length :], strict=False):
            inner = (*steps, objects.key(key))
            yield _Visit(inner, key, objects.item(key), at, is_key=True)
            yield _Visit(inner, number, objects.item(number), at + item.length * size)
            at += size
