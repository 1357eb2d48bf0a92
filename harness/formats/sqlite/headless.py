"""Rows that lost their head: the first bytes of their cell are those of a freeblock, or were written over."""

from collections.abc import Iterator

from harness.formats.sqlite.beheaded import Guess, guesses, marks
from harness.formats.sqlite.ground import Edges, Found, Ground, bare
from harness.formats.sqlite.record import laid_out, types, written

__all__ = ["headless", "with_header"]

_TAKEN = 4
"""Bytes that a freeblock's own header takes from the cell that was there."""
_MOST_STOPS = 4
"""Places that are tried as the end of a row."""
_EDGE_BITS, _MEASURED_BITS, _NUMBERS_BITS, _LOOSE_BITS = 12, 18, 22, 28
"""Evidence that a row needs where it ends at an edge, where its end is what tells how long a field is, where it holds
only numbers, and where it ends anywhere."""


def headless(ground: Ground, low: int, high: int, edges: Edges) -> Iterator[Found]:
    """Rows whose first bytes a freeblock overwrote; blocks that were joined hold several, end to end."""
    if not ground.own:
        return
    starts = marks(ground.data, low, high, edges, ground.page.usable)
    done = low
    for index, (start, claimed) in enumerate(starts):
        at, limit = start, min(claimed, high)
        while done <= at < limit - _TAKEN:
            stops = [stop for stop, _ in starts[index + 1 : index + 1 + _MOST_STOPS] if stop > at + _TAKEN]
            is_linked = at in ground.blocks or at == done != ground.page.pointers_end
            found = _one(ground, at, (limit, *stops), edges, is_marked=at == start, is_linked=is_linked)
            if found is None:
                break
            yield found
            done = at = found.end
            if any(stop == at for stop in stops):
                break  # it has its own turn


def _one(
    ground: Ground,
    start: int,
    ends: tuple[int, ...],
    edges: Edges,
    *,
    is_marked: bool,
    is_linked: bool,
) -> Found | None:
    """The row of a cell that began at `start` and ends at one of `ends`, or before. It is linked where a freeblock
    begins there, or another row ends."""
    best: tuple[tuple[bool, bool, int], Found] | None = None
    for layout in ground.own:
        for end in ends:
            for guess in guesses(ground.data, start, end, layout, ground.id_sizes):
                bits, found = _guessed(ground, guess, (start, end), edges, is_marked=is_marked)
                if found is None:
                    continue
                is_told = found.end == end or edges.has(found.end) or _says_size(ground, start, found.end)
                rank = (is_told and found.is_whole, not guess.is_measured, bits)
                is_block = found.is_whole and is_linked and (edges.has(found.end) or found.end in ends[1:])
                if not (_has_text(found) or is_block):
                    continue
                is_likely = is_marked and bits >= _LOOSE_BITS
                if found.is_whole and not is_told:
                    is_likely = is_likely and ground.is_anchored(found.end, edges)
                if (is_told or is_likely) and (best is None or rank > best[0]):
                    best = rank, found
    return best[1] if best else None


def _has_text(found: Found) -> bool:
    """Whether what is left of a row holds text: numbers are soon found anywhere."""
    size = len(found.row.record)
    return any(kind >= 17 and kind & 1 and end <= size for kind, _, _, end in found.row.fields)


def _says_size(ground: Ground, start: int, end: int) -> bool:
    """Whether the freeblock that once began there was as long as the row in it."""
    return int.from_bytes(ground.data[start + 2 : start + 4], "big") == end - start


def _guessed(
    ground: Ground, guess: Guess, stretch: tuple[int, int], edges: Edges, *, is_marked: bool
) -> tuple[int, Found | None]:
    """The evidence for a guess, and the row that it gives where that is enough."""
    start, high = stretch
    fields = laid_out(guess.kinds, guess.body - start)
    total = start + fields[-1][3] - guess.head
    record, links, end = ground.record(guess.head, guess.kinds, guess.body - guess.head, high)
    is_whole = len(record) == total
    is_block = any(block <= start < block + size for block, size in ground.blocks.items())
    # In a freeblock are rows of the page's own table; the gap may hold those of another that had the page before,
    # which can be measured as well, unless rows of its own are next to them.
    is_near = start in edges.rows or end in edges.rows or (end in edges.page and end < ground.page.usable)
    if guess.is_measured and not (is_whole and (is_block or is_near)):
        return -1, None
    if not is_whole and not (is_block and is_marked):
        return -1, None
    record = ground.data[start : guess.head] + record
    bits = ground.bits(record, guess.kinds, guess.layout, guess.body - start)
    least = _LOOSE_BITS
    if is_whole and any(kind >= 17 and kind & 1 for kind, _ in guess.kinds):
        least = _MEASURED_BITS if guess.is_measured else _EDGE_BITS
    elif is_whole:
        least = _NUMBERS_BITS
    if bits < least:
        return -1, None
    at = (start, start, guess.body, end)
    return bits, ground.found(guess.layout.tree, guess.kinds, at, record, None, links)


def with_header(ground: Ground, low: int, high: int, edges: Edges) -> Iterator[Found]:
    """Rows whose record is whole up to where it was written over, behind what may be the head of a freeblock; or to
    its end, which is an edge."""
    data = ground.data
    done = low
    for layout in ground.own:
        for match in layout.heads.finditer(data, low, high):
            at = match.start()
            body = at + data[at]
            if at < done or body > high:
                continue
            kinds, size = types(data, at + 1, body)
            if not size or not layout.fits(bare(kinds)):
                continue
            total = size + body - at
            record, links, end = ground.record(at, kinds, body - at, high)
            begin = _begin(ground, at, total, done)
            is_told = len(record) == total and edges.has(end)
            if begin is None and not is_told:
                continue
            bits = ground.bits(record, kinds, layout, body - at)
            if not is_told:
                # Nothing says that it ends where it would.
                is_cut = len(record) < total
                bits, record = ground.sound(record, kinds, layout, body - at) if bits < 0 else (bits, record)
                record = record if is_cut and bits >= 0 else ground.vouched(record, kinds, body - at)
                bits = ground.bits(record, kinds, layout, body - at)
                links, end = (links, end) if len(record) == total else ((), min(high, at + len(record)))
            if bits >= _LOOSE_BITS and end > body:
                places = (at if begin is None else begin, at, body, end)
                yield ground.found(layout.tree, kinds, places, record, None, links)
                done = end


def _begin(ground: Ground, at: int, total: int, low: int) -> int | None:
    """Where the freeblock begins whose head was written over the begin of the cell of a record of `total` bytes."""
    for size in ground.id_sizes:
        begin = at - len(written(total)) - size
        if begin > at - _TAKEN or not ground.is_head(begin, low):
            continue
        # Every second byte of UTF-16 is a zero, which may be anything.
        if ground.rules.codec == "utf-8" or begin in ground.blocks:
            return begin
    return None
