"""What is put together is one thing to fix; the worst comes first, and nothing is lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from harness.grouping import advice, by_file, clusters, common_place
from harness.model import Finding, Locator, Severity, State, Step

SAMPLE = Finding(check="plaintext", severity=Severity.HIGH, message="m", locator=Locator(path="a.db"), type="EMAIL")


def found(*steps: Step, path: str = "a.db", **changes: object) -> Finding:
    return replace(SAMPLE, locator=Locator(path=path, steps=steps), **changes)  # type: ignore[arg-type]


FINDINGS = st.lists(
    st.builds(
        lambda path, row, kind, severity: found("t", row, "c", path=path, type=kind, severity=severity),
        st.sampled_from("abc"),
        st.integers(0, 5),
        st.sampled_from(["EMAIL", "SSN", None]),
        st.sampled_from(Severity),
    )
)


@given(FINDINGS)
def test_nothing_is_lost_and_the_worst_is_first(findings: list[Finding]) -> None:
    """Neither by file, nor by what is to be fixed."""
    groups, told = by_file(findings), clusters(findings)

    for parts in (groups, told):
        assert sum(len(part.findings) for part in parts) == len(findings)
        worst = [max(finding.severity for finding in part.findings) for part in parts]
        assert worst == sorted(worst, reverse=True)


def test_findings_that_differ_in_row_and_value_are_one_thing_to_fix() -> None:
    """The row numbers in which they differ are a star; a number that they share stays."""
    (cluster,) = clusters([found("orders", row, "lines", 0, "who", id=str(row), occurrences=2) for row in range(3)])

    assert cluster.place == "/orders/*/lines/0/who"
    assert (cluster.more, cluster.rows) == (" and 2 more", 6)


def test_findings_of_different_remedies_stay_apart() -> None:
    """A deleted value is not fixed by what fixes one in use; nor is another column, class, file or check."""
    one = found("orders", 1, "who")
    others = [
        replace(one, state=State.WAL), replace(one, layers=("base64",)), replace(one, type="PHONE"),
        replace(one, check="in_backup"), found("orders", 1, "what"), found("orders", 1, "who", path="b.db"),
    ]  # fmt: skip

    assert len(clusters([one, *others])) == 7


def test_a_rare_class_is_not_buried_under_a_common_one() -> None:
    """Where both are as bad."""
    common = [found("t", row, "mail") for row in range(9)]

    assert [cluster.first.type for cluster in clusters([*common, found("z", type="SSN")])] == ["SSN", "EMAIL"]


def test_one_place_is_its_own_common_place() -> None:
    """Nothing is starred without need."""
    place = Locator(path="a", steps=("t", 7, "c"))

    assert common_place([place, place]) == place


@given(FINDINGS)
def test_each_remedy_is_told_once(findings: list[Finding]) -> None:
    """With all that it is for; the worst first."""
    remedied = [replace(finding, remedy=f"fix {finding.type}") for finding in findings]
    told = advice(remedied)

    assert len({each.remedy for each in told}) == len(told)
    assert sum(len(each.findings) for each in told) == len(findings)
    worst = [max(finding.severity for finding in each.findings) for each in told]
    assert worst == sorted(worst, reverse=True)


def test_advice_says_what_it_is_about() -> None:
    """Parts of SDKs, and files that are nobody's."""
    queue = found("a", remedy="r", sdk="clevertap", component="event queue")
    profile = replace(queue, component="profile")
    other = found("b", remedy="r", path="b.db")

    assert [each.where for each in advice([queue, profile])] == ["CleverTap · event queue, profile"]
    assert [each.where for each in advice([queue, replace(queue, sdk="braze", component="")])] == [
        "Braze; CleverTap · event queue"
    ]
    assert [each.where for each in advice([other])] == ["b.db"]
    assert [each.where for each in advice([queue, other, found("c", remedy="r", path="c.db")])] == [
        "CleverTap · event queue; 2 files"
    ]
    assert advice([replace(queue, remedy="")]) == []
