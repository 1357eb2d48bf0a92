"""What a kernel lets one caller read: encryption at rest, permission bits, SELinux or the iOS sandbox.

Every function is pure: facts in, a reason out; an empty reason means that it may.

Sources: `app_data_file` rules of AOSP's `app.te`, `shell.te` and `mls` (a file opens only where its level equals the
caller's); Apple Platform Security, "Data Protection classes" and "Security of runtime process".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.model import DeviceProfile, Platform, Protection
from harness.sandbox.layout import IOS_USER, SHARED_STORAGE, App, Entry, Realm, is_inside, level_of, os_major

__all__ = [
    "ROOT",
    "SHELL",
    "Caller",
    "Confinement",
    "Lock",
    "Setting",
    "at_rest",
    "host_user",
    "protected",
    "refusal",
    "some_other_app",
    "the_app",
]


class Lock(StrEnum):
    """How far a device is unlocked."""

    BEFORE_FIRST_UNLOCK = "before_first_unlock"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


class Confinement(StrEnum):
    """What holds a process back beside permission bits."""

    NONE = "none"
    """Root after a jailbreak or `su`, or any process of a Mac."""
    APP = "app"
    """An app's sandbox."""
    SHELL = "shell"
    """Android's `shell` domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The device around a file at this moment."""

    profile: DeviceProfile
    lock: Lock = Lock.UNLOCKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A process that asks."""

    uid: int
    groups: frozenset[int] = frozenset()
    confinement: Confinement = Confinement.NONE
    package: str = ""
    """The app that it is; empty for none, or for one that is not installed here."""
    level: str = ""
    """Its MLS level on Android."""


ROOT = Caller(uid=0)
SHELL = Caller(uid=2000, groups=frozenset({2000, 1015, 1028, 1078}), confinement=Confinement.SHELL, level="s0")
"""Groups: shell, sdcard_rw, sdcard_r, ext_data_rw."""


def the_app(app: App, profile: DeviceProfile) -> Caller:
    """The app itself, which is also what `run-as` becomes."""
    if profile.platform is Platform.IOS:
        groups = frozenset({IOS_USER})
        return Caller(uid=IOS_USER, groups=groups, confinement=Confinement.APP, package=app.package)
    return Caller(
        uid=app.uid,
        groups=frozenset({app.uid, app.uid + 10_000}),
        confinement=Confinement.APP,
        package=app.package,
        level=level_of(app, profile),
    )


def some_other_app(profile: DeviceProfile) -> Caller:
    """The best that a hostile app can make of itself: on Android it targets an old SDK, and so shares the level of
    all old apps, and holds the permission for shared storage."""
    if profile.platform is Platform.IOS:
        return Caller(uid=IOS_USER, groups=frozenset({IOS_USER}), confinement=Confinement.APP)
    old = App(package="org.example.stranger", uid=19_998, target_sdk=27)
    groups = frozenset({old.uid})
    return Caller(uid=old.uid, groups=groups, confinement=Confinement.APP, level=level_of(old, profile))


def host_user() -> Caller:
    """The person at the Mac that runs a simulator."""
    return Caller(uid=IOS_USER, groups=frozenset({IOS_USER, 20}))


def refusal(entry: Entry, above: Sequence[Entry], caller: Caller, setting: Setting) -> str:
    """Why the caller may not read the file; empty where it may.

    Args:
        entry: the file.
        above: the folders over it, in any order.
        caller: who asks.
        setting: the device around it.
    """
    reason = at_rest(entry, setting)
    if reason or caller.uid == 0:
        return reason
    if entry.realm is Realm.SHARED:
        return _shared(entry, caller, setting)
    return _permission(entry, above, caller) or _mandatory(entry, caller, setting)


def at_rest(entry: Entry, setting: Setting) -> str:
    """What encryption at rest says: it binds root too."""
    if setting.profile.platform is Platform.ANDROID:
        sealed = entry.realm in {Realm.CREDENTIAL, Realm.SHARED}
        if sealed and setting.lock is Lock.BEFORE_FIRST_UNLOCK:
            return "credential-encrypted storage: not unlocked since boot"
        return ""
    if setting.profile.simulator:
        return ""
    return protected(entry.protection, setting.lock)


def protected(protection: Protection | None, lock: Lock) -> str:
    """What an iOS protection class says, of a file that nobody holds open or of a keychain item."""
    match protection:
        case Protection.COMPLETE | Protection.UNLESS_OPEN if lock is not Lock.UNLOCKED:
            return f"data protection class {protection.value}: the device is locked"
        case Protection.UNTIL_FIRST_AUTH if lock is Lock.BEFORE_FIRST_UNLOCK:
            return f"data protection class {protection.value}: not unlocked since boot"
        case _:
            return ""


def _shared(entry: Entry, caller: Caller, setting: Setting) -> str:
    """Shared storage does not obey permission bits: the media provider answers by package and path."""
    if caller.confinement is not Confinement.APP or (caller.package and caller.package == entry.package):
        return ""
    private = any(is_inside(entry.path, f"{SHARED_STORAGE}/Android/{kind}") for kind in ("data", "obb"))
    if private and os_major(setting.profile) >= 11:
        return "scoped storage: Android/data and Android/obb are closed to other apps since Android 11"
    return ""


def _permission(entry: Entry, above: Sequence[Entry], caller: Caller) -> str:
    for folder in sorted(above, key=lambda one: len(one.path)):
        if not _bits(folder, caller) & 0o1:
            return (
                f"permission denied: mode {folder.mode & 0o7777:04o} of a folder above lets uid {caller.uid} not pass"
            )
    if not _bits(entry, caller) & 0o4:
        return f"permission denied: mode {entry.mode & 0o7777:04o}, owner {entry.owner}, asked by uid {caller.uid}"
    return ""


def _bits(entry: Entry, caller: Caller) -> int:
    """The three bits that count for a caller; the first class that fits decides, even where a later grants more."""
    if caller.uid == entry.owner:
        return entry.mode >> 6 & 0o7
    if entry.group in caller.groups:
        return entry.mode >> 3 & 0o7
    return entry.mode & 0o7


def _mandatory(entry: Entry, caller: Caller, setting: Setting) -> str:
    if caller.confinement is Confinement.NONE or setting.profile.simulator:
        return ""
    if setting.profile.platform is Platform.IOS:
        own = bool(caller.package) and caller.package == entry.package
        return "" if own or entry.realm is Realm.SYSTEM else "the app sandbox denies containers of other apps"
    _, _, kind, level = (entry.label or ":::").split(":", 3)
    if kind != "app_data_file":
        return ""
    if caller.confinement is Confinement.SHELL:
        return "SELinux: the shell domain may not open app_data_file"
    return "" if level == caller.level else "SELinux: the categories of the file are not those of the caller"
