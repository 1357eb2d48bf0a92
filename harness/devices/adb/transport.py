"""The port of the debug bridge: run a command on a device, or read what one writes while it comes.

`direct` speaks to a device's own port, `server` to the adb server that holds it; the rest of the connector knows only
what stands here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.errors import DeviceError

__all__ = ["LOST", "RESTARTING", "Link", "Lost", "Raw", "Result", "Stream", "run", "run_all"]

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

    def read(self) -> bytes:
        """What comes next; empty at the end.

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
        """Standard output.

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
    streams: list[Stream] = []
    try:
        for command in commands:
            streams.append(link.stream(command, patience=patience))  # noqa: PERF401 - those that were opened are closed
        return [_whole(link, stream) for stream in streams]
    finally:
        for stream in streams:
            stream.close()


def _whole(link: Link, stream: Stream) -> Result:
    kept = bytearray()
    for chunk in stream.chunks():
        kept += chunk
        if len(kept) > _MOST_OUTPUT:
            raise DeviceError(f"{link.name} answers with more than can be believed")
    return Result(bytes(kept), stream.error, stream.code)
