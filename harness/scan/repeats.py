"""Which hits say the same, so that each piece of personal data is reported once for each place."""

from collections.abc import Sequence, Set

from harness.model import State
from harness.scan.confirm import Hit

__all__ = ["distinct", "unexplained", "without_copies"]


def distinct(hits: Sequence[Hit]) -> list[Hit]:
    """Each value once a place; an encoded form that was also read decoded counts as the decoded one."""
    out: dict[tuple[object, ...], Hit] = {}
    for hit in hits:
        out.setdefault(_place_and_value(hit, hit.layers), hit)
    read = [hit for hit in out.values() if hit.persona_field and hit.layers == hit.leaf.layers and hit.layers]
    bare = {_place_and_value(hit, hit.layers) for hit in out.values() if not _is_escaped(hit)}
    undone = {_place_and_value(hit, hit.layers) for hit in out.values() if hit.layers}
    return [
        hit
        for hit in out.values()
        if not (_is_read_elsewhere(hit, read) or _is_read_bare(hit, bare))
        and not (_is_escaped(hit) and _place_and_value(hit, (*hit.layers, "url")) in undone)
    ]


def _is_escaped(hit: Hit) -> bool:
    """It was read with its own escapes: `jane%40example.org`."""
    return b"%" in hit.value


def _place_and_value(hit: Hit, layers: tuple[str, ...]) -> tuple[object, ...]:
    return hit.leaf.steps, hit.leaf.state, hit.in_key, layers, hit.type, hit.normal


_PARTLY = frozenset({"url", "html"})
"""Encodings of texts of which most characters stand for themselves."""


def _is_read_bare(hit: Hit, bare: Set[tuple[object, ...]]) -> bool:
    """It stands between the escapes of a text, and was read there without undoing them."""
    less = tuple(layer for layer in hit.layers if layer not in _PARTLY)
    return len(less) < len(hit.layers) and _place_and_value(hit, less) in bare


def unexplained(extra: Sequence[Hit], known: Sequence[Hit]) -> list[Hit]:
    """What was seen under encodings or outside of values, without what a value was found to hold: all of it, or less,
    where something that touches it was seen with it."""
    values = {(hit.type, hit.normal) for hit in known}
    depths = {len(hit.leaf.steps) for hit in extra}
    near: dict[tuple[object, ...], list[Hit]] = {}
    for hit in known:
        for depth in depths:
            near.setdefault((hit.type, hit.leaf.state, hit.leaf.steps[:depth]), []).append(hit)
    return [
        hit
        for hit in extra
        if (hit.type, hit.normal) not in values
        and not any(
            other.normal in hit.normal or hit.normal in other.normal
            for other in near.get((hit.type, hit.leaf.state, hit.leaf.steps), ())
        )
    ]


def without_copies(hits: Sequence[Hit]) -> list[Hit]:
    """Hits without those in free space that are live at the same place as well.

    A database that splits a page leaves the rows that it moved in the page that they were in: these are not deleted.
    """
    live = {_told(hit) for hit in hits if hit.leaf.state is State.LIVE}
    return [hit for hit in hits if hit.leaf.state not in _FREE or _told(hit) not in live]


_FREE = frozenset({State.UNALLOCATED, State.FREEBLOCK})


def _told(hit: Hit) -> tuple[object, ...]:
    return hit.leaf.steps, hit.in_key, hit.layers, hit.type, hit.normal


def _is_read_elsewhere(hit: Hit, read: Sequence[Hit]) -> bool:
    """The same seeded value was reached by peeling: at this place or deeper."""
    if hit.persona_field is None or hit.layers == hit.leaf.layers:
        return False
    depth = len(hit.leaf.steps)
    return any(
        other.persona_field == hit.persona_field
        and other.leaf.steps[:depth] == hit.leaf.steps
        and other.layers[: len(hit.layers)] == hit.layers
        for other in read
    )
