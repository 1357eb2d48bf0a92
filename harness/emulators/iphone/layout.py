"""The root directory of a jailbroken iPhone: system folders, users, tools, the SSH server's settings, app containers.

Owners and modes are those of iOS, as the jailbreaks' own file lists and Apple's `mtree` files give them; the kernel
refuses by them and nothing else. Every app runs as `mobile`, so `mobile` reads every container, and the keychain's
database is closed to it.
"""

import os
import plistlib
from dataclasses import dataclass, field
from pathlib import Path

from harness.emulators.iphone.scripts import scripts
from harness.emulators.walls.device_files import make_devices, mount_devices
from harness.emulators.walls.iphone_apps import bundle_of
from harness.emulators.walls.trees import set_time
from harness.emulators.walls.userland import Userland
from harness.model import DeviceProfile
from harness.sandbox import App, Entry, Sandbox
from harness.sandbox.keychain import KEYCHAIN_PATH

__all__ = ["LOCKED", "MOBILE", "SSHD_CONFIG", "WayIn", "build", "place_files"]

ROOT, INSTALLD, SECURITYD, SSHD, MOBILE = 0, 33, 64, 75, 501
LOCKED = "/private/var/db/.locked"
"""What nobody may open, root of the device neither: it lies over each file whose class the lock closes."""
SSHD_CONFIG = "/private/etc/ssh/sshd_config"

_FOLDERS = (
    ("/Applications", ROOT, 0o755),
    ("/System", ROOT, 0o755),
    ("/System/Library", ROOT, 0o755),
    ("/dev", ROOT, 0o755),
    ("/dev/pts", ROOT, 0o755),
    ("/proc", ROOT, 0o555),
    ("/run", ROOT, 0o755),
    ("/run/sshd", ROOT, 0o755),
    ("/usr", ROOT, 0o755),
    ("/usr/bin", ROOT, 0o755),
    ("/usr/lib", ROOT, 0o755),
    ("/usr/sbin", ROOT, 0o755),
    ("/bin", ROOT, 0o755),
    ("/private", ROOT, 0o755),
    ("/private/etc", ROOT, 0o755),
    ("/private/etc/ssh", ROOT, 0o755),
    ("/private/preboot", ROOT, 0o755),
    ("/private/var", ROOT, 0o755),
    ("/private/var/Keychains", SECURITYD, 0o755),
    ("/private/var/containers", INSTALLD, 0o755),
    ("/private/var/containers/Bundle", INSTALLD, 0o755),
    ("/private/var/containers/Bundle/Application", INSTALLD, 0o755),
    ("/private/var/db", ROOT, 0o755),
    ("/private/var/empty", ROOT, 0o755),
    ("/private/var/log", ROOT, 0o755),
    ("/private/var/mobile", MOBILE, 0o755),
    ("/private/var/mobile/Containers", MOBILE, 0o755),
    ("/private/var/mobile/Containers/Data", MOBILE, 0o755),
    ("/private/var/mobile/Containers/Data/Application", MOBILE, 0o755),
    ("/private/var/mobile/Containers/Shared", MOBILE, 0o755),
    ("/private/var/mobile/Containers/Shared/AppGroup", MOBILE, 0o755),
    ("/private/var/mobile/Library", MOBILE, 0o755),
    ("/private/var/mobile/Library/Keyboard", MOBILE, 0o755),
    ("/private/var/mobile/Library/Preferences", MOBILE, 0o755),
    ("/private/var/mobile/Media", MOBILE, 0o755),
    ("/private/var/root", ROOT, 0o750),
    ("/private/var/run", ROOT, 0o755),
    ("/private/var/tmp", ROOT, 0o1777),
)
"""Path, owner (and group) and mode, parents first."""
_LINKS = (("/var", "private/var"), ("/etc", "private/etc"), ("/tmp", "private/var/tmp"))  # noqa: S108 - the device's
_USERS = (
    ("root", ROOT, "/var/root"),
    ("mobile", MOBILE, "/var/mobile"),
    ("_installd", INSTALLD, "/var/installd"),
    ("_securityd", SECURITYD, "/var/empty"),
    ("sshd", SSHD, "/var/empty"),
)
_LOGIN = frozenset({"root", "mobile"})
_GROUPS = (("wheel", 0), ("tty", 4), ("_installd", 33), ("_securityd", 64), ("sshd", 75), ("mobile", MOBILE))
_DEVICES = {"null": 3, "zero": 5, "random": 8, "urandom": 9}
"""Minor numbers of major 1."""
_NOT_TOOLS = frozenset({"login", "sh", "sqlite3", "su", "tar", "toybox", "uname"})
"""Applets of toybox that the device has from elsewhere, or not at all."""
_PROGRAMS = ("bash", "sqlite3", "tar", "toybox")
_SERVER = ("sshd", "ssh-keygen")


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """Who gets in, and as what the device shows itself."""

    host_key: bytes = field(repr=False)
    """OpenSSH private key of the device."""
    authorized_key: str = field(repr=False)
    """Public key of whoever may log in, as `root` and as `mobile`."""
    password: str = field(default="", repr=False)
    """Hash, as `crypt` gives it, of the password of both; empty where only keys count."""


def build(
    root: Path, profile: DeviceProfile, userland: Userland, access: WayIn, *, walled: bool, procfs: bool
) -> None:
    """Fill an empty folder, as root of the device and before it becomes its root directory.

    Args:
        root: the folder.
        profile: which device it is.
        userland: its programs.
        access: who gets in.
        walled: whether file systems can be mounted; else device files are made.
        procfs: whether `/proc` is mounted.

    Raises:
        OSError: the kernel refuses, or there is no space.
    """
    root.chmod(0o755)
    for path, owner, mode in _FOLDERS:
        place = root / path[1:]
        if path != "/proc" or not procfs:
            place.mkdir(exist_ok=True)
            _own(place, owner, mode)
    for link, target in _LINKS:
        (root / link[1:]).symlink_to(target)
    _put_programs(root, profile, userland)
    _put_users(root, profile, access)
    _put_server(root, profile, access)
    mount_devices(root, _DEVICES, terminals=",gid=4") if walled else make_devices(root, _DEVICES)


def place_files(root: Path, sandbox: Sandbox) -> None:
    """Write apps' containers and bundles, and the keychain, as root of the device.

    Raises:
        OSError: there is no space, or the kernel refuses.
    """
    folders: list[tuple[Path, float]] = []
    for entry in sandbox.walk("/"):
        if entry.path == "/" or (entry.folder and (root / entry.path[1:]).is_dir()):
            continue
        _put_entry(root / entry.path[1:], entry)
        if entry.folder and entry.modified:
            folders.append((root / entry.path[1:], entry.modified))
    for target, modified in reversed(folders):  # what is put into a folder changes its time
        set_time(target, modified)
    for app in sandbox.apps:
        _put_bundle(root, app)
    stored = sandbox.keychain.database()
    if stored:
        put(root / KEYCHAIN_PATH[1:], stored, SECURITYD, 0o600)


def put(path: Path, data: bytes, owner: int, mode: int) -> None:
    """Write a file with an owner and a mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    _own(path, owner, mode)


# -- parts ---------------------------------------------------------------------------------------


def _own(path: Path, owner: int, mode: int) -> None:
    os.chown(path, owner, owner)
    path.chmod(mode)


def _put_entry(target: Path, entry: Entry) -> None:
    if entry.folder:
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.write_bytes(entry.data)
    os.chown(target, entry.owner, entry.group)
    target.chmod(entry.mode)
    if not entry.folder:
        set_time(target, entry.modified)


def _put_bundle(root: Path, app: App) -> None:
    """What the installer keeps of an app: its property list, and a program with what its signature says."""
    bundle = bundle_of(app, development=False)
    (root / bundle.path[1:]).mkdir(parents=True)
    for path in (bundle.folder, bundle.path):
        _own(root / path[1:], INSTALLD, 0o755)
    place = root / bundle.path[1:]
    put(place / "Info.plist", plistlib.dumps(bundle.described, fmt=plistlib.FMT_BINARY), INSTALLD, 0o644)
    # A signature's entitlements stand in the program as they are, behind a magic number and a length.
    blob = plistlib.dumps(bundle.entitlements)
    signed = b"\xfa\xde\x71\x71" + (len(blob) + 8).to_bytes(4, "big") + blob
    put(place / bundle.name, b"\xcf\xfa\xed\xfe" + bytes(28) + signed, INSTALLD, 0o755)


def _put_programs(root: Path, profile: DeviceProfile, userland: Userland) -> None:
    for path, data in userland.libraries.items():
        put(root / path[1:], data, ROOT, 0o755)
    tools = root / (profile.jailbreak_root + "/usr/bin")[1:]
    if profile.jailbreak_root:
        _put_prefix(root, profile.jailbreak_root)
    tools.mkdir(parents=True, exist_ok=True)
    for name in _PROGRAMS:
        put(tools / name, userland.programs[name], ROOT, 0o755)
    for name in _SERVER:
        put(root / f"usr/sbin/{name}", userland.programs[name], ROOT, 0o755)
    for name in userland.applets:
        if name not in _NOT_TOOLS:
            (tools / name).symlink_to("toybox")
    (tools / "sh").symlink_to("bash")
    # The kernel looks for it there when a script begins so; a phone without a change to its system has it, too.
    (root / "bin/sh").symlink_to(f"{profile.jailbreak_root}/usr/bin/bash")
    for name, text in scripts(profile).items():
        put(tools / name, text.encode(), ROOT, 0o755)


def _put_prefix(root: Path, prefix: str) -> None:
    """A rootless jailbreak's folder is a link to where it may write."""
    real = "/private/preboot/jb"
    (root / real[1:]).mkdir(parents=True)
    link = root / prefix[1:]
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(real, "/private" + str(Path(prefix).parent)))


def _put_users(root: Path, profile: DeviceProfile, access: WayIn) -> None:
    shell = f"{profile.jailbreak_root}/usr/bin/sh" if profile.jailbreak_root else "/bin/sh"
    lines = []
    for name, uid, home in _USERS:
        word = access.password or "*" if name in _LOGIN else "*"
        lines.append(f"{name}:{word}:{uid}:{uid}::{home}:{shell if name in _LOGIN else '/usr/bin/false'}\n")
    put(root / "private/etc/passwd", "".join(lines).encode(), ROOT, 0o644)
    groups = "".join(f"{name}:*:{gid}:\n" for name, gid in _GROUPS)
    put(root / "private/etc/group", groups.encode(), ROOT, 0o644)
    put(root / "private/etc/shells", f"{shell}\n/bin/sh\n".encode(), ROOT, 0o644)
    put(root / "private/var/log/lastlog", b"", ROOT, 0o644)


def _put_server(root: Path, profile: DeviceProfile, access: WayIn) -> None:
    prefix = profile.jailbreak_root
    where = ":".join(f"{prefix}{folder}" for folder in ("/usr/local/bin", "/usr/bin", "/usr/sbin", "/bin"))
    path = where if not prefix else f"{where}:/usr/bin:/bin"
    put(root / "private/etc/ssh/host_key", access.host_key, ROOT, 0o600)
    put(root / "private/etc/ssh/authorized_keys", access.authorized_key.encode(), ROOT, 0o644)
    settings = {
        "HostKey": "/private/etc/ssh/host_key",
        "AuthorizedKeysFile": "/private/etc/ssh/authorized_keys",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "yes" if access.password else "no",
        "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "yes",
        "AllowUsers": "root mobile",
        "Subsystem": "sftp internal-sftp",
        "SetEnv": f"PATH={path}",
        "PrintMotd": "no",
        "PrintLastLog": "no",
        "UseDNS": "no",
        "PidFile": "none",
        "MaxAuthTries": "10",
    }
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    put(root / SSHD_CONFIG[1:], text.encode(), ROOT, 0o644)
