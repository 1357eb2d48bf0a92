"""Bytes to sweep, joined in buffers, and the way back from a byte of them to its place in a file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from harness.encodings import Run
from harness.model import Buffer

__all__ = ["STREAMS", "Joined", "Next", "Piece", "Suspicion", "groups"]

STREAMS = frozenset({"brotli", "gzip", "snappy", "zlib", "zstd"})
"""Encodings of which no byte has a place of its own in the file."""


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
    seen: int = 0
    """Where in the window."""
    within: int = 0
    """Where in a stream's bytes it was seen: all of a stream has one offset in the file."""
    stream: Buffer = field(default=b"", repr=False, compare=False)
    """All of those bytes: where they are the value at its place, `within` says which of them are meant."""

    @property
    def mark(self) -> tuple[int, str, int, tuple[str, ...], int]:
        """Equal for what is one suspicion; in order of files, parts and offsets."""
        return self.owner, self.part, self.offset, self.layers, self.within


@dataclass(slots=True)
class Next:
    """The pieces of the next round, and what may still be unpacked for each file."""

    pieces: list[Piece]
    left: dict[int, int]
    """By owner: bytes. One stream can hold thousands, each of which holds the rest again."""

    def add(self, piece: Piece) -> None:
        self.left[piece.owner] -= len(piece.data)
        self.pieces.append(piece)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to sweep, and where they are from."""

    owner: int
    part: str
    data: Buffer = field(repr=False)
    anchors: tuple[tuple[int, int], ...] | None = None
    """None: offsets are those of the part."""
    exact: bool = False
    parent: Piece | None = None
    """The piece that `run` is in; offsets go through it."""
    run: Run | None = None
    layers: tuple[str, ...] = ()
    depth: int = 0
    framed: bool = False
    """Values touch each other in it: what stands before one may look like a part of it."""

    @property
    def tells(self) -> bool:
        """Whether an offset in the part says which of these bytes is meant."""
        return not self.layers and (self.anchors is None or self.exact or len(self.anchors) > 1)

    def unpacked(self, at: int) -> tuple[Piece, int]:
        """The stream, or else the bytes of the file, that this piece was read in; and where it has `at`."""
        if self.parent is None or self.run is None or self.run.layer in STREAMS:
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

    def child(self, run: Run, floor: int) -> Piece:
        """What an encoded run of this piece decodes to.

        Args:
            run: its bounds are those in the joined buffer.
            floor: where this piece begins in there.
        """
        here = replace(run, start=run.start - floor, end=run.end - floor)
        return Piece(
            self.owner,
            self.part,
            run.data,
            parent=self,
            run=here,
            layers=(*self.layers, run.layer),
            depth=self.depth + 1,
            framed=self.framed and run.layer not in STREAMS,
        )


_SEPARATOR = b"\x1e"


@dataclass(frozen=True, slots=True)
class Joined:
    """Pieces in one buffer, with a separator between them."""

    pieces: Sequence[Piece]
    buffer: Buffer = field(repr=False)
    starts: Sequence[int]
    """Of each piece, and one past the last separator."""

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Joined:
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
        return Suspicion(piece.owner, piece.part, offset, piece.layers, window, at - low, within, outer.data)


_REACH = 256
"""How much round a candidate under an encoding is kept to either side, in bytes, at least."""
_GROUP = 4 << 20
"""Small enough to stay in the cache, large enough that calls do not count."""


def groups(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Small pieces together, large ones alone: those are searched where they are, without a copy."""
    group: list[Piece] = []
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
