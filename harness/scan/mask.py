"""Where raw values end: hits become detections, and names that hold personal data are veiled.

Keys, table names and paths are stored data too (SDKs build JSON keys out of a user's identity), so every text of a
locator goes through the same rules as a value before it may be shown.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from harness.encodings import Run, peel
from harness.model import Detection, Facts, Locator, Sealed, StoredIdentifier, Unread
from harness.redaction import Redactor
from harness.scan.attribution import ClaimIndex
from harness.scan.confirm import Hit
from harness.scan.sealed import Lock
from harness.scan.unfold import Leaf, as_text

__all__ = ["Masker", "Veil"]


class Masker:
    """Turns raw hits into what may be published, but for the veil on names."""

    def __init__(self, redactor: Redactor, claims: ClaimIndex | None = None) -> None:
        self._redactor = redactor
        self._claims = claims or ClaimIndex(())

    def detection(self, hit: Hit, facts: Facts, source_format: str) -> Detection:
        """A hit with its value masked."""
        steps = hit.leaf.steps
        if hit.in_key:
            last = max((n for n, step in enumerate(steps) if isinstance(step, str)), default=-1)
            steps = steps[: last + 1]
        locator = Locator(path=facts.path, container=facts.container, steps=steps)
        owner = self._claims.owner(locator)
        seal = hit.leaf.seal
        return Detection(
            type=hit.type,
            confidence=hit.confidence,
            why=hit.why,
            evidence=self._redactor.evidence(hit.value, rule=hit.mask, normal=hit.normal),
            locator=locator,
            facts=facts,
            persona_field=hit.persona_field,
            form=hit.form,
            state=hit.leaf.state,
            layers=hit.layers,
            in_key=hit.in_key,
            sdk=owner.sdk if owner else None,
            role=owner.role if owner else None,
            source_format=source_format,
            component=owner.component if owner else "",
            remedy=owner.remedy if owner else "",
            versions=owner.versions if owner else "",
            key=seal.reason if seal else "",
            opened_by=seal.opened_by if seal else None,
            by_code=seal is not None and seal.by_code,
            shown=hit.shown,
            shown_of=sum(map(str.isalnum, hit.value.decode("utf-8", "replace"))) if hit.shown else 0,
        )


@dataclass(frozen=True, slots=True)
class _Layer:
    """A name, or what a part of one is under an encoding."""

    name: str
    leaf: Leaf = field(repr=False)
    runs: tuple[Run, ...] = ()
    """What was peeled off, outermost first."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the name has what this has from `start` to `end`: just that where a text has single characters
        escaped, all of the run where none of it can be shown."""
        for run in reversed(self.runs):
            if run.layer in _PARTLY:
                start, end = run.source(start), run.source(end)
            else:
                start, end = run.start, run.end
        return start, end


_PARTLY = frozenset({"url", "html"})


class Veil:
    """Replaces personal data in names by its class and fingerprint: `{EMAIL:3fa9c1d2}`; encoded, with the whole run
    that it is in."""

    def __init__(
        self,
        confirm: Callable[[Sequence[Leaf]], list[Hit]],
        redactor: Redactor,
        texts: Iterable[str],
        locks: Sequence[Lock] = (),
    ) -> None:
        """`locks` say what ciphertext looks like: who has the key reads it in a name as well as in a value."""
        names = sorted({text for text in texts if len(text) >= _SHORTEST})
        self._veiled: dict[str, str] = {}
        layers = {id(layer.leaf): layer for name in names for layer in _layers(name)}
        found: dict[str, list[_Named]] = {}
        for hit in confirm([layer.leaf for layer in layers.values()]):
            layer = layers[id(hit.leaf)]
            found.setdefault(layer.name, []).append(_Named(*layer.span(hit.start, hit.end), hit.type, hit.normal))
        for name in names:
            found.setdefault(name, []).extend(_ciphertexts(name.encode("utf-8", "surrogatepass"), locks))
        for name, spans in found.items():
            raw = name.encode("utf-8", "surrogatepass")
            for each in reversed(_apart(spans)):
                raw = raw[: each.start] + redactor.veil(each.type, each.normal).encode() + raw[each.end :]
            self._veiled[name] = raw.decode("utf-8", "surrogatepass")

    def text(self, text: str) -> str:
        """The text as it may be shown."""
        return self._veiled.get(text, text)

    def locator(self, locator: Locator) -> Locator:
        steps = tuple(self.text(step) if isinstance(step, str) else step for step in locator.steps)
        return replace(locator, path=self.text(locator.path), container=self.text(locator.container), steps=steps)

    def facts(self, facts: Facts) -> Facts:
        return replace(facts, path=self.text(facts.path), container=self.text(facts.container))

    def detection(self, detection: Detection) -> Detection:
        return replace(detection, locator=self.locator(detection.locator), facts=self.facts(detection.facts))

    def identifier(self, identifier: StoredIdentifier) -> StoredIdentifier:
        return replace(identifier, locator=self.locator(identifier.locator))

    def sealed(self, sealed: Sealed) -> Sealed:
        return replace(sealed, locator=self.locator(sealed.locator))

    def unread(self, unread: Unread) -> Unread:
        return replace(unread, path=self.text(unread.path), container=self.text(unread.container))


_SHORTEST = 5
"""Characters; nothing shorter can be personal data that a rule knows."""
_DEPTH = 4
_PIECE = 1 << 16
"""Bytes that one run of a name may unpack to."""


def _layers(name: str) -> Iterator[_Layer]:
    """The name and all that peeling finds in it."""
    yield _Layer(name, Leaf((name,), name, in_key=True))
    pending: list[tuple[bytes, tuple[Run, ...]]] = [(name.encode("utf-8", "surrogatepass"), ())]
    while pending:
        data, runs = pending.pop()
        for run in peel(data, limit=_PIECE) if len(runs) < _DEPTH else ():
            inner = (*runs, run)
            yield _Layer(name, Leaf((), as_text(run.data), layers=tuple(each.layer for each in inner)), inner)
            pending.append((run.data, inner))


class _Named(NamedTuple):
    """What is to be hidden in a name."""

    start: int
    end: int
    type: str
    normal: bytes

    def __repr__(self) -> str:
        return f"_Named({self.start}, {self.end}, {self.type})"


def _ciphertexts(name: bytes, locks: Sequence[Lock]) -> Iterator[_Named]:
    for lock in locks:
        if lock.cipher.sign in name:
            for found in lock.cipher.pattern.finditer(name):
                yield _Named(found.start(), found.end(), "SEALED", found[0])


def _apart(spans: Iterable[_Named]) -> list[_Named]:
    """In their order, those that overlap as one, named after the longest."""
    out: list[_Named] = []
    for each in sorted(spans, key=lambda span: (span.start, -span.end)):
        if out and each.start < out[-1].end:
            out[-1] = out[-1]._replace(end=max(each.end, out[-1].end))
        else:
            out.append(each)
    return out
