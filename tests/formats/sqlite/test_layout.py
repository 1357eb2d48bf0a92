"""Pages that nothing points to are read by the layout of the table that their rows look like."""

import time

import pytest

from harness.formats.sqlite import Database, Sqlite, Table
from harness.formats.sqlite.layout import layouts, resembling
from harness.formats.sqlite.pages import open_storage
from harness.formats.sqlite.view import View
from harness.limits import Limits
from harness.model import Document

NAMES = ("wide", "narrow", "numbers")


@pytest.fixture
def view(sqlite: Sqlite) -> View:
    content = Database(
        tables=(
            Table(
                name="wide",
                columns=(("id", "INTEGER PRIMARY KEY"), ("a", "TEXT"), ("b", "TEXT"), ("c", "REAL")),
                rows=tuple((n, f"text {n}", "x" * n, n / 7) for n in range(1, 20)),
            ),
            Table(name="narrow", columns=(("a", "TEXT"),), rows=tuple((f"only {n}",) for n in range(20))),
            Table(name="numbers", columns=(("a", "INT"), ("b", "INT")), rows=tuple((n, n * n) for n in range(20))),
        )
    )
    return View(open_storage(sqlite.encode(content)).current, Limits())


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_told_by_its_rows(name: str, view: View) -> None:
    """Columns and layout are those of the table; its name is not claimed."""
    tree = next(tree for tree in view.trees if tree.table == name)
    page = view.page(tree.root)
    assert page is not None

    found = resembling(page, view.layouts)

    assert found is not None
    assert (found.table, found.columns) == ("?", tree.columns)


def test_an_empty_page_resembles_nothing(view: View) -> None:
    """No rows, no layout."""
    page = view.page(1)
    assert page is not None

    assert resembling(page, layouts((), 4096)) is None


def test_many_tables_and_free_pages_cost_little(sqlite: Sqlite) -> None:
    """Asking for bytes of every free page of a database with hundreds of wide tables ends soon."""
    columns = tuple((f"c{n}", "TEXT" if n % 2 else "INT") for n in range(60))
    tables = tuple(Table(name=f"t{n}", columns=columns) for n in range(200))
    gone = Table(name="gone", columns=(("a", "TEXT"),), rows=tuple((f"text {n} " * 20,) for n in range(2000)))
    document: Document = sqlite.encode(Database(tables=(gone, *tables), script=("DROP TABLE gone",)))
    began = time.process_time()

    sqlite.locate(document, range(0, len(document.data), 2000), Limits())

    assert time.process_time() - began < 5
