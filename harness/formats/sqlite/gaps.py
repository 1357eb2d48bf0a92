"""Where no cell is in the pages of trees, and something else may be: told of a thousand pages at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.formats.sqlite.ground import LEAST
from harness.formats.sqlite.pages import Pages
from harness.formats.sqlite.sheets import Numbers, Sheets, sheets
from harness.formats.sqlite.soundness import sound_cells

__all__ = ["Gaps", "gaps"]


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is between the cells of pages with which nothing is wrong."""

    sound: Numbers
    """These pages, ascending."""
    worth: Mapping[int, Sequence[tuple[int, int]]]
    """Of those that have any: stretches that are long enough for a row, and not blank, in their order."""

    def __contains__(self, number: int) -> bool:
        at = int(np.searchsorted(self.sound, number))
        return at < len(self.sound) and int(self.sound[at]) == number


def gaps(pages: Pages, numbers: Numbers) -> Gaps:
    """The gaps of some pages."""
    worth: dict[int, list[tuple[int, int]]] = {}
    sound = [_read(some, worth) for some in sheets(pages, numbers)]
    return Gaps(np.sort(np.concatenate([np.zeros(0, np.int64), *sound])), worth)


def _read(some: Sheets, worth: dict[int, list[tuple[int, int]]]) -> Numbers:
    """Add the gaps of some pages to `worth`; gives back which of the pages are sound."""
    found = sound_cells(some)
    owners, starts, ends = found.runs()
    low = some.starts + found.pointers
    begins = np.append(low[owners[:1]], ends[:-1])
    is_first = np.ones(len(owners), bool)
    is_first[1:] = owners[1:] != owners[:-1]
    begins[is_first] = low[owners[is_first]]
    last = np.append(is_first[1:], True)[: len(owners)]
    tails = low.copy()
    tails[owners[last]] = ends[last]
    whose = np.append(owners, np.flatnonzero(found.is_sound))
    begins = np.append(begins, tails[found.is_sound])
    stops = np.append(starts, some.starts[found.is_sound] + some.usable)
    order = np.argsort(begins, kind="stable")
    order = order[(stops - begins)[order] >= LEAST]
    data = some.flat.tobytes()
    origins = some.starts[whose]
    columns = (each[order].tolist() for each in (some.numbers[whose], origins, begins, stops))
    for number, origin, begin, stop in zip(*columns, strict=True):
        if data.count(0, begin, stop) < stop - begin:
            worth.setdefault(number, []).append((begin - origin, stop - origin))
    return some.numbers[found.is_sound]
