"""Every copy of every page of a document, what it is for, and whether it still counts."""

import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from harness.formats.sqlite.pages import JOURNAL, WAL, open_storage
from harness.formats.sqlite.plausible import Rules
from harness.formats.sqlite.view import View
from harness.limits import Budget, Limits
from harness.model import Document, State

__all__ = ["Copies", "Copy", "Role"]

_OLD = {WAL: State.WAL, JOURNAL: State.JOURNAL}


class Role(Enum):
    """What a page is for."""

    TREE = "tree"
    FREE = "on the freelist"
    LINK = "overflow"
    MAP = "pointer map"
    LOOSE = "of nothing that is known"


class Copy(NamedTuple):
    """One copy of one page."""

    part: str
    start: int
    number: int
    view: View
    """The state of the database that the copy is of, or the nearest to it."""
    state: State
    role: Role
    order: int = -1
    """Which of the frames of its sidecar it is."""


class Copies:
    """The pages of a document, wherever they stand.

    Raises:
        FormatError: this is no database.
    """

    def __init__(self, document: Document, limits: Limits) -> None:
        storage = open_storage(document)
        self.document = document
        self.storage = storage
        self.current = View(storage.current, limits)
        self.main = View(storage.main, limits) if storage.main is not storage.current else self.current
        header = storage.current.header
        self.size = header.page_size
        self.usable = header.usable
        self.limits = limits
        self.budget = self._new_budget()
        """Of the time that looking for what is gone may take."""
        self.rules = Rules(header.codec, header.is_legacy, max(self.current.count, self.main.count))
        self._starts = {part: [frame.start for frame in found.frames] for part, found in storage.frames.items()}

    def renew(self) -> None:
        """Begin to count anew what may be spent."""
        self.budget = self._new_budget()
        for view in (self.current, self.main):
            view.way = view.faults()

    def _new_budget(self) -> Budget:
        deadline = time.monotonic() + self.limits.seconds_per_file
        return Budget(what="copies of pages", left=1 << 62, deadline=deadline)

    def copies(self, numbers: Iterable[int] | None = None) -> Iterator[Copy]:
        """Every copy that may hold rows: pages that count first, or some of them, then those of sidecars, then
        superseded ones."""
        for number in range(1, self.current.count + 1) if numbers is None else numbers:
            yield self.copy_of(self.current, number, State.LIVE)
        for part in self.storage.frames:
            for index in range(len(self._starts[part])):
                copy = self.frame(part, index)
                if copy.state is not State.LIVE:
                    yield copy
        held = len(self.document.data) // self.size
        moved = sorted(number for number in self.current.pages.moved if number <= min(held, self.current.count))
        for number in (*moved, *range(self.current.count + 1, held + 1)):
            copy = self.in_file(number)
            if copy.view is not self.current or copy.number > self.current.count:
                yield copy

    def in_file(self, number: int) -> Copy:
        """The copy of a page that is in the main file."""
        start = (number - 1) * self.size
        if number <= self.current.count and self.current.pages.place(number) == ("", start):
            return self.copy_of(self.current, number, State.LIVE)
        if number <= self.main.count and self.main is not self.current:
            return self.copy_of(self.main, number, State.SUPERSEDED)
        return Copy("", start, number, self.current, State.UNALLOCATED, Role.LOOSE)

    def frame(self, part: str, index: int) -> Copy:
        """A copy in a sidecar."""
        frame = self.storage.frames[part].frames[index]
        if frame.page <= self.current.count and self.current.pages.place(frame.page) == (part, frame.start):
            return self.copy_of(self.current, frame.page, State.LIVE)
        view = self.current if self.current.owner(frame.page) else self.main
        return Copy(part, frame.start, frame.page, view, _OLD[part], Role.LOOSE, index)

    def frame_at(self, part: str, offset: int) -> Copy | None:
        """The copy in a sidecar that a byte is in."""
        starts = self._starts.get(part, [])
        index = bisect_right(starts, offset) - 1
        return self.frame(part, index) if index >= 0 and offset < starts[index] + self.size else None

    def frames_behind(self, part: str, offset: int) -> bool:
        """Whether more copies stand behind a byte of a sidecar."""
        starts = self._starts.get(part, [])
        return bisect_right(starts, offset) < len(starts)

    def copy_of(self, view: View, number: int, state: State) -> Copy:
        """The copy of a page that counts in a state of the database."""
        part, start = view.pages.place(number)
        role = Role.LOOSE
        if view.owner(number) is not None:
            role = Role.TREE
        elif number in view.free:
            role, state = Role.FREE, State.FREELIST if state is State.LIVE else state
        elif view.pages.is_pointer_map(number) or number == view.pages.lock_page:
            role = Role.MAP
        elif number in view.links:
            role = Role.LINK
        elif state is State.LIVE:
            state = State.UNALLOCATED
        return Copy(part, start, number, view, state, role)

    def bytes_of(self, copy: Copy) -> bytes:
        """What stands in a copy."""
        return bytes(self.document.part(copy.part)[copy.start : copy.start + self.size])
