"""What a forked process lets go of, so that it neither holds nor disturbs what its parent has open."""

import gc
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

__all__ = ["close_all_but", "end_descendants", "let_go"]

_FILES = 16_384
"""Descriptors that a process of a device may have: many clients, each with programs, are many."""


def let_go(keep: tuple[int, ...], *, log: int | None, processes: int) -> None:
    """Let go of all that is the harness's: terminal, signals, descriptors, garbage.

    Args:
        keep: descriptors that are still needed.
        log: what becomes standard error; None for nowhere.
        processes: how many one user may have from here on.
    """
    gc.disable()  # what of the harness is finalized in here would close descriptors that are others' by now
    gc.freeze()
    os.setsid()
    os.umask(0o022)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(nothing if log is None else log, 2)
    # Python's own streams may be a test runner's, on descriptors that are closed next. What is buffered in them is
    # the harness's to write: by now it goes nowhere.
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    close_all_but(keep)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _FILES if files == resource.RLIM_INFINITY else min(_FILES, files)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    limit = processes if most == resource.RLIM_INFINITY else min(processes, most)
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))


def _stream(number: int, mode: str) -> TextIO:
    return cast("TextIO", os.fdopen(number, mode, buffering=1, errors="replace", closefd=False))


def close_all_but(kept: tuple[int, ...]) -> None:
    """Close every descriptor from 3 on but these."""
    lowest = 3
    for descriptor in sorted(set(kept)):
        if descriptor >= lowest:
            os.closerange(lowest, descriptor)
            lowest = descriptor + 1
    os.closerange(lowest, min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 1 << 20))


def end_descendants() -> None:
    """Without a pid namespace the kernel does not do this; orphans come to the stub, generation by generation."""
    while True:
        for child in _children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> Iterator[int]:
    for listed in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the name in brackets, which may hold anything: state, parent.
            if int(listed.read_text(errors="replace").rpartition(")")[2].split()[1]) == os.getpid():
                yield int(listed.parent.name)
