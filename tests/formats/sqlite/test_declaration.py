"""Declarations are read as SQLite reads them."""

import gc
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.sqlite.declaration import read_index, read_table
from harness.formats.sqlite.tokens import tokens


@pytest.mark.parametrize(
    ("sql", "keys"),
    [
        (
            "CREATE TABLE t(a INTEGER PRIMARY KEY UNIQUE, b UNIQUE, UNIQUE(b), UNIQUE(b, a))",
            (("a",), ("b",), ("b", "a")),
        ),
        ("CREATE TABLE t(a, b, PRIMARY KEY(b, a) UNIQUE(a) CHECK(a IN (1, 2)))", (("b", "a"), ("a",))),
        ("CREATE TABLE t(a REFERENCES x(y) ON DELETE SET NULL UNIQUE)", (("a",),)),
        (
            "CREATE TABLE t(a CONSTRAINT named PRIMARY KEY ON CONFLICT FAIL, CONSTRAINT u UNIQUE(A COLLATE NOCASE))",
            (("a",),),
        ),
    ],
)
def test_constraints_with_an_index_are_counted(sql: str, keys: tuple[tuple[str, ...], ...]) -> None:
    """Automatic indices are numbered by the constraints that they serve; repeated ones have none."""
    assert read_table(sql).keys == keys


@pytest.mark.parametrize(
    ("kind", "affinity"),
    [
        ("INT", "INTEGER"), ("POINT", "INTEGER"), ("VARCHAR(20)", "TEXT"), ("CLOB", "TEXT"), ("", "BLOB"),
        ("BLOB", "BLOB"), ("DOUBLE PRECISION", "REAL"), ("float", "REAL"), ("DECIMAL(10, 5)", "NUMERIC"),
        ("STRING", "NUMERIC"), ("CHARINT", "INTEGER"),
    ],
)  # fmt: skip
def test_affinity_follows_the_five_rules(kind: str, affinity: str) -> None:
    """In their order."""
    assert read_table(f"CREATE TABLE t(a {kind} NOT NULL)").columns[0].affinity == affinity


def test_parts_of_an_index_that_are_no_column_have_no_name() -> None:
    """Expressions leave their position empty."""
    sql = 'CREATE UNIQUE INDEX i ON t("A b" COLLATE NOCASE DESC, lower(c), d) WHERE d > (1)'

    assert read_index(sql) == ("a b", "", "d")


@pytest.mark.parametrize(
    "sql", ["", "(", "CREATE TABLE t", "CREATE TABLE t(", "CREATE TABLE t()", "CREATE TABLE t(a"]
)
def test_what_is_no_declaration_is_refused(sql: str) -> None:
    """A half statement is damage, not a table without columns."""
    with pytest.raises(FormatError):
        read_table(sql)


@given(st.text(alphabet="""ab('"`[]),-*/ .1exX\n""", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Hostile statements raise nothing else."""
    for read in (read_table, read_index):
        try:
            read("CREATE TABLE t(" + text)
        except FormatError:
            continue


def spent_on(unit: str, size: int) -> float:
    """Seconds of the processor that a statement of that length takes, the best of three: others use the machine."""
    statement = "CREATE TABLE t(a DEFAULT " + unit * (size // len(unit))
    spent = []
    gc.disable()  # what it costs to look through the garbage of all tests before is not the statement's
    try:
        for _ in range(3):
            began = time.process_time()
            with suppress(FormatError):
                read_table(statement)
            spent.append(time.process_time() - began)
    finally:
        gc.enable()
    return min(spent)


@pytest.mark.parametrize("unit", ["[", '"', "'", "`", "/*", "--", "(", "x'", "- ", "(1", "0x", "1e", ","])
def test_long_statements_cost_linear_time(unit: str) -> None:
    """Open quotes, comments and parentheses do not add up: four times as much is not sixteen times the work."""
    assert spent_on(unit, 160_000) < 8 * spent_on(unit, 40_000) + 0.02
    assert len(tokens(unit * 100)) <= 200
