"""The exposure matrix, cell by cell."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.checks.base import detected, stored
from harness.exposure import expose, expose_components
from harness.model import Access, Cell, Detection, Exposure, Finding, Kept, Locator, Outcome, Severity, Verdict

READ, DENIED, UNKNOWN = "read", "denied", "unknown"


def found(reach: str, *, kind: str = "EMAIL", form: str = "plain", path: str = "prefs.xml") -> Detection:
    """A detection in a file that root reads, or is refused, or nobody knows."""
    facts = replace(
        stored(path),
        readable_by=frozenset({Access.ROOT_FILES} if reach == READ else ()),
        denied_to=frozenset({Access.ROOT_FILES} if reach == DENIED else ()),
    )
    return detected(facts, kind=kind, form=form)


def cell(cells: tuple[Exposure, ...], access: Access = Access.ROOT_FILES, kind: str = "EMAIL") -> Exposure:
    (one,) = [each for each in cells if each.access is access and each.type == kind]
    return one


@pytest.mark.parametrize(
    ("detections", "expected"),
    [
        ([], Cell.ABSENT),
        ([found(READ)], Cell.EXPOSED),
        ([found(READ, form="base64")], Cell.EXPOSED),
        ([found(READ, form="sha256")], Cell.PSEUDONYMOUS),
        ([found(READ, form="md5:digits")], Cell.PSEUDONYMOUS),
        ([found(DENIED)], Cell.HELD),
        ([found(DENIED, form="sha256")], Cell.HELD),
        ([found(UNKNOWN)], Cell.UNKNOWN),
        ([found(READ, form="sha1"), found(READ)], Cell.EXPOSED),
        ([found(DENIED), found(READ)], Cell.EXPOSED),
        ([found(DENIED), found(READ, form="sha1")], Cell.PSEUDONYMOUS),
        ([found(READ, form="masked")], Cell.MASKED),
        ([found(READ, form="masked:last four"), found(READ, form="sha1")], Cell.PSEUDONYMOUS),
        ([found(READ, form="masked"), found(UNKNOWN)], Cell.UNKNOWN),
        ([found(READ, form="masked"), found(READ)], Cell.EXPOSED),
        ([found(DENIED, form="masked")], Cell.HELD),
        ([found(DENIED), found(UNKNOWN)], Cell.UNKNOWN),
        ([found(UNKNOWN), found(READ)], Cell.EXPOSED),
        ([found(READ, kind="PHONE")], Cell.ABSENT),
    ],
)
def test_the_worst_that_holds_is_the_cell(detections: list[Detection], expected: Cell) -> None:
    """One readable copy outweighs any number that are held; what is not known is never held."""
    for order in (detections, detections[::-1]):
        assert cell(expose(order, (), ["EMAIL"])).cell is expected


def test_a_class_that_was_seeded_and_not_found_is_absent_for_all() -> None:
    """That is an answer, and it has a row."""
    cells = expose((), (), ["EMAIL", "SSN"])

    assert [(each.type, each.access, each.cell) for each in cells] == [
        (kind, access, Cell.ABSENT) for kind in ("EMAIL", "SSN") for access in Access
    ]


def test_without_seed_or_detection_there_is_no_row() -> None:
    """A class that nobody looked for is not absent."""
    assert expose((), (), ()) == ()


def test_rows_are_sorted_and_complete() -> None:
    """One cell for each attacker, weakest first."""
    cells = expose([found(READ, kind="PHONE"), found(READ, kind="CARD")], (), ["EMAIL"])

    assert [(each.type, each.access) for each in cells] == [
        (kind, access) for kind in ("CARD", "EMAIL", "PHONE") for access in Access
    ]


@given(st.permutations([found(READ), found(DENIED, path="a"), found(UNKNOWN, kind="SSN"), found(READ, form="md5")]))
def test_order_of_detections_changes_nothing(detections: list[Detection]) -> None:
    """Equal input, equal report."""
    assert expose(detections, (), ()) == expose(sorted(detections, key=str), (), ())


# -- what backs a cell ---------------------------------------------------------------------------


def finding(number: int, *, kind: str = "EMAIL", locator: Locator | None = None) -> Finding:
    return Finding(
        check="plaintext",
        severity=Severity.HIGH,
        message="stored in plain text",
        locator=locator or Locator(path="prefs.xml", steps=("email",)),
        type=kind,
        id=f"id{number}",
    )


def verdict(*findings: Finding) -> Verdict:
    return Verdict(check="plaintext", title="t", outcome=Outcome.FAIL, examined=1, findings=findings)


def test_a_cell_names_the_findings_that_back_it() -> None:
    """Of the same class, at the same place, from any check."""
    cells = expose([found(READ)], [verdict(finding(2)), verdict(finding(1)), verdict(finding(3, kind="SSN"))], ())

    assert cell(cells).findings == ("id1", "id2")


def test_a_finding_elsewhere_backs_nothing_here() -> None:
    """Another file, or another container."""
    elsewhere = [
        finding(1, locator=Locator(path="other.xml", steps=("email",))),
        finding(2, locator=Locator(path="prefs.xml", steps=("email",), container="com.example.other")),
    ]

    assert cell(expose([found(READ)], [verdict(*elsewhere)], ())).findings == ()


def test_only_the_copies_that_make_the_cell_back_it() -> None:
    """A held copy does not explain why the class is exposed."""
    held = detected(replace(stored("held.db"), readable_by=frozenset(), denied_to=frozenset(Access)))
    backing = verdict(finding(1), finding(2, locator=Locator(path="held.db", steps=("email",))))

    assert cell(expose([found(READ), held], [backing], ())).findings == ("id1",)
    assert cell(expose([held], [backing], ())).findings == ("id2",)


def test_row_numbers_do_not_part_a_cell_from_its_findings() -> None:
    """Findings that differ in rows only were merged into one."""
    detection = replace(found(READ), locator=Locator(path="db", steps=("t", 7, "mail")))
    merged = finding(1, locator=Locator(path="db", steps=("t", 3, "mail")))

    assert cell(expose([detection], [verdict(merged)], ())).findings == ("id1",)


def test_nothing_is_absent_where_there_is_ciphertext_that_nobody_could_try() -> None:
    """It may be in there; and for who runs code, and may ask a keystore that we could not, nothing is held."""
    code = frozenset({Access.ROOT_CODE})
    unseen = expose([], [], ["EMAIL"], untried=frozenset())
    shut = replace(stored("held.db"), readable_by=frozenset(), denied_to=frozenset(Access))
    held = {each.access: each.cell for each in expose([detected(shut)], [], (), untried=code)}

    assert {each.cell for each in unseen} == {Cell.UNKNOWN}
    assert held.pop(Access.ROOT_CODE) is Cell.UNKNOWN
    assert set(held.values()) == {Cell.HELD}


def test_a_part_of_an_sdk_is_as_exposed_as_the_worst_of_its_values() -> None:
    """In plain, then opened, then not known, then held; by class, and for all of its values together."""
    files = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})
    denied = frozenset(Access) - files

    def kept(kind: str, opened_by: frozenset[Access] | None, *untried: Access) -> Kept:
        return Kept(
            sdk="toy", component="queue", type=kind, values=2, readable_by=files, denied_to=denied,
            opened_by=opened_by, untried_by=frozenset(untried),
        )  # fmt: skip

    found = expose_components(
        [
            kept("", None),
            kept("EMAIL", frozenset({Access.ROOT_CODE})),
            kept("EMAIL", frozenset({Access.ROOT_CODE})),
            kept("NAME", frozenset(), Access.ROOT_CODE),
            kept("SSN", frozenset(), *Access),
        ]
    )
    cells = {each.type: (each.cells[Access.ROOT_FILES], each.cells[Access.ROOT_CODE]) for each in found}

    assert cells == {
        "": (Cell.EXPOSED, Cell.EXPOSED),
        "EMAIL": (Cell.HELD, Cell.BROKEN),
        "NAME": (Cell.HELD, Cell.UNKNOWN),
        "SSN": (Cell.UNKNOWN, Cell.UNKNOWN),
    }
    assert [each.values for each in found] == [2, 4, 2, 2]
    assert {each.cells[Access.OTHER_APP] for each in found} == {Cell.HELD}
