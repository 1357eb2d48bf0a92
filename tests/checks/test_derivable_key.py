"""Places with ciphertext are counted once each, however much is in them and however many rows they have."""

from dataclasses import replace

from harness import registry
from harness.checks.base import Check, Scene, detected, stored
from harness.model import Access, Detection, Locator, Outcome, Sealed, SealState, Verdict

CHECK = registry.load("checks", Check)["derivable_key"]
FILE = stored("databases/queue")
CODE = frozenset({Access.ROOT_CODE})
EVERYBODY = frozenset(Access)


def sealed(*steps: str | int, state: SealState = SealState.OPENED, opened_by: frozenset[Access] = CODE) -> Sealed:
    return Sealed(
        locator=Locator(path=FILE.path, steps=steps), layer="aes-gcm", state=state, sdk="example", reason="a key",
        opened_by=opened_by, by_code=opened_by == CODE,
    )  # fmt: skip


def personal(*steps: str | int, opened_by: frozenset[Access] = CODE) -> Detection:
    found = detected(FILE, opened_by=opened_by)
    return replace(found, locator=Locator(path=FILE.path, steps=steps), by_code=opened_by == CODE)


def judged(*things: Sealed | Detection) -> Verdict:
    return CHECK.judge(
        Scene(
            facts=(FILE,),
            sealed=tuple(each for each in things if isinstance(each, Sealed)),
            detections=tuple(each for each in things if isinstance(each, Detection)),
        )
    )


def test_a_ciphertext_is_one_place_with_all_that_is_in_it() -> None:
    """A sealed row has a name, an address and a number in it: one ciphertext, not three and itself."""
    row = ("events", 1, "data")
    verdict = judged(sealed(*row), *(personal(*row, "profile", name) for name in ("Name", "Email", "Phone")))

    assert (verdict.outcome, verdict.examined) == (Outcome.PASS, 1)
    assert verdict.reason == "1 place with ciphertext examined, all in order"


def test_what_was_opened_is_told_by_value_and_counted_by_place() -> None:
    """Every value is a finding, none is told twice; a place beside it is one more."""
    row = ("events", 1, "data")
    verdict = judged(
        sealed(*row, opened_by=EVERYBODY),
        personal(*row, "Name", opened_by=EVERYBODY),
        personal(*row, "Email", opened_by=EVERYBODY),
        sealed("other"),
        sealed("others", opened_by=EVERYBODY),
    )

    assert [finding.locator.steps for finding in verdict.findings] == [(*row, "Name"), (*row, "Email"), ("others",)]
    assert verdict.examined == 3
    assert verdict.reason.startswith("2 of 3 places with ciphertext")


def test_rows_are_one_place() -> None:
    """As everywhere in a report; a value of no known ciphertext is a place of its own."""
    verdict = judged(
        sealed("events", 1, "data"), personal("events", 7, "data", "Email"), personal("events", 8, "data", "Email"),
        personal("elsewhere"),
    )  # fmt: skip

    assert verdict.examined == 2


def test_what_is_no_ciphertext_is_told_beside_one_that_is() -> None:
    """One row opens with the keystore, another has the marks and no more."""
    row = ("events", 1, "data")
    verdict = judged(sealed(*row), personal(*row, "Email"), sealed(*row, state=SealState.MALFORMED))

    assert [finding.message for finding in verdict.findings] == ["marked as encrypted, and is not: a key"]
    assert verdict.examined == 1


def test_a_place_that_nobody_tried_is_not_counted() -> None:
    """Nothing was examined there."""
    verdict = judged(sealed("a"), sealed("b", state=SealState.NO_KEY, opened_by=frozenset()))

    assert (verdict.outcome, verdict.examined) == (Outcome.INCONCLUSIVE, 1)
