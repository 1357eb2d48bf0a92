"""The port of the debug bridge: run a command on a device, or read what one writes while it comes.

`direct` speaks to a device's own port, `server` to the adb server that holds it; the rest of the connector knows only
what stands here.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.errors import DeviceError

__all__ = ["LOST", "RESTARTING", "Asked", "Link", "Lost", "OneShell", "Raw", "Result", "Stream", "run", "run_all"]

LOST = "plug the device in or connect it again, then run the same command once more"
RESTARTING = "restarting"
"""What the bridge says before it hangs up and starts anew."""
_MOST_OUTPUT = 64 << 20
"""What a command whose output is kept whole may say."""


class Lost(DeviceError):
    """The connection went away; what had arrived is good."""

    def __init__(self, message: str, *, hint: str = LOST) -> None:
        super().__init__(message, hint=hint)


class Raw(Protocol):
    """One open service of a device, as bytes."""

    def read(self) -> bytes | memoryview:
        """What comes next, which is good until anything else is read from the device; empty at the end.

        Raises:
            Lost: the connection went away, or the device fell silent.
        """
        ...

    def close(self) -> None:
        """Give it up; nothing happens where it has ended."""
        ...


class Stream(Protocol):
    """What a command writes; once that has ended, its errors and its exit code."""

    error: bytes
    """Standard error, cut where somebody means to flood us."""
    code: int

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Standard output, each piece of which is good until anything else is read from the device.

        Raises:
            Lost: the connection went away before the command ended.
        """
        ...

    def close(self) -> None: ...


class Link(Protocol):
    """A device that can be told to do something."""

    name: str
    """As the user calls it."""

    def stream(self, command: str, *, patience: float | None = None) -> Stream:
        """Start a command; `patience` is how many seconds of silence end it.

        Raises:
            DeviceError: the device refuses.
            Lost: the connection went away.
        """
        ...

    def restart(self, service: str) -> str:
        """What the bridge says to `root:` or `unroot:`; where it starts anew, it is there again.

        Raises:
            DeviceError: it did not come back.
        """
        ...

    def reconnect(self) -> None:
        """Reach the device again.

        Raises:
            DeviceError: it is not there any more.
        """
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Result:
    """What a command that has ended said."""

    output: bytes = field(repr=False)
    error: bytes = field(repr=False)
    code: int

    @property
    def text(self) -> str:
        """Standard output as text, without the end of the last line."""
        return self.output.decode("utf-8", "replace").rstrip("\r\n")

    @property
    def said(self) -> str:
        """Both outputs as one line: what a person would have seen."""
        both = self.error.decode("utf-8", "replace") + "\n" + self.text
        return "; ".join(line.strip() for line in both.splitlines() if line.strip())


def run(link: Link, command: str, *, patience: float | None = None) -> Result:
    """Run a command to its end.

    Raises:
        DeviceError: the device refuses, or says more than any such command should.
        Lost: the connection went away.
    """
    return run_all(link, [command], patience=patience)[0]


def run_all(link: Link, commands: Sequence[str], *, patience: float | None = None) -> list[Result]:
    """Run commands side by side, to the end of all: a phone takes longer to start one than to answer it.

    Raises:
        DeviceError: the device refuses, or says more than any such command should.
        Lost: the connection went away.
    """
    return Asked(link, commands, patience=patience).answers()


class Asked:
    """Commands that run while something else is done; their answers are read later."""

    def __init__(self, link: Link, commands: Sequence[str], *, patience: float | None = None) -> None:
        """Start them.

        Raises:
            DeviceError: the device refuses.
            Lost: the connection went away.
        """
        self._link, self._streams = link, list[Stream]()
        try:
            for command in commands:
                self._streams.append(link.stream(command, patience=patience))
        except BaseException:
            self.close()
            raise

    def answers(self) -> list[Result]:
        """What each said, to the end of all; only once.

        Raises:
            DeviceError: the device says more than any such command should.
            Lost: the connection went away; it may be another one by now.
        """
        try:
            return [_whole(self._link, stream) for stream in self._streams]
        finally:
            self.close()

    def close(self) -> None:
        """Give up what still runs."""
        for stream in self._streams:
            stream.close()


class OneShell:
    """Commands that one shell runs in turn, their outputs told apart: a shell takes longer to start than they do."""

    def __init__(self, commands: Sequence[str]) -> None:
        self._count = len(commands)
        self._mark = f"<{secrets.token_hex(16)}>"
        self.script = f"\necho; echo '{self._mark}'\n".join(commands)

    def outputs(self, whole: Result) -> list[Result]:
        """Standard output of each; nothing where the shell did not come so far."""
        found = re.split(rb"\r?\n" + self._mark.encode("ascii") + rb"\r?\n", whole.output)
        found += [b""] * (self._count - len(found))
        return [Result(output, b"", whole.code) for output in found]


def _whole(link: Link, stream: Stream) -> Result:
    kept = bytearray()
    for chunk in stream.chunks():
        kept += chunk
        if len(kept) > _MOST_OUTPUT:
            raise DeviceError(f"{link.name} answers with more than can be believed")
    return Result(bytes(kept), stream.error, stream.code)
