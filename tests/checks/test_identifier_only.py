"""Identities that are personal by themselves: nobody need know the person to see it."""

import pytest

from harness import registry
from harness.checks.base import Check, Scene, stored
from harness.model import Evidence, Locator, Outcome, StoredIdentifier

CHECK = registry.load("checks", Check)["identifier_only"]
FILE = stored("shared_prefs/sdk.xml")


def judged(shape: str, *, seeded: bool = False) -> Outcome:
    identity = StoredIdentifier(
        locator=Locator(path=FILE.path, steps=("deviceId",)), evidence=Evidence("***", "0" * 16, 35), sdk="example",
        shape=shape,
    )  # fmt: skip
    return CHECK.judge(Scene(facts=(FILE,), identifiers=(identity,), seeded=seeded)).outcome


@pytest.mark.parametrize("shape", ["advertising_id", "email", "phone"])
def test_an_identity_that_is_one_by_its_form_fails(shape: str) -> None:
    """CleverTap's `__g…` is the advertising id, whether or not it is known whose."""
    assert judged(shape) is Outcome.FAIL
    assert judged(shape, seeded=True) is Outcome.FAIL


def test_a_digest_of_nobody_knows_what_is_neither_opaque_nor_not() -> None:
    """Not examined, so not passed; with a known person who is not in it, it is as good as random."""
    assert judged("digest") is Outcome.INCONCLUSIVE
    assert judged("digest", seeded=True) is Outcome.PASS


def test_an_opaque_one_passes() -> None:
    """Nothing is seen in it."""
    assert judged("") is Outcome.PASS
