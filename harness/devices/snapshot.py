"""A snapshot: what was acquired from a source, with every fact about it, kept so that it can be scanned again.

    manifest.json       what was there and what was not to be had; written last
    manifest.sha256     its digest, as `sha256sum --check` reads it
    manifest.partial    there while an acquisition runs, or where one was interrupted
    objects/ab/abcd…    the bytes of files, by their SHA-256

All of it is readable by its owner only: it is personal data in the clear.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import harness
from harness.devices._contents import open_regular
from harness.devices._listing import Listing, observed, of_app
from harness.devices._manifest import FAMILY, SCHEMA, Manifest, StoredFile, is_storable, parsed
from harness.devices._objects import DRAFT, Objects
from harness.devices._paths import printable, shortened
from harness.devices._sealing import DIGEST, MANIFEST, Written, full, left_out, sealed
from harness.devices.base import Connector, Options, Source, Staged
from harness.errors import AccessDenied, DeviceError, FormatError, HarnessError, SourceError, UsageError
from harness.limits import Limits
from harness.model import Artifact, Bytes, DeviceProfile, Facts, Unread
from harness.profiles import load_profiles

__all__ = ["Progress", "Snapshot", "Written", "write_snapshot"]

Progress = Callable[[int, int], None]
"""Told after each file: files and bytes so far."""

_PARTIAL = "manifest.partial"
_OWN = frozenset({MANIFEST, DIGEST, _PARTIAL, "objects"})
_PRIVATE = 0o700
_LONGEST_MARK = 1 << 16


class Snapshot(Connector):
    """A folder that `storage-harness acquire` wrote."""

    title = "Snapshot"
    grammar = "SNAPSHOT"

    def claims(self, source: str) -> float:
        folder = Path(source)
        return 0.95 if source and (_is_begun(folder) or _is_finished(folder)) else 0.0

    def open(self, source: str, options: Options) -> Source:
        folder, shown = Path(source), printable(source)
        if _is_begun(folder):
            raise SourceError(f"unfinished snapshot: {shown}", hint="run `storage-harness acquire` again")
        text = _manifest_bytes(folder, shown, options.limits)
        manifest = parsed(text)
        objects = Objects(folder)
        for file in manifest.files:
            if not objects.holds(file.sha256, file.facts.size):
                raise SourceError(f"an object of the snapshot is missing or cut off: {file.sha256}")
            _verify(objects, file.sha256, file.facts.size)
        profile = options.profile or (load_profiles().get(manifest.profile) if manifest.profile else None)
        items = [_artifact(file, objects, None if manifest.profile else options.profile) for file in manifest.files]
        return SnapshotSource(
            shown, profile, of_app([*items, *manifest.unread], options.app), digest=hashlib.sha256(text).hexdigest()
        )

    def stage(self, folder: Path, files: Sequence[Staged]) -> str:
        target = folder / "snapshot"
        items: list[Artifact | Unread] = [
            Artifact(
                facts=Facts(path=file.path, size=len(file.data), mode=file.mode & 0o7777), content=Bytes(file.data)
            )
            for file in files
        ]
        with Listing("staged", None, items) as source:
            write_snapshot(source, target, limits=Limits())
        return str(target)


def _verify(objects: Objects, digest: str, size: int) -> None:
    """Read an object through: what does not match its manifest is refused before anything is said of it."""
    try:
        objects.content(digest, size).read()
    except FormatError as error:
        raise SourceError(f"an object of the snapshot was changed: {digest}") from error


class SnapshotSource(Listing):
    """An open snapshot."""

    def __init__(
        self, name: str, profile: DeviceProfile | None, items: list[Artifact | Unread], *, digest: str
    ) -> None:
        super().__init__(name, profile, items)
        self.digest = digest
        """SHA-256 of the manifest, which names the digest of every file: of the whole."""


def write_snapshot(
    source: Source, folder: Path, *, limits: Limits, app: str | None = None, progress: Progress | None = None
) -> Written:
    """Keep what a source holds.

    An acquisition that was interrupted goes on where it was: objects that are there and whole are not written again.

    Args:
        source: opened for `app`, where one was asked for.
        folder: new, empty, or a snapshot of the same source and app: of another it would destroy what it holds.
        limits: caps.
        app: of which alone the source was asked.
        progress: told after each file.

    Raises:
        UsageError: the folder holds something else, or cannot be written to.
        DeviceError: the device or its transport failed, or there is no room at all; run again to go on.
    """
    try:
        with _claimed(folder, _Origin(printable(source.name), app)) as origin:
            return _write(source, folder, limits, origin, progress or (lambda files, size: None))
    except OSError as error:
        if fault := full(error):
            raise fault from error
        raise UsageError(f"cannot write the snapshot to {printable(str(folder))}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a snapshot is of."""

    source: str
    app: str | None

    @property
    def mark(self) -> bytes:
        """What stands in `manifest.partial`."""
        return SCHEMA.encode() + b"\n" + json.dumps([self.source, self.app]).encode()


def _write(source: Source, folder: Path, limits: Limits, origin: _Origin, progress: Progress) -> Written:
    objects = Objects(folder)
    files: list[StoredFile] = []
    unread: list[Unread] = []
    size = 0
    fault: DeviceError | None = None
    for item in source.collect():
        if len(files) + len(unread) >= limits.entries:
            unread.append(Unread(path=".", reason="more entries than the limit allows"))
            break
        try:
            kept = (
                item if isinstance(item, Unread) else left_out(item.facts) if fault else _kept(item, objects, limits)
            )
        except OSError as error:
            fault = full(error)
            if fault is None or isinstance(item, Unread):
                raise
            kept = left_out(item.facts)
        if isinstance(kept, Unread):
            unread.append(kept)
            continue
        files.append(kept)
        size += kept.facts.size
        progress(len(files), size)
    profile = source.profile.name if source.profile else None
    manifest = Manifest(
        tool=harness.__version__,
        source=origin.source,
        app=origin.app,
        profile=profile,
        files=tuple(files),
        unread=tuple(unread),
    )
    objects.keep_only({file.sha256 for file in files})
    return sealed(folder, objects, manifest, fault)


def _kept(item: Artifact, objects: Objects, limits: Limits) -> StoredFile | Unread:
    facts = item.facts
    if not is_storable(facts.path):
        return Unread(path=shortened(facts.path), reason="path escapes the source", container=facts.container)
    if reason := limits.oversize(item.content.size):
        return Unread(path=facts.path, reason=reason, size=item.content.size, container=facts.container)
    try:
        data = item.content.read()
    except (AccessDenied, FormatError) as error:
        return Unread(path=facts.path, reason=str(error), size=item.content.size, container=facts.container)
    return StoredFile(facts=_resized(facts, len(data)), sha256=objects.put(data))


def _resized(facts: Facts, size: int) -> Facts:
    return facts if facts.size == size else replace(facts, size=size)


@contextmanager
def _claimed(folder: Path, origin: _Origin) -> Iterator[_Origin]:
    """The folder, private and ours alone; `manifest.partial` stays unless all went well."""
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    strangers = [entry for entry in folder.iterdir() if entry.name not in _OWN and not entry.name.startswith(DRAFT)]
    if strangers or (any(folder.iterdir()) and not (_is_begun(folder) or _is_finished(folder))):
        raise UsageError(f"not a snapshot, and not empty: {printable(str(folder))}", hint="name a new folder")
    if _is_finished(folder):
        _refuse_other(folder, _origin_of(folder), origin.mark)
    folder.chmod(_PRIVATE)
    number = os.open(folder / _PARTIAL, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "r+b") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"another acquisition writes to {printable(str(folder))}") from error
        _refuse_other(folder, mark.read(_LONGEST_MARK), origin.mark)
        mark.seek(0)
        mark.truncate()
        mark.write(origin.mark)
        mark.flush()
        for draft in folder.glob(f"{DRAFT}*"):
            draft.unlink()
        yield origin
        (folder / _PARTIAL).unlink()


def _origin_of(folder: Path) -> bytes:
    """The mark of a finished snapshot."""
    try:
        manifest = parsed(_manifest_bytes(folder, printable(str(folder)), Limits()))
    except SourceError:
        return b"a manifest that cannot be read"
    return _Origin(manifest.source, manifest.app).mark


def _refuse_other(folder: Path, there: bytes, mark: bytes) -> None:
    """An acquisition removes what its own source does not hold: of another one, that would be all.

    Raises:
        UsageError: what is there is of another source or app.
    """
    if there not in {b"", SCHEMA.encode(), mark}:
        raise UsageError(
            f"a snapshot of another source or app is in {printable(str(folder))}",
            hint="name a new folder, or remove that one first",
        )


def _is_begun(folder: Path) -> bool:
    return _head(folder / _PARTIAL).startswith(FAMILY.encode())


def _is_finished(folder: Path) -> bool:
    return f'"schema": "{FAMILY}'.encode() in _head(folder / MANIFEST)


def _head(file: Path) -> bytes:
    try:
        with open_regular(file) as handle:
            return handle.read(128)
    except (HarnessError, OSError, ValueError):
        return b""


def _manifest_bytes(folder: Path, shown: str, limits: Limits) -> bytes:
    try:
        with open_regular(folder / MANIFEST) as handle:
            text = handle.read(limits.file_bytes + 1)
        with open_regular(folder / DIGEST) as handle:
            told = handle.read(64)
    except (HarnessError, OSError, ValueError) as error:
        raise SourceError(f"no snapshot, or one without its digest: {shown}") from error
    if hashlib.sha256(text).hexdigest().encode() != told:
        raise SourceError(f"{MANIFEST} is not what {DIGEST} says: {shown}", hint="acquire it again")
    return text


def _artifact(file: StoredFile, objects: Objects, profile: DeviceProfile | None) -> Artifact:
    facts = observed(file.facts, profile) if profile is not None else file.facts
    return Artifact(facts=facts, content=objects.content(file.sha256, facts.size))
