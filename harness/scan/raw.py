"""The raw lane: sweeps every byte of everything in joined buffers, and names the places worth decoding.

It decides nothing. A candidate is an offset in a file; the file's format says which value is there, and that value
goes through the same unfolding and the same exact rules as in the decoded lane. What it adds is reach: free pages,
page slack, old log frames and files of no known format are bytes too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from harness.detectors.base import Detector
from harness.encodings import ENCODINGS, Run
from harness.errors import FormatError
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Artifact, Buffer, Document
from harness.scan import shapes
from harness.scan.cues import Candidate, CueSet
from harness.scan.engine import Expression, compile_cues
from harness.scan.tracer import Tracer

__all__ = ["Opened", "RawLane", "Suspicion", "Swept"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file with its bytes at hand, and the format that was chosen for it."""

    artifact: Artifact
    format: Format
    document: Document


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A place in a file where a value may be personal data."""

    owner: int
    """Index of the file in the batch."""
    part: str
    offset: int
    """In that part, for the format's `locate`."""
    layers: tuple[str, ...] = ()
    """Encodings that were peeled to see it."""
    window: bytes = field(default=b"", repr=False)
    """What was seen, where it was under an encoding: searched itself if the format knows no value there."""
    within: int = 0
    """Where in a stream's bytes it was seen: all of a stream has one offset in the file."""
    stream: Buffer = field(default=b"", repr=False, compare=False)
    """All of those bytes: where they are the value at its place, `within` says which of them are meant."""

    @property
    def mark(self) -> tuple[int, str, int, tuple[str, ...], int]:
        """Equal for what is one suspicion; in order of files, parts and offsets."""
        return self.owner, self.part, self.offset, self.layers, self.within


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep over a batch gave."""

    suspicions: list[Suspicion]
    """In the order of files, parts and offsets."""
    capped: frozenset[int]
    """Files whose encodings hold more than may be unpacked: the rest of it was not seen."""


@dataclass(slots=True)
class _Next:
    """The pieces of the next round, and what may still be unpacked for each file."""

    pieces: list[_Piece]
    left: dict[int, int]
    """By owner: bytes. One stream can hold thousands, each of which holds the rest again."""

    def add(self, piece: _Piece) -> None:
        self.left[piece.owner] -= len(piece.data)
        self.pieces.append(piece)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes to sweep, and where they are from."""

    owner: int
    part: str
    data: Buffer = field(repr=False)
    anchors: tuple[tuple[int, int], ...] | None = None
    """None: offsets are those of the part."""
    exact: bool = False
    parent: _Piece | None = None
    """The piece that `run` is in; offsets go through it."""
    run: Run | None = None
    layers: tuple[str, ...] = ()
    depth: int = 0

    @property
    def tells(self) -> bool:
        """Whether an offset in the part says which of these bytes is meant."""
        return not self.layers and (self.anchors is None or self.exact or len(self.anchors) > 1)

    def unpacked(self, at: int) -> tuple[_Piece, int]:
        """The stream, or else the bytes of the file, that this piece was read in; and where it has `at`."""
        if self.parent is None or self.run is None or self.run.layer in _STREAMS:
            return self, at
        return self.parent.unpacked(self.run.source(at))

    def offset(self, at: int) -> int:
        """Where the part has what this piece has at `at`."""
        if self.parent is not None and self.run is not None:
            return self.parent.offset(self.run.source(at))
        if self.anchors is None:
            return at
        here, there = self.anchors[max(0, bisect_right(self.anchors, at, key=lambda pair: pair[0]) - 1)]
        return there + (at - here if self.exact else 0)

    def child(self, run: Run, floor: int) -> _Piece:
        """What an encoded run of this piece decodes to.

        Args:
            run: its bounds are those in the joined buffer.
            floor: where this piece begins in there.
        """
        here = replace(run, start=run.start - floor, end=run.end - floor)
        return _Piece(
            self.owner,
            self.part,
            run.data,
            parent=self,
            run=here,
            layers=(*self.layers, run.layer),
            depth=self.depth + 1,
        )


_SEPARATOR = b"\x1e"
_BY_NAME = {each.name: each for each in ENCODINGS}
_MAGICS: tuple[tuple[Expression, str], ...] = (
    (Expression(rb"\x1f\x8b\x08"), "gzip"),
    (Expression(rb"\x78[\x01\x9c\xda]"), "zlib"),
    (Expression(rb"%(?:25)?(?:40|22|2b|20|7b|3a|28|2f|2c|3d)", caseless=True), "url"),
)
"""Signs of encodings that have a literal; the others are shapes."""
_MAGIC_BYTES = {"gzip": 3, "zlib": 2, "url": 3}
_STREAMS = frozenset({"gzip", "zlib"})
_BARE = re.compile(rb"[ (+\-]{0,3}[0-9][0-9 .,()/+\-]{5,63}|[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
"""A number or an identifier that somebody encoded: its key may make it personal, and stands where only the format
knows."""
_ESCAPES = (Expression(rb"\\u00(?:40|2b|2d|2e)", caseless=True), Expression(rb"&#(?:64|x40|43|x2b);", caseless=True))
"""Characters that give personal data away, escaped by a document's own syntax: only its decoder can tell."""


class RawLane:
    """The sweep over a batch of files."""

    def __init__(
        self, detectors: Mapping[str, Detector], cues: CueSet, tracer: Tracer | None, limits: Limits
    ) -> None:
        self._detectors = detectors
        self._cues = cues
        self._tracer = tracer
        self._limits = limits
        self._signs = compile_cues([*(sign for sign, _ in _MAGICS), *_ESCAPES])

    def sweep(self, batch: Sequence[Opened], telling: re.Pattern[bytes]) -> Swept:
        """Every place worth decoding."""
        pieces = list(self._first(batch, telling))
        found: dict[tuple[object, ...], Suspicion] = {}
        least = self._limits.expanded_bytes  # a large file may well hold as much, and its copies in copies
        left = {owner: max(least, 4 * len(opened.document.data)) for owner, opened in enumerate(batch)}
        for _round in range(self._limits.depth + 1):
            following = _Next([], left)
            for group in _groups(pieces):
                for suspicion in self._search(batch, _Joined.of(group), following):
                    found.setdefault(suspicion.mark, suspicion)
            pieces = following.pieces
            if not pieces:
                break
        return Swept(
            sorted(found.values(), key=lambda s: s.mark),
            frozenset(owner for owner, remaining in left.items() if remaining <= 0),
        )

    def _first(self, batch: Sequence[Opened], telling: re.Pattern[bytes]) -> Iterator[_Piece]:
        """The files as they are, and what their formats say is in them but not in their bytes."""
        for owner, opened in enumerate(batch):
            yield _Piece(owner, "", opened.document.data)
            for suffix, data in opened.document.sidecars.items():
                yield _Piece(owner, suffix, data)
            try:
                for piece in opened.format.expand(opened.document, telling, self._limits):
                    yield _Piece(owner, piece.part, piece.data, piece.anchors, piece.exact)
            except FormatError:
                continue  # the ledger says what is damaged; the raw bytes are swept all the same

    def _search(self, batch: Sequence[Opened], joined: _Joined, following: _Next) -> Iterator[Suspicion]:
        kernel = shapes.find(joined.buffer, joined.length)
        candidates = (
            *self._cues.literal(joined.buffer, joined.length),
            *self._cues.shaped(kernel),
        )
        for candidate in candidates:
            k = joined.index(candidate.anchor)
            framed = batch[joined.pieces[k].owner].format.framed
            for at in self._starts(candidate, joined, k, framed=framed):
                yield joined.suspicion(k, at)
        if self._tracer is not None:
            for end, form in self._tracer.ends(joined.buffer, joined.length):
                k = joined.index(end - 1)
                yield joined.suspicion(k, max(end - len(form.literal), joined.starts[k]))
        yield from self._encoded(joined, kernel, following)

    def _starts(self, candidate: Candidate, joined: _Joined, k: int, *, framed: bool) -> list[int]:
        """Where the pattern matches near a candidate; in a framed format the cue itself counts too, since values
        touch there and only the format can tell where one ends."""
        low, high = max(joined.starts[k], candidate.start), min(joined.starts[k + 1] - 1, candidate.end)
        pattern = self._detectors[candidate.detector].pattern
        group = "value" if "value" in pattern.groupindex else 0
        found = [each.start(group) for each in pattern.finditer(joined.buffer, low, high)]
        return [candidate.anchor, *found] if framed else found

    def _encoded(self, joined: _Joined, kernel: Mapping[str, list[int]], following: _Next) -> Iterator[Suspicion]:
        """What is under an encoding goes into the next round."""
        runs = [(at, name) for name in (shapes.WIDE, shapes.HEX) for at in kernel.get(name, ())]
        base64 = {at for shape in (shapes.BASE64, shapes.SHORT, shapes.NUMBER) for at in kernel.get(shape, ())}
        runs += [(at, shapes.BASE64) for at in sorted(base64)]
        for end, number in self._signs.scan(joined.buffer, joined.length):
            if number >= len(_MAGICS):
                yield joined.suspicion(joined.index(end - 1), end - 1)
            else:
                name = _MAGICS[number][1]
                runs.append((end - _MAGIC_BYTES.get(name, 3), name))
        done: dict[str, int] = {}
        for at, name in runs:
            k = joined.index(at)
            piece, floor, ceiling = joined.pieces[k], joined.starts[k], joined.starts[k + 1] - 1
            left = following.left[piece.owner]
            if at < done.get(name, -1) or piece.depth >= self._limits.depth or left <= 0:
                continue
            run = _BY_NAME[name].at(joined.buffer, at, floor, ceiling, min(self._limits.piece_bytes, left))
            if run is None:
                done[name] = at + _BY_NAME[name].stride
                continue
            # A deflate stream does not say where it ends; a run of characters does.
            done[name] = at + 1 if name in _STREAMS else run.end
            following.add(piece.child(run, floor))
            if _BARE.fullmatch(run.data):
                yield joined.suspicion(k, at)


@dataclass(frozen=True, slots=True)
class _Joined:
    """Pieces in one buffer, with a separator between them."""

    pieces: Sequence[_Piece]
    buffer: Buffer = field(repr=False)
    starts: Sequence[int]
    """Of each piece, and one past the last separator."""

    @classmethod
    def of(cls, pieces: Sequence[_Piece]) -> _Joined:
        starts = [0, *accumulate(len(piece.data) + 1 for piece in pieces)]
        if len(pieces) == 1:
            return cls(pieces, pieces[0].data, starts)
        return cls(pieces, _SEPARATOR.join([piece.data for piece in pieces]), starts)

    @property
    def length(self) -> int:
        return self.starts[-1] - 1

    def index(self, at: int) -> int:
        """The piece that a byte belongs to."""
        return bisect_right(self.starts, at) - 1

    def suspicion(self, k: int, at: int) -> Suspicion:
        piece, floor = self.pieces[k], self.starts[k]
        offset = piece.offset(at - floor)
        if piece.tells:
            return Suspicion(piece.owner, piece.part, offset)
        block = (at - floor) // _REACH
        low, high = floor + max(0, block - 1) * _REACH, floor + (block + 2) * _REACH
        window = bytes(self.buffer[low : min(high, self.starts[k + 1] - 1)]) if piece.layers else b""
        outer, within = piece.unpacked(at - floor)
        return Suspicion(piece.owner, piece.part, offset, piece.layers, window, within, outer.data)


_REACH = 256
"""How much round a candidate under an encoding is kept to either side, in bytes, at least."""
_GROUP = 4 << 20
"""Small enough to stay in the cache, large enough that calls do not count."""


def _groups(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Small pieces together, large ones alone: those are searched where they are, without a copy."""
    group: list[_Piece] = []
    size = 0
    for piece in pieces:
        if not len(piece.data):
            continue
        if len(piece.data) >= _GROUP // 2:
            yield [piece]
            continue
        if size + len(piece.data) > _GROUP:
            yield group
            group, size = [], 0
        group.append(piece)
        size += len(piece.data) + 1
    if group:
        yield group
