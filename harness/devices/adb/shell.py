"""Standard output, standard error and exit code of one command, told apart in one stream of bytes.

Devices since Android 7 do so themselves (`shell,v2`); before, the shell is asked to put the last two behind a mark.
"""

import re
import secrets
import struct
from collections.abc import Callable, Collection, Iterator

from harness.devices.adb.transport import Lost, Raw, Stream

__all__ = ["MarkedStream", "PacketStream", "command_stream", "features_of", "marked"]

_HEADER = struct.Struct("<BI")
_OUTPUT, _ERROR, _EXIT = 1, 2, 3
_MOST_ERROR = 1 << 20
_ENDED_EARLY = "the device ended the connection in the middle of a command"


class PacketStream:
    """The packets of `shell,v2`: a byte that says what it is, a length, and that much of it."""

    def __init__(self, raw: Raw) -> None:
        self.error = b""
        self.code = -1
        self._raw = raw

    def chunks(self) -> Iterator[bytes | memoryview]:
        head, kind, left = b"", 0, 0
        while chunk := self._raw.read():
            view = memoryview(chunk)
            while view:
                if not left:
                    taken = _HEADER.size - len(head)
                    head, view = head + bytes(view[:taken]), view[taken:]
                    if len(head) == _HEADER.size:
                        (kind, left), head = _HEADER.unpack(head), b""
                    continue
                piece, view = view[:left], view[left:]
                left -= len(piece)
                if kind == _OUTPUT:
                    yield piece
                else:
                    self._note(kind, piece)
        if self.code < 0:
            raise Lost(_ENDED_EARLY)

    def _note(self, kind: int, piece: memoryview) -> None:
        if kind == _ERROR and len(self.error) < _MOST_ERROR:
            self.error += piece
        elif kind == _EXIT:
            self.code = piece[0]

    def close(self) -> None:
        self._raw.close()


def marked(command: str) -> tuple[str, bytes]:
    """A command that puts its errors and its exit code behind a mark, and the mark."""
    mark = f"<{secrets.token_hex(16)}>"
    # In `$(…)` standard output is the variable, so the real one is parked on descriptor 3 before.
    script = f'exec 3>&1; e=$( ( {command}\n) 2>&1 >&3 3>&-; echo "x$?" ); printf %s%s%s "{mark}" "$e" "{mark}"'
    return script, mark.encode("ascii")


class MarkedStream:
    """What `marked` makes a command write: its output, the mark, its errors with the exit code, the mark."""

    def __init__(self, raw: Raw, mark: bytes) -> None:
        self.error = b""
        self.code = -1
        self._raw = raw
        self._mark = mark

    def chunks(self) -> Iterator[bytes | memoryview]:
        held = b""
        while chunk := self._raw.read():
            held += chunk
            at = held.find(self._mark)
            if at >= 0:
                yield held[:at]
                self._finish(held[at + len(self._mark) :])
                return
            sure = len(held) - len(self._mark) + 1
            if sure > 0:
                yield held[:sure]
                held = held[sure:]
        raise Lost(_ENDED_EARLY)

    def _finish(self, rest: bytes) -> None:
        while not rest.endswith(self._mark):
            chunk = self._raw.read()
            if not chunk or len(rest) > _MOST_ERROR:
                raise Lost(_ENDED_EARLY)
            rest += chunk
        found = re.search(rb"x(\d{1,3})$", rest[: -len(self._mark)])
        if found is None:
            raise Lost(_ENDED_EARLY)
        self.error, self.code = rest[: found.start()], int(found[1])

    def close(self) -> None:
        self._raw.close()


def command_stream(command: str, features: Collection[str], open_service: Callable[[str], Raw]) -> Stream:
    """Run a command by the best way that the device has: packets that tell output, errors and exit code apart, else
    marks in the output."""
    if "shell_v2" in features:
        return PacketStream(open_service(f"shell,v2,raw:{command}"))
    script, mark = marked(command)
    return MarkedStream(open_service(f"exec:{script}"), mark)


def features_of(banner: bytes) -> frozenset[str]:
    """What a device says that it can: `device::ro.product.name=…;features=shell_v2,cmd`."""
    told = banner.rstrip(b"\0").decode("utf-8", "replace")
    words = dict(part.partition("=")[::2] for part in told.partition("::")[2].split(";"))
    return frozenset(words.get("features", "").split(","))
