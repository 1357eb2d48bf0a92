"""Artifacts in, hits and a ledger out: both lanes over batches of files.

1. open: read each file, choose its format by content, hash it;
2. account: what is each byte of it;
3. sweep: the raw lane over the whole batch;
4. locate: each suspicion becomes a value; values unfold into leaves;
5. decode: files that somebody asked for, all of their values;
6. confirm: the exact rules on all leaves at once, then what is left over under encodings or outside of any value.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.detectors.base import Detector
from harness.errors import AccessDenied, FormatError
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Artifact, CoverageLine, Document, Facts, Ledger, SealState, Share, State, Unread
from harness.persona import Persona
from harness.scan.confirm import Confirmer, Hit
from harness.scan.cues import CueSet
from harness.scan.held import Held, doubted, is_doubtful, spare_leaf
from harness.scan.raw import Opened, RawLane, Suspicion
from harness.scan.repeats import distinct, unexplained, without_copies
from harness.scan.sealed import Keyring, Opener
from harness.scan.tally import tally, totals
from harness.scan.tracer import Tracer
from harness.scan.unfold import Leaf, Unfolder, as_text, choose_format

__all__ = ["Scanned", "Scanner"]

_BATCH_BYTES = 8 << 20
_BATCH_FILES = 2048
_HEAD = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """One file, looked at; still raw."""

    facts: Facts
    digest: str
    """SHA-256 of the bytes, sidecars included."""
    coverage: CoverageLine
    hits: tuple[Hit, ...] = field(default=(), repr=False)
    leaves: tuple[Leaf, ...] = field(default=(), repr=False)
    """All values, of a file that was decoded in full."""
    sealed: tuple[Leaf, ...] = field(default=(), repr=False)
    """One for each ciphertext, opened or not."""


class Scanner:
    """Formats, detectors and perhaps a seeded person, ready to scan."""

    def __init__(
        self,
        formats: Mapping[str, Format],
        detectors: Mapping[str, Detector],
        *,
        persona: Persona | None = None,
        limits: Limits | None = None,
        keyring: Keyring | None = None,
        salts: Sequence[bytes] = (),
    ) -> None:
        """`salts` are constants of SDKs that digests of the person may be salted with."""
        self._formats = formats
        self._limits = limits or Limits()
        self.keyring = keyring or Keyring()
        """Filled before the scan."""
        cues = CueSet(detectors)
        tracer = Tracer(persona, salts) if persona else None
        self._raw = RawLane(detectors, cues, tracer, self._limits, self.keyring.cues)
        self._confirmer = Confirmer(detectors, cues, tracer)
        names = b"|".join(each.telling for each in detectors.values() if each.telling)
        self._telling = re.compile(names or rb"(?!)", re.IGNORECASE)

    def confirm(self, leaves: Sequence[Leaf]) -> list[Hit]:
        """The exact rules alone, on values that are decoded already."""
        return self._confirmer.hits(leaves)

    def open(self, artifact: Artifact) -> Opened | Unread:
        """Read a file and choose its format; what cannot be read costs a line."""
        facts = artifact.facts
        size = facts.size + sum(side.size for side in artifact.sidecars.values())
        if reason := self._limits.oversize(size):
            return Unread(path=facts.path, container=facts.container, size=size, reason=reason)
        try:
            data = artifact.content.read()
            sidecars = {suffix: content.read() for suffix, content in artifact.sidecars.items()}
        except (AccessDenied, FormatError) as error:
            return Unread(path=facts.path, container=facts.container, size=size, reason=str(error))
        chosen = choose_format(self._formats, bytes(data[:_HEAD]), len(data))
        return Opened(artifact, chosen, Document(data, sidecars))

    def leaves(self, opened: Opened) -> Iterator[Leaf]:
        """The decoded lane: every value of a file.

        Raises:
            FormatError: from the point of damage on.
        """
        unfolder = self._unfolder(opened)
        decoded = opened.format.decode(opened.document, self._limits)
        for value in self._opener(opened).foreseen(decoded):
            yield from unfolder.leaves(value.value, value.steps, state=value.state)

    def _unfolder(self, opened: Opened) -> Unfolder:
        """With the keys of the app that the file is of."""
        return Unfolder(self._formats, self._limits, self._opener(opened))

    def _opener(self, opened: Opened) -> Opener:
        return self.keyring.opener(opened.artifact.facts.container)

    def scan(
        self, artifacts: Iterable[Artifact], *, deep: Callable[[Facts], bool] = lambda _facts: False
    ) -> Iterator[Scanned | Unread]:
        """Every file, in order.

        Args:
            artifacts: what was collected, sidecars paired.
            deep: whether a file is decoded in full beside the sweep.
        """
        batch: list[Opened] = []
        size = 0
        for artifact in artifacts:
            opened = self.open(artifact)
            if isinstance(opened, Unread):
                yield opened
                continue
            batch.append(opened)
            size += artifact.facts.size
            if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
                yield from self._batch(batch, deep)
                batch, size = [], 0
        if batch:
            yield from self._batch(batch, deep)

    # -- one batch -------------------------------------------------------------------------------

    def _batch(self, batch: Sequence[Opened], deep: Callable[[Facts], bool]) -> Iterator[Scanned]:
        swept = self._raw.sweep(batch, self._telling)
        broken = dict.fromkeys(swept.capped, "encodings in it hold more than the limit allows")
        whole: dict[int, list[Leaf]] = {}
        clean: set[int] = set()
        for owner, opened in enumerate(batch):
            if deep(opened.artifact.facts):
                whole[owner], fault = self._whole(opened)
                broken.setdefault(owner, fault)
                if not fault:
                    clean.add(owner)
        owned: dict[int, list[Leaf]] = {}
        spare: dict[int, list[Leaf]] = {}
        for owner, suspected in _by_owner(swept.suspicions).items():
            owned[owner], spare[owner] = self._located(batch[owner], suspected, is_decoded=owner in clean)
        for owner, leaves in whole.items():
            whole[owner] = doubted(leaves, owned.get(owner, ()))
            owned.setdefault(owner, []).extend(whole[owner])
        hits = self._confirmed(owned, spare)
        for owner, opened in enumerate(batch):
            sealed = _sealed(owned.get(owner, ()))
            shut = sum(leaf.ciphertext for leaf in sealed if leaf.seal and leaf.seal.state is not SealState.OPENED)
            yield Scanned(
                facts=opened.artifact.facts,
                digest=_digest(opened.document),
                coverage=_less(self._coverage(opened, broken.get(owner, "")), shut),
                hits=tuple(hits.get(owner, ())),
                leaves=tuple(whole.get(owner, ())),
                sealed=sealed,
            )

    def _whole(self, opened: Opened) -> tuple[list[Leaf], str]:
        leaves: list[Leaf] = []
        try:
            for leaf in self.leaves(opened):
                leaves.append(leaf)  # noqa: PERF402 - what came before the damage counts
        except FormatError as error:
            return leaves, str(error)
        return leaves, ""

    def _located(
        self, opened: Opened, suspicions: Sequence[Suspicion], *, is_decoded: bool
    ) -> tuple[list[Leaf], list[Leaf]]:
        """Leaves of the values that the suspicions are in; and spare ones, for where no value explains them.

        Where the file is decoded in full, its live values are leaves already: both lanes unfold the same.
        """
        held: dict[tuple[object, ...], Held] = {}
        spare: dict[Leaf, None] = {}
        for part in dict.fromkeys(suspicion.part for suspicion in suspicions):
            here = [suspicion for suspicion in suspicions if suspicion.part == part]
            offsets = sorted({suspicion.offset for suspicion in here})
            places = dict(
                zip(offsets, opened.format.locate(opened.document, offsets, self._limits, part=part), strict=True)
            )
            for suspicion in here:
                place = places[suspicion.offset]
                mark = (place.steps, place.state, place.in_key, place.value)
                if place.value and not (is_decoded and place.state is State.LIVE and not place.in_key):
                    if mark not in held:
                        held[mark] = Held(place, is_doubtful=is_doubtful(opened, part, suspicion.offset, place))
                    held[mark].add(suspicion, place.offset)
                leaf = spare_leaf(opened, part, suspicion, place)
                if leaf is not None:
                    spare.setdefault(leaf)  # suspicions that are close together saw the same
        self._opener(opened).foresee(each.place.value for each in held.values())
        unfolder = self._unfolder(opened)
        return [leaf for each in held.values() for leaf in _unfold(unfolder, each)], list(spare)

    def _confirmed(
        self, owned: Mapping[int, Sequence[Leaf]], spare: Mapping[int, Sequence[Leaf]]
    ) -> dict[int, list[Hit]]:
        hits = self._search(owned)
        for owner, found in hits.items():
            hits[owner] = without_copies(distinct(found))
        for owner, extra in self._search(spare).items():
            known = hits.setdefault(owner, [])
            known += unexplained(distinct(extra), known)
        return hits

    def _search(self, owned: Mapping[int, Sequence[Leaf]]) -> dict[int, list[Hit]]:
        """One search over the leaves of all files."""
        owners = {id(leaf): owner for owner, leaves in owned.items() for leaf in leaves}
        hits: dict[int, list[Hit]] = {}
        for hit in self._confirmer.hits([leaf for leaves in owned.values() for leaf in leaves]):
            hits.setdefault(owners[id(hit.leaf)], []).append(hit)
        return hits

    def _coverage(self, opened: Opened, error: str) -> CoverageLine:
        document = opened.document
        size = len(document.data) + sum(len(side) for side in document.sidecars.values())
        try:
            ledger: Ledger = opened.format.account(document, self._limits)
            shares, error = totals(tally(ledger, document)), error or ledger.fault
        except FormatError as damage:
            error, shares = error or str(damage), {Share.FAILED: size}
        if error and not shares.get(Share.FAILED):
            shares = {Share.FAILED: size}
        return CoverageLine(
            path=opened.artifact.path,
            container=opened.artifact.facts.container,
            format=opened.format.name,
            size=size,
            shares=dict(sorted(shares.items())),
            error=error,
        )


def _unfold(unfolder: Unfolder, held: Held) -> Iterator[Leaf]:
    place = held.place
    if place.in_key:
        return iter((Leaf(place.steps, as_text(place.value), place.state, in_key=True),))
    leaves = unfolder.held(place, held.offsets)
    return (replace(leaf, doubtful=True) for leaf in leaves) if held.is_doubtful else leaves


def _less(line: CoverageLine, hidden: int) -> CoverageLine:
    """With the bytes that nothing opened as what they are."""
    decoded = line.shares.get(Share.DECODED, 0)
    hidden = min(hidden, decoded)
    if not hidden:
        return line
    shares = {**line.shares, Share.DECODED: decoded - hidden}
    shares[Share.ENCRYPTED] = shares.get(Share.ENCRYPTED, 0) + hidden
    return replace(line, shares=dict(sorted(shares.items())))


def _sealed(leaves: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """One leaf of each ciphertext, whichever lane came upon it."""
    found: dict[tuple[object, ...], Leaf] = {}
    for leaf in leaves:
        if leaf.ciphertext:
            found.setdefault((leaf.steps, leaf.state, leaf.seal), leaf)
    return tuple(found.values())


def _by_owner(suspicions: Sequence[Suspicion]) -> dict[int, list[Suspicion]]:
    grouped: dict[int, list[Suspicion]] = {}
    for suspicion in suspicions:
        grouped.setdefault(suspicion.owner, []).append(suspicion)
    return grouped


def _digest(document: Document) -> str:
    digest = hashlib.sha256(document.data)
    for suffix, data in sorted(document.sidecars.items()):
        digest.update(b"\x00" + suffix.encode() + b"\x00")
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()
