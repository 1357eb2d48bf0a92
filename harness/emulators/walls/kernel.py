"""What Linux offers and Python 3.11 does not: namespaces, mounts, the root switch, capabilities.

Numbers are those of the kernel's own headers: `sched.h`, `mount.h`, `prctl.h`, `capability.h`.
"""

import ctypes
import fcntl
import os
import socket
import struct
from enum import IntEnum, IntFlag

__all__ = [
    "OWN_NAMESPACES",
    "Capability",
    "MountFlag",
    "Namespace",
    "adopt_orphans",
    "bring_up_loopback",
    "die_with_parent",
    "effective_capabilities",
    "give_back_memory",
    "hide_memory",
    "mount",
    "pivot_root",
    "restrict_capabilities",
    "unmount",
    "unshare",
]


class Namespace(IntFlag):
    """Kinds of namespaces, as `unshare` names them."""

    MOUNT = 0x00020000
    UTS = 0x04000000
    IPC = 0x08000000
    USER = 0x10000000
    PID = 0x20000000
    NETWORK = 0x40000000


OWN_NAMESPACES = Namespace.MOUNT | Namespace.UTS | Namespace.IPC | Namespace.USER | Namespace.PID | Namespace.NETWORK
"""All that a device has of its own."""


class MountFlag(IntFlag):
    """Flags of `mount`."""

    NONE = 0
    NOSUID = 2
    NODEV = 4
    NOEXEC = 8
    NOATIME = 1024
    BIND = 4096
    RECURSIVE = 16384
    PRIVATE = 1 << 18


class Capability(IntEnum):
    """What root may do, of which a device keeps a little."""

    CHOWN = 0
    DAC_OVERRIDE = 1
    FOWNER = 3
    FSETID = 4
    KILL = 5
    SETGID = 6
    SETUID = 7
    SETPCAP = 8
    SYS_CHROOT = 18


_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_READ, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER = 1, 4, 23, 24, 36
_SIGKILL = 9
_MNT_DETACH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(kinds: Namespace) -> None:
    """Leave the machine's namespaces for new ones.

    Raises:
        OSError: the kernel refuses.
    """
    _check(_libc.unshare(ctypes.c_int(kinds)), "unshare")


def mount(source: str, target: str, kind: str | None, flags: MountFlag, data: str = "") -> None:
    """Mount a file system, or with `BIND` a file or folder.

    Raises:
        OSError: the kernel refuses.
    """
    words = [None if word is None else word.encode() for word in (source, target, kind, data or None)]
    done = _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])
    _check(done, f"mount {kind or source}")


def unmount(target: str) -> None:
    """Detach what is mounted here, at once; what is open in it stays open.

    Raises:
        OSError: nothing is mounted here.
    """
    _check(_libc.umount2(target.encode(), _MNT_DETACH), f"unmount {target}")


def pivot_root(new: str) -> None:
    """Make a mounted folder the root, and let go of the old one for good.

    Raises:
        OSError: the kernel refuses.
    """
    os.chdir(new)
    # Both the same: the old root is stacked over the new one, so no folder has to be made for it.
    _check(_libc.pivot_root(b".", b"."), "pivot_root")
    unmount(".")
    os.chdir("/")


def die_with_parent() -> None:
    """End when the thread that forked this process ends. Changing credentials undoes it: call it after."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent has ended."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def hide_memory() -> None:
    """Let nobody but the machine's root trace this process, or read its memory, environment and descriptors.

    It is a copy of the harness; the root of a rooted device is not to find the machine's secrets in it.
    """
    _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl")


def bring_up_loopback() -> None:
    """Turn on `lo` in a new network namespace.

    Raises:
        OSError: the kernel refuses.
    """
    set_flags, up_and_running = 0x8914, 0x1 | 0x40
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", up_and_running))


def effective_capabilities() -> int:
    """This process's own, as a set of bits."""
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    sets = ctypes.create_string_buffer(24)
    _check(_libc.capget(header, sets), "capget")
    low, _, _, high, _, _ = struct.unpack("6I", sets.raw)
    return int(low | high << 32)


def restrict_capabilities(keep: frozenset[Capability]) -> None:
    """Give up all others for good, so that no set-user-id program brings them back.

    Raises:
        OSError: the kernel refuses.
    """
    for number in range(_LAST_CAPABILITY + 1):
        if number not in keep and _libc.prctl(_PR_CAPBSET_READ, number, 0, 0, 0) == 1:
            _check(_libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0), "drop a capability")
    held = sum(1 << capability for capability in keep) & effective_capabilities()
    low, high = held & 0xFFFFFFFF, held >> 32
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, struct.pack("6I", low, low, 0, high, high, 0)), "capset")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def give_back_memory() -> None:
    """Let the kernel have what was freed, where the C library can: what a process holds, each fork pays for."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)
