"""Looking at many leaves at once says what looking at each cell says."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.sqlite import Database, Sqlite, Table
from harness.formats.sqlite.btree import LEAF, read_cell, read_page
from harness.formats.sqlite.record import length
from harness.formats.sqlite.sheets import Sheets
from harness.formats.sqlite.soundness import sound_cells

SIZE = 1024
Leaf = tuple[bytes, int]
"""A page, and where its header begins."""


def sound_runs(found: list[Leaf]) -> list[list[tuple[int, int]] | None]:
    """The runs of cells of each leaf; `None` for one that is not called sound."""
    flat = np.frombuffer(b"".join(page for page, _ in found), np.uint8)
    starts = np.arange(len(found)) * SIZE
    numbers = np.array([1 if head else 2 for _, head in found])
    sound = sound_cells(Sheets(flat, numbers, starts, SIZE, SIZE))
    runs: list[list[tuple[int, int]] | None] = [[] if each else None for each in sound.is_sound.tolist()]
    for owner, start, end in zip(*(each.tolist() for each in sound.runs()), strict=True):
        held = runs[owner]
        if held is not None:
            held.append((start - owner * SIZE, end - owner * SIZE))
    return runs


def leaves(seed: int) -> list[Leaf]:
    """The leaves of a database with rows of all sizes, of a table with and one without row ids."""
    dice = random.Random(seed)
    rows = tuple(
        (n * dice.choice((1, 90, 70_000)), "x" * dice.choice((0, 5, 60, 200, 900)), n / 3) for n in range(80)
    )
    tables = (
        Table(name="a", columns=(("id", "INTEGER PRIMARY KEY"), ("t", "TEXT"), ("r", "REAL")), rows=tuple(set(rows))),
        Table(
            name="k", columns=(("k", "TEXT PRIMARY KEY"), ("v", "")), without_rowid=True,
            rows=tuple((f"k{n}", b"\x00" * dice.choice((1, 30, 90))) for n in range(60)),
        ),
    )  # fmt: skip
    unique = {row[0]: row for row in tables[0].rows}
    tables = (Table(name="a", columns=tables[0].columns, rows=tuple(unique.values())), tables[1])
    data = bytes(
        Sqlite().encode(Database(tables=tables, page_size=SIZE, script=("DELETE FROM a WHERE id % 5 = 1",))).data
    )
    pages = [(data[start : start + SIZE], 0 if start else 100) for start in range(0, len(data), SIZE)]
    return [(page, head) for page, head in pages if page[head] in LEAF]


def expected(leaf: Leaf) -> list[tuple[int, int]] | None:
    """Cell by cell."""
    page = read_page(1 if leaf[1] else 2, leaf[0], SIZE)
    runs: list[tuple[int, int]] = []
    for at in sorted(page.cells):
        cell = read_cell(page, at)
        if cell.overflow or length(page.data, cell.body, cell.body + cell.size) != cell.size:
            return None
        if at < max((end for _, end in runs), default=page.pointers_end):
            return None
        if runs and runs[-1][1] == at:
            runs[-1] = runs[-1][0], cell.end
        else:
            runs.append((at, cell.end))
    return runs


@pytest.mark.parametrize("seed", range(6))
def test_sound_leaves_are_told_as_cell_by_cell(seed: int) -> None:
    """The same runs; what overflows is left to the slower way."""
    found = leaves(seed)

    assert sound_runs(found) == [expected(leaf) for leaf in found]
    assert any(run is not None and len(run) > 1 for run in sound_runs(found))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 5), changes=st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, 255)), max_size=6))
def test_no_damage_is_called_sound(seed: int, changes: list[tuple[int, int]]) -> None:
    """Whatever bytes are changed, a leaf that is called sound is one."""
    damaged = []
    for page, head in leaves(seed):
        data = bytearray(page)
        for at, byte in changes:
            data[at] = byte
        if data[head] in LEAF:
            damaged.append((bytes(data), head))
    for leaf, runs in zip(damaged, sound_runs(damaged), strict=True):
        if runs is not None:
            try:
                assert runs == expected(leaf)
            except FormatError:
                pytest.fail("a cell that cannot be read was called sound")
