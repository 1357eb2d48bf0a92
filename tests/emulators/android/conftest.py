"""A device's pid 1 that does what a test says: real namespaces, a real root directory, no debug bridge."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.emulators.android import layout
from harness.emulators.android.machine import machine_of
from harness.emulators.android.userland import find_userland, missing
from harness.emulators.walls.container import Container, Plan, start
from harness.emulators.walls.ports import Tier
from harness.emulators.walls.userland import Userland
from harness.profiles import load_profile
from harness.sandbox import App, Sandbox

Act = Callable[[], Coroutine[Any, Any, Any]]


@dataclass(frozen=True)
class Trial:
    """A `Body` that reports what it came to on a pipe, and stays."""

    act: Act
    report: int
    fill: Callable[[Path], None]

    def prepare(self, root: Path, *, procfs: bool) -> Callable[[Callable[[], None]], None]:
        del procfs
        self.fill(root)

        async def live(ready: Callable[[], None]) -> None:
            ready()
            try:
                found = await self.act()
            except BaseException as error:
                found = f"{type(error).__name__}: {error}"
                raise
            finally:
                os.write(self.report, json.dumps(found).encode() + b"\n")
                os.close(self.report)
            await asyncio.Event().wait()

        return lambda ready: asyncio.run(live(ready))


class Workshop:
    """Starts such devices."""

    def __init__(self, tier: Tier, userland: Userland) -> None:
        self.tier = tier
        self.userland = userland

    @contextmanager
    def device(self, act: Act, fill: Callable[[Path], None] | None = None) -> Iterator[tuple[Container, int]]:
        """A running device, and the pipe that its report comes through."""
        read, write = os.pipe2(os.O_CLOEXEC)
        body = Trial(act, write, fill or (lambda _root: None))
        try:
            running = start(Plan(tier=self.tier, hostname="emu", size=64 << 20, processes=100, keep=(write,)), body)
        finally:
            os.close(write)
        try:
            yield running, read
        finally:
            running.stop()
            os.close(read)

    def inside(self, act: Act, fill: Callable[[Path], None] | None = None) -> Any:
        """What a coroutine comes to as pid 1."""
        with self.device(act, fill) as (_, read), os.fdopen(os.dup(read), "rb") as report:
            return json.loads(report.readline())

    def android(self, sandbox: Sandbox) -> Callable[[Path], None]:
        """Fills a root directory as a sandbox says, without the framework's scripts."""
        machine = machine_of(sandbox, tier=self.tier)
        return lambda root: layout.build(root, machine, self.userland, {}, mounts=self.tier is Tier.USER_NAMESPACE)


@pytest.fixture(scope="session")
def userland() -> Userland:
    """Debian's programs; where they are missing this fails, and says what to install."""
    lacking = missing()
    assert not lacking, "; ".join(f"{each.what}: {each.how}" for each in lacking)
    return find_userland()


@pytest.fixture(params=[Tier.USER_NAMESPACE, Tier.CHROOT], ids=str)
def workshop(request: pytest.FixtureRequest, userland: Userland) -> Workshop:
    """For devices of both tiers that there are."""
    return Workshop(request.param, userland)


@pytest.fixture
def namespaces(userland: Userland) -> Workshop:
    """For devices with walls all around."""
    return Workshop(Tier.USER_NAMESPACE, userland)


@pytest.fixture
def sandbox() -> Sandbox:
    """A stock phone with two apps, one of them debuggable."""
    made = Sandbox(load_profile("android-14-stock"))
    made.install(App(package="com.example.notes", uid=10123))
    made.install(App(package="com.example.draft", uid=10124, debuggable=True))
    made.write("/data/data/com.example.notes/files/note.txt", b"Ada, ada@example.org")
    made.write("/data/data/com.example.draft/files/draft.txt", b"nothing yet")
    return made
