"""What follows for a stored file from where it was found: who can read it, and whether it enters a backup."""

from dataclasses import replace

from harness.devices._listing import is_backed_up
from harness.devices.adb.containers import Kind, Root
from harness.devices.adb.observing import Package
from harness.devices.base import with_readers
from harness.model import Access, DeviceProfile, Facts
from harness.sandbox import readers_of

__all__ = ["attributed", "seen"]

_SCOPED_SINCE = 30
"""Android 11: other apps no longer see `Android/data` and `Android/obb`."""


def seen(facts: Facts, profile: DeviceProfile) -> Facts:
    """Facts with their readers; whether there is root was tried, so it is not a matter of opinion."""
    root = {Access.ROOT_FILES: profile.privileged, Access.ROOT_CODE: profile.privileged}
    return with_readers(facts, readers_of(facts, profile) | root)


def attributed(facts: Facts, root: Root, app: Package | None, profile: DeviceProfile, sdk: int) -> Facts:
    """Facts with what is known of backups and readers.

    Args:
        facts: of the file, with its path in the container.
        root: where it was found.
        app: whose it is; nobody's where it is the system's.
        profile: of the device, as observed.
        sdk: API level of the device.
    """
    if app is None:
        root_only = {access: access in {Access.ROOT_FILES, Access.ROOT_CODE} for access in Access}
        return with_readers(replace(facts, in_backup=False), root_only)
    facts = replace(facts, in_backup=_in_backup(facts.path, root.kind, app, profile))
    own = replace(profile, debuggable=app.debuggable)
    if not root.kind.shared:
        return seen(facts, own)
    readers = {
        Access.OTHER_APP: root.kind is Kind.MEDIA or sdk < _SCOPED_SINCE,
        Access.ADB_SHELL: True,
        Access.ROOT_FILES: profile.privileged,
        Access.ROOT_CODE: profile.privileged,
    }
    if facts.in_backup is not None:
        readers[Access.BACKUP] = facts.in_backup
    return with_readers(facts, readers)


def _in_backup(path: str, kind: Kind, app: Package, profile: DeviceProfile) -> bool | None:
    """False by the app's flag or the rules of all devices; else it is for the app's own rules, and a backup tells."""
    if app.allows_backup is not True:
        return app.allows_backup
    if kind in {Kind.MEDIA, Kind.OBB}:
        return False
    if kind is Kind.EXTERNAL and not path.startswith("files/"):
        return False
    return is_backed_up(path, profile)
