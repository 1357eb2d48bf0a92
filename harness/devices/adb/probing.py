"""Finds out what a device allows, by asking it: every attempt and every answer is kept.

root → adb root → su → run-as → backup → shared storage only
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from harness.devices.adb.transport import Link, Result, run
from harness.errors import DeviceError

__all__ = ["Attempt", "Identity", "Reach", "Way", "probe", "probe_apps"]

_UID = re.compile(r"\buid=(\d+)")
_LONGEST = 200


class Way(StrEnum):
    """How stored files are reached, the widest first."""

    ROOT = "root"
    """The debug bridge itself is root."""
    ADB_ROOT = "adb root"
    """It became root when it was asked to."""
    SU = "su"
    RUN_AS = "run-as"
    BACKUP = "backup"
    SHARED = "shared storage only"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing that was tried."""

    way: Way
    asked: str
    """The command, or why none was given."""
    said: str
    """What the device answered, in one line."""
    works: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as whom commands are run."""

    way: Way
    prefix: str = ""
    """What goes before a quoted script; empty where the bridge's own shell will do."""

    def command(self, script: str) -> str:
        """The script, as this identity runs it."""
        return f"{self.prefix} {shlex.quote(script)}" if self.prefix else script


SHELL = Identity(Way.SHARED)


class Seen(Protocol):
    """What is known of a device before anything is tried."""

    @property
    def properties(self) -> Mapping[str, str]: ...

    @property
    def whoami(self) -> Result:
        """The answer to `id`."""
        ...


@dataclass(slots=True)
class Reach:
    """What a device allows."""

    attempts: list[Attempt] = field(default_factory=list)
    root: Identity | None = None
    apps: dict[str, Identity] = field(default_factory=dict)
    """By package, where `run-as` answers."""
    restarted: bool = False
    """We made the bridge root; it is put back in the end."""

    @property
    def way(self) -> Way:
        """The widest that works for any app."""
        worked = {each.way for each in self.attempts if each.works}
        return self.root.way if self.root else next((way for way in Way if way in worked), Way.SHARED)

    def identity(self, package: str) -> Identity:
        """As whom to read an app's files."""
        return self.root or self.apps.get(package, SHELL)

    def refusal(self, package: str) -> str:
        """What the attempts to get at one app's files were answered."""
        told = [
            f"{each.way.value}: {each.said}"
            for each in self.attempts
            if each.way is Way.SU or (each.way is Way.RUN_AS and each.asked == _run_as(package))
        ]
        return "; ".join(told) or "no root"

    def note(self, way: Way, asked: str, said: str, *, works: bool) -> bool:
        """Keep an attempt, and give whether it worked."""
        self.attempts.append(Attempt(way, asked, _shown(said), works))
        return works


def _run_as(package: str) -> str:
    return f"run-as {package} id"


def _shown(said: str) -> str:
    line = " ".join(word for word in said.removeprefix("run-as: ").split() if not word.startswith("groups="))
    plain = "".join(character if character.isprintable() else "?" for character in line)
    return plain if len(plain) <= _LONGEST else plain[:_LONGEST] + "…"


def probe(link: Link, seen: Seen, *, may_change: bool, patience: float) -> Reach:
    """Whether anybody on this device may read everything.

    Args:
        link: the device.
        seen: what it said of itself.
        may_change: the bridge may be restarted as root.
        patience: seconds that somebody has to answer a dialog of `su`.

    Raises:
        DeviceError: the device went away.
    """
    reach = Reach()
    if _noted(reach, Identity(Way.ROOT), "id", seen.whoami):
        reach.root = Identity(Way.ROOT)
        return reach
    if _restarted(link, reach, seen.properties, may_change):
        reach.restarted = True
        if _is_root(link, reach, Identity(Way.ADB_ROOT), patience):
            reach.root = Identity(Way.ADB_ROOT)
            return reach
    reach.root = _su(link, reach, patience)
    return reach


def _is_root(link: Link, reach: Reach, identity: Identity, patience: float) -> bool:
    asked = identity.command("id")
    try:
        answer = run(link, asked, patience=patience)
    except DeviceError as error:
        if identity.way is not Way.SU:
            raise
        # Somebody has to tap Allow; nobody did, and the device is still there.
        return reach.note(identity.way, asked, f"no answer within {patience:g} s: {error}", works=False)
    return _noted(reach, identity, asked, answer)


def _noted(reach: Reach, identity: Identity, asked: str, answer: Result) -> bool:
    uid = _UID.search(answer.text)
    return reach.note(identity.way, asked, answer.said, works=uid is not None and uid[1] == "0")


def _restarted(link: Link, reach: Reach, properties: Mapping[str, str], may_change: bool) -> bool:
    if not may_change:
        would = "the build allows it" if properties.get("ro.debuggable") == "1" else "the build does not allow it"
        return reach.note(Way.ADB_ROOT, "not asked: it restarts the bridge (--allow-changes)", would, works=False)
    said = link.restart("root:")
    if "cannot" in said or "not allowed" in said or "disabled" in said or "restarting" not in said:
        return reach.note(Way.ADB_ROOT, "root:", said, works=False)
    return reach.note(Way.ADB_ROOT, "root:", said, works=True)


def _su(link: Link, reach: Reach, patience: float) -> Identity | None:
    # Magisk's grammar first, then that of AOSP's own `su`.
    for prefix in ("su -c", "su 0 sh -c"):
        identity = Identity(Way.SU, prefix)
        if _is_root(link, reach, identity, patience):
            return identity
        if "not found" in reach.attempts[-1].said or "no answer" in reach.attempts[-1].said:
            return None
    return None


def probe_apps(link: Link, reach: Reach, packages: Sequence[str]) -> None:
    """Which apps let the debug shell in, all asked in one go; nothing is asked where there is root."""
    if reach.root or not packages:
        return
    words = " ".join(shlex.quote(package) for package in packages)
    said = '$(run-as "$p" id 2>&1 | { read -r line; echo "$line"; })'  # an old device has no `head`
    answer = run(link, f'for p in {words}; do echo "@$p {said}"; done')
    for package, said in _answers(answer.text.splitlines()):
        works = _UID.search(said) is not None and said.startswith("uid=")
        if reach.note(Way.RUN_AS, _run_as(package), said, works=works):
            reach.apps[package] = Identity(Way.RUN_AS, f"run-as {shlex.quote(package)} sh -c")


def _answers(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        package, _, said = line.removeprefix("@").partition(" ")
        if line.startswith("@"):
            yield package, said
