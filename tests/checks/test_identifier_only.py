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


def test_what_nobody_could_look_into_is_not_passed() -> None:
    """However many others are opaque: neither a ciphertext that stayed shut, nor what may be somebody's digest."""

    def verdict(*shapes: str) -> tuple[Outcome, str]:
        found = tuple(
            StoredIdentifier(
                locator=Locator(path=FILE.path, steps=(shape,)), evidence=Evidence("***", "0" * 16, 9), sdk="example",
                shape=shape,
            )
            for shape in shapes
        )  # fmt: skip
        said = CHECK.judge(Scene(facts=(FILE,), identifiers=found, seeded=False))
        return said.outcome, said.reason

    assert verdict("", "sealed") == (
        Outcome.INCONCLUSIVE,
        "of 2 stored identities 1 is encrypted, and no key opened what is in there",
    )
    assert verdict("", "digest")[0] is Outcome.INCONCLUSIVE
    assert verdict("sealed")[0] is Outcome.INCONCLUSIVE
    assert verdict("sealed", "email")[0] is Outcome.FAIL
    assert verdict("", "") == (Outcome.PASS, "2 stored identities examined, all in order")


def test_an_opaque_one_passes() -> None:
    """Nothing is seen in it."""
    assert judged("") is Outcome.PASS
