"""What is known of the SDKs that wrote a storage, in the words and the order that the reports for people share."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.model import Access, Cell, Component, Recognised, Report, SealState
from harness.reporters.base import CELL_WORDS, readers
from harness.wording import key_word, sdk_word, type_word

__all__ = ["KeptClasses", "KeptPart", "SealRow", "kept_parts", "recognised_words", "seal_rows"]


def recognised_words(report: Report) -> list[tuple[str, tuple[str, ...]]]:
    """Each SDK with what its storage says of it, and the notes on what is out of the ordinary there."""
    several = len({each.container for each in report.recognised}) > 1
    return [
        (f"{each.container}: {_recognised(each)}" if several else _recognised(each), each.notes)
        for each in sorted(report.recognised, key=lambda each: (each.container, each.sdk))
    ]


def _recognised(each: Recognised) -> str:
    versions = each.first if each.first == each.last else f"{each.first} to {each.last}"
    words = [f"{sdk_word(each.sdk)} {versions}", each.era]
    words += [] if each.level is None else [f"level {each.level}"]
    words += [f"account {each.account}"] if each.account else []
    return " · ".join(word for word in words if word)


# -- ciphertexts ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRow:
    """The ciphertexts of one scheme in one part of an SDK that met one end."""

    sdk: str
    component: str
    layer: str
    state: SealState
    reason: str
    opened_by: frozenset[Access]
    count: int

    @property
    def part(self) -> str:
        return sdk_word(self.sdk, self.component)

    @property
    def outcome(self) -> str:
        """What became of them: `opened with a key derived from the account id`."""
        match self.state:
            case SealState.OPENED:
                return f"opened with {key_word(self.reason)}" if self.reason else "opened"
            case SealState.RESISTED:
                return f"stayed shut against {self.reason}" if self.reason else "stayed shut"
            case SealState.NO_KEY:
                return f"could not be tried: {self.reason}" if self.reason else "could not be tried"
            case SealState.MALFORMED:
                return f"is no ciphertext: {self.reason}" if self.reason else "is no ciphertext"

    @property
    def open_for(self) -> str:
        """Attackers who have the bytes and the key, in words."""
        match self.state:
            case SealState.OPENED:
                return readers(self.opened_by)
            case SealState.RESISTED:
                return "nobody"
            case SealState.NO_KEY:
                return "not known"
            case SealState.MALFORMED:
                return "not encrypted"


_SEAL_ORDER = (SealState.OPENED, SealState.MALFORMED, SealState.NO_KEY, SealState.RESISTED)
"""Worst first."""


def seal_rows(report: Report) -> list[SealRow]:
    """What became of every ciphertext: what the weakest attacker opens is first."""
    counts: dict[tuple[str, str, str, SealState, str, frozenset[Access]], int] = {}
    for each in report.sealed:
        mark = (each.sdk, each.component, each.layer, each.state, each.reason, each.opened_by)
        counts[mark] = counts.get(mark, 0) + each.count
    rows = [
        SealRow(
            sdk=sdk, component=component, layer=layer, state=state, reason=reason, opened_by=opened_by, count=count
        )
        for (sdk, component, layer, state, reason, opened_by), count in counts.items()
    ]
    return sorted(rows, key=_worst_seal)


def _worst_seal(row: SealRow) -> tuple[object, ...]:
    weakest = min(row.opened_by, default=max(Access) + 1)
    return (
        _SEAL_ORDER.index(row.state),
        weakest,
        row.sdk,
        row.component,
        row.layer,
        row.reason,
        sorted(row.opened_by),
    )


# -- parts of SDKs -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptClasses:
    """Classes of personal data of which every attacker gets the same in one part of an SDK."""

    types: tuple[str, ...]
    cells: Mapping[Access, Cell]

    @property
    def words(self) -> str:
        return ", ".join(type_word(kind) for kind in self.types)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPart:
    """What one part of an SDK keeps, and below it the personal data in that."""

    sdk: str
    component: str
    values: int
    cells: Mapping[Access, Cell]
    classes: tuple[KeptClasses, ...]

    @property
    def is_telling(self) -> bool:
        """It holds personal data, or something of it gets out."""
        return bool(self.classes) or any(cell is not Cell.HELD for cell in self.cells.values())


def kept_parts(report: Report) -> list[KeptPart]:
    """Each part of each SDK: those with personal data first, and of them the worst."""
    grouped: dict[tuple[str, str], list[Component]] = {}
    for each in report.components:
        grouped.setdefault((each.sdk, each.component), []).append(each)
    parts = [
        KeptPart(
            sdk=sdk,
            component=component,
            values=sum(each.values for each in group if not each.type),
            cells=_whole(next((each.cells for each in group if not each.type), {})),
            classes=_classes([each for each in group if each.type]),
        )
        for (sdk, component), group in grouped.items()
    ]
    return sorted(parts, key=_worst_part)


def _worst_part(part: KeptPart) -> tuple[object, ...]:
    personal = min((_badness(each.cells) for each in part.classes), default=())
    return (part.sdk, not part.classes, personal, _badness(part.cells), part.component)


def _classes(components: list[Component]) -> tuple[KeptClasses, ...]:
    alike: dict[tuple[Cell, ...], list[Component]] = {}
    for each in components:
        alike.setdefault(tuple(_whole(each.cells).values()), []).append(each)
    rows = [
        KeptClasses(types=tuple(sorted(each.type for each in group)), cells=dict(zip(Access, cells, strict=True)))
        for cells, group in alike.items()
    ]
    return tuple(sorted(rows, key=lambda row: (_badness(row.cells), row.types)))


def _whole(cells: Mapping[Access, Cell]) -> dict[Access, Cell]:
    """A cell that is left out is not known, never held."""
    return {access: cells.get(access, Cell.UNKNOWN) for access in Access}


def _badness(cells: Mapping[Access, Cell]) -> tuple[int, ...]:
    states = list(cells.values())
    return tuple(-states.count(cell) for cell in CELL_WORDS)
