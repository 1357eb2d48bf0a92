"""What each attacker gets: an `Access` level turned into the callers it can be, or into what a backup carries."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.model import Access, DeviceProfile, Facts, Platform
from harness.sandbox.layout import App, Entry, is_inside, os_major
from harness.sandbox.rules import (
    ROOT,
    SHELL,
    Caller,
    Lock,
    Setting,
    at_rest,
    host_user,
    refusal,
    some_other_app,
    the_app,
)

__all__ = ["Target", "best_access", "enters_backup", "readers_of", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A file with what surrounds it."""

    entry: Entry
    above: Sequence[Entry]
    """The folders over it."""
    app: App | None = None
    """Whose it is."""
    relative: str = ""
    """Its path within the app's container."""


def refused(target: Target, access: Access, setting: Setting) -> str:
    """Why an attacker does not get the file; empty where they do."""
    profile = setting.profile
    if access is Access.BACKUP:
        return _backup(target, setting)
    if profile.simulator:
        return _ask(target, host_user(), setting)
    match access:
        case Access.OTHER_APP:
            return _ask(target, some_other_app(profile), setting)
        case Access.ADB_SHELL:
            return _shell(target, setting)
        case _:
            return (
                _ask(target, ROOT, setting)
                if profile.privileged
                else "no root: the device is not rooted or jailbroken"
            )


def best_access(profile: DeviceProfile) -> Access:
    """What a tester would use on such a device: the way that yields most."""
    if profile.privileged or profile.simulator:
        return Access.ROOT_CODE
    if profile.debuggable and (profile.adb or profile.platform is Platform.IOS):
        return Access.ADB_SHELL
    if profile.backup:
        return Access.BACKUP
    return Access.ADB_SHELL if profile.adb else Access.OTHER_APP


def enters_backup(relative: str, in_backup: bool, app: App | None, profile: DeviceProfile) -> str:
    """Why a file never gets into a backup of the device; empty where it does.

    Any backup, of cloud and cable: that `adb backup` leaves out release builds which target Android 12 keeps nobody
    who holds the other one from the file.
    """
    if not profile.backup:
        return "this device makes no backups"
    if app is None:
        return "only files of apps are backed up"
    if not app.allow_backup:
        return "the app opted out of backups"
    if any(is_inside(relative, folder) for folder in profile.backup_excludes):
        return "the folder is left out of backups"
    return "" if in_backup else "the file is marked as not to be backed up"


def _ask(target: Target, caller: Caller, setting: Setting) -> str:
    return refusal(target.entry, target.above, caller, setting)


def _shell(target: Target, setting: Setting) -> str:
    profile = setting.profile
    if profile.platform is Platform.IOS:
        return _trusted_computer(target, setting)
    if not profile.adb:
        return "USB debugging is off"
    reason = _ask(target, SHELL, setting)
    if not reason or target.app is None:
        return reason
    if target.app.debuggable or profile.debuggable:
        return _ask(target, the_app(target.app, profile), setting)
    return f"{reason}; run-as: package not debuggable"


def _trusted_computer(target: Target, setting: Setting) -> str:
    """What house arrest hands to a computer that the phone trusts: the container of an app that is signed for
    development, and Documents of one that shares its files."""
    app = target.app
    if app is None:
        return "iOS has no debugging shell"
    shared = app.file_sharing and is_inside(target.relative, "Documents")
    if not (shared or app.debuggable or setting.profile.debuggable):
        return "iOS has no debugging shell, and the app is not signed for development"
    return _ask(target, the_app(app, setting.profile), setting)


def _backup(target: Target, setting: Setting) -> str:
    reason = enters_backup(target.relative, target.entry.in_backup, target.app, setting.profile)
    if reason or setting.profile.simulator:
        return reason
    if setting.lock is Lock.BEFORE_FIRST_UNLOCK:
        return "no backup before the first unlock"
    return at_rest(target.entry, setting)


# -- from facts alone ----------------------------------------------------------------------------


def readers_of(facts: Facts, profile: DeviceProfile | None) -> dict[Access, bool]:
    """What can be told of a file that somebody else took off a device; what cannot be told is left out.

    Args:
        facts: of the file. Mode and label are those on the device.
        profile: the device that it was taken from, where known.
    """
    # The files were taken, so whoever holds all of them is a given, on whatever device.
    root = {Access.ROOT_FILES: True, Access.ROOT_CODE: True}
    if profile is None:
        # Whatever the iPhone, its sandbox keeps apps apart, and it has no debugging shell.
        closed = (Access.OTHER_APP, Access.ADB_SHELL) if facts.platform is Platform.IOS else ()
        return {**dict.fromkeys(closed, False), **root}
    answers = {
        Access.OTHER_APP: profile.simulator or _other_app_reads(facts, profile),
        Access.ADB_SHELL: profile.simulator or _shell_reads(facts, profile),
        Access.BACKUP: _backup_holds(facts, profile),
        **root,
    }
    return {access: can for access, can in answers.items() if can is not None}


def _other_app_reads(facts: Facts, profile: DeviceProfile) -> bool | None:
    if profile.platform is Platform.IOS:
        return False
    if facts.mode is None:
        return None
    if not facts.mode & 0o004:
        return False
    if os_major(profile) < 9:
        return True
    # World-readable is not enough since Android 9: the categories decide, and the folders above.
    level = _level(facts)
    return None if level is None else level == some_other_app(profile).level


def _level(facts: Facts) -> str | None:
    """The MLS level of app data; None for what is no app data, or has no known label."""
    parts = (facts.label or "").split(":", 3)
    return parts[3] if len(parts) == 4 and parts[2] == "app_data_file" else None


def _shell_reads(facts: Facts, profile: DeviceProfile) -> bool | None:
    if profile.platform is Platform.IOS:
        return profile.debuggable
    if not profile.adb:
        return False
    if profile.debuggable:
        return True
    closed = _level(facts) is not None or (facts.mode is not None and not facts.mode & 0o004)
    return False if closed else None


def _backup_holds(facts: Facts, profile: DeviceProfile) -> bool | None:
    if not profile.backup or facts.in_backup is False:
        return False
    if any(is_inside(facts.path, folder) for folder in profile.backup_excludes):
        return False
    return facts.in_backup
