"""What is told of many pages at once is what each page says of itself."""

import random

import pytest

from harness.formats.sqlite import Database, Sqlite, Table
from harness.formats.sqlite.gaps import gaps
from harness.formats.sqlite.living import cell_ends
from harness.formats.sqlite.pages import open_storage
from harness.formats.sqlite.view import View
from harness.limits import Limits


def view_of(seed: int) -> View:
    """A database of which rows were deleted, lengthened and added again."""
    dice = random.Random(seed)
    rows = tuple((n, "x" * dice.choice((3, 40, 200, 900)), n / 3) for n in range(1, 300))
    table = Table(name="t", columns=(("id", "INTEGER PRIMARY KEY"), ("a", "TEXT"), ("b", "REAL")), rows=rows)
    script = (
        "CREATE INDEX by_a ON t(a, b)",
        "DELETE FROM t WHERE id % 7 = 3",
        "UPDATE t SET a = a || 'more' WHERE id % 11 = 0",
        f"DELETE FROM t WHERE id BETWEEN {seed * 20} AND {seed * 20 + 40}",
    )
    return View(
        open_storage(Sqlite().encode(Database(tables=(table,), script=script, page_size=1024))).current, Limits()
    )


@pytest.mark.parametrize("seed", range(1, 6))
def test_gaps_are_between_the_cells_of_each_page(seed: int) -> None:
    """All that are long enough and not blank; of pages that go on in others, nothing is said."""
    view = view_of(seed)

    found = gaps(view.pages, view.owners.all)

    assert 0 < sum(number in found for number in view.owners.all.tolist()) < len(view.owners.all)
    assert found.worth
    for number in filter(found.__contains__, view.owners.all.tolist()):
        page = view.page(number)
        assert page is not None
        edges = [page.pointers_end, *(edge for cell in cell_ends(page) for edge in cell), page.usable]
        between = zip(edges[::2], edges[1::2], strict=True)
        expected = [(low, high) for low, high in between if high - low >= 6 and any(page.data[low:high])]
        assert list(found.worth.get(number, ())) == expected, number
