"""Where raw values end, file by file: what a scan found becomes what may be published."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from harness.model import (
    Access,
    CoverageLine,
    Detection,
    Facts,
    Kept,
    Locator,
    MaskRule,
    Sealed,
    Step,
    StoredIdentifier,
    Unread,
)
from harness.redaction import Redactor
from harness.scan.attribution import ClaimIndex
from harness.scan.confirm import Hit
from harness.scan.mask import Masker, Veil
from harness.scan.scanner import Scanned, Scanner
from harness.scan.unfold import Leaf
from harness.sdks.base import SdkModel
from harness.sdks.base.known import KnownSdk

__all__ = ["Masked", "mask", "search_names", "veiled"]


@dataclass(slots=True)
class Masked:
    """What is left of a scan once nothing in it is raw."""

    facts: list[Facts] = field(default_factory=list)
    coverage: list[CoverageLine] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    detections: list[Detection] = field(default_factory=list)
    identifiers: list[StoredIdentifier] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


def mask(redactor: Redactor, scanned: Iterable[Scanned | Unread], sdks: Mapping[str, SdkModel | KnownSdk]) -> Masked:
    """Here raw values end, file by file; what an SDK claims is attributed to it."""
    out = Masked()
    index = ClaimIndex((name, claim) for name, sdk in sdks.items() for claim in sdk.claims)
    masker = Masker(redactor, index)
    for item in scanned:
        if isinstance(item, Unread):
            out.unread.append(item)
            continue
        out.facts.append(facts := item.facts)
        out.coverage.append(replace(item.coverage, content=redactor.fingerprint(item.digest.encode())))
        out.digests.append(f"{facts.container}\0{facts.path}\0{facts.mode}\0{facts.owner}\0{item.digest}")
        out.detections += [masker.detection(hit, facts, item.coverage.format) for hit in item.hits]
        out.identifiers += _identifiers(redactor, index, item, sdks)
        out.sealed += _ciphertexts(index, item)
        out.kept += _kept(index, item)
    return out


def search_names(redactor: Redactor, scanner: Scanner, masked: Masked) -> None:
    """Names of files, of links that are not followed and of containers are stored data like any other."""
    named: dict[int, tuple[Leaf, Facts]] = {}

    def ask(name: str, facts: Facts) -> None:
        leaf = Leaf((name,), name, in_key=True)
        named[id(leaf)] = (leaf, facts)

    for facts in masked.facts:
        ask(facts.path, facts)
    for unread in masked.unread:
        ask(unread.path, Facts(path=unread.path, container=unread.container))
    for container in sorted({facts.container for facts in masked.facts} - {""}):
        ask(container, Facts(path="", container=container))
    masker = Masker(redactor)
    for hit in scanner.confirm([leaf for leaf, _ in named.values()]):
        found = masker.detection(hit, named[id(hit.leaf)][1], "name")
        masked.detections.append(replace(found, locator=replace(found.locator, steps=())))


def veiled(redactor: Redactor, scanner: Scanner, masked: Masked, texts: set[str]) -> Veil:
    """Hide what is personal in every name that was kept, and give what hides it in others.

    Args:
        redactor: of the run.
        scanner: its rules say what is personal.
        masked: what was found; its names are replaced.
        texts: names that are of the run and not in it.
    """
    texts = set(texts)
    texts |= {facts.path for facts in masked.facts} | {facts.container for facts in masked.facts}
    texts |= {unread.path for unread in masked.unread} | {unread.container for unread in masked.unread}
    places = [*(d.locator for d in masked.detections), *(i.locator for i in masked.identifiers)]
    places += [each.locator for each in masked.sealed]
    texts |= {step for locator in places for step in locator.steps if isinstance(step, str)}
    veil = Veil(scanner.confirm, redactor, texts, scanner.keyring.locks)
    masked.facts = [veil.facts(facts) for facts in masked.facts]
    masked.coverage = [
        replace(line, path=veil.text(line.path), container=veil.text(line.container)) for line in masked.coverage
    ]
    masked.unread = [veil.unread(unread) for unread in masked.unread]
    masked.detections = [veil.detection(detection) for detection in masked.detections]
    masked.identifiers = [veil.identifier(identifier) for identifier in masked.identifiers]
    masked.sealed = [veil.sealed(each) for each in masked.sealed]
    return veil


def _identifiers(
    redactor: Redactor, claims: ClaimIndex, item: Scanned, sdks: Mapping[str, SdkModel | KnownSdk]
) -> Iterator[StoredIdentifier]:
    by_steps: dict[tuple[object, ...], list[Hit]] = {}
    for hit in item.hits:
        if not hit.is_masked:
            by_steps.setdefault(hit.leaf.steps, []).append(hit)
    seen = set()
    shut = _shut(item.leaves)
    here = claims.on(item.facts.path)
    for leaf in item.leaves:
        owner = here.owner(leaf.steps)
        if leaf.in_key or owner is None or owner.role != "identity" or leaf.value in (None, "") or leaf.steps in seen:
            continue
        seen.add(leaf.steps)
        hits = by_steps.get(leaf.steps, [])
        yield StoredIdentifier(
            locator=Locator(path=item.facts.path, container=item.facts.container, steps=leaf.steps),
            evidence=redactor.evidence(str(leaf.value).encode("utf-8", "surrogatepass"), rule=MaskRule.HIDDEN),
            sdk=owner.sdk,
            types=tuple(dict.fromkeys(hit.type for hit in hits)),
            forms=tuple(dict.fromkeys(hit.form for hit in hits)),
            shape="sealed" if leaf.steps in shut else _shape(str(leaf.value), sdks.get(owner.sdk)),
            component=owner.component,
            remedy=owner.remedy,
        )


def _shape(value: str, sdk: SdkModel | KnownSdk | None) -> str:
    """What the identity shows by itself, whoever the person is."""
    told = sdk.identity_shape(value) if isinstance(sdk, SdkModel) else ""
    return told or ("digest" if _DIGEST.fullmatch(value) else "")


_DIGEST = re.compile(r"(?i:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})")
"""As long as an MD5, SHA-1, SHA-256 or SHA-512: who does not know the person cannot tell it from a random id."""


def _ciphertexts(claims: ClaimIndex, item: Scanned) -> Iterator[Sealed]:
    """Those of one place, scheme and outcome as one, counted; rows are one place."""
    found: dict[tuple[object, ...], Sealed] = {}
    for leaf in item.sealed:
        seal = leaf.seal
        if seal is None:
            continue
        locator = Locator(path=item.facts.path, container=item.facts.container, steps=leaf.steps)
        mark = (locator.identity, seal)
        known = found.get(mark)
        if known is not None:
            found[mark] = replace(known, count=known.count + 1)
            continue
        owner = claims.owner(locator)
        found[mark] = Sealed(
            locator=locator,
            layer=seal.layer,
            state=seal.state,
            sdk=seal.sdk,
            component=owner.component if owner else "",
            reason=seal.reason,
            opened_by=seal.opened_by & item.facts.readable_by,
            by_code=seal.by_code,
            untried_by=seal.untried_by - item.facts.denied_to,
        )
    yield from found.values()


def _kept(claims: ClaimIndex, item: Scanned) -> Iterator[Kept]:
    """What each part of an SDK keeps in a file that was decoded in full, by class of personal data and by seal."""
    here = claims.on(item.facts.path)
    classes: dict[tuple[object, ...], set[str]] = {}
    for hit in item.hits:
        if hit.confidence >= _PROVED and not hit.is_masked:
            classes.setdefault(hit.leaf.place, set()).add(hit.type)
    shut = _shut(item.leaves)
    counted: dict[tuple[str, str, str, frozenset[Access] | None, frozenset[Access]], int] = {}
    for leaf in item.leaves:
        owner = here.owner(leaf.steps)
        if owner is None or not owner.component or not _is_kept(leaf, shut):
            continue
        seal = leaf.seal
        opened_by, untried_by = (seal.opened_by, seal.untried_by) if seal else (None, frozenset())
        for kind in ("", *classes.get(leaf.place, ())):
            mark = (owner.sdk, owner.component, kind, opened_by, untried_by)
            counted[mark] = counted.get(mark, 0) + 1
    for (sdk, component, kind, opened_by, untried_by), values in counted.items():
        yield Kept(
            sdk=sdk,
            component=component,
            type=kind,
            values=values,
            readable_by=item.facts.readable_by,
            denied_to=item.facts.denied_to,
            opened_by=opened_by,
            untried_by=untried_by,
        )


def _shut(leaves: Iterable[Leaf]) -> Set[tuple[Step, ...]]:
    """Where a ciphertext is that nothing opened."""
    return {leaf.steps for leaf in leaves if leaf.seal and leaf.ciphertext and not leaf.seal.is_open}


def _is_kept(leaf: Leaf, shut: Set[tuple[Step, ...]]) -> bool:
    """Whether it is one of an SDK's values: a ciphertext that stayed shut is one, its text is none beside."""
    if leaf.ciphertext:
        return leaf.steps in shut
    return not leaf.in_key and leaf.value not in (None, "") and (leaf.seal is not None or leaf.steps not in shut)


_PROVED = 0.55
"""Of a detection; what is less is a guess."""
