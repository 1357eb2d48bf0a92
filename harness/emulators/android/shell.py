"""The `shell` service, old and new: on pipes or a terminal, with exit codes, and no survivors of a lost client."""

import asyncio
import fcntl
import os
import struct
import termios
import tty
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from harness.emulators.android.conversation import deliver, forward
from harness.emulators.android.descriptors import Descriptor, finished, unless_gone
from harness.emulators.android.shell_packets import (
    HEADER_BYTES,
    ShellKind,
    ShellParser,
    encode,
    put_header,
    window_size,
)
from harness.emulators.android.streams import Stream
from harness.emulators.android.wire import WireError
from harness.emulators.walls.ports import Identity, Programs

__all__ = ["SHELL_PATH", "ShellRequest", "parse_shell", "serve_shell"]

SHELL_PATH = "/system/bin/sh"
_END_OF_FILE = b"\x04"
_TTY_GROUP = 5
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellRequest:
    """What a client wants of a shell."""

    command: str
    """Empty for an interactive one."""
    has_protocol: bool
    """Output and errors apart, exit code, end of input."""
    has_terminal: bool
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def argv(self) -> tuple[str, ...]:
        """The program to run."""
        return (SHELL_PATH, "-c", self.command) if self.command else (SHELL_PATH, "-")


def parse_shell(options: str, command: str) -> ShellRequest:
    """The request in `shell,v2,TERM=xterm,pty:command`."""
    words = options.split(",")
    pairs = dict(word.split("=", 1) for word in words if "=" in word)
    return ShellRequest(
        command=command.replace("\0", ""),
        has_protocol="v2" in words,
        has_terminal="pty" in words or (not command and "raw" not in words),
        environment={"TERM": pairs["TERM"].replace("\0", "")} if "TERM" in pairs else {},
    )


async def serve_shell(
    stream: Stream, request: ShellRequest, programs: Programs, identity: Identity, *, cooks: bool
) -> None:
    """Run it, and bring the client all that it says."""
    if not request.has_protocol:
        await _serve_plain(stream, request, programs, identity, cooks=cooks)
    elif request.has_terminal:
        await _serve_terminal(stream, request, programs, identity)
    else:
        await _serve_pipes(stream, request, programs, identity)


async def _serve_plain(
    stream: Stream, request: ShellRequest, programs: Programs, identity: Identity, *, cooks: bool
) -> None:
    """The old way: always a terminal, so that a lost client is noticed; a raw one where there is a command."""
    pid, master = _on_terminal(request, programs, identity, raw=not request.has_terminal and not cooks)
    is_over = False
    with master:
        feeder = asyncio.get_running_loop().create_task(deliver(stream, master))
        try:
            await unless_gone(stream.gone, forward(master, stream))
            is_over = True
        finally:
            await finished(feeder)
            if not is_over:
                programs.kill(pid)


async def _serve_terminal(stream: Stream, request: ShellRequest, programs: Programs, identity: Identity) -> None:
    pid, master = _on_terminal(request, programs, identity, raw=False)
    with master:
        await _attend(stream, programs, pid, _Input(stream, master, is_terminal=True), {ShellKind.STDOUT: master})


async def _serve_pipes(stream: Stream, request: ShellRequest, programs: Programs, identity: Identity) -> None:
    with ExitStack() as stack:
        (their_in, in_), (out, their_out), (err, their_err) = os.pipe(), os.pipe(), os.pipe()
        target, output, errors = (stack.enter_context(Descriptor(number).grow()) for number in (in_, out, err))
        try:
            pid = programs.start(
                request.argv,
                identity=identity,
                stdio=(their_in, their_out, their_err),
                environment=request.environment,
            )
        finally:
            for number in (their_in, their_out, their_err):
                os.close(number)
        outputs = {ShellKind.STDOUT: output, ShellKind.STDERR: errors}
        await _attend(stream, programs, pid, _Input(stream, target, is_terminal=False), outputs)


async def _attend(
    stream: Stream, programs: Programs, pid: int, source: "_Input", outputs: Mapping[ShellKind, Descriptor]
) -> None:
    """From the start of a program to its exit code, or to the loss of its client."""
    feeder = asyncio.get_running_loop().create_task(source.run(lambda: programs.kill(pid)))
    is_over = False
    try:
        await unless_gone(stream.gone, _all(*(_report(kind, end, stream) for kind, end in outputs.items())))
        code = await unless_gone(stream.gone, programs.exit_of(pid))
        is_over = True
        await stream.write(encode(ShellKind.EXIT, bytes([code & 0xFF])))
    finally:
        await finished(feeder)
        if not is_over:
            programs.kill(pid)


async def _all(*work: Awaitable[None]) -> None:
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        await finished(*tasks)


async def _report(kind: ShellKind, source: Descriptor, stream: Stream) -> None:
    room = min(_PIECE, stream.room)  # one packet of the stream, its own header included
    buffer = memoryview(bytearray(max(room, HEADER_BYTES + 1)))
    while count := await source.gather_into(buffer[HEADER_BYTES:]):
        put_header(buffer, kind, count)
        await stream.write(buffer[: HEADER_BYTES + count])
        await asyncio.sleep(0)


class _Input:
    """What the client types: bytes, the end of them, and the size of its window."""

    def __init__(self, stream: Stream, target: Descriptor, *, is_terminal: bool) -> None:
        self._stream = stream
        self._target = target
        self._is_terminal = is_terminal
        self._is_open = True
        self._parser = ShellParser()

    async def run(self, hang_up: Callable[[], None]) -> None:
        """Until the client closes, or sends what is no shell packet."""
        try:
            while (piece := await self._stream.read()) is not None:
                for kind, body in self._parser.feed(piece):
                    await self._take(kind, body)
        except WireError:
            hang_up()

    async def _take(self, kind: int, body: bytes) -> None:
        if kind == ShellKind.STDIN and self._is_open:
            await self._target.write(body)
        elif kind == ShellKind.CLOSE_STDIN and self._is_open:
            self._is_open = False
            if self._is_terminal:
                await self._target.write(_END_OF_FILE)
            else:
                self._target.close()
        elif kind == ShellKind.WINDOW and self._is_terminal and (size := window_size(body)) is not None:
            with suppress(OSError):
                fcntl.ioctl(self._target.number, termios.TIOCSWINSZ, struct.pack("4H", *size))


def _on_terminal(
    request: ShellRequest, programs: Programs, identity: Identity, *, raw: bool
) -> tuple[int, Descriptor]:
    master, slave = programs.terminal()
    try:
        if raw:
            tty.setraw(slave)
        with suppress(PermissionError):
            os.fchown(slave, identity.uid, _TTY_GROUP)
        pid = programs.start(
            request.argv,
            identity=identity,
            stdio=(slave, slave, slave),
            environment=request.environment,
            terminal=slave,
        )
    except OSError:
        os.close(master)
        raise
    finally:
        os.close(slave)
    return pid, Descriptor(master)
