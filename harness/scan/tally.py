"""The ledger of a file in bytes: what each share comes to, and what can be said of bytes that no format explains.

Where a format knows nothing of a stretch, its bytes tell a little by themselves. Runs of zeros or of ones hold no
value. A block in which every byte is about as frequent as every other is ciphertext, or compressed: neither text, nor
numbers, nor code look so. Which of the two it is cannot be told, so that it stays a guess, and is shown as one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from harness.formats._spans import Spans
from harness.model import Buffer, Document, Ledger, Share, Span

__all__ = ["tally", "totals"]

_Flags: TypeAlias = NDArray[np.bool_]
_Octets: TypeAlias = NDArray[np.uint8]

_RUN = 16
"""Bytes; fewer zeros in a row are as likely a part of a number."""
_BLOCK = 1024
_SMALLEST = 256
"""Bytes; with fewer, chance looks like order."""
_CHUNK = 1 << 22
_APART = 64
"""Bytes between two stretches; chance alone puts runs of text between those of a ciphertext."""
_FREEDOM = 255
_USUAL = 160.0, 400.0
"""What chi-square over 256 values of a byte may come to: 255 ± 23 for noise, more than 500 for code, less for a table
of all bytes."""


def tally(ledger: Ledger, document: Document) -> dict[str, dict[Share, int]]:
    """Bytes by share, for each part of a document; they add up to its size."""
    sums = {part: _part(spans, document.part(part)) for part, spans in ledger.parts.items()}
    if ledger.fault and not any(Share.FAILED in shares for shares in sums.values()):
        # No byte can be blamed for the fault, so that it is held against all of them.
        return {part: {Share.FAILED: sum(shares.values())} if shares else {} for part, shares in sums.items()}
    return sums


def totals(parts: Mapping[str, Mapping[Share, int]]) -> dict[Share, int]:
    """Over all parts."""
    sums: dict[Share, int] = {}
    for shares in parts.values():
        for share, size in shares.items():
            sums[share] = sums.get(share, 0) + size
    return sums


def _part(spans: Sequence[Span], data: Buffer) -> dict[Share, int]:
    sums = spans.sums() if isinstance(spans, Spans) else _summed(spans)
    for share in (Share.UNKNOWN, Share.FREE):
        if sums.get(share, 0) < _RUN:
            continue
        blank = noise = 0
        for stretch in _stretches(spans, share):
            more_blank, more_noise = _looked_at(data, stretch, is_free=share is Share.FREE)
            blank, noise = blank + more_blank, noise + more_noise
        sums[share] -= blank + noise
        sums[Share.PADDING] = sums.get(Share.PADDING, 0) + blank
        sums[Share.SCRAMBLED] = sums.get(Share.SCRAMBLED, 0) + noise
    return {share: size for share, size in sums.items() if size}


def _summed(spans: Sequence[Span]) -> dict[Share, int]:
    sums: dict[Share, int] = {}
    for span in spans:
        sums[span.share] = sums.get(span.share, 0) + span.end - span.start
    return sums


def _stretches(spans: Sequence[Span], share: Share) -> Iterator[list[tuple[int, int]]]:
    """Spans of one share that are close together, no more than a chunk at a time."""
    near: list[tuple[int, int]] = []
    for span in spans.of(share) if isinstance(spans, Spans) else spans:
        if span.share is not share:
            continue
        for start in range(span.start, span.end, _CHUNK):
            end = min(start + _CHUNK, span.end)
            if near and (start - near[-1][1] > _APART or end - near[0][0] > _CHUNK):
                yield near
                near = []
            near.append((start, end))
    if near:
        yield near


def _looked_at(data: Buffer, spans: list[tuple[int, int]], *, is_free: bool) -> tuple[int, int]:
    """How many bytes of these spans are blank, and how many are noise."""
    low, high = spans[0][0], spans[-1][1]
    if high - low < _RUN:
        return 0, 0
    octets = np.frombuffer(data[low:high], np.uint8)
    blank = _blank(octets)
    if len(spans) == 1:
        mine = np.ones(high - low, np.bool_)
    else:
        mine = np.zeros(high - low, np.bool_)
        for start, end in spans:
            mine[start - low : end - low] = True
        blank &= mine
    if is_free or high - low < _SMALLEST:
        return int(blank.sum()), 0
    return int(blank.sum()), int((mine & ~blank & _noise(octets)).sum())


def _blank(octets: _Octets) -> _Flags:
    """Bytes of runs of zeros or of ones."""
    flags = np.zeros(octets.size, np.bool_)
    for value in (0x00, 0xFF):
        same = octets == value
        if not same.any():
            continue
        edges = np.flatnonzero(same[1:] != same[:-1]) + 1
        edges = np.concatenate(([0] if same[0] else [], edges, [same.size] if same[-1] else [])).astype(np.int64)
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if end - start >= _RUN:
                flags[start:end] = True
    return flags


def _noise(octets: _Octets) -> _Flags:
    """Bytes of blocks that look like noise; the last one is a block and what is left."""
    flags = np.zeros(octets.size, np.bool_)
    starts = range(0, max(octets.size - _BLOCK, 0) + 1, _BLOCK)
    for start in starts:
        end = octets.size if start == starts[-1] else start + _BLOCK
        counts = np.bincount(octets[start:end], minlength=256)
        expected = (end - start) / 256
        chi = float((np.square(counts - expected) / expected).sum())
        flags[start:end] = _USUAL[0] <= chi <= _USUAL[1]
    return flags
