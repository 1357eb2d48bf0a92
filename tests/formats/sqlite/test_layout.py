"""Pages that nothing points to are read by the layout of the table that their rows look like."""

import time
from dataclasses import replace

import pytest

from harness.formats.sqlite import Database, Sqlite, Table
from harness.formats.sqlite.layout import Atlas, layouts, matches
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
    """Where the rows of no other table look the same, it is named."""
    tree = next(tree for tree in view.trees if tree.table == name)
    page = view.page(tree.root)
    assert page is not None

    found = matches(page, Atlas(view.layouts))

    assert found is not None
    assert (found.tree.table, found.tree.columns, found.confidence) == (name, tree.columns, 1.0)


def test_tables_that_look_the_same_are_not_told_apart(view: View) -> None:
    """What they have in common is told: the columns, where these have the same names, and no table."""
    tree = next(tree for tree in view.trees if tree.table == "wide")
    page = view.page(tree.root)
    assert page is not None

    twin = matches(page, Atlas(layouts([tree, replace(tree, table="twin")], 4096)))
    others = tuple(replace(column, name=f"{column.name}2") for column in tree.columns if column)
    stranger = matches(page, Atlas(layouts([tree, replace(tree, table="twin", columns=others)], 4096)))

    assert twin is not None
    assert (twin.tree.table, twin.tree.columns) == ("?", tree.columns)
    assert stranger is not None
    assert (stranger.tree.table, stranger.tree.columns) == ("?", ())


def test_an_empty_page_resembles_nothing(view: View) -> None:
    """No rows, no layout."""
    page = view.page(1)
    assert page is not None

    assert matches(page, Atlas(())) is None


def test_many_tables_and_free_pages_cost_little(sqlite: Sqlite) -> None:
    """Asking for bytes of every free page of a database with hundreds of wide tables ends soon."""
    columns = tuple((f"c{n}", "TEXT" if n % 2 else "INT") for n in range(60))
    tables = tuple(Table(name=f"t{n}", columns=columns) for n in range(200))
    gone = Table(name="gone", columns=(("a", "TEXT"),), rows=tuple((f"text {n} " * 20,) for n in range(2000)))
    document: Document = sqlite.encode(Database(tables=(gone, *tables), script=("DROP TABLE gone",)))
    began = time.process_time()

    sqlite.locate(document, range(0, len(document.data), 2000), Limits())

    assert time.process_time() - began < 5
