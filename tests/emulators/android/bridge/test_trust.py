"""Which keys are let in, and who is asked."""

import asyncio
from pathlib import Path

import pytest

from harness.emulators.android.keys import KeyRefused
from harness.emulators.android.trust import KeyRing
from harness.emulators.walls.ports import Trust


def test_the_policy_decides_about_a_new_key(key_file: Path) -> None:
    """And what was allowed is known from then on."""
    text = key_file.with_suffix(".pub").read_bytes()

    for policy, admitted in ((Trust.ACCEPT, True), (Trust.DENY, False)):
        ring = KeyRing(policy, ())
        assert asyncio.run(ring.admits(text)) is admitted
        assert len(ring.keys) == admitted


@pytest.mark.parametrize("allow", [True, False])
def test_a_dialog_waits_and_is_answered(key_file: Path, *, allow: bool) -> None:
    """All that are open, and none that comes later."""
    text = key_file.with_suffix(".pub").read_bytes()

    async def ask() -> None:
        ring = KeyRing(Trust.ASK, ())
        waiting = [asyncio.ensure_future(ring.admits(text)) for _ in range(3)]
        await asyncio.sleep(0)
        assert len(ring.asking) == 3
        assert ring.answer(allow) == 3
        assert await asyncio.gather(*waiting) == [allow] * 3
        assert ring.asking == ()
        assert ring.answer(allow) == 0

    asyncio.run(ask())


def test_what_is_no_key_is_not_let_in() -> None:
    """Not even where everybody is; and what the device is told to know must be a key."""
    assert not asyncio.run(KeyRing(Trust.ACCEPT, ()).admits(b"no key"))
    with pytest.raises(KeyRefused):
        KeyRing(Trust.ACCEPT, [b"no key"])
