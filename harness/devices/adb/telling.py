"""What a device tells beside the files: its log, its backup manager, the packages; and the account of how it went."""

import json
from collections.abc import Iterator, Mapping, Sequence

from harness.devices.adb.containers import DEVICE, Surveyed
from harness.devices.adb.observing import Observed, Package
from harness.devices.adb.probing import Reach
from harness.devices.adb.transport import Asked, Link, Lost, OneShell, run
from harness.model import Access, Artifact, Bytes, Facts

__all__ = ["Told", "account"]

_ASKED = ("dumpsys backup", "logcat -d -b main -b system -b crash 2>/dev/null || logcat -d")
_MOST_LOG = 16 << 20


class Told:
    """What is said outside of containers: asked for at once, and read when there is time for it."""

    def __init__(self, link: Link) -> None:
        """Ask.

        Raises:
            DeviceError: the device refuses, or went away.
        """
        self._link = link
        self._shell = OneShell(_ASKED)
        self._asked = Asked(link, [self._shell.script])

    def items(self, apps: Sequence[Package]) -> Iterator[Artifact]:
        """The answers, and what was said of the apps before.

        Raises:
            DeviceError: the device went away.
        """
        try:
            (said,) = self._asked.answers()
        except Lost:  # with a connection that has been taken up again since
            said = run(self._link, self._shell.script)
        backups, logged = self._shell.outputs(said)
        yield _text("dumpsys/backup.txt", backups.output, told=True)
        for app in apps:
            yield _text(f"dumpsys/package/{app.name}.txt", app.dump.encode("utf-8"), told=True)
        yield _text("logcat.txt", logged.output[-_MOST_LOG:], told=True)

    def close(self) -> None:
        """Give up what has not been read."""
        self._asked.close()


def account(observed: Observed, reach: Reach, places: Sequence[Surveyed], said: Sequence[str]) -> Artifact:
    """How it was done: which way, what every attempt said, what each place said."""
    device = {
        "model": observed.model, "release": observed.release, "sdk": observed.sdk, "build": observed.build,
        "users": list(observed.users), "keystore": observed.keystore.value,
    }  # fmt: skip
    whole: Mapping[str, object] = {
        "device": device,
        "way": reach.way.value,
        "attempts": [
            {"way": each.way.value, "asked": each.asked, "said": each.said, "works": each.works}
            for each in reach.attempts
        ],
        "places": [
            {"container": each.root.container, "path": each.root.path, "state": each.state.value, "said": each.said}
            for each in places
        ],
        "stillness": list(said),
    }
    return _text("acquisition.json", json.dumps(whole, indent=1).encode("ascii") + b"\n", told=False)


def _text(path: str, data: bytes, *, told: bool) -> Artifact:
    """Something that a command said, to whom it is said."""
    root = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})
    facts = Facts(
        path=path,
        container=DEVICE,
        size=len(data),
        in_backup=False,
        readable_by=root | {Access.ADB_SHELL} if told else frozenset(),
        denied_to=frozenset({Access.BACKUP, Access.OTHER_APP} if told else Access),
    )
    return Artifact(facts=facts, content=Bytes(data))
