"""Binary property lists, with the offset of every value.

Not plistlib: it gives no offsets, and builds the whole graph first, with its cycles.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harness.errors import FormatError, LimitError
from harness.formats._tokens import Pair, value_budget
from harness.formats.base import as_bytes, fill
from harness.formats.property_list.objects import CONTAINERS, DATA, DICT, MAGIC, WIDE, Item, ObjectTable, has_bytes
from harness.limits import Limits
from harness.model import Buffer, Ledger, Place, Share, Span, State, Step, Value

__all__ = ["BinaryList"]


class _Visit(NamedTuple):
    """One object on one path from the root."""

    steps: tuple[Step, ...]
    number: int
    anchor: int
    """Where the reference to it stands; the object itself for the root."""
    is_key: bool

    def __repr__(self) -> str:
        return f"_Visit({self.number}, {self.anchor})"


@dataclass(slots=True)
class _Frame:
    """An open container, and how many of its references were visited."""

    item: Item
    number: int
    steps: tuple[Step, ...]
    at: int = 0

    def next_reference(self) -> int | None:
        """Of a dictionary each key before its value, although all keys are stored first."""
        at, self.at = self.at, self.at + 1
        if self.item.kind != DICT:
            return at if at < self.item.length else None
        return at // 2 + (self.item.length if at % 2 else 0) if at < 2 * self.item.length else None


class BinaryList:
    """One binary property list.

    Raises:
        FormatError: there is no trailer, or no table of objects, that can be used.
    """

    def __init__(self, data: Buffer, limits: Limits) -> None:
        self.objects = ObjectTable(data)
        self.limits = limits

    def values(self) -> Iterator[Value]:
        """Every value, in the order of the list."""
        for visit in self._visits():
            item = self.objects.item(visit.number)
            if not visit.is_key and item.kind not in CONTAINERS:
                yield Value(visit.steps, self.objects.scalar(item))

    def pairs(self) -> Iterator[Pair]:
        """Texts and numbers with their keys, each anchored at the reference to it, which is on one path only.

        Strings are shared: at the string itself only the first of their paths could be told.
        """
        try:
            for visit in self._visits():
                item = self.objects.item(visit.number)
                if visit.is_key or item.kind in CONTAINERS or item.kind == DATA:
                    continue
                value = self.objects.scalar(item)
                if value is not None and not isinstance(value, bool):
                    yield Pair(Value(visit.steps, None).key, as_bytes(value), visit.anchor)
        except FormatError:
            return  # `values` says so; here all counts that can be read

    def account(self) -> Ledger:
        """What every byte is: payloads are decoded, the rest explains them; what no path reaches is unknown."""
        table, size = self.objects.table, len(self.objects.data)
        spans = [
            Span(0, len(MAGIC), Share.STRUCTURE),
            Span(table, table + self.objects.count * self.objects.offset_size, Share.STRUCTURE),
            Span(self.objects.end, size, Share.STRUCTURE),
        ]
        rest = Share.UNKNOWN
        seen: set[int] = set()
        try:
            for visit in self._visits(once=True):
                if visit.number not in seen:
                    seen.add(visit.number)
                    spans += self._spans(self.objects.item(visit.number))
        except FormatError:
            rest = Share.FAILED
        return Ledger({"": fill(spans, size, rest)})

    def _spans(self, item: Item) -> tuple[Span, Span]:
        marker = Span(item.start, item.body, Share.STRUCTURE)
        if item.kind in CONTAINERS:
            return marker, Span(item.body, item.end, Share.STRUCTURE)
        self.objects.scalar(item)  # raises where it cannot be read
        return marker, Span(item.body, item.end, Share.DECODED)

    # -- places ----------------------------------------------------------------------------------

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte is: the first path in the order of the list; of a reference, the very one it is on."""
        reached = [(self.objects.item(number), visit) for number, visit in self._first_visits().items()]
        reached.sort(key=lambda pair: pair[0])
        starts = [item.start for item, _ in reached]
        places: list[Place] = []
        for offset in offsets:
            at = bisect_right(starts, offset) - 1
            if at >= 0 and offset < reached[at][0].end:
                places.append(self._place(*reached[at], offset))
            else:
                is_told = 0 <= offset < len(MAGIC) or self.objects.table <= offset < len(self.objects.data)
                places.append(Place((), State.LIVE if is_told else State.RAW))
        return places

    def _place(self, item: Item, visit: _Visit, offset: int) -> Place:
        if offset < item.body:
            return Place(visit.steps)
        try:
            if item.kind in CONTAINERS:
                return self._referred(self._element(item, (offset - item.body) // self.objects.ref_size, visit.steps))
            value = as_bytes(self.objects.scalar(item))
        except FormatError:
            return Place(visit.steps, State.RAW)
        within = offset - item.body
        if item.kind == WIDE:
            before = self.objects.data[item.body : item.body + within // 2 * 2]
            within = len(before.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass"))
        elif not has_bytes(item.kind):
            within = 0  # a number in binary has no digits to point at
        elif len(value) > item.length:
            within = len(self.objects.data[item.body : offset].decode("latin-1").encode())
        return Place(visit.steps, State.LIVE, value, max(0, min(within, len(value) - 1)), visit.is_key)

    def _referred(self, visit: _Visit) -> Place:
        """A byte of a reference: what it refers to, on this path and no other."""
        item = self.objects.item(visit.number)
        if item.kind in CONTAINERS:
            return Place(visit.steps)
        return Place(visit.steps, State.LIVE, as_bytes(self.objects.scalar(item)), 0, visit.is_key)

    def _first_visits(self) -> dict[int, _Visit]:
        """The first path to each object; a value's rather than a key's, where it is both."""
        first: dict[int, _Visit] = {}
        try:
            for visit in self._visits(once=True):
                known = first.get(visit.number)
                if known is None:
                    self._spans(self.objects.item(visit.number))  # raises where `values` stops
                if known is None or (known.is_key and not visit.is_key):
                    first[visit.number] = visit
        except FormatError:
            pass  # what was reached can be told
        return first

    # -- the walk --------------------------------------------------------------------------------

    def _visits(self, *, once: bool = False) -> Iterator[_Visit]:
        """Every object on every path, in the order of the list; with `once`, no container a second time.

        Raises:
            FormatError: a reference leads nowhere, a container holds itself, or a limit is reached.
        """
        budget = value_budget(self.limits)
        # Paths are as many as references where no container is shared, and exponential where a bomb shares them.
        budget.left = min(budget.left, 16 * len(self.objects.data) + 1000)
        stack: list[_Frame] = []
        path: set[int] = set()
        opened: set[int] = set()
        visit: _Visit | None = _Visit((), self.objects.top, self.objects.item(self.objects.top).start, is_key=False)
        while visit is not None:
            yield visit
            budget.spend()
            item = self.objects.item(visit.number)
            if visit.number in path and not visit.is_key:
                raise FormatError("a container that holds itself")
            if item.kind in CONTAINERS and not (once and visit.number in opened):
                if len(stack) >= self.limits.structure_depth:
                    raise LimitError(f"more than {self.limits.structure_depth} containers within each other")
                stack.append(_Frame(item, visit.number, visit.steps))
                path.add(visit.number)
                opened.add(visit.number)
            visit = self._next(stack, path)

    def _next(self, stack: list[_Frame], path: set[int]) -> _Visit | None:
        while stack:
            frame = stack[-1]
            reference = frame.next_reference()
            if reference is not None:
                return self._element(frame.item, reference, frame.steps)
            path.discard(stack.pop().number)
        return None

    def _element(self, item: Item, reference: int, steps: tuple[Step, ...]) -> _Visit:
        at = item.body + reference * self.objects.ref_size
        number = self.objects.reference(at)
        if item.kind != DICT:
            return _Visit((*steps, reference), number, at, is_key=False)
        if reference < item.length:
            return _Visit((*steps, self._key(number)), number, at, is_key=True)
        key = self._key(self.objects.reference(at - item.length * self.objects.ref_size))
        return _Visit((*steps, key), number, at, is_key=False)

    def _key(self, number: int) -> str:
        item = self.objects.item(number)
        key = None if item.kind in CONTAINERS else self.objects.scalar(item)
        if isinstance(key, str):
            return key
        if isinstance(key, int | float):
            return as_bytes(key).decode()
        raise FormatError(f"a key that is no text at byte {item.start}")
