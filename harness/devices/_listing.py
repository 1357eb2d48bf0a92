"""From what a file-based source holds to what it hands out: containers, duplicates, the app asked for, order."""

import plistlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from xml.parsers.expat import ExpatError

from harness.devices._closing import Closing
from harness.devices._paths import printable, split_container
from harness.devices.base import Options, with_readers
from harness.errors import HarnessError, SourceError
from harness.model import Access, Artifact, DeviceProfile, Facts, Unread
from harness.sandbox import readers_of

__all__ = ["Listing", "arranged", "from_backup", "is_backed_up", "no_container", "observed", "of_app"]

_SHOWN = 10
_IOS_NAME = ".com.apple.mobile_container_manager.metadata.plist"
_MOST_NAME = 1 << 20
_APP_ID = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class Listing(Closing):
    """An open source that was listed once; its files are read when they are asked for."""

    def __init__(
        self,
        name: str,
        profile: DeviceProfile | None,
        items: list[Artifact | Unread],
        *,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.profile = profile
        self._items = items
        self._release = release

    def collect(self) -> Iterator[Artifact | Unread]:
        """Everything that is there, sorted by container and path."""
        yield from self._items

    def close(self) -> None:
        self._items = []
        self._release()


def arranged(items: Iterable[Artifact | Unread], options: Options) -> list[Artifact | Unread]:
    """Items whose paths are relative to the source, in their order there, as a source hands them out.

    A path that occurs again supersedes the one before it, as extracting would; the earlier ones stay, as `PATH@1`,
    `PATH@2` and so on.

    Raises:
        SourceError: the app asked for has no container here.
    """
    split = _of_one_platform([_split(item) for item in items])
    names = _names(split)
    kept = [_renamed(item, names) for item in of_app(split, options.app)]
    files = [item for item in kept if isinstance(item, Artifact)]
    done: list[Artifact | Unread] = [item for item in kept if isinstance(item, Unread)]
    done += (
        # Made anew and not with `replace`, which is slow, and there may be a million of them.
        Artifact(facts=observed(item.facts, options.profile), content=item.content)
        for item in _distinct(files)
    )
    return sorted(done, key=_order)


def observed(facts: Facts, profile: DeviceProfile | None) -> Facts:
    """Facts with what follows from them on such a device: who can read the file, and whether it is backed up."""
    if profile is not None and facts.in_backup is None:
        facts = replace(facts, in_backup=is_backed_up(facts.path, profile))
    return with_readers(facts, readers_of(facts, profile))


def from_backup(
    items: Iterable[Artifact | Unread], options: Options, owns: Callable[[str, str], bool]
) -> list[Artifact | Unread]:
    """Items of a backup as a source hands them out: each names its container, and whoever has the backup reads it.

    Args:
        items: in their order in the backup; a path that occurs again supersedes the one before it.
        options: the app asked for, and the kind of device.
        owns: whether an app, the first, has a container, the second.

    Raises:
        SourceError: the app asked for has no container here.
    """
    kept = of_app(list(items), options.app, owns)
    done: list[Artifact | Unread] = [item for item in kept if isinstance(item, Unread)]
    for item in _distinct([item for item in kept if isinstance(item, Artifact)]):
        readers = readers_of(item.facts, options.profile) | {Access.BACKUP: True}
        done.append(Artifact(facts=with_readers(item.facts, readers), content=item.content))
    return sorted(done, key=_order)


def is_backed_up(path: str, profile: DeviceProfile) -> bool | None:
    """False where a device of this kind never puts the file into its backups. Whether it puts the others there is
    for the app's own rules, which a file does not tell."""
    excluded = not profile.backup or any(
        path == folder.rstrip("/") or path.startswith(folder.rstrip("/") + "/") for folder in profile.backup_excludes
    )
    return False if excluded else None


def _split(item: Artifact | Unread) -> Artifact | Unread:
    container, path, platform = split_container(item.path)
    if not container:
        return item
    if isinstance(item, Unread):
        return replace(item, container=container, path=path)
    facts = replace(item.facts, container=container, path=path, platform=platform)
    return Artifact(facts=facts, content=item.content)


def _of_one_platform(items: list[Artifact | Unread]) -> list[Artifact | Unread]:
    """What lies beside containers is of the same device."""
    told = {item.facts.platform for item in items if isinstance(item, Artifact)}
    found = told - {None}
    if len(found) != 1 or len(told) == 1:
        return items
    (platform,) = found
    return [
        Artifact(facts=replace(item.facts, platform=platform), content=item.content)
        if isinstance(item, Artifact) and item.facts.platform is None
        else item
        for item in items
    ]


def _names(items: Iterable[Artifact | Unread]) -> dict[str, str]:
    """Containers of iOS by the app that each says it is of: the folder is named by chance, anew at each installation.

    Where two say the same, one of them is wrong, and both keep the names of their folders.
    """
    said = dict(_identifiers(items))
    often = Counter(said.values())
    return {
        container: name
        for container, name in said.items()
        if container and often[name] == 1 and _APP_ID.fullmatch(name)
    }


def _renamed(item: Artifact | Unread, names: Mapping[str, str]) -> Artifact | Unread:
    name = names.get(item.container)
    if name is None:
        return item
    if isinstance(item, Unread):
        return replace(item, container=name)
    return Artifact(facts=replace(item.facts, container=name), content=item.content)


def _order(item: Artifact | Unread) -> tuple[str, str, bool, str]:
    unread = isinstance(item, Unread)
    return item.container, item.path, unread, item.reason if isinstance(item, Unread) else ""


def of_app(
    items: list[Artifact | Unread], app: str | None, owns: Callable[[str, str], bool] = lambda app, name: app == name
) -> list[Artifact | Unread]:
    """Items of one app's containers, and what concerns the source as a whole.

    Raises:
        SourceError: the app has no container here; the hint lists those that there are.
    """
    found = {item.container for item in items} - {""}
    if not app or not found:
        # Nothing tells apps apart here: the source is what one app stores, and the caller says which.
        return items
    named = {container: name for container, name in _identifiers(items) if container in found}
    wanted = {container for container in found if owns(app, container) or app == named.get(container)}
    if not wanted:
        raise no_container(app, [named.get(container, container) for container in found])
    return [item for item in items if item.container in wanted or _concerns_all(item)]


def no_container(app: str, found: Iterable[str]) -> SourceError:
    """What to say where an app has no container among those that there are."""
    shown = sorted(printable(container) for container in found)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return SourceError(f"no container of {app} in the source", hint=f"it has: {', '.join(shown[:_SHOWN])}{more}")


def _identifiers(items: Iterable[Artifact | Unread]) -> Iterator[tuple[str, str]]:
    """Containers of iOS, which are named by chance, with the app that each says that it is of."""
    for item in items:
        if item.path != _IOS_NAME or not isinstance(item, Artifact) or item.content.size > _MOST_NAME:
            continue
        try:
            told = plistlib.loads(bytes(item.content.read()))
        except (HarnessError, ValueError, TypeError, ExpatError, RecursionError, OverflowError, LookupError):
            continue  # it is hostile like any file; without it the container's own name still works
        name = told.get("MCMMetadataIdentifier") if isinstance(told, dict) else None
        if isinstance(name, str):
            yield item.facts.container, name


def _concerns_all(item: Artifact | Unread) -> bool:
    """Damage of the source as a whole may have cost files of any app."""
    return isinstance(item, Unread) and not item.container and not item.expected


def _distinct(files: list[Artifact]) -> Iterator[Artifact]:
    last = {(item.facts.container, item.path): index for index, item in enumerate(files)}
    if len(last) == len(files):
        yield from files
        return
    taken = set(last)
    count: dict[tuple[str, str], int] = {}
    for index, item in enumerate(files):
        place = (item.facts.container, item.path)
        if last[place] != index:
            number = count.get(place, 0) + 1
            while (place[0], f"{place[1]}@{number}") in taken:
                number += 1
            count[place] = number
            taken.add((place[0], f"{place[1]}@{number}"))
            item = replace(item, facts=replace(item.facts, path=f"{place[1]}@{number}"))  # noqa: PLW2901
        yield item
