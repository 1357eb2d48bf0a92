"""How a device can be walled in on this machine: found out by doing it, because `/proc/sys` often says otherwise.

Where it cannot, `missing` says what there is to get. There is no tier that only pretends to refuse.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.emulators.walls import kernel
from harness.emulators.walls.container import Plan, start
from harness.emulators.walls.identities import IDS, subordinate_ids
from harness.emulators.walls.ports import Tier
from harness.errors import DeviceError, HarnessError

__all__ = ["Missing", "cannot", "missing", "probe"]

_SOMEBODY, _SOMEBODY_ELSE = 10_123, 2_000
"""An app's id, and one that must not see its files."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that this machine lacks."""

    what: str
    how: str
    """How to get it."""


def probe() -> Tier:
    """The best tier that works here and now: a throw-away device whose kernel denies what it must."""
    if not sys.platform.startswith("linux"):
        return Tier.NONE
    for tier in (Tier.USER_NAMESPACE, Tier.CHROOT):
        if _works(tier):
            return tier
    return Tier.NONE


def missing(programs: Mapping[str, str], tier: Tier | None = None) -> tuple[Missing, ...]:
    """What is missing for devices, and how to get it; empty where they can be started.

    Args:
        programs: what a device of the kind needs, each with the Debian package that brings it.
        tier: what `probe` said, where it was asked already.
    """
    return (*_missing_programs(programs), *(_missing_rights() if (tier or probe()) is Tier.NONE else ()))


def cannot(what: str, lacking: Sequence[Missing]) -> DeviceError:
    """What to say where devices of a kind cannot be started."""
    lacks = ", ".join(each.what for each in lacking)
    how = " ".join(each.how for each in lacking)
    return DeviceError(f"this machine cannot wall in {what}: it lacks {lacks}", hint=how)


def _missing_programs(programs: Mapping[str, str]) -> Iterator[Missing]:
    for program, package in programs.items():
        if shutil.which(program) is None:
            yield Missing(program, f"apt-get install {package}")


def _missing_rights() -> Iterator[Missing]:
    if not sys.platform.startswith("linux"):
        yield Missing("Linux", "Emulated devices need its kernel: use a container or a virtual machine.")
        return
    if os.geteuid() == 0:
        yield Missing(
            "user namespaces, or the capabilities CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID and SYS_CHROOT",
            "Start the container with its default capabilities, or with --security-opt seccomp=unconfined.",
        )
        return
    for program in ("newuidmap", "newgidmap"):
        if shutil.which(program) is None:
            yield Missing(program, "apt-get install uidmap")
    for table, option in (("/etc/subuid", "--add-subuids"), ("/etc/subgid", "--add-subgids")):
        if subordinate_ids(table) is None:
            yield Missing(f"{IDS} ids in {table}", f"usermod {option} 100000-165535 USER")
    if not _in_a_child(_unprivileged_namespace):
        yield Missing(
            "user namespaces for ordinary users",
            "As root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or user.max_user_namespaces=10000.",
        )


class _Trial:
    """A device that does nothing but try whether an app's folder is closed to others."""

    def prepare(self, root: Path, *, procfs: bool) -> "Callable[[Callable[[], None]], None]":
        secret = root / "secret"
        secret.mkdir(mode=0o700)
        os.chown(secret, _SOMEBODY, _SOMEBODY)

        def run(ready: Callable[[], None]) -> None:
            if os.geteuid() != 0 or not _in_a_child(_listed_by(_SOMEBODY)) or _in_a_child(_listed_by(_SOMEBODY_ELSE)):
                raise DeviceError("permissions are not enforced")
            ready()

        return run


def _works(tier: Tier) -> bool:
    if tier is Tier.CHROOT and os.geteuid() != 0:
        return False
    try:
        start(Plan(tier=tier, size=1 << 20), _Trial()).stop()
    except (HarnessError, OSError):
        return False
    return True


def _listed_by(uid: int) -> Callable[[], None]:
    def listed() -> None:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        os.listdir("/secret")  # noqa: PTH208

    return listed


def _unprivileged_namespace() -> None:
    kernel.unshare(kernel.Namespace.USER | kernel.Namespace.MOUNT)
    kernel.mount("none", "/", None, kernel.MountFlag.RECURSIVE | kernel.MountFlag.PRIVATE)


def _in_a_child(attempt: Callable[[], None]) -> bool:
    """Whether it works, tried where it leaves nothing behind."""
    child = os.fork()
    if child == 0:
        try:
            with suppress(Exception):
                attempt()
                os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0
