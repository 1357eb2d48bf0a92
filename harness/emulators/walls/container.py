"""Starts pid 1 of a device inside walls of its own, and sees to it that nothing outlives the harness.

    harness ──fork──► stub: waits; holds the lifeline; cleans up
                        └──fork──► pid 1 of the device: its root directory first, then what it is for

With user namespaces the device has ids, mounts, processes, IPC, a host name and a network of its own, and its root is
nobody on the machine. With `Tier.CHROOT` it has a root directory, real ids and few capabilities, and no more.

The stub ends when pid 1 ends, and ends pid 1 when the lifeline closes or the harness is gone, however it went.
"""

import gc
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Protocol

from harness.emulators.walls import kernel
from harness.emulators.walls.forked import close_all_but, end_descendants, let_go
from harness.emulators.walls.identities import id_maps
from harness.emulators.walls.kernel import Capability, MountFlag
from harness.emulators.walls.ports import Tier
from harness.errors import DeviceError

__all__ = ["FOR_SSHD", "Body", "Container", "Plan", "chroot_folder", "start"]

_PATIENCE = 60.0
"""Seconds for a device to start, on a machine that does much else."""
_MOUNT_POINT = "/tmp"  # noqa: S108 - only in the device's own mount namespace; nobody else sees what is mounted there
_KEPT_BY_CHROOT = frozenset(
    {
        Capability.CHOWN,
        Capability.DAC_OVERRIDE,
        Capability.FOWNER,
        Capability.FSETID,
        Capability.KILL,
        Capability.SETGID,
        Capability.SETUID,
    }
)
"""What a device's root needs of root; SYS_CHROOT, PTRACE and the rest would let it out."""
FOR_SSHD = frozenset({Capability.SYS_CHROOT})
"""What OpenSSH's server asks for beside that. With `Tier.CHROOT` it lets the device's root out of its folder."""


class Body(Protocol):
    """What a device is made of."""

    def prepare(self, root: Path, *, procfs: bool) -> Callable[[Callable[[], None]], None]:
        """Fill the root directory; gives what pid 1 then runs inside it, with a call for "ready".

        Nothing can be imported after the root switch.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a device is walled in."""

    tier: Tier
    hostname: str = "localhost"
    size: int = 1 << 30
    """Bytes that its files may take."""
    processes: int = 1024
    """At most of one user in it: a fork bomb stays inside."""
    keep: tuple[int, ...] = ()
    """Descriptors that pid 1 goes on using."""
    capabilities: frozenset[Capability] = frozenset()
    """That root of the device keeps with `Tier.CHROOT` beside what every device needs."""
    log: int | None = None
    """Where pid 1 and its stub write what went wrong; None for nowhere."""


@dataclass(slots=True)
class Container:
    """A running device, as the harness holds it."""

    stub: int
    """Process id of the stub; the device's own are unknown out here."""
    _lifeline: int = field(repr=False)
    _ended: bool = False

    def is_running(self) -> bool:
        """Whether pid 1 is there."""
        if not self._ended:
            try:
                self._ended = os.waitpid(self.stub, os.WNOHANG)[0] != 0
            except ChildProcessError:  # somebody else in the harness waits for children, too
                self._ended = True
        return not self._ended

    def stop(self) -> None:
        """End every process of the device and let go of its files; returns when all are gone."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        if not self._ended:
            with suppress(ChildProcessError):
                os.waitpid(self.stub, 0)
            self._ended = True


def start(plan: Plan, body: Body) -> Container:
    """Start a device; returns when its pid 1 says that it is ready.

    Raises:
        DeviceError: it does not start; the message says where.
    """
    if plan.tier is Tier.NONE:
        raise DeviceError(
            "this machine cannot wall in a device", hint="`storage-harness doctor` says what is missing"
        )
    lifeline, held = os.pipe2(os.O_CLOEXEC)
    harness = os.pidfd_open(os.getpid())
    ours, theirs = socket.socketpair()
    stub = os.fork()
    if stub == 0:
        # Whatever is in the harness's frames must not run a second time in here.
        try:
            _Stub(plan, body, theirs, _Watched(lifeline, harness)).run()
        finally:
            os._exit(1)
    for descriptor in (lifeline, harness):
        os.close(descriptor)
    theirs.close()
    container = Container(stub, held)
    try:
        with ours:
            ours.settimeout(_PATIENCE)
            if plan.tier is Tier.USER_NAMESPACE:
                _map_ids(ours, stub)
            _await_ready(ours)
    except (OSError, subprocess.SubprocessError) as error:
        container.stop()
        raise DeviceError(f"the device does not start: {error}") from error
    except BaseException:  # Ctrl-C too: nobody would hold the lifeline
        container.stop()
        raise
    return container


def _map_ids(parley: socket.socket, stub: int) -> None:
    """Wait until the stub has its namespaces, and give them ids from outside."""
    if parley.recv(1) == b"u":
        id_maps(stub).write(stub)
        parley.sendall(b"m")


def _await_ready(parley: socket.socket) -> None:
    said = b""
    while not said.endswith(b"\0") and (more := parley.recv(4096)):
        said += more
    if said != b"ready\0":
        fault = said.rstrip(b"\0").decode("utf-8", "replace") or "it ended without a word"
        raise DeviceError(f"the device does not start: {fault}")


# -- in the stub ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Watched:
    """What tells the stub that the harness wants an end, or has met its own."""

    lifeline: int
    harness: int


class _Stub:
    """The process between the harness and the device."""

    def __init__(self, plan: Plan, body: Body, parley: socket.socket, watched: _Watched) -> None:
        self._plan = plan
        self._body = body
        self._parley = parley
        self._watched = watched

    def run(self) -> None:
        folder = None
        try:
            needed = (self._parley.fileno(), self._watched.lifeline, self._watched.harness)
            let_go((*needed, *self._plan.keep), log=self._plan.log, processes=self._plan.processes)
            if self._plan.tier is Tier.USER_NAMESPACE:
                self._enter_namespaces()
            else:
                kernel.adopt_orphans()
                folder = tempfile.mkdtemp(prefix="storage-harness-device-", dir=chroot_folder())
            init = os.fork()
            if init == 0:
                self._become_the_device(folder)
        except BaseException as error:  # noqa: BLE001 - a forked process has nobody above it to tell
            self._tell(f"{error}")
            traceback.print_exc()
            os._exit(1)
        # Whatever the stub kept open would look alive from outside when the device has ended.
        close_all_but((self._watched.lifeline, self._watched.harness))
        code = _wait_for_the_end(init, self._watched)
        end_descendants()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(code)

    def _enter_namespaces(self) -> None:
        kernel.unshare(kernel.OWN_NAMESPACES)
        self._parley.sendall(b"u")
        if self._parley.recv(1) != b"m":
            os._exit(1)
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)

    def _become_the_device(self, folder: str | None) -> NoReturn:
        try:
            for descriptor in (self._watched.lifeline, self._watched.harness):
                os.close(descriptor)
            kernel.die_with_parent()
            run = self._inside_a_chroot(folder) if folder else self._inside_namespaces()
            kernel.hide_memory()
            gc.enable()
            os.umask(0)
            run(self._ready)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - as above
            traceback.print_exc()
            self._tell(f"{type(error).__name__}: {error}")
            os._exit(1)

    def _inside_namespaces(self) -> Callable[[Callable[[], None]], None]:
        kernel.mount("none", "/", None, MountFlag.RECURSIVE | MountFlag.PRIVATE)
        options = f"size={self._plan.size},nr_inodes=1m,mode=755"
        kernel.mount("tmpfs", _MOUNT_POINT, "tmpfs", MountFlag.NOATIME, options)
        root = Path(_MOUNT_POINT)
        (root / "proc").mkdir()
        procfs = True
        try:
            kernel.mount("proc", str(root / "proc"), "proc", MountFlag.NOSUID | MountFlag.NODEV | MountFlag.NOEXEC)
        except PermissionError:  # parts of the machine's own are masked, as in a container
            procfs = False
        run = self._body.prepare(root, procfs=procfs)
        kernel.pivot_root(_MOUNT_POINT)
        socket.sethostname(self._plan.hostname)
        kernel.bring_up_loopback()
        return run

    def _inside_a_chroot(self, folder: str) -> Callable[[Callable[[], None]], None]:
        kernel.adopt_orphans()
        root = Path(folder) / "root"
        root.mkdir(mode=0o755)
        run = self._body.prepare(root, procfs=False)
        os.chroot(root)
        os.chdir("/")
        os.setgroups([])
        kernel.restrict_capabilities(_KEPT_BY_CHROOT | self._plan.capabilities)
        return run

    def _ready(self) -> None:
        self._parley.sendall(b"ready\0")
        self._parley.close()

    def _tell(self, fault: str) -> None:
        with suppress(OSError):
            self._parley.sendall(fault.encode("utf-8", "replace")[:2000] + b"\0")


def _wait_for_the_end(init: int, watched: _Watched) -> int:
    """Wait for pid 1, and end it when the harness wants it or is gone; gives its exit code."""
    end = os.pidfd_open(init)
    poll = select.poll()
    for descriptor in (end, watched.lifeline, watched.harness):
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
    if {descriptor for descriptor, _ in poll.poll()} != {end}:
        os.kill(init, signal.SIGKILL)
    _, status = os.waitpid(init, 0)
    return os.waitstatus_to_exitcode(status) & 0xFF


def chroot_folder() -> str:
    """Where a device's tree may stand: set-user-id programs and devices must work there.

    Raises:
        OSError: there is no such place.
    """
    for place in (tempfile.gettempdir(), "/var/tmp", "/var/lib"):  # noqa: S108 - a folder of mode 0700 is made in it
        try:
            flags = os.statvfs(place).f_flag
        except OSError:
            continue
        if not flags & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_RDONLY):
            return place
    raise OSError("every place for temporary files is mounted nosuid, nodev, noexec or read-only")
