"""Which ids of the machine stand for those of a device: a range that nobody has, and never the machine's root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DeviceError
from harness.sandbox.layout import USER_RANGE, WORK_PROFILE

__all__ = ["EXTENTS", "IdMaps", "id_maps", "is_mapped", "subordinate_ids"]

EXTENTS = ((0, 40_000), (WORK_PROFILE * USER_RANGE + 10_000, 20_000))
"""First id in the device, and how many: system and apps with their cache groups, then those of a work profile."""
IDS = sum(count for _, count in EXTENTS)

_UNUSED = 0x7000_0000
"""Above what any distribution gives to users, services or subordinate ranges."""
_DEVICES = 4096
"""So many devices have ids of their own, so that one's processes do not count towards another's limit."""


@dataclass(frozen=True, slots=True)
class IdMaps:
    """How the ids of one device are given to its namespace."""

    first_uid: int
    first_gid: int
    by_root: bool
    """The harness may write the maps itself; else `newuidmap` and `newgidmap` do, by `/etc/subuid`."""

    def write(self, pid: int) -> None:
        """Give a new user namespace its ids, as seen from the harness.

        Raises:
            OSError: the kernel refuses.
            subprocess.SubprocessError: `newuidmap` refuses.
        """
        for kind, first in (("uid", self.first_uid), ("gid", self.first_gid)):
            rows = _rows(first)
            if self.by_root:
                text = "".join(f"{inside} {outside} {count}\n" for inside, outside, count in rows)
                Path(f"/proc/{pid}/{kind}_map").write_text(text, encoding="ascii")
            else:
                words = [str(number) for row in rows for number in row]
                subprocess.run([f"new{kind}map", str(pid), *words], check=True, capture_output=True)  # noqa: S603


def is_mapped(number: int) -> bool:
    """Whether a device can have this uid or gid."""
    return any(first <= number < first + count for first, count in EXTENTS)


def id_maps(number: int) -> IdMaps:
    """Where the ids of a device lie, of which many run at once: by any number of its own.

    Raises:
        DeviceError: this user has no ids to give.
    """
    if os.geteuid() == 0:
        first = _UNUSED + number % _DEVICES * IDS
        return IdMaps(first, first, by_root=True)
    uids, gids = subordinate_ids("/etc/subuid"), subordinate_ids("/etc/subgid")
    if uids is None or gids is None:
        raise DeviceError(
            f"this user has no {IDS} subordinate ids",
            hint="Ask for them: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER",
        )
    return IdMaps(uids, gids, by_root=False)


def subordinate_ids(table: str) -> int | None:
    """The first of enough ids that a table gives to this user; None where it gives too few."""
    try:
        names = {str(os.getuid()), pwd.getpwuid(os.getuid()).pw_name}
    except KeyError:
        names = {str(os.getuid())}
    try:
        lines = Path(table).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, span = line.strip().partition(":")
        first, _, count = span.partition(":")
        if name in names and first.isdecimal() and count.isdecimal() and int(count) >= IDS:
            return int(first)
    return None


def _rows(first: int) -> list[tuple[int, int, int]]:
    rows = []
    for inside, count in EXTENTS:
        rows.append((inside, first, count))
        first += count
    return rows
