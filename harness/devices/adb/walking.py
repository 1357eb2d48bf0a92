"""Copies folders of a device that has no tar: Android 5 and older, whose shell can walk and whose `cat` can read.

One shell writes each file behind a mark that nobody on the device can guess; here that becomes a tar, so everything
that follows is the same. Two processes a file make it slow, and labels are not told.
"""

import re
import secrets
import shlex
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import IO

from harness.devices._tar import BLOCK
from harness.devices.adb.transport import Lost, Stream

__all__ = ["Walked", "listing", "walk"]

_PIECE = 1 << 20
_IN_MEMORY = 8 << 20
_LONGEST_HEAD = 1 << 16
_NOT_ASKED_FOR = "what the device's shell writes is not what it was asked for"

_WALK = r"""walk() { for f; do
if [ -h "$f" ]; then @LINK@
elif [ -d "$f" ]; then
[ -r "$f" ] && [ -x "$f" ] || @SHUT@
walk "$f"/* "$f"/.[!.]* "$f"/..?*
elif [ -f "$f" ]; then
if [ -r "$f" ]; then @FILE@
else @SHUT@
fi
elif [ -e "$f" ]; then @LINK@
fi; done; }
"""
"""What does not match stays as it is in a shell, and is then nothing that is there."""


def walk(paths: Sequence[str]) -> tuple[str, bytes]:
    """A script that writes all below some paths, relative to the device's root directory; and the mark in what it
    writes."""
    mark = f"<{secrets.token_hex(16)}>"
    told = 'print -nr -- "$M"{}"$f$M$M"'
    file = 'print -nr -- "$M"f"$f$M"; TZ=UTC0 ls -ln "$f"; print -nr -- "$M"; cat "$f" || ' + told.format("!")
    script = _WALK.replace("@FILE@", file).replace("@LINK@", told.format("l")).replace("@SHUT@", told.format("x"))
    return f'cd / && M="{mark}"\n{script}walk {_words(paths)}\nprint -nr -- "$M"z', mark.encode("ascii")


def listing(paths: Sequence[str]) -> str:
    """A script that names all files below some paths, a NUL behind each."""
    name = 'print -nr -- "$f"; print -n "\\0"'
    script = _WALK.replace("@FILE@", name).replace("@LINK@", name).replace("@SHUT@", name)
    return f"{script}walk {_words(paths)}"


def _words(paths: Sequence[str]) -> str:
    return " ".join(shlex.quote(path) for path in paths)


class Walked:
    """What such a script writes, as the tar that it stands for."""

    def __init__(self, inner: Stream, mark: bytes) -> None:
        self.error = b""
        self.code = -1
        self._inner = inner
        self._mark = mark
        self._held = b""
        self._file: _File | None = None
        self._ended = False

    def chunks(self) -> Iterator[bytes | memoryview]:
        try:
            for chunk in self._inner.chunks():
                self._held += chunk
                yield from self._parsed()
        except Lost:
            yield from self._half()
            raise
        self.code = self._inner.code
        if not self._ended:
            self.error += self._inner.error or b"the walk of the device's shell ended early\n"
            yield from self._half()

    def close(self) -> None:
        self._inner.close()
        if self._file is not None:
            self._file.content.close()

    def _parsed(self) -> Iterator[bytes]:
        """All that is complete; of a file that still comes, its bytes are put aside as they are."""
        while not self._ended:
            at = self._held.find(self._mark)
            if self._file is not None:
                sure = at if at >= 0 else max(0, len(self._held) - len(self._mark) + 1)
                self._file.add(self._held[:sure])
                self._held = self._held[sure:]
                if at < 0:
                    return
                yield from self._finished()
            if not self._begun():
                return

    def _begun(self) -> bool:
        """Take the head of what comes next; False where it has not come."""
        mark = self._mark
        if self._held == mark + b"z":
            self._ended, self._held = True, b""
            return True
        if not (self._held.startswith(mark) or mark.startswith(self._held)):
            raise Lost(_NOT_ASKED_FOR)
        parts = self._held.split(mark, 3)
        if len(parts) < 4:
            if len(self._held) > _LONGEST_HEAD:
                raise Lost(_NOT_ASKED_FOR)
            return False
        kind, path = parts[1][:1], parts[1][1:]
        self._held = parts[3]
        if kind == b"x":
            self.error += b"tar: %s: Permission denied\n" % path.replace(b"\n", b"?")
        elif kind == b"!":
            self.error += b"tar: %s: Input output error\n" % path.replace(b"\n", b"?")
        else:
            self._file = _File(path, parts[2], link=kind == b"l")
        # What follows anything but a file is a mark; a file without bytes is one as well.
        return True

    def _finished(self) -> Iterator[bytes]:
        if self._file is not None:
            yield from self._file.as_tar(whole=True)
            self._file = None

    def _half(self) -> Iterator[bytes]:
        """Of what was under way, as much as has come: with the size that it was to have."""
        if self._file is not None:
            self._file.add(self._held)
            yield from self._file.as_tar(whole=False)
            self._file = None


class _File:
    """One file that comes."""

    def __init__(self, path: bytes, line: bytes, *, link: bool) -> None:
        self.content: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - `as_tar` closes it
        self._size = 0
        self._info = tarfile.TarInfo(path.decode("utf-8", "surrogateescape"))
        self._info.type = tarfile.SYMTYPE if link else tarfile.REGTYPE
        self._told = _understood(line, self._info)

    def add(self, piece: bytes) -> None:
        self.content.write(piece)
        self._size += len(piece)

    def as_tar(self, *, whole: bool) -> Iterator[bytes]:
        self._info.size = self._size if whole else max(self._size + 1, self._told)
        yield self._info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        self.content.seek(0)
        while piece := self.content.read(_PIECE):
            yield piece
        self.content.close()
        if whole:
            yield bytes(-self._size % BLOCK)


_NUMBERS = re.compile(rb"([-a-z])([-rwxsStT]{9})\S*\s+((?:\d+\s+){3,4})(?:(\d{4}-\d\d-\d\d) (\d\d:\d\d))?")
_BITS = 0o400


def _understood(line: bytes, info: tarfile.TarInfo) -> int:
    """Put what `ls -ln` says into a header; gives the size. Before Android 6 it does not count links."""
    found = _NUMBERS.match(line)
    if found is None:
        return 0
    uid, gid, size = (int(number) for number in found[3].split()[-3:])
    info.uid, info.gid, info.mode = uid, gid, _mode(found[2].decode("ascii"))
    if found[4]:
        moment = datetime.strptime(f"{found[4].decode()} {found[5].decode()}", "%Y-%m-%d %H:%M")  # noqa: DTZ007
        info.mtime = int(moment.replace(tzinfo=UTC).timestamp())
    return size


def _mode(letters: str) -> int:
    """`rwsr-x--t` in bits."""
    bits = sum(_BITS >> at for at, letter in enumerate(letters) if letter not in "-ST")
    return bits | sum(0o4000 >> at // 3 for at, letter in enumerate(letters) if letter in "sStT")
