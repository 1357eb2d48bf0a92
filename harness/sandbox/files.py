"""The file tree of a device in memory: files and folders with owners, modes and labels, and no rules of its own."""

from collections.abc import Iterator

from harness.errors import DeviceError
from harness.sandbox.layout import Entry

__all__ = ["Tree", "parents"]


def parents(path: str) -> tuple[str, ...]:
    """The folders above a path, the nearest last."""
    steps = path.strip("/").split("/")
    return ("/", *("/" + "/".join(steps[:depth]) for depth in range(1, len(steps)))) if path != "/" else ()


class Tree:
    """Entries by their canonical path."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._names: dict[str, set[str]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def get(self, path: str) -> Entry:
        """One entry.

        Raises:
            DeviceError: there is none.
        """
        entry = self._entries.get(path)
        if entry is None:
            raise DeviceError(f"no such file or folder: {path}")
        return entry

    def put(self, entry: Entry) -> None:
        """Add or replace an entry; its folder must be there.

        Raises:
            DeviceError: it is not, or a folder stands where a file is to be, or the other way round.
        """
        if entry.path != "/":
            above = parents(entry.path)[-1]
            if not self.get(above).folder:
                raise DeviceError(f"not a folder: {above}")
            self._names.setdefault(above, set()).add(entry.path.rpartition("/")[2])
        before = self._entries.get(entry.path)
        if before is not None and before.folder is not entry.folder:
            raise DeviceError(f"{'a folder' if before.folder else 'a file'} is there already: {entry.path}")
        self._entries[entry.path] = entry

    def names(self, path: str) -> tuple[str, ...]:
        """What is in a folder, sorted."""
        if not self.get(path).folder:
            raise DeviceError(f"not a folder: {path}")
        return tuple(sorted(self._names.get(path, ())))

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it; nothing happens where there is none."""
        doomed = [entry.path for entry in self.walk(path)] if path in self._entries else []
        for each in doomed:
            del self._entries[each]
            self._names.pop(each, None)
        if doomed and path != "/":
            self._names[parents(path)[-1]].discard(path.rpartition("/")[2])

    def walk(self, path: str) -> Iterator[Entry]:
        """An entry and all below it, sorted by path."""
        found = []
        waiting = [self.get(path)]
        while waiting:
            entry = waiting.pop()
            found.append(entry)
            waiting += [self._entries[f"{entry.path.rstrip('/')}/{name}"] for name in self._names.get(entry.path, ())]
        yield from sorted(found, key=lambda entry: entry.path)

    def above(self, path: str) -> tuple[Entry, ...]:
        """The folders over a path that are there."""
        return tuple(self._entries[each] for each in parents(path) if each in self._entries)
