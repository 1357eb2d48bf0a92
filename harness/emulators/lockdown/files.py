"""What a client of AFC sees of a sandbox: one folder with what is below, and no way out of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.errors import DeviceError, UsageError
from harness.sandbox import Attributes, Entry, Sandbox
from harness.sandbox.rules import at_rest

__all__ = ["Fault", "Folder"]

DENIED, EXISTS, INVALID, IS_FOLDER, MISSING, NOT_EMPTY, LOCKED = 10, 16, 7, 9, 8, 33, 19


class Fault(Exception):
    """AFC refuses; `code` is its own number."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a phone as AFC's root."""

    sandbox: Sandbox
    root: str
    allows: Callable[[str], bool] = lambda _path: True
    """Whether a path below the root, which begins with a slash, may be reached."""

    def place(self, name: str) -> str:
        """Where a name is on the phone.

        Raises:
            Fault: it leads out, or is not to be reached.
        """
        steps: list[str] = []
        for step in name.split("/"):
            if step == "..":
                if not steps:
                    raise Fault(DENIED)
                steps.pop()
            elif step not in {"", "."}:
                steps.append(step)
        inner = "/" + "/".join(steps)
        if not self.allows(inner):
            raise Fault(DENIED)
        return self.root + (inner if steps else "")

    def entry(self, name: str) -> Entry:
        """What is known of a file or folder.

        Raises:
            Fault: it is not there.
        """
        try:
            return self.sandbox.stat(self.place(name))
        except (DeviceError, UsageError) as error:
            raise Fault(MISSING) from error

    def names(self, name: str) -> tuple[str, ...]:
        """What is in a folder.

        Raises:
            Fault: it is none.
        """
        entry = self.entry(name)
        if not entry.folder:
            raise Fault(INVALID)
        return self.sandbox.names(entry.path)

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            Fault: it is a folder, or its protection class is closed.
        """
        entry = self.entry(name)
        if entry.folder:
            raise Fault(IS_FOLDER)
        if at_rest(entry, self.sandbox.setting):
            raise Fault(DENIED)
        return entry.data

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place; one that is there keeps its class.

        Raises:
            Fault: a folder is there, or above it is none.
        """
        path = self.place(name)
        try:
            if self.sandbox.exists(path):
                before = self.sandbox.stat(path)
                if before.folder:
                    raise Fault(IS_FOLDER)
                kept = Attributes(mode=before.mode, in_backup=before.in_backup, modified=before.modified)
                if before.protection is not None:
                    kept = replace(kept, protection=before.protection)
                self.sandbox.write(path, data, kept)
            else:
                self.sandbox.write(path, data, Attributes(mode=0o644))
        except (DeviceError, UsageError) as error:
            raise Fault(INVALID) from error

    def make(self, name: str) -> None:
        """Make a folder.

        Raises:
            Fault: a file is there.
        """
        try:
            self.sandbox.make_folder(self.place(name), 0o755)
        except (DeviceError, UsageError) as error:
            raise Fault(EXISTS) from error

    def remove(self, name: str, *, deep: bool = False) -> None:
        """Remove a file, or a folder that is empty; with `deep` all that is in it.

        Raises:
            Fault: it is not there, is not empty, or is the root.
        """
        entry = self.entry(name)
        if entry.path == self.root:
            raise Fault(DENIED)
        if entry.folder and not deep and self.sandbox.names(entry.path):
            raise Fault(NOT_EMPTY)
        self.sandbox.delete(entry.path)

    def rename(self, name: str, target: str) -> None:
        """Move a file, or a folder with what is in it.

        Raises:
            Fault: it is not there, or cannot be put there.
        """
        entry, goal = self.entry(name), self.place(target)
        if self.root == entry.path or f"{goal}/".startswith(f"{entry.path}/"):
            raise Fault(DENIED)
        moved = list(self.sandbox.walk(entry.path))
        for each in moved:
            path = goal + each.path[len(entry.path) :]
            if each.folder:
                self.make(path[len(self.root) :])
            else:
                self.write(path[len(self.root) :], each.data)
        self.sandbox.delete(entry.path)
