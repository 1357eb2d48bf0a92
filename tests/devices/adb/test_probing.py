"""What a device allows is found out by asking, in order, and every answer is kept."""

from collections.abc import Callable
from typing import Any

from harness.devices.adb.probing import Way
from harness.model import Access

SHOP = "com.example.shop"
OTHER = "com.example.other"
Boot = Take = Lay = Callable[..., Any]


def test_a_rooted_phone_is_read_by_su(boot: Boot, take: Take) -> None:
    """The widest way that needs no change; the narrower ones are not asked."""
    taken = take(boot("android-14-rooted").serial)

    ways = [(each.way, each.works) for each in taken.source.attempts]
    assert ways == [(Way.ROOT, False), (Way.ADB_ROOT, False), (Way.SU, True)]
    assert taken.source.profile is not None
    assert taken.source.profile.privileged


def test_a_bridge_that_may_become_root_is_asked_only_where_that_is_allowed(boot: Boot, take: Take) -> None:
    """An image of the kind that emulators come with; the bridge is put back in the end."""
    device = boot("android-14-stock", kind={"userdebug": True})

    asked = take(device.serial, may_change=True)
    after = take(device.serial)

    assert asked.of(SHOP) == {"files/note.txt": b"a note"}
    ways = [(each.way, each.works) for each in asked.source.attempts]
    assert ways == [(Way.ROOT, False), (Way.ADB_ROOT, True), (Way.ADB_ROOT, True)]
    assert after.source.attempts[0].said.startswith("uid=2000")
    assert "--allow-changes" in after.source.attempts[1].asked


def test_a_phone_that_was_not_unlocked_since_it_booted_gives_nothing_that_it_must_not(boot: Boot, take: Take) -> None:
    """Not even to root; and no scan of it passes."""
    device = boot("android-14-rooted")
    device.lock(restart=True)

    taken = take(device.serial)

    assert taken.of(SHOP) == {}
    assert [item for item in taken.unread if item.container == SHOP]


def test_a_debuggable_build_is_read_by_run_as(boot: Boot, take: Take) -> None:
    """The app's own folder and no other's."""
    taken = take(boot("android-14-stock", app={"debuggable": True}).serial, app=None)

    assert taken.of(SHOP) == {"files/note.txt": b"a note"}
    assert taken.of(OTHER) == {}
    refused = [item for item in taken.unread if item.container.startswith(OTHER)]
    assert refused
    assert "not debuggable" in refused[0].reason
    said = {each.asked: each.said for each in taken.source.attempts if each.way is Way.RUN_AS}
    assert "uid=10123" in said[f"run-as {SHOP} id"]


def test_a_stock_phone_denies(boot: Boot, take: Take) -> None:
    """And what it denies is told as denied, with each answer; an empty folder is something else."""
    device = boot("android-14-stock", app={"allow_backup": False})

    taken = take(device.serial)

    assert taken.of(SHOP) == {}
    main = next(item for item in taken.unread if item.container == SHOP)
    assert main.path == f"data/data/{SHOP}"
    assert "denied" in main.reason
    assert "not debuggable" in main.reason
    tried = [each.way for each in taken.source.attempts]
    assert tried == [Way.ROOT, Way.ADB_ROOT, Way.SU, Way.RUN_AS, Way.BACKUP]


def test_a_stock_phone_gives_a_backup_of_an_app_that_allows_it(boot: Boot, take: Take) -> None:
    """Under the paths that the files have on the device; what is denied stays told."""
    files = {"files/note.txt": b"a note", "cache/x": b"never backed up", "shared_prefs/a.xml": b"<map/>"}
    taken = take(boot("android-14-stock", files, app={"target_sdk": 30}).serial)

    assert taken.of(SHOP) == {"files/note.txt": b"a note", "shared_prefs/a.xml": b"<map/>"}
    assert [item.container for item in taken.unread if item.container == SHOP]
    facts = taken.artifacts[SHOP, "files/note.txt"].facts
    assert facts.in_backup
    assert Access.BACKUP in facts.readable_by
    assert Access.ROOT_FILES in facts.denied_to


def test_a_backup_that_is_sure_to_be_empty_is_not_asked_for(boot: Boot, take: Take) -> None:
    """Nobody has to tap for nothing: Android 12 leaves release builds that target it out."""
    taken = take(boot("android-14-stock").serial)

    assert taken.of(SHOP) == {}
    last = taken.source.attempts[-1]
    assert (last.way, last.asked, last.works) == (Way.BACKUP, "not asked", False)


def test_every_attempt_is_kept_in_what_was_taken(boot: Boot, take: Take) -> None:
    """A snapshot says how it was made."""
    taken = take(boot("android-14-rooted").serial)

    account = taken.files["device", "acquisition.json"].decode()
    assert '"su -c id"' in account
    assert "uid=2000(shell)" in account
