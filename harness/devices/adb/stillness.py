"""Keeps what is copied of one moment: holds an app still, or copies what belongs together until it is equal twice."""

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from harness.devices.adb.copying import Copied, Copier
from harness.devices.adb.observing import Package
from harness.devices.adb.probing import Identity
from harness.devices.adb.transport import Link, Lost, run
from harness.errors import DeviceError, FormatError
from harness.model import Artifact, Unread

__all__ = ["HOLDS", "held_still", "steady"]

HOLDS = ("stop", "pause")
"""`stop` ends the app as the settings do; `pause` freezes its processes and lets them go on."""

_SIDES = ("-wal", "-journal")
_ROUNDS = 3
_NOT_FOUND = 127


@contextmanager
def held_still(link: Link, apps: Sequence[Package], hold: str, identity: Identity, said: list[str]) -> Iterator[bool]:
    """The apps stand still within, where it gives True; what was done and answered goes into `said`.

    Raises:
        DeviceError: the device went away.
    """
    still = bool(hold)
    if hold == "stop":
        for app in apps:
            answer = run(link, f"am force-stop {shlex.quote(app.name)}")
            still = still and not answer.code
            said.append(f"am force-stop {app.name}: {answer.said or 'done' if not answer.code else answer.said}")
    paused = ""
    if hold == "pause":
        paused, still = _paused(link, apps, identity, said)
    try:
        yield still
    finally:
        if paused:
            _resumed(link, identity, paused, said)


def _paused(link: Link, apps: Sequence[Package], identity: Identity, said: list[str]) -> tuple[str, bool]:
    """The processes that were paused, and whether none of the app runs on."""
    # An app's processes are called like it, or like it and `:name`; those of a shell that names it begin otherwise.
    names = "|".join(re.escape(app.name) for app in apps)
    found = run(link, identity.command(f"pgrep -f {shlex.quote(f'^({names})(:|$)')}"))
    if found.code == _NOT_FOUND:
        said.append("pause: the device has no program that finds the app's processes, so it was not held still")
        return "", False
    numbers = " ".join(number for number in found.text.split() if number.isdecimal())
    if not numbers:
        said.append("pause: no process of the app runs")
        return "", True
    answer = run(link, identity.command(f"kill -STOP {numbers}"))
    said.append(f"kill -STOP: {answer.said or 'done'}")
    return numbers if not answer.code else "", not answer.code


def _resumed(link: Link, identity: Identity, numbers: str, said: list[str]) -> None:
    command = identity.command(f"kill -CONT {numbers}")
    try:
        run(link, command)
    except Lost:
        try:
            link.reconnect()
            run(link, command)
        except DeviceError:
            said.append("the app is still paused: start it anew on the device")


def steady(copier: Copier, identity: Identity, copied: Copied) -> list[str]:
    """Copy databases that have side files again until both copies are equal; those that never are become a line.

    Gives what was done, one line each; changes `copied`.
    """
    said: list[str] = []
    waiting = _groups(copied)
    for _ in range(_ROUNDS):
        if not waiting or copied.fault:
            break
        again = copier.copy(identity, ["/" + path for group in waiting for path in group])
        if again.fault:
            copied.fault = again.fault
            break
        changed = [group for group in waiting if not all(_equal(copied, again, path) for path in group)]
        for path in (path for group in changed for path in group):
            _replace(copied, again, path)
        said += [
            f"{group[0]}: {'changed, copied again' if group in changed else 'twice the same'}" for group in waiting
        ]
        waiting = changed
    for group in waiting if not copied.fault else ():
        said.append(f"{group[0]}: never twice the same")
        copied.items[group[0] + "@unsteady"] = Unread(
            path=group[0], reason="it changed whenever it was copied: hold the app still (--hold stop)"
        )
    return said


def _replace(copied: Copied, again: Copied, path: str) -> None:
    newer = again.items.get(path)
    if isinstance(newer, Artifact):
        copied.items[path] = newer
    else:
        copied.items.pop(path, None)  # the app has merged a side file into its database


def _groups(copied: Copied) -> list[list[str]]:
    """Databases with the side files that were there; a side file may come or go between two copies."""
    out = []
    for path, item in copied.items.items():
        sides = [path + side for side in _SIDES if isinstance(copied.items.get(path + side), Artifact)]
        if isinstance(item, Artifact) and sides and "\\" not in path:
            out.append([path, *sides])
    return out


def _equal(one: Copied, other: Copied, path: str) -> bool:
    first, second = one.items.get(path), other.items.get(path)
    if not isinstance(first, Artifact) or not isinstance(second, Artifact):
        return first is None and not isinstance(second, Artifact)
    try:
        return first.content.size == second.content.size and bytes(first.content.read()) == bytes(
            second.content.read()
        )
    except FormatError:
        return False
