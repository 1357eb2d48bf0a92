"""The exposure matrix: for each class of personal data and each attacker, what that attacker gets."""

from collections.abc import Iterable, Sequence

from harness.model import Access, Cell, Component, Detection, Exposure, Kept, Meaning, Verdict

__all__ = ["expose", "expose_components"]


def expose(
    detections: Sequence[Detection],
    verdicts: Iterable[Verdict],
    seeded: Iterable[str],
    *,
    untried: frozenset[Access] | None = None,
) -> tuple[Exposure, ...]:
    """One cell for each class that was found or seeded, and each attacker, in a stable order.

    Args:
        detections: everything that was found.
        verdicts: whose findings back the cells.
        seeded: classes of the seeded person; one that was not found is `absent` for all.
        untried: attackers who may have a key to ciphertext that nobody tried; None where there is none. What is in it
            is not known, so that nothing is absent, and nothing is held against those.
    """
    backing: dict[tuple[object, ...], list[str]] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            place = (finding.type, finding.locator.container, finding.locator.identity)
            backing.setdefault(place, []).append(finding.id)
    cells = []
    proved: dict[str, list[Detection]] = {kind: [] for kind in seeded}
    for detection in detections:
        if not detection.is_guess:
            proved.setdefault(detection.type, []).append(detection)
    for kind, here in sorted(proved.items()):
        places = {id(each): (kind, each.locator.container, each.locator.identity) for each in here}
        for access in Access:
            cell, because = _cell(here, access)
            if untried is not None and (cell is Cell.ABSENT or (cell is Cell.HELD and access in untried)):
                cell = Cell.UNKNOWN
            # Rows of a queue are one place, and each of its findings backs the cell once.
            backed = {places[id(detection)] for detection in because}
            ids = {identity for place in backed for identity in backing.get(place, ())}
            cells.append(Exposure(type=kind, access=access, cell=cell, findings=tuple(sorted(ids))))
    return tuple(cells)


def _cell(detections: Sequence[Detection], access: Access) -> tuple[Cell, Sequence[Detection]]:
    """The worst that holds, and the detections that make it so."""
    if not detections:
        return Cell.ABSENT, ()
    reached = [detection for detection in detections if access in detection.readers]
    whole = [detection for detection in reached if detection.meaning in _WHOLE]
    clear = [detection for detection in whole if detection.opened_by is None]
    if clear:
        return Cell.EXPOSED, clear
    if whole:
        return Cell.BROKEN, whole
    open_question = [each for each in detections if access not in each.readers and not _is_kept(each, access)]
    if open_question:
        return Cell.UNKNOWN, open_question
    for cell, meaning in ((Cell.PSEUDONYMOUS, Meaning.DIGEST), (Cell.MASKED, Meaning.MASKED)):
        meant = [detection for detection in reached if detection.meaning is meaning]
        if meant:
            return cell, meant
    return Cell.HELD, detections


_WHOLE = frozenset({Meaning.EXPOSED, Meaning.ENCODED})
"""What is stored is the value itself, in whatever dress."""


def _is_kept(detection: Detection, access: Access) -> bool:
    """The file is closed to this attacker, or was opened to them and the key was not theirs."""
    facts = detection.facts
    return access in facts.denied_to or (access in facts.readable_by and detection.opened_by is not None)


_WORST = (Cell.EXPOSED, Cell.BROKEN, Cell.UNKNOWN, Cell.HELD)


def expose_components(kept: Iterable[Kept]) -> tuple[Component, ...]:
    """For each part of an SDK and each class of personal data in it, and for all of its values together: what each
    attacker gets, in a stable order."""
    grouped: dict[tuple[str, str, str], list[Kept]] = {}
    for each in kept:
        grouped.setdefault((each.sdk, each.component, each.type), []).append(each)
    return tuple(
        Component(
            sdk=sdk,
            component=component,
            type=kind,
            values=sum(each.values for each in group),
            cells={access: min((_kept_cell(each, access) for each in group), key=_WORST.index) for access in Access},
        )
        for (sdk, component, kind), group in sorted(grouped.items())
    )


def _kept_cell(kept: Kept, access: Access) -> Cell:
    if access in kept.readable_by:
        if kept.opened_by is None:
            return Cell.EXPOSED
        if access in kept.untried_by:
            return Cell.UNKNOWN
        return Cell.BROKEN if access in kept.opened_by else Cell.HELD
    return Cell.HELD if access in kept.denied_to else Cell.UNKNOWN
