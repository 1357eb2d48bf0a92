"""Who claims a place: of all claims, the most exact one.

An SDK has hundreds of claims and a queue hundreds of thousands of values, so that globs are compiled into one
expression for each kind of place.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate

from harness.model import Locator, Step, pointer
from harness.sdks.base import Claim

__all__ = ["NOBODY", "Attribution", "ClaimIndex", "FileClaims"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who claims a place, and as what."""

    sdk: str
    role: str
    component: str = ""
    remedy: str = ""
    versions: str = ""
    """Which versions of the SDK write it, in words."""

    @classmethod
    def to(cls, sdk: str, claim: Claim) -> "Attribution":
        """As a claim says."""
        return cls(sdk, claim.role, claim.component, claim.remedy, claim.versions)


class FileClaims:
    """The claims on one file."""

    def __init__(self, claims: Sequence[tuple[str, Claim]]) -> None:
        # The most exact first: the longest pointer, then the longest path; those that tie go by name.
        exact = sorted(claims, key=lambda each: (len(each[1].pointer), len(each[1].path), each[0]), reverse=True)
        self._owners = [Attribution.to(sdk, claim) for sdk, claim in exact]
        self._globs = [claim.pointer for _, claim in exact]
        self._known: dict[str, re.Pattern[str]] = {}
        self._shapes: dict[tuple[Step, ...], Attribution | None] = {}
        self._is_blind = not any(_SEES_NUMBERS.search(_HARMLESS_SET.sub("", glob)) for glob in self._globs)
        self._literal = {first for glob in self._globs if (first := _literal_first(glob)) is not None}

    def __bool__(self) -> bool:
        return bool(self._owners)

    def owner(self, steps: tuple[Step, ...]) -> Attribution | None:
        """Who claims a value; None where nobody does."""
        if not self._owners:
            return None
        if not self._is_blind:
            return self._asked(steps)
        # Rows differ in their numbers, which no glob here can see.
        shape = tuple(0 if step.__class__ is int and step >= 0 else step for step in steps)
        if shape not in self._shapes:
            if len(self._shapes) >= _SHAPES:
                self._shapes.clear()
            self._shapes[shape] = self._asked(shape)
        return self._shapes[shape]

    def _asked(self, steps: tuple[Step, ...]) -> Attribution | None:
        place = pointer(steps)
        first = _first(place)
        found = self._pattern(first if first in self._literal else "").match(place)
        return self._owners[int(found.lastgroup[1:])] if found and found.lastgroup else None

    def _pattern(self, first: str) -> re.Pattern[str]:
        """For pointers that begin so: globs that begin otherwise are left out."""
        known = self._known.get(first)
        if known is None:
            known = self._known[first] = re.compile(
                "|".join(
                    f"(?P<_{number}>{translate(glob)})"
                    for number, glob in enumerate(self._globs)
                    if _literal_first(glob) in {None, first}
                )
                or "(?!)"
            )
        return known


_SHAPES = 4096
"""Kinds of places of one file that are remembered."""
_HARMLESS_SET = re.compile(r"\[[^]!0-9-]+\]")
_SEES_NUMBERS = re.compile(r"[0-9?\[]")
"""What a glob must have to match one number and not another."""

NOBODY = FileClaims(())
"""Of a file that nobody claims."""


class ClaimIndex:
    """All claims, asked file by file."""

    def __init__(self, claims: Iterable[tuple[str, Claim]]) -> None:
        self._claims = tuple(claims)
        paths = sorted({claim.path for _, claim in self._claims})
        self._paths: Mapping[str, re.Pattern[str]] = {path: re.compile(translate(path)) for path in paths}
        self._any = re.compile("|".join(map(translate, paths)) or "(?!)")
        self._known: dict[tuple[str, ...], FileClaims] = {}
        self._last = ("", self._found(""))

    def owner(self, locator: Locator) -> Attribution | None:
        """Who claims a place; None where nobody does."""
        return self.on(locator.path).owner(locator.steps)

    def on(self, path: str) -> FileClaims:
        """The claims on a file. Places are asked for file by file: the last one is remembered."""
        if self._last[0] != path:
            self._last = (path, self._found(path))
        return self._last[1]

    def _found(self, path: str) -> FileClaims:
        if not self._any.match(path):
            return NOBODY
        globs = tuple(glob for glob, pattern in self._paths.items() if pattern.match(path))
        known = self._known.get(globs)
        if known is None:
            known = self._known[globs] = FileClaims([each for each in self._claims if each[1].path in globs])
        return known


def _first(place: str) -> str:
    """The first step of a pointer, with its slash."""
    end = place.find("/", 1)
    return place if end < 0 else place[:end]


def _literal_first(glob: str) -> str | None:
    """The first step that all of its pointers have; None where they may begin in several ways."""
    end = glob.find("/", 1)
    first = glob if end < 0 else glob[:end]
    return None if not first or set("*?[").intersection(first) else first
