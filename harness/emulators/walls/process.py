"""Programs of a device under their own identities, as pid 1 starts, reaps and ends them: `ports.Programs`."""

import asyncio
import fcntl
import gc
import os
import pty
import signal
import struct
import termios
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

from harness.emulators.walls.forked import close_all_but
from harness.emulators.walls.ports import Identity, Run, Stdio

__all__ = ["Environment", "ForkedPrograms"]

Environment = Callable[[Identity], Mapping[str, str]]
"""What a kind of device gives a process of an identity."""

_REMEMBERED = 4096
"""Exit codes that nobody has asked for yet."""
_FIRST_APP = 10_000
_TIOCSPTLCK, _TIOCGPTPEER = 0x4004_5431, 0x5441
_DEFAULTS = (
    signal.SIGPIPE,
    signal.SIGXFSZ,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGCHLD,
    signal.SIGTERM,
    signal.SIGHUP,
)


class ForkedPrograms:
    """Forks, drops to an identity, and executes; needs a running loop, and a process without threads."""

    def __init__(self, environment: Environment, *, terminals: int | None = None) -> None:
        """Call it in pid 1, before anything is started.

        Args:
            environment: what programs find in theirs.
            terminals: a descriptor of the machine's `/dev`, where the device has no terminals of its own.
        """
        self._environment = environment
        self._terminals = terminals
        self._running: dict[int, asyncio.Future[int]] = {}
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- starting --------------------------------------------------------------------------------

    def start(
        self,
        argv: Sequence[str],
        *,
        identity: Identity,
        stdio: Stdio,
        environment: Mapping[str, str] | None = None,
        terminal: int | None = None,
    ) -> int:
        """Fork and exec under an identity; gives the pid.

        A name without a slash is looked for along the `PATH`. The environment is the device's own, with what is
        given added. Where there is a terminal, it takes the place of /dev/null. A program that cannot be executed
        ends with 127 or 126, as under a shell, and says so on its standard error.

        Raises:
            OSError: there is no process to be had.
        """
        pid = self._forked()
        if pid == 0:
            # Nothing may leave this branch: what is above in the frames is pid 1's.
            _execute(tuple(argv), identity, stdio, {**self._environment(identity), **(environment or {})}, terminal)
        return pid

    def fork(self, identity: Identity, run: Run, keep: Sequence[int]) -> int:
        """Fork without exec, drop to an identity, close all but `keep`, and run; gives the pid.

        Raises:
            OSError: there is no process to be had.
        """
        pid = self._forked()
        if pid == 0:
            _run(identity, run, tuple(keep))
        return pid

    def terminal(self) -> tuple[int, int]:
        """A new pty, master and slave, not inherited.

        Raises:
            OSError: there is no terminal to be had.
        """
        if self._terminals is None:
            return pty.openpty()
        # Nothing of the machine's /dev is in sight of the device, but for this descriptor.
        flags = os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC
        master = os.open("ptmx", flags, dir_fd=self._terminals)
        try:
            fcntl.ioctl(master, _TIOCSPTLCK, struct.pack("i", 0))
            return master, fcntl.ioctl(master, _TIOCGPTPEER, flags)
        except OSError:
            os.close(master)
            raise

    # -- ending ----------------------------------------------------------------------------------

    def exit_of(self, pid: int) -> Awaitable[int]:
        """The exit code of a started process: 128 + n where signal n ended it.

        Raises:
            ProcessLookupError: none of that number was started here, or it was long ago.
        """
        found = self._running.get(pid) or self._ended.get(pid)
        if found is None:
            raise ProcessLookupError(pid)
        return asyncio.shield(found)

    def kill(self, pid: int) -> None:
        """End a process and its group; nothing happens where it has ended."""
        if pid not in self._running:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    @property
    def running(self) -> tuple[int, ...]:
        """What was started and has not ended."""
        return tuple(sorted(self._running))

    def close(self) -> None:
        """Hear of no more ends, before the loop closes: it lets go of its wake-up pipe first, of signals after."""
        if self._loop is not None:
            self._loop.remove_signal_handler(signal.SIGCHLD)
            self._loop = None

    # -- inside ----------------------------------------------------------------------------------

    def _forked(self) -> int:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
            loop.add_signal_handler(signal.SIGCHLD, self._reap)
        pid = os.fork()
        if pid:
            self._ended.pop(pid, None)
            self._running[pid] = loop.create_future()
        return pid

    def _reap(self) -> None:
        """All that have ended, orphans too: pid 1 is the parent of those whose own has gone."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            ended = self._running.pop(pid, None)
            if ended is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if not ended.done():
                ended.set_result(code if code >= 0 else 128 - code)
            self._ended[pid] = ended
            while len(self._ended) > _REMEMBERED:
                self._ended.pop(next(iter(self._ended)))


# -- in the forked child: every way out is an exit -----------------------------------------------


def _execute(
    argv: tuple[str, ...], identity: Identity, stdio: Stdio, environment: Mapping[str, str], terminal: int | None
) -> NoReturn:
    code = 127
    try:
        _be_a_child()
        os.setsid()
        if terminal is not None:
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        _take_stdio(stdio, terminal)
        _drop_to(identity)
        os.execvpe(argv[0], argv, environment)  # noqa: S606
    except BaseException as error:  # noqa: BLE001 - nobody is above
        code = 126 if isinstance(error, PermissionError) else 127
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        with suppress(OSError):
            os.write(2, f"{argv[0] if argv else ''}: {reason}\n".encode("utf-8", "surrogateescape"))
    finally:
        os._exit(code)


def _run(identity: Identity, run: Run, keep: tuple[int, ...]) -> NoReturn:
    code = 1
    try:
        _be_a_child()
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in {0, 1} - set(keep):
            os.dup2(nothing, number)
        close_all_but(keep)
        _drop_to(identity)
        code = run() & 0xFF
    except BaseException:  # noqa: BLE001 - nobody is above; stderr is the device's log
        traceback.print_exc()
    finally:
        os._exit(code)


def _be_a_child() -> None:
    """Undo what pid 1 has set for itself."""
    gc.disable()  # what of pid 1 is finalized in here would close descriptors that are others' by now
    signal.set_wakeup_fd(-1)
    for number in _DEFAULTS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _take_stdio(stdio: Stdio, terminal: int | None) -> None:
    # First out of the way, so that none is overwritten before it is duplicated.
    nothing = os.open(os.devnull, os.O_RDWR) if terminal is None else terminal
    parked = [fcntl.fcntl(nothing if given is None else given, fcntl.F_DUPFD, 3) for given in stdio]
    for number, descriptor in enumerate(parked):
        os.dup2(descriptor, number, inheritable=True)
        os.set_blocking(number, True)
    close_all_but(())


def _drop_to(identity: Identity) -> None:
    os.umask(0o077 if identity.uid >= _FIRST_APP else 0)
    os.setgroups(identity.groups)
    os.setresgid(identity.gid, identity.gid, identity.gid)
    os.setresuid(identity.uid, identity.uid, identity.uid)
    os.chdir("/")
