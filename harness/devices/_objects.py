"""Files of a snapshot by the SHA-256 of their bytes: written once, privately, and checked whenever they are read."""

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from harness.devices._contents import IN_MEMORY, mapped, open_regular
from harness.errors import FormatError
from harness.model import Buffer

__all__ = ["DRAFT", "Objects", "replace_file"]

DRAFT = ".draft-"
"""What the name of a file begins with that is being written."""
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class _Object:
    """The bytes of one file."""

    file: Path = field(repr=False)
    size: int
    sha256: str

    def read(self) -> Buffer:
        with open_regular(self.file) as handle:
            try:
                data = handle.read(self.size + 1) if self.size <= IN_MEMORY else mapped(handle)
            except (OSError, ValueError) as error:
                raise FormatError("an object of the snapshot could not be read") from error
        if len(data) != self.size or hashlib.sha256(data).hexdigest() != self.sha256:
            raise FormatError("an object of the snapshot is not what its manifest says")
        return data


class Objects:
    """The `objects` folder of one snapshot."""

    def __init__(self, snapshot: Path) -> None:
        self.root = snapshot / "objects"
        self._made: set[Path] = set()

    def place(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256

    def content(self, sha256: str, size: int) -> _Object:
        return _Object(self.place(sha256), size, sha256)

    def holds(self, sha256: str, size: int) -> bool:
        """Whether there is an object of that name and size; its bytes are checked when they are read."""
        try:
            status = self.place(sha256).lstat()
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size == size

    def put(self, data: Buffer) -> str:
        """Store bytes, unless they are here and whole; their name."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._is_whole(sha256, len(data)):
            place = self.place(sha256)
            self._make(place.parent)
            replace_file(place, data)
        return sha256

    def _make(self, folder: Path) -> None:
        for each in (self.root, folder):  # `parents` would make those above without the mode
            if each not in self._made:
                each.mkdir(mode=_PRIVATE, exist_ok=True)
                self._made.add(each)

    def keep_only(self, names: set[str]) -> None:
        """Remove what an earlier or interrupted acquisition left: it is personal data that nobody asked for."""
        for folder in sorted(self.root.iterdir()) if self.root.is_dir() else ():
            for file in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
                if file.name not in names:
                    file.unlink()

    def _is_whole(self, sha256: str, size: int) -> bool:
        if not self.holds(sha256, size):
            return False
        try:
            self.content(sha256, size).read()
        except FormatError:
            return False
        return True


def replace_file(place: Path, data: Buffer) -> None:
    """Write a file that is there whole or not at all, readable by its owner only; one writer a folder."""
    draft = place.with_name(f"{DRAFT}{place.name}")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(number, "wb", buffering=0) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
        draft.replace(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
