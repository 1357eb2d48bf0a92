"""The storage of a device in memory: written without asking, read only as somebody, under the rules of its kind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness.errors import AccessDenied, DeviceError
from harness.model import Access, DeviceProfile, Platform, Protection
from harness.sandbox.access import Target, refused
from harness.sandbox.files import Tree, parents
from harness.sandbox.layout import (
    IOS_USER,
    SHARED_STORAGE,
    App,
    Container,
    Entry,
    Realm,
    canonical,
    is_inside,
    label_of,
    system_folders,
)
from harness.sandbox.rules import Caller, Lock, Setting, refusal, the_app

__all__ = ["Attributes", "Storage"]

_MADE_BY_FRAMEWORK = ("app_webview", "databases", "files", "no_backup", "shared_prefs")
"""What Android's `ContextImpl` makes in an app's folder, with mode 0771."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What a file is written with."""

    mode: int = 0o600
    protection: Protection = Protection.UNTIL_FIRST_AUTH
    in_backup: bool = True
    modified: float = 0.0
    owner: int | None = None
    """The container's app where not given; root outside of containers."""


class Storage:
    """Files and folders of one device, and the lock that they depend on."""

    def __init__(self, profile: DeviceProfile) -> None:
        self.profile: DeviceProfile | None = profile
        self._device = profile
        self._lock = Lock.UNLOCKED
        self._containers: list[Container] = []
        self._tree = Tree()
        for path, owner, mode in system_folders(profile):
            self._put_folder(path, owner, owner, mode)

    @property
    def setting(self) -> Setting:
        """The device around its files at this moment."""
        return Setting(profile=self._device, lock=self._lock)

    # -- without asking who ------------------------------------------------------------------------

    def write(self, path: str, data: bytes, attributes: Attributes | None = None) -> None:
        """Put a file in place, with the folders above it, as its owner does.

        Raises:
            DeviceError: a folder is there, or a file where a folder must be.
            UsageError: the path is none of a device.
        """
        wanted = attributes or Attributes()
        path = canonical(path, self._device)
        self._make_above(path)
        owner = self._owner(path) if wanted.owner is None else wanted.owner
        above = self._tree.get(parents(path)[-1]) if path != "/" else None
        # A folder with the set-group bit hands its group down.
        group = above.group if above is not None and above.mode & 0o2000 else owner
        entry = replace(
            self._blank(path, owner, group, wanted.mode),
            modified=wanted.modified,
            protection=wanted.protection if self._device.platform is Platform.IOS else None,
            in_backup=wanted.in_backup,
            data=bytes(data),
        )
        self._tree.put(entry)

    def make_folder(self, path: str, mode: int = 0o700) -> None:
        """Make a folder with those above it; one that is there stays as it is.

        Raises:
            DeviceError: a file is there, or where a folder above must be.
            UsageError: the path is none of a device.
        """
        path = canonical(path, self._device)
        self._make_above(path)
        if path not in self._tree:
            owner = self._owner(path)
            self._put_folder(path, owner, owner, mode)
        elif not self._tree.get(path).folder:
            raise DeviceError(f"a file is there already: {path}")

    def delete(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it; nothing happens where there is none."""
        self._tree.remove(canonical(path, self._device))

    def chmod(self, path: str, mode: int) -> None:
        self._tree.put(replace(self.stat(path), mode=mode & 0o7777))

    def chown(self, path: str, owner: int, group: int) -> None:
        self._tree.put(replace(self.stat(path), owner=owner, group=group))

    def mark_backup(self, path: str, *, in_backup: bool) -> None:
        """Set or lift the mark that keeps a file out of backups."""
        self._tree.put(replace(self.stat(path), in_backup=in_backup))

    def exists(self, path: str) -> bool:
        return canonical(path, self._device) in self._tree

    def stat(self, path: str) -> Entry:
        """What is known of a file or folder.

        Raises:
            DeviceError: it is not there.
        """
        return self._tree.get(canonical(path, self._device))

    def names(self, path: str) -> tuple[str, ...]:
        """What is in a folder, sorted."""
        return self._tree.names(canonical(path, self._device))

    def walk(self, path: str = "/") -> Iterator[Entry]:
        """A folder and all below it, sorted by path."""
        return self._tree.walk(canonical(path, self._device))

    # -- as somebody -------------------------------------------------------------------------------

    def refusal(self, path: str, access: Access) -> str:
        """Why an attacker does not get the file; empty where they do."""
        return refused(self._target(self._file(path)), access, self.setting)

    def readers(self, path: str) -> Mapping[Access, bool]:
        """For each attacker whether they get the file, with the device as it is now."""
        target = self._target(self._file(path))
        return {access: not refused(target, access, self.setting) for access in Access}

    def read(self, path: str, *, access: Access | None = None, app: str | None = None) -> bytes:
        """The bytes of a file: for an attacker, or for an app, by default the one whose file it is.

        Raises:
            AccessDenied: the device refuses.
            DeviceError: there is no such file or app.
        """
        entry = self._file(path)
        if access is not None:
            return _given(entry, self.refusal(path, access))
        if app:
            return self.read_as(path, the_app(self._installed(app), self._device))
        container = self._container_of(entry.path)
        if container is None:
            raise AccessDenied(f"{entry.path}: belongs to no app")
        return self.read_as(path, the_app(container.app, self._device))

    def read_as(self, path: str, caller: Caller) -> bytes:
        """The bytes of a file for one process: what the shell of an emulator asks.

        Raises:
            AccessDenied: the device refuses.
            DeviceError: there is no such file.
        """
        entry = self._file(path)
        return _given(entry, refusal(entry, self._tree.above(entry.path), caller, self.setting))

    # -- inside ------------------------------------------------------------------------------------

    def _file(self, path: str) -> Entry:
        entry = self.stat(path)
        if entry.folder:
            raise DeviceError(f"a folder: {entry.path}")
        return entry

    def _target(self, entry: Entry) -> Target:
        container = self._container_of(entry.path)
        return Target(
            entry=entry,
            above=self._tree.above(entry.path),
            app=container.app if container else None,
            relative=entry.path[len(container.root) + 1 :] if container else "",
        )

    def _installed(self, package: str) -> App:
        for container in self._containers:
            if container.app.package == package:
                return container.app
        raise DeviceError(f"{package} is not installed")

    def _container_of(self, path: str) -> Container | None:
        return next((one for one in self._containers if is_inside(path, one.root)), None)

    def _owner(self, path: str) -> int:
        container = self._container_of(path)
        if container is None:
            return 0
        return IOS_USER if container.realm is Realm.CONTAINER else container.app.uid

    def _blank(self, path: str, owner: int, group: int, mode: int) -> Entry:
        """A file as the system makes it at this place."""
        container = self._container_of(path)
        realm = container.realm if container else Realm.SYSTEM
        if self._device.platform is Platform.ANDROID and is_inside(path, SHARED_STORAGE):
            realm = Realm.SHARED
        return Entry(
            path=path,
            folder=False,
            owner=owner,
            group=group,
            mode=mode & 0o7777,
            realm=realm,
            package=container.app.package if container else "",
            label=label_of(container, self._device) if container else None,
        )

    def _put_folder(self, path: str, owner: int, group: int, mode: int) -> None:
        self._tree.put(replace(self._blank(path, owner, group, mode), folder=True))

    def _make_above(self, path: str) -> None:
        for above in parents(path):
            if above in self._tree:
                continue
            owner = self._owner(above)
            container = self._container_of(above)
            own = self._tree.get(parents(above)[-1])
            if own.mode & 0o2000:
                self._put_folder(above, owner, own.group, own.mode)
            elif self._device.platform is Platform.IOS:
                self._put_folder(above, owner, owner, 0o755)
            else:
                framework = container is not None and above[len(container.root) + 1 :] in _MADE_BY_FRAMEWORK
                self._put_folder(above, owner, owner, 0o771 if framework or container is None else 0o700)


def _given(entry: Entry, reason: str) -> bytes:
    if reason:
        raise AccessDenied(f"{entry.path}: {reason}")
    return entry.data
