"""One LevelDB file, read once: its values, the ledger and the place of a byte all follow from it.

A folder is several files, and which of two values of one key is newer is told by their numbers. Here each file is a
document of its own: what counts in it may be replaced by another one.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.errors import FormatError
from harness.formats._pace import paced
from harness.formats._tokens import Pair
from harness.formats.base import as_bytes, fill
from harness.formats.leveldb import chromium
from harness.formats.leveldb.chromium import PLAIN, name_of
from harness.formats.leveldb.chunks import Chunk, Direct, Entry, Way
from harness.formats.leveldb.leaves import Leaf, decode_text, within
from harness.formats.leveldb.likeness import CURRENT, Kind, kind_of
from harness.formats.leveldb.log import HEADER, Record, read_batch, read_records
from harness.formats.leveldb.manifest import LABELS, read_edit
from harness.formats.leveldb.table import read_table
from harness.limits import Limits
from harness.model import Buffer, Ledger, Place, Share, Span, State, Value

__all__ = ["Reading", "open_file"]

_MANIFEST_FORMS = {LABELS[1]: chromium.PLAIN, LABELS[5]: chromium.PLAIN}


@dataclass(slots=True)
class Reading:
    """The chunks of a file, and what is around them."""

    kind: Kind
    data: bytes = field(repr=False)
    limits: Limits
    chunks: list[Chunk] = field(default_factory=list, repr=False)
    spans: list[tuple[int, int, Share]] = field(default_factory=list, repr=False)
    rest: Share = Share.STRUCTURE
    error: FormatError | None = None
    newest: dict[bytes, int] = field(default_factory=dict, repr=False)

    def index(self) -> None:
        """Find out which entry of each key is the newest."""
        newest = self.newest
        for chunk in self.chunks:
            for entry in chunk.entries:
                if entry.sequence >= newest.get(entry.key, 0):
                    newest[entry.key] = entry.sequence

    # -- values ------------------------------------------------------------------------------------

    def values(self) -> Iterator[Value]:
        """Every value: the newest of each key, then those that were replaced or deleted, then keys of which no more
        is left than that they were deleted.

        Raises:
            FormatError: the file is damaged, or a limit is reached.
        """
        yield from paced(self._values(), self.limits)
        if self.error:
            raise self.error

    def _values(self) -> Iterator[Value]:
        later: list[tuple[Chunk, Entry]] = []
        newest, is_manifest = self.newest, self.kind is Kind.MANIFEST
        make, live = tuple.__new__, State.LIVE  # a call of the class itself takes twice the time
        for chunk in self.chunks:
            data = chunk.data
            for entry in chunk.entries:
                key, sequence, is_put, _, _, start, end = entry
                if not is_put or newest[key] != sequence:
                    later.append((chunk, entry))
                    continue
                steps, form = self.name(entry) if is_manifest else name_of(key)
                if form is PLAIN:
                    yield make(Value, (steps, decode_text(data[start:end]), live))
                    continue
                for leaf in self.leaves(chunk, entry, form):
                    yield Value(steps + leaf.steps, leaf.value)
        for chunk, entry in later:
            steps, form = self.name(entry)
            for leaf in self.leaves(chunk, entry, form):
                yield Value(steps + leaf.steps, leaf.value, State.SUPERSEDED)
        for entry in self._gone():
            yield Value(self.name(entry).steps, None, State.SUPERSEDED)

    def _gone(self) -> Iterator[Entry]:
        """Of each key that is only deleted here, the first entry."""
        if self.kind is Kind.MANIFEST:
            return
        entries = [entry for chunk in self.chunks for entry in chunk.entries]
        put = {entry.key for entry in entries if entry.is_put}
        seen: set[bytes] = set()
        for entry in entries:
            if not entry.is_put and entry.key not in put and entry.key not in seen:
                seen.add(entry.key)
                yield entry

    def name(self, entry: Entry) -> chromium.Name:
        """What an entry's key is called, and the form of its value."""
        if self.kind is not Kind.MANIFEST:
            return chromium.name_of(entry.key)
        steps = tuple(part.decode() for part in entry.key.split(b"\x00"))
        is_text = len(steps) > 1 or entry.key in _MANIFEST_FORMS
        return chromium.Name(steps, chromium.PLAIN if is_text else chromium.NUMBER)

    def leaves(self, chunk: Chunk, entry: Entry, form: str) -> list[Leaf]:
        """What an entry holds."""
        return chromium.leaves_of(chunk.data, entry.start, entry.end, form, self.limits) if entry.is_put else []

    def way(self, chunk: Chunk) -> Way:
        """Between the bytes of a chunk and those of the file."""
        return chunk.way(self.data, lambda: self._starts(chunk))

    def _starts(self, chunk: Chunk) -> list[int]:
        found: list[int] = []
        for entry in chunk.entries:
            form = self.name(entry).form
            if form == PLAIN:
                found.append(entry.start)
            else:
                found += [leaf.start for leaf in self.leaves(chunk, entry, form)]
        return found

    def state(self, entry: Entry) -> State:
        """Whether an entry counts."""
        is_live = entry.is_put and self.newest[entry.key] == entry.sequence
        return State.LIVE if is_live else State.SUPERSEDED

    # -- ledger ------------------------------------------------------------------------------------

    def account(self) -> Ledger:
        """What each byte is."""
        fault = str(self.error) if self.error else ""
        return Ledger({"": fill([Span(*span) for span in self.spans], len(self.data), self.rest)}, fault)

    # -- places ------------------------------------------------------------------------------------

    def locate(self, offsets: Sequence[int]) -> list[Place]:
        """Where each byte is."""
        starts = [chunk.start for chunk in self.chunks]
        inside: dict[int, _Inside] = {}
        places = []
        for offset in offsets:
            number = bisect_right(starts, offset) - 1
            if number < 0 or offset >= self.chunks[number].end:
                is_told = 0 <= offset < len(self.data) and not self.error
                places.append(Place((), State.LIVE if is_told else State.RAW))
                continue
            if number not in inside:
                inside[number] = _Inside(self, self.chunks[number])
            places.append(inside[number].place(offset))
        return places

    # -- what the raw lane does not see --------------------------------------------------------------

    def pairs(self, telling: re.Pattern[bytes]) -> Iterator[Pair]:
        """Values whose bytes are not in the file as they are, and short ones under a telling key."""
        for chunk in self.chunks:
            way = self.way(chunk)
            is_direct = isinstance(way, Direct)
            for entry in chunk.entries:
                steps, form = self.name(entry)
                if (
                    is_direct
                    and form == chromium.PLAIN
                    and (entry.end - entry.start > _SHORT or not telling.search(entry.key))
                ):
                    continue
                for leaf in self.leaves(chunk, entry, form):
                    if (
                        is_direct
                        and leaf.codec in _AS_IT_IS
                        and form != chromium.PLAIN
                        and not telling.search(entry.key)
                    ):
                        continue
                    key = Value(steps + leaf.steps, None).key
                    yield Pair(key, as_bytes(leaf.value), way.outward(leaf.start))


_SHORT = 128
_DECODED = Share.DECODED
_AS_IT_IS = ("utf-8", "bytes")


class _Inside:
    """One chunk, for the places of several of its bytes."""

    def __init__(self, reading: Reading, chunk: Chunk) -> None:
        self.reading = reading
        self.chunk = chunk
        self.way: Way = reading.way(chunk)
        self.starts = [entry.key_start for entry in chunk.entries]
        self.known: tuple[int, chromium.Name, list[Leaf]] | None = None

    def place(self, offset: int) -> Place:
        """The place of one byte of the file."""
        at = self.way.inward(offset)
        number = bisect_right(self.starts, at) - 1
        if number < 0:
            return Place(())
        entry = self.chunk.entries[number]
        if self.known is None or self.known[0] != number:
            name = self.reading.name(entry)
            self.known = (number, name, self.reading.leaves(self.chunk, entry, name.form))
        _, (steps, _), leaves = self.known
        state = self.reading.state(entry)
        if entry.key_start <= at < entry.key_end:
            return Place(steps, state, entry.key, max(0, len(entry.key) - (entry.key_end - at)), in_key=True)
        for leaf in leaves:
            if leaf.start <= at < leaf.end:
                value = as_bytes(leaf.value)
                inner = min(within(leaf, self.chunk.data, at), max(0, len(value) - 1))
                return Place(steps + leaf.steps, state, value, inner)
        return Place(steps if entry.start <= at < entry.end else (), state)


def open_file(data_: Buffer, limits: Limits) -> Reading:
    """Read a file of any of the four kinds."""
    data = bytes(data_)
    reading = Reading(kind_of(data), data, limits)
    if reading.kind is Kind.TABLE:
        _open_table(reading)
    elif reading.kind is Kind.CURRENT:
        _open_current(reading)
    else:
        _open_log(reading)
    reading.index()
    return reading


def _open_table(reading: Reading) -> None:
    table = read_table(reading.data, reading.limits)
    reading.chunks = sorted(table.chunks, key=lambda chunk: chunk.start)
    reading.spans = [(start, end, Share.FAILED) for start, end in table.failed]
    reading.spans += [(start, end, Share.STRUCTURE) for start, end in table.structure]
    reading.spans += [(chunk.start, chunk.end, Share.DECODED) for chunk in reading.chunks]
    reading.error = table.error
    reading.rest = Share.FAILED if table.error and not table.failed else Share.UNKNOWN


def _open_log(reading: Reading) -> None:
    log = read_records(reading.data)
    fault = log.fault
    reading.spans = [(start, end, Share.FAILED) for start, end in log.failed]
    reading.spans += [(start, end, Share.FREE) for start, end in log.free]
    rows = _Rows(reading)
    for record in log.records:
        if not rows.add(record):
            fault = fault or "a record is not what its file should hold"
    rows.close()
    reading.error = FormatError(fault) if fault else None


class _Rows:
    """The records of a log as chunks: those that are whole are read where they are, all that touch in one chunk."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.read = read_edit if reading.kind is Kind.MANIFEST else read_batch
        self.entries: list[Entry] = []
        self.start = self.end = -1

    def add(self, record: Record) -> bool:
        """Take one more; returns whether it is what it should be, to its end."""
        reading, segments = self.reading, record.segments
        start, end = segments[0][0], segments[-1][1]
        if len(segments) == 1:
            if self.start < 0 or start - self.end > 2 * HEADER:
                self.close()
                self.start = start
            self.end = end
            is_whole = self.read(reading.data, start, end, self.entries)
        else:
            self.close()
            content = record.data(reading.data)
            entries: list[Entry] = []
            is_whole = self.read(content, 0, len(content), entries)
            if reading.kind is Kind.MANIFEST:  # of an edit, where it stands is its number
                entries = [entry._replace(sequence=start) for entry in entries]
            reading.chunks.append(Chunk(content, entries, start, end, -1, segments))
        share = _DECODED if is_whole else Share.FAILED
        if len(segments) == 1:
            reading.spans.append((start, end, share))
        else:
            reading.spans += [(low, high, share) for low, high in segments]
        return is_whole

    def close(self) -> None:
        """End the chunk that is being filled."""
        if self.start >= 0:
            data = self.reading.data
            self.reading.chunks.append(Chunk(data, self.entries, self.start, self.end, -1, ((0, len(data)),)))
        self.entries, self.start, self.end = [], -1, -1


def _open_current(reading: Reading) -> None:
    found = CURRENT.match(reading.data)
    if not found or found.end() != len(reading.data):
        reading.error = FormatError("its end is missing")
    if found:
        entry = Entry(b"manifest", 0, True, 0, 0, 0, found.end(1))
        reading.chunks = [Chunk(reading.data, [entry], 0, found.end(1), 0)]
        reading.spans = [(0, found.end(1), Share.DECODED)]
    reading.rest = Share.STRUCTURE if not reading.error else Share.FAILED
