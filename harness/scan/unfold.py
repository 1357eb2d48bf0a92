"""Decoded values to leaves: documents inside values are decoded in place, encodings peeled, four levels at most.

Both lanes end here, which is why they agree: the raw lane unfolds the values that it became suspicious of, the
decoded lane unfolds all of them.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from harness.encodings import is_text, peel
from harness.errors import FormatError
from harness.formats.base import Format, as_bytes
from harness.limits import Limits
from harness.model import Document, Place, Scalar, State, Step, Value
from harness.scan.narrow import suspected

__all__ = ["Leaf", "Unfolder", "as_text", "choose_format"]

_HEAD = 4096
_SHORTEST = 8
"""Bytes; nothing shorter is worth peeling."""
_SUREST = 0.5
"""A nested value is a document only where a format is surer than this."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value that holds no further value, where it is, and what was peeled off to get there."""

    steps: tuple[Step, ...]
    value: Scalar = field(repr=False)
    state: State = State.LIVE
    layers: tuple[str, ...] = ()
    in_key: bool = False
    """`value` is a name: of a key, a column, a table."""
    doubtful: bool = False
    """It stands among bytes that look random: what is short in it came about by chance."""

    @property
    def key(self) -> str:
        return next((step for step in reversed(self.steps) if isinstance(step, str)), "")


def choose_format(formats: Mapping[str, Format], head: bytes, size: int) -> Format:
    """The format that is surest of a document; ties go by name."""
    return max(
        (formats[name] for name in sorted(formats)),
        key=lambda each: (each.sniff(head, size), [-ord(c) for c in each.name]),
    )


class Unfolder:
    """Knows the formats that a value may hold."""

    def __init__(self, formats: Mapping[str, Format], limits: Limits) -> None:
        self._nested: Sequence[Format] = [each for each in formats.values() if not each.container_only]
        self._limits = limits

    def held(self, place: Place, offsets: Sequence[int]) -> Iterator[Leaf]:
        """The leaves of a place's value that hold these bytes of it; all of them where that cannot be told."""
        value = place.value
        inside = self._document(value) if value[:1] in (b"{", b"[") else None
        if inside is not None and inside.quoted:
            told = suspected(value, offsets)
            found = [*self._narrowed(inside, place, told)] if told is not None else []
            if found:
                return iter(found)
        return self.leaves(as_text(value), place.steps, state=place.state)

    def _narrowed(self, inside: Format, place: Place, told: Set[object]) -> Iterator[Leaf]:
        """Nothing where the document is damaged."""
        try:
            found = [each for each in inside.decode(Document(place.value), self._limits) if _is_told(each, told)]
        except FormatError:
            return
        for each in found:
            yield from _names(place.steps, each.steps, place.state, ())
            yield from self.leaves(each.value, place.steps + each.steps, state=place.state, depth=1)

    def leaves(
        self, value: Scalar, steps: tuple[Step, ...], *, state: State, layers: tuple[str, ...] = (), depth: int = 0
    ) -> Iterator[Leaf]:
        """The value itself, or what it holds. Damage ends a nested document, never the walk.

        Args:
            value: as a format decoded it.
            steps: its place in the file.
            state: of the place.
            layers: already peeled.
            depth: documents and encodings already entered.
        """
        if not isinstance(value, str | bytes):
            yield Leaf(steps, value, state, layers)
            return
        data = as_bytes(value)
        inside = self._document(data) if depth < self._limits.depth else None
        if inside is not None:
            # The document that a stored value is, is no layer; a document within it, or within an encoding, is.
            inner = (*layers, inside.layer or inside.name) if depth else layers
            entered = yield from self._inside(inside, data, steps, state, inner, depth)
            if entered:
                return
        yield Leaf(steps, value, state, layers)
        if depth < self._limits.depth and len(data) >= _SHORTEST:
            for run in peel(data, limit=self._limits.piece_bytes):
                yield from self.leaves(
                    as_text(run.data), steps, state=state, layers=(*layers, run.layer), depth=depth + 1
                )

    def _inside(
        self, inside: Format, data: bytes, steps: tuple[Step, ...], state: State, layers: tuple[str, ...], depth: int
    ) -> Generator[Leaf, None, bool]:
        """The leaves of a nested document; returns whether it was one, whole."""
        entered = False
        told: tuple[Step, ...] | None = None
        try:
            for each in inside.decode(Document(data), self._limits):
                entered = True
                if each.steps[:-1] != told:
                    told = each.steps[:-1]
                    yield from _names(steps, each.steps, state, layers)
                if isinstance(each.value, str | bytes):
                    yield from self.leaves(
                        each.value, steps + each.steps, state=state, layers=layers, depth=depth + 1
                    )
                else:
                    yield Leaf(steps + each.steps, each.value, state, layers)
        except FormatError:
            return False
        return entered

    def _document(self, data: bytes) -> Format | None:
        if not data.startswith(_OPENERS) and data[:1].isalnum():
            return None
        head = data[:_HEAD]
        surest, best = _SUREST, None
        for each in self._nested:
            sure = each.sniff(head, len(data))
            if sure > surest:
                surest, best = sure, each
        return best


_OPENERS = (b"bplist", b"SQLite format 3")
"""Documents that begin with a letter; a value that begins with any other letter or a digit is none."""


def _is_told(each: Value, told: Set[object]) -> bool:
    return each.value in told or not told.isdisjoint(each.steps)


def _names(base: tuple[Step, ...], steps: tuple[Step, ...], state: State, layers: tuple[str, ...]) -> Iterator[Leaf]:
    """The names on the way to a value, without the last, which is searched with the value itself."""
    last = max((n for n, step in enumerate(steps) if isinstance(step, str)), default=-1)
    for n, step in enumerate(steps[: max(last, 0)]):
        if isinstance(step, str) and len(step) >= 6:
            yield Leaf(base + steps[: n + 1], step, state, layers, in_key=True)


def as_text(data: bytes) -> str | bytes:
    """Text where the bytes read as text, else the bytes."""
    if is_text(data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data
    return data
