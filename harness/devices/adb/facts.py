"""What follows for a stored file from where it was found: who can read it, and whether it enters a backup."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from harness.devices._listing import is_backed_up
from harness.devices.adb.containers import Kind, Root
from harness.devices.adb.observing import Package
from harness.devices.adb.transport import Link, run
from harness.devices.base import with_readers
from harness.model import Access, DeviceProfile, Facts
from harness.sandbox import readers_of

__all__ = ["Place", "open_to_shell", "seen", "with_reader"]

_MOST_ASKED = 200
_SCOPED_SINCE = 30
"""Android 11: other apps no longer see `Android/data` and `Android/obb`."""


def seen(facts: Facts, profile: DeviceProfile) -> Facts:
    """Facts with their readers; whether there is root was tried, so it is not a matter of opinion."""
    root = {Access.ROOT_FILES: profile.privileged, Access.ROOT_CODE: profile.privileged}
    return with_readers(facts, readers_of(facts, profile) | root)


def open_to_shell(link: Link, paths: Iterable[str]) -> dict[str, bool]:
    """For each absolute path whether the debug shell gets the file: asked, since bits and labels both decide.

    Raises:
        DeviceError: the device went away.
    """
    asked = [path for path in paths if "\\" not in path][:_MOST_ASKED]
    if not asked:
        return {}
    answer = run(link, "; ".join(f"[ -r {shlex.quote(path)} ]; echo $?" for path in asked))
    return {path: code == "0" for path, code in zip(asked, answer.text.split(), strict=False)}


def with_reader(facts: Facts, access: Access, *, can: bool) -> Facts:
    """Facts with what was found out of one attacker; one that is known to read stays known to."""
    if access in facts.readable_by:
        return facts
    if can:
        return replace(facts, readable_by=facts.readable_by | {access}, denied_to=facts.denied_to - {access})
    return replace(facts, denied_to=facts.denied_to | {access})


_Readers: TypeAlias = tuple[frozenset[Access], frozenset[Access]]
"""Who is known to read a file, and who is known not to."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, as what is found in it sees it. Made once for all of its files, of which there may be many."""

    root: Root
    app: Package | None
    """Whose it is; nobody's where it is the system's."""
    profile: DeviceProfile
    """Of the device, to this app."""
    sdk: int
    """API level of the device."""
    _readers: dict[tuple[int | None, str | None, bool | None, bool | None], _Readers] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of(cls, root: Root, app: Package | None, profile: DeviceProfile, sdk: int) -> "Place":
        """A folder of a device with an observed profile."""
        own = profile if app is None else replace(profile, debuggable=app.debuggable)
        return cls(root, app, own, sdk)

    def attributed(self, facts: Facts, path: str) -> Facts:
        """Facts of a file at a path in the container, with what is known of backups and readers."""
        container, in_backup = self.root.container, self._in_backup(path)
        # What decides who reads it, beside the place: of many files there are few kinds.
        kind = (facts.mode, facts.label, in_backup, is_backed_up(path, self.profile))
        readers = self._readers.get(kind)
        if readers is None:
            found = self._with_readers(replace(facts, path=path, container=container, in_backup=in_backup))
            readers = self._readers[kind] = (found.readable_by, found.denied_to)
        reads, denied = readers
        return replace(
            facts, path=path, container=container, in_backup=in_backup, readable_by=reads, denied_to=denied
        )

    def _with_readers(self, facts: Facts) -> Facts:
        if self.app is None:
            root_only = {access: access in {Access.ROOT_FILES, Access.ROOT_CODE} for access in Access}
            return with_readers(facts, root_only)
        if not self.root.kind.shared:
            return seen(facts, self.profile)
        readers = {
            Access.OTHER_APP: self.root.kind is Kind.MEDIA or self.sdk < _SCOPED_SINCE,
            Access.ADB_SHELL: True,
            Access.ROOT_FILES: self.profile.privileged,
            Access.ROOT_CODE: self.profile.privileged,
        }
        if facts.in_backup is not None:
            readers[Access.BACKUP] = facts.in_backup
        return with_readers(facts, readers)

    def _in_backup(self, path: str) -> bool | None:
        return False if self.app is None else _in_backup(path, self.root.kind, self.app, self.profile)


def _in_backup(path: str, kind: Kind, app: Package, profile: DeviceProfile) -> bool | None:
    """False by the app's flag or the rules of all devices; else it is for the app's own rules, and a backup tells."""
    if app.allows_backup is not True:
        return app.allows_backup
    if kind in {Kind.MEDIA, Kind.OBB}:
        return False
    if kind is Kind.EXTERNAL and not path.startswith("files/"):
        return False
    return is_backed_up(path, profile)
