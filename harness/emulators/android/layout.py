"""The root directory of an Android device but for the apps' files: system, users, devices, properties, empty places.

Owners and modes are those of AOSP's `init.rc`, `fs_config` and `vold`; the kernel refuses by them and nothing else.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.emulators.android.ports import FILE_BASED, Machine, Package
from harness.emulators.walls.device_files import make_devices, mount_devices
from harness.emulators.walls.userland import Userland
from harness.sandbox.layout import WORK_PROFILE

__all__ = ["FOLDERS", "Script", "build", "install", "put", "register_users"]

Script = tuple[str, int, int, int]
"""Text, uid, gid, mode."""

_SYSTEM, _LOG, _SHELL, _SDCARD, _EXT_DATA, _KEYSTORE, _MISC = 1000, 1007, 2000, 1015, 1078, 1017, 9998

FOLDERS = (
    ("/system", 0, 0, 0o755),
    ("/system/bin", 0, _SHELL, 0o755),
    ("/system/xbin", 0, _SHELL, 0o755),
    ("/system/etc", 0, 0, 0o755),
    ("/system/run-as.d", 0, _SHELL, 0o750),
    ("/vendor", 0, _SHELL, 0o755),
    ("/vendor/bin", 0, _SHELL, 0o755),
    ("/product", 0, 0, 0o755),
    ("/apex", 0, 0, 0o755),
    ("/odm", 0, 0, 0o755),
    ("/config", 0, 0, 0o755),
    ("/mnt", 0, _SYSTEM, 0o755),
    ("/sys", 0, 0, 0o755),
    ("/dev", 0, 0, 0o755),
    ("/dev/pts", 0, 0, 0o755),
    ("/dev/socket", 0, 0, 0o755),
    ("/dev/__properties__", 0, 0, 0o711),
    ("/data", _SYSTEM, _SYSTEM, 0o771),
    ("/data/app", _SYSTEM, _SYSTEM, 0o771),
    ("/data/data", _SYSTEM, _SYSTEM, 0o771),
    ("/data/user", _SYSTEM, _SYSTEM, 0o711),
    ("/data/user_de", _SYSTEM, _SYSTEM, 0o711),
    ("/data/user_de/0", _SYSTEM, _SYSTEM, 0o771),
    ("/data/media", 1023, 1023, 0o770),
    ("/data/system", _SYSTEM, _SYSTEM, 0o775),
    ("/data/local", 0, 0, 0o751),
    ("/data/local/tmp", _SHELL, _SHELL, 0o771),
    ("/data/misc", _SYSTEM, _MISC, 0o1771),
    ("/data/misc/adb", _SYSTEM, _SHELL, 0o2750),
    ("/data/misc/keystore", _KEYSTORE, _KEYSTORE, 0o700),
    ("/data/misc/keystore/user_0", _KEYSTORE, _KEYSTORE, 0o700),
    ("/data/misc/logd", _LOG, _LOG, 0o770),
    ("/storage", 0, 0, 0o755),
    ("/storage/emulated", 0, _SDCARD, 0o771),
    ("/storage/emulated/0", 0, _SDCARD, 0o2771),
    ("/storage/emulated/0/Android", 0, _SDCARD, 0o2771),
    ("/storage/emulated/0/Android/data", 0, _EXT_DATA, 0o2771),
    ("/storage/emulated/0/Android/media", 0, _SDCARD, 0o2771),
    ("/storage/emulated/0/Android/obb", 0, 1079, 0o2771),
    ("/storage/emulated/0/DCIM", 0, _SDCARD, 0o2771),
    ("/storage/emulated/0/Download", 0, _SDCARD, 0o2771),
)
"""Path, uid, gid and mode, parents first. Of shared storage the bits are what the media provider answers."""

_LINKS = (
    ("/system/bin/sh", "mksh"),
    ("/bin", "/system/bin"),
    ("/etc", "/system/etc"),
    ("/sdcard", "/storage/emulated/0"),
    ("/data/user/0", "/data/data"),
    ("/dev/fd", "/proc/self/fd"),
)

_USERS = {
    "root": 0,
    "system": _SYSTEM,
    "input": 1004,
    "log": _LOG,
    "adb": 1011,
    "sdcard_rw": _SDCARD,
    "keystore": _KEYSTORE,
    "media_rw": 1023,
    "sdcard_r": 1028,
    "ext_data_rw": _EXT_DATA,
    "ext_obb_rw": 1079,
    "shell": _SHELL,
    "net_bt_admin": 3001,
    "net_bt": 3002,
    "inet": 3003,
    "net_bw_stats": 3006,
    "readproc": 3009,
    "uhid": 3011,
    "readtracefs": 3012,
    "everybody": 9997,
    "misc": _MISC,
    "nobody": 9999,
}
"""AOSP's `android_filesystem_config.h`."""

_DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}
"""Minor numbers of major 1."""


def build(root: Path, machine: Machine, userland: Userland, scripts: Mapping[str, Script], *, mounts: bool) -> None:
    """Fill an empty folder, as root of the device and before it becomes its root directory.

    Args:
        root: the folder.
        machine: which device it is.
        userland: its programs.
        scripts: what the framework puts in: `run-as`, `su`, `getprop`, `pm` …
        mounts: whether file systems can be mounted; else device files are made.

    Raises:
        OSError: the kernel refuses, or there is no space.
    """
    root.chmod(0o755)
    (root / "proc").mkdir(mode=0o555, exist_ok=True)  # mounted by now, or left empty
    for path, uid, gid, mode in (*FOLDERS, *_folders_of_users(machine)):
        if machine.api >= FILE_BASED or not path.startswith("/data/user_de"):
            _put_folder(root, path, (uid, gid, mode))
    for link, target in _LINKS:
        (root / link[1:]).symlink_to(target)
    _put_programs(root, machine, userland)
    for path, (text, uid, gid, mode) in scripts.items():
        put(root / path[1:], text.encode(), (uid, gid, mode))
    _put_helper(root, machine, userland)
    register_users(root, machine.packages)
    _put_properties(root, machine)
    mount_devices(root, _DEVICES, terminals="") if mounts else make_devices(root, _DEVICES)
    for package in machine.packages.values():
        install(root, package, userland.programs["setpriv"])


_EMPTY_ZIP = b"PK\x05\x06" + bytes(18)

Owned = tuple[int, int, int]
"""uid, gid and mode."""


def put(path: Path, data: bytes, owned: Owned) -> None:
    """Write a file with an owner and a mode, and the folders above it where they are missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # a link to toybox: writing through it would replace them all
    path.write_bytes(data)
    own(path, owned)


def own(path: Path, owned: Owned) -> None:
    """Give a file or folder its owner and mode. `chown` takes set-user-id away, so it comes first."""
    uid, gid, mode = owned
    os.chown(path, uid, gid)
    path.chmod(mode)


def register_users(root: Path, packages: Mapping[str, Package]) -> None:
    """Give ids their names, so that `id` and `ls -l` say `shell` and `u0_a123`."""
    names = dict(_USERS)
    copies = [copy for package in packages.values() for copy in package.copies]
    for package in sorted(copies, key=lambda each: each.uid):
        user, number = divmod(package.uid, 100_000)
        names[f"u{user}_a{number - 10_000}"] = package.uid
    caches = {f"{name}_cache": uid + 10_000 for name, uid in names.items() if uid >= 10_000}
    passwd = "".join(f"{name}:x:{uid}:{uid}::/:/system/bin/sh\n" for name, uid in names.items())
    group = "".join(f"{name}:x:{gid}:\n" for name, gid in {**names, **caches}.items())
    put(root / "system/etc/passwd", passwd.encode(), (0, 0, 0o644))
    put(root / "system/etc/group", group.encode(), (0, 0, 0o644))


def install(root: Path, package: Package, setpriv: bytes) -> None:
    """Put in what an installed package has beside its data.

    Only a debuggable one gets a way in for `run-as`: a program that is set-user-id to that one app, and to no other;
    one for each user who has it.
    """
    _put_folder(root, f"/data/app/{package.name}", (_SYSTEM, _SYSTEM, 0o755))
    put(root / f"data/app/{package.name}/base.apk", _EMPTY_ZIP, (_SYSTEM, _SYSTEM, 0o644))
    for copy in package.copies if package.debuggable else ():
        put(root / "system/run-as.d" / copy.owner, setpriv, (copy.uid, copy.uid, 0o6755))


# -- parts ---------------------------------------------------------------------------------------


def _put_folder(root: Path, path: str, owned: Owned) -> None:
    place = root / path[1:]
    place.mkdir(exist_ok=True)
    own(place, owned)


def _folders_of_users(machine: Machine) -> Iterator[tuple[str, int, int, int]]:
    """What a second user has: a work profile."""
    users = {package.uid // 100_000 for package in machine.packages.values()} - {0}
    for user in sorted(users | ({WORK_PROFILE} if machine.work_profile else set())):
        yield f"/data/user/{user}", _SYSTEM, _SYSTEM, 0o771
        yield f"/data/user_de/{user}", _SYSTEM, _SYSTEM, 0o771
        yield f"/data/misc/keystore/user_{user}", _KEYSTORE, _KEYSTORE, 0o700
        yield f"/storage/emulated/{user}", 0, _SDCARD, 0o2771
        yield f"/storage/emulated/{user}/Android", 0, _SDCARD, 0o2771
        yield f"/storage/emulated/{user}/Android/data", 0, _EXT_DATA, 0o2771


_SINCE_6 = frozenset(["find", "head", "pgrep", "pkill", "readlink", "stat", "tail", "tar", "which", "xargs"])
"""What came with toybox: before, a device had toolbox, which has none of these."""
_TOYBOX = 23


def _put_programs(root: Path, machine: Machine, userland: Userland) -> None:
    for name, data in userland.programs.items():
        put(root / "system/bin" / name, data, (0, _SHELL, 0o755))
    for path, data in userland.libraries.items():
        put(root / path[1:], data, (0, 0, 0o755))
    folder = os.open(root / "system/bin", os.O_PATH | os.O_DIRECTORY)
    for name in userland.applets:
        if machine.api < _TOYBOX and name in _SINCE_6:
            continue
        os.symlink("toybox", name, dir_fd=folder)
    os.close(folder)


def _put_helper(root: Path, machine: Machine, userland: Userland) -> None:
    """What `su` executes: a set-user-id program, only where a device lets the shell become root, and for it alone."""
    if machine.rooted or machine.userdebug:
        put(root / "system/xbin/.suexec", userland.programs["setpriv"], (0, _SHELL, 0o4750))


def _put_properties(root: Path, machine: Machine) -> None:
    lines = [f"{name}={value}\n" for name, value in sorted(machine.properties.items())]
    put(root / "dev/__properties__/all", "".join(lines).encode(), (0, 0, 0o644))
    fixed = "".join(line for line in lines if line.startswith("ro."))
    put(root / "system/build.prop", fixed.encode(), (0, 0, 0o600))
