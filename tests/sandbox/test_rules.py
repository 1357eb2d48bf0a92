"""The rules of a kernel, case by case; `test_access` states them a second time as a whole."""

import pytest

from harness.model import DeviceProfile, Platform, Protection
from harness.sandbox.layout import App, Entry, Realm
from harness.sandbox.rules import (
    ROOT,
    SHELL,
    Caller,
    Lock,
    Setting,
    at_rest,
    host_user,
    protected,
    refusal,
    some_other_app,
    the_app,
)

ANDROID = DeviceProfile(name="a", title="a", platform=Platform.ANDROID, os_version="14", app_root="/data/data")
IOS = DeviceProfile(name="i", title="i", platform=Platform.IOS, os_version="17", app_root="/c")


def stored(mode: int, *, owner: int = 1, group: int = 2, realm: Realm = Realm.SYSTEM) -> Entry:
    return Entry(path="/a", folder=False, owner=owner, group=group, mode=mode, realm=realm)


@pytest.mark.parametrize(
    ("mode", "uid", "groups", "allowed"),
    [
        (0o400, 1, (), True),
        (0o040, 9, (2,), True),
        (0o004, 9, (), True),
        (0o044, 1, (2,), False),
        (0o404, 9, (2,), False),
        (0o400, 9, (2,), False),
        (0o000, 0, (), True),
    ],
)
def test_the_first_class_that_fits_decides(mode: int, uid: int, groups: tuple[int, ...], allowed: bool) -> None:
    """An owner without the bit is refused even where everybody else is not; root is never asked."""
    caller = Caller(uid=uid, groups=frozenset(groups))

    assert (refusal(stored(mode), (), caller, Setting(profile=ANDROID)) == "") is allowed


def test_every_folder_above_must_let_pass() -> None:
    """One closed folder is enough, and the reason is about the first from the top."""
    opened = Entry(path="/", folder=True, owner=0, group=0, mode=0o711, realm=Realm.SYSTEM)
    closed = Entry(path="/b", folder=True, owner=0, group=0, mode=0o700, realm=Realm.SYSTEM)
    stranger = Caller(uid=9)

    assert refusal(stored(0o644), (opened,), stranger, Setting(profile=ANDROID)) == ""
    assert "mode 0700" in refusal(stored(0o644), (closed, opened), stranger, Setting(profile=ANDROID))


@pytest.mark.parametrize("lock", list(Lock))
@pytest.mark.parametrize("protection", list(Protection))
def test_protection_classes_are_those_of_apple(protection: Protection, lock: Lock) -> None:
    """A and B need an unlocked device, C one that was unlocked since boot, D nothing."""
    needs = {
        Protection.COMPLETE: {Lock.UNLOCKED},
        Protection.UNLESS_OPEN: {Lock.UNLOCKED},
        Protection.UNTIL_FIRST_AUTH: {Lock.UNLOCKED, Lock.LOCKED},
        Protection.NONE: set(Lock),
    }

    assert (protected(protection, lock) == "") is (lock in needs[protection])


def test_encryption_at_rest_binds_root() -> None:
    """Before the first unlock there is no key for anyone, but for what is readable from boot."""
    booted = Setting(profile=ANDROID, lock=Lock.BEFORE_FIRST_UNLOCK)

    assert at_rest(stored(0o666, realm=Realm.CREDENTIAL), booted)
    assert refusal(stored(0o666, realm=Realm.SHARED), (), ROOT, booted)
    assert not refusal(stored(0o600, realm=Realm.DEVICE), (), ROOT, booted)


def test_callers_are_who_they_say() -> None:
    """The shell has its uid, an app its own, a stranger another; on iOS all are `mobile`."""
    app = App(package="com.example.shop", uid=10123)

    assert SHELL.uid == 2000
    assert the_app(app, ANDROID).uid == 10123
    assert the_app(app, ANDROID).level == "s0:c123,c256,c512,c768"
    assert some_other_app(ANDROID).uid != 10123
    assert the_app(app, IOS).uid == some_other_app(IOS).uid == host_user().uid == 501
