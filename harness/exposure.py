"""The exposure matrix: for each class of personal data and each attacker, what that attacker gets."""

from collections.abc import Iterable, Sequence

from harness.model import Access, Cell, Detection, Exposure, Verdict

__all__ = ["expose"]


def expose(
    detections: Sequence[Detection], verdicts: Iterable[Verdict], seeded: Iterable[str]
) -> tuple[Exposure, ...]:
    """One cell for each class that was found or seeded, and each attacker, in a stable order.

    Args:
        detections: everything that was found.
        verdicts: whose findings back the cells.
        seeded: classes of the seeded person; one that was not found is `absent` for all.
    """
    backing: dict[tuple[object, ...], list[str]] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            place = (finding.type, finding.locator.container, finding.locator.identity)
            backing.setdefault(place, []).append(finding.id)
    cells = []
    proved = [detection for detection in detections if not detection.is_guess]
    for kind in sorted({*seeded, *(detection.type for detection in proved)}):
        here = [detection for detection in proved if detection.type == kind]
        for access in Access:
            cell, because = _cell(here, access)
            places = {(kind, detection.locator.container, detection.locator.identity) for detection in because}
            ids = {identity for place in places for identity in backing.get(place, ())}
            cells.append(Exposure(type=kind, access=access, cell=cell, findings=tuple(sorted(ids))))
    return tuple(cells)


def _cell(detections: Sequence[Detection], access: Access) -> tuple[Cell, Sequence[Detection]]:
    """The worst that holds, and the detections that make it so."""
    if not detections:
        return Cell.ABSENT, ()
    reached = [detection for detection in detections if access in detection.readers]
    clear = [detection for detection in reached if not (detection.hashed or detection.opened_by is not None)]
    if clear:
        return Cell.EXPOSED, clear
    if reached:
        return Cell.BROKEN, reached
    open_question = [detection for detection in detections if access not in detection.facts.denied_to]
    return (Cell.UNKNOWN, open_question) if open_question else (Cell.HELD, detections)
