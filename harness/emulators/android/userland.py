"""The programs of a device: Debian's toybox, mksh and setpriv with their libraries, read before it starts."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from harness.emulators.walls import tiers
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.tiers import Missing
from harness.errors import DeviceError

__all__ = ["PROGRAMS", "Userland", "find_userland", "missing"]

PROGRAMS = {"toybox": "toybox", "mksh": "mksh", "setpriv": "util-linux"}
"""Each with the Debian package that brings it."""

_LIBRARY = re.compile(r"(/\S+) \(0x[0-9a-f]+\)")
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


@dataclass(frozen=True, slots=True)
class Userland:
    """Programs and libraries as bytes: nothing of the machine has to be in sight of the device."""

    programs: dict[str, bytes] = field(repr=False)
    libraries: dict[str, bytes] = field(repr=False)
    """By the path that the programs know."""
    applets: tuple[str, ...]
    """Names under which toybox answers."""


def missing(tier: Tier | None = None) -> tuple[Missing, ...]:
    """What this machine lacks for Android devices, and how to get it; empty where they can be started."""
    return tiers.missing(PROGRAMS, tier)


def find_userland() -> Userland:
    """Read it from this machine.

    Raises:
        DeviceError: a program is missing; the hint says which package brings it.
    """
    places = {name: shutil.which(name, path="/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin") for name in PROGRAMS}
    missing = [PROGRAMS[name] for name, place in places.items() if place is None]
    if missing:
        raise DeviceError(
            f"a device needs {', '.join(missing)}", hint=f"Install: apt-get install {' '.join(missing)}"
        )
    found = {name: place for name, place in places.items() if place is not None}
    return _read(tuple((name, place, Path(place).stat().st_mtime_ns) for name, place in found.items()))


@lru_cache(maxsize=1)
def _read(found: tuple[tuple[str, str, int], ...]) -> Userland:
    """Name, place and age of each program: all that the result depends on."""
    places = {name: place for name, place, _ in found}
    linked = _said(["ldd", *places.values()])
    return Userland(
        {name: Path(place).read_bytes() for name, place in places.items()},
        {path: Path(path).read_bytes() for path in sorted(set(_LIBRARY.findall(linked)))},
        tuple(name for name in _said([places["toybox"]]).split() if name not in _NOT_ANDROIDS),
    )


def _said(words: list[str]) -> str:
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError as error:
        raise DeviceError(f"{words[0]} cannot be run: {error.strerror}") from error
