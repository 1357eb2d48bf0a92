"""Where is this byte? From an offset to the page that holds it, and whether that page still counts."""

from collections.abc import Sequence

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.sqlite.cells import PageMap, run_place
from harness.formats.sqlite.copies import Copy, Role
from harness.formats.sqlite.fields import field_place
from harness.formats.sqlite.pages import JOURNAL, WAL
from harness.formats.sqlite.strays import Strays
from harness.formats.sqlite.survey import Survey
from harness.formats.sqlite.view import Link
from harness.limits import Limits
from harness.model import Buffer, Document, Place, State

__all__ = ["locate"]

_OLD = {WAL: State.WAL, JOURNAL: State.JOURNAL}
_UNKNOWN = ("?",)


def locate(document: Document, offsets: Sequence[int], limits: Limits, part: str) -> list[Place]:
    """The place of each byte of a part."""
    data: Buffer = document.data if not part else document.sidecars.get(part, b"")
    try:
        finder = _Finder(Survey.of(document, limits), part, data)
    except FormatError:
        return [run_place(data, offset, _UNKNOWN, State.RAW) for offset in offsets]
    # In the order of the file, one page after the other is taken apart, each once.
    found = {offset: finder.place(offset) for offset in sorted(set(offsets))}
    return [found[offset] for offset in offsets]


class _Finder:
    """What is known of a document, for the offsets of one call."""

    def __init__(self, survey: Survey, part: str, data: Buffer) -> None:
        self._survey = survey
        self._part = part
        self._data = data
        self._strays: Strays | None = None
        self._map: tuple[tuple[str, int], PageMap | None] | None = None

    def place(self, offset: int) -> Place:
        """The place of one byte of the part."""
        if not 0 <= offset < len(self._data):
            return Place(_UNKNOWN, State.RAW)
        copy = self._copy(offset)
        if copy is None:
            old = _OLD.get(self._part, State.RAW)
            # Before the first page or between two, or behind the last.
            framed = self._part and self._survey.frames_behind(self._part, offset)
            return Place((), old) if framed else run_place(self._data, offset, _UNKNOWN, old)
        inner = offset - copy.start
        if (inner < 100 and copy.number == 1) or copy.role is Role.MAP:
            return Place((), copy.state)
        if copy.role is Role.LINK and (place := self._in_overflow(copy, inner)) is not None:
            return place
        if copy.role is Role.FREE and inner < copy.view.free[copy.number]:
            return Place((), copy.state)
        if copy.role is not Role.TREE and (place := self._in_stray(copy, inner)) is not None:
            return place
        map_ = self._map_of(copy)
        return map_.place(inner) if map_ else self._run(copy, inner)

    def _copy(self, offset: int) -> Copy | None:
        if self._part:
            return self._survey.frame_at(self._part, offset)
        return self._survey.in_file(offset // self._survey.size + 1)

    def _in_overflow(self, copy: Copy, inner: int) -> Place | None:
        """The place of a byte of an overflow page that its cell holds; `None` behind that."""
        link: Link = copy.view.links[copy.number]
        owner = copy.view.owner(link.page)
        if inner >= 4 + link.size or owner is None:
            return None
        map_ = self._map_of(self._survey.copy_of(copy.view, link.page, copy.state))
        if map_ is None:
            return self._run(copy, inner)
        if inner < 4:
            return map_.row_place(link.at)
        place = map_.payload_place(link.at, link.offset + inner - 4)
        # A broken chain leaves text that no value reaches.
        return place if place.value else self._run(copy, inner)

    def _in_stray(self, copy: Copy, inner: int) -> Place | None:
        """The place of a byte of an overflow page that no live row leads to."""
        if self._survey.is_tree_page(copy):
            return None
        if self._strays is None:
            self._strays = Strays.of(self._survey)
        if (part := self._strays.part(copy)) is not None and 0 <= inner - 4 < part.size:
            return field_place(part.found.row, part.offset + inner - 4, part.state)
        found = self._strays.stray(copy, inner)
        if found is None:
            return None
        stray, offset = found
        return Place(stray.steps, stray.state, as_bytes(stray.text), stray.offset(offset))

    def _map_of(self, copy: Copy) -> PageMap | None:
        """The map of a copy; the last one is kept, as offsets come in the order of the file."""
        key = (copy.part, copy.start)
        if self._map is None or self._map[0] != key:
            self._map = (key, self._survey.map_of(copy))
        return self._map[1]

    def _run(self, copy: Copy, inner: int) -> Place:
        """The text around a byte of a page that no structure explains."""
        state = State.RAW if copy.state is State.LIVE else copy.state
        return run_place(self._data[copy.start : copy.start + self._survey.size], inner, _UNKNOWN, state)
