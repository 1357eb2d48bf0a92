"""The keystore of a device, asked as the app whose keys they are: what an attacker does who can run code as that app.

`keystore_cli_v2` of an emulated device reads standard input and writes standard output. Phones have no such tool, or
another of that name that knows only keys of its own: there nobody answers, and a scan says that it could not try.
"""

import base64
import binascii
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.devices.adb.observing import Package
from harness.devices.adb.probing import Identity, Reach, Way
from harness.devices.adb.transport import Link, Lost, run
from harness.errors import AccessDenied, DeviceError, Unanswered
from harness.model import Access

__all__ = ["DeviceKeystore", "keystore_of"]

_TOOL: Final = "keystore_cli_v2"
_SPEAKS: Final = "decrypt --name=<key_name> [--words]"
"""In the usage of the tool that takes what is sealed from standard input, many at once."""
_MISSING = ("KEY_NOT_FOUND", "PERMISSION_DENIED", "LOCKED")
_LARGEST = 90_000
"""Bytes that go into one command line, which Base64 makes 120,000 of: Linux takes no argument of 131,072."""


@dataclass(frozen=True, slots=True)
class DeviceKeystore:
    """One app's keys. A command on the device asks as many questions as it has room for."""

    link: Link = field(repr=False)
    identity: Identity
    attackers: frozenset[Access]

    @property
    def is_portable(self) -> bool:
        """One connection has one process."""
        return False

    def open(self, alias: str, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            AccessDenied: the keystore refuses, or has no key of that name for this app.
            Unanswered: it is too long to ask about, or the device went away.
            DeviceError: it was sealed with another key.
        """
        (answer,) = self.open_all(alias, [sealed])
        if isinstance(answer, DeviceError):
            raise answer
        return answer

    def open_all(self, alias: str, sealed: Sequence[bytes]) -> list[bytes | DeviceError]:
        """What was sealed, or what `open` raises, for each."""
        answers: list[bytes | DeviceError] = []
        for together in _loads(sealed):
            if len(together[0]) > _LARGEST:
                answers.append(Unanswered("too long to ask the keystore of a device about"))
            else:
                answers += self._asked(alias, together)
        return answers

    def _asked(self, alias: str, sealed: Sequence[bytes]) -> list[bytes | DeviceError]:
        words = " ".join(base64.b64encode(each).decode() for each in sealed)
        script = f"echo {words} | {_TOOL} decrypt --name={shlex.quote(alias)} --words"
        try:
            answer = run(self.link, self.identity.command(script))
        except Lost:
            return [Unanswered("the device went away") for _ in sealed]
        except DeviceError:
            return [Unanswered("the device did not answer") for _ in sealed]
        lines = answer.output.split(b"\n")[:-1]
        if answer.code or len(lines) != len(sealed):
            return [Unanswered("the keystore of the device did not answer") for _ in sealed]
        return [_answer(line.strip()) for line in lines]


def _loads(sealed: Sequence[bytes]) -> Iterator[list[bytes]]:
    """As many at a time as go into one command line; what is too long is alone."""
    load: list[bytes] = []
    room = _LARGEST
    for each in sealed:
        if load and len(each) + 3 > room:
            yield load
            load, room = [], _LARGEST
        load.append(each)
        room -= len(each) + 3  # the space between, and what Base64 fills up
    if load:
        yield load


def _answer(line: bytes) -> bytes | DeviceError:
    """One line of the tool's: Base64, or an exclamation mark and the name of a refusal."""
    if line.startswith(b"!"):
        word = line[1:].decode("ascii", "replace")
        known = next((each for each in _MISSING if each == word), None)
        return (
            AccessDenied(f"the keystore refuses: {known}") if known else DeviceError("the keystore did not open it")
        )
    try:
        return base64.b64decode(line, validate=True)
    except binascii.Error:
        return Unanswered("the keystore of the device does not answer in Base64")


def keystore_of(link: Link, reach: Reach, app: Package) -> DeviceKeystore | None:
    """The keystore as an app sees it; None where nobody becomes that app, or the device has no tool to ask with.

    Raises:
        DeviceError: the device went away.
    """
    identity = _as_app(reach, app)
    if identity is None:
        return None
    usage = run(link, identity.command(_TOOL))
    if _SPEAKS not in usage.said:
        return None
    by_shell = identity.way is Way.RUN_AS
    attackers = {Access.ADB_SHELL, Access.ROOT_CODE} if by_shell else {Access.ROOT_CODE}
    return DeviceKeystore(link, identity, frozenset(attackers))


def _as_app(reach: Reach, app: Package) -> Identity | None:
    if reach.root is None:
        return reach.apps.get(app.name)
    if app.uid is None:
        return None
    magisk = reach.root.prefix.startswith("su -c")
    return Identity(reach.root.way, f"su {app.uid} -c" if magisk else f"su {app.uid} sh -c")
