"""What the parts of an emulated Android device agree on. No part imports another but through here.

    layout      the root directory, made of the sandbox's files
    adbd        the debug bridge: packets, keys, streams, `shell`, `exec`, `sync`
    framework   `pm`, `am`, `dumpsys`, `bu` …: who calls is what the kernel says
    control     what only the harness may ask of the device: install, lock, export the file tree

`walls` has what it runs in.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from harness.emulators.walls.ports import Identity, Stdio, Tier, Trust
from harness.sandbox.layout import USER_RANGE, WORK_PROFILE

__all__ = [
    "FILE_BASED",
    "SHELL",
    "Commands",
    "Machine",
    "Package",
    "app_identity",
]


FILE_BASED = 24
"""The API level from which storage is encrypted file by file, and apps have a folder that is readable from boot."""


SHELL = Identity(2000, 2000, (1004, 1007, 1011, 1015, 1028, 1078, 1079, 3001, 3002, 3003, 3006, 3009, 3011, 3012))
"""The groups that Android gives its debug shell."""


def app_identity(uid: int) -> Identity:
    """An app: its own user and group, the network, everybody, and its cache group."""
    return Identity(uid, uid, (3003, 9997, uid + 10_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One installed package, as the package manager knows it."""

    name: str
    uid: int
    debuggable: bool = False
    allow_backup: bool = True
    version_code: int = 1
    target_sdk: int = 34
    flags: tuple[str, ...] = ()
    at_work: bool = False
    """The work profile has it too, with a uid, folders and keys of its own."""
    mark: str = ""
    """`@10` for what the work profile has of it; no package has `@` in its name."""

    @property
    def owner(self) -> str:
        """Whose keys and way in for `run-as` they are: the package's, or its copy's."""
        return self.name + self.mark

    @property
    def copies(self) -> "tuple[Package, ...]":
        """The package once for each user who has it."""
        if not self.at_work:
            return (self,)
        uid = WORK_PROFILE * USER_RANGE + self.uid
        return self, replace(self, uid=uid, at_work=False, mark=f"@{WORK_PROFILE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One device, as pid 1 is told to be it."""

    serial: str
    api: int
    """Android API level: 34."""
    properties: Mapping[str, str]
    packages: Mapping[str, Package]
    rooted: bool = False
    """`su` is there, with Magisk's grammar."""
    userdebug: bool = False
    """`adb root` works."""
    adb: bool = True
    """The debug bridge listens."""
    trust: Trust = Trust.ACCEPT
    known_keys: tuple[bytes, ...] = field(default=(), repr=False)
    """adb public keys in the client's own text form, as in `adbkey.pub`."""
    tier: Tier = Tier.USER_NAMESPACE
    work_profile: bool = False
    """There is a second user, and what is installed is installed for both."""
    procfs: bool = True
    """`/proc` is there, so a caller's arguments and descriptors can be taken from its process. Never with CHROOT."""


class Commands(Protocol):
    """The framework as adbd calls it directly: `install`, `backup`, `reboot`, `root`. Implemented by `framework`."""

    def call(self, name: str, arguments: Sequence[str], *, uid: int, stdio: Stdio) -> Awaitable[int]:
        """Run a framework command (`pm`, `cmd`, `bu` …) for a caller; gives the exit code."""
        ...
