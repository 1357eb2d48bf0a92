"""A running device as the harness holds it: by a channel, a log, and a process that ends with the harness."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Self

from harness.devices.base import Options
from harness.emulators.walls.control import Control
from harness.sandbox import Sandbox

__all__ = ["HeldDevice"]

_LEAST_SPACE = 1 << 30


class HeldDevice(ABC):
    """Starts when it is made; stop it, or use it as a context."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._log = os.memfd_create("device-log", os.MFD_CLOEXEC)
        self._last_words = ""
        self._stopped = False

    def _hold(self, start: Callable[[], Control]) -> None:
        """Start it; where that fails, nothing stays behind."""
        try:
            self._control = start()
        except BaseException:  # Ctrl-C too
            self._let_go()
            raise

    @abstractmethod
    def _is_alive(self) -> bool:
        """Whether its processes are there."""

    @abstractmethod
    def _end(self) -> None:
        """End its processes; returns when all are gone."""

    def _let_go(self) -> None:
        """Of what outlived the start, or the device."""
        self._last_words = self.log
        os.close(self._log)
        self._log = -1

    @property
    @abstractmethod
    def ways_in(self) -> tuple[str, ...]:
        """How other tools reach it, a command or a setting a line; empty where nothing can connect."""

    @property
    @abstractmethod
    def scan_words(self) -> tuple[str, ...]:
        """What `scan` is to be told to reach it, its source first."""

    @property
    def setting(self) -> str:
        """What stands before a command that is to reach it; empty where nothing has to."""
        return ""

    def reach(self, options: Options) -> tuple[str, Options]:
        """Its source, and the options that a connector needs beside the caller's own to get in."""
        return self.scan_words[0], options

    @property
    def _space(self) -> int:
        """Bytes that its files may take."""
        return max(_LEAST_SPACE, 3 * sum(entry.size for entry in self.sandbox.walk("/")))

    @property
    def journal(self) -> tuple[str, ...]:
        """What was asked of it, in order: services, paths, connections."""
        return tuple(self._control.ask("journal")["journal"])

    @property
    def log(self) -> str:
        """What went wrong inside, for whoever mends it."""
        if self._log < 0:
            return self._last_words
        return os.pread(self._log, os.fstat(self._log).st_size, 0).decode("utf-8", "replace")

    def is_running(self) -> bool:
        """Whether it has not been stopped, and has not ended by itself."""
        return not self._stopped and self._is_alive()

    def answer(self, allow: bool) -> int:
        """Tap "allow" or "deny" in the dialogs that ask about a computer; gives how many there were."""
        return int(self._control.ask("answer", allow=allow)["dialogs"])

    def lock(self, *, restart: bool = False) -> None:
        """Lock the screen.

        With `restart` it is turned off and on: nobody has unlocked it since, and not even root has apps' files.
        """
        self._control.ask("lock", restart=restart)
        self.sandbox.boot() if restart else self.sandbox.lock()

    def unlock(self) -> None:
        """Enter the passcode."""
        self._control.ask("unlock")
        self.sandbox.unlock()

    def stop(self) -> None:
        """End every process of the device; its files are gone. Stopping twice is stopping once."""
        if not self._stopped:
            self._stopped = True
            self._end()
            self._control.close()
            self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
