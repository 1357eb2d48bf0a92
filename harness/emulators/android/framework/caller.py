"""Who calls, and with what: the kernel is asked, and the caller is believed nothing that the kernel can tell."""

import ctypes
import os
import select
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LARGEST_ARGUMENTS", "Handed", "Peer", "parent_of", "peer_of", "take_over"]

LARGEST_ARGUMENTS = 128 * 1024
"""Bytes of a command line; Linux lets one argument have as many."""

_PIDFD_GETFD = 438
"""The number of the system call on every architecture."""
_PARKED = (7, 8, 9)
"""Where the stubs keep their caller's standard input, output and error: a shell moves its own 0 to 2 about."""
_GENERATIONS = 4
"""stub, its subshell, the program that connects: and one to spare."""

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end of a socket when it connected."""

    pid: int
    uid: int


@dataclass(frozen=True, slots=True)
class Handed:
    """What was taken from a process. Whoever holds it closes its descriptors."""

    arguments: tuple[str, ...]
    """The name of the command first."""
    life: int
    """A pidfd: readable once the process has ended."""
    stdio: tuple[int, int, int]

    def close(self) -> None:
        """Let go of all descriptors."""
        for descriptor in {self.life, *self.stdio}:
            os.close(descriptor)


def peer_of(connection: socket.socket) -> Peer:
    """Who connected, from SO_PEERCRED.

    Raises:
        OSError: the connection is gone.
    """
    pid, uid, _ = struct.unpack("iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return Peer(pid, uid)


def parent_of(peer: Peer) -> int:
    """The process that started the peer: a claim like any other.

    Raises:
        OSError: the peer has ended.
    """
    return _parent(peer.pid)


def take_over(peer: Peer, claimed: int) -> Handed:
    """The arguments and parked descriptors of a process that the peer says it asks for.

    The number is a claim. It counts only for a process that (1) is held by a pidfd from here on, (2) is the peer or
    one of its nearest ancestors, and (3) runs wholly under the peer's own uid, so that nobody borrows the
    descriptors of another; and (4) it must still be alive at the end, or the number may have been another's.

    Raises:
        PermissionError: the claim does not hold, or the kernel keeps the descriptors to itself.
        OSError: the process has ended, or a descriptor is not there.
        ValueError: what the kernel says of it is of no use: too long, or no command.
    """
    taken = [os.pidfd_open(claimed)]  # (1)
    try:
        arguments = _taken(peer, claimed, taken)
    except BaseException:
        for descriptor in taken:
            os.close(descriptor)
        raise
    return Handed(arguments, taken[0], (taken[1], taken[2], taken[3]))


def _taken(peer: Peer, claimed: int, taken: list[int]) -> tuple[str, ...]:
    """The arguments; the descriptors go into the list one by one, whose first is the pidfd."""
    life = taken[0]
    if not _descends(peer.pid, claimed):  # (2)
        raise PermissionError("the process named is none that the caller comes from")
    if _uids(claimed) != {peer.uid}:  # (3)
        raise PermissionError("the process named is another user's")
    arguments = _arguments(claimed)
    for number in _PARKED:
        taken.append(_descriptor(life, number))  # noqa: PERF401 - those before it are closed when one fails
    if _has_ended(life):  # (4)
        raise ProcessLookupError("the process named has ended")
    return arguments


def _descends(pid: int, ancestor: int) -> bool:
    for _ in range(_GENERATIONS):
        if pid == ancestor:
            return True
        pid = _parent(pid)
    return False


def _parent(pid: int) -> int:
    # The name of a program stands in brackets and may hold anything; the parent is the second word after it.
    return int(_status_file(pid, "stat").rpartition(b")")[2].split()[1])


def _uids(pid: int) -> set[int]:
    """Real, effective, saved and file-system uid."""
    for line in _status_file(pid, "status").splitlines():
        if line.startswith(b"Uid:"):
            return {int(word) for word in line.split()[1:]}
    return set()


def _arguments(pid: int) -> tuple[str, ...]:
    """What a script was called with: the interpreter's name, which comes first, is dropped."""
    line = _status_file(pid, "cmdline")
    if len(line) > LARGEST_ARGUMENTS:
        raise ValueError("argument list too long")
    words = line.split(b"\0")[1:-1]
    if not words:
        raise ValueError("no command")
    return tuple(os.fsdecode(word) for word in words)


def _status_file(pid: int, name: str) -> bytes:
    with Path(f"/proc/{pid}/{name}").open("rb", buffering=0) as opened:
        found = b""
        while len(found) <= LARGEST_ARGUMENTS:
            piece = opened.read(LARGEST_ARGUMENTS + 1)
            if not piece:
                break
            found += piece
        return found


def _descriptor(life: int, number: int) -> int:
    found = int(_libc.syscall(_PIDFD_GETFD, life, number, 0))
    if found < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"pidfd_getfd: {os.strerror(error)}")
    return found


def _has_ended(life: int) -> bool:
    poll = select.poll()
    poll.register(life, select.POLLIN)
    return bool(poll.poll(0))
