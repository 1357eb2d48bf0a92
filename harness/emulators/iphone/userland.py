"""The programs of a jailbroken iPhone: Debian's OpenSSH server, and the tools that jailbreaks bring."""

from harness.emulators.walls import tiers
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.tiers import Missing
from harness.emulators.walls.userland import Userland, read_userland

__all__ = ["PROGRAMS", "find_userland", "missing"]

PROGRAMS = {
    "bash": "bash",
    "sqlite3": "sqlite3",
    "ssh-keygen": "openssh-client",
    "sshd": "openssh-server",
    "tar": "tar",
    "toybox": "toybox",
}
"""Each with the Debian package that brings it."""


def missing(tier: Tier | None = None) -> tuple[Missing, ...]:
    """What this machine lacks for emulated iPhones, and how to get it; empty where they can be started."""
    return tiers.missing(PROGRAMS, tier)


def find_userland() -> Userland:
    """Read it from this machine.

    Raises:
        DeviceError: a program is missing; the hint says which package brings it.
    """
    return read_userland(PROGRAMS)
