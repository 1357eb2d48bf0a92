"""From the entries of a manifest to what a source hands out: containers, facts, and what is wrong with a file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from harness.devices._ios_backup.contents import Sealed, extent
from harness.devices._ios_backup.keybag import Keys
from harness.devices._ios_backup.record import Described, Entry
from harness.devices._listing import no_container
from harness.devices._paths import fault_in, printable, shortened, tidy
from harness.errors import AccessDenied, FormatError
from harness.limits import Limits
from harness.model import Artifact, Bytes, Content, Facts, Platform, Unread

__all__ = ["Shelf", "container_of", "owns"]

_APPS = ("AppDomain-", "AppDomainGroup-", "AppDomainPlugin-")
_STORED = re.compile(r"[0-9a-f]{40}")
_UNKNOWN = Described()


def container_of(domain: str) -> str:
    """A domain's container: the identifier of an app, an extension or a group; else the domain itself."""
    for prefix in _APPS:
        if domain.startswith(prefix) and domain != prefix:
            return domain[len(prefix) :]
    return domain


def owns(app: str, container: str) -> bool:
    """Whether an app has a container: its own, its extensions' (their identifiers begin with its own), and groups
    that are named for it or for what its identifier begins with. Of other groups a backup does not tell the apps."""
    if container == app or container.startswith(app + "."):
        return True
    group = container.removeprefix("group.")
    return group != container and (
        group == app or group.startswith(app + ".") or (app.startswith(group + ".") and group.count(".") > 0)
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """What lies in the folder of a backup, by the names that it has there."""

    found: Mapping[str, Artifact | Unread]
    keys: Keys | None
    limits: Limits
    app: str | None = None
    """The only one whose files are asked for: of others nothing is read."""

    def items(self, entries: Iterable[Entry]) -> Iterator[Artifact | Unread]:
        """What the manifest lists, as far as it can be read, and then whatever else lies in the folder.

        Raises:
            SourceError: the app asked for has no container, or there is no room to open the manifest.
        """
        used: set[str] = set()
        domains: dict[str, bool] = {}
        fault = ""
        try:
            for entry in entries:
                place = self._place(entry)
                used.add(place)
                if entry.domain not in domains:
                    domains[entry.domain] = self.app is None or owns(self.app, container_of(entry.domain))
                if domains[entry.domain]:
                    yield from self._item(entry, place)
        except FormatError as error:
            fault = str(error)
            yield Unread(path="Manifest.db", reason=fault)
        if self.app is not None and not fault and domains and not any(domains.values()):
            raise no_container(self.app, map(container_of, domains))
        for place, item in self.found.items():
            if place in used:
                continue
            if isinstance(item, Artifact):
                facts = replace(item.facts, in_backup=True, platform=Platform.IOS)
                yield Artifact(facts=facts, content=item.content)
            else:
                yield item

    def _place(self, entry: Entry) -> str:
        """Newer backups have folders, older ones do not."""
        if not _STORED.fullmatch(entry.stored):
            return ""
        below = f"{entry.stored[:2]}/{entry.stored}"
        return below if below in self.found else entry.stored

    def _item(self, entry: Entry, place: str) -> Iterator[Artifact | Unread]:
        if entry.kind == "folder":
            return
        said, path, container = entry.known, tidy(entry.path), container_of(entry.domain)
        known = said or _UNKNOWN
        size = known.size or 0
        if fault := fault_in(container) or fault_in(path):
            shown = "" if fault_in(container) else printable(container)
            yield Unread(path=shortened(entry.path) or ".", container=shown, reason=fault, size=size)
            return
        missed = Unread(path=printable(path), container=printable(container), reason="", size=size)
        if entry.kind != "file":
            linked = entry.kind == "link"
            reason = "symbolic link, not followed" if linked else "neither file, folder nor link"
            yield replace(missed, reason=reason, expected=linked)
            return
        found = self.found.get(place)
        if found is None and not known.size and known.size is not None:
            yield _artifact(missed, known, Bytes(b""))  # nothing is stored of what is empty
        elif found is None:
            yield replace(missed, reason="listed in the manifest, and not in the backup")
        elif isinstance(found, Unread):
            yield replace(missed, reason=found.reason, size=found.size)
        else:
            yield from self._read(missed, said, found.content)

    def _read(self, missed: Unread, known: Described | None, stored: Content) -> Iterator[Artifact | Unread]:
        content = stored
        if self.keys is not None and (known is None or known.sealed is not None):
            key = self.keys.opened(known.sealed) if known is not None and known.sealed is not None else None
            if known is None or key is None:
                yield replace(missed, reason="encrypted, and its key is damaged or of another class")
                return
            try:
                content = Sealed(stored, key, extent(stored, key, known.size))
            except (AccessDenied, FormatError) as error:
                yield replace(missed, reason=str(error))
                return
        if reason := self.limits.oversize(content.size):
            yield replace(missed, reason=reason, size=content.size)
            return
        known = known or _UNKNOWN
        yield _artifact(missed, known, content)
        if known.size is not None and content.size < known.size:
            yield replace(missed, reason="shorter than the manifest says", size=known.size - content.size)


def _artifact(place: Unread, known: Described, content: Content) -> Artifact:
    facts = Facts(
        path=place.path,
        container=place.container,
        size=content.size,
        owner=known.owner,
        group=known.group,
        mode=None if known.mode is None else known.mode & 0o7777,
        modified=known.modified,
        protection=known.protection,
        in_backup=True,
        platform=Platform.IOS,
    )
    return Artifact(facts=facts, content=content)
