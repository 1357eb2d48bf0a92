"""The player applies what a model answers, and nothing else decides what is stored."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from harness.errors import PluginError
from harness.model import Protection
from harness.profiles import load_profile
from harness.sandbox import Sandbox
from harness.sdks.base import Delete, Effect, Event, Installed, Write
from harness.simulation import DEMO_APP, play

ROOTED = load_profile("android-14-rooted")
JAILBROKEN = load_profile("ios-16-jailbroken")


@dataclass
class Scripted:
    """A life that answers each event with the next effects of a list."""

    effects: list[Effect]

    def react(self, event: Event) -> Iterator[Effect]:
        yield self.effects.pop(0)


def installed(*, ios: bool = False) -> Sandbox:
    sandbox = Sandbox(JAILBROKEN if ios else ROOTED)
    sandbox.install(DEMO_APP)
    return sandbox


def moments(count: int) -> list[Event]:
    return [Installed(at=1000 + number, entropy=bytes(32)) for number in range(count)]


def test_a_write_lands_with_all_that_it_says() -> None:
    """Mode, protection class, backup mark, and the time of the event."""
    sandbox = installed(ios=True)
    effect = Write(path="Library/a", data=b"x", mode=0o640, protection=Protection.COMPLETE, in_backup=False)

    play(sandbox, DEMO_APP, Scripted([effect]), moments(1))

    entry = sandbox.stat(f"{sandbox.container(DEMO_APP.package)}/Library/a")
    assert (entry.data, entry.mode, entry.protection) == (b"x", 0o640, Protection.COMPLETE)
    assert (entry.in_backup, entry.modified) == (False, 1000.0)


def test_a_deletion_removes_and_may_find_nothing() -> None:
    """Twice is no error."""
    sandbox = installed()

    play(
        sandbox,
        DEMO_APP,
        Scripted([Write(path="files/a", data=b"x"), Delete(path="files/a"), Delete(path="files/a")]),
        moments(3),
    )

    assert not sandbox.exists(f"{sandbox.container(DEMO_APP.package)}/files/a")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../other/files/a", "files/../../a", "", "files//a", "./a", "a\0b", "a/"]
)
def test_a_model_cannot_leave_its_app(path: str) -> None:
    """Neither by a write nor by a deletion."""
    for effect in (Write(path=path, data=b"x"), Delete(path=path)):
        with pytest.raises(PluginError, match="outside"):
            play(installed(), DEMO_APP, Scripted([effect]), moments(1))
