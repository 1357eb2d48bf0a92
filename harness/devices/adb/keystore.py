"""The keystore of a device, asked as the app whose keys they are: what an attacker does who can run code as that app.

`keystore_cli_v2` of an emulated device reads standard input and writes standard output. Phones have no such tool, or
another of that name that knows only keys of its own: there nobody answers, and a scan says that it could not try.
"""

import base64
import shlex
from dataclasses import dataclass, field
from typing import Final

from harness.devices.adb.observing import Package
from harness.devices.adb.probing import Identity, Reach, Way
from harness.devices.adb.transport import Link, run
from harness.errors import AccessDenied, DeviceError
from harness.model import Access

__all__ = ["DeviceKeystore", "keystore_of"]

_TOOL: Final = "keystore_cli_v2"
_SPEAKS: Final = "decrypt --name=<key_name>"
"""In the usage of the tool that takes what is sealed from standard input."""
_MISSING = ("KEY_NOT_FOUND", "PERMISSION_DENIED", "LOCKED")
_LARGEST = 96 << 10
"""Bytes that go into one command line."""


@dataclass(frozen=True, slots=True)
class DeviceKeystore:
    """One app's keys. Each question is a command on the device."""

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
            DeviceError: it was sealed with another key, or the device went away.
        """
        if len(sealed) > _LARGEST:
            raise DeviceError("too long to ask the keystore of a device about")
        script = f"echo {base64.b64encode(sealed).decode()} | base64 -d | {_TOOL} decrypt --name={shlex.quote(alias)}"
        answer = run(self.link, self.identity.command(script))
        if answer.code == 0:
            return answer.output
        for word in _MISSING:
            if word in answer.said:
                raise AccessDenied(f"the keystore refuses: {word}")
        raise DeviceError("the keystore did not open it")


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
