"""Keyed archives as Foundation writes them: every object once, in one array, referred to by its number."""

import plistlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from harness.errors import FormatError
from harness.formats._apple_time import seconds_of

__all__ = ["Archived", "Instance", "archived"]

Archived: TypeAlias = (
    "bool | int | float | str | bytes | datetime | UUID | Instance"
    " | Mapping[str, Archived] | Sequence[Archived] | AbstractSet[Archived] | None"
)
"""What can be archived; a time without a zone is UTC."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An object of a class: those that hold one another are one archive, cycles and all."""

    name: str
    fields: Mapping[str, Archived] = field(repr=False)
    inherits: tuple[str, ...] = ("NSObject",)


def archived(root: Archived) -> dict[str, object]:
    """The property list of an archive.

    Raises:
        FormatError: something cannot be archived.
    """
    writer = _Writer()
    top = writer.put(root)
    return {
        "$version": 100000,
        "$archiver": "NSKeyedArchiver",
        "$top": {"root": top},
        "$objects": writer.objects,
    }


class _Writer:
    """Gives objects their numbers."""

    def __init__(self) -> None:
        self.objects: list[object] = ["$null"]
        self._known: dict[tuple[str, object], plistlib.UID] = {}

    def put(self, item: Archived) -> plistlib.UID:
        """The reference to an object."""
        match item:
            case None:
                return plistlib.UID(0)
            case bool() | int() | float() | str() | bytes():
                return self._once((type(item).__name__, item), item)
            case datetime():
                when = item if item.tzinfo else item.replace(tzinfo=UTC)
                return self._object(item, "NSDate", {"NS.time": seconds_of(when)})
            case UUID():
                return self._object(item, "NSUUID", {"NS.uuidbytes": item.bytes})
            case Instance():
                return self._instance(item)
            case Mapping():
                return self._map(item)
            case AbstractSet():
                return self._row("NSSet", list(item))
            case Sequence():
                return self._row("NSArray", item)
        raise FormatError("cannot be archived")

    def _once(self, mark: tuple[str, object], item: object) -> plistlib.UID:
        """Equal texts and numbers are one object."""
        if mark not in self._known:
            self._known[mark] = self._next(item)
        return self._known[mark]

    def _next(self, item: object) -> plistlib.UID:
        self.objects.append(item)
        return plistlib.UID(len(self.objects) - 1)

    def _class(self, *names: str) -> plistlib.UID:
        return self._once(("class", names), {"$classname": names[0], "$classes": list(names)})

    def _object(self, item: object, name: str, fields: Mapping[str, object]) -> plistlib.UID:
        body: dict[str, object] = dict(fields)
        uid = self._next(body)
        body["$class"] = self._class(name, "NSObject")
        return uid

    def _map(self, item: Mapping[str, Archived]) -> plistlib.UID:
        body: dict[str, object] = {}
        uid = self._next(body)
        body["NS.keys"] = [self.put(key) for key in item]
        body["NS.objects"] = [self.put(value) for value in item.values()]
        body["$class"] = self._class("NSDictionary", "NSObject")
        return uid

    def _row(self, name: str, items: Sequence[Archived]) -> plistlib.UID:
        body: dict[str, object] = {}
        uid = self._next(body)
        body["NS.objects"] = [self.put(each) for each in items]
        body["$class"] = self._class(name, "NSObject")
        return uid

    def _instance(self, item: Instance) -> plistlib.UID:
        mark = ("instance", id(item))
        if mark in self._known:
            return self._known[mark]
        body: dict[str, object] = {}
        uid = self._known[mark] = self._next(body)
        for name, value in item.fields.items():
            # Numbers stand in their object; all else is referred to.
            body[name] = value if isinstance(value, bool | int | float) else self.put(value)
        body["$class"] = self._class(item.name, *item.inherits)
        return uid
