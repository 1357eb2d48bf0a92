"""From the members of a tar to what a source hands out: the same for an archive, a device's stream and a backup."""

from collections.abc import Iterator

from harness.devices._contents import Mapped, Pieces, Slice
from harness.devices._paths import fault_in, printable, shortened, tidy
from harness.devices._tar import Damage, Member, members
from harness.limits import Limits
from harness.model import Artifact, Facts, Unread

__all__ = ["tar_items"]

_EXPECTED = frozenset({"hard link", "symbolic link", "device", "named pipe"})


def tar_items(data: Mapped, name: str, fault: str, limits: Limits) -> Iterator[Artifact | Unread]:
    """Files, and what is not to be had, in the order of the tar; paths are those that it names.

    Args:
        data: the tar.
        name: what stands for it where a part of it is damaged.
        fault: what went wrong before it was one; empty where nothing did.
        limits: how much of it is taken.
    """
    if fault:
        yield Unread(path=name, reason=fault)
    left, bytes_left = limits.entries, limits.archive_bytes
    for found in members(data):
        left -= _weight(found)
        if left < 0:
            yield Unread(path=name, reason="more entries than the limit allows")
            return
        if isinstance(found, Damage):
            yield Unread(path=_shown(found.name) if found.name else name, reason=found.reason, size=found.size)
            continue
        item = _item(data, found, limits)
        if found.size and found.start >= len(data):
            continue  # nothing of it is there; the damage that follows says so
        if isinstance(item, Artifact):
            bytes_left -= item.facts.size
            if bytes_left < 0:
                item = Unread(
                    path=item.path, reason="the archive unpacks to more than the limit", size=item.facts.size
                )
        if item is not None:
            yield item


def _weight(found: Member | Damage) -> int:
    """Entries that it counts as; the map of a sparse file costs memory too."""
    runs = len(found.sparse.chunks) if isinstance(found, Member) and found.sparse else 0
    return 1 + runs // 16


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _shown(name: bytes) -> str:
    path = tidy(_decoded(name))
    return shortened(path) if fault_in(path) else printable(path)


def _item(data: Mapped, member: Member, limits: Limits) -> Artifact | Unread | None:
    raw = _decoded(member.name)
    path = tidy(raw)
    is_nothing = member.kind == "label" or (member.kind == "folder" and not path)
    if not is_nothing and (fault := fault_in(path)):
        return Unread(path=shortened(raw), reason=fault, size=member.size)
    if member.kind in {"folder", "label"}:
        return None
    path = printable(path)
    if member.kind != "file":
        return _special(member, path)
    content = _content(data, member)
    if reason := limits.oversize(content.size):
        return Unread(path=path, reason=reason, size=content.size)
    facts = Facts(
        path=path,
        size=content.size,
        owner=member.owner,
        group=member.group,
        mode=None if member.mode is None else member.mode & 0o7777,
        modified=member.modified,
        label=member.label,
    )
    return Artifact(facts=facts, content=content)


def _special(member: Member, path: str) -> Unread:
    expected = member.kind in _EXPECTED
    how = "not followed" if "link" in member.kind else "not opened" if expected else "not understood"
    return Unread(path=path, reason=f"{member.kind}, {how}", expected=expected, size=member.size)


def _content(data: Mapped, member: Member) -> Slice | Pieces:
    if member.sparse is not None and not member.sparse.damaged:
        return Pieces(data, member.sparse.chunks, member.sparse.size)
    return Slice(data, member.start, max(0, min(member.size, len(data) - member.start)))
