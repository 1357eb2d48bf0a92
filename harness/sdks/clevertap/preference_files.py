"""The preference files of one installation as its processes see them: kept in memory, written where they changed."""

from collections.abc import Iterator

from harness.sdks.base import Effect, Writer
from harness.sdks.clevertap.android_preferences import (
    Plain,
    interrupted,
    preferences_document,
    recovered,
    written,
)

__all__ = ["PreferenceFiles"]


class PreferenceFiles:
    """All files, by path. What is put as it already is changes nothing, and nothing is written."""

    def __init__(self, writer: Writer, api: int) -> None:
        self._writer = writer
        self._api = api
        self._held: dict[str, dict[str, Plain]] = {}
        self._changed: dict[str, None] = {}
        self._cut_off: str | None = None

    def get(self, path: str, key: str) -> Plain | None:
        """A preference; None where there is none."""
        return self._held.get(path, {}).get(key)

    def all(self, path: str) -> dict[str, Plain]:
        """A copy of a file."""
        return dict(self._held.get(path, {}))

    def put(self, path: str, key: str, value: Plain) -> None:
        """Set a preference."""
        held = self._held.setdefault(path, {})
        there = held.get(key)
        if type(there) is not type(value) or there != value:
            held[key] = value
            self._changed[path] = None

    def remove(self, path: str, key: str) -> None:
        """Remove a preference, if there is one."""
        if self._held.get(path, {}).pop(key, None) is not None:
            self._changed[path] = None

    def clear(self, path: str) -> None:
        """Empty a file, if there is one: an empty one stays."""
        if self._held.get(path):
            self._held[path] = {}
            self._changed[path] = None

    def write(self) -> Iterator[Effect]:
        """Whatever changed since it was last written."""
        for path in self._changed:
            yield written(self._writer, path, self._held[path], api=self._api)
        self._changed.clear()

    def cut_off(self, path: str, key: str, value: Plain) -> Iterator[Effect]:
        """What is left of a write in which the process dies: half a file, beside the whole old one."""
        held = self._held.get(path)
        if not held:
            return
        before = preferences_document(self._writer, held, api=self._api)
        after = preferences_document(self._writer, held | {key: value}, api=self._api)
        self._cut_off = path
        yield from interrupted(path, before, after, len(after) // 2)

    def recover(self) -> Iterator[Effect]:
        """What the platform does at the next start: the old file takes its place again."""
        if self._cut_off is not None:
            path, self._cut_off = self._cut_off, None
            yield from recovered(path, preferences_document(self._writer, self._held[path], api=self._api))

    def forget(self) -> None:
        """All files are gone."""
        self._held.clear()
        self._changed.clear()
        self._cut_off = None
