"""Decoded values to leaves: documents inside values are decoded in place, encodings peeled, four levels at most.

Both lanes end here, which is why they agree: the raw lane unfolds the values that it became suspicious of, the
decoded lane unfolds all of them.
"""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from harness.encodings import is_text, peel
from harness.errors import FormatError
from harness.formats.base import Format, as_bytes
from harness.limits import Limits
from harness.model import Document, Long, Place, Scalar, SealState, State, Step
from harness.scan.narrow import suspected
from harness.scan.sealed import SHUT, Opener, Seal, Unsealed

__all__ = ["Leaf", "Unfolder", "Way", "as_text", "choose_format"]

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
    seal: Seal | None = None
    """It was under encryption, and was opened."""
    ciphertext: int = 0
    """Bytes; where not 0 this is no value and says what became of a ciphertext: of one that was opened, what is in it
    follows."""

    @property
    def key(self) -> str:
        return next((step for step in reversed(self.steps) if isinstance(step, str)), "")

    @property
    def place(self) -> tuple[tuple[Step, ...], State, tuple[str, ...]]:
        """Equal for what was read at one place under the same layers."""
        return self.steps, self.state, self.layers


@dataclass(frozen=True, slots=True)
class Way:
    """How a value was reached."""

    layers: tuple[str, ...] = ()
    """Peeled off, outermost first."""
    depth: int = 0
    """Documents and encodings entered."""
    seal: Seal | None = None
    """The last ciphertext that was opened."""

    def into(self, layer: str, seal: Seal | None = None) -> "Way":
        """One layer on."""
        return Way((*self.layers, layer), self.depth + 1, seal or self.seal)


_OPEN = Way()


def choose_format(formats: Mapping[str, Format], head: bytes, size: int) -> Format:
    """The format that is surest of a document; ties go by name."""
    return max(
        (formats[name] for name in sorted(formats)),
        key=lambda each: (each.sniff(head, size), [-ord(c) for c in each.name]),
    )


class Unfolder:
    """Knows the formats that a value may hold."""

    def __init__(self, formats: Mapping[str, Format], limits: Limits, opener: Opener = SHUT) -> None:
        self._nested: Sequence[Format] = [each for each in formats.values() if not each.container_only]
        self._limits = limits
        self._opener = opener

    def held(self, place: Place, offsets: Sequence[int]) -> Iterator[Leaf]:
        """The leaves of a place's value that hold these bytes of it; all of them where that cannot be told."""
        value = place.value
        whole = self._opener.whole(value) or _is_printed(value)
        inside = self._document(value) if value[:1] in (b"{", b"[") and not whole else None
        if inside is not None and inside.quoted:
            told = suspected(value, offsets)
            found = [*self._narrowed(inside, place, told)] if told is not None else []
            if found:
                return iter(found)
        return self.leaves(as_text(value), place.steps, state=place.state)

    def _narrowed(self, inside: Format, place: Place, told: Set[object]) -> Iterator[Leaf]:
        """Nothing where the document is damaged."""
        try:
            found = [*inside.decode_told(Document(place.value), told, self._limits)]
        except FormatError:
            return
        way = Way(depth=1)
        for each in found:
            yield from self._names(place.steps, each.steps, place.state, way)
            yield from self.leaves(each.value, place.steps + each.steps, state=place.state, way=way)

    def leaves(self, value: Scalar, steps: tuple[Step, ...], *, state: State, way: Way = _OPEN) -> Iterator[Leaf]:
        """The value itself, or what it holds. Damage ends a nested document, never the walk.

        Args:
            value: as a format decoded it.
            steps: its place in the file.
            state: of the place.
            way: what was peeled off and entered already.
        """
        if not isinstance(value, str | bytes):
            yield Leaf(steps, value, state, way.layers, seal=way.seal)
            if isinstance(value, Long) and way.depth < self._limits.depth:
                yield from self._peeled(as_bytes(value), steps, state, way)
            return
        data = as_bytes(value)
        sealed = self._opener.whole(data)
        if sealed is not None and sealed.seal.is_open and way.depth < self._limits.depth:
            yield from self._judged(sealed, steps, state, way)
            return
        # A row of numbers in brackets reads as JSON, too; as what nothing opened it is one value.
        is_whole = (sealed is not None and sealed.seal.state is not SealState.MALFORMED) or _is_printed(data)
        inside = self._document(data) if way.depth < self._limits.depth and not is_whole else None
        if inside is not None:
            # The document that a stored value is, is no layer; a document within it, or within an encoding, is.
            entered = yield from self._inside(inside, data, steps, state, way)
            if entered:
                return
        yield Leaf(steps, value, state, way.layers, seal=way.seal)
        if way.depth < self._limits.depth and len(data) >= _SHORTEST:
            yield from self._peeled(data, steps, state, way)
            yield from self._unsealed(data, steps, state, way)

    def _peeled(self, data: bytes, steps: tuple[Step, ...], state: State, way: Way) -> Iterator[Leaf]:
        """What is under an encoding."""
        for run in peel(data, limit=self._limits.piece_bytes):
            yield from self.leaves(as_text(run.data), steps, state=state, way=way.into(run.layer))

    def _unsealed(self, data: bytes, steps: tuple[Step, ...], state: State, way: Way) -> Iterator[Leaf]:
        """What the ciphertexts in a value or a name hold; and of each that stays shut, that it does."""
        for each in self._opener.opened(data):
            yield from self._judged(each, steps, state, way)

    def _judged(self, each: Unsealed, steps: tuple[Step, ...], state: State, way: Way) -> Iterator[Leaf]:
        seal = each.seal.under(way.seal)
        yield Leaf(steps, None, state, (*way.layers, seal.layer), seal=seal, ciphertext=each.end - each.start)
        if seal.state is SealState.OPENED:
            yield from self.leaves(as_text(each.plain) or "", steps, state=state, way=way.into(seal.layer, seal))

    def _inside(
        self, inside: Format, data: bytes, steps: tuple[Step, ...], state: State, way: Way
    ) -> Generator[Leaf, None, bool]:
        """The leaves of a nested document; returns whether it was one, whole."""
        entered = False
        told: tuple[Step, ...] | None = None
        layers = (*way.layers, inside.layer or inside.name) if way.depth else way.layers
        inner = Way(layers, way.depth + 1, way.seal)
        try:
            for each in inside.decode(Document(data), self._limits):
                entered = True
                if each.steps[:-1] != told:
                    told = each.steps[:-1]
                    yield from self._names(steps, each.steps, state, inner)
                yield from self._sealed_name(steps + each.steps, state, inner)
                if isinstance(each.value, str | bytes):
                    yield from self.leaves(each.value, steps + each.steps, state=state, way=inner)
                else:
                    yield Leaf(steps + each.steps, each.value, state, layers, seal=way.seal)
        except FormatError:
            return False
        return entered

    def _names(self, base: tuple[Step, ...], steps: tuple[Step, ...], state: State, way: Way) -> Iterator[Leaf]:
        """The names on the way to a value, without the last, which is searched with the value itself."""
        last = max((n for n, step in enumerate(steps) if isinstance(step, str)), default=-1)
        for n, step in enumerate(steps[: max(last, 0)]):
            if isinstance(step, str) and len(step) >= 6:
                yield Leaf(base + steps[: n + 1], step, state, way.layers, in_key=True, seal=way.seal)

    def _sealed_name(self, steps: tuple[Step, ...], state: State, way: Way) -> Iterator[Leaf]:
        """What is sealed in the name of a value: an SDK may build its keys out of what it hides."""
        if self._opener is not SHUT and isinstance(steps[-1], str) and len(steps[-1]) >= _SHORTEST:
            yield from self._unsealed(steps[-1].encode("utf-8", "surrogatepass"), steps, state, way)

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


_PRINTED = re.compile(rb"\[ ?-?[0-9]{1,3}(?:, ?-?[0-9]{1,3}){4,} ?\]")


def _is_printed(data: bytes) -> bool:
    """Whether a text is a row of bytes as programs print them: one value, and no list of numbers."""
    if not (data[:1] == b"[" and _PRINTED.fullmatch(data)):
        return False
    return all(-128 <= int(each) <= 255 for each in data[1:-1].split(b","))


_OPENERS = (b"bplist", b"SQLite format 3")
"""Documents that begin with a letter; a value that begins with any other letter or a digit is none."""


def as_text(data: bytes) -> str | bytes:
    """Text where the bytes read as text, else the bytes."""
    if is_text(data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data
    return data
