"""What changed between two reports."""

from dataclasses import replace

import pytest

from harness.comparison import Moved, compare
from harness.model import (
    Access,
    Cell,
    CoverageLine,
    Exposure,
    Finding,
    Locator,
    Outcome,
    Report,
    Severity,
    Share,
    Verdict,
)


def line(path: str, content: str = "c0", *, size: int = 10, container: str = "") -> CoverageLine:
    return CoverageLine(
        path=path, container=container, format="sqlite", size=size, shares={Share.DECODED: size}, content=content
    )


def finding(identity: str) -> Finding:
    return Finding(check="plaintext", severity=Severity.HIGH, message="m", locator=Locator(path="a"), id=identity)


def report(*, files: tuple[CoverageLine, ...] = (), ids: tuple[str, ...] = (), cells: tuple[Exposure, ...] = ()) -> Report:  # fmt: skip  # noqa: E501
    verdict = Verdict(
        check="plaintext", title="t", outcome=Outcome.FAIL, examined=1, findings=tuple(finding(each) for each in ids)
    )
    return Report(
        source="s", profile=None, app=None, sdks=(), persona=False, snapshot="", coverage=files, unread=(),
        verdicts=(verdict,), exposure=cells, detections=(),
    )  # fmt: skip


def test_equal_reports_differ_in_nothing() -> None:
    """And say so."""
    one = report(
        files=(line("a"),), ids=("f1",), cells=(Exposure(type="EMAIL", access=Access.BACKUP, cell=Cell.HELD),)
    )

    comparison = compare(one, one)
    assert comparison.is_empty
    assert [each.id for each in comparison.known] == ["f1"]


def test_files_are_told_apart_by_place() -> None:
    """Added, removed and changed, each sorted."""
    before = report(files=(line("kept"), line("z-gone"), line("gone"), line("changed", "c1")))
    after = report(files=(line("changed", "c2"), line("new"), line("kept"), line("a-new")))

    comparison = compare(before, after)
    assert comparison.added == ("a-new", "new")
    assert comparison.removed == ("gone", "z-gone")
    assert comparison.changed == ("changed",)
    assert not comparison.is_empty


def test_a_container_is_part_of_the_place() -> None:
    """Two apps may have a file of one name."""
    before = report(files=(line("prefs.xml", container="one"),))
    after = report(files=(line("prefs.xml", container="other"),))

    comparison = compare(before, after)
    assert (comparison.added, comparison.removed) == (("other:prefs.xml",), ("one:prefs.xml",))


@pytest.mark.parametrize("other", [line("a", "c1"), line("a", size=11)])
def test_content_or_size_makes_a_change(other: CoverageLine) -> None:
    """The digest is keyed; equal digests mean equal bytes."""
    assert compare(report(files=(line("a"),)), report(files=(other,))).changed == ("a",)


def test_how_a_file_was_read_is_no_change_of_it() -> None:
    """A better decoder is not a new release of the app."""
    reread = replace(line("a"), format="printable", shares={Share.UNKNOWN: 10}, error="cut off")

    assert compare(report(files=(line("a"),)), report(files=(reread,))).is_empty


def test_findings_are_the_same_where_their_ids_are() -> None:
    """New ones gate a release; fixed ones are worth telling."""
    comparison = compare(report(ids=("kept", "fixed")), report(ids=("new", "kept")))

    assert [each.id for each in comparison.new] == ["new"]
    assert [each.id for each in comparison.fixed] == ["fixed"]
    assert [each.id for each in comparison.known] == ["kept"]


def test_a_known_finding_is_told_as_it_is_now() -> None:
    """With its present message and count."""
    after = report(ids=("kept",))
    verdict = after.verdicts[0]
    counted = replace(after, verdicts=(replace(verdict, findings=(replace(verdict.findings[0], occurrences=7),)),))

    assert [each.occurrences for each in compare(report(ids=("kept",)), counted).known] == [7]


def exposed(kind: str, access: Access, cell: Cell) -> Exposure:
    return Exposure(type=kind, access=access, cell=cell)


def test_cells_that_moved_are_told_with_both_ends() -> None:
    """A class that only one report knows was absent in the other."""
    before = report(cells=(
        exposed("EMAIL", Access.BACKUP, Cell.HELD), exposed("EMAIL", Access.ROOT_FILES, Cell.EXPOSED),
        exposed("SSN", Access.BACKUP, Cell.EXPOSED),
    ))  # fmt: skip
    after = report(cells=(
        exposed("EMAIL", Access.BACKUP, Cell.EXPOSED), exposed("EMAIL", Access.ROOT_FILES, Cell.EXPOSED),
        exposed("CARD", Access.BACKUP, Cell.BROKEN), exposed("PHONE", Access.BACKUP, Cell.ABSENT),
    ))  # fmt: skip

    assert compare(before, after).cells == (
        Moved(type="CARD", access=Access.BACKUP, before=Cell.ABSENT, after=Cell.BROKEN),
        Moved(type="EMAIL", access=Access.BACKUP, before=Cell.HELD, after=Cell.EXPOSED),
        Moved(type="SSN", access=Access.BACKUP, before=Cell.EXPOSED, after=Cell.ABSENT),
    )


def test_a_comparison_backwards_swaps_its_sides() -> None:
    """New is fixed, added is removed."""
    one, other = report(files=(line("a"),), ids=("f1",)), report(files=(line("b"),), ids=("f2",))
    there, back = compare(one, other), compare(other, one)

    assert (there.added, there.new) == (back.removed, back.fixed)
    assert (there.removed, there.fixed) == (back.added, back.new)
