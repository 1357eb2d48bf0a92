"""The programs of an Android device: Debian's toybox, mksh and setpriv."""

from dataclasses import replace

from harness.emulators.walls import tiers
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.tiers import Missing
from harness.emulators.walls.userland import Userland, read_userland

__all__ = ["PROGRAMS", "find_userland", "missing"]

PROGRAMS = {"toybox": "toybox", "mksh": "mksh", "setpriv": "util-linux"}
"""Each with the Debian package that brings it."""

_NOT_ANDROIDS = frozenset(
    [
        "getprop",
        "halt",
        "init",
        "log",
        "login",
        "oneit",
        "poweroff",
        "reboot",
        "setprop",
        "sh",
        "shutdown",
        "start",
        "stop",
        "su",
        "switch_root",
        "toybox",
    ]
)
"""Applets of toybox that the device has from elsewhere, or not at all."""


def missing(tier: Tier | None = None) -> tuple[Missing, ...]:
    """What this machine lacks for Android devices, and how to get it; empty where they can be started."""
    return tiers.missing(PROGRAMS, tier)


def find_userland() -> Userland:
    """Read it from this machine.

    Raises:
        DeviceError: a program is missing; the hint says which package brings it.
    """
    found = read_userland(PROGRAMS)
    return replace(found, applets=tuple(name for name in found.applets if name not in _NOT_ANDROIDS))
