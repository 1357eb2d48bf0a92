"""Leaves to hits: joined into one buffer, searched in one pass, each candidate tried by the exact rule.

One buffer for many values is what makes this fast: an engine call costs as much as a hundred bytes of scanning.
Where two classes claim the same characters, the better proved one has them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from harness.detectors.base import Detector, Match, Window
from harness.formats.base import as_bytes
from harness.model import MaskRule, Meaning, State
from harness.persona import FIELD_MASKS, type_of
from harness.persona.forms import Form
from harness.scan.cues import CueSet
from harness.scan.noise import is_noise, text_around
from harness.scan.tracer import Traced, Tracer, tells
from harness.scan.unfold import Leaf

__all__ = ["Confirmer", "Hit"]

_CHUNK = 4 << 20
_KEY_END, _LEAF_END = b"\x1f", b"\x1e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One piece of personal data, still raw: it lives until it is masked."""

    leaf: Leaf = field(repr=False)
    start: int
    """Within the key where `in_key`, else within the value as it is searched."""
    end: int
    in_key: bool
    type: str
    confidence: float
    why: tuple[str, ...]
    value: bytes = field(repr=False)
    normal: bytes = field(repr=False)
    """What the fingerprint is taken of."""
    mask: MaskRule
    persona_field: str | None = None
    form: str = "plain"
    layers: tuple[str, ...] = ()
    shown: tuple[int, ...] = ()
    """Of a masked value: places of its characters that show."""

    @property
    def is_masked(self) -> bool:
        """Only a part of the value is there."""
        return Meaning.of(self.form, self.layers) is Meaning.MASKED


class _Part(NamedTuple):
    """One leaf as it is searched."""

    key: bytes
    """Its name, and that of the object that it is in, `phone.number`: what a value is may be said one level up."""
    own: int
    """Where in there its own name begins."""
    value: bytes

    def __repr__(self) -> str:
        return f"_Part({len(self.key)}, {self.own}, {len(self.value)})"


_DOT = rb"(?:\*|\xe2\x80\xa2|\xe2\x97\x8f)"
_MASKED_BEFORE = re.compile(rb"(?:%b[._\-]?|%b{2}[ ])\Z" % (_DOT, _DOT))
_MASKED_BEHIND = re.compile(rb"[._\-]?%b|(?<=[0-9])[ ]%b{2}" % (_DOT, _DOT))


def _is_rest_of_a_mask(buffer: bytes, match: Match, window: Window) -> bool:
    """Whether a value is what a mask left over (`j***.roe@…`): stars on one side of it. On both they are markup."""
    before = _MASKED_BEFORE.search(buffer[max(window.floor, match.start - 7) : match.start])
    behind = _MASKED_BEHIND.match(buffer, match.end, window.ceiling)
    return (before is None) is not (behind is None)


def _is_believable(detector: Detector, leaf: Leaf, match: Match, floor: int, window: Window) -> bool:
    """False for what chance would give in noise: short, or with characters that are no ASCII."""
    least = detector.least_in_noise
    data, ceiling = window.buffer, window.ceiling
    if not least or text_around(data, match.start, match.end, floor, ceiling, reach=least) >= least:
        return True
    return not (leaf.doubtful or is_noise(data, match.start, floor, ceiling))


def _part(leaf: Leaf) -> _Part:
    own = leaf.key.encode("utf-8", "surrogatepass")
    if leaf.in_key:
        return _Part(own, 0, b"")
    outer = b""
    if len(leaf.steps) > 1 and isinstance(leaf.steps[-1], str) and isinstance(leaf.steps[-2], str):
        outer = leaf.steps[-2].encode("utf-8", "surrogatepass") + b"."
    return _Part(outer + own, len(outer), as_bytes(leaf.value))


class Confirmer:
    """The exact rules of all detectors and of one persona."""

    def __init__(self, detectors: Mapping[str, Detector], cues: CueSet, tracer: Tracer | None) -> None:
        self._detectors = detectors
        self._by_type = {each.type: each for each in detectors.values()}
        self._cues = cues
        self._tracer = tracer

    def hits(self, leaves: Sequence[Leaf]) -> list[Hit]:
        """Everything that the leaves hold, in their order; overlaps settled."""
        out: list[Hit] = []
        batch: list[Leaf] = []
        parts: list[_Part] = []
        size = 0
        for leaf in leaves:
            part = _part(leaf)
            batch.append(leaf)
            parts.append(part)
            size += len(part.key) + len(part.value) + 2
            if size >= _CHUNK:
                out += self._search(batch, parts)
                batch, parts, size = [], [], 0
        if batch:
            out += self._search(batch, parts)
        return out

    def _search(self, leaves: Sequence[Leaf], parts: Sequence[_Part]) -> Iterator[Hit]:
        joined = [part.key + _KEY_END + part.value for part in parts]
        starts = [0, *accumulate(len(each) + 1 for each in joined)]
        buffer = _LEAF_END.join(joined)
        found: dict[int, list[Hit]] = {}
        for k, hit in self._candidates(leaves, parts, starts, buffer):
            found.setdefault(k, []).append(hit)
        for k in sorted(found):
            yield from _settle(found[k])

    def _candidates(
        self, leaves: Sequence[Leaf], parts: Sequence[_Part], starts: Sequence[int], buffer: bytes
    ) -> Iterator[tuple[int, Hit]]:
        if self._tracer is not None:
            for traced in self._tracer.occurrences(buffer, len(buffer)):
                k = bisect_right(starts, traced.start) - 1
                border, own = starts[k] + len(parts[k].key), starts[k] + parts[k].own
                if traced.start < own or traced.start <= border < traced.end:
                    continue  # in the outer name, which is searched by itself; or across a key and its value
                yield k, self._traced(leaves[k], traced, own, border, buffer)
        for name, k, window in self._windows(leaves, parts, starts, buffer):
            border = starts[k] + len(parts[k].key)
            in_key = window.ceiling == border
            floor = window.floor if in_key else border + 1
            for match in self._detectors[name].confirm(window):
                # Bytes of no known form may end in a star that is a length or a tag: only decoded text is masked.
                if leaves[k].state is State.LIVE and _is_rest_of_a_mask(buffer, match, window):
                    continue
                if _is_believable(self._detectors[name], leaves[k], match, floor, window):
                    yield k, _matched(leaves[k], self._detectors[name], match, floor, in_key, buffer)

    def _windows(
        self, leaves: Sequence[Leaf], parts: Sequence[_Part], starts: Sequence[int], buffer: bytes
    ) -> Iterator[tuple[str, int, Window]]:
        """Where each detector must look. Windows that overlap are one: where values stand close together, each is
        in the windows of all of its neighbours."""
        spans: dict[tuple[str, int, bool], list[tuple[int, int]]] = {}
        for cue in self._cues.find(buffer, len(buffer)):
            k = bisect_right(starts, cue.anchor) - 1
            if cue.anchor >= starts[k] + parts[k].own:
                in_key = cue.anchor < starts[k] + len(parts[k].key)
                spans.setdefault((cue.detector, k, in_key), []).append((cue.start, cue.end))
        for (name, k, in_key), found in spans.items():
            border, own = starts[k] + len(parts[k].key), starts[k] + parts[k].own
            low, ceiling = (own, border) if in_key else (border + 1, starts[k + 1] - 1)
            for start, end in _merged(found):
                window = Window(
                    buffer,
                    max(low, start),
                    max(low, min(ceiling, end)),
                    own if in_key else starts[k],
                    ceiling,
                    b"" if in_key else parts[k].key,
                    tuple(step for step in leaves[k].steps if isinstance(step, str)),
                )
                yield name, k, window

    def _traced(self, leaf: Leaf, traced: Traced, start: int, border: int, buffer: bytes) -> Hit:
        assert self._tracer is not None
        form, in_key = traced.form, traced.end <= border
        kind = type_of(form.persona_field)
        seeded = self._tracer.value(form.persona_field)
        detector = self._by_type.get(kind)
        offset = start if in_key else border + 1
        sure = traced.sure or _is_all_that_was_encoded(leaf, traced) or _is_named(leaf, form)
        return Hit(
            leaf=leaf,
            start=traced.start - offset,
            end=traced.end - offset,
            in_key=in_key or leaf.in_key,
            type=kind,
            confidence=(_FITS if traced.shown else 1.0) if sure else _BY_CHANCE,
            why=_why_traced(traced, sure=sure),
            value=seeded,
            normal=detector.normalise(seeded) if detector else seeded.lower(),
            mask=FIELD_MASKS.get(form.persona_field, MaskRule.HIDDEN),
            persona_field=form.persona_field,
            form=form.spelling,
            layers=leaf.layers + form.layers,
            shown=traced.shown,
        )


_FITS, _BY_CHANCE = 0.95, 0.5
"""Confidence that a masked value is the seeded one, and that a short one is where nothing near says so: a guess."""


_ENCODINGS = frozenset({"base64", "hex", "url", "html", "quoted-printable", "gzip", "zlib", "zstd", "jwt"})


def _is_all_that_was_encoded(leaf: Leaf, traced: Traced) -> bool:
    """Whether somebody encoded just this value: what is short may be met by chance, but not so."""
    return not _ENCODINGS.isdisjoint(leaf.layers) and traced.end - traced.start == len(as_bytes(leaf.value))


def _is_named(leaf: Leaf, form: Form) -> bool:
    """Whether a name on the way to the value tells of the field; those next to it were looked at."""
    names = ".".join(step for step in leaf.steps if isinstance(step, str))
    return tells(form, names.encode("utf-8", "surrogatepass"))


def _why_traced(traced: Traced, *, sure: bool) -> tuple[str, ...]:
    form = traced.form
    what = f"the seeded {form.persona_field.replace('_', ' ')}"
    if form.spelling.partition(":")[0] == "masked":
        part = form.spelling.partition(":")[2]
        return (f"{f'the {part} of' if part else 'a mask that fits'} {what}: {len(traced.shown)} characters show",)
    spelling = "" if form.spelling == "plain" else f", spelled `{form.spelling}`"
    doubt = () if sure else ("too short to be nobody else's, and nothing near says what it is",)
    return (f"equals {what}{spelling}", *doubt)


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those that overlap or touch, as one."""
    spans.sort()
    begun, reached = spans[0]
    for start, end in spans:
        if start > reached:
            yield begun, reached
            begun = start
        reached = max(reached, end)
    yield begun, reached


def _matched(leaf: Leaf, detector: Detector, match: Match, offset: int, in_key: bool, buffer: bytes) -> Hit:
    value = buffer[match.start : match.end]
    return Hit(
        leaf=leaf,
        start=match.start - offset,
        end=match.end - offset,
        in_key=in_key,
        type=detector.type,
        confidence=match.confidence,
        why=match.why,
        value=value,
        normal=detector.normalise(value),
        mask=detector.mask,
        layers=leaf.layers,
    )


def _settle(hits: list[Hit]) -> Iterator[Hit]:
    """One span, one class: the seeded person first, then the surer, then the longer."""
    taken: dict[bool, list[tuple[int, int]]] = {False: [], True: []}
    kept: list[Hit] = []
    ranked = sorted(
        hits,
        key=lambda h: (
            h.persona_field is None, len(h.layers), -h.confidence, h.start - h.end, h.start, h.type, h.form,
        ),
    )  # fmt: skip
    for hit in ranked:
        spans = taken[hit.in_key]
        at = bisect_left(spans, (hit.end,))
        # Those that were taken are apart, so only the last that begins before its end can reach into it.
        if at == 0 or spans[at - 1][1] <= hit.start:
            spans.insert(at, (hit.start, hit.end))
            kept.append(hit)
    yield from sorted(kept, key=lambda h: (not h.in_key, h.start, h.end))
