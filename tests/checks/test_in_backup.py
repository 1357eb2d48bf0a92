"""Backups: where nothing tells what one takes, the reason says what would, and no more."""

from harness import registry
from harness.checks.base import Check, Scene, stored
from harness.model import Outcome
from harness.profiles import load_profile

CHECK = registry.load("checks", Check)["in_backup"]


def test_a_copy_of_files_is_not_judged_and_the_way_out_is_one() -> None:
    """Who has named a device already is not told to name one."""
    files = (stored("shared_prefs/a.xml", in_backup=None),)
    unnamed = CHECK.judge(Scene(facts=files))
    named = CHECK.judge(Scene(facts=files, profile=load_profile("android-14-rooted")))

    assert unnamed.outcome is named.outcome is Outcome.NOT_APPLICABLE
    assert unnamed.reason.startswith(named.reason)
    assert "--profile" in unnamed.reason
    assert "--profile" not in named.reason
