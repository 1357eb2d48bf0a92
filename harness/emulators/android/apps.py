"""An app as a process in the device: forked from pid 1, under the app's own uid, with a program that was given.

What it does to storage it does by system calls, so that a kill in the middle leaves what a kill leaves: half a file,
or a `.bak` beside a preferences file.
"""

import ctypes
import os
import shutil
import signal
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from harness.emulators.android.keystore import KeystoreClient
from harness.errors import DeviceError

__all__ = ["TITLE", "AppContext", "AppFiles", "AppProgram", "Launch", "Title", "live"]

_PIECE = 4096
"""Bytes between two moments at which a kill can fall: a page."""
_PR_SET_NAME = 15
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class AppFiles:
    """The app's private folder, written as Android's own libraries write it."""

    root: str
    pause: Callable[[], None] = field(default=lambda: None, repr=False)
    """Called between any two steps of writing."""

    def write(self, path: str, data: bytes, *, mode: int = 0o600, modified: float | None = None) -> None:
        """Replace a file, given by its path in the folder, making the folders above it.

        Preferences are written as `SharedPreferencesImpl` does it: the old file is set aside as `.bak`, which goes
        once the new one is on disk. Everything else is cut off and written anew.

        Raises:
            OSError: the kernel refuses.
        """
        target = self._made(path)
        aside = target.with_name(target.name + ".bak") if target.parent.name == "shared_prefs" else None
        if aside is not None and target.exists():
            if aside.exists():
                target.unlink()
            else:
                target.rename(aside)
            self.pause()
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            for start in range(0, len(data), _PIECE):
                _write(descriptor, data[start : start + _PIECE])
                os.fsync(descriptor)
                self.pause()
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
        if modified is not None:
            os.utime(target, (modified, modified))
        if aside is not None:
            aside.unlink(missing_ok=True)

    def delete(self, path: str) -> None:
        """Remove a file; nothing happens where there is none.

        Raises:
            OSError: the kernel refuses.
        """
        (Path(self.root) / path).unlink(missing_ok=True)

    def make(self, path: str, mode: int) -> Path:
        """Where a file is that somebody else writes, SQLite for one; an empty one where there was none.

        Raises:
            OSError: the kernel refuses.
        """
        target = self._made(path)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
        return target

    def clear(self) -> None:
        """Remove all that is in the folder, but for the system's own folders in it.

        Raises:
            OSError: the kernel refuses.
        """
        for path in Path(self.root).iterdir():
            for each in path.iterdir() if path.name in {"cache", "code_cache"} else (path,):
                if each.is_dir() and not each.is_symlink():
                    shutil.rmtree(each)
                else:
                    each.unlink()

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            OSError: there is none, or the kernel refuses.
        """
        return (Path(self.root) / path).read_bytes()

    def _made(self, path: str) -> Path:
        target = Path(self.root) / path
        at = Path(self.root)
        for step in Path(path).parent.parts:
            at /= step
            # What `ContextImpl` makes itself is open to the app's group; what the app makes is not.
            with suppress(FileExistsError):
                at.mkdir(0o771 if at.parent == Path(self.root) else 0o700)
                at.chmod(0o771 if at.parent == Path(self.root) else 0o700)
        return target


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """What a program in an app has of its device."""

    package: str
    uid: int
    data_dir: str
    files: AppFiles
    keystore: KeystoreClient
    ready: int = field(default=-1, repr=False)
    """A pipe: closed when `am start -W` may go on."""

    def drawn(self) -> None:
        """Say that the app is on the screen; `am start -W` has waited for it."""
        with suppress(OSError):
            os.write(self.ready, b"r")

    def log(self, priority: str, tag: str, text: str) -> None:
        """Write to Android's log, in front of everybody who may read it."""
        words = f"{tag}\0{text}".encode(errors="replace")[:8192]
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.keystore.path)
            connection.sendall(f"log {priority or 'I'} {len(words)}\n".encode() + words)
            connection.recv(1)  # until it is in

    def as_a_process(self, work: Callable[[], object]) -> None:
        """Do work as another process of the same app, which ends when it is done: what it made is not tidied up.

        Raises:
            DeviceError: it died before.
        """
        pid = os.fork()
        if pid == 0:
            made, code = [], 1
            try:
                ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
                made.append(work())
                code = 0
            except BaseException:  # noqa: BLE001 - nobody is above; stderr is the device's log
                traceback.print_exc()
            finally:
                os._exit(code)
        if os.waitpid(pid, 0)[1]:
            raise DeviceError(f"a process of {self.package} died before it was to")

    def linger(self) -> None:
        """Stay, as an app does when it has nothing to do, until somebody ends it."""
        while True:
            signal.pause()


AppProgram = Callable[[AppContext], int]
"""What an app does; the result is its exit code."""


@dataclass(frozen=True, slots=True)
class Title:
    """Where the kernel finds what `ps` calls this process.

    A process that was forked and called no program would show the harness's own command line, with the machine's
    paths in it. The place is the same in every fork; look it up while there is a `/proc`.
    """

    start: int = 0
    end: int = 0

    @classmethod
    def of_this_process(cls) -> "Title":
        """The place; an empty one where `/proc` does not tell."""
        try:
            words = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
            start, end = int(words[45]), int(words[46])  # arg_start and arg_end, fields 48 and 49 of proc(5)
        except (OSError, ValueError, IndexError):
            return cls()
        return cls(start, end) if 0 < start < end else cls()

    def show(self, name: str) -> None:
        """Be called `name` from now on."""
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[-15:], 0, 0, 0)
        if self.end > self.start:
            written = name.encode()[: self.end - self.start - 1]
            ctypes.memset(self.start, 0, self.end - self.start)
            ctypes.memmove(self.start, written, len(written))


TITLE = Title.of_this_process()
"""Looked up when this is imported: later there may be no `/proc`. Every fork has it at the same place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What a forked child is told to become an app."""

    package: str
    uid: int
    data_dir: str
    socket: str
    ready: int
    title: Title = TITLE


def live(launch: Launch, program: AppProgram | None) -> int:
    """Be an app, from the fork to its end. Without a program it is started, drawn, and waits."""
    launch.title.show(launch.package)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # as the zygote does for its children
    os.umask(0o077)
    with suppress(OSError):
        os.chdir(launch.data_dir)
    context = AppContext(
        package=launch.package,
        uid=launch.uid,
        data_dir=launch.data_dir,
        files=AppFiles(launch.data_dir),
        keystore=KeystoreClient(launch.socket),
        ready=launch.ready,
    )
    if program is not None:
        return program(context)
    context.drawn()
    context.linger()
    return 0
