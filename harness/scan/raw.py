"""The raw lane: sweeps every byte of everything in joined buffers, and names the places worth decoding.

It decides nothing. A candidate is an offset in a file; the file's format says which value is there, and that value
goes through the same unfolding and the same exact rules as in the decoded lane. What it adds is reach: free pages,
page slack, old log frames and files of no known format are bytes too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.detectors.base import Detector
from harness.encodings import ENCODINGS
from harness.encodings.double_bits import BITS_TEXT
from harness.encodings.radix import touching_base64, touching_hex
from harness.errors import FormatError
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Artifact, Document
from harness.scan import shapes
from harness.scan.cues import Candidate, CueSet
from harness.scan.engine import Expression, compile_cues
from harness.scan.pieces import STREAMS, Joined, Next, Piece, Suspicion, groups
from harness.scan.tracer import Tracer

__all__ = ["Opened", "RawLane", "Suspicion", "Swept"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file with its bytes at hand, and the format that was chosen for it."""

    artifact: Artifact
    format: Format
    document: Document


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep over a batch gave."""

    suspicions: list[Suspicion]
    """In the order of files, parts and offsets."""
    capped: frozenset[int]
    """Files whose encodings hold more than may be unpacked: the rest of it was not seen."""


_BY_NAME = {each.name: each for each in ENCODINGS}


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign of an encoding that has a literal; the others are shapes."""

    layer: str
    size: int
    """Bytes from its begin to where it is seen."""
    expression: Expression
    touching: bool = False
    """Wanted only where values touch: elsewhere its shape shows it."""


_SIGNS = (
    _Sign("gzip", 3, Expression(rb"\x1f\x8b\x08")),
    _Sign("zlib", 2, Expression(rb"\x78[\x01\x9c\xda]")),
    _Sign("zstd", 4, Expression(rb"\x28\xb5\x2f\xfd")),
    _Sign("snappy", 10, Expression(rb"\xff\x06\x00\x00sNaPpY")),
    _Sign("url", 3, Expression(rb"%(?:25)?(?:40|22|2b|20|7b|3a|28|2f|2c|3d|26%(?:25)?23)", caseless=True)),
    _Sign("url", 7, Expression(rb"%00[^%]%00")),
    # Digits and Base64 of what begins with other bytes than text.
    _Sign("hex", 6, Expression(rb"1f8b08", caseless=True)),
    _Sign("hex", 4, Expression(rb"78(?:01|9c|da)", caseless=True)),
    _Sign("hex", 12, Expression(rb"62706c697374", caseless=True), touching=True),
    _Sign("double-bits", 19, Expression(BITS_TEXT)),
    _Sign("hex", 8, Expression(rb"28b52ffd", caseless=True)),
    _Sign("base64", 4, Expression(rb"H4sI")),
    _Sign("hex", 16, Expression(rb"ff060000734e6150", caseless=True)),
    _Sign("base64", 5, Expression(rb"KLUv[/_]")),
    _Sign("base64", 12, Expression(rb"[/_]wYAAHNOYVBw")),
    _Sign("base64", 3, Expression(rb"e(?:AE|J[w-z]|N[o-r])"), touching=True),
    _Sign("base64", 10, Expression(rb"YnBsaXN0MD")),
)
_BARE = re.compile(rb"[ (+\-]{0,3}[0-9][0-9 .,()/+\-]{5,63}|[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
"""A number or an identifier that somebody encoded: its key may make it personal, and stands where only the format
knows."""
_ESCAPES = (
    Expression(rb"[A-Za-z0-9._+\-]=40[A-Za-z0-9]"),
    Expression(rb"[^=\s]=(?:\r?\n|(?:\\r)?\\n|(?:&#13;)?&#10;)(?:[A-Za-z0-9@._+(]|-[^-])"),
    Expression(rb"bplist00"),
    Expression(rb"\\u00(?:40|2b|2d|2e)", caseless=True),
    Expression(
        rb"&(?:#0{0,4}(?:64|4[0135-9]|5[0-7]|x0{0,4}(?:40|2[89bde]|3[0-9]))|commat|plus|period|lpar|hyphen|dash);",
        caseless=True,
    ),
)
"""A document whose keys and values stand apart, and characters that give personal data away, escaped by a document's
own syntax or as HTML has it: only what decodes the value can tell."""
_TOUCHING = {"base64": (touching_base64, 4), "hex": (touching_hex, 2)}
"""How to peel where values touch, and how many places there are where a run may begin."""


class RawLane:
    """The sweep over a batch of files."""

    def __init__(
        self,
        detectors: Mapping[str, Detector],
        cues: CueSet,
        tracer: Tracer | None,
        limits: Limits,
        marks: Sequence[bytes] = (),
    ) -> None:
        """`marks` are expressions that match where a ciphertext of a known scheme begins."""
        self._detectors = detectors
        self._cues = cues
        self._tracer = tracer
        self._limits = limits
        told = [*_ESCAPES, *(Expression(mark) for mark in marks)]
        self._shapes = {*cues.shapes, *shapes.ENCODED}
        self._signs = compile_cues([*(sign.expression for sign in _SIGNS), *told])

    def sweep(self, batch: Sequence[Opened], telling: re.Pattern[bytes]) -> Swept:
        """Every place worth decoding."""
        pieces = list(self._first(batch, telling))
        found: dict[tuple[object, ...], Suspicion] = {}
        least = self._limits.expanded_bytes  # a large file may well hold as much, and its copies in copies
        left = {owner: max(least, 4 * len(opened.document.data)) for owner, opened in enumerate(batch)}
        for _round in range(self._limits.depth + 1):
            following = Next([], left)
            apart = ([each for each in pieces if each.framed is framed] for framed in (False, True))
            for group in (group for each in apart for group in groups(each)):
                for suspicion in self._search(batch, Joined.of(group), following):
                    found.setdefault(suspicion.mark, suspicion)
            pieces = following.pieces
            if not pieces:
                break
        return Swept(
            sorted(found.values(), key=lambda s: s.mark),
            frozenset(owner for owner, remaining in left.items() if remaining <= 0),
        )

    def _first(self, batch: Sequence[Opened], telling: re.Pattern[bytes]) -> Iterator[Piece]:
        """The files as they are, and what their formats say is in them but not in their bytes."""
        for owner, opened in enumerate(batch):
            framed = opened.format.framed
            yield Piece(owner, "", opened.document.data, framed=framed)
            for suffix, data in opened.document.sidecars.items():
                yield Piece(owner, suffix, data, framed=framed)
            try:
                for piece in opened.format.expand(opened.document, telling, self._limits):
                    yield Piece(owner, piece.part, piece.data, piece.anchors, piece.exact, framed=framed)
            except FormatError:
                continue  # the ledger says what is damaged; the raw bytes are swept all the same

    def _search(self, batch: Sequence[Opened], joined: Joined, following: Next) -> Iterator[Suspicion]:
        kernel = shapes.find(joined.buffer, joined.length, self._shapes)
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

    def _starts(self, candidate: Candidate, joined: Joined, k: int, *, framed: bool) -> list[int]:
        """A byte of each value that the pattern finds near a candidate: the cue itself where it is in one. It counts
        in a framed format whatever the pattern says: values touch there, and only the format tells them apart."""
        low, high = max(joined.starts[k], candidate.start), min(joined.starts[k + 1] - 1, candidate.end)
        detector, at = self._detectors[candidate.detector], candidate.anchor
        if candidate.is_shape:
            is_one = detector.is_possible(joined.buffer, at, low, high)
            return [at] if is_one and (framed or detector.pattern.search(joined.buffer, low, high)) else []
        group = "value" if "value" in detector.pattern.groupindex else 0
        found = [each.span(group) for each in detector.pattern.finditer(joined.buffer, low, high)]
        if any(start <= at < end for start, end in found):
            return [at]  # what else is near has cues of its own
        return [*([at] if framed else ()), *(start for start, _ in found)]

    def _encoded(self, joined: Joined, kernel: Mapping[str, list[int]], following: Next) -> Iterator[Suspicion]:
        """What is under an encoding goes into the next round."""
        cues, escaped = self._cued(joined, kernel)
        for at in escaped:
            yield joined.suspicion(joined.index(at), at)
        done: dict[tuple[str, bool, int], int] = {}
        begun: set[tuple[str, int]] = set()
        for at, name, touching in cues:
            k = joined.index(at)
            piece, floor, ceiling = joined.pieces[k], joined.starts[k], joined.starts[k + 1] - 1
            peel, places = _TOUCHING[name] if touching else (_BY_NAME[name].at, 2 if name == shapes.WIDE else 1)
            mark = name, touching, at % places
            left = following.left[piece.owner]
            if at < done.get(mark, -1) or piece.depth >= self._limits.depth or left <= 0:
                continue
            run = peel(joined.buffer, at, floor, ceiling, min(self._limits.piece_bytes, left))
            if run is None:
                done[mark] = at + _BY_NAME[name].stride
                continue
            # A deflate stream does not say where it ends; a run of characters does.
            done[mark] = at + 1 if name in STREAMS else run.end
            if (name, run.start) in begun:
                continue
            begun.add((name, run.start))
            following.add(piece.child(run, floor))
            bare = _BARE.search(run.data) if piece.framed or touching else _BARE.fullmatch(run.data)
            if bare:
                yield joined.suspicion(k, run.source((bare.start() + bare.end()) // 2))

    def _cued(self, joined: Joined, kernel: Mapping[str, list[int]]) -> tuple[list[tuple[int, str, bool]], list[int]]:
        """Where encodings may be, of which name, and whether values touch there, in order; and where characters are
        escaped."""
        framed = joined.pieces[0].framed
        cues = [(at, shapes.WIDE, False) for at in kernel.get(shapes.WIDE, ())]
        cues += [(at, shapes.HEX, framed) for at in kernel.get(shapes.HEX, ())]
        escaped = []
        for end, number in self._signs.scan(joined.buffer, joined.length):
            if number >= len(_SIGNS):
                escaped.append(end - 1)
            elif framed or not _SIGNS[number].touching:
                layer = _SIGNS[number].layer
                cues.append(
                    (end - _SIGNS[number].size, layer, layer == shapes.BASE64 or (framed and layer in _TOUCHING))
                )
        for shape in (shapes.TOUCHING, shapes.TOUCHING_WIDE):
            cues += [(at, shapes.BASE64, True) for at in kernel.get(shape, ())]
        cues += [(at, shapes.BASE64, False) for at in kernel.get(shapes.BASE64, ())]
        return sorted(set(cues)), escaped
