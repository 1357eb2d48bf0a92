"""One call of a framework command: who calls, with what, and where the answer goes.

pid 1 never waits for a caller: whoever does not read would stop the whole device. What a pipe does not take at once
is written by a forked child, which ends with its caller.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.emulators.android.framework.descriptors import collected, written_at_once
from harness.emulators.android.framework.system import System
from harness.emulators.walls.ports import ROOT, Identity

__all__ = ["AS_SYSTEM", "BadCall", "Console", "Request"]

AS_SYSTEM = Identity(1000, 1000)
"""Android's `system` user: as little as does for writing an answer."""

_BROKEN_PIPE = 141
"""128 + SIGPIPE: what a shell calls a program whose reader has gone."""


class BadCall(Exception):
    """The caller used a command wrongly, or may not use it: the message goes to their standard error."""

    def __init__(self, message: str, *, code: int = 255) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Console:
    """The caller's standard input, output and error, within a forked child: every call blocks."""

    stdio: tuple[int, int, int]

    def read(self, most: int) -> bytes:
        """What there is on standard input; empty at its end."""
        return os.read(self.stdio[0], most)

    def write(self, data: bytes | str) -> None:
        """To standard output, all of it."""
        _write(self.stdio[1], data)

    def complain(self, data: bytes | str) -> None:
        """To standard error, all of it."""
        _write(self.stdio[2], data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command that somebody called. Its task is cancelled when the caller ends."""

    name: str
    arguments: tuple[str, ...]
    uid: int
    """The kernel's word."""
    pid: int = 0
    stdio: tuple[int, int, int]
    system: System = field(repr=False)

    @property
    def is_privileged(self) -> bool:
        """Root, the system and the debug shell, which holds most permissions that are not for apps."""
        return self.uid % 100_000 in {0, 1000, 2000}

    def demand(self, permission: str) -> None:
        """Go on only for those who hold a permission that apps do not get.

        Raises:
            BadCall: the caller is an app.
        """
        if not self.is_privileged:
            raise BadCall(
                f"\nException occurred while executing {' '.join(self.arguments[:1])!r}:\n"
                f"java.lang.SecurityException: Permission Denial: {self.name} from pid={self.pid}, uid={self.uid} "
                f"requires {permission}"
            )

    def option(self, name: str) -> str | None:
        """The word after an option; None where the option is not there or is the last word."""
        words = self.arguments
        place = words.index(name) + 1 if name in words else len(words)
        return words[place] if place < len(words) else None

    async def answer(self, text: bytes | str = "", *, error: str = "", code: int = 0) -> int:
        """Write to the caller; gives the exit code."""
        words, complaint = _encoded(text), _encoded(error)
        try:
            complaint = complaint[written_at_once(self.stdio[2], complaint) :]
            words = words[0 if complaint else written_at_once(self.stdio[1], words) :]
        except BrokenPipeError:
            return _BROKEN_PIPE
        if not words and not complaint:
            return code

        def say(console: Console) -> int:
            console.complain(complaint)
            console.write(words)
            return code

        return await self.fork(say)

    async def fork(
        self, work: Callable[[Console], int], *, identity: Identity = AS_SYSTEM, keep: Sequence[int] = ()
    ) -> int:
        """Let a child work on the caller's descriptors, and those in `keep`; gives its exit code.

        The child is ended when this is cancelled.
        """
        stdio = self.stdio

        def run() -> int:
            for descriptor in stdio:
                os.set_blocking(descriptor, True)
            try:
                return work(Console(stdio))
            except (BrokenPipeError, ConnectionResetError):
                return _BROKEN_PIPE

        return await self.child(run, identity=identity, keep=(*stdio, *keep))

    async def standard_input(self, most: int) -> bytes:
        """All that the caller sends, up to a size; read by a child, since pid 1 waits for nobody."""
        source, sink = os.pipe2(os.O_CLOEXEC)

        def copy(console: Console) -> int:
            while piece := console.read(65536):
                _write(sink, piece)
            return 0

        try:
            with collected(source, most) as found:
                await self.fork(copy, keep=(sink,))
            return bytes(found)
        finally:
            os.close(source)
            os.close(sink)

    async def child(self, run: Callable[[], int], *, identity: Identity = ROOT, keep: Sequence[int] = ()) -> int:
        """Let a child work without the caller's descriptors; gives its exit code."""
        programs = self.system.programs
        pid = programs.fork(identity, run, tuple(dict.fromkeys(keep)))
        ended = asyncio.ensure_future(programs.exit_of(pid))
        try:
            return await asyncio.shield(ended)
        except asyncio.CancelledError:
            programs.kill(pid)
            raise


def _encoded(text: bytes | str) -> bytes:
    return text.encode(errors="surrogateescape") if isinstance(text, str) else text


def _write(descriptor: int, data: bytes | str) -> None:
    left = memoryview(_encoded(data))
    while left:
        left = left[os.write(descriptor, left) :]
