"""What rows that are gone hold in overflow pages: read only where nothing has become of these since."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from harness.errors import FormatError
from harness.formats.sqlite.copies import Copies, Copy
from harness.formats.sqlite.ground import Follow, Links
from harness.formats.sqlite.past import Timeline
from harness.model import State

__all__ = ["Overflow"]


class _Source(Protocol):
    """Pages by number, of one state of the database."""

    def read(self, number: int) -> bytes: ...

    def place(self, number: int) -> tuple[str, int]: ...


class _Rows(Protocol):
    """Finds all rows that are gone; each asks where it goes on."""

    def __call__(self) -> Iterable[object]: ...


class Overflow:
    """Follows chains of overflow pages from copies of pages that may no longer count."""

    def __init__(self, copies: Copies, rows: _Rows) -> None:
        self._copies = copies
        self._rows = rows
        self._claims: dict[tuple[str, int], set[tuple[int, int]]] = {}
        """Overflow pages that rows that are gone say they go on in: from which page, and how long."""
        self._is_claiming = self._is_claimed = False
        self._lines: dict[str, Timeline] = {}
        self._left = 0
        self.renew()

    def renew(self) -> None:
        """Begin to count anew what may be spent: rows may claim the same pages over and over."""
        copies = self._copies
        self._left = 16 * (copies.rules.pages + len(copies.document.data) // copies.size) + 4096

    def of(self, copy: Copy) -> Follow:
        """How to read what a row of a copy holds in overflow pages."""

        def follow(number: int, size: int) -> tuple[bytes, Links]:
            found = list(self._chain(copy, number, size))
            return b"".join(data for data, _ in found), tuple(link for _, link in found)

        return follow

    def _chain(self, copy: Copy, first: int, size: int) -> Iterator[tuple[bytes, tuple[str, int, int]]]:
        """What each page of a chain holds, and where, as far as it is still there."""
        source, number, left = self._source(copy), first, size
        usable = self._copies.usable
        seen = set[int]()
        while left > 0 and number not in seen and self._left > 0:
            seen.add(number)
            self._left -= 1
            if copy.order < 0 and self._is_taken(copy, number):
                return
            try:
                page = source.read(number)
            except FormatError:
                return
            held = min(left, usable - 4)
            left -= held
            part, start = source.place(number)
            number = int.from_bytes(page[:4], "big")
            if not self._may_hold((part, start), (first, size)) or (left == 0 and number):
                return
            yield page[4 : 4 + held], (part, start + 4, held)

    def _may_hold(self, place: tuple[str, int], row: tuple[int, int]) -> bool:
        """Whether an overflow page is what a row that is gone says it is: not where rows of other lengths say the
        same, of which only the last can be right."""
        if self._is_claiming:
            self._claims.setdefault(place, set()).add(row)
            return True
        if not self._is_claimed:
            self._is_claiming = True
            for _ in self._rows():
                pass
            self._is_claiming, self._is_claimed = False, True
        return len(self._claims.get(place, ())) < 2

    def _is_taken(self, copy: Copy, number: int) -> bool:
        """Whether a page has become another's since, or the freelist has written in it."""
        view = copy.view
        if view.owner(number) is not None or view.free.get(number, 0) > 0:
            return True
        return copy.state is not State.SUPERSEDED and number in view.links

    def _source(self, copy: Copy) -> _Source:
        """Pages as they were when a copy counted."""
        if copy.order < 0:
            return copy.view.pages
        copies = self._copies
        if copy.part not in self._lines:
            held, data = copies.storage.frames[copy.part], copies.document.part(copy.part)
            self._lines[copy.part] = Timeline(
                copy.part, data, copies.document.data, held.frames, copies.size, held.valid
            )
        return self._lines[copy.part].past(copy.order)
