"""Android's log: ring buffers, who sees which entries, and how `logcat` prints one."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["BUFFERS", "FORMATS", "PRIORITIES", "Entry", "Logs", "sees_all"]

BUFFERS = ("main", "system", "crash", "events", "radio")
PRIORITIES = "VDIWEFS"
"""Verbose to fatal, and silent, which only filters use."""

_ROOM = 1 << 20
"""Characters that one buffer holds."""
_OF_AN_ENTRY = 64
"""Characters that even an empty message counts for."""
_LONGEST = 4000
"""`LOGGER_ENTRY_MAX_PAYLOAD` less its header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message."""

    at: float
    pid: int
    uid: int
    priority: str
    tag: str
    text: str = field(repr=False)
    buffer: str = "main"


def sees_all(uid: int) -> bool:
    """Root, the system, the log group's own user and the shell; an app sees only what it wrote itself."""
    return uid in {0, 1000, 1007, 2000}


class Logs:
    """All buffers of a device, and those who follow them."""

    def __init__(self) -> None:
        self._entries: dict[str, deque[Entry]] = {name: deque() for name in BUFFERS}
        self._sizes = dict.fromkeys(BUFFERS, 0)
        self._followers: list[Callable[[Entry], None]] = []

    def write(self, entry: Entry) -> None:
        """Add an entry to its buffer, and show it to those who follow."""
        shown = Entry(
            at=entry.at,
            pid=entry.pid,
            uid=entry.uid,
            priority=entry.priority if entry.priority in PRIORITIES[:-1] else "I",
            tag=entry.tag[:128],
            text=entry.text[:_LONGEST],
            buffer=entry.buffer if entry.buffer in BUFFERS else "main",
        )
        entries = self._entries[shown.buffer]
        entries.append(shown)
        self._sizes[shown.buffer] += _size(shown)
        while self._sizes[shown.buffer] > _ROOM:
            self._sizes[shown.buffer] -= _size(entries.popleft())
        for follower in tuple(self._followers):
            follower(shown)

    def say(self, tag: str, text: str, *, priority: str = "I", buffer: str = "system") -> None:
        """What the system itself has to say."""
        self.write(Entry(at=time.time(), pid=1, uid=1000, priority=priority, tag=tag, text=text, buffer=buffer))

    def read(self, buffers: Iterable[str], uid: int) -> Iterator[Entry]:
        """What a caller may see of some buffers, oldest first."""
        found = [entry for name in buffers for entry in self._entries[name]]
        yield from sorted((e for e in found if sees_all(uid) or e.uid == uid), key=lambda entry: entry.at)

    def clear(self, buffers: Iterable[str]) -> None:
        """Forget what is in some buffers."""
        for name in buffers:
            self._entries[name].clear()
            self._sizes[name] = 0

    def follow(self, follower: Callable[[Entry], None]) -> Callable[[], None]:
        """Show new entries from now on; what is given back ends it."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)


def _size(entry: Entry) -> int:
    return _OF_AN_ENTRY + len(entry.tag) + len(entry.text)


def _moment(entry: Entry) -> str:
    return f"{time.strftime('%m-%d %H:%M:%S', time.gmtime(entry.at))}.{int(entry.at * 1000) % 1000:03d}"


FORMATS: dict[str, Callable[[Entry], str]] = {
    "threadtime": lambda e: f"{_moment(e)} {e.pid:5d} {e.pid:5d} {e.priority} {e.tag:8s}: ",
    "time": lambda e: f"{_moment(e)} {e.priority}/{e.tag:8s}({e.pid:5d}): ",
    "brief": lambda e: f"{e.priority}/{e.tag:8s}({e.pid:5d}): ",
    "process": lambda e: f"{e.priority}({e.pid:5d}) ",
    "tag": lambda e: f"{e.priority}/{e.tag:8s}: ",
    "raw": lambda _: "",
}
"""What stands before each line of a message."""
