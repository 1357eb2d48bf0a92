"""Copies the chosen folders of a phone as one tar stream, and tells what was refused."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.devices import _room
from harness.devices._contents import Intake, Mapped
from harness.devices._paths import printable, tidy
from harness.devices._tar_items import tar_items
from harness.devices.base import Options, with_readers
from harness.devices.ssh.link import Link
from harness.devices.ssh.looking import Place, Seen
from harness.errors import DeviceError
from harness.model import Access, Artifact, Facts, Unread
from harness.sandbox import readers_of
from harness.sandbox.keychain import KEYCHAIN_PATH

__all__ = ["Copied", "copy"]

_IN_MEMORY = 64 << 20
_DATABASE = KEYCHAIN_PATH[1:]
_COMPLAINT = re.compile(
    r"^tar: '?(?P<path>.+?)'?: (?:(?:Cannot|Couldn't|can't) [a-z ]+: )?(?P<why>[A-Z][A-Za-z ]+)$", re.MULTILINE
)
_REFUSED = frozenset({"Permission denied", "Operation not permitted", "No such device or address"})
_CUT_OFF = frozenset({"cut off", "the archive ends without its end mark"})


@dataclass(slots=True)
class Copied:
    """What arrived."""

    items: list[Artifact | Unread] = field(default_factory=list)
    keychain: Mapped = b""
    """The keychain's database."""
    data: Mapped = b""
    """The stream, which the items are parts of."""
    fault: DeviceError | None = None
    """Why the rest is missing; what is here is good."""


def copy(link: Link, seen: Seen, options: Options) -> Copied:
    """Everything of the chosen places. A connection that is lost leaves what had arrived, and a fault."""
    names = [place.path.lstrip("/") for place in seen.places]
    if seen.is_root:
        names.append(_DATABASE)
    copied = Copied()
    code, complaints = -1, b""
    intake = Intake(_IN_MEMORY)
    count = 0

    def take(piece: bytes) -> None:
        nonlocal count
        intake.add(piece)
        if intake.size >> 20 != count:
            count = intake.size >> 20
            options.progress("MiB", count, 0)

    command = "cd / && exec tar -cf - " + " ".join(shlex.quote(name) for name in names)
    try:
        code, complaints = link.stream(command, take)
    except DeviceError as error:
        copied.fault = error
    except OSError as error:
        copied.fault = _room.no_room(error, "here for what the phone sends", "point TMPDIR at a larger disk")
        if copied.fault is None:
            raise
    copied.data = intake.finish()
    if not copied.data and copied.fault is None:
        copied.fault = DeviceError(f"tar on the phone failed with code {code}", hint="run this again with -v")
    _sort_out(copied, seen, options, complaints)
    return copied


def _sort_out(copied: Copied, seen: Seen, options: Options, complaints: bytes) -> None:
    several = len({place.container for place in seen.places}) > 1 or seen.is_root
    found: dict[tuple[str, str], Artifact | Unread] = {}
    for item in tar_items(copied.data, ".", "", options.limits):
        if item.path == _DATABASE and isinstance(item, Artifact):
            data = item.content.read()
            copied.keychain = bytes(data)
            continue
        if isinstance(item, Unread) and item.reason in _CUT_OFF and copied.fault is None and item.path == ".":
            continue
        placed = _placed(item, seen, several=several)
        if placed is not None:
            found[placed.container, placed.path] = placed
    for placed in _refused(complaints, seen, several=several):
        found[placed.container, placed.path] = placed
    copied.items = list(found.values())


def _place_of(path: str, places: Sequence[Place]) -> Place | None:
    return next((each for each in places if f"/{path}".startswith(each.path + "/")), None)


def _placed(item: Artifact | Unread, seen: Seen, *, several: bool) -> Artifact | Unread | None:
    """Under the container that it is in, by its path there."""
    place = _place_of(item.path, seen.places)
    if place is None:
        return item if isinstance(item, Unread) and not item.expected else None
    path = item.path[len(place.path) :]
    container = place.container if several else ""
    if isinstance(item, Unread):
        return replace(item, path=path, container=container)
    return replace(item, facts=_facts(replace(item.facts, path=path, container=container), place, seen))


def _facts(facts: Facts, place: Place, seen: Seen) -> Facts:
    owned = place.container.partition("/")[0] in seen.apps
    readers = dict(readers_of(facts, seen.profile))
    if not owned:  # what the system keeps of the keyboard
        readers[Access.BACKUP] = False
    readers |= {Access.ROOT_FILES: True, Access.ROOT_CODE: True}
    return with_readers(facts, readers)


def _refused(complaints: bytes, seen: Seen, *, several: bool) -> Iterator[Unread]:
    """What tar could not open: mostly, what data protection closes while the screen is locked."""
    for found in _COMPLAINT.finditer(complaints.decode("utf-8", "replace")):
        path = printable(tidy(found["path"].lstrip("/")))
        place = _place_of(path, seen.places)
        if place is None or found["why"] not in _REFUSED:
            continue
        yield Unread(
            path=path[len(place.path) :],
            container=place.container if several else "",
            reason="refused by the phone: data protection, if its screen is locked",
        )
