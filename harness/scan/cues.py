"""All cues of all detectors as one search, and the windows that a hit opens."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from harness.detectors.base import Cue, Detector, Shape
from harness.model import Buffer
from harness.scan.engine import CueEngine, Expression, compile_cues

__all__ = ["Candidate", "CueSet"]

_SHAPE_BEFORE, _SHAPE_AFTER = 24, 40
"""How far round the first byte of a shape its value can reach."""
_LONG_AFTER = {Shape.IBAN: 56, Shape.COLONS: 56, Shape.TITLE_PAIR: 56}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a detector's pattern may match."""

    detector: str
    anchor: int
    """A byte of the cue itself: the segment that it is in is the one that counts."""
    start: int
    """Of the window; may lie before the segment."""
    end: int
    is_shape: bool = False
    """The anchor is a byte of the value, where there is one."""


class CueSet:
    """The cues of a set of detectors, compiled once."""

    def __init__(self, detectors: Mapping[str, Detector], engine: CueEngine | None = None) -> None:
        self._cues: list[tuple[str, Cue]] = [(name, cue) for name, each in detectors.items() for cue in each.cues]
        self._shapes: dict[str, list[str]] = {}
        for name, each in detectors.items():
            for shape in each.shapes:
                self._shapes.setdefault(shape, []).append(name)
        self._engine = engine or compile_cues([Expression(cue.expression, cue.caseless) for _, cue in self._cues])

    @property
    def shapes(self) -> Collection[str]:
        """What the kernel has to look for."""
        return self._shapes.keys()

    def find(self, buffer: Buffer, length: int) -> Iterator[Candidate]:
        """Every candidate in the first `length` bytes."""
        from harness.scan import shapes  # noqa: PLC0415 - numpy is heavy, and only a scan needs it

        yield from self.literal(buffer, length)
        yield from self.shaped(shapes.find(buffer, length, self.shapes))

    def literal(self, buffer: Buffer, length: int) -> Iterator[Candidate]:
        """Candidates that a cue gives."""
        for end, number in self._engine.scan(buffer, length):
            name, cue = self._cues[number]
            yield Candidate(name, end - 1, end - cue.before, end + cue.after)

    def shaped(self, found: Mapping[str, list[int]]) -> Iterator[Candidate]:
        """Candidates that the kernel gave."""
        for shape, names in self._shapes.items():
            after = _LONG_AFTER.get(Shape(shape), _SHAPE_AFTER)
            for at in found.get(shape, ()):
                for name in names:
                    yield Candidate(name, at, at - _SHAPE_BEFORE, at + after, is_shape=True)
