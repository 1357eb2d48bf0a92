"""What the forked child of `sync` was asked for, reported to pid 1 over a pipe, a line a path."""

import asyncio
import os
from collections.abc import Callable
from typing import Self

__all__ = ["SyncJournal"]

_MOST_PENDING = 1 << 16


class SyncJournal:
    """The reading end; open as long as the child serves."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._left = b""
        self._end, self.number = os.pipe()
        os.set_blocking(self._end, False)

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._end, self._read)
        return self

    def __exit__(self, *exception: object) -> None:
        while self._read():
            pass
        asyncio.get_running_loop().remove_reader(self._end)
        os.close(self._end)
        os.close(self.number)

    def _read(self) -> bool:
        try:
            arrived = os.read(self._end, 1 << 16)
        except BlockingIOError:
            return False
        *lines, self._left = (self._left + arrived).split(b"\n")
        self._left = self._left[-_MOST_PENDING:]
        for line in lines:
            self._note(line.decode("utf-8", "surrogateescape"))
        return bool(arrived)
