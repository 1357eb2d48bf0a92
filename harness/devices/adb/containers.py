"""Where an app's files are on an Android device, and which of these places can be looked into.

Sources: AOSP's `installd` (credential- and device-encrypted storage, users), "Storage updates in Android 11", and
`keystore2` with its predecessor.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.devices.adb.observing import Package
from harness.devices.adb.transport import Result
from harness.errors import DeviceError

__all__ = ["DEVICE", "Kind", "Root", "State", "Surveyed", "judged", "locked", "question", "roots_of", "system_roots"]

DEVICE = "device"
"""The container of what belongs to the device and to no app."""


class Kind(StrEnum):
    """What a place is for."""

    CREDENTIAL = "credential"
    """Encrypted until the first unlock: the app's own folder."""
    PROTECTED = "device_protected"
    """Readable from boot."""
    EXTERNAL = "external"
    """`Android/data` of the shared storage."""
    MEDIA = "media"
    OBB = "obb"
    SYSTEM = "system"

    @property
    def shared(self) -> bool:
        """On shared storage, where permission bits do not decide."""
        return self in {Kind.EXTERNAL, Kind.MEDIA, Kind.OBB}


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One folder to take."""

    kind: Kind
    container: str
    path: str
    """Absolute, on the device."""
    package: str = ""
    user: int = 0
    under: str = ""
    """What its files' paths begin with in the container."""


class State(StrEnum):
    """What a device says of a place."""

    THERE = "there"
    ABSENT = "absent"
    DENIED = "denied"
    LOCKED = "locked"
    """Encrypted with the screen lock, and not unlocked since boot."""
    ODD = "odd"


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One place, and what was said of it."""

    root: Root
    state: State
    said: str


def roots_of(app: Package, users: Sequence[int]) -> Iterator[Root]:
    """Every folder that an app may have, for every user of the device."""
    for user in users:
        base = f"{app.name}/user_{user}" if user else app.name
        shared = f"/storage/emulated/{user}/Android"
        own = f"/data/user/{user}" if user else "/data/data"
        places = (
            (Kind.CREDENTIAL, own),
            (Kind.PROTECTED, f"/data/user_de/{user}"),
            (Kind.EXTERNAL, f"{shared}/data"),
            (Kind.MEDIA, f"{shared}/media"),
            (Kind.OBB, f"{shared}/obb"),
        )
        for kind, folder in places:
            container = base if kind is Kind.CREDENTIAL else f"{base}/{kind.value}"
            yield Root(kind=kind, container=container, path=f"{folder}/{app.name}", package=app.name, user=user)


def system_roots() -> Iterator[Root]:
    """What root finds beside the apps: the keystore's records, whose keys themselves stay sealed."""
    for path in ("/data/misc/keystore", "/data/misc/keychain"):
        yield Root(kind=Kind.SYSTEM, container=DEVICE, path=path, under=path.removeprefix("/data/"))


_SAID = {
    "Permission denied": State.DENIED,
    "Operation not permitted": State.DENIED,
    "No such file": State.ABSENT,
    "Not a directory": State.ABSENT,
    "Required key not available": State.LOCKED,
}
_COMPLAINT = re.compile(r"^(?:.*?: )?(?:cannot open directory )?'?(?P<path>/[^:']*)'?: (?P<why>.+)$")


def question(roots: Sequence[Root]) -> str:
    """The command whose answer `judged` understands."""
    # One program for all of them: it complains about each that it cannot list, and goes on.
    places = " ".join(shlex.quote(root.path) for root in roots)
    return f"ls -a {places} >/dev/null"


def judged(roots: Sequence[Root], answer: Result) -> list[Surveyed]:
    """What each place says to somebody who wants to list it: a denied listing is not an empty one."""
    told = [_COMPLAINT.match(line.strip()) for line in answer.error.decode("utf-8", "replace").splitlines()]
    complaints = {match["path"]: match["why"] for match in told if match is not None}
    understood = answer.code == 0 or bool(complaints)
    return [_judged(root, complaints.get(root.path), understood, answer.said) for root in roots]


def _judged(root: Root, why: str | None, understood: bool, otherwise: str) -> Surveyed:
    if not understood:
        return Surveyed(root, State.ODD, otherwise[:200])
    if why is None:
        return Surveyed(root, State.THERE, "")
    state = next((state for words, state in _SAID.items() if words in why), State.ODD)
    return Surveyed(root, state, why[:200])


def locked(places: Sequence[Surveyed], name: str) -> DeviceError | None:
    """What to say where no app's own folder is to be seen: until the first unlock the device hides them all.

    Args:
        places: that were asked for.
        name: of the device.
    """
    own = [place for place in places if place.root.kind is Kind.CREDENTIAL and not place.root.user]
    if not own or not all(place.state in {State.LOCKED, State.ABSENT} for place in own):
        return None
    return DeviceError(
        f"{name} hides what its apps stored: it is locked since it booted, or nobody has started the app",
        hint="enter its screen lock once, start the app, and run this again",
    )
