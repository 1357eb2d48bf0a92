"""Copies folders of a device as one tar stream, goes on after a dropped connection, and keeps what had arrived."""

import re
import secrets
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.devices import _room
from harness.devices._contents import Intake, Mapped, released
from harness.devices._paths import printable, tidy
from harness.devices._tar import BLOCK
from harness.devices._tar_items import tar_items
from harness.devices.adb.probing import Identity
from harness.devices.adb.transport import Link, Lost, Result, Stream, run
from harness.devices.adb.walking import Walked, listing, walk
from harness.errors import DeviceError
from harness.limits import Limits
from harness.model import Artifact, Unread

__all__ = ["Copied", "Copier", "Counter", "NoTar", "no_room"]

_TRIES = 3
_IN_MEMORY = 64 << 20
"""Of all that is copied from a device; what goes beyond is kept in files."""
_WORDS = 48 << 10
"""Bytes of file names in one command: a shell takes 128 KiB, and quoting may double them."""
_STREAM = "."
_END_MARK = "the archive ends without its end mark"
_CUT_OFF = "cut off"
_IGNORED = re.compile(r"removing leading|had errors|Exiting with failure|error exit delayed")
_COMPLAINT = re.compile(r"^tar: (?:can't open |cannot open )?'?(?P<path>.+?)'?: (?P<why>[A-Z][a-z ]+)$")
_WITHOUT_DATA = frozenset(b"123456")
_NO_FILE = frozenset(b"5xgLKDV")


def no_room(error: OSError) -> DeviceError | None:
    """What to say where this machine's disk is full; nothing where it is something else."""
    hint = "point TMPDIR at a larger disk, or take one app with --app, and run this again"
    return _room.no_room(error, "here for what the device sends", hint)


class NoTar(DeviceError):
    """The device has no tar, and no shell that can do without."""


class Counter:
    """Counts the files of a tar while it comes, for those who wait."""

    def __init__(self, progress: Callable[[str, int, int], None]) -> None:
        self.files = 0
        self.bytes = 0
        self._progress = progress
        self._held = b""
        self._skip = 0

    def restart(self) -> None:
        """Another tar begins."""
        self._held, self._skip = b"", 0

    def take(self, chunk: bytes | memoryview) -> None:
        """The next bytes."""
        self.bytes += len(chunk)
        view = memoryview(chunk)
        while view:
            if self._skip:
                passed = min(self._skip, len(view))
                self._skip -= passed
                view = view[passed:]
                continue
            taken = BLOCK - len(self._held)
            self._held += bytes(view[:taken])
            view = view[taken:]
            if len(self._held) == BLOCK:
                self._header(self._held)
                self._held = b""
        self._progress("files", self.files, 0)
        self._progress("MiB", self.bytes >> 20, 0)

    def _header(self, block: bytes) -> None:
        digits = block[124:136].strip(b" \0")
        if block[124] & 0x80:
            size = int.from_bytes(block[125:136], "big")
        else:
            size = int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else 0
        if block[156] not in _WITHOUT_DATA:
            self._skip = -(-size // BLOCK) * BLOCK
        if block[257:262] == b"ustar" and block[156] not in _NO_FILE:
            self.files += 1


@dataclass(slots=True)
class Copied:
    """What arrived of some folders."""

    items: dict[str, Artifact | Unread] = field(default_factory=dict)
    """By path, as the tar names it: relative to the device's root directory."""
    halves: dict[str, Artifact] = field(default_factory=dict)
    """What arrived of a file that was cut off; it is told as unread as well."""
    fault: DeviceError | None = None
    """Why the rest is missing."""
    told: list[str] = field(default_factory=list)
    """What the device's tar said that we do not understand."""
    survey: Result | None = None
    """What the command that went before the copy said; nothing where it was not answered."""


@dataclass(slots=True)
class _Part:
    """One stream, as far as it came."""

    data: Mapped
    error: bytes = b""
    code: int = 0
    fault: DeviceError | None = None
    survey: Result | None = None


class Copier:
    """Copies from one device; `close` lets go of what is held for those who read the copies."""

    def __init__(self, link: Link, limits: Limits, counter: Counter, *, labels: bool = False) -> None:
        self._link, self._limits, self._counter = link, limits, counter
        self._words = "tar -c -f - --selinux" if labels else "tar -c -f -"
        self._held: list[Mapped] = []
        self._walks = False
        """There is no tar: the shell goes through the folders."""
        self._kept = 0
        """Bytes of what is held that are in memory."""

    def close(self) -> None:
        for data in self._held:
            released(data)
        self._held, self._kept = [], 0

    def copy(self, identity: Identity, paths: Sequence[str], *, survey: str = "") -> Copied:
        """Folders, or files, by their absolute paths; `survey` is a command that the same shell runs before, of which
        its complaints and its code are told: a shell takes longer to start than most commands to answer.

        A connection that is lost is taken up again, and only what is missing is asked for; where that fails too, what
        had arrived is there, and the fault says why the rest is not.

        Raises:
            NoTar: the device has none.
        """
        out = Copied()
        part = self._take(identity, [path.lstrip("/") for path in paths], out, survey)
        for _ in range(_TRIES):
            if not isinstance(part.fault, Lost):
                break
            try:
                self._link.reconnect()
                part = self._rest(identity, paths, out) or part
            except DeviceError:
                break  # what broke first is what to tell
        out.fault = part.fault
        return out

    def _rest(self, identity: Identity, paths: Sequence[str], out: Copied) -> _Part | None:
        """Ask for what has not arrived; the last stream of several."""
        wanted = " ".join(shlex.quote(path) for path in paths)
        asked = listing(paths) if self._walks else f"find {wanted} ! -type d -print0 2>/dev/null"
        listed = run(self._link, identity.command(asked))
        there = {path for path, item in out.items.items() if isinstance(item, Artifact) or item.expected}
        names = [name.lstrip("/") for name in listed.output.decode("utf-8", "surrogateescape").split("\0")]
        part = _Part(b"")
        for batch in _batches([name for name in names if name and printable(tidy(name)) not in there]):
            part = self._take(identity, batch, out)
            if part.fault:
                break
        return part

    def _take(self, identity: Identity, names: Sequence[str], out: Copied, survey: str = "") -> _Part:
        part = self._received(identity, names, survey)
        out.survey = out.survey or part.survey
        if part.code == 127 and not part.data and not self._walks:
            self._walks = True
            part = self._received(identity, names)
        if part.code == 127 and not part.data:
            raise NoTar(
                f"there is no tar on {self._link.name}",
                hint="Android 6 and newer have one; on an older device install a busybox that is in the PATH",
            )
        self._held.append(part.data)
        for item in tar_items(part.data, _STREAM, "", self._limits):
            _keep(item, out)
        _explain(part.error, out)
        return part

    def _stream(self, identity: Identity, names: Sequence[str], before: str) -> Stream:
        if self._walks:
            script, mark = walk(names)
            return Walked(self._link.stream(identity.command(script)), mark)
        words = " ".join(shlex.quote(name) for name in names)
        return self._link.stream(identity.command(f"{before}cd / && exec {self._words} {words}"))

    def _received(self, identity: Identity, names: Sequence[str], survey: str = "") -> _Part:
        mark = f"<{secrets.token_hex(16)}>"
        before = f'{survey}; echo "{mark} $?" >&2\n' if survey else ""
        part = _Part(b"")
        self._counter.restart()
        intake = Intake(max(0, _IN_MEMORY - self._kept))
        try:
            stream = self._stream(identity, names, before)
            try:
                for chunk in stream.chunks():
                    self._counter.take(chunk)
                    intake.add(chunk)
                part.error, part.code = stream.error, stream.code
            finally:
                stream.close()
                part.survey = _before(mark, stream.error)
            part.error = part.error.rpartition(mark.encode("ascii"))[2].lstrip(b" 0123456789")
        except DeviceError as error:
            part.fault = error
        except OSError as error:
            part.fault = no_room(error)
            if part.fault is None:
                raise
        self._kept += intake.held
        part.data = intake.finish()
        return part


def _before(mark: str, error: bytes) -> Result | None:
    """What was complained of before a mark, which a code follows."""
    found = re.search(mark.encode("ascii") + rb" (\d+)\r?\n", error)
    return Result(b"", error[: found.start()], int(found[1])) if found else None


def _keep(item: Artifact | Unread, out: Copied) -> None:
    if isinstance(item, Unread) and item.reason == _END_MARK:
        return  # of the stream, whose end we know better
    if isinstance(item, Unread) and item.reason == _CUT_OFF:
        half = out.items.get(item.path)
        if isinstance(half, Artifact):
            out.halves[item.path] = half
    else:
        out.halves.pop(item.path, None)
    out.items[item.path] = item


def _explain(said: bytes, out: Copied) -> None:
    """What tar complained about, file by file."""
    for line in said.decode("utf-8", "replace").splitlines():
        if not line.strip() or _IGNORED.search(line):
            continue
        found = _COMPLAINT.match(line.strip())
        if found is None:
            out.told.append(line.strip())
            continue
        path = printable(tidy(found["path"].lstrip("/")))
        out.items[path] = Unread(path=path, reason=_reason(found["why"]))


def _reason(why: str) -> str:
    match why:
        case "Permission denied" | "Operation not permitted":
            return "denied by the device"
        case "No such file or directory":
            return "it vanished while it was copied"
        case "Required key not available":
            return "encrypted: the device was not unlocked since it booted"
        case _:
            return "the device could not read it"


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for name in names:
        size += len(name.encode("utf-8", "surrogateescape")) + 3
        if batch and size > _WORDS:
            yield batch
            batch, size = [], len(name)
        batch.append(name)
    if batch:
        yield batch
