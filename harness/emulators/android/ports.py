"""What the parts of an emulated Android device agree on. No part imports another but through here.

    container   namespaces, id maps, the lifeline; starts pid 1 of the device
    layout      the root directory, made of the sandbox's files
    process     programs in the device, under an identity, with pipes or a terminal
    adbd        the debug bridge: packets, keys, streams, `shell`, `exec`, `sync`
    framework   `pm`, `am`, `dumpsys`, `bu` …: who calls is what the kernel says
    control     what only the harness may ask of the device: install, lock, export the file tree

pid 1 is one single-threaded asyncio process. It forks, so nothing in it may start a thread; and after the root switch
nothing can be imported any more, so everything is imported before.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from harness.sandbox.layout import USER_RANGE, WORK_PROFILE

__all__ = [
    "FILE_BASED",
    "ROOT",
    "SHELL",
    "Commands",
    "Identity",
    "Machine",
    "Package",
    "Programs",
    "Stdio",
    "Tier",
    "Trust",
    "app_identity",
]


FILE_BASED = 24
"""The API level from which storage is encrypted file by file, and apps have a folder that is readable from boot."""


class Tier(StrEnum):
    """How the kernel is made to enforce permissions; probed by doing it."""

    USER_NAMESPACE = "user_namespace"
    """Namespaces of its own with a full range of ids."""
    CHROOT = "chroot"
    """A root directory and real ids: for containers without CAP_SYS_ADMIN. It is no wall around processes or network:
    a device's root can signal the machine's processes, and connect where the machine can."""
    NONE = "none"
    """Nothing of the kind: the sandbox in memory serves as the device, and is called that."""


class Trust(StrEnum):
    """What the device does with an adb key that it does not know."""

    ACCEPT = "accept"
    """Somebody taps "allow" at once."""
    ASK = "ask"
    """The dialog waits for an answer through the control channel."""
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a process in the device is."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


ROOT = Identity(0, 0)
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


Stdio = tuple[int | None, int | None, int | None]
"""Descriptors for standard input, output and error; None is /dev/null."""


class Programs(Protocol):
    """Programs in the device. Implemented by `process`."""

    def start(
        self,
        argv: Sequence[str],
        *,
        identity: Identity,
        stdio: Stdio,
        environment: Mapping[str, str] | None = None,
        terminal: int | None = None,
    ) -> int:
        """Fork and exec under an identity; gives the pid. `terminal` is the slave side of a pty, made controlling.

        Raises:
            OSError: there is no process to be had.
        """
        ...

    def fork(self, identity: Identity, run: "Run", keep: Sequence[int]) -> int:
        """Fork without exec, drop to an identity, close all but `keep`, and run; gives the pid."""
        ...

    def terminal(self) -> tuple[int, int]:
        """A new pty, master and slave, not inherited: `os.openpty` fails where the device has no `/dev/ptmx`.

        Raises:
            OSError: there is no terminal to be had.
        """
        ...

    def exit_of(self, pid: int) -> Awaitable[int]:
        """The exit code of a started process: 128 + n where signal n ended it."""
        ...

    def kill(self, pid: int) -> None:
        """End a process and its group; nothing happens where it has ended."""
        ...


class Run(Protocol):
    """What a forked child does; its result is the exit code."""

    def __call__(self) -> int: ...


class Commands(Protocol):
    """The framework as adbd calls it directly: `install`, `backup`, `reboot`, `root`. Implemented by `framework`."""

    def call(self, name: str, arguments: Sequence[str], *, uid: int, stdio: Stdio) -> Awaitable[int]:
        """Run a framework command (`pm`, `cmd`, `bu` …) for a caller; gives the exit code."""
        ...
