"""The ledger of a folder as a table: a row for each format, and parts that add up."""

import pytest

from benchmarks.accuracy.ledger import rows

COVERAGE = {
    "files": [
        {"format": "sqlite", "size": 30, "shares": {"decoded": 10, "padding": 20}},
        {"format": "sqlite", "size": 5, "shares": {"unknown": 5}},
        {"format": "text_log", "size": 1200, "shares": {"decoded": 1200}},
    ],
    "totals": {"files": 3, "bytes": 1235, "decoded": 1210, "padding": 20, "unknown": 5, "failed": 0},
}


def test_each_format_has_a_row_and_the_folder_a_sum() -> None:
    """Shares that nothing is of are left empty."""
    assert list(rows("app", COVERAGE)) == [
        "| app | sqlite | 2 | 35 | 10 |  |  | 20 |  |  |  | 5 |  |",
        "| app | text_log | 1 | 1,200 | 1,200 |  |  |  |  |  |  |  |  |",
        "| **app** |  | 3 | 1,235 | 1,210 |  |  | 20 |  |  |  | 5 |  |",
    ]


def test_parts_that_do_not_add_up_are_not_published() -> None:
    """A byte that no share has is a mistake of ours."""
    wrong = {**COVERAGE, "totals": {"files": 3, "bytes": 1236, "decoded": 1235}}

    with pytest.raises(SystemExit, match="do not add up"):
        list(rows("app", wrong))
