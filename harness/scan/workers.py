"""A scan on several processors: runs of files go to forked workers, and what they find comes back in order.

A worker is a copy of this process, so it has the artifacts and the engines without anything being sent to it; only
results travel. What a worker cannot do, or does not live to do, is done here: the result is that of one process, or
the same error.
"""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeAlias, TypeVar

from harness.model import Artifact, Facts, Unread
from harness.scan.scanner import Scanned, Scanner

__all__ = ["can_fork", "in_order", "scanned_by"]

T = TypeVar("T")
Channel: TypeAlias = "Connection[Any, Any]"

_LEAST, _MOST = 1 << 18, 8 << 20
"""Bytes of files in one run: a smaller one would cost more to send than to scan, a larger one leaves others idle."""
_FILES = 512
_RUNS_EACH = 4
_AHEAD = 2
"""Runs for each worker whose results may wait for that of an earlier one."""


def can_fork() -> bool:
    """Whether this system can copy a process; elsewhere there is one worker, which is this one."""
    return sys.platform.startswith("linux")


def scanned_by(
    jobs: int, scanner: Scanner, artifacts: Sequence[Artifact], deep: Callable[[Facts], bool]
) -> Iterator[Scanned | Unread]:
    """What `scanner.scan` gives, by so many processes: files in order, and what could not be read in order."""
    runs = _runs(artifacts, jobs) if jobs > 1 and can_fork() else []
    if len(runs) < 2:
        yield from scanner.scan(artifacts, deep=deep)
        return
    for found in in_order(min(jobs, len(runs)), len(runs), lambda at: [*scanner.scan(runs[at], deep=deep)]):
        yield from found


def _runs(artifacts: Sequence[Artifact], jobs: int) -> list[Sequence[Artifact]]:
    """Neighbours together, by size: each file is in one run, in order."""
    sizes = [item.facts.size + sum(side.size for side in item.sidecars.values()) for item in artifacts]
    enough = max(_LEAST, min(_MOST, sum(sizes) // (jobs * _RUNS_EACH)))
    runs: list[Sequence[Artifact]] = []
    begin = held = 0
    for end, size in enumerate(sizes, 1):
        held += size
        if held >= enough or end - begin >= _FILES or end == len(sizes):
            runs.append(artifacts[begin:end])
            begin, held = end, 0
    return runs


def in_order(jobs: int, count: int, work: Callable[[int], T]) -> Iterator[T]:
    """`work(0)` to `work(count - 1)`, done by forked workers, each handed the next that nobody has.

    Whatever ends this ends the workers.

    Raises:
        Exception: what `work` raises, from this process.
    """
    context = multiprocessing.get_context("fork")
    workers: dict[Channel, BaseProcess] = {}
    try:
        for _ in range(jobs):
            ours, theirs = context.Pipe()
            process: BaseProcess = context.Process(target=_serve, args=(theirs, [ours, *workers], work), daemon=True)
            process.start()
            theirs.close()
            workers[ours] = process
        yield from _dealt([*workers], count, work)
    finally:
        for connection, process in workers.items():
            connection.close()
            process.terminate()
            process.join()


def _dealt(idle: list[Channel], count: int, work: Callable[[int], T]) -> Iterator[T]:
    busy: dict[Channel, int] = {}
    done: dict[int, T] = {}
    ahead = _AHEAD * len(idle)
    begun = 0
    for at in range(count):
        while at not in done:
            while idle and begun < min(count, at + ahead):
                connection = idle.pop()
                busy[connection] = begun
                begun += 1
                with suppress(OSError):  # one that has ended is found out below
                    connection.send(busy[connection])
            if not busy:  # nobody is left to do it
                done[at], begun = work(at), max(begun, at + 1)
                continue
            ready = wait([*busy])
            for connection in [each for each in busy if each in ready]:
                number = busy.pop(connection)
                found, alive = _received(connection)
                done[number] = found[0] if found else work(number)
                if alive:
                    idle.append(connection)
        yield done.pop(at)


def _received(connection: Channel) -> tuple[Any, bool]:
    """A result in a list of one, an empty list where there is none; and whether the worker goes on."""
    try:
        return connection.recv(), True
    except (EOFError, OSError):
        return [], False


def _serve(connection: Channel, others: Sequence[Channel], work: Callable[[int], object]) -> None:
    """A worker's life. It says nothing: what fails here is done again where it can be told."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for all processes of a terminal; the first ends the rest
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()
    with suppress(EOFError, OSError):
        while True:
            number = connection.recv()
            try:
                found = [work(number)]
            except Exception:  # noqa: BLE001 - the process that forked us does it again, and raises it
                found = []
            connection.send(found)
