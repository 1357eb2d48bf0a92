"""Keyed archives in binary property lists: the graph, with the offset of every value in it."""

import contextlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from harness.errors import FormatError
from harness.formats._tokens import Pair, Role
from harness.formats.base import as_bytes, fill
from harness.formats.property_list.archive import GraphView, is_searched
from harness.formats.property_list.binary import BinaryList, frame_spans, within
from harness.formats.property_list.graph import Sight
from harness.formats.property_list.objects import CONTAINERS, DICT, MAGIC, ROWS, UID, Item, ObjectTable
from harness.formats.property_list.shelf import LEAF, MAP, ROW, Entry, Form, Shelf, is_archive
from harness.limits import Limits
from harness.model import Buffer, Ledger, Place, Scalar, Share, Span, State, Value

__all__ = ["BinaryArchive", "open_binary"]


class BinaryShelf:
    """The objects of a binary list as nodes, by number."""

    def __init__(self, objects: ObjectTable) -> None:
        self.objects = objects
        self.top = objects.top
        self._forms: dict[int, Form] = {}
        self.told = {objects.top}
        """Nodes that some container on the way refers to; the rest of the list belongs to nothing."""

    def form(self, node: int) -> Form:
        known = self._forms.get(node)
        if known is None:
            known = self._forms[node] = self._form(node)
        return known

    def _form(self, node: int) -> Form:
        item = self.objects.item(node)
        if item.kind == UID:
            uid = self.objects.scalar(item)
            return Form(uid=uid if isinstance(uid, int) else None)
        if item.kind == DICT:
            return MAP
        return ROW if item.kind in ROWS else LEAF

    def entries(self, node: int) -> Sequence[Entry]:
        item, size = self.objects.item(node), self.objects.ref_size
        numbers = self.objects.references(item)
        self.told.update(numbers)
        if item.kind != DICT:
            return [Entry(index, number, item.body + index * size) for index, number in enumerate(numbers)]
        count = item.length
        return [
            Entry(
                self.objects.key(numbers[n]),
                numbers[count + n],
                item.body + (count + n) * size,
                numbers[n],
                item.body + n * size,
            )
            for n in range(count)
        ]

    def scalar(self, node: int) -> Scalar:
        return self.objects.scalar(self.objects.item(node))


class BinaryArchive(GraphView):
    """One archive in a binary property list."""

    def __init__(self, objects: ObjectTable, limits: Limits) -> None:
        super().__init__(limits)
        self.objects = objects
        self.shelf = BinaryShelf(objects)

    @property
    def nodes(self) -> Shelf:
        return self.shelf

    @property
    def size(self) -> int:
        return len(self.objects.data)

    def pairs(self) -> Iterator[Pair]:
        """Texts, numbers and dates with their keys, each anchored at the reference to it; bytes that are referred to
        more than once, since only the first of their paths can be told at the bytes themselves."""
        seen: set[int] = set()
        for sight in filter(is_searched, self.readable()):
            if not isinstance(sight.value, bytes) or sight.node in seen or sight.value.startswith(MAGIC):
                yield Pair(Value(sight.steps, None).key, as_bytes(sight.value), sight.anchor)
            seen.add(sight.node)

    def account(self) -> Ledger:
        """What every byte is: all that something refers to is the graph's, the rest is unknown."""
        fault = self.fault()
        spans = frame_spans(self.objects)
        for item in self._told():
            spans.append(Span(item.start, item.body, Share.STRUCTURE))
            is_value = item.kind not in CONTAINERS and item.kind != UID
            spans.append(Span(item.body, item.end, Share.DECODED if is_value else Share.STRUCTURE))
        return Ledger({"": fill(spans, len(self.objects.data), Share.FAILED if fault else Share.UNKNOWN)}, fault)

    def _told(self) -> Iterator[Item]:
        for node in self.shelf.told:
            with contextlib.suppress(FormatError):  # the walk has met it
                yield self.objects.item(node)

    # -- places ----------------------------------------------------------------------------------

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte is: of an object on its first path, of a reference on the one it is on."""
        first, referred = self.known()
        items = sorted(self._items())
        starts = [item.start for item, _ in items]
        places: list[Place] = []
        for offset in offsets:
            at = bisect_right(starts, offset) - 1
            if at >= 0 and offset < items[at][0].end and items[at][1] in self.shelf.told:
                item, node = items[at]
                places.append(self._place(offset, item, first.get(node), referred))
            else:
                is_told = 0 <= offset < len(MAGIC) or self.objects.table <= offset < len(self.objects.data)
                places.append(Place((), State.LIVE if is_told else State.RAW))
        return places

    def _items(self) -> Iterator[tuple[Item, int]]:
        for node in range(self.objects.count):
            try:
                yield self.objects.item(node), node
            except FormatError:
                continue

    def _place(self, offset: int, item: Item, sight: Sight | None, referred: Mapping[int, Sight]) -> Place:
        if item.kind in CONTAINERS:
            steps = sight.steps if sight else ()
            size = self.objects.ref_size
            found = referred.get(offset - (offset - item.body) % size) if offset >= item.body else None
            return _placed(found, 0) if found else Place(steps)
        if sight is None or offset < item.body:
            return Place(sight.steps if sight else ())
        try:
            stored = self.objects.scalar(item)
        except FormatError:
            return Place(sight.steps, State.RAW)
        # What is given may have been made of what is stored: a UUID of its bytes.
        return _placed(sight, within(self.objects.data, item, offset, stored) if stored == sight.value else 0)


def _placed(sight: Sight, offset: int) -> Place:
    value = as_bytes(sight.value)
    return Place(sight.steps, State.LIVE, value, max(0, min(offset, len(value) - 1)), sight.role is Role.KEY)


def open_binary(data: Buffer, limits: Limits) -> BinaryList | BinaryArchive:
    """A binary list, as the graph that it holds where it is the wrapping of one.

    Raises:
        FormatError: there is no trailer, or no table of objects, that can be used.
    """
    objects = ObjectTable(data)
    if b"KeyedArchiver" in objects.data and is_archive(BinaryShelf(objects)):
        return BinaryArchive(objects, limits)
    return BinaryList(objects, limits)
