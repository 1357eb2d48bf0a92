"""What is live, by the bytes that it is stored in: the quickest way to tell a copy of a row from one that is gone."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from harness.errors import FormatError
from harness.formats.sqlite.btree import INDEX_INTERIOR, TABLE_INTERIOR, Page, read_cell
from harness.formats.sqlite.catalog import Tree
from harness.formats.sqlite.sheets import sheets
from harness.formats.sqlite.soundness import sound_cells
from harness.formats.sqlite.view import View

__all__ = ["Living", "cell_ends", "is_compact"]


class Living:
    """The cells of the trees of one state of a database; of each, only a hash is kept."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._hashes: dict[int, array[int]] = {}

    def has(self, tree: Tree, cell: bytes) -> bool:
        """Whether a cell with these bytes is in a tree."""
        hashes = self._hashes.get(tree.root)
        if hashes is None:
            hashes = self._hashes[tree.root] = array("q", sorted(map(hash, self._cells(tree))))
        wanted = hash(cell)
        at = bisect_left(hashes, wanted)
        return at < len(hashes) and hashes[at] == wanted

    def _cells(self, tree: Tree) -> Iterator[bytes]:
        view = self._view
        if tree not in view.trees:
            return
        for some in sheets(view.pages, view.owners.pages(view.trees.index(tree))):
            found = sound_cells(some)
            data, cells = some.flat.tobytes(), found.cells.where(found.cells.headers > 0)
            # The number of a child changes when a cell moves to a leaf.
            yield from map(data.__getitem__, map(slice, cells.contents.tolist(), cells.ends.tolist()))
            for number in some.numbers[~found.is_sound].tolist():
                page = view.page(number)
                if page is not None and page.kind != TABLE_INTERIOR:
                    skipped = 4 if page.kind == INDEX_INTERIOR else 0
                    yield from (page.data[at + skipped : end] for at, end in cell_ends(page))


def cell_ends(page: Page) -> Iterator[tuple[int, int]]:
    """Where each cell of a page begins and ends, in the order that they stand in."""
    starts = sorted(set(page.cells))
    if starts and is_compact(page):
        yield from zip(starts, [*starts[1:], page.usable], strict=True)
        return
    for at in starts:
        try:
            yield at, read_cell(page, at).end
        except FormatError:
            continue


def is_compact(page: Page) -> bool:
    """Whether there is nothing between the cells of a page, by what it says of itself."""
    head, data = page.head, page.data
    content = int.from_bytes(data[head + 5 : head + 7], "big") or 65536
    return (
        not any(data[head + 1 : head + 3]) and not data[head + 7] and content == min(page.cells, default=page.usable)
    )
