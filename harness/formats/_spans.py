"""A ledger of very many stretches: held as arrays, made into spans where somebody asks for one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt

from harness.model import Share, Span

__all__ = ["Numbers", "Spans", "Stretches", "gathered"]

Numbers: TypeAlias = npt.NDArray[np.int64]
Stretches: TypeAlias = tuple[Numbers, Numbers, Share]
"""Where stretches begin and end, all of one share."""

_SHARES = tuple(Share)


class Spans(Sequence[Span]):
    """Spans that are sorted, disjoint and leave nothing out."""

    def __init__(self, starts: Numbers, ends: Numbers, codes: npt.NDArray[np.uint8]) -> None:
        self._starts = starts
        self._ends = ends
        self._codes = codes

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Span: ...
    @overload
    def __getitem__(self, index: slice) -> "Spans": ...
    def __getitem__(self, index: int | slice) -> "Span | Spans":
        if isinstance(index, slice):
            return Spans(self._starts[index], self._ends[index], self._codes[index])
        return Span(int(self._starts[index]), int(self._ends[index]), _SHARES[self._codes[index]])

    def __iter__(self) -> Iterator[Span]:
        shares = map(_SHARES.__getitem__, self._codes.tolist())
        return map(Span, self._starts.tolist(), self._ends.tolist(), shares)

    def sums(self) -> dict[Share, int]:
        """Bytes by share, without making spans."""
        held = np.bincount(self._codes, (self._ends - self._starts).astype(np.float64), len(_SHARES)).tolist()
        return {share: int(size) for share, size in zip(_SHARES, held, strict=True) if size}

    def of(self, share: Share) -> "Spans":
        """Those of one share."""
        wanted = self._codes == _SHARES.index(share)
        return Spans(self._starts[wanted], self._ends[wanted], self._codes[wanted])


def gathered(stretches: Iterable[Stretches], size: int, rest: Share) -> Spans:
    """All stretches in their order, the gaps between them given to `rest`, cut so that none overlap and all lie in
    `[0, size)`: as `fill` does it for a few."""
    held = [(np.zeros(0, np.int64),) * 2, *((starts, ends) for starts, ends, _ in stretches)]
    codes = [np.zeros(0, np.uint8), *(np.full(len(s), _SHARES.index(share), np.uint8) for s, _, share in stretches)]
    starts, ends = (np.concatenate(each) for each in zip(*held, strict=True))
    ends = np.minimum(ends, size)
    some = starts < ends
    starts, ends, code = starts[some], ends[some], np.concatenate(codes)[some]
    order = np.lexsort((-ends, starts)) if len(starts) and not np.all(starts[1:] > starts[:-1]) else slice(None)
    starts, ends, code = starts[order], ends[order], code[order]
    # What was covered before a stretch begins is not covered again.
    reach = np.maximum.accumulate(np.append(0, ends))
    starts = np.maximum(starts, reach[:-1])
    kept = starts < ends
    starts, ends, code, before = starts[kept], ends[kept], code[kept], reach[:-1][kept]
    gap = starts > before
    where = np.flatnonzero(gap)
    starts_then, ends_then = np.insert(starts, where, before[gap]), np.insert(ends, where, starts[gap])
    code = np.insert(code, where, _SHARES.index(rest))
    last = int(ends_then[-1]) if len(ends_then) else 0
    if last < size:
        starts_then, ends_then = np.append(starts_then, last), np.append(ends_then, size)
        code = np.append(code, np.uint8(_SHARES.index(rest)))
    return Spans(starts_then, ends_then, code)
