"""A whole device in memory: the simulator's target, the emulators' heart, and a source to scan."""

import plistlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from harness.errors import DeviceError, UsageError
from harness.model import Access, Artifact, Bytes, DeviceProfile, Facts, Platform, Protection, Unread
from harness.sandbox.access import Target, best_access, enters_backup, refused
from harness.sandbox.keychain import KEYCHAIN, KEYCHAIN_DUMP, Keychain, database_file, dump_file
from harness.sandbox.keys import AppKeys, KeyVault, may_use
from harness.sandbox.layout import IOS_USER, App, Container, Entry, Realm, containers_of, standard_folders
from harness.sandbox.rules import Lock
from harness.sandbox.storage import Attributes, Storage

__all__ = ["METADATA", "Sandbox"]

METADATA = ".com.apple.mobile_container_manager.metadata.plist"
"""How tools find out which app an iOS container with a random name is of."""


class Sandbox(Storage):
    """One device: apps, files, keys and a lock. New ones are unlocked, and refuse what a real one refuses."""

    def __init__(self, profile: DeviceProfile, *, name: str | None = None, seed: bytes = b"") -> None:
        super().__init__(profile)
        self.name = name or f"sandbox:{profile.name}"
        self.keys = KeyVault(profile, seed, lambda: self.setting)
        self.keychain = Keychain(profile, self.keys, lambda: self.setting)
        """iOS: what apps keep in it; empty on other devices."""
        self._apps: dict[str, App] = {}

    # -- power and lock --------------------------------------------------------------------------

    def boot(self) -> None:
        """Power on: nobody has unlocked it yet."""
        self._lock = Lock.BEFORE_FIRST_UNLOCK

    def unlock(self) -> None:
        """Enter the passcode."""
        self._lock = Lock.UNLOCKED

    def lock(self) -> None:
        """Lock the screen; before the first unlock nothing changes."""
        if self._lock is Lock.UNLOCKED:
            self._lock = Lock.LOCKED

    # -- apps ------------------------------------------------------------------------------------

    @property
    def apps(self) -> tuple[App, ...]:
        """What is installed, sorted by package."""
        return tuple(self._apps[package] for package in sorted(self._apps))

    def install(self, app: App) -> None:
        """Make an app's containers.

        Raises:
            UsageError: it is installed, or its uid is another app's or no app's.
        """
        if app.package in self._apps:
            raise UsageError(f"{app.package} is installed already")
        if self._device.platform is Platform.ANDROID:
            if not 10_000 <= app.uid % 100_000 < 19_998:
                raise UsageError(f"uid {app.uid} is not one of an app", hint="Apps have 10000 to 19997.")
            taken = {container.app.uid for container in self._containers}
            if taken & {container.app.uid for container in containers_of(app, self._device)}:
                raise UsageError(f"uid {app.uid} is another app's")
        self._apps[app.package] = app
        for container in containers_of(app, self._device):
            self._containers.append(container)
            owner = IOS_USER if container.realm is Realm.CONTAINER else container.app.uid
            for path, group, mode in standard_folders(container, self._device):
                self._put_folder(path, owner, group, mode)
        if self._device.platform is Platform.IOS:
            for suffix in ("", *app.groups):
                named = plistlib.dumps({"MCMMetadataIdentifier": suffix or app.package}, fmt=plistlib.FMT_BINARY)
                attributes = Attributes(protection=Protection.NONE)
                self.write(f"{self.container(app.package, suffix)}/{METADATA}", named, attributes)

    def uninstall(self, package: str) -> None:
        """Remove an app with its containers and keys.

        Raises:
            DeviceError: it is not installed.
        """
        self._installed(package)
        for container in self._containers:
            if container.app.package == package:
                self._tree.remove(container.root)
        self._containers = [one for one in self._containers if one.app.package != package]
        del self._apps[package]
        self.keys.forget(package)

    def clear(self, package: str) -> None:
        """Empty an app's containers, of which the system's own folders stay, and destroy its keys.

        Raises:
            DeviceError: it is not installed.
        """
        self._installed(package)
        for container in self._containers:
            if container.app.package == package:
                kept = {path for path, _, _ in standard_folders(container, self._device)}
                for entry in list(self.walk(container.root)):
                    if entry.path not in kept and entry.path.rpartition("/")[2] != METADATA:
                        self.delete(entry.path)
        self.keys.forget(package)

    def container(self, package: str, suffix: str = "") -> str:
        """The path of an app's main container, or of another: `external`, `device_protected`.

        Raises:
            DeviceError: the app is not installed, or has no such container.
        """
        self._installed(package)
        for container in self._containers:
            if container.app.package == package and container.suffix == suffix:
                return container.root
        raise DeviceError(f"{package} has no container called {suffix!r}")

    def containers(self, package: str) -> tuple[str, ...]:
        """The paths of all of an app's containers, the main one first.

        Raises:
            DeviceError: the app is not installed.
        """
        self._installed(package)
        return tuple(each.root for each in self._containers if each.app.package == package)

    def sealer(self, package: str) -> AppKeys:
        """The keystore as one app sees it.

        Raises:
            DeviceError: the app is not installed.
        """
        return AppKeys(self.keys, self._installed(package).package)

    def holder(self, container: str) -> AppKeys | None:
        """The keystore of the app that a container is of, for whoever runs code as the app; none on a device where
        nobody can."""
        if not may_use(Access.ROOT_CODE, self._device):
            return None
        owners = [one.app for one in self._containers if one.id == container] or self.apps[:1]
        return AppKeys(self.keys, owners[0].package, Access.ROOT_CODE) if owners else None

    # -- as a source -------------------------------------------------------------------------------

    def collect(self, app: str | None = None, *, access: Access | None = None) -> Iterator[Artifact | Unread]:
        """Every file of the installed apps, or of one, sorted by container and path; what is refused is `Unread`.

        Args:
            app: only this app's containers.
            access: as which attacker to collect; by default the one that yields most on such a device.

        Raises:
            DeviceError: the app is not installed.
        """
        if app is not None:
            self._installed(app)
        chosen = [one for one in self._containers if app is None or one.app.package == app]
        found = [(one, [entry for entry in self.walk(one.root) if not entry.folder]) for one in chosen]
        filled = sorted(((one, entries) for one, entries in found if entries), key=lambda pair: pair[0].id)
        as_whom = best_access(self._device) if access is None else access
        kept = [*self._kept_keys(app, as_whom)]
        for container, entries in filled:
            for entry in sorted(entries, key=lambda each: each.path):
                yield self._handed_out(container, entry, as_whom, container.id if len(filled) > 1 or kept else "")
        yield from kept

    def close(self) -> None:
        """Nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _kept_keys(self, app: str | None, access: Access) -> Iterator[Artifact | Unread]:
        """The keychain: its database for whoever has all files, and what it holds for whoever runs code."""
        items = self.keychain.items(app)
        if not items or access not in {Access.ROOT_FILES, Access.ROOT_CODE} or self._device.simulator:
            return
        if access is Access.ROOT_CODE:
            readable = [each for each in items if not self.keychain.refusal(each, access)]
            yield dump_file(self.keychain.dump(readable).encode())
            for item in items:
                if reason := self.keychain.refusal(item, access):
                    yield Unread(path=KEYCHAIN_DUMP, container=KEYCHAIN, reason=f"an item: {reason}")
        yield database_file(self.keychain.database())

    def _handed_out(self, container: Container, entry: Entry, access: Access, label: str) -> Artifact | Unread:
        target = self._target(entry)
        reason = refused(target, access, self.setting)
        if reason:
            return Unread(path=target.relative, reason=reason, size=entry.size, container=label)
        return Artifact(facts=self._facts(target, container.app, label), content=Bytes(entry.data))

    def _facts(self, target: Target, app: App, label: str) -> Facts:
        entry = target.entry
        readers = {access: not refused(target, access, self.setting) for access in Access}
        return Facts(
            path=target.relative,
            container=label,
            size=entry.size,
            owner=entry.owner,
            group=entry.group,
            mode=entry.mode,
            modified=entry.modified,
            label=entry.label,
            protection=entry.protection,
            in_backup=not enters_backup(target.relative, entry.in_backup, app, self._device),
            readable_by=frozenset(access for access, can in readers.items() if can),
            denied_to=frozenset(access for access, can in readers.items() if not can),
        )
