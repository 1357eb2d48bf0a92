"""Where apps live on a device, and what the system makes of their folders: paths, owners, modes and labels.

Sources: `seapp_contexts` and `set_range_from_level` of AOSP for labels, `installd` for folder modes, Android's
"Storage updates in Android 11" for shared storage, Apple's "File System Programming Guide" for containers.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from harness.errors import UsageError
from harness.model import DeviceProfile, Platform, Protection

__all__ = [
    "IOS_USER",
    "SHARED_STORAGE",
    "TEAM",
    "USER_RANGE",
    "WORK_PROFILE",
    "App",
    "Container",
    "Entry",
    "Realm",
    "canonical",
    "containers_of",
    "has_protected_storage",
    "has_work_copy",
    "is_inside",
    "label_of",
    "level_of",
    "os_major",
    "standard_folders",
    "system_folders",
]

IOS_USER = 501
"""`mobile`, as which every iOS app runs, and the user of a Mac who runs a simulator."""

SHARED_STORAGE = "/storage/emulated/0"

TEAM = "A1B2C3D4E5"
"""Who signs apps that say nothing else."""

WORK_PROFILE = 10
"""The user number of a work profile."""
USER_RANGE = 100_000
"""How far apart the uids of one app are that two users have."""

_ALIASES = (
    (Platform.ANDROID, "/sdcard", SHARED_STORAGE),
    (Platform.ANDROID, "/mnt/sdcard", SHARED_STORAGE),
    (Platform.ANDROID, "/data/user/0", "/data/data"),
    (Platform.IOS, "/var", "/private/var"),
)
"""Links that every device has. Only these are followed."""


class Realm(StrEnum):
    """Under which rules a path stands."""

    SYSTEM = "system"
    CREDENTIAL = "credential"
    """Android, encrypted until the person unlocks the device for the first time: where app data is."""
    DEVICE = "device"
    """Android, readable from boot: `user_de`."""
    SHARED = "shared"
    """Android, shared storage: `/sdcard`."""
    CONTAINER = "container"
    """An iOS app's container."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app as the installer sees it."""

    package: str
    """Package name or bundle id."""
    uid: int
    """On Android from 10000 on. On iOS every app runs as `mobile`, whatever this says."""
    debuggable: bool = False
    allow_backup: bool = True
    target_sdk: int = 34
    """Android: below 28 its folder is open for traversal (0751) and its files carry no categories of their own."""
    team: str = TEAM
    """iOS: whose signature it bears; apps of other teams never share a keychain group."""
    groups: tuple[str, ...] = ()
    """iOS: app groups, whose folders it shares with other apps of its team: `group.com.example.shop`."""
    file_sharing: bool = False
    """iOS: a computer may read and write its Documents folder (`UIFileSharingEnabled`)."""

    def __post_init__(self) -> None:
        plain = self.package.replace(".", "").replace("_", "").replace("-", "")
        if not plain.isascii() or not plain.isalnum() or ".." in self.package or self.package.startswith("."):
            raise UsageError(f"{self.package!r} is no package name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One folder tree that belongs to an app."""

    app: App
    root: str
    realm: Realm
    suffix: str = ""
    """What tells it from the app's main container: `external`."""

    @property
    def id(self) -> str:
        return f"{self.app.package}/{self.suffix}" if self.suffix else self.app.package


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file or folder: what `stat` says of it, and its bytes."""

    path: str
    """Absolute, without links."""
    folder: bool
    owner: int
    group: int
    mode: int
    realm: Realm
    package: str = ""
    """Whose container it is in; empty outside of any."""
    modified: float = 0.0
    label: str | None = None
    protection: Protection | None = None
    in_backup: bool = True
    """False where the app marked it as not to be backed up."""
    data: bytes = field(default=b"", repr=False)

    @property
    def size(self) -> int:
        return len(self.data)


def os_major(profile: DeviceProfile) -> int:
    """`14` of `14.1`; 0 where the version does not begin with a number."""
    head = profile.os_version.partition(".")[0]
    return int(head) if head.isdecimal() else 0


def is_inside(path: str, folder: str) -> bool:
    """Whether a path is the folder or below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def canonical(path: str, profile: DeviceProfile) -> str:
    """An absolute path without the links that every device has.

    Raises:
        UsageError: it is not absolute, or has steps that a device path must not have.
    """
    steps = path.split("/")[1:]
    if path == "/":
        return path
    if not path.startswith("/") or "\0" in path or any(step in {"", ".", ".."} for step in steps):
        raise UsageError("a device path is absolute, without empty, `.` or `..` steps")
    for platform, alias, target in _ALIASES:
        if platform is profile.platform and not profile.simulator and is_inside(path, alias):
            return target + path[len(alias) :]
    return path


# -- labels --------------------------------------------------------------------------------------


def level_of(app: App, profile: DeviceProfile) -> str:
    """The MLS level of an app's process and data: its own since Android 9 for apps that target it, else the user's.

    `seapp_contexts`: `minTargetSdkVersion=28 … levelFrom=all`, else `levelFrom=user`.
    """
    user, number = divmod(app.uid, USER_RANGE)
    of_user = f"c{512 + (user & 0xFF)},c{768 + (user >> 8 & 0xFF)}"
    if os_major(profile) < 9 or app.target_sdk < 28:
        return f"s0:{of_user}"
    number -= 10_000
    return f"s0:c{number & 0xFF},c{256 + (number >> 8 & 0xFF)},{of_user}"


def label_of(container: Container, profile: DeviceProfile) -> str | None:
    """The SELinux label of all files in a container; iOS has none."""
    match container.realm:
        case Realm.CREDENTIAL | Realm.DEVICE:
            return f"u:object_r:app_data_file:{level_of(container.app, profile)}"
        case Realm.SHARED:
            return "u:object_r:fuse:s0" if os_major(profile) >= 11 else "u:object_r:sdcardfs:s0"
        case _:
            return None


# -- folders -------------------------------------------------------------------------------------


def containers_of(app: App, profile: DeviceProfile) -> tuple[Container, ...]:
    """An app's containers, the main one first."""
    if profile.platform is Platform.IOS:
        # Real ones are random; one that follows from the name makes equal runs equal.
        groups = profile.app_root.replace("/Data/Application", "/Shared/AppGroup")
        return (
            Container(app=app, root=f"{profile.app_root}/{_name(app.package, profile)}", realm=Realm.CONTAINER),
            *(
                Container(app=app, root=f"{groups}/{_name(group, profile)}", realm=Realm.CONTAINER, suffix=group)
                for group in app.groups
            ),
        )
    shared = f"{SHARED_STORAGE}/Android/data/{app.package}"
    protected = Container(
        app=app, root=f"/data/user_de/0/{app.package}", realm=Realm.DEVICE, suffix="device_protected"
    )
    own = (
        Container(app=app, root=f"{profile.app_root}/{app.package}", realm=Realm.CREDENTIAL),
        *((protected,) if has_protected_storage(profile) else ()),
        Container(app=app, root=shared, realm=Realm.SHARED, suffix="external"),
    )
    return (*own, *_at_work(app)) if has_work_copy(app, profile) else own


def _name(identifier: str, profile: DeviceProfile) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{identifier}.{profile.name}")).upper()


def has_protected_storage(profile: DeviceProfile) -> bool:
    """Whether an app has a folder that can be read before the first unlock: since Android 7."""
    return profile.platform is Platform.ANDROID and os_major(profile) >= 7


def has_work_copy(app: App, profile: DeviceProfile) -> bool:
    """Whether the work profile has the app too; one that is installed for that user alone is no copy."""
    return profile.work_profile and app.uid < USER_RANGE


def _at_work(app: App) -> tuple[Container, ...]:
    """The same app of the second user. Its folder in shared storage is made when it asks for one, so not here."""
    copy = replace(app, uid=WORK_PROFILE * USER_RANGE + app.uid)
    credential, protected = f"/data/user/{WORK_PROFILE}", f"/data/user_de/{WORK_PROFILE}"
    suffix = f"user_{WORK_PROFILE}"
    return (
        Container(app=copy, root=f"{credential}/{app.package}", realm=Realm.CREDENTIAL, suffix=suffix),
        Container(
            app=copy, root=f"{protected}/{app.package}", realm=Realm.DEVICE, suffix=f"{suffix}/device_protected"
        ),
    )


def standard_folders(container: Container, profile: DeviceProfile) -> Iterator[tuple[str, int, int]]:
    """Path, group and mode of what the system makes when it installs an app, parents first."""
    app, root = container.app, container.root
    match container.realm:
        case Realm.CREDENTIAL | Realm.DEVICE:
            # installd: 0700 for apps that target Android 9, 0751 before; caches belong to a group of their own.
            yield root, app.uid, 0o700 if os_major(profile) >= 9 and app.target_sdk >= 28 else 0o751
            yield f"{root}/cache", app.uid + 10_000, 0o2771
            yield f"{root}/code_cache", app.uid + 10_000, 0o2771
        case Realm.SHARED:
            yield root, 1078, 0o2770  # ext_data_rw
        case Realm.CONTAINER:
            yield root, IOS_USER, 0o755
            inside = ("Library", "Library/Caches", "Library/Preferences")
            for name in inside if container.suffix else ("Documents", *inside, "SystemData", "tmp"):
                yield f"{root}/{name}", IOS_USER, 0o755
        case Realm.SYSTEM:
            return


def system_folders(profile: DeviceProfile) -> Iterator[tuple[str, int, int]]:
    """Path, owner and mode of the folders above the containers, parents first."""
    yield "/", 0, 0o755
    steps = profile.app_root.strip("/").split("/")
    of_system = 1000 if profile.platform is Platform.ANDROID else IOS_USER if profile.simulator else 0
    mode = 0o771 if profile.platform is Platform.ANDROID else 0o755
    for depth in range(1, len(steps) + 1):
        yield "/" + "/".join(steps[:depth]), of_system, mode
    if profile.platform is Platform.IOS:
        shared = profile.app_root.replace("/Data/Application", "/Shared")
        yield shared, of_system, mode
        yield f"{shared}/AppGroup", of_system, mode
    if profile.platform is Platform.ANDROID:
        if has_protected_storage(profile):
            yield "/data/user_de", of_system, mode
            yield "/data/user_de/0", of_system, mode
        if profile.work_profile:
            yield "/data/user", of_system, 0o711
            yield f"/data/user/{WORK_PROFILE}", of_system, mode
            yield f"/data/user_de/{WORK_PROFILE}", of_system, mode
        yield "/storage", 0, 0o755
        yield "/storage/emulated", 0, 0o755
        yield SHARED_STORAGE, 0, 0o771
        yield f"{SHARED_STORAGE}/Android", 0, 0o771
        yield f"{SHARED_STORAGE}/Android/data", 0, 0o771
