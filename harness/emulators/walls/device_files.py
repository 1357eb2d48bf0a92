"""The files in `/dev` that every device has, harmless ones alone."""

import os
import stat
from pathlib import Path

from harness.emulators.walls.kernel import MountFlag, mount

__all__ = ["make_devices", "mount_devices"]

_MEMORY = 1
"""Major number of all of them."""


def mount_devices(root: Path, devices: dict[str, int], *, terminals: str) -> None:
    """The machine's own, each by itself, and terminals that are the device's own.

    Args:
        root: of the device, with `/dev` and `/dev/pts` in it.
        devices: names, and minor numbers of major 1.
        terminals: more options of `devpts`, after a comma each.
    """
    for name in (*devices, "tty"):
        (root / "dev" / name).touch()
        mount(f"/dev/{name}", str(root / "dev" / name), None, MountFlag.BIND)
    options = f"newinstance,ptmxmode=0666,mode=0620{terminals}"
    mount("devpts", str(root / "dev/pts"), "devpts", MountFlag.NOSUID | MountFlag.NOEXEC, options)
    (root / "dev/ptmx").symlink_to("pts/ptmx")


def make_devices(root: Path, devices: dict[str, int]) -> None:
    """The same where nothing can be mounted; terminals are none of them."""
    for name, minor in devices.items():
        place = root / "dev" / name
        try:
            os.mknod(place, 0o666 | stat.S_IFCHR, os.makedev(_MEMORY, minor))
        except PermissionError:  # without MKNOD: what is written to it stays in the device
            place.touch()
        place.chmod(0o666)
