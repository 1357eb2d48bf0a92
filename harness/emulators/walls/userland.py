"""Programs of this machine as bytes, with the libraries that they need: what a device is given before it starts."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from harness.errors import DeviceError

__all__ = ["Userland", "read_userland"]

_PLACES = "/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin"
_LIBRARY = re.compile(r"(/\S+) \(0x[0-9a-f]+\)")


@dataclass(frozen=True, slots=True)
class Userland:
    """Programs and libraries as bytes: nothing of the machine has to be in sight of the device."""

    programs: dict[str, bytes] = field(repr=False)
    libraries: dict[str, bytes] = field(repr=False)
    """By the path that the programs know."""
    applets: tuple[str, ...]
    """Names under which toybox answers."""


def read_userland(programs: Mapping[str, str]) -> Userland:
    """Read programs from this machine.

    Args:
        programs: each with the Debian package that brings it.

    Raises:
        DeviceError: a program is missing; the hint says which package brings it.
    """
    places = {name: shutil.which(name, path=_PLACES) for name in programs}
    missing = [programs[name] for name, place in places.items() if place is None]
    if missing:
        raise DeviceError(
            f"a device needs {', '.join(missing)}", hint=f"Install: apt-get install {' '.join(missing)}"
        )
    found = {name: place for name, place in places.items() if place is not None}
    return _read(tuple((name, place, Path(place).stat().st_mtime_ns) for name, place in found.items()))


@lru_cache(maxsize=4)
def _read(found: tuple[tuple[str, str, int], ...]) -> Userland:
    """Name, place and age of each program: all that the result depends on."""
    places = {name: place for name, place, _ in found}
    linked = _said(["ldd", *places.values()])
    return Userland(
        {name: Path(place).read_bytes() for name, place in places.items()},
        {path: Path(path).read_bytes() for path in sorted(set(_LIBRARY.findall(linked)))},
        tuple(_said([places["toybox"]]).split()) if "toybox" in places else (),
    )


def _said(words: list[str]) -> str:
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError as error:
        raise DeviceError(f"{words[0]} cannot be run: {error.strerror}") from error
