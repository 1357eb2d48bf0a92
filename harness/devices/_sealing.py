"""The end of an acquisition: the manifest, also where the disk is too full for it, and what it all came to."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from harness.devices._manifest import Manifest, written
from harness.devices._objects import Objects, replace_file
from harness.devices._room import no_room
from harness.errors import DeviceError
from harness.model import Facts, Unread

__all__ = ["DIGEST", "MANIFEST", "Written", "full", "left_out", "sealed"]

MANIFEST = "manifest.json"
DIGEST = "manifest.sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an acquisition came to."""

    digest: str
    """SHA-256 of the manifest."""
    files: int
    unread: tuple[Unread, ...]
    """What is there and was not to be had; links and the like, which are never followed, too."""
    fault: DeviceError | None = None
    """Why the rest of it is missing, where the disk was full; what is here is good."""


def full(error: OSError) -> DeviceError | None:
    """What to say where it is for want of room; nothing where it is something else."""
    return no_room(
        error, "for the snapshot", "make room, or name a folder on a larger disk with --out; then run this again"
    )


def sealed(folder: Path, objects: Objects, manifest: Manifest, fault: DeviceError | None) -> Written:
    """Write the manifest; where the disk is too full for it, the largest files give way."""
    while True:
        text = written(manifest)
        digest = hashlib.sha256(text).hexdigest()
        try:
            replace_file(folder / DIGEST, f"{digest}  {MANIFEST}\n".encode())
            replace_file(folder / MANIFEST, text)
        except OSError as error:
            fault = full(error)
            if fault is None or not manifest.files:
                raise
            manifest = _lightened(manifest, 2 * len(text))
            objects.keep_only({file.sha256 for file in manifest.files})
        else:
            return Written(digest=digest, files=len(manifest.files), unread=manifest.unread, fault=fault)


def _lightened(manifest: Manifest, wanted: int) -> Manifest:
    """Without so many of the largest files as take up at least `wanted` bytes."""
    files = sorted(manifest.files, key=lambda file: (file.facts.size, file.sha256))
    gone: set[str] = set()
    while files and (wanted > 0 or not gone):
        file = files.pop()
        wanted -= file.facts.size if file.sha256 not in gone else 0
        gone.add(file.sha256)
    return replace(
        manifest,
        files=tuple(file for file in manifest.files if file.sha256 not in gone),
        unread=(*manifest.unread, *(left_out(file.facts) for file in manifest.files if file.sha256 in gone)),
    )


def left_out(facts: Facts) -> Unread:
    """What stands for a file that did not fit."""
    return Unread(path=facts.path, container=facts.container, size=facts.size, reason="no room was left for it")
