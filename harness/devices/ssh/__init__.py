"""Jailbroken iPhones over SSH, emulated and real ones alike.

link        one connection: commands, and one stream of bytes
looking     what the phone says of itself, and where each app's containers are
keychain    what the phone's own tool gets out of its keychain
copying     one tar stream to what a source hands out
"""

import re
from collections.abc import Iterator

from harness.devices._closing import Closing
from harness.devices._contents import Mapped, released
from harness.devices.base import Connector, Options, Source
from harness.devices.ssh.copying import Copied, copy
from harness.devices.ssh.keychain import PhoneKeychain, keychain_items, read_keychain
from harness.devices.ssh.link import Link, Target, connected
from harness.devices.ssh.looking import Seen, look
from harness.errors import DeviceError, SourceError
from harness.model import Artifact, DeviceProfile, Unread

__all__ = ["Ssh", "SshSource"]

_ADDRESS = re.compile(
    r"ssh://(?:(?P<user>[A-Za-z_][A-Za-z0-9._-]{0,31})@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)"
    r"(?::(?P<port>[0-9]{1,5}))?/?"
)


class Ssh(Connector):
    """A jailbroken iPhone that runs an SSH server."""

    title = "Jailbroken iPhone"
    grammar = "ssh://USER@HOST:PORT"
    needs = "a phone that answers"

    def claims(self, source: str) -> float:
        return 0.95 if source.startswith("ssh://") else 0.0

    def open(self, source: str, options: Options) -> Source:
        target = _target(source)
        link = connected(target, options.login, source, options.patience)
        try:
            seen = look(link, options)
        except BaseException:
            link.close()
            raise
        return SshSource(source, link, seen, options)


class SshSource(Closing):
    """An open phone: looked at when it was opened, copied when its files are asked for."""

    def __init__(self, name: str, link: Link, seen: Seen, options: Options) -> None:
        self.name = name
        self.profile: DeviceProfile | None = seen.profile
        self.fault: DeviceError | None = None
        """What ended the acquisition early; known once everything was handed out."""
        self._link = link
        self._seen = seen
        self._options = options
        self._items: list[Artifact | Unread] | None = None
        self._held: list[Mapped] = []
        self._keychain: PhoneKeychain | None = None

    def collect(self) -> Iterator[Artifact | Unread]:
        if self._items is None:
            copied = copy(self._link, self._seen, self._options)
            self._held.append(copied.data)
            self.fault = copied.fault
            self._items = self._sorted(copied)
        yield from self._items

    def _sorted(self, copied: Copied) -> list[Artifact | Unread]:
        items = copied.items
        if self.fault is None:
            items += keychain_items(self._asked_keychain(), self._seen, copied.keychain)
        return sorted(items, key=lambda each: (each.container, each.path))

    def holder(self, container: str) -> PhoneKeychain | None:
        """The keychain of the app that a container is of, where code can ask for it."""
        found = self._asked_keychain()
        app = container.partition("/")[0] or next(iter(self._seen.apps), "")
        return found.of(app) if found.output else None

    def _asked_keychain(self) -> PhoneKeychain:
        if self._keychain is None:
            self._keychain = read_keychain(self._link, self._seen)
        return self._keychain

    def close(self) -> None:
        self._link.close()
        self._items = []
        for data in self._held:
            released(data)
        self._held = []


def _target(source: str) -> Target:
    found = _ADDRESS.fullmatch(source)
    port = int(found["port"] or 22) if found else 0
    if found is None or not 0 < port < 1 << 16:
        raise SourceError("that is no address of a phone", hint="write ssh://root@HOST:PORT")
    return Target(found["user"] or "root", found["host"].strip("[]"), port)
