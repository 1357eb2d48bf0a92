"""Every check carries its own proof: a scene that it must fail, and a twin that it must pass."""

import re
from dataclasses import replace

import pytest

from harness import registry
from harness.checks.base import Check, Scene, detected, stored
from harness.model import CoverageLine, Outcome, Share, Unread

CHECKS = registry.load("checks", Check)


@pytest.fixture(params=sorted(CHECKS))
def check(request: pytest.FixtureRequest) -> Check:
    return CHECKS[request.param]


def test_it_fails_its_bad_scene(check: Check) -> None:
    """A check that cannot fail proves nothing."""
    verdict = check.judge(check.bad)

    assert verdict.outcome is Outcome.FAIL
    assert verdict.findings
    assert all(finding.check == check.name and finding.message and finding.remedy for finding in verdict.findings)


def test_it_passes_its_good_scene(check: Check) -> None:
    """The twin differs in the one thing that the check is about."""
    assert check.judge(check.good).outcome is Outcome.PASS


def test_it_says_why_and_counts_the_same_things_in_pass_and_fail(check: Check) -> None:
    """`3 of 4 examined` would read as if one had not been looked at."""
    one, _ = check.subject

    assert re.match(rf"1 of 1 {one}: \S", check.judge(check.bad).reason)
    assert check.judge(check.good).reason.startswith(f"1 {one} examined, all in order")


def test_findings_in_one_file_are_about_one_file() -> None:
    """However many values are in it; the reason names their classes."""
    bad, clean = stored("a.json", in_backup=True), stored("b.json")
    kinds = ("EMAIL", "PHONE", "EMAIL", "SSN", "NAME", "CARD")
    scene = Scene(facts=(bad, clean), detections=tuple(detected(bad, kind=kind) for kind in kinds))

    for name in ("plaintext", "in_backup"):
        verdict = CHECKS[name].judge(scene)
        assert (verdict.examined, len(verdict.findings)) == (2, 6)
        assert verdict.reason == "1 of 2 files: Email, Phone, SSN, Name and 1 more"


def test_an_empty_scene_is_not_a_pass(check: Check) -> None:
    """Nothing seen is not nothing wrong."""
    assert check.judge(Scene()).outcome in {Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE}


def test_could_not_look_is_not_a_pass(check: Check) -> None:
    """One refused file takes the pass away."""
    scene = replace(check.good, unread=(Unread(path="databases/app", reason="permission denied", size=4096),))

    assert check.judge(scene).outcome is Outcome.INCONCLUSIVE


def test_no_verdict_hangs_on_a_guess(check: Check) -> None:
    """A number that merely looks like one is listed, and that is all."""
    guesses = tuple(replace(each, confidence=0.5) for each in check.bad.detections)
    outcome = check.judge(replace(check.bad, detections=guesses)).outcome

    assert outcome is (Outcome.PASS if check.bad.detections else Outcome.FAIL)


def test_a_file_of_no_known_form_is_not_a_pass(check: Check) -> None:
    """What looks like ciphertext was not understood; a check that asks for modes need not understand it."""
    line = CoverageLine(path="app.db", container="", format="printable", size=40_960, shares={Share.UNKNOWN: 40_000})
    outcome = check.judge(replace(check.good, coverage=(line,))).outcome

    assert outcome is (Outcome.INCONCLUSIVE if check.reads_content else Outcome.PASS)


def test_a_link_that_is_never_followed_costs_no_pass(check: Check) -> None:
    """What was never meant to be read is recorded, and that is all."""
    scene = replace(check.good, unread=(Unread(path="lib", reason="symbolic link", expected=True),))

    assert check.judge(scene).outcome is Outcome.PASS


def test_its_ids_are_of_the_published_forms(check: Check) -> None:
    """Others map findings by these ids."""
    forms = {
        "masvs": r"MASVS-[A-Z]+-\d",
        "maswe": r"MASWE-\d{4} \(beta \d{4}\)",
        "mastg": r"MASTG-TEST-\d{4}",
        "cwe": r"CWE-\d+",
    }
    for kind, form in forms.items():
        assert all(re.fullmatch(form, each) for each in getattr(check, kind)), kind


def test_what_may_be_a_digest_of_somebody_unknown_is_not_passed() -> None:
    """Without the person, a random id and a SHA-256 of their address look alike."""
    check = CHECKS["identifier_only"]
    unknown = tuple(replace(each, shape="digest") for each in check.good.identifiers)

    assert check.judge(replace(check.good, identifiers=unknown, seeded=False)).outcome is Outcome.INCONCLUSIVE
    assert check.judge(replace(check.good, identifiers=unknown, seeded=True)).outcome is Outcome.PASS
