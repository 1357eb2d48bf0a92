"""What emulated devices of all kinds agree on with the walls that they run in.

    kernel      what Linux offers and Python does not
    container   namespaces, id maps, the lifeline; starts pid 1 of the device
    identities  which ids of the machine stand for those of a device
    held        a running device as the harness holds it, by `control` and `handles`
    userland    programs of the machine, as a device is given them
    process     programs in the device, under an identity, with pipes or a terminal
    tiers       which walls this machine can build

pid 1 is one single-threaded asyncio process. It forks, so nothing in it may start a thread; and after the root switch
nothing can be imported any more, so everything is imported before.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

__all__ = ["ROOT", "Identity", "Programs", "Run", "Stdio", "Tier", "Trust"]


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
    """What somebody does when a device asks about a computer that it does not know."""

    ACCEPT = "accept"
    """They tap "allow" at once."""
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
