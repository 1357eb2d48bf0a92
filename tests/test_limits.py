"""Caps, and the budget that counts down to one."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import LimitError
from harness.limits import Budget, Limits
from harness.wording import weight


def test_every_cap_is_finite_and_positive() -> None:
    """A device never decides how much we spend, so there is no cap that means `no cap`."""
    limits = Limits()

    assert all(0 < getattr(limits, field.name) < float("inf") for field in fields(limits))


def test_the_caps_are_documented(project_root: Path) -> None:
    """A user who meets one can look it up."""
    table = (project_root / "docs" / "formats.md").read_text(encoding="utf-8").partition("## Limits")[2]
    rows = dict(re.findall(r"\| ([^|]+) \| ([^|]+) \|", table)).values()
    caps = {field.name: getattr(Limits(), field.name) for field in fields(Limits)}

    told = [weight(cap) if name.endswith("_bytes") else f"{cap:,}" for name, cap in caps.items()]
    assert sorted(row.removesuffix(" s") for row in rows if row[0].isdigit()) == sorted(
        text.removesuffix(".0") for text in told
    )


def test_caps_can_be_changed_one_by_one() -> None:
    """A test or a caller lowers one and keeps the others."""
    lowered = replace(Limits(), depth=1)

    assert (lowered.depth, lowered.entries) == (1, Limits().entries)


@given(size=st.integers(0, 1 << 40))
def test_a_small_file_unpacks_to_little(size: int) -> None:
    """Ten times as much memory as the input and 200 MiB are enough for what is packed and what was unpacked."""
    most = Limits().unpacked(size)

    assert most <= Limits().expanded_bytes
    assert size + most <= 10 * size + (200 << 20)


def test_a_file_that_is_too_large_is_told_with_the_cap() -> None:
    """A report has the size beside it."""
    limits = Limits()

    assert limits.oversize(limits.file_bytes) == ""
    assert limits.oversize(3 << 30) == "larger than the 2.0 GiB that one file may have"


@given(st.integers(0, 1000), st.lists(st.integers(0, 200), max_size=20))
def test_a_budget_allows_exactly_what_it_has(total: int, amounts: list[int]) -> None:
    """It refuses the first amount that goes over, and nothing before it."""
    budget = Budget(what="pages", left=total)
    spent = 0

    for amount in amounts:
        spent += amount
        if spent > total:
            with pytest.raises(LimitError, match="more pages than the limit allows"):
                budget.spend(amount)
            return
        budget.spend(amount)
    assert budget.left == total - spent


def test_a_budget_ends_with_its_time() -> None:
    """Time counts where a deadline is given; the clock is the caller's."""
    now = [0.0]
    budget = Budget(what="pages", left=100, deadline=5.0, clock=lambda: now[0])
    budget.spend()
    now[0] = 5.5

    with pytest.raises(LimitError, match="longer than the limit allows"):
        budget.spend()


def test_a_budget_without_deadline_never_asks_the_clock() -> None:
    """Counting must not cost a system call each."""

    def broken() -> float:
        raise AssertionError

    Budget(what="pages", left=1, clock=broken).spend()
