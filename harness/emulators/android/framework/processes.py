"""The apps that run: one process each, under its own uid, until it ends or is ended."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress

from harness.emulators.android.apps import AppProgram, Launch, live
from harness.emulators.android.framework.descriptors import readable
from harness.emulators.android.framework.logs import Logs
from harness.emulators.android.framework.places import Places
from harness.emulators.android.ports import Package, app_identity
from harness.emulators.walls.ports import Programs

__all__ = ["Processes"]

_START_SECONDS = 10.0


class Processes:
    """Starts and ends apps, as the activity manager does."""

    def __init__(self, programs: Programs, places: Places, logs: Logs, program: AppProgram | None) -> None:
        self._programs = programs
        self._places = places
        self._logs = logs
        self._program = program
        self._running: dict[str, int] = {}
        self._drawn: set[str] = set()
        self._ends: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> Mapping[str, int]:
        """Pids of processes by whose they are: a package, or its copy at work (`name@10`)."""
        return dict(self._running)

    @property
    def drawn(self) -> frozenset[str]:
        """The packages among them that were waited for, and said that they are ready."""
        return frozenset(self._drawn & self._running.keys())

    async def start(self, package: Package, *, wait: bool = False) -> bool:
        """Start an app; False where it runs already.

        Args:
            package: which.
            wait: until it says that it is ready, ends, or takes too long.

        Raises:
            OSError: there is no process to be had.
        """
        if package.owner in self._running:
            return False
        ready, told = os.pipe()
        try:
            try:
                pid = self._fork(package, told)
            finally:
                os.close(told)
            self._running[package.owner] = pid
            self._drawn.discard(package.owner)
            self._logs.say(
                "ActivityManager", f"Start proc {pid}:{package.name}/{_user_name(package.uid)} for activity"
            )
            end = asyncio.ensure_future(self._until_end(package, pid))
            self._ends.add(end)
            end.add_done_callback(self._ends.discard)
            if wait and await _arrival(ready):
                self._drawn.add(package.owner)
        finally:
            os.close(ready)
        return True

    def stop(self, name: str) -> bool:
        """End an app at once, for every user who has it, as a kill does; False where it does not run."""
        owners = [owner for owner in self._running if owner.partition("@")[0] == name]
        for owner in owners:
            self._programs.kill(self._running.pop(owner))
        return bool(owners)

    def stop_all(self) -> None:
        """End every app."""
        for owner in self.running:
            self.stop(owner.partition("@")[0])

    def _fork(self, package: Package, told: int) -> int:
        launch = Launch(
            package=package.name,
            uid=package.uid,
            data_dir=str(self._places.data(package)),
            socket=str(self._places.at("/dev/socket/emud")),
            ready=told,
        )
        program = self._program
        return self._programs.fork(app_identity(package.uid), lambda: live(launch, program), (told,))

    async def _until_end(self, package: Package, pid: int) -> None:
        await self._programs.exit_of(pid)
        if self._running.get(package.owner) == pid:
            del self._running[package.owner]
        self._logs.say("ActivityManager", f"Process {package.name} (pid {pid}) has died")


async def _arrival(ready: int) -> bool:
    """Whether the app said that it is ready; it may also have ended, or take its time."""
    # Late is not wrong: on a phone, too, one waits for an app that is slow and then goes on.
    with suppress(TimeoutError):
        await asyncio.wait_for(readable(ready), _START_SECONDS)
        return os.read(ready, 1) != b""
    return False


def _user_name(uid: int) -> str:
    """`u0a123`."""
    return f"u{uid // 100_000}a{uid % 100_000 - 10_000}"
