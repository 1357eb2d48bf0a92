"""What suspicions lead to: the values that hold them, what is left where no format explains them, and the doubt that
both are only what chance gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from harness.formats.base import printable_run
from harness.model import Place, State
from harness.scan.noise import is_noise
from harness.scan.raw import Opened, Suspicion
from harness.scan.unfold import Leaf, as_text

__all__ = ["Held", "doubted", "is_doubtful", "spare_leaf"]

_LONG = 64
"""Bytes; a longer row of text is none of chance, whatever is around it."""


@dataclass(slots=True)
class Held:
    """A value, and which of its bytes are suspected."""

    place: Place
    is_doubtful: bool = False
    loose: list[int] = field(default_factory=list)
    swept: list[int] = field(default_factory=list)
    """Found while all of the value was swept on its own, as what a stream holds."""
    _same: dict[int, bool] = field(default_factory=dict)
    """By identity of a stream: whether the value is it."""

    def add(self, suspicion: Suspicion, offset: int) -> None:
        """Take one more; `offset` is what the format says of it."""
        stream = suspicion.stream
        if id(stream) not in self._same:
            self._same[id(stream)] = len(stream) == len(self.place.value) and bytes(stream) == self.place.value
        if self._same[id(stream)]:
            self.swept.append(suspicion.within)
        else:
            self.loose.append(offset)

    @property
    def offsets(self) -> list[int]:
        """A format cannot tell the bytes of a stream apart; what was swept in it leaves nothing to the others."""
        return self.swept or self.loose


def spare_leaf(opened: Opened, part: str, suspicion: Suspicion, place: Place) -> Leaf | None:
    """What was seen, as it was seen: for damage, residue and encodings inside of what no format explains."""
    if suspicion.layers:
        if _reads_so(place, suspicion):
            return None
        return Leaf(place.steps, as_text(suspicion.window), place.state, suspicion.layers)
    if place.value:
        return None
    data = opened.document.part(part)
    start, end = printable_run(data, suspicion.offset)
    if end - start < _SHORT and not 0x20 <= data[suspicion.offset] < 0x7F:  # no text: a sensor's record, perhaps
        start, end = max(0, suspicion.offset - _BEFORE), min(len(data), suspicion.offset + _BEHIND)
    state = State.RAW if place.state is State.LIVE else place.state
    seen = replace(place, state=state, value=bytes(data[start:end]))
    doubtful = is_doubtful(opened, part, suspicion.offset, seen)
    return Leaf(place.steps, as_text(seen.value), state, doubtful=doubtful) if end > start else None


_SHORT, _BEFORE, _BEHIND = 8, 64, 8192
"""Bytes round a suspicion among other than text: enough for the header of a record and most of the record."""


def _reads_so(place: Place, suspicion: Suspicion) -> bool:
    """Whether the value at a place is what was seen, without its encoding: text in UTF-16, which its format read.
    What was seen may then be two values that touch each other."""
    low = max(0, place.offset - _NEAR)
    value = place.value[low : place.offset + _NEAR]
    begin = max(0, suspicion.seen - 2 * _NEAR)
    return len(value) > _NEAR // 2 and value in suspicion.window[begin : suspicion.seen + 2 * _NEAR]


_NEAR = 8
"""Bytes to either side that are compared."""


def is_doubtful(opened: Opened, part: str, offset: int, place: Place) -> bool:
    """Whether a place of no known form is among bytes that look random."""
    if place.state is not State.RAW or (len(place.value) >= _LONG and place.value.isascii()):
        return False
    return is_noise(opened.document.part(part), offset)


def doubted(leaves: list[Leaf], located: Sequence[Leaf]) -> list[Leaf]:
    """What was decoded, as doubtful as what was located at the same place: only there one sees what is around it."""
    doubtful = {(leaf.steps, leaf.state) for leaf in located if leaf.doubtful}
    if not doubtful:
        return leaves
    return [replace(leaf, doubtful=(leaf.steps, leaf.state) in doubtful) for leaf in leaves]
